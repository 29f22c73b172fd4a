"""The transitions of live training: pure functions from a state and an event to the next state and its effects."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from nnviz.debugger.branches import FIRST
from nnviz.debugger.edits import without_weight_edits
from nnviz.debugger.state.run import add_mark, checkpoint_at, same_data_from
from nnviz.debugger.state.session import (
    Session,
    choose_checkpoint,
    choose_example,
    choose_training,
    go_to_pass,
    leave_pass,
)
from nnviz.debugger.timeline import update_of_epoch
from nnviz.debugger.training.effects import (
    AnnounceState,
    BeginCurve,
    ChangeSettings,
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
    RunCallback,
    ShowParameters,
    ShowTraining,
    StopRun,
    TrainingEffect,
    TrainOneEpoch,
)
from nnviz.debugger.training.events import (
    CallRequested,
    CompareLaterRequested,
    CompareRequested,
    EpochRequested,
    KeptRunsOpened,
    LessonOpened,
    OneEpochRequested,
    PauseRequested,
    PlotMessage,
    ProcessChanged,
    ProcessDied,
    ResetRequested,
    RunFailed,
    RunStarted,
    SessionChanged,
    SettingsChosen,
    ShutdownAsked,
    SnapshotArrived,
    StartEdited,
    StartRequested,
    TrainForRequested,
    TrainingEvent,
    TrainingFacts,
)
from nnviz.debugger.training.live_runs import (
    Effects,
    Transition,
    begin_run_again,
    begin_run_here,
    finish_or_pause,
    follow_run,
    in_phase,
    leave_run,
    resume_or_begin,
    waiting_calls,
    without_run,
)
from nnviz.debugger.training.run_setup import live_stops, setup_of
from nnviz.debugger.training.training_state import (
    BeyondRunNotice,
    DiedNotice,
    FailedNotice,
    KeptRun,
    PlotNotice,
    TrainingPhase,
    TrainingState,
)
from nnviz.engine.training import start_checkpoint


def handle(state: TrainingState, event: TrainingEvent, facts: TrainingFacts) -> Transition:
    """Return the state after an event, and the effects to carry out in order.

    An effect may bring further events about before the next effect is carried out: the state is in force by then.
    """
    return TRANSITIONS[type(event)](state, event, facts)


# What the user asks for


def _start(state: TrainingState, event: StartRequested, facts: TrainingFacts) -> Transition:
    if state.is_running:
        return state, ()
    state, effects = resume_or_begin(replace(state, notice=None), facts, paused=False)
    return state, (RestartClock(), *effects, ShowTraining())


def _one_epoch(state: TrainingState, event: OneEpochRequested, facts: TrainingFacts) -> Transition:
    effects: Effects = ()
    state = replace(state, notice=None)
    if not state.is_running:
        state, effects = resume_or_begin(state, facts, paused=True)
    state = replace(state, phase=TrainingPhase.TRAINING)
    return state, (RestartClock(), *effects, TrainOneEpoch(), ShowTraining())


def _pause(state: TrainingState, event: PauseRequested, facts: TrainingFacts) -> Transition:
    state = replace(state, to_compare=None)
    if not state.is_running:
        return state, ()
    return replace(state, phase=TrainingPhase.PAUSING), (PauseRun(),)


def _call(state: TrainingState, event: CallRequested, facts: TrainingFacts) -> Transition:
    if not state.is_running:
        return state, (RunCallback(event.callback),)
    return _pause(replace(state, waiting=(*state.waiting, event.callback)), PauseRequested(), facts)


def _reset(state: TrainingState, event: ResetRequested, facts: TrainingFacts) -> Transition:
    session = facts.session if state.run is None else choose_example(facts.session, state.example)
    start = start_checkpoint(session.lesson.network, session.training)
    there = choose_checkpoint(without_weight_edits(session), start)
    calls = waiting_calls(state)
    state = replace(without_run(state), to_compare=None, session_checkpoint=there.checkpoint, followed=start)
    begin = StopRun(), BeginCurve(facts.session), ForgetReading()
    return state, (*begin, PutSession(there), ForgetFuture(), *calls)


def _train_for(state: TrainingState, event: TrainForRequested, facts: TrainingFacts) -> Transition:
    state, effects = begin_run_here(state, facts, facts.session, paused=False, epochs=event.epochs)
    return state, (RestartClock(), *effects, ShowTraining())


def _compare(state: TrainingState, event: CompareRequested, facts: TrainingFacts) -> Transition:
    """Train the present settings first if nothing has been trained; else start again with the others."""
    if not facts.last_epoch:
        first = HandleNext(TrainForRequested(state.lesson.training.epochs))
        return state, (HandleNext(ResetRequested()), first, HandleNext(CompareLaterRequested(event.settings)))
    session, run = choose_training(facts.session, event.settings), state.run
    effects: Effects = PutSession(session), HandleNext(ResetRequested())
    if state.edits and run is not None:
        start = checkpoint_at(run, state.lesson, same_data_from(run))
        effects = (*effects, HandleNext(StartEdited(start, session.edited)))
    return state, (*effects, HandleNext(TrainForRequested(facts.last_epoch)))


def _compare_later(state: TrainingState, event: CompareLaterRequested, facts: TrainingFacts) -> Transition:
    return replace(state, to_compare=event.settings), ()


def _go_to_epoch(state: TrainingState, event: EpochRequested, facts: TrainingFacts) -> Transition:
    """Go there without training: a curve may show more epochs than the run has."""
    session = leave_pass(facts.session)
    update = update_of_epoch(session, event.epoch)
    if update > session.run.end:
        return replace(state, notice=BeyondRunNotice(session.run.end, event.epoch)), (ShowTraining(),)
    return state, (PutSession(go_to_pass(session, max(update, session.run.first))),)


def _choose_settings(state: TrainingState, event: SettingsChosen, facts: TrainingFacts) -> Transition:
    if state.is_running:
        return begin_run_again(state, facts, event.settings)
    return state, (ChangeSettings(event.settings),)


def _shut_down(state: TrainingState, event: ShutdownAsked, facts: TrainingFacts) -> Transition:
    return replace(state, waiting=()), (EndProcess(),)


# What changes


def _open_lesson(state: TrainingState, event: LessonOpened, facts: TrainingFacts) -> Transition:
    """Leave the run for another lesson; curves that can be compared stay on the plot."""
    state, effects = leave_run(replace(state, branch=FIRST, kept=()), event.session)
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
    if same_setup and session.checkpoint is not state.session_checkpoint:  # the user has gone elsewhere
        calls = waiting_calls(state)
        state = replace(state, phase=TrainingPhase.IDLE, number=None, waiting=())
        return state, (StopRun(), show, *calls)
    if same_setup and live_stops(session) == state.stops:
        return state, (show,)
    state, effects = begin_run_again(state, facts, session.training)
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
        without_run(state),
        branch=here.number,
        lesson=session.lesson,
        setup=setup_of(session),
        session_checkpoint=session.checkpoint,
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
    state, effects = leave_run(state, session)
    return state, (curve, *effects)


def _start_edited(state: TrainingState, event: StartEdited, facts: TrainingFacts) -> Transition:
    session = facts.session
    start = replace(event.checkpoint, memory=session.checkpoint.memory)
    return state, (PutSession(choose_checkpoint(replace(session, edited=event.edited), start)), ForgetFuture())


def _open_kept(state: TrainingState, event: KeptRunsOpened, facts: TrainingFacts) -> Transition:
    return replace(state, kept=event.kept), (ShowTraining(),)


def _plot_said(state: TrainingState, event: PlotMessage, facts: TrainingFacts) -> Transition:
    return replace(state, notice=PlotNotice(event.message) if event.message else None), ()


# What the training process sends


def _run_started(state: TrainingState, event: RunStarted, facts: TrainingFacts) -> Transition:
    lost = state.phase in (TrainingPhase.IDLE, TrainingPhase.DIED)
    return (state if lost else replace(state, number=event.number)), ()


def _snapshot(state: TrainingState, event: SnapshotArrived, facts: TrainingFacts) -> Transition:
    snapshot, checkpoint = event.snapshot, event.snapshot.checkpoint
    if snapshot.run != state.number:
        return state, ()  # it is late
    run = None if state.run is None else add_mark(state.run, checkpoint)
    state = replace(in_phase(state, event.state), run=run, newest=checkpoint)
    if not state.is_running:
        state, effects = finish_or_pause(state, snapshot, facts.session)
    elif event.is_due:
        state, effects = follow_run(state, facts.session, checkpoint)
        effects = (*effects, ShowParameters(checkpoint))
    else:
        effects = (ShowTraining(), ShowParameters(checkpoint))
    return state, (GrowCurve(snapshot), *effects)


def _process_changed(state: TrainingState, event: ProcessChanged, facts: TrainingFacts) -> Transition:
    return in_phase(state, event.state), (ShowTraining(), AnnounceState(event.state))


def _run_failed(state: TrainingState, event: RunFailed, facts: TrainingFacts) -> Transition:
    calls = waiting_calls(state)
    state = replace(state, notice=FailedNotice(event.message.rstrip(".")), waiting=())
    return state, (ShowTraining(), *calls)


def _process_died(state: TrainingState, event: ProcessDied, facts: TrainingFacts) -> Transition:
    """Keep what is known of the run: the session goes to the newest checkpoint."""
    calls, effects = waiting_calls(state), (ShowTraining(),)
    state = replace(in_phase(state, "died"), notice=DiedNotice(event.message), waiting=())
    if state.newest is None:
        return state, (*effects, *calls)
    state, following = follow_run(state, facts.session, state.newest)
    return state, (*following, *calls)


TRANSITIONS: dict[type, Callable[[TrainingState, Any, TrainingFacts], Transition]] = {
    StartRequested: _start,
    PauseRequested: _pause,
    OneEpochRequested: _one_epoch,
    ResetRequested: _reset,
    TrainForRequested: _train_for,
    CompareRequested: _compare,
    CompareLaterRequested: _compare_later,
    EpochRequested: _go_to_epoch,
    CallRequested: _call,
    SettingsChosen: _choose_settings,
    ShutdownAsked: _shut_down,
    LessonOpened: _open_lesson,
    SessionChanged: _change_session,
    StartEdited: _start_edited,
    KeptRunsOpened: _open_kept,
    PlotMessage: _plot_said,
    RunStarted: _run_started,
    SnapshotArrived: _snapshot,
    ProcessChanged: _process_changed,
    RunFailed: _run_failed,
    ProcessDied: _process_died,
}
