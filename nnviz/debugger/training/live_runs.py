"""Runs of live training: how one begins, is followed, comes to rest and is left, as parts of transitions."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nnviz.debugger.conditions.breakpoints import breakpoint_by_number, change_breakpoint
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite
from nnviz.debugger.state.run import add_mark
from nnviz.debugger.state.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_loss,
    choose_training,
    go_to_pass,
    with_run,
)
from nnviz.debugger.timeline import extend_run_to
from nnviz.debugger.training.effects import (
    AnnounceHalt,
    AnnounceNonFinite,
    BeginCurve,
    ContinueCurve,
    ForgetReading,
    HandleNext,
    NameCurve,
    PauseRun,
    PutSession,
    ResumeRun,
    ShowTraining,
    StartRun,
    StopRun,
    TrainingEffect,
)
from nnviz.debugger.training.events import (
    CallRequested,
    CompareRequested,
    TrainingFacts,
)
from nnviz.debugger.training.run_setup import live_stops, setup_of
from nnviz.debugger.training.training_state import (
    END_NOTICES,
    FailedNotice,
    FinishedNotice,
    Notice,
    TrainingPhase,
    TrainingState,
    can_resume,
)
from nnviz.engine.training import Checkpoint, TrainingSettings

if TYPE_CHECKING:
    from nnviz.process.messages import Snapshot
    from nnviz.process.watcher import Halt

Effects = tuple[TrainingEffect, ...]
Transition = tuple[TrainingState, Effects]

# The phase of a run by the state of the training process.
PHASES = {
    "idle": TrainingPhase.IDLE,
    "running": TrainingPhase.TRAINING,
    "paused": TrainingPhase.PAUSED,
    "finished": TrainingPhase.FINISHED,
    "failed": TrainingPhase.FAILED,
    "died": TrainingPhase.DIED,
}


def resume_or_begin(state: TrainingState, facts: TrainingFacts, *, paused: bool) -> Transition:
    """Resume the run if the process waits where the session is, and else begin one there; or let it wait, `paused`."""
    session = facts.session
    if not can_resume(state, session):
        return begin_run_here(state, facts, session, paused=paused)
    state = replace(state, run=extend_run_to(session, state.session_checkpoint))
    return (state, ()) if paused else (replace(state, phase=TrainingPhase.TRAINING), (ResumeRun(),))


def begin_run_here(
    state: TrainingState, facts: TrainingFacts, session: Session, *, paused: bool, epochs: int | None = None
) -> Transition:
    """Begin a run where a session is, up to some number of epochs or at first to the lesson's."""
    checkpoint, branches, stops = session.checkpoint, facts.branches, live_stops(session)
    limit = session.lesson.training.epochs if epochs is None else epochs
    effects: Effects = (ContinueCurve(session),)
    if checkpoint.epoch < facts.last_epoch or state.edits not in (None, session.edits):
        effects = (BeginCurve(session, checkpoint.epoch),)
    if len(branches.all) > 1:
        effects = (*effects, NameCurve(branches.here.name))
    state = replace(
        state,
        phase=TrainingPhase.PAUSED if paused else TrainingPhase.TRAINING,
        number=None,
        newest=checkpoint,
        session_checkpoint=checkpoint,
        run=extend_run_to(session, checkpoint),
        setup=setup_of(session),
        stops=stops,
        edits=session.edits,
        example=session.example if state.run is None else state.example,
        notice=_lasting(state.notice),
    )
    start = StartRun(session, limit if checkpoint.epoch < limit else None, paused, is_watched=bool(stops))
    return state, (*effects, start)


def begin_run_again(state: TrainingState, facts: TrainingFacts, settings: TrainingSettings) -> Transition:
    """Begin the run again from its newest checkpoint, with these settings and the session's convention and loss."""
    session = facts.session
    assert state.newest is not None, "a run in training has a checkpoint"
    there = choose_training(_session_at(state, session, state.newest), settings)
    there = choose_loss(choose_convention(there, session.convention), session.loss)
    is_pausing = state.phase is TrainingPhase.PAUSING
    state, effects = begin_run_here(state, facts, there, paused=False)
    effects = (PutSession(there), *effects)
    if is_pausing:  # the run that was to pause is dropped, so the new one pauses
        return replace(state, phase=TrainingPhase.PAUSING), (*effects, PauseRun())
    return state, effects


def leave_run(state: TrainingState, session: Session) -> Transition:
    """Leave the run, because the session has other examples or other weights."""
    state = replace(
        without_run(state),
        to_compare=None,
        lesson=session.lesson,
        own_lesson=session.own_lesson,
        setup=setup_of(session),
        session_checkpoint=session.checkpoint,
        edits=session.edits,
    )
    return state, (ForgetReading(), StopRun(), ShowTraining(session))


def finish_or_pause(state: TrainingState, snapshot: Snapshot, session: Session) -> Transition:
    """Let the session go to the checkpoint at which the run has paused or ended, then call what waited for it."""
    calls, settings = waiting_calls(state), state.to_compare
    state = replace(state, waiting=(), to_compare=None)
    if snapshot.state == "finished":
        state = replace(state, notice=FinishedNotice(snapshot.checkpoint.epoch))
    elif snapshot.state == "failed":
        state = replace(state, notice=FailedNotice(snapshot.message))
    if snapshot.halt is not None:
        state, effects = _go_to_halt(state, snapshot, snapshot.halt, session)
    elif snapshot.state == "failed":
        state, effects = _go_to_failure(state, snapshot.checkpoint, session)
    else:
        state, effects = follow_run(state, session, snapshot.checkpoint)
    if settings is not None and snapshot.state == "finished":
        return state, (*effects, *calls, HandleNext(CompareRequested(settings)))
    return state, (*effects, *calls)


def _go_to_halt(state: TrainingState, snapshot: Snapshot, halt: Halt, session: Session) -> Transition:
    """Go to the pass and step where a breakpoint has stopped the run, and count the hit.

    The process sends the halt again if it answers what was asked before.
    """
    from nnviz.debugger.conditions.live_breakpoints import at_halt  # not at the start, which it would delay

    if state.halted == (snapshot.run, halt):
        return state, ()
    there = at_halt(_session_at(state, session, snapshot.checkpoint), snapshot.checkpoint, halt)
    stopped = breakpoint_by_number(there, halt.number)
    there = change_breakpoint(there, halt.number, hits=max(stopped.hits, stopped.ignore) + 1)
    state = replace(state, halted=(snapshot.run, halt), session_checkpoint=there.checkpoint, followed=None)
    return state, (PutSession(there), AnnounceHalt(halt.number))


def _go_to_failure(state: TrainingState, after: Checkpoint, session: Session) -> Transition:
    """Go to the first NaN or infinity, in the pass whose update led to `after`; that is replayed."""
    run = state.run
    if run is None or run.first >= after.update:
        return follow_run(state, session, after)
    there = go_to_nonfinite(go_to_pass(with_run(session, add_mark(run, after)), after.update - 1))
    return replace(state, session_checkpoint=there.checkpoint, followed=None), (PutSession(there), AnnounceNonFinite())


def follow_run(state: TrainingState, session: Session, checkpoint: Checkpoint) -> Transition:
    """Let the session go to a checkpoint of the run."""
    if state.followed is checkpoint and session.checkpoint is state.session_checkpoint:
        return state, (ShowTraining(),)
    there = _session_at(state, session, checkpoint)
    return replace(state, session_checkpoint=there.checkpoint, followed=checkpoint), (PutSession(there),)


def _session_at(state: TrainingState, session: Session, checkpoint: Checkpoint) -> Session:
    if state.run is None:
        return choose_checkpoint(session, checkpoint)
    return go_to_pass(with_run(session, state.run), checkpoint.update, at=checkpoint)


def in_phase(state: TrainingState, process: str) -> TrainingState:
    """Return the state in the phase of the process; while it runs, a pause that was asked for stays asked for."""
    phase = PHASES[process]
    if phase is TrainingPhase.TRAINING and state.phase is TrainingPhase.PAUSING:
        return state
    gone = phase in (TrainingPhase.IDLE, TrainingPhase.DIED)
    return replace(state, phase=phase, number=None if gone else state.number)


def without_run(state: TrainingState) -> TrainingState:
    """Return the state without its run, without the notice of its end and without what waited for its pause."""
    notice = _lasting(state.notice)
    return replace(state, phase=TrainingPhase.IDLE, number=None, run=None, notice=notice, waiting=())


def _lasting(notice: Notice | None) -> Notice | None:
    """Return the notice, unless it says how a run ended, which does not outlast the run."""
    return None if isinstance(notice, END_NOTICES) else notice


def waiting_calls(state: TrainingState) -> Effects:
    """Return the calls that waited; if one of them starts a run, the next waits for the pause of that."""
    return tuple(HandleNext(CallRequested(callback)) for callback in state.waiting)
