"""The transitions of live training: pure functions from a state and an event to the next state and its effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from nnviz.debugger.branches import FIRST
from nnviz.debugger.breakpoints import change_breakpoint, found_breakpoint
from nnviz.debugger.edits import without_weight_edits
from nnviz.debugger.nonfinite import go_to_nonfinite
from nnviz.debugger.run import checkpoint_at, noted, same_data_from
from nnviz.debugger.run_setup import live_stops, setup_of
from nnviz.debugger.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_example,
    choose_loss,
    choose_training,
    entered,
    left,
)
from nnviz.debugger.timeline import trained_on, update_of_epoch
from nnviz.debugger.training_effects import (
    AnnounceHalt,
    AnnounceNonFinite,
    AnnounceState,
    BeginCurve,
    ChangeSettings,
    ContinueCurve,
    EndProcess,
    ForgetFuture,
    ForgetReading,
    GrowCurve,
    HandleNext,
    NameCurve,
    PauseRun,
    PutSession,
    RestartClock,
    ResumeCurve,
    ResumeCurveOfData,
    ResumeRun,
    RunCallback,
    ShowParameters,
    ShowTraining,
    StartRun,
    StopRun,
    TrainingEffect,
    TrainOneEpoch,
)
from nnviz.debugger.training_events import (
    CallAsked,
    CompareAsked,
    CompareLaterAsked,
    EpochAsked,
    KeptRunsOpened,
    LessonOpened,
    OneEpochAsked,
    PauseAsked,
    PlotSaid,
    ProcessChanged,
    ProcessDied,
    ResetAsked,
    RunFailed,
    RunStarted,
    SessionChanged,
    SettingsChosen,
    ShutdownAsked,
    SnapshotArrived,
    StartAsked,
    StartEdited,
    TrainForAsked,
    TrainingEvent,
    TrainingFacts,
)
from nnviz.debugger.training_state import (
    END_NOTICES,
    BeyondRunNotice,
    DiedNotice,
    FailedNotice,
    FinishedNotice,
    KeptRun,
    Notice,
    PlotNotice,
    TrainingPhase,
    TrainingState,
    can_resume,
)
from nnviz.engine.training import Checkpoint, TrainingSettings, start_checkpoint

if TYPE_CHECKING:
    from nnviz.engine.watching import Halt
    from nnviz.engine.worker_messages import Snapshot

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


def handle(state: TrainingState, event: TrainingEvent, facts: TrainingFacts) -> Transition:
    """Return the state after an event, and the effects to carry out in order.

    An effect may bring further events about before the next effect is carried out: the state is in force by then.
    """
    return TRANSITIONS[type(event)](state, event, facts)


# What the user asks for


def _start(state: TrainingState, event: StartAsked, facts: TrainingFacts) -> Transition:
    if state.is_running:
        return state, ()
    state, effects = _go_on(replace(state, notice=None), facts, paused=False)
    return state, (RestartClock(), *effects, ShowTraining())


def _one_epoch(state: TrainingState, event: OneEpochAsked, facts: TrainingFacts) -> Transition:
    effects: Effects = ()
    state = replace(state, notice=None)
    if not state.is_running:
        state, effects = _go_on(state, facts, paused=True)
    state = replace(state, phase=TrainingPhase.TRAINING)
    return state, (RestartClock(), *effects, TrainOneEpoch(), ShowTraining())


def _pause(state: TrainingState, event: PauseAsked, facts: TrainingFacts) -> Transition:
    state = replace(state, to_compare=None)
    if not state.is_running:
        return state, ()
    return replace(state, phase=TrainingPhase.PAUSING), (PauseRun(),)


def _call(state: TrainingState, event: CallAsked, facts: TrainingFacts) -> Transition:
    if not state.is_running:
        return state, (RunCallback(event.callback),)
    return _pause(replace(state, waiting=(*state.waiting, event.callback)), PauseAsked(), facts)


def _reset(state: TrainingState, event: ResetAsked, facts: TrainingFacts) -> Transition:
    session = facts.session if state.run is None else choose_example(facts.session, state.example)
    start = start_checkpoint(session.lesson.network, session.training)
    there = choose_checkpoint(without_weight_edits(session), start)
    calls = _calls(state)
    state = replace(_without_run(state), to_compare=None, stands_on=there.checkpoint, followed=start)
    begin = StopRun(), BeginCurve(facts.session), ForgetReading()
    return state, (*begin, PutSession(there), ForgetFuture(), *calls)


def _train_for(state: TrainingState, event: TrainForAsked, facts: TrainingFacts) -> Transition:
    state, effects = _begin(state, facts, facts.session, paused=False, epochs=event.epochs)
    return state, (RestartClock(), *effects, ShowTraining())


def _compare(state: TrainingState, event: CompareAsked, facts: TrainingFacts) -> Transition:
    """Train the present settings first if nothing has been trained; else start again with the others."""
    if not facts.last_epoch:
        first = HandleNext(TrainForAsked(state.lesson.training.epochs))
        return state, (HandleNext(ResetAsked()), first, HandleNext(CompareLaterAsked(event.settings)))
    session, run = choose_training(facts.session, event.settings), state.run
    effects: Effects = PutSession(session), HandleNext(ResetAsked())
    if state.edits and run is not None:
        start = checkpoint_at(run, state.lesson, same_data_from(run))
        effects = (*effects, HandleNext(StartEdited(start, session.edited)))
    return state, (*effects, HandleNext(TrainForAsked(facts.last_epoch)))


def _compare_later(state: TrainingState, event: CompareLaterAsked, facts: TrainingFacts) -> Transition:
    return replace(state, to_compare=event.settings), ()


def _go_to_epoch(state: TrainingState, event: EpochAsked, facts: TrainingFacts) -> Transition:
    """Go there without training: a curve may show more epochs than the run has."""
    session = left(facts.session)
    update = update_of_epoch(session, event.epoch)
    if update > session.run.end:
        return replace(state, notice=BeyondRunNotice(session.run.end, event.epoch)), (ShowTraining(),)
    return state, (PutSession(entered(session, max(update, session.run.first))),)


def _choose_settings(state: TrainingState, event: SettingsChosen, facts: TrainingFacts) -> Transition:
    if state.is_running:
        return _restart(state, facts, event.settings)
    return state, (ChangeSettings(event.settings),)


def _shut_down(state: TrainingState, event: ShutdownAsked, facts: TrainingFacts) -> Transition:
    return replace(state, waiting=()), (EndProcess(),)


# What changes


def _open_lesson(state: TrainingState, event: LessonOpened, facts: TrainingFacts) -> Transition:
    """Leave the run for another lesson; curves that can be compared stay on the plot."""
    state, effects = _leave(replace(state, branch=FIRST, kept=()), event.session)
    return state, (BeginCurve(event.session), *effects)


def _change_session(state: TrainingState, event: SessionChanged, facts: TrainingFacts) -> Transition:
    session = event.session
    if facts.branches.here.number != state.branch:
        return _change_branch(state, session, facts)
    if session.lesson.dataset is not state.lesson.dataset:
        return _change_data(state, session)
    show = ShowTraining(session)
    if not state.is_running or event.own:
        return state, (show,)
    same_setup = setup_of(session) == state.setup
    if same_setup and session.checkpoint is not state.stands_on:  # the user has gone elsewhere
        calls = _calls(state)
        state = replace(state, phase=TrainingPhase.IDLE, number=None, waiting=())
        return state, (StopRun(), show, *calls)
    if same_setup and live_stops(session) == state.stops:
        return state, (show,)
    state, effects = _restart(state, facts, session.training)
    return state, (*effects, ShowTraining())


def _change_branch(state: TrainingState, session: Session, facts: TrainingFacts) -> Transition:
    """Follow another branch: its curve is the present one again, or a new one begins."""
    here, names = facts.branches.here, {branch.number: branch.name for branch in facts.branches.all}
    kept = {run.branch: run for run in state.kept}
    effects: Effects = ()
    if state.branch in names:
        kept[state.branch] = KeptRun(state.branch, facts.curve, state.run)
        effects = (NameCurve(names[state.branch]),)
    found = kept.pop(here.number, KeptRun(here.number, 0))
    epoch = session.checkpoint.epoch if state.lesson.dataset is session.lesson.dataset else 0
    state = replace(
        _without_run(state),
        branch=here.number,
        lesson=session.lesson,
        setup=setup_of(session),
        stands_on=session.checkpoint,
        followed=None,
        to_compare=None,
        edits=None,
        run=found.run,
        kept=tuple(kept.values()),
    )
    curve = ResumeCurve(found.curve, session, epoch)
    return state, (*effects, ForgetReading(), StopRun(), curve, ShowTraining(session))


def _change_data(state: TrainingState, session: Session) -> Transition:
    """Other examples: after an edit of them, or in a pass before or after one."""
    curve: TrainingEffect = BeginCurve(session)
    if session.own_lesson is state.own_lesson:
        curve = ResumeCurveOfData(session, tuple(kept.curve for kept in state.kept))
    state, effects = _leave(state, session)
    return state, (curve, *effects)


def _start_edited(state: TrainingState, event: StartEdited, facts: TrainingFacts) -> Transition:
    session = facts.session
    start = replace(event.checkpoint, memory=session.checkpoint.memory)
    return state, (PutSession(choose_checkpoint(replace(session, edited=event.edited), start)), ForgetFuture())


def _open_kept(state: TrainingState, event: KeptRunsOpened, facts: TrainingFacts) -> Transition:
    return replace(state, kept=event.kept), (ShowTraining(),)


def _plot_said(state: TrainingState, event: PlotSaid, facts: TrainingFacts) -> Transition:
    return replace(state, notice=PlotNotice(event.message) if event.message else None), ()


# What the training process sends


def _run_started(state: TrainingState, event: RunStarted, facts: TrainingFacts) -> Transition:
    lost = state.phase in (TrainingPhase.IDLE, TrainingPhase.DIED)
    return (state if lost else replace(state, number=event.number)), ()


def _snapshot(state: TrainingState, event: SnapshotArrived, facts: TrainingFacts) -> Transition:
    snapshot, checkpoint = event.snapshot, event.snapshot.checkpoint
    if snapshot.run != state.number:
        return state, ()  # it is late
    run = None if state.run is None else noted(state.run, checkpoint)
    state = replace(_in_phase(state, event.state), run=run, newest=checkpoint)
    if not state.is_running:
        state, effects = _come_to_rest(state, snapshot, facts.session)
    elif event.is_due:
        state, effects = _follow(state, facts.session, checkpoint)
        effects = (*effects, ShowParameters(checkpoint))
    else:
        effects = (ShowTraining(), ShowParameters(checkpoint))
    return state, (GrowCurve(snapshot), *effects)


def _process_changed(state: TrainingState, event: ProcessChanged, facts: TrainingFacts) -> Transition:
    return _in_phase(state, event.state), (ShowTraining(), AnnounceState(event.state))


def _run_failed(state: TrainingState, event: RunFailed, facts: TrainingFacts) -> Transition:
    calls = _calls(state)
    state = replace(state, notice=FailedNotice(event.message.rstrip(".")), waiting=())
    return state, (ShowTraining(), *calls)


def _process_died(state: TrainingState, event: ProcessDied, facts: TrainingFacts) -> Transition:
    """Keep what is known of the run: the session goes to the newest checkpoint."""
    calls, effects = _calls(state), (ShowTraining(),)
    state = replace(_in_phase(state, "died"), notice=DiedNotice(event.message), waiting=())
    if state.newest is None:
        return state, (*effects, *calls)
    state, following = _follow(state, facts.session, state.newest)
    return state, (*following, *calls)


TRANSITIONS: dict[type, Callable[[TrainingState, Any, TrainingFacts], Transition]] = {
    StartAsked: _start,
    PauseAsked: _pause,
    OneEpochAsked: _one_epoch,
    ResetAsked: _reset,
    TrainForAsked: _train_for,
    CompareAsked: _compare,
    CompareLaterAsked: _compare_later,
    EpochAsked: _go_to_epoch,
    CallAsked: _call,
    SettingsChosen: _choose_settings,
    ShutdownAsked: _shut_down,
    LessonOpened: _open_lesson,
    SessionChanged: _change_session,
    StartEdited: _start_edited,
    KeptRunsOpened: _open_kept,
    PlotSaid: _plot_said,
    RunStarted: _run_started,
    SnapshotArrived: _snapshot,
    ProcessChanged: _process_changed,
    RunFailed: _run_failed,
    ProcessDied: _process_died,
}


# Parts of transitions


def _go_on(state: TrainingState, facts: TrainingFacts, *, paused: bool) -> Transition:
    """Resume the run if the process waits where the session is, and else begin one there; or let it wait, `paused`."""
    session = facts.session
    if not can_resume(state, session):
        return _begin(state, facts, session, paused=paused)
    state = replace(state, run=trained_on(session, state.stands_on))
    return (state, ()) if paused else (replace(state, phase=TrainingPhase.TRAINING), (ResumeRun(),))


def _begin(
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
        stands_on=checkpoint,
        run=trained_on(session, checkpoint),
        setup=setup_of(session),
        stops=stops,
        edits=session.edits,
        example=session.example if state.run is None else state.example,
        notice=_lasting(state.notice),
    )
    start = StartRun(session, limit if checkpoint.epoch < limit else None, paused, is_watched=bool(stops))
    return state, (*effects, start)


def _restart(state: TrainingState, facts: TrainingFacts, settings: TrainingSettings) -> Transition:
    """Begin the run again from its newest checkpoint, with these settings and the session's convention and loss."""
    session = facts.session
    assert state.newest is not None, "a run in training has a checkpoint"
    there = choose_training(_session_at(state, session, state.newest), settings)
    there = choose_loss(choose_convention(there, session.convention), session.loss)
    is_pausing = state.phase is TrainingPhase.PAUSING
    state, effects = _begin(state, facts, there, paused=False)
    effects = (PutSession(there), *effects)
    if is_pausing:  # the run that was to pause is dropped: the new one does
        return replace(state, phase=TrainingPhase.PAUSING), (*effects, PauseRun())
    return state, effects


def _leave(state: TrainingState, session: Session) -> Transition:
    """Leave the run: what follows learns from other examples, or from other weights."""
    state = replace(
        _without_run(state),
        to_compare=None,
        lesson=session.lesson,
        own_lesson=session.own_lesson,
        setup=setup_of(session),
        stands_on=session.checkpoint,
        edits=session.edits,
    )
    return state, (ForgetReading(), StopRun(), ShowTraining(session))


def _come_to_rest(state: TrainingState, snapshot: Snapshot, session: Session) -> Transition:
    """The run has paused or ended: the session goes to its checkpoint, and what waited for it is called."""
    calls, settings = _calls(state), state.to_compare
    state = replace(state, waiting=(), to_compare=None)
    if snapshot.state == "finished":
        state = replace(state, notice=FinishedNotice(snapshot.checkpoint.epoch))
    elif snapshot.state == "failed":
        state = replace(state, notice=FailedNotice(snapshot.message))
    if snapshot.halt is not None:
        state, effects = _halt(state, snapshot, snapshot.halt, session)
    elif snapshot.state == "failed":
        state, effects = _go_to_failure(state, snapshot.checkpoint, session)
    else:
        state, effects = _follow(state, session, snapshot.checkpoint)
    if settings is not None and snapshot.state == "finished":
        return state, (*effects, *calls, HandleNext(CompareAsked(settings)))
    return state, (*effects, *calls)


def _halt(state: TrainingState, snapshot: Snapshot, halt: Halt, session: Session) -> Transition:
    """A breakpoint has stopped the run: go to the pass and step where it did, and count the hit.

    The process sends the halt again if it answers what was asked before.
    """
    from nnviz.debugger.live import at_halt  # not at the start, which it would delay

    if state.halted == (snapshot.run, halt):
        return state, ()
    there = at_halt(_session_at(state, session, snapshot.checkpoint), snapshot.checkpoint, halt)
    stopped = found_breakpoint(there, halt.number)
    there = change_breakpoint(there, halt.number, hits=max(stopped.hits, stopped.ignore) + 1)
    state = replace(state, halted=(snapshot.run, halt), stands_on=there.checkpoint, followed=None)
    return state, (PutSession(there), AnnounceHalt(halt.number))


def _go_to_failure(state: TrainingState, after: Checkpoint, session: Session) -> Transition:
    """Go to the first NaN or infinity, in the pass whose update led to `after`; that is replayed."""
    run = state.run
    if run is None or run.first >= after.update:
        return _follow(state, session, after)
    there = go_to_nonfinite(entered(replace(session, run=noted(run, after)), after.update - 1))
    return replace(state, stands_on=there.checkpoint, followed=None), (PutSession(there), AnnounceNonFinite())


def _follow(state: TrainingState, session: Session, checkpoint: Checkpoint) -> Transition:
    """Let the session go to a checkpoint of the run."""
    if state.followed is checkpoint and session.checkpoint is state.stands_on:
        return state, (ShowTraining(),)
    there = _session_at(state, session, checkpoint)
    return replace(state, stands_on=there.checkpoint, followed=checkpoint), (PutSession(there),)


def _session_at(state: TrainingState, session: Session, checkpoint: Checkpoint) -> Session:
    if state.run is None:
        return choose_checkpoint(session, checkpoint)
    return entered(replace(session, run=state.run), checkpoint.update, at=checkpoint)


def _in_phase(state: TrainingState, process: str) -> TrainingState:
    """The state after the process has changed; a pause that was asked for stays asked for while it runs."""
    phase = PHASES[process]
    if phase is TrainingPhase.TRAINING and state.phase is TrainingPhase.PAUSING:
        return state
    gone = phase in (TrainingPhase.IDLE, TrainingPhase.DIED)
    return replace(state, phase=phase, number=None if gone else state.number)


def _without_run(state: TrainingState) -> TrainingState:
    """The state without its run; what was said of its end, and what waited for its pause, is dropped with it."""
    notice = _lasting(state.notice)
    return replace(state, phase=TrainingPhase.IDLE, number=None, run=None, notice=notice, waiting=())


def _lasting(notice: Notice | None) -> Notice | None:
    """The notice, unless it is of how a run ended, which is over with the run."""
    return None if isinstance(notice, END_NOTICES) else notice


def _calls(state: TrainingState) -> tuple[RunCallback, ...]:
    return tuple(map(RunCallback, state.waiting))
