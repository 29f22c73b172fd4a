"""Session files: what is saved opens again bit for bit, and a file broken or hostile is told in one line."""

from __future__ import annotations

import json
import tomllib
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger.branches import one_branch, open_branch, replace_session
from nnviz.debugger.commands import back, next_example, step
from nnviz.debugger.conditions.breakpoints import add_breakpoint, add_watch, change_breakpoint, toggle_breakpoint
from nnviz.debugger.conditions.expressions import ExpressionError, evaluate
from nnviz.debugger.edits import apply_edit, reset_to_lesson, value_at
from nnviz.debugger.quiz import predict
from nnviz.debugger.state.breakpoint import AtCondition, AtEdge, AtKind, AtLine, AtNonFinite, AtPhase, AtUnit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.prediction import Predicted, Tally
from nnviz.debugger.state.run import checkpoint_at
from nnviz.debugger.state.session import (
    Session,
    choose_checkpoint,
    choose_convention,
    choose_first_layer,
    choose_loss,
    choose_notation,
    choose_training,
    go_to_pass,
    is_changed,
    leave_pass,
    next_pass,
    previous_pass,
    retrace,
    start_session,
)
from nnviz.debugger.timeline import go_to_update, previous_update, to_present
from nnviz.debugger.undo import apply_change, redo, undo
from nnviz.debugger.why import start_trail_here
from nnviz.engine.arrays import frozen_array
from nnviz.engine.training import Checkpoint
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import load_lesson
from nnviz.lessons.notation import load_notation
from nnviz.lessons.reseed import reseed
from nnviz.present.network.picture import picture
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.run_book import PlotRuns, Recipe, add_run, open_book
from nnviz.resources import resource_path
from nnviz.sessions import checkpoints as session_arrays
from nnviz.sessions.fields import SessionError
from nnviz.sessions.save import ALL_PARTS
from nnviz.sessions.session_fields import Reader, Saved, SessionWriter
from nnviz.sessions.session_file import SessionPart, session_data, session_from, session_of_text, session_text
from nnviz.tracing.steps import Grain, Kind, Phase, Quantity

OLD = Path(__file__).parent.parent / "data" / "session-format-1.nnviz"
LESSONS = ("koehn", "krzeminski-rnn", "krzeminski-walkthrough", "from-scratch")


def saved_and_opened(session: Session) -> Session:
    saved = session_of_text(session_text(Saved(session)))
    assert saved.notes == ()
    return saved.session


def same_bits(one: Checkpoint, other: Checkpoint) -> bool:
    counters = [(c.update, c.epoch, c.position, repr(c.epoch_loss), c.memory.shape) for c in (one, other)]
    arrays = [(c.parameters.tobytes(), c.memory.tobytes()) for c in (one, other)]
    return counters[0] == counters[1] and arrays[0] == arrays[1]


VALUES = (
    *("notation", "training", "convention", "loss", "example"),
    *("position", "grain", "selection", "breakpoints", "watches", "edited"),
)


def told(session: Session) -> tuple[object, ...]:
    """Everything of a session that is a value, and its data bit for bit."""
    data = session.lesson.dataset
    return (data.inputs.tobytes(), data.targets.tobytes(), *(getattr(session, name) for name in VALUES))


def assert_same(one: Session, other: Session) -> None:
    assert told(one) == told(other)
    assert same_bits(one.checkpoint, other.checkpoint)
    assert is_changed(one) == is_changed(other)
    assert one.lesson.printed == other.lesson.printed
    for name in ("z", "a", "delta"):
        pairs = zip(getattr(one.record, name), getattr(other.record, name), strict=True)
        assert all(a.tobytes() == b.tobytes() for a, b in pairs)
    assert one.record.updated.vector.tobytes() == other.record.updated.vector.tobytes()
    assert (one.run.first, one.run.end, one.run.position) == (other.run.first, other.run.end, other.run.position)
    updates = {one.run.first, one.run.end, *(s.start.update for s in one.run.segments), one.checkpoint.update}
    for update in sorted(updates | {(one.run.first + one.run.end) // 2}):
        assert same_bits(
            checkpoint_at(leave_pass(one).run, one.lesson, update),
            checkpoint_at(leave_pass(other).run, other.lesson, update),
        )
        assert told(go_to_pass(leave_pass(one), update)) == told(go_to_pass(leave_pass(other), update))


def rate(session: Session, factor: float) -> Session:
    rates = replace(session.training.rates, learning_rate=session.training.rates.learning_rate * factor)
    return choose_training(session, replace(session.training, rates=rates))


def edited(session: Session) -> Session:
    """A weight of the learner's own, as an edit makes it."""
    vector = session.checkpoint.parameters.copy()
    vector[0] += 0.1
    parameters = frozen_array(vector)
    return retrace(session, checkpoint=replace(session.checkpoint, parameters=parameters))


WEIGHT, INPUT = Spot(Quantity(Kind.WEIGHT, 0, 0, 0)), Spot(Quantity(Kind.INPUT, unit=0), 1)
MOVES = {
    "step": step,
    "back": back,
    "term": lambda s: replace(s, grain=Grain.TERM),
    "next": next_pass,
    "previous": previous_pass,
    "train": lambda s: go_to_update(s, s.checkpoint.update + 37),
    "earlier": lambda s: go_to_update(s, max(s.run.first, s.checkpoint.update - 20)),
    "present": to_present,
    "example": next_example,
    "rate": lambda s: rate(s, 0.5),
    "adam": lambda s: choose_training(s, replace(s.training, optimizer="adam")),
    "momentum": lambda s: choose_training(s, replace(s.training, optimizer="momentum")),
    "shuffled": lambda s: choose_training(s, replace(s.training, shuffle=True, update_after=2)),
    "loss": lambda s: choose_loss(s, "squared"),
    "frozen": lambda s: choose_convention(s, replace(s.convention, frozen=("b1",))),
    "sequential": lambda s: choose_convention(s, replace(s.convention, update="sequential")),
    "standard": lambda s: choose_notation(s, load_notation("standard")),
    "own": lambda s: choose_notation(s, s.lesson.notation),
    "turned": lambda s: choose_convention(s, replace(s.convention, delta="descent", weights="units_first")),
    "layers": lambda s: choose_first_layer(s, 2) if s.notation.renumbers else s,
    "select": lambda s: replace(s, selection=Quantity(Kind.WEIGHT, 0, 1, 0)),
    "unit": lambda s: toggle_breakpoint(s, AtUnit(0, 1)),
    "delta": lambda s: add_breakpoint(s, AtUnit(1, 0, Kind.DELTA), "W1[1,1] > 0", 2),
    "edge": lambda s: toggle_breakpoint(s, AtEdge(0, 0, 1)),
    "kind": lambda s: toggle_breakpoint(s, AtKind(Kind.DELTA)),
    "line": lambda s: toggle_breakpoint(s, AtLine(Kind.Z, 0)),
    "phase": lambda s: toggle_breakpoint(s, AtPhase(Phase.UPDATE)),
    "condition": lambda s: add_breakpoint(s, AtCondition(), "sign(W1[1,2]) changes"),
    "bad": lambda s: toggle_breakpoint(s, AtNonFinite()),
    "off": lambda s: change_breakpoint(s, s.breakpoints[0].id, enabled=False, hits=3) if s.breakpoints else s,
    "watch": lambda s: add_watch(s, "norm(dW1) / norm(W1)"),
    "weight": lambda s: apply_edit(s, WEIGHT, value_at(s, WEIGHT) + 0.1),
    "input": lambda s: apply_edit(s, INPUT, 0.3),
    "as filed": reset_to_lesson,
    "watch one": lambda s: add_watch(s, "W1[2,1]"),
}  # fmt: skip


@settings(max_examples=40)
@given(st.sampled_from(LESSONS), st.lists(st.sampled_from(sorted(MOVES)), max_size=25))
def test_what_is_saved_is_opened_again_bit_for_bit(name, moves):
    session = start_session(load(name))
    for move in moves:
        with suppress(ExpressionError):  # of places that this lesson does not have
            session = MOVES[move](session)
    assert_same(session, saved_and_opened(session))
    assert_same(leave_pass(session), saved_and_opened(leave_pass(session)))


def test_a_session_goes_on_as_if_it_had_never_been_saved():
    session = previous_update(go_to_update(start_session(load("koehn")), 2345))
    opened = saved_and_opened(session)
    for move in (to_present, next_pass, step, lambda s: rate(s, 2.0), lambda s: go_to_update(s, 2400), previous_pass):
        session, opened = move(session), move(opened)
        assert_same(session, opened)
    for update in (0, 999, 1000, 2344, 2399):
        assert same_bits(go_to_update(session, update).checkpoint, go_to_update(opened, update).checkpoint)


def test_a_weight_of_the_learners_own_is_kept_and_told_from_the_runs():
    session = edited(go_to_update(start_session(load("koehn")), 10))
    session = replace(session, position=5)
    opened = saved_and_opened(session)
    assert is_changed(opened)
    assert same_bits(opened.checkpoint, session.checkpoint)
    assert same_bits(opened.recorded_checkpoint, session.recorded_checkpoint)
    assert same_bits(next_pass(opened).checkpoint, next_pass(session).checkpoint)


def test_a_condition_means_what_it_did_when_it_was_typed():
    session = add_watch(start_session(load("koehn")), "W[1,2]")  # Koehn's matrices have units first
    session = add_breakpoint(session, AtCondition(), "delta_2 < -0.5")
    session = choose_notation(session, load_notation("standard"))
    opened = saved_and_opened(session)
    assert opened.watches == session.watches
    assert opened.breakpoints == session.breakpoints
    assert evaluate(opened.watches[0].expression, opened) == 4.0
    renumbered = choose_first_layer(session, 2)
    renumbered = add_watch(renumbered, "z2")
    assert saved_and_opened(choose_first_layer(renumbered, 1)).watches == renumbered.watches


def test_numbers_that_are_not_finite_come_back_bit_for_bit():
    session = start_session(load("koehn"))
    odd = [np.nan, -np.nan, np.inf, -np.inf, -0.0, 5e-324, 1.7976931348623157e308, 0.1 + 0.2, 1 / 3]
    vector = frozen_array(odd)
    session = choose_checkpoint(session, replace(session.checkpoint, parameters=vector, epoch_loss=float("inf")))
    text = session_text(Saved(session))
    json.loads(text, parse_constant=lambda word: pytest.fail(word))
    assert session_of_text(text).session.checkpoint.parameters.tobytes() == vector.tobytes()


def test_a_large_network_is_written_as_base64_and_opens_again():
    session = go_to_update(start_session(load("graph-20-50-10")), 3)
    assert session.checkpoint.parameters.size > session_arrays.MOST_READABLE
    text = session_text(Saved(session))
    assert '"base64"' in text
    assert_same(session, session_of_text(text).session)
    assert len(text) < 14 * session.checkpoint.parameters.size * 2 + 12_000


def test_a_seed_that_was_drawn_anew_comes_back():
    lesson = reseed(load("krzeminski-sgd"), 7)
    session = go_to_update(start_session(lesson), 9)
    opened = saved_and_opened(session)
    assert_same(session, opened)
    assert opened.lesson.printed == ()


# The lesson's file


@pytest.fixture
def own_lesson(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(resource_path("lessons", "koehn.toml").read_text(encoding="utf-8"), encoding="utf-8")
    return path


def test_a_lesson_whose_file_is_gone_or_changed_opens_from_its_saved_text(own_lesson):
    session = go_to_update(start_session(load_lesson(own_lesson)), 5)
    text = session_text(Saved(session))
    assert session_of_text(text).notes == ()
    own_lesson.write_text(
        own_lesson.read_text(encoding="utf-8").replace("[[5], [-5]]", "[[6], [-5]]"), encoding="utf-8"
    )
    changed = session_of_text(text)
    assert changed.notes == (f"{own_lesson} has changed since the session was saved: opened as it was saved",)
    assert_same(session, changed.session)
    own_lesson.unlink()
    gone = session_of_text(text)
    assert gone.notes == (f"{own_lesson} is missing: opened as it was saved",)
    assert_same(session, gone.session)


def test_the_data_file_of_a_lesson_is_kept_too(tmp_path):
    own = '[data]\nfile = "points.csv"\n'
    text = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
    start, end = text.index("[data]"), text.index("[convention]\n")
    path = tmp_path / "mine.toml"
    path.write_text(text[:start] + own + text[end : text.index("[[printed]]")], encoding="utf-8")
    (tmp_path / "points.csv").write_text("0,0,0\r\n1,0,1\r\n0,1,1\r\n", encoding="utf-8", newline="")
    session = go_to_update(start_session(load_lesson(path)), 4)
    saved = session_text(Saved(session))
    (tmp_path / "points.csv").unlink()
    assert_same(session, session_of_text(saved).session)


# Parts


@pytest.fixture
def parts() -> tuple[SessionPart, ...]:
    """A score, and another session, as predictions and branches will be."""

    def branch_data(saved):
        if "branch" not in saved.parts:
            return None
        writer = SessionWriter(saved.session.lesson)
        return {"session": writer.session(saved.parts["branch"]), "checkpoints": writer.checkpoints()}

    def branch_from(saved, field):
        table = field.table(("session", "checkpoints"))
        branch = Reader(saved.session.lesson, table["checkpoints"]).session(table["session"])
        return replace(saved, parts={**saved.parts, "branch": branch})

    return (
        SessionPart(
            "score", lambda s: s.parts.get("score"), lambda s, f: replace(s, parts={**s.parts, "score": f.whole(0, 9)})
        ),
        SessionPart("branch", branch_data, branch_from),
    )


def test_parts_are_written_and_read_by_their_rows_of_the_table(parts):
    session = go_to_update(start_session(load("koehn")), 5)
    branch = rate(session, 3.0)
    data = session_data(Saved(session, parts={"score": 4, "branch": branch}), parts)
    opened = session_from(data, parts)
    assert opened.parts["score"] == 4
    assert_same(branch, opened.parts["branch"])
    with pytest.raises(SessionError, match=r"^score: must be from 0 to 9, not 12$"):
        session_from(data | {"score": 12}, parts)


def test_a_part_that_is_not_known_is_kept_and_told(parts):
    session = go_to_update(start_session(load("koehn")), 5)
    data = session_data(Saved(session, parts={"score": 4, "branch": session}), parts)
    older = session_from(json.loads(json.dumps(data)))
    assert older.notes == ("kept but not shown, because this version of nnviz does not know it: score, branch",)
    again = json.loads(session_text(older))
    assert (again["score"], again["branch"]) == (data["score"], data["branch"])
    assert session_from(again, parts).parts["score"] == 4


# For ever


def test_a_session_of_the_first_format_opens_for_ever():
    saved = session_of_text(OLD.read_text(encoding="utf-8"))
    session = saved.session
    assert saved.session.lesson.title == "XOR by hand"
    assert (session.checkpoint.update, session.run.end, session.position, session.grain) == (311, 312, 7, Grain.TERM)
    assert session.checkpoint.parameters[0] == float.fromhex(OLD_W)
    assert to_present(session).position == 4
    assert [breakpoint.where for breakpoint in session.breakpoints] == [
        AtUnit(0, 1), AtEdge(0, 0, 1), AtKind(Kind.DELTA), AtLine(Kind.Z, 0), AtPhase(Phase.UPDATE), AtCondition(),
        AtNonFinite(),
    ]  # fmt: skip
    assert session.breakpoints[5].condition.text == "abs(delta_2) < 1e-3"
    assert [watch.expression.text for watch in session.watches] == ["norm(W1)", "W[1,2]"]
    assert len(session.run.segments) == 2


OLD_W = "0x1.27acc874c97d2p+2"


EDITED = OLD.with_name("session-format-1-edits.nnviz")


def test_a_session_whose_run_began_at_an_edit_of_data_opens_for_ever():
    saved = session_of_text(EDITED.read_text(encoding="utf-8"))
    main, branch = (each.session for each in saved.parts["branches"].all)
    assert branch is saved.session
    assert (main.run.first, main.run.end, main.checkpoint.update) == (25, 40, 30)
    assert (branch.run.first, branch.run.end) == (30, 31)
    for session, value in ((main, 0.5), (branch, 0.75)):
        assert {edit.spot.quantity.kind: edit.value for edit in session.edits} == {"x": value, "t": 0.125, "W": 0.25}
        for update in range(session.run.first, session.run.end + 1):
            there = go_to_update(session, update)
            assert (there.lesson.dataset.inputs[0, 2, 1], there.lesson.dataset.targets[0, 0, 0]) == (value, 0.125)
            assert there.lesson is session.lesson
            assert not is_changed(there)


# Broken files


@pytest.fixture(scope="module")
def whole() -> dict:
    session = add_watch(add_breakpoint(start_session(load("koehn")), AtUnit(0, 1), "loss < 1"), "norm(W1)")
    session = replace(step(go_to_update(session, 30)), selection=Quantity(Kind.WEIGHT, 0, 1, 0))
    return json.loads(session_text(Saved(choose_training(session, replace(session.training, optimizer="adam")))))


def put(data: dict, path: str, value: object) -> dict:
    """A copy with a value at the end of a path such as session.run.stretches.0.marks."""
    data = json.loads(json.dumps(data))
    *inner, last = path.split(".")
    place = data
    for key in inner:
        place = place[int(key) if isinstance(place, list) else key]
    place[int(last) if isinstance(place, list) else last] = value
    return data


FAULTS = [
    ("format", 2, "format: 2 is newer than 1, the latest that this version of nnviz reads"),
    ("format", "1", "format: must be a whole number, not '1'"),
    ("session.example", 4, "session.example: must be from 0 to 3, not 4"),
    ("session.example", True, "session.example: must be a whole number, not true"),
    ("session.grain", "nueron", "session.grain: 'nueron' is not one of pass, layer, neuron, term"),
    ("session.loss", "cross_entropy", "session.loss: Cross entropy needs outputs that add up to 1"),
    ("session.training.beta1", 1.0, "session.training.beta1: must be a finite number from 0 to below 1, not 1.0"),
    ("session.training.learning_rate", "nan", "session.training.learning_rate: must be a finite number, not 'nan'"),
    ("session.training.update_after", 0, "session.training.update_after: must be from 1"),
    ("session.convention.frozen", ["W9"], "session.convention.frozen[1]: is not a parameter of this network"),
    ("session.here", 10**30, "session.here: "),
    ("session.run.end", 3, "session.here: is at update 30, outside the run from 0 to 3"),
    ("session.run.end", -1, "session.run.end: must be from 0 to"),
    ("session.run.stretches", [], "session.run.stretches: must have 1 to 1024 entries, not 0"),
    ("session.run.stretches.0.marks", [1, 1], "session.run.stretches[1]: has a checkpoint at update"),
    ("session.at.quantity.unit", 99, "session.at.quantity.unit: must be from 0 to 1, not 99"),
    ("session.selection", {"kind": "W"}, "session.selection: is not a quantity of this lesson"),
    ("session.selection", {"kind": "W_h", "layer": 0}, "session.selection: is not a quantity of this lesson"),
    ("session.breakpoints.0.at", "eval", "session.breakpoints[1].at: 'eval' is not one of"),
    ("session.breakpoints.0.unit", 7, "session.breakpoints[1].unit: must be from 0 to 1, not 7"),
    ("session.breakpoints.0.condition.text", "__import__", "session.breakpoints[1].condition.text: column 1"),
    ("session.watches.0.expression.text", "1 +" * 500, "session.watches[1].expression.text: "),
    ("session.extra", 1, "session.extra: unknown"),
    ("checkpoints.0.position", 4, "checkpoints[1].position: must be from 0 to 3, not 4"),
    ("checkpoints.0.memory", ["zero"] * 3, "checkpoints[1].memory: must have 0 to 2 entries, not 3"),
    ("checkpoints.0.memory", ["zero"], "this checkpoint has 1 vectors of memory; adam needs 2"),
    ("checkpoints.0.parameters.W1", [[1, 2]], "checkpoints[1].parameters.W1: must have 2 entries, not 1"),
    ("checkpoints.0.parameters.W1.0.0", "1e999", "checkpoints[1].parameters.W1[1][1]: must be a number, not '1e999'"),
    ("checkpoints.0.parameters.W1.0.0", 10**400, "checkpoints[1].parameters.W1[1][1]: must be a finite number"),
    ("checkpoints.0.parameters", {"base64": ["!!!!"]}, "checkpoints[1].parameters.base64: must be valid base64"),
    ("checkpoints.0.parameters", {"base64": ["AAAA"]}, "checkpoints[1].parameters.base64: has 3 bytes"),
    ("checkpoints.0.parameters", {"base64": ["A" * 10_000]}, "checkpoints[1].parameters.base64: must be base64 of 9"),
    ("lesson.text.9", "inputs = 3", "lesson.checksum: does not match the lesson's text"),
    ("lesson.path", "x", "lesson: must have either a name or a path"),
    ("lesson.name", "../../etc/passwd", "lesson.name: is not the name of a bundled lesson"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_every_mistake_is_one_clear_line(whole, path, value, message):
    with pytest.raises(SessionError) as caught:
        session_of_text(json.dumps(put(whole, path, value)))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "line 1: not JSON: Expecting value (the file ends too early)"),
        ("[1]", "not a session saved by nnviz"),
        ('{"format": 1}', "lesson: missing"),
        ('{"format": 1, "format": 1}', "a key occurs twice in one table"),
        ('{"format": NaN}', "not JSON: NaN is not a JSON number"),
        ("[" * 100_000, "nested too deeply"),
        ('{"format": ' + "9" * 5000 + "}", "not JSON: a number has too many digits"),
        ('{"format": 1, "lesson": {"name": "koehn", "checksum": "", "text": ["\\ud800"]}, "session": 1, '
         '"checkpoints": 1}',
         "lesson.text[1]: is not valid Unicode text"),
    ],
)  # fmt: skip
def test_what_is_no_session_is_refused_in_one_line(text, message):
    with pytest.raises(SessionError) as caught:
        session_of_text(text)
    assert str(caught.value) == message


def test_a_file_that_was_cut_off_anywhere_is_refused(whole):
    text = json.dumps(whole)
    for end in range(0, len(text) - 1, 97):
        with pytest.raises(SessionError):
            session_of_text(text[:end])


HOSTILE = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**20), 10**20), st.floats(), st.text(max_size=5),
    st.sampled_from(["nan", "zero", "lesson", "koehn", [], {}, [[]], {"base64": []}, 10**400, -1, "\x1b[2J"]),
)  # fmt: skip


@pytest.fixture(scope="module")
def everything(whole) -> dict:
    """A session with edits that can be undone, a branch and a run beside it, and a value asked for and asked about."""
    session = apply_edit(apply_edit(session_from(whole).session, WEIGHT, 0.5), INPUT, 0.3)
    branches = open_branch(one_branch(session))
    history, changed_session = apply_change(
        branches.here.history, session, lambda s: apply_edit(s, INPUT, 0.4), "x₁ = 0.4"
    )
    branches = replace_session(branches, start_trail_here(predict.start(step(changed_session))), history)
    now = branches.here.session
    book = add_run(
        open_book(now.own_lesson, now.training), LossRun("", 0, *np.ones((2, 1), dtype=int)), Recipe("a"), "b"
    )
    more = {"branches": branches, "predict": Predicted((("z", Tally(1, 1)),), now.predicting), "runs": PlotRuns(book)}
    return json.loads(session_text(Saved(now, parts=more), ALL_PARTS))


def places(value: object, path: tuple = ()) -> list[tuple]:
    """Every path of a nested value."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, entry in inner for place in places(entry, (*path, key)))]


@settings(max_examples=300)
@given(st.data())
def test_a_file_with_any_value_in_any_place_opens_or_is_refused(everything, data):
    spots = [place for place in places(everything) if place and place[:2] != ("lesson", "text")]
    damaged = json.loads(json.dumps(everything))
    for place in data.draw(st.lists(st.sampled_from(spots), min_size=1, max_size=2)):
        value, inner = data.draw(HOSTILE), damaged
        try:
            for key in place[:-1]:
                inner = inner[key]
            inner[place[-1]] = value
        except (KeyError, IndexError, TypeError):
            continue
    try:
        saved = session_from(damaged, ALL_PARTS)
    except SessionError as error:
        told_lines = str(error).splitlines()
    else:
        told_lines = [""]
        session = saved.session
        assert 0 <= session.position <= session.trace.end
        step(session)
        picture(session)
        for branch in saved.parts.get("branches", one_branch(session)).all:
            redo(*undo(branch.history, branch.session))
    assert len(told_lines) == 1


def test_a_text_of_a_lesson_with_a_mistake_names_its_line(whole):
    text = whole["lesson"]["text"]
    lines = ["units = 0" if line == "units = 2" else line for line in text]
    from nnviz.sessions.lesson_fields import _checksum

    data = put(put(whole, "lesson.text", lines), "lesson.checksum", _checksum("\n".join(lines), None))
    with pytest.raises(SessionError, match=r"^lesson.text: line 17: network.layers\[1\].units: "):
        session_from(data)


def test_the_lesson_of_a_session_can_be_copied_out_of_it(whole):
    assert tomllib.loads("\n".join(whole["lesson"]["text"]))["title"] == "XOR by hand"


def test_summary_and_topics_of_a_lesson_come_back() -> None:
    session = start_session(load("koehn"))
    lesson = saved_and_opened(session).lesson
    assert (lesson.summary, lesson.topics) == (session.lesson.summary, session.lesson.topics)
    assert lesson.topics == ("First steps", "Backward pass")
