"""Live training without a window: its transitions one by one, and random events, which never reach an invalid state."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from training_desk import CARRIERS, Desk, with_rate
from vocabulary import RUNAWAY, assert_same_checkpoint

from nnviz.debugger.branches import open_branch, switch_branch
from nnviz.debugger.commands import step
from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.edits import apply_edit, spot_of
from nnviz.debugger.state.breakpoint import AtCondition
from nnviz.debugger.state.session import choose_convention, choose_example, choose_loss, next_pass, previous_pass
from nnviz.debugger.training import effects, events
from nnviz.debugger.training.effects import TrainingEffect
from nnviz.debugger.training.events import TrainingEvent
from nnviz.debugger.training.live_runs import PHASES
from nnviz.debugger.training.training_state import (
    BeyondRunNotice,
    DiedNotice,
    FailedNotice,
    FinishedNotice,
    KeptRun,
    PlotNotice,
    TrainingPhase,
    can_resume,
)
from nnviz.debugger.training.transitions import TRANSITIONS
from nnviz.engine.training import Checkpoint, Trainer
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.tracing.steps import Kind, Quantity

IDLE, TRAINING, PAUSING, PAUSED, FINISHED, FAILED, DIED = TrainingPhase
FEW = ("training.epochs=3",)  # of four updates each
LESSON = load("krzeminski-sgd", FEW)


@pytest.fixture
def desk() -> Desk:
    return Desk(LESSON)


def headless(lesson: Lesson, updates: int) -> Checkpoint:
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(updates):
        trainer.update()
    return trainer.checkpoint()


def start_and_work(desk: Desk, updates: int) -> None:
    desk.tell(events.StartRequested())
    desk.work(updates)


def pause(desk: Desk) -> None:
    desk.tell(events.PauseRequested())
    desk.work(0)


def kinds(found: list[TrainingEffect]) -> list[type]:
    return [type(effect) for effect in found]


# The tables


def test_every_event_has_a_transition_and_every_effect_a_carrier() -> None:
    assert set(TRANSITIONS) == set(get_args(TrainingEvent))
    assert set(CARRIERS) == set(get_args(TrainingEffect))
    assert set(PHASES.values()) == set(TrainingPhase) - {PAUSING}


@pytest.mark.parametrize("event", [event for event in get_args(TrainingEvent) if not event.__dataclass_fields__])
def test_a_transition_changes_no_state_in_place(desk: Desk, event: type) -> None:
    before = desk.state
    held = {name: getattr(before, name) for name in before.__dataclass_fields__}
    desk.tell(event())
    assert {name: getattr(before, name) for name in before.__dataclass_fields__} == held


# Start, pause, resume


def test_nothing_is_trained_at_first(desk: Desk) -> None:
    state = desk.state
    assert (state.phase, state.number, state.run, state.notice) == (IDLE, None, None, None)
    assert not state.is_running
    assert not can_resume(state, desk.session)


def test_a_start_gives_the_process_a_run_and_the_session_follows(desk: Desk) -> None:
    start_and_work(desk, 2)
    assert (desk.state.phase, desk.state.number) == (TRAINING, desk.process.number)
    assert desk.checkpoint.update == 2
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 2))
    desk.tell(events.StartRequested())
    assert kinds(desk.done).count(effects.StartRun) == 1, "it is trained already"
    assert desk.announced == ["running"]


def test_a_pause_is_waited_for_and_leaves_the_session_on_the_exact_checkpoint(desk: Desk) -> None:
    start_and_work(desk, 1)
    desk.tell(events.PauseRequested())
    assert desk.state.phase is PAUSING
    assert desk.state.is_running
    desk.work(0)
    assert desk.state.phase is PAUSED
    assert desk.checkpoint is desk.state.session_checkpoint
    assert_same_checkpoint(desk.checkpoint, desk.process.run.trainer.checkpoint())
    assert desk.announced == ["running", "paused"]


def test_a_snapshot_from_before_the_pause_leaves_it_asked_for(desk: Desk) -> None:
    start_and_work(desk, 1)
    desk.process.work(1)
    desk.tell(events.PauseRequested())
    desk.process.receive(desk.process.sent.pop())
    assert desk.state.phase is PAUSING


def test_a_start_where_the_process_waits_resumes_the_run(desk: Desk) -> None:
    start_and_work(desk, 1)
    pause(desk)
    assert can_resume(desk.state, desk.session)
    desk.tell(events.StartRequested())
    assert kinds(desk.done).count(effects.StartRun) == 1
    assert kinds(desk.done).count(effects.ResumeRun) == 1
    desk.work(2)
    pause(desk)
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 3))


@pytest.mark.parametrize(
    "move",
    [
        next_pass,
        previous_pass,
        lambda session: choose_loss(session, "binary_cross_entropy"),
        lambda session: choose_convention(session, replace(session.convention, frozen=("b1",))),
        lambda session: add_breakpoint(session, AtCondition(), "epoch == 2"),
    ],
    ids=["next", "previous", "loss", "convention", "breakpoint"],
)
def test_a_start_elsewhere_or_with_another_setup_begins_a_run_there(desk: Desk, move) -> None:
    start_and_work(desk, 2)
    pause(desk)
    desk.apply(move)
    assert not can_resume(desk.state, desk.session)
    here = desk.checkpoint
    desk.tell(events.StartRequested())
    started = [effect for effect in desk.done if isinstance(effect, effects.StartRun)]
    assert len(started) == 2
    assert started[-1].session.checkpoint is here
    assert desk.state.number == desk.process.number


def test_one_epoch_ends_in_a_pause(desk: Desk) -> None:
    for epoch in (1, 2):
        desk.tell(events.OneEpochRequested())
        assert desk.state.phase is TRAINING
        desk.train_to_rest()
        assert desk.state.phase is PAUSED
        assert (desk.checkpoint.epoch, desk.checkpoint.position) == (epoch, 0)
    assert kinds(desk.done).count(effects.StartRun) == 1
    assert effects.ResumeRun not in kinds(desk.done), "the process goes on by itself"


def test_one_epoch_while_training_goes_to_the_end_of_the_epoch(desk: Desk) -> None:
    start_and_work(desk, 1)
    desk.tell(events.OneEpochRequested())
    desk.train_to_rest()
    assert (desk.state.phase, desk.checkpoint.update) == (PAUSED, 4)


def test_the_lessons_epochs_end_the_run_and_are_told(desk: Desk) -> None:
    desk.tell(events.StartRequested())
    desk.train_to_rest()
    assert (desk.state.phase, desk.state.notice) == (FINISHED, FinishedNotice(3))
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 12))
    desk.tell(events.StartRequested())
    assert desk.state.notice is None
    desk.work(5)
    assert desk.state.phase is TRAINING, "the second time there is no limit"


# What waits for a pause


def test_what_is_to_be_done_in_a_pause_is_done_at_once_where_nothing_is_trained(desk: Desk) -> None:
    desk.pause_then(lambda: desk.apply(step))
    assert desk.session.position > 0


def test_what_waits_is_called_once_on_the_checkpoint_of_the_pause(desk: Desk) -> None:
    start_and_work(desk, 1)
    called: list[int] = []
    for _ in range(2):
        desk.pause_then(lambda: called.append(desk.checkpoint.update))
    assert (desk.state.phase, called) == (PAUSING, [])
    desk.process.work(1)
    assert desk.process.sent[0].state == "paused"
    desk.work(0)
    desk.work(0)
    assert called == [1, 1]
    assert desk.state.waiting == ()


@pytest.mark.parametrize("end", ["died", "failed", "finished", "gone elsewhere"])
def test_what_waits_is_called_too_when_the_run_ends_otherwise(desk: Desk, end: str) -> None:
    start_and_work(desk, 11)
    called: list[bool] = []
    if end == "finished":
        desk.process.work(1)  # what it sends has not arrived when the pause is asked for
    desk.pause_then(lambda: called.append(desk.state.is_running))
    if end == "died":
        desk.process.die()
    elif end == "failed":
        desk.process._change("failed")
        desk.tell(events.RunFailed("out of memory"))
    elif end == "finished":
        desk.work(0)
        assert desk.state.phase is FINISHED
    else:
        desk.apply(next_pass)
    assert called == [False]


def test_what_waits_behind_a_call_that_starts_a_run_waits_for_the_pause_of_that(desk: Desk) -> None:
    start_and_work(desk, 1)
    called: list[int] = []
    desk.pause_then(lambda: desk.tell(events.TrainForRequested(2)))
    desk.pause_then(lambda: called.append(desk.state.number))
    first = desk.state.number
    desk.work(0)
    assert (desk.state.phase, called) == (PAUSING, [])
    desk.work(0)
    assert (desk.state.phase, called) == (PAUSED, [desk.state.number])
    assert desk.state.number != first


def test_a_pause_that_was_asked_for_is_not_lost_when_the_run_begins_again(desk: Desk) -> None:
    start_and_work(desk, 1)
    called: list[bool] = []
    desk.pause_then(lambda: called.append(True))
    desk.tell(events.SettingsChosen(with_rate(desk.session, 0.25)))
    assert desk.state.phase is PAUSING
    desk.work(3)
    assert (desk.state.phase, called) == (PAUSED, [True])
    assert desk.checkpoint.update == 1


# Late messages


def test_a_message_of_an_older_run_changes_nothing(desk: Desk) -> None:
    start_and_work(desk, 2)
    desk.process.work(2)
    late = list(desk.process.sent)
    desk.process.sent.clear()
    desk.tell(events.ResetRequested())
    start_and_work(desk, 1)
    before, done = desk.state, len(desk.done)
    for snapshot in late:
        desk.process.receive(snapshot)
    assert desk.state is before
    assert len(desk.done) == done
    assert desk.checkpoint.update == 1


# Reset, settings, changes of the session


def test_a_reset_goes_back_to_the_start_and_drops_the_run(desk: Desk) -> None:
    desk.apply(lambda session: choose_example(session, 2))
    start_and_work(desk, 5)
    desk.said_by_plot = "The plot is full"
    desk.tell(events.ResetRequested())
    state = desk.state
    assert (state.phase, state.number, state.run) == (IDLE, None, None)
    assert state.notice == PlotNotice("The plot is full")
    assert (desk.checkpoint.update, desk.session.example) == (0, 2)
    assert desk.curve.number == 2
    assert desk.process.state == "idle"


def test_other_settings_while_training_begin_again_from_the_newest_checkpoint(desk: Desk) -> None:
    start_and_work(desk, 3)
    chosen = with_rate(desk.session, 0.25)
    desk.tell(events.SettingsChosen(chosen))
    assert (desk.state.phase, desk.session.training, desk.checkpoint.update) == (TRAINING, chosen, 3)
    assert desk.state.setup.settings == chosen
    desk.work(2)
    pause(desk)
    trainer = Trainer(LESSON.network, LESSON.dataset, chosen, LESSON.convention)
    trainer.restore(headless(LESSON, 3))
    trainer.update()
    trainer.update()
    assert_same_checkpoint(desk.checkpoint, trainer.checkpoint())


def test_other_settings_at_rest_can_be_undone(desk: Desk) -> None:
    chosen = with_rate(desk.session, 0.25)
    desk.tell(events.SettingsChosen(chosen))
    assert desk.session.training == chosen
    assert [entry.name for entry in desk.branches.here.history.done] == ["settings"]
    assert desk.state.phase is IDLE


@pytest.mark.parametrize(
    "move",
    [
        lambda session: choose_loss(session, "binary_cross_entropy"),
        lambda session: add_breakpoint(session, AtCondition(), "epoch == 2"),
    ],
    ids=["loss", "breakpoint"],
)
def test_what_a_run_is_made_with_begins_it_again_when_it_changes(desk: Desk, move) -> None:
    start_and_work(desk, 2)
    desk.apply(move)
    assert desk.state.phase is TRAINING
    assert kinds(desk.done).count(effects.StartRun) == 2
    assert desk.checkpoint.update == 2


def test_a_step_elsewhere_drops_the_run(desk: Desk) -> None:
    start_and_work(desk, 2)
    desk.apply(next_pass)
    assert (desk.state.phase, desk.process.state) == (IDLE, "idle")


def test_a_step_within_the_pass_does_not(desk: Desk) -> None:
    start_and_work(desk, 2)
    desk.apply(step)
    assert desk.state.phase is TRAINING


def test_another_lesson_drops_run_notice_and_what_waits(desk: Desk) -> None:
    desk.tell(events.StartRequested())
    desk.train_to_rest()
    desk.open_lesson(load("koehn"))
    state = desk.state
    assert (state.phase, state.run, state.notice, state.kept) == (IDLE, None, None, ())
    assert state.lesson is desk.session.lesson
    desk.tell(events.StartRequested())
    desk.pause_then(lambda: pytest.fail("it waited for the other lesson's run"))
    desk.open_lesson(LESSON)
    desk.tell(events.StartRequested())
    pause(desk)


def test_edited_data_begin_another_run_and_going_back_resumes_the_curve(desk: Desk) -> None:
    start_and_work(desk, 4)
    pause(desk)
    before = desk.session
    spot = spot_of(before, Quantity(Kind.INPUT, -1, 0))
    assert spot is not None
    desk.apply(lambda session: apply_edit(session, spot, 0.5))
    assert (desk.state.phase, desk.state.run, desk.curve.number) == (IDLE, None, 2)
    desk.apply(lambda session: before)
    assert desk.curve.number == 1
    desk.tell(events.StartRequested())
    assert desk.state.lesson is LESSON


# Branches


def test_a_branch_has_its_own_run_and_curve(desk: Desk) -> None:
    start_and_work(desk, 3)
    pause(desk)
    run = desk.state.run
    desk.put(open_branch(desk.branches))
    assert (desk.state.phase, desk.state.branch, desk.curve.number) == (IDLE, 2, 2)
    assert [(kept.branch, kept.curve, kept.run) for kept in desk.state.kept] == [(1, 1, run)]
    assert desk.curves[1].name == "Main"
    start_and_work(desk, 1)
    assert desk.curve.name == "Branch 2"
    desk.put(switch_branch(desk.branches, 0))
    assert (desk.state.phase, desk.state.run, desk.curve.number) == (IDLE, run, 1)
    assert [kept.branch for kept in desk.state.kept] == [2]


def test_what_was_said_of_a_runs_end_does_not_follow_to_another_branch(desk: Desk) -> None:
    desk.put(open_branch(desk.branches))
    start_and_work(desk, 1)
    desk.process.die()
    assert isinstance(desk.state.notice, DiedNotice)
    desk.put(switch_branch(desk.branches, 0))
    assert desk.state.notice is None


# Comparing


def test_comparing_trains_the_same_start_for_as_many_epochs(desk: Desk) -> None:
    start_and_work(desk, 8)
    chosen = with_rate(desk.session, 0.25)
    desk.pause_then(lambda: desk.tell(events.CompareRequested(chosen)))
    desk.work(0)
    assert (desk.state.phase, desk.checkpoint.update, desk.session.training) == (TRAINING, 0, chosen)
    desk.train_to_rest()
    assert (desk.state.phase, desk.checkpoint.epoch) == (FINISHED, 2)
    assert [curve.last_epoch for curve in desk.curves.values()] == [2, 2]


@pytest.mark.parametrize("updates", [0, 2])
def test_comparing_before_an_epoch_is_done_trains_both(desk: Desk, updates: int) -> None:
    if updates:
        start_and_work(desk, updates)
    chosen = with_rate(desk.session, 0.25)
    desk.pause_then(lambda: desk.tell(events.CompareRequested(chosen)))
    desk.work(0)
    assert desk.state.to_compare == chosen
    desk.train_to_rest()
    assert desk.state.phase is FINISHED
    assert desk.session.training == chosen
    assert [curve.last_epoch for curve in desk.curves.values()][-2:] == [3, 3]


def test_a_pause_ends_what_was_to_be_compared(desk: Desk) -> None:
    desk.tell(events.CompareRequested(with_rate(desk.session, 0.25)))
    desk.work(1)
    pause(desk)
    assert desk.state.to_compare is None


def test_comparing_a_run_with_edited_weights_starts_from_them(desk: Desk) -> None:
    spot = spot_of(desk.session, Quantity(Kind.WEIGHT, 0, 0, 0))
    assert spot is not None
    desk.apply(lambda session: apply_edit(session, spot, 7.0))
    edited = desk.checkpoint.parameters.tobytes()
    start_and_work(desk, 4)
    pause(desk)
    desk.tell(events.CompareRequested(with_rate(desk.session, 0.25)))
    assert desk.checkpoint.parameters.tobytes() == edited
    assert [edit.value for edit in desk.session.edits] == [7.0]


# Going to an epoch


def test_an_epoch_of_the_run_is_gone_to_and_one_beyond_is_told(desk: Desk) -> None:
    start_and_work(desk, 9)
    pause(desk)
    desk.tell(events.EpochRequested(1))
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 4))
    desk.tell(events.EpochRequested(3))
    assert desk.state.notice == BeyondRunNotice(9, 3)
    assert desk.checkpoint.update == 4


# How a run can end


def test_a_process_that_dies_is_told_and_the_run_resumes_from_the_newest_checkpoint(desk: Desk) -> None:
    start_and_work(desk, 5)
    desk.process.die()
    assert (desk.state.phase, desk.state.number) == (DIED, None)
    assert desk.state.notice == DiedNotice("The trainer stopped unexpectedly.")
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 5))
    desk.tell(events.StartRequested())
    assert (desk.state.phase, desk.state.notice) == (TRAINING, None)
    desk.work(2)
    pause(desk)
    assert_same_checkpoint(desk.checkpoint, headless(LESSON, 7))


@pytest.mark.parametrize("event", [events.StartRequested(), events.OneEpochRequested(), events.TrainForRequested(2)])
def test_a_process_that_cannot_be_started_is_told(desk: Desk, event: TrainingEvent) -> None:
    desk.process.can_start = False
    desk.tell(event)
    assert (desk.state.phase, desk.state.number) == (DIED, None)
    assert desk.state.notice == DiedNotice("The trainer could not be started.")
    desk.process.can_start = True
    start_and_work(desk, 1)
    assert (desk.state.phase, desk.checkpoint.update) == (TRAINING, 1)


def test_a_run_that_fails_leaves_the_session_on_the_first_number_that_is_not_finite(tmp_path) -> None:
    (tmp_path / "runaway.toml").write_text(RUNAWAY, encoding="utf-8")
    desk = Desk(load(tmp_path / "runaway.toml"))
    desk.tell(events.StartRequested())
    desk.train_to_rest()
    assert desk.state.phase is FAILED
    assert isinstance(desk.state.notice, FailedNotice)
    assert desk.state.notice.reason.endswith("is not finite")
    assert desk.announced == ["running", "landed", "failed"]
    assert desk.checkpoint.update == desk.state.newest.update - 1
    assert not can_resume(desk.state, desk.session)


def test_a_run_that_fails_for_another_reason_says_so(desk: Desk) -> None:
    start_and_work(desk, 1)
    desk.process._change("failed")
    desk.tell(events.RunFailed("MemoryError: too large."))
    assert (desk.state.phase, desk.state.notice) == (FAILED, FailedNotice("MemoryError: too large"))


def test_a_breakpoint_stops_the_run_where_it_becomes_true_and_is_told_once(desk: Desk) -> None:
    desk.apply(lambda session: add_breakpoint(session, AtCondition(), "epoch == 1"))
    desk.tell(events.StartRequested())
    desk.process.work(10)
    halts = [snapshot for snapshot in desk.process.sent if snapshot.halt is not None]
    assert halts
    desk.work(0)
    assert desk.state.phase is PAUSED
    desk.process.receive(halts[-1])  # sent again, for what was asked before
    assert desk.announced == ["running", "halted", "paused"]
    assert (desk.checkpoint.update, desk.session.breakpoints[0].hits) == (4, 1)
    assert not can_resume(desk.state, desk.session), "it begins again from the pass of the halt"


def test_the_end_of_the_window_ends_the_process_and_calls_nothing(desk: Desk) -> None:
    start_and_work(desk, 1)
    desk.pause_then(lambda: pytest.fail("the window is closing"))
    desk.tell(events.ShutdownAsked())
    assert (desk.state.phase, desk.process.state, desk.state.waiting) == (IDLE, "idle", ())


def test_the_runs_of_an_opened_session_belong_to_their_branches(desk: Desk) -> None:
    kept = (KeptRun(2, 1),)
    desk.tell(events.KeptRunsOpened(kept))
    assert desk.state.kept == kept


# Random events


CLICKS = events.StartRequested(), events.PauseRequested(), events.OneEpochRequested(), events.ResetRequested()


class RandomTraining(RuleBasedStateMachine):
    """A user who clicks at random, and a process that answers when it likes, also too late, or dies."""

    late: list
    asked: int
    called: int

    @initialize(name=st.sampled_from(["krzeminski-sgd", "krzeminski-batch", "koehn"]))
    def open_window(self, name: str) -> None:
        self.desk = Desk(load(name, FEW))
        self.late, self.asked, self.called = [], 0, 0

    # The user

    @rule(
        event=st.sampled_from(
            [events.StartRequested(), events.PauseRequested(), events.OneEpochRequested(), events.ResetRequested()]
        )
    )
    def click(self, event: TrainingEvent) -> None:
        self.desk.tell(event)

    @rule(epochs=st.integers(1, 4))
    def go_to_epoch(self, epochs: int) -> None:
        self.desk.pause_then(lambda: self.desk.tell(events.EpochRequested(epochs)))

    @rule(rate=st.sampled_from([0.1, 0.5, 1e160]))
    def choose_settings(self, rate: float) -> None:
        self.desk.tell(events.SettingsChosen(with_rate(self.desk.session, rate)))

    @rule(rate=st.sampled_from([0.2, 0.7]))
    def compare(self, rate: float) -> None:
        chosen = with_rate(self.desk.session, rate)
        self.desk.pause_then(lambda: self.desk.tell(events.CompareRequested(chosen)))

    @rule(move=st.sampled_from([step, next_pass, previous_pass]), paused=st.booleans())
    def walk(self, move, paused: bool) -> None:
        if paused:
            self.desk.pause_then(lambda: self.desk.apply(move))
        else:
            self.desk.apply(move)

    @rule(loss=st.sampled_from(["half_squared", "squared"]))
    def choose_a_loss(self, loss: str) -> None:
        self.desk.apply(lambda session: choose_loss(session, loss))

    @rule(condition=st.sampled_from(["epoch == 1", "update == 3", "loss < 0.2"]))
    def set_a_breakpoint(self, condition: str) -> None:
        if len(self.desk.session.breakpoints) < 3:
            self.desk.apply(lambda session: add_breakpoint(session, AtCondition(), condition))

    @rule(value=st.sampled_from([0.5, -1.0]), kind=st.sampled_from([Kind.INPUT, Kind.WEIGHT]))
    def edit(self, value: float, kind: Kind) -> None:
        where = Quantity(kind, -1, 0) if kind is Kind.INPUT else Quantity(kind, 0, 0, 0)
        spot = spot_of(self.desk.session, where)
        assert spot is not None
        self.desk.pause_then(lambda: self.desk.apply(lambda session: apply_edit(session, spot, value)))

    @rule()
    def open_a_branch(self) -> None:
        if len(self.desk.branches.all) < 3:
            self.desk.put(open_branch(self.desk.branches))

    @rule(at=st.integers(0, 2))
    def follow_a_branch(self, at: int) -> None:
        branches = self.desk.branches
        if at < len(branches.all) and at != branches.current:
            self.desk.put(switch_branch(branches, at))

    @rule(name=st.sampled_from(["krzeminski-batch", "koehn"]))
    def open_lesson(self, name: str) -> None:
        self.desk.open_lesson(load(name, FEW))

    @rule()
    def wait_for_a_pause(self) -> None:
        self.desk.pause_then(self._count)
        self.asked += 1

    def _count(self) -> None:
        self.called += 1
        assert not self.desk.state.is_running, "called while it is trained"

    # The process

    @rule(updates=st.integers(0, 6))
    def work(self, updates: int) -> None:
        self.desk.process.work(updates)

    @precondition(lambda self: self.desk.process.sent)
    @rule(keeps=st.booleans())
    def receive(self, keeps: bool) -> None:
        desk = self.desk
        snapshot = desk.process.sent.pop(0)
        if keeps:
            self.late.append(snapshot)
        done, is_late = len(desk.done), snapshot.run != desk.process.number
        desk.process.receive(snapshot)
        if is_late:
            assert len(desk.done) == done
        elif desk.state.phase is PAUSED and desk.state.followed is snapshot.checkpoint is desk.state.newest:
            assert desk.checkpoint is desk.state.session_checkpoint
            assert_same_checkpoint(desk.checkpoint, snapshot.checkpoint)

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def receive_a_late_one(self, data) -> None:
        snapshot = data.draw(st.sampled_from(self.late))
        if snapshot.run != self.desk.process.number:
            before, done = self.desk.state, len(self.desk.done)
            self.desk.process.receive(snapshot)
            assert self.desk.state is before
            assert len(self.desk.done) == done

    @rule()
    def die(self) -> None:
        self.desk.process.die()

    @rule(can_start=st.booleans())
    def be_there_or_not(self, can_start: bool) -> None:
        self.desk.process.can_start = can_start

    # What always holds

    @invariant()
    def the_phase_is_that_of_the_process(self) -> None:
        state, process = self.desk.state, self.desk.process
        expected = PHASES[process.state]
        assert state.phase is expected or (expected is TRAINING and state.phase is PAUSING)

    @invariant()
    def one_run_is_owned_at_most(self) -> None:
        state, process = self.desk.state, self.desk.process
        assert state.number == (None if state.phase in (IDLE, DIED) else process.number)

    @invariant()
    def the_notice_is_of_the_phase(self) -> None:
        state = self.desk.state
        ends = {FinishedNotice: FINISHED, FailedNotice: FAILED, DiedNotice: DIED}
        assert ends.get(type(state.notice), state.phase) is state.phase
        if state.is_running:
            assert state.notice is None or isinstance(state.notice, PlotNotice)
        if isinstance(state.notice, FinishedNotice):
            assert state.notice.epochs == state.newest.epoch

    @invariant()
    def what_waits_is_called_or_dropped_with_its_run(self) -> None:
        assert not self.desk.state.waiting or self.desk.state.is_running
        assert self.called <= self.asked

    @invariant()
    def a_run_is_of_the_lesson_and_branch_that_are_followed(self) -> None:
        state, desk = self.desk.state, self.desk
        assert state.branch == desk.branches.here.number
        assert state.lesson.dataset is desk.session.lesson.dataset
        assert state.branch not in {kept.branch for kept in state.kept}
        if state.is_running:
            assert state.run is not None
            assert desk.checkpoint is state.session_checkpoint

    @invariant()
    def a_run_that_can_be_resumed_waits_where_the_session_is(self) -> None:
        desk = self.desk
        if can_resume(desk.state, desk.session) and not desk.process.commands:
            assert desk.process.run is not None
            assert_same_checkpoint(desk.checkpoint, desk.process.run.trainer.checkpoint())


RandomTraining.TestCase.settings = hypothesis_settings(
    hypothesis_settings.get_profile("ci"), max_examples=60, stateful_step_count=40
)
TestRandomTraining = RandomTraining.TestCase
