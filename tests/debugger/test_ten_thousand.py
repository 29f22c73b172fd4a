"""Ten thousand random commands: back undoes step, replay equals history bit for bit, and nothing is shown too soon."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from vocabulary import assert_same_checkpoint, assert_same_pass

from nnviz.debugger.branches import (
    Branches,
    change_branch,
    one_branch,
    open_branch,
    redo_in_branch,
    replace_session,
    switch_branch,
    undo_in_branch,
)
from nnviz.debugger.choices import choose, choose_frozen, loss_obstacle, parameter_names, time_obstacle
from nnviz.debugger.commands import COMMANDS, back, go_to, into, next_phase, out, over, previous_phase, step
from nnviz.debugger.conditions.breakpoints import add_breakpoint, change_breakpoint, remove_breakpoint
from nnviz.debugger.conditions.continuing import run, stop_between
from nnviz.debugger.conditions.live_breakpoints import at_halt, live_breakpoints
from nnviz.debugger.diagnosis.nonfinite import nonfinite_end
from nnviz.debugger.edits import EditError, apply_edit, value_at
from nnviz.debugger.state.breakpoint import AtCondition, AtEdge, AtKind, AtNonFinite, AtPhase, AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.run import Run, Segment, aligned_start, next_segment, with_loss
from nnviz.debugger.state.session import (
    Session,
    choose_example,
    choose_notation,
    choose_training,
    is_changed,
    look_at_example,
    restore_lesson_conventions,
    start_session,
)
from nnviz.debugger.timeline import (
    follow_training,
    go_to_update,
    next_epoch,
    next_update,
    previous_epoch,
    previous_update,
    to_present,
)
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Parameters, view_parameters
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Checkpoint, NonFiniteError, Trainer
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.listing.listing import listing
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.process.watcher import WatchedUpdates
from nnviz.sessions.edit_fields import with_data_edits
from nnviz.sessions.save import ALL_PARTS, difference
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_of_text, session_text
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Phase, Quantity
from nnviz.tracing.trace import Trace

# Ten thousand in all: so many walks of at most so many commands each.
WALKS, COMMANDS_EACH = 125, 100
SAVED_WALKS, SAVED_COMMANDS = 16, 50  # of the learner who saves after every command
OFTEN = 20  # what costs more than a command is looked at after every twentieth
JUNK = 1234.5
LARGEST_RUN = 3000  # updates; a walk does not train on behind it
SMALL = ('network.layers=[{units=3, activation="tanh"}, {units=2, activation="softmax"}]', "printed=[]")
LESSONS = {
    name: load(lesson, ["training.epochs=30", *changes])
    for name, lesson, changes in (
        ("koehn", "koehn", ()),
        ("sgd", "krzeminski-sgd", ()),
        ("batch", "krzeminski-batch", ()),
        ("shuffled", "from-scratch", (*SMALL, "training.shuffle=true", "training.update_after=3")),
        ("softmax", "from-scratch", (*SMALL, 'network.loss="cross_entropy"', 'training.optimizer="adam"')),
        ("recurrent", "krzeminski-rnn", ('convention.through_time="full"',)),
        ("walkthrough", "krzeminski-walkthrough", ()),
    )
}
OF_FILES = {name: load(name) for name in ("koehn", "krzeminski-batch", "krzeminski-rnn", "softmax", "graph")}
NOTATIONS = {name: load_notation(name) for name in notation_names()}
PLACES = [
    *(AtKind(Kind.Z), AtKind(Kind.DELTA, 0), AtUnit(0, 1), AtUnit(1, 0, Kind.A), AtEdge(0, 0, 1)),
    *(AtPhase(Phase.BACKWARD), AtNonFinite(), AtCondition()),
]
CONDITIONS = ["loss < 0.1", "update == 7", "epoch == 2", "abs(delta1[1]) < 0.01", "sign(b1[1]) changes", "z1[1] > 0"]
EDITABLE = (Kind.INPUT, Kind.TARGET, Kind.WEIGHT, Kind.BIAS)
EDITED = (0.0, -0.0, 0.25, 1.0, -1.5)
STEPS = (step, back, into, over, out, next_phase, previous_phase)
TRAVELS = (next_update, previous_update, next_epoch, previous_epoch, to_present)


@dataclass(frozen=True)
class Noted:
    """What a pass was when the learner was there."""

    checkpoint: Checkpoint
    examples: tuple[int, ...]
    updated: bytes
    data: bytes


def here(session: Session) -> tuple[int, int]:
    return session.checkpoint.update, session.position


def how_made(stretch: Segment) -> tuple[object, ...]:
    """What a stretch goes by, but for how long."""
    return stretch.start, stretch.settings, stretch.convention, stretch.loss, stretch.example, stretch.dataset


def data_of(session: Session) -> bytes:
    """The examples that a session's passes are of."""
    return session.lesson.dataset.inputs.tobytes() + session.lesson.dataset.targets.tobytes()


class Learner(RuleBasedStateMachine):
    """A learner who gives commands at random."""

    session: Session
    lessons = LESSONS

    @initialize(name=st.sampled_from(sorted(LESSONS)), grain=st.sampled_from(Grain))
    def open_lesson(self, name: str, grain: Grain) -> None:
        self.given, self.name = 0, name
        self.session = start_session(self.lessons[name], grain=grain)
        self.history: dict[int, Noted] = {}

    def become(self, session: Session) -> None:
        """Stand elsewhere; what the run has forgotten, or goes through otherwise from now on, is noted no more."""
        before, after = self.session.run.segments, session.run.segments
        made = [[how_made(stretch) for stretch in stretches] for stretches in (before, after)]
        other = [stretch.start.update for stretch in before if how_made(stretch) not in made[1]]
        other += [stretch.start.update for stretch in after if how_made(stretch) not in made[0]]
        limit = min([*other, session.run.end + 1])
        self.history = {update: noted for update, noted in self.history.items() if update < limit}
        self.session = session

    # Commands

    @rule(command=st.sampled_from(COMMANDS))
    def press(self, command) -> None:
        self.become(command.run(self.session))

    @rule(verb=st.sampled_from(STEPS))
    def walk(self, verb: Callable[[Session], Session]) -> None:
        before = self.session
        after, stop = stop_between(before, verb(before))
        if stop is not None:
            between = sorted([here(before), here(verb(before))])
            assert between[0] <= here(after) <= between[1]
            assert here(after) != here(before)
        self.become(after)

    @rule(way=st.sampled_from(TRAVELS))
    def travel(self, way: Callable[[Session], Session]) -> None:
        self.become(way(self.session))

    @rule(by=st.integers(-30, 30))
    def travel_by_updates(self, by: int) -> None:
        update = self.session.checkpoint.update + by
        self.become(go_to_update(self.session, min(update, LARGEST_RUN)))

    @rule(share=st.integers(0, 100))
    def travel_in_the_run(self, share: int) -> None:
        travelled = self.session.run
        update = travelled.first + (travelled.end - travelled.first) * share // 100
        self.become(go_to_update(self.session, update))
        assert here(self.session) == (update, 0)

    @rule(share=st.integers(0, 100))
    def run_to_here(self, share: int) -> None:
        position = self.session.trace.end * share // 100
        self.become(go_to(self.session, position))
        assert self.session.position >= position

    @rule(data=st.data(), same_place=st.booleans())
    def choose_an_example(self, data: st.DataObject, same_place: bool) -> None:
        example = data.draw(st.integers(0, len(self.session.lesson.dataset) - 1))
        self.become((look_at_example if same_place else choose_example)(self.session, example))

    @rule(name=st.sampled_from(sorted(NOTATIONS)))
    def write_otherwise(self, name: str) -> None:
        self.become(choose_notation(self.session, NOTATIONS[name]))

    @rule(data=st.data(), control=st.sampled_from([*CHOICES, "loss", "reduce", "update_after", "frozen", "lesson"]))
    def count_otherwise(self, data: st.DataObject, control: str) -> None:
        session = self.session
        architecture = session.record.architecture
        if control == "lesson":
            self.become(restore_lesson_conventions(session))
        elif control == "frozen":
            names = st.sampled_from(sorted(parameter_names(architecture)))
            self.become(choose_frozen(session, data.draw(names), data.draw(st.booleans())))
        elif control != "through_time" or not time_obstacle(architecture):
            values = {"loss": tuple(LOSSES), "reduce": ("sum", "mean"), "update_after": ("example", "batch", 2)}
            value = data.draw(st.sampled_from((values | CHOICES)[control]))
            if control != "loss" or not loss_obstacle(session.lesson, str(value)):
                self.become(choose(session, control, value))

    @rule(optimizer=st.sampled_from(tuple(OPTIMIZERS)), rate=st.sampled_from([0.01, 0.5, 1.0]))
    def train_otherwise(self, optimizer: str, rate: float) -> None:
        training = self.session.training
        rates = replace(training.rates, learning_rate=rate)
        self.become(choose_training(self.session, replace(training, optimizer=optimizer, rates=rates)))

    @rule(data=st.data(), kind=st.sampled_from(EDITABLE), value=st.sampled_from(EDITED))
    def edit(self, data: st.DataObject, kind: Kind, value: float) -> None:
        with suppress(EditError):
            self.become(apply_edit(self.session, self.spot(data, kind), value))

    @rule(data=st.data(), kind=st.sampled_from([Kind.INPUT, Kind.TARGET]))
    def put_back(self, data: st.DataObject, kind: Kind) -> None:
        spot = self.spot(data, kind)
        own = replace(self.session, lesson=self.session.own_lesson)
        with suppress(EditError):
            self.become(apply_edit(self.session, spot, value_at(own, spot)))

    def spot(self, data: st.DataObject, kind: Kind) -> Spot:
        """A number that can be edited, of the examples often in the pass that is stepped."""
        session = self.session
        inputs, targets = session.lesson.dataset.inputs, session.lesson.dataset.targets
        if kind in (Kind.INPUT, Kind.TARGET):
            shape = (inputs if kind is Kind.INPUT else targets).shape
            time, unit = (data.draw(st.integers(0, count - 1)) for count in (shape[0], shape[2]))
            example = data.draw(st.one_of(st.just(session.example), st.integers(0, shape[1] - 1)))
            return Spot(Quantity(kind, unit=unit, time=time), example)
        sizes = session.record.architecture.sizes
        layer = data.draw(st.integers(0, len(sizes) - 2))
        unit = data.draw(st.integers(0, sizes[layer + 1] - 1))
        source = data.draw(st.integers(0, sizes[layer] - 1)) if kind is Kind.WEIGHT else None
        return Spot(Quantity(kind, layer, unit, source))

    @rule(where=st.sampled_from(PLACES), condition=st.sampled_from(["", *CONDITIONS]), ignore=st.integers(0, 2))
    def set_a_breakpoint(self, where, condition: str, ignore: int) -> None:
        if condition or not isinstance(where, AtCondition):
            self.become(add_breakpoint(self.session, where, condition, ignore))
        if len(self.session.breakpoints) > 3:
            self.become(remove_breakpoint(self.session, self.session.breakpoints[0].id))

    @rule(data=st.data())
    def switch_a_breakpoint(self, data: st.DataObject) -> None:
        for each in self.session.breakpoints[:1]:
            self.become(change_breakpoint(self.session, each.id, enabled=data.draw(st.booleans())))

    @rule(forward=st.booleans())
    def continue_for_a_moment(self, forward: bool) -> None:
        before = self.session
        if forward and before.checkpoint.update > LARGEST_RUN:
            return
        after, why = run(before, forward, lambda: True)
        if why.breakpoint is not None:
            assert (here(after) > here(before)) is forward
            assert here(after) != here(before)
        self.become(after)

    @rule(updates=st.integers(1, 40))
    def train_live(self, updates: int) -> None:
        if self.session.checkpoint.update <= LARGEST_RUN:
            self.become(trained_live(self.session, updates))

    # What always holds

    @invariant()
    def the_session_is_sound(self) -> None:
        session = self.session
        assert_sound_run(session.run)
        self.given += 1
        assert 0 <= session.position <= session.trace.end
        assert session.record.examples[session.record.row] == session.example
        assert session.record.parameters.vector.tobytes() == session.checkpoint.parameters.tobytes()
        assert session.record.count == session.checkpoint.update + 1
        assert session.record.rule == session.training.rule(session.checkpoint.epoch)
        assert session.trace.chain_rule == session.notation.chain_rule
        assert session.run.first <= session.checkpoint.update <= session.run.end
        rows = list(session.record.examples)
        assert session.record.x.tobytes() == session.lesson.dataset.inputs[:, rows].tobytes()
        assert session.record.t.tobytes() == session.lesson.dataset.targets[:, rows].tobytes()
        assert data_of(session) == data_of(replace(session, lesson=with_data_edits(session.own_lesson, session.edits)))
        assert (session.file_lesson is None) == (session.lesson is self.lessons[self.name])
        taken = session.step
        assert taken is None if session.position == 0 else taken is not None and taken.end == session.position

    @invariant()
    def the_pass_is_noted_and_is_as_it_was(self) -> None:
        session = self.session
        if is_changed(session):
            return
        noted = self.history.get(session.checkpoint.update)
        if noted is not None:
            assert_same_checkpoint(session.checkpoint, noted.checkpoint)
            assert session.record.examples == noted.examples
            assert session.record.updated.vector.tobytes() == noted.updated
            assert data_of(session) == noted.data
        updated = session.record.updated.vector.tobytes()
        self.history[session.checkpoint.update] = Noted(
            session.checkpoint, session.record.examples, updated, data_of(session)
        )

    @invariant()
    def back_undoes_step(self) -> None:
        before = self.session
        if self.given % OFTEN != 1 or (before.position and _enclosing(before) != before.position):
            return
        undone = back(step(before))
        assert (undone.position, undone.grain, undone.example) == (before.position, before.grain, before.example)
        assert_same_checkpoint(undone.checkpoint, before.checkpoint)
        assert undone.record.updated.vector.tobytes() == before.record.updated.vector.tobytes()
        assert undone.record.examples == before.record.examples

    @invariant()
    def replay_is_what_a_trainer_does(self) -> None:
        if self.given % OFTEN == 2:
            assert_trained_alone(self.session)

    @invariant()
    def what_was_noted_is_found_again(self) -> None:
        if self.given % OFTEN != 3 or not self.history or is_changed(self.session):
            return
        updates = sorted(self.history)
        update = updates[self.given % len(updates)]
        found = go_to_update(self.session, update)
        assert_same_checkpoint(found.checkpoint, self.history[update].checkpoint)
        assert found.record.examples == self.history[update].examples
        assert found.record.updated.vector.tobytes() == self.history[update].updated
        assert data_of(found) == self.history[update].data

    @invariant()
    def nothing_is_shown_before_it_is_known(self) -> None:
        if self.given % OFTEN == 4:
            assert_blind(self.session)


def _enclosing(session: Session) -> int:
    return session.trace.enclosing(session.grain, session.position).end


def assert_trained_alone(session: Session) -> None:
    """A trainer by itself gets from the start of each stretch to the next, and to where the learner is."""
    lesson = session.lesson
    for stretch in session.run.segments[-3:]:
        following = next_segment(session.run, stretch.start.update)
        goal = session.run.end if following is None else following.start.update
        network = with_loss(lesson.network, stretch.loss)
        trainer = Trainer(network, stretch.dataset, stretch.settings, stretch.convention)
        trainer.restore(aligned_start(stretch))
        marks = {mark.update: mark for mark in stretch.marks[1:]}
        while trainer.update_count < goal:
            if trainer.update_count in marks:
                assert_same_checkpoint(trainer.checkpoint(), marks[trainer.update_count])
            if session.checkpoint.update == trainer.update_count > stretch.start.update and not is_changed(session):
                assert_same_checkpoint(trainer.checkpoint(), session.checkpoint)
                assert tuple(int(i) for i in trainer.next_examples) == session.record.examples
            try:
                trainer.update()
            except NonFiniteError:
                continue
        if following is not None:
            assert with_edits(session, trainer).tobytes() == following.start.parameters.tobytes()
            assert trainer.epoch == following.start.epoch


def with_edits(session: Session, trainer: Trainer) -> np.ndarray:
    """Where a trainer has got to, with the weights that the learner has edited there."""
    parameters = view_parameters(trainer.architecture, trainer.parameters.vector.copy())
    for edit in session.edited:
        quantity = edit.spot.quantity
        assert quantity is not None
        if not edit.is_data and edit.update == trainer.update_count:
            array = parameters.part(PARAMETER_OF[quantity.kind].name, quantity.layer or 0)
            array[quantity.unit if quantity.source is None else (quantity.source, quantity.unit)] = edit.value
    return parameters.vector


def assert_blind(session: Session) -> None:
    """The views are the same whatever the numbers are that are not known yet."""
    spoilt = replace(session, trace=Trace(spoil(session), session.trace.chain_rule))
    finite = nonfinite_end(session.trace) is None  # where it is not, the card says so ahead of the step
    views: list[Callable[[Session], Any]] = [
        card if finite else lambda told: replace(card(told), note=""),
        *(picture, graph_picture, value_rows, listing),
    ]
    if session.record.architecture.is_recurrent:
        views.append(unrolled_picture)
    with np.errstate(all="ignore"):
        for view in views:
            difference = differing(view(session), view(spoilt))
            assert not difference, f"{view.__name__} tells at {session.position}: {difference}"


def spoil(session: Session) -> PassRecord:
    """The record with junk for every number that is not known at the session's position."""
    trace, record = session.trace, session.record
    arrays = {name: [array.copy() for array in getattr(record, name)] for name in UNIT_ARRAYS.values()}
    error, loss = record.error.copy(), record.loss.copy()
    vectors = {name: getattr(record, name).vector.copy() for name in ("gradients", "updated")}
    memory = record.memory_after.copy()
    slots = record.architecture.slots
    for group in trace.groups:
        known = trace.known(group.kind, group.layer, session.position, group.time)
        is_whole = known == group.items
        of = PARAMETER_OF.get(group.kind)
        if group.kind in UNIT_ARRAYS:
            _spoil_units(arrays[UNIT_ARRAYS[group.kind]][group.layer or 0][group.time], record.row, known, is_whole)
        elif group.kind is Kind.ERROR:
            _spoil_units(error[group.time], record.row, known, is_whole)
        elif group.kind is Kind.LOSS and not is_whole:
            loss[:] = JUNK
        elif of is not None and group.layer is not None and group.kind in (of.gradient, of.new):
            slot = slots[group.layer][of.name]
            unknown = np.ones(group.items, dtype=bool)
            unknown[:known] = False
            flat = unknown.reshape(group.units, group.sources).T.ravel() if of.is_matrix else unknown
            vectors["gradients" if group.kind is of.gradient else "updated"][slot][flat] = JUNK
            if group.kind is of.new:
                unknown[: known + 1] = False  # terms of the item under way are told
                flat = unknown.reshape(group.units, group.sources).T.ravel() if of.is_matrix else unknown
                memory[:, slot] = np.where(flat, JUNK, memory[:, slot])
    return replace(
        record,
        **{name: tuple(layers) for name, layers in arrays.items()},
        error=error,
        loss=loss,
        gradients=_parameters(record, vectors["gradients"]),
        updated=_parameters(record, vectors["updated"]),
        memory_after=memory,
    )


UNIT_ARRAYS = {Kind.Z: "z", Kind.A: "a", Kind.DE_DA: "dE_da", Kind.SLOPE: "slope", Kind.DELTA: "delta"}


def _spoil_units(rows: np.ndarray, row: int, known: int, is_whole: bool) -> None:
    """Of (examples, units): what the stepped example does not know yet, and until it knows all, the others' too."""
    if not is_whole:
        own = rows[row, :known].copy()
        rows[:] = JUNK
        rows[row, :known] = own


def _parameters(record: PassRecord, vector: np.ndarray) -> Parameters:
    return view_parameters(record.architecture, vector)


def differing(one: Any, other: Any, path: str = "") -> str:
    """Where two views differ; empty where they do not."""
    if isinstance(one, np.ndarray):
        return "" if np.array_equal(one, other, equal_nan=one.dtype.kind == "f") else path
    if dataclasses.is_dataclass(one) and not isinstance(one, type):
        pairs = ((f".{f.name}", getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one))
    elif isinstance(one, tuple | list):
        if len(one) != len(other):
            return f"{path} of length {len(one)} and {len(other)}"
        pairs = ((f"[{i}]", a, b) for i, (a, b) in enumerate(zip(one, other, strict=True)))
    else:
        same = one == other or (one != one and other != other)
        return "" if same else f"{path}: {one!r} and {other!r}"
    return next((found for name, a, b in pairs if (found := differing(a, b, path + name))), "")


def trained_live(session: Session, updates: int) -> Session:
    """As the window would: train until a breakpoint or a number that is not finite halts it, at most some updates."""
    lesson = session.lesson
    trainer = Trainer(session.network, lesson.dataset, session.training, session.convention)
    trainer.restore(session.checkpoint)
    watcher = live_breakpoints(session)
    watched = None if watcher is None else WatchedUpdates(trainer, watcher)
    with suppress(NonFiniteError):
        for _ in range(updates):
            (trainer if watched is None else watched).update()
            if watched is not None and watched.halt is not None:
                there = at_halt(session, trainer.checkpoint(), watched.halt)
                assert there.run.end == there.checkpoint.update == watched.halt.update
                return there
    return follow_training(session, trainer.checkpoint())


def assert_sound_run(run: Run) -> None:
    """The marks of a run rise, and none lies beyond its end."""
    updates = [mark.update for stretch in run.segments for mark in stretch.marks]
    assert updates == sorted(set(updates))
    assert updates[-1] <= run.end


class Keeper(Learner):
    """A learner who has branches, undoes changes, and saves and opens the session after every command."""

    lessons = OF_FILES

    @initialize(name=st.sampled_from(sorted(OF_FILES)), grain=st.sampled_from(Grain))
    def open_lesson(self, name: str, grain: Grain) -> None:
        super().open_lesson(name, grain)
        self.branches = one_branch(self.session)

    def become(self, session: Session) -> None:
        """Every change of settings, numbers or run can be undone."""
        before = self.session
        same = (session.training, session.edited, session.loss) == (before.training, before.edited, before.loss)
        if same:
            self.follow(replace_session(self.branches, session))
        else:
            self.follow(change_branch(self.branches, lambda _: session, "a change"))

    def follow(self, branches: Branches) -> None:
        """Stand on a branch; what its run does not have, because it was undone or is another branch's, is forgotten."""
        new = branches.here.session
        kept = [how_made(stretch) for stretch in new.run.segments]
        gone = [stretch.start.update for stretch in self.session.run.segments if how_made(stretch) not in kept]
        super().become(new)
        self.history = {update: noted for update, noted in self.history.items() if update < min([*gone, update + 1])}
        self.branches = branches

    @rule()
    def undo(self) -> None:
        self.follow(undo_in_branch(self.branches))

    @rule()
    def redo(self) -> None:
        self.follow(redo_in_branch(self.branches))

    @rule()
    def open_a_branch(self) -> None:
        if len(self.branches.all) < 3:
            self.follow(open_branch(self.branches))

    @rule(index=st.integers(0, 2))
    def switch_to_a_branch(self, index: int) -> None:
        self.follow(switch_branch(self.branches, index % len(self.branches.all)))

    @invariant()
    def it_is_the_same_once_saved_and_opened(self) -> None:
        saved = Saved(self.session, {"branches": self.branches})
        read = session_of_text(session_text(saved, ALL_PARTS), ALL_PARTS)
        branches = read.parts.get("branches", one_branch(read.session))
        assert not read.notes
        assert not difference(saved, read)
        assert branches.here.session is read.session
        for one, other in zip(self.branches.all, branches.all, strict=True):
            for branch in (one, other):
                for entry in (*branch.history.done, *branch.history.undone):
                    assert_sound_run(entry.before.run)
                    assert_sound_run(entry.after.run)
            assert_same_pass(one.session.record, other.session.record)
            assert is_changed(one.session) == is_changed(other.session)
            assert_sound_run(other.session.run)
            assert other.session.run.first == one.session.run.first
        if self.given % OFTEN == 5:
            update = (self.session.run.first + self.session.run.end) // 2
            found = [go_to_update(session, update) for session in (self.session, read.session)]
            assert_same_checkpoint(found[0].checkpoint, found[1].checkpoint)
            assert_same_pass(found[0].record, found[1].record)


Learner.TestCase.settings = settings(max_examples=WALKS, stateful_step_count=COMMANDS_EACH, deadline=None)
TestLearner = Learner.TestCase
Keeper.TestCase.settings = settings(max_examples=SAVED_WALKS, stateful_step_count=SAVED_COMMANDS, deadline=None)
TestKeeper = Keeper.TestCase


# The oracles find what they are to find


def test_a_view_that_looks_ahead_is_found() -> None:
    session = replace(start_session(LESSONS["koehn"]), position=3)
    assert spoil(session).a[1][0, 0, 0] == JUNK
    assert differing(session.record.a, spoil(session).a)
    assert not differing(session.record.x, spoil(session).x)
    end = replace(session, position=session.trace.end)
    assert not differing(end.record.updated.vector, spoil(end).updated.vector)
    assert not differing(end.record.gradients.vector, spoil(end).gradients.vector)


def test_a_run_that_is_not_a_trainers_is_found() -> None:
    session = go_to_update(start_session(LESSONS["koehn"]), 9)
    assert_trained_alone(session)
    mark = session.run.last_segment.marks[4]
    wrong = replace(mark, parameters=mark.parameters + 1e-16 * np.arange(len(mark.parameters)))
    marks = (*session.run.last_segment.marks[:4], wrong, *session.run.last_segment.marks[5:])
    stretches = (*session.run.segments[:-1], replace(session.run.last_segment, marks=marks))
    with pytest.raises(AssertionError):
        assert_trained_alone(replace(session, run=replace(session.run, segments=stretches)))
