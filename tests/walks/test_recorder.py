"""Recording: whatever is done live, playing the recorded walk leads to the same sessions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.debugger import commands
from nnviz.debugger.branches import Branches, change_branch, one_branch, redo_in_branch, replace_session, undo_in_branch
from nnviz.debugger.choices import choose, choose_frozen
from nnviz.debugger.edits import apply_edit, reset_to_lesson, spot_of
from nnviz.debugger.state.edit import RATE, Spot
from nnviz.debugger.state.session import Session, choose_example, choose_notation, choose_training, start_session
from nnviz.debugger.timeline import go_to_epoch, go_to_update, to_present
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.walks.playing import play_scenes
from nnviz.walks.recorded_lines import is_like
from nnviz.walks.recorder import Recording, begin_recording, record_layout, record_pause, record_session, recorded_walk
from nnviz.walks.walk import Scene, Walk
from nnviz.walks.walk_file import parse_walk
from nnviz.walks.walk_text import write_walk

MOVES = [command.run for command in commands.COMMANDS if command.id not in ("nonfinite",)]
Change = Callable[[Branches], Branches]


def moved(move: commands.Move) -> Change:
    return lambda branches: replace_session(branches, move(branches.here.session))


def changed(move: commands.Move, branches_off: bool = False) -> Change:
    return lambda branches: change_branch(branches, move, "change", branches_off=branches_off)


def edited(spot: Spot, value: float) -> Change:
    return changed(lambda session: apply_edit(session, spot, value), branches_off=spot != RATE)


def chosen(control: str, value: object) -> Change:
    return changed(lambda session: choose(session, control, value))


def weight(session: Session, layer: int, unit: int, source: int | None) -> Spot:
    spot = spot_of(session, Quantity(Kind.WEIGHT if source is not None else Kind.BIAS, layer, unit, source))
    assert spot is not None
    return spot


NUMBERS = st.floats(-3, 3, allow_subnormal=False)


@st.composite
def changes(draw: st.DrawFn, session: Session) -> Change:
    sizes = session.record.architecture.sizes
    layer = draw(st.integers(0, len(sizes) - 2))
    unit = draw(st.integers(0, sizes[layer + 1] - 1))
    source = draw(st.none() | st.integers(0, sizes[layer] - 1))
    kind, place = draw(st.sampled_from([(Kind.INPUT, 0), (Kind.TARGET, len(sizes) - 1)]))
    data = Spot(
        Quantity(kind, unit=draw(st.integers(0, sizes[place] - 1))),
        draw(st.integers(0, len(session.lesson.dataset) - 1)),
    )
    example = draw(st.integers(0, len(session.lesson.dataset) - 1))
    position = draw(st.integers(0, 80))
    update = draw(st.integers(0, 12))
    notation = load_notation(draw(st.sampled_from(["koehn", "krzeminski", "standard", "graph", "koehn-chain-rule"])))
    number = draw(NUMBERS)
    return draw(
        st.sampled_from(
            [
                *(moved(move) for move in MOVES),
                *(moved(move) for move in MOVES),
                moved(lambda s: commands.go_to(s, position)),
                moved(lambda s: go_to_update(s, update)),
                moved(lambda s: go_to_epoch(s, s.checkpoint.epoch + 1 + update % 3)),
                moved(to_present),
                moved(lambda s: choose_example(s, example)),
                moved(lambda s: choose_notation(s, notation)),
                edited(weight(session, layer, unit, source), number),
                edited(data, min(abs(number), 1.0)),
                edited(RATE, abs(number) + 0.001),
                changed(reset_to_lesson),
                changed(lambda s: choose_training(s, replace(s.training, optimizer="momentum"))),
                changed(lambda s: choose_frozen(s, "W2", not s.convention.frozen)),
                chosen("slope", draw(st.sampled_from(["exact", "product_of_z"]))),
                chosen("update", draw(st.sampled_from(["simultaneous", "sequential"]))),
                chosen("update_after", draw(st.sampled_from(["example", "batch", 3]))),
                chosen("reduce", "mean"),
                undo_in_branch,
                redo_in_branch,
            ]
        )
    )


@given(st.data(), st.sampled_from(["koehn", "krzeminski-sgd", "from-scratch", "krzeminski-rnn", "graph"]))
@settings(max_examples=40)
def test_playing_a_recorded_walk_gives_the_same_sessions(data: st.DataObject, name: str) -> None:
    branches = one_branch(start_session(load(name)))
    recording = begin_recording(branches.here.session, name, "Recorded")
    sessions: list[Session] = []
    for _ in range(data.draw(st.integers(1, 8))):
        branches = data.draw(changes(branches.here.session))(branches)
        recording = record_pause(record_session(recording, branches.here.session), 1.0)
        assert recording.missed == 0
        if recording.scenes:
            sessions[len(recording.scenes) - 1 :] = [branches.here.session]
    walk = recorded_walk(recording)
    assert parse_walk(write_walk(walk)) == walk
    for scene, session in zip(play_scenes(walk, shows_training=False), sessions, strict=False):
        assert scene.issues == ()
        assert is_like(scene.session, session)


def recorded(*sessions: Session, start: Session) -> Recording:
    recording = begin_recording(start, "koehn", "Test")
    for session in sessions:
        recording = record_session(recording, session)
    return recording


@pytest.fixture
def start() -> Session:
    return start_session(load("koehn"))


def test_steps_are_counted_in_one_line(start: Session) -> None:
    one = commands.step(start)
    two = commands.step(one)
    recording = recorded(one, two, commands.step(two), two, start=start)
    assert recording.scene.do == ("step 3", "back")


def test_what_is_done_is_recorded_in_the_words_of_the_debugger(start: Session) -> None:
    edit = apply_edit(start, weight(start, 1, 0, 1), 0.5)
    later = apply_edit(edit, RATE, 0.25)
    grain = commands.set_grain(Grain.LAYER)(later)
    assert recorded(edit, later, grain, commands.last(grain), start=start).scene.do == (
        "set W2[1,2] = 0.5",
        "set rate = 0.25",
        "grain layer",
        "last",
    )


def test_training_has_a_scene_of_its_own(start: Session) -> None:
    one = commands.step(start)
    trained = go_to_epoch(one, 20)
    walk = recorded_walk(recorded(one, trained, commands.step(trained), start=start))
    assert [scene.do for scene in walk.scenes] == [("step",), ("train 20",), ("step",)]
    assert [scene.seconds for scene in walk.scenes] == [None, 10.0, None]


def test_a_training_that_comes_back_by_undo_is_no_training(start: Session) -> None:
    branches = one_branch(start)
    recording = begin_recording(start, "koehn", "Test")
    changes: tuple[Change, ...] = (
        moved(lambda session: go_to_epoch(session, 20)),
        moved(lambda session: go_to_update(session, 5)),
        edited(weight(start, 1, 0, 1), 0.5),
        undo_in_branch,
    )
    for change in changes:
        branches = change(branches)
        recording = record_session(recording, branches.here.session)
    walk = recorded_walk(recording)
    assert [scene.seconds for scene in walk.scenes] == [10.0, None]
    assert walk.scenes[-1].do[-1] == "undo"
    assert all(scene.issues == () for scene in play_scenes(walk))


def test_pauses_and_layouts_divide_a_walk_into_scenes(start: Session) -> None:
    recording = record_session(begin_recording(start, "koehn", "Test"), commands.step(start))
    recording = record_layout(record_pause(recording, 3.14159), "code")
    recording = record_session(record_layout(recording, "code"), commands.last(start))
    recording = record_pause(record_pause(recording, 2.0), 1.5)
    recording = record_session(record_layout(recording, "network"), start)
    assert recorded_walk(recording) == Walk(
        title="Test",
        lesson="koehn",
        scenes=(
            Scene(do=("step",), hold=3.1),
            Scene(do=("last",), layout="code", hold=3.5),
            Scene(do=("first",)),
        ),
    )


def test_a_recording_begins_where_the_session_is(start: Session) -> None:
    edited_there = apply_edit(go_to_update(start, 6), weight(start, 0, 1, 0), 1.5)
    here = commands.step(commands.set_grain(Grain.LAYER)(edited_there))
    recording = begin_recording(here, "koehn", "Test")
    assert recording.missed == 0
    assert recording.scene.do[:2] == ("update 6", "set W[2,1] = 1.5")
    (scene,) = play_scenes(recorded_walk(recording))
    assert is_like(scene.session, here)


def test_what_no_command_makes_is_counted(start: Session) -> None:
    training = replace(start.training, seed=7)
    recording = record_session(begin_recording(start, "koehn", "Test"), choose_training(start, training))
    assert recording.missed == 1


def test_an_empty_recording_is_a_walk_of_one_scene(start: Session) -> None:
    walk = recorded_walk(begin_recording(start, "koehn", "Test"))
    assert walk.scenes == (Scene(title="Test"),)
    assert parse_walk(write_walk(walk)) == walk
