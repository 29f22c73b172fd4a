"""The state of live training: one frozen value, with named phases and what is to be said of the run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from nnviz.debugger.branches import FIRST
from nnviz.debugger.state.run import Run
from nnviz.debugger.state.session import Session
from nnviz.debugger.training.run_setup import RunSetup, live_stops, setup_of
from nnviz.engine.training import Checkpoint, TrainingSettings
from nnviz.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nnviz.debugger.state.breakpoint import Breakpoint
    from nnviz.debugger.state.edit import Edit
    from nnviz.process.watcher import Halt


class TrainingPhase(Enum):
    """What the training process does with the run of the window."""

    IDLE = "idle"  # there is no run
    TRAINING = "training"
    PAUSING = "pausing"  # it has been asked to pause, and has not answered yet
    PAUSED = "paused"  # it waits at a checkpoint, from which it can resume
    FINISHED = "finished"  # all epochs are done
    FAILED = "failed"  # the run cannot go on
    DIED = "died"  # the process is gone


@dataclass(frozen=True)
class FinishedNotice:
    """All epochs of the run are done."""

    epochs: int


@dataclass(frozen=True)
class FailedNotice:
    """The run cannot go on, for a reason in a few words."""

    reason: str


@dataclass(frozen=True)
class DiedNotice:
    """The training process has ended; training can resume from the last snapshot."""

    message: str


@dataclass(frozen=True)
class BeyondRunNotice:
    """An epoch was chosen that the run, which has reached `update`, does not have."""

    update: int
    epoch: int


@dataclass(frozen=True)
class PlotNotice:
    """What the plot of runs has to say."""

    message: str


Notice = FinishedNotice | FailedNotice | DiedNotice | BeyondRunNotice | PlotNotice
END_NOTICES = (FinishedNotice, FailedNotice, DiedNotice)  # of how a run ended; dropped with the run


@dataclass(frozen=True)
class KeptRun:
    """The run of a branch that is not followed: the number of its curve on the plot, and its passes, if known."""

    branch: int
    curve: int
    run: Run | None = None


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainingState:
    """Where live training is.

    `number` is the run that the training process has, None while it has none; messages of other runs are late.
    `newest` is the latest checkpoint known of the run. `followed` is the checkpoint, as the process sent it, to which
    the session followed the run last, and `session_checkpoint` is the session's own checkpoint there. `run` has all
    passes so far, also those that the process made; it is None until something is trained. `setup`, `stops` (the
    breakpoints that the process watches) and `edits` (the user's numbers; None until it is trained) are those of the
    run. `example` is the user's when the run began. `to_compare` are the settings that are trained next, when the
    present run is finished, and `waiting` is called when it has paused. `halted` is the run and the halt that was
    announced last.
    `kept` are the runs of other branches.
    """

    phase: TrainingPhase = TrainingPhase.IDLE
    number: int | None = None
    newest: Checkpoint | None = None
    followed: Checkpoint | None = None
    session_checkpoint: Checkpoint
    run: Run | None = None
    lesson: Lesson
    own_lesson: Lesson
    setup: RunSetup
    stops: tuple[Breakpoint, ...] = ()
    edits: tuple[Edit, ...] | None
    example: int
    to_compare: TrainingSettings | None = None
    waiting: tuple[Callable[[], object], ...] = ()
    halted: tuple[int, Halt] | None = None
    notice: Notice | None = None
    branch: int = FIRST
    kept: tuple[KeptRun, ...] = ()

    @property
    def is_running(self) -> bool:
        """Whether the network is being trained."""
        return self.phase in (TrainingPhase.TRAINING, TrainingPhase.PAUSING)


def start_training(session: Session, branch: int = FIRST) -> TrainingState:
    """Return the state before anything has been trained from a session."""
    return TrainingState(
        session_checkpoint=session.checkpoint,
        lesson=session.lesson,
        own_lesson=session.own_lesson,
        setup=setup_of(session),
        edits=session.edits,
        example=session.example,
        branch=branch,
    )


def can_resume(state: TrainingState, session: Session) -> bool:
    """Whether the training process waits exactly where the session is, with what the session would train with."""
    return (
        state.phase is TrainingPhase.PAUSED
        and session.checkpoint is state.session_checkpoint
        and state.followed is state.newest
        and setup_of(session) == state.setup
        and live_stops(session) == state.stops
    )
