"""The events of live training, as values: what the user asks for, what changes, what the training process sends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nnviz.debugger.branches import Branches
from nnviz.debugger.state.session import Session
from nnviz.debugger.training.training_state import KeptRun
from nnviz.engine.training import Checkpoint, TrainingSettings

if TYPE_CHECKING:
    from nnviz.debugger.state.edit import Edit
    from nnviz.process.messages import Snapshot


@dataclass(frozen=True, eq=False)
class TrainingFacts:
    """What is known when something happens: the branches, and of the present curve its number and last epoch."""

    branches: Branches
    curve: int
    last_epoch: int

    @property
    def session(self) -> Session:
        """The session that is followed."""
        return self.branches.here.session


# What the user asks for


@dataclass(frozen=True)
class StartRequested:
    """Train from where the session is, until paused or, the first time, until the lesson's epochs are done."""


@dataclass(frozen=True)
class PauseRequested:
    """Pause between two updates."""


@dataclass(frozen=True)
class OneEpochRequested:
    """Train to the end of the epoch."""


@dataclass(frozen=True)
class ResetRequested:
    """Go back to the weights with which the lesson starts."""


@dataclass(frozen=True)
class TrainForRequested:
    """Train from where the session is, until this many epochs are done."""

    epochs: int


@dataclass(frozen=True)
class CompareRequested:
    """Keep the run, and train another from the same start with other settings, for as many epochs.

    If nothing has been trained, the present settings come first, for the lesson's epochs.
    """

    settings: TrainingSettings


@dataclass(frozen=True)
class CompareLaterRequested:
    """Compare with these settings when the present run is finished."""

    settings: TrainingSettings


@dataclass(frozen=True)
class EpochRequested:
    """Go to where the present run was when an epoch ended."""

    epoch: int


@dataclass(frozen=True, eq=False)
class CallRequested:
    """Call back when training has paused, at once if nothing is trained."""

    callback: Callable[[], object]


@dataclass(frozen=True)
class SettingsChosen:
    """Other settings; a run in training begins again with them from its newest checkpoint."""

    settings: TrainingSettings


@dataclass(frozen=True)
class ShutdownAsked:
    """End the training process."""


# What changes


@dataclass(frozen=True, eq=False)
class LessonOpened:
    """Another lesson is opened, with this session."""

    session: Session


@dataclass(frozen=True, eq=False)
class SessionChanged:
    """The session has changed; `own` says that training itself has changed it."""

    session: Session
    own: bool = False


@dataclass(frozen=True, eq=False)
class StartEdited:
    """Start again from weights that the user edited."""

    checkpoint: Checkpoint
    edited: tuple[Edit, ...]


@dataclass(frozen=True, eq=False)
class KeptRunsOpened:
    """The runs of other branches come from an opened session."""

    kept: tuple[KeptRun, ...]


@dataclass(frozen=True)
class PlotMessage:
    """The plot has something to say, or with an empty message nothing any more."""

    message: str


# What the training process sends


@dataclass(frozen=True)
class RunStarted:
    """The training process has been given a run of this number."""

    number: int


@dataclass(frozen=True, eq=False)
class SnapshotArrived:
    """A snapshot, after which the process is in this state; `is_due` says that the session should follow now."""

    snapshot: Snapshot
    state: str
    is_due: bool = False


@dataclass(frozen=True)
class ProcessChanged:
    """The training process is in another state."""

    state: str


@dataclass(frozen=True)
class RunFailed:
    """The run cannot go on."""

    message: str


@dataclass(frozen=True)
class ProcessDied:
    """The training process has ended, during a run or before it could be started."""

    message: str


UserEvent = (
    StartRequested
    | PauseRequested
    | OneEpochRequested
    | ResetRequested
    | TrainForRequested
    | CompareRequested
    | CompareLaterRequested
    | EpochRequested
    | CallRequested
    | SettingsChosen
    | ShutdownAsked
)
ChangeEvent = LessonOpened | SessionChanged | StartEdited | KeptRunsOpened | PlotMessage
ProcessEvent = RunStarted | SnapshotArrived | ProcessChanged | RunFailed | ProcessDied
TrainingEvent = UserEvent | ChangeEvent | ProcessEvent
