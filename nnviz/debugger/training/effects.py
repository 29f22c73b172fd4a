"""What a transition of live training asks for, as values; the window carries them out in order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnviz.debugger.state.session import Session
from nnviz.debugger.training.events import TrainingEvent
from nnviz.engine.training import Checkpoint, TrainingSettings

if TYPE_CHECKING:
    from nnviz.process.messages import Snapshot


# For the training process


@dataclass(frozen=True, eq=False)
class StartRun:
    """Start a run from a session, which ends when `epochs` are done, if not None; a paused one waits.

    The process watches the session's breakpoints if `is_watched`. The number of the run is to be sent back.
    """

    session: Session
    epochs: int | None
    paused: bool
    is_watched: bool


@dataclass(frozen=True)
class ResumeRun:
    """Go on from a pause."""


@dataclass(frozen=True)
class PauseRun:
    """Pause between two updates."""


@dataclass(frozen=True)
class TrainOneEpoch:
    """Train to the end of the epoch and pause."""


@dataclass(frozen=True)
class StopRun:
    """Drop the run."""


@dataclass(frozen=True)
class EndProcess:
    """End the training process."""


# For the session


@dataclass(frozen=True, eq=False)
class PutSession:
    """Put another session in the place of the present one."""

    session: Session


@dataclass(frozen=True)
class ForgetFuture:
    """Nothing comes after the present pass any more."""


@dataclass(frozen=True)
class ChangeSettings:
    """Choose other settings in the session, in a way that can be undone."""

    settings: TrainingSettings


# For the plot


@dataclass(frozen=True, eq=False)
class BeginCurve:
    """Keep the present curve and begin another, a branch of it up to an epoch; send back what the plot says."""

    session: Session
    epoch: int = 0


@dataclass(frozen=True, eq=False)
class ContinueCurve:
    """Continue the present curve from a session."""

    session: Session


@dataclass(frozen=True)
class NameCurve:
    """Name the present curve, if it has no name."""

    name: str


@dataclass(frozen=True, eq=False)
class ResumeCurve:
    """Make the curve of this number the present one, or else begin one as `BeginCurve` does."""

    number: int
    session: Session
    epoch: int = 0


@dataclass(frozen=True, eq=False)
class ResumeCurveOfData:
    """Make the newest curve of a session's data the present one, not one of `others`, or else begin one."""

    session: Session
    others: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class GrowCurve:
    """Add a snapshot to the present curve, and read loss and accuracy from it."""

    snapshot: Snapshot


# For the views and whoever listens


@dataclass(frozen=True, eq=False)
class ShowTraining:
    """Show the run, or while none is trained a session: this one, or the present one."""

    session: Session | None = None


@dataclass(frozen=True)
class ForgetReading:
    """Loss and accuracy are to be measured again."""


@dataclass(frozen=True, eq=False)
class ShowParameters:
    """Show the decision boundary of a network in training."""

    checkpoint: Checkpoint


@dataclass(frozen=True)
class RestartClock:
    """Count the time to the next session that follows the run from now."""


@dataclass(frozen=True, eq=False)
class RunCallback:
    """Call what waited for a pause."""

    callback: Callable[[], object]


@dataclass(frozen=True)
class AnnounceState:
    """Announce the state of the training process."""

    state: str


@dataclass(frozen=True)
class AnnounceHalt:
    """Announce that the breakpoint of this number has stopped the run."""

    number: int


@dataclass(frozen=True)
class AnnounceNonFinite:
    """Announce that the session is on the first number that is NaN or infinite."""


@dataclass(frozen=True, eq=False)
class HandleNext:
    """Handle another event, with the facts as they are then."""

    event: TrainingEvent


ProcessEffect = StartRun | ResumeRun | PauseRun | TrainOneEpoch | StopRun | EndProcess
SessionEffect = PutSession | ForgetFuture | ChangeSettings
PlotEffect = BeginCurve | ContinueCurve | NameCurve | ResumeCurve | ResumeCurveOfData | GrowCurve
ViewEffect = ShowTraining | ForgetReading | ShowParameters | RestartClock
Announcement = RunCallback | AnnounceState | AnnounceHalt | AnnounceNonFinite
TrainingEffect = ProcessEffect | SessionEffect | PlotEffect | ViewEffect | Announcement | HandleNext
