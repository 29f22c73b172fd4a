"""Playing a walk: its moments, their times, training by replay, questions, and what a walk must not do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nnviz.debugger.state.session import start_session
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer, train_epochs
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.present.network.why_rings import BOX, DISC
from nnviz.present.stage.shots import FilmLook
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.walks.moments import Moment, duration, scene_starts, start_times
from nnviz.walks.playing import ANSWER_HOLD, LEAST_HOLD, QUESTION_HOLD, play, play_scenes, reading_time
from nnviz.walks.walk import Scene, Walk, WalkStage
from nnviz.walks.walk_file import parse_walk
from nnviz.walks.walk_shots import walk_shots
from nnviz.walks.walk_verdicts import walk_verdicts


def walk_of(*scenes: Scene, lesson: str = "koehn", **stage: object) -> Walk:
    return Walk(title="Test", lesson=lesson, scenes=scenes, stage=WalkStage(**stage))  # type: ignore[arg-type]


def moments_of(*scenes: Scene, lesson: str = "koehn", **stage: object) -> list[Moment]:
    return list(play(walk_of(*scenes, lesson=lesson, **stage)))


def positions(moments: list[Moment]) -> list[tuple[int, int]]:
    return [(moment.session.checkpoint.update, moment.session.position) for moment in moments]


def test_every_step_that_a_line_passes_is_a_moment() -> None:
    trace = start_session(load("koehn")).trace
    ends = [trace.step(Grain.NEURON, index).end for index in range(6)]
    assert ends[-1] == trace.find(Quantity(Kind.A, 1, 0))
    assert positions(moments_of(Scene(do=("run-to y",)))) == [(0, end) for end in ends]
    assert positions(moments_of(Scene(do=("step 3", "back 2")))) == [(0, at) for at in (*ends[:3], ends[1], ends[0])]
    assert positions(moments_of(Scene(do=("last",)))) == [(0, trace.end)]


def test_steps_lead_into_the_next_pass() -> None:
    trace = start_session(load("koehn")).trace
    found = positions(moments_of(Scene(do=("last", "back", "step 3"))))
    assert found[0] == (0, trace.end)
    assert found[-1][0] == 1
    assert (0, trace.end) in found[2:]
    assert (1, 0) in found


def test_a_change_of_the_grain_alone_is_no_moment() -> None:
    moments = moments_of(Scene(do=("step", "grain term")), Scene(do=("grain layer",)))
    assert len(moments) == 2
    assert moments[0].session.grain is Grain.TERM
    assert moments[1].session.grain is Grain.LAYER


def test_a_step_is_shown_at_the_pace_and_the_last_moment_is_held() -> None:
    moments = moments_of(Scene(do=("step 3",), hold=4.0), pace=0.5)
    assert [moment.seconds for moment in moments] == [0.5, 0.5, 4.5]
    assert [moment.seconds for moment in moments_of(Scene(hold=7.0))] == [7.0]
    assert duration(moments) == 5.5
    assert start_times(moments) == (0.0, 0.5, 1.0)


def test_a_scene_is_held_until_its_caption_is_read() -> None:
    caption = "A sentence that takes a while to read, whatever the machine."
    assert duration(moments_of(Scene(say=caption))) == pytest.approx(reading_time(caption))
    assert duration(moments_of(Scene(say=caption, do=("step 2",)), pace=1.0)) == pytest.approx(reading_time(caption))
    assert moments_of(Scene(do=("step",)), pace=1.0)[-1].seconds == 1.0 + LEAST_HOLD
    assert reading_time("a $\\frac{a}{b}$ b") < reading_time("a \\frac{a}{b} b, spelled out in letters")


def test_a_caption_has_the_numbers_after_the_last_line_in_every_moment() -> None:
    moments = moments_of(Scene(do=("step", "set b2 = 0", "step"), say="{b2:d} {y:.4f}"))
    assert {moment.caption for moment in moments} == {moments[-1].caption}
    assert moments[0].caption.startswith("0 0.9552")


def test_a_scene_has_its_own_layout_or_that_of_the_stage() -> None:
    moments = moments_of(Scene(title="a"), Scene(layout="plots"), layout="graph")
    assert [moment.layout for moment in moments] == ["graph", "plots"]
    assert scene_starts(moments) == (0, 1)


def test_training_is_shown_as_evenly_spaced_epochs() -> None:
    moments = moments_of(Scene(do=("train 40",), seconds=2.0, hold=1.0))
    assert len(moments) == 20
    assert [moment.training.epoch for moment in moments if moment.training] == list(range(2, 41, 2))
    assert duration(moments) == pytest.approx(3.0)
    for moment in moments:
        assert moment.training is not None
        assert moment.training.epoch == moment.session.checkpoint.epoch
        assert moment.session.run.end == moment.session.checkpoint.update  # nothing is known of what follows
    assert moments[-1].training is not None
    assert moments[-1].training.share == 1.0


def test_the_passes_of_a_shown_training_are_made_when_they_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    def counted(*args: Any, **options: Any) -> PassRecord:
        made.append(options["count"])
        return run_pass(*args, **options)

    monkeypatch.setattr("nnviz.debugger.state.session.run_pass", counted)
    moments = moments_of(Scene(do=("train 400",), seconds=40.0, hold=1.0))
    assert len(moments) == 400
    assert len(made) < 10
    made.clear()
    assert [moment.session.checkpoint.epoch for moment in moments[::4]] == list(range(1, 401, 4))
    assert len(made) == 100


def test_every_epoch_is_shown_if_there_are_few() -> None:
    moments = moments_of(Scene(do=("train 3",), seconds=6.0, hold=0.0))
    assert [moment.session.checkpoint.epoch for moment in moments] == [1, 2, 3]
    assert [moment.seconds for moment in moments] == [2.0, 2.0, 2.0]


def test_the_passes_of_a_shown_training_are_those_of_the_trainer() -> None:
    lesson = load("krzeminski-batch")
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    by_epoch = {}
    losses = []
    for epoch, loss in enumerate(train_epochs(trainer, 50), start=1):
        by_epoch[epoch] = trainer.checkpoint().parameters
        losses.append(loss)
    moments = moments_of(Scene(do=("train 20",), seconds=1.0), Scene(do=("train 30",)), lesson="krzeminski-batch")
    assert len(moments) == 11
    for moment in moments:
        epoch = moment.session.checkpoint.epoch
        assert np.array_equal(moment.session.checkpoint.parameters, by_epoch[epoch])
        assert moment.curve is not None
        assert (moment.curve.first, moment.curve.end) == (1, epoch)
        assert moment.curve.losses.tolist() == losses[:epoch]
    assert moments[-1].training is None  # without seconds, a training is not shown


def test_the_curve_ends_where_the_walk_goes_back() -> None:
    moments = moments_of(Scene(do=("train 5", "update 8", "set rate = 0.5", "train 2")))
    curves = [moment.curve for moment in moments]
    assert [curve.end for curve in curves if curve] == [5, 2, 2, 4]
    assert len({curve.first for curve in curves if curve}) == 1


def test_less_than_an_epoch_is_shown_by_its_updates() -> None:
    moments = moments_of(Scene(do=("update 3",), seconds=1.0), lesson="krzeminski-sgd")
    assert [moment.session.checkpoint.update for moment in moments] == [1, 2, 3]


def test_training_stops_at_infinity() -> None:
    moments = moments_of(
        Scene(do=("set step = uphill", "set slope = product_of_z", "set rate = 100", "train 900"), seconds=1.0),
        lesson="krzeminski-sgd",
    )
    assert 0 < moments[-1].session.checkpoint.epoch < 900


def test_playing_twice_gives_the_same_moments() -> None:
    scenes = (Scene(do=("step 4", "train 30"), seconds=1.0, say="{y}"), Scene(ask="y"))
    one, other = moments_of(*scenes), moments_of(*scenes)
    assert positions(one) == positions(other)
    for first, second in zip(one, other, strict=True):
        assert np.array_equal(first.session.checkpoint.parameters, second.session.checkpoint.parameters)
        assert (first.caption, first.seconds, first.ask) == (second.caption, second.seconds, second.ask)


def test_a_question_hides_its_value_until_it_is_answered() -> None:
    moments = moments_of(Scene(do=("run-to h[1]",)), Scene(ask="y", say="What is y?"), Scene(say="{y:.2f}"))
    asked, answered, after = moments[-3:]
    assert asked.is_waiting
    assert not answered.is_waiting
    assert asked.ask is not None
    assert asked.ask.quantity == Quantity(Kind.A, 1, 0)
    assert asked.session.asked == asked.ask.step
    assert asked.session.position == asked.ask.step.start
    assert answered.session.step == asked.ask.step
    assert answered.session.predicting is None
    assert (asked.seconds, answered.seconds) == (QUESTION_HOLD, ANSWER_HOLD)
    assert after.session is answered.session


def test_a_question_at_the_grain_of_a_pass_is_asked_by_neurons() -> None:
    moments = moments_of(Scene(ask="y", hold=1.0), grain="pass")
    assert moments[0].session.grain is Grain.NEURON
    assert moments[0].seconds == 1.0


@pytest.mark.parametrize(
    ("scene", "field", "words"),
    [
        (Scene(do=("stpe",)), "scene[1].do[1]", "stpe: unknown command; did you mean 'step'?"),
        (Scene(do=("step", "run-to q")), "scene[1].do[2]", "run-to: column 1: unknown name 'q'"),
        (Scene(do=("back",)), "scene[1].do[1]", "back: this is the start of the run"),
        (Scene(say="{q}"), "scene[1].say", "unknown name 'q'"),
        (Scene(say="{epoch_loss}"), "scene[1].say", "epoch_loss is not known in this pass"),
        (Scene(point=("x", "q")), "scene[1].point[2]", "unknown name 'q'"),
        (Scene(zoom="loss"), "scene[1].zoom", "loss is not in a layer"),
        (Scene(expect=("y",)), "scene[1].expect[1]", "a condition must be true or false"),
        (Scene(ask="h"), "scene[1].ask", "h has the shape (2,); name one of its numbers, as in h[1]"),
        (Scene(ask="x[1]"), "scene[1].ask", "x[1] is given, not computed in the pass"),
        (Scene(do=("last",), ask="y"), "scene[1].ask", "y is already known here"),
        (Scene(ask="y", say="It is {y:.1f}."), "scene[1].say", "shows y before it is asked for"),
        (Scene(do=("step",), seconds=3.0), "scene[1].seconds", "no line of this scene trains"),
        (Scene(audio="/etc/hostname"), "scene[1].audio", "'/etc/hostname' is not a file beside the walk"),
        (Scene(audio="none.ogg"), "scene[1].audio", "'none.ogg' is not a file beside the walk"),
    ],
)
def test_a_mistake_in_a_scene_is_reported_with_its_field(scene: Scene, field: str, words: str) -> None:
    with pytest.raises(LessonError) as caught:
        list(play(walk_of(scene)))
    assert [fault.field for fault in caught.value.faults] == [field]
    assert words in caught.value.faults[0].message


def test_the_mistakes_of_all_scenes_are_reported_with_their_lines() -> None:
    text = 'format = 1\ntitle = "A"\nlesson = "koehn"\n[[scene]]\ndo = ["stpe"]\n[[scene]]\nsay = "{q}"\nzoom = "q"\n'
    with pytest.raises(LessonError) as caught:
        list(walk_verdicts(parse_walk(text, "a.walk.toml")))
    assert [fault.line for fault in caught.value.faults] == [5, 7, 8]
    assert str(caught.value).startswith("a.walk.toml:5: scene[1].do[1]: stpe: ")


WRITING = [command for command in SHELL_COMMANDS if command.walk_obstacle]


def words_of(line: str) -> Iterator[str]:
    """Every way to write the command: its name, its short form, and the name in a line with a comment."""
    command = next(each for each in SHELL_COMMANDS if each.name == line)
    yield from (word for word in (command.name, command.short, f"{command.name} # a comment") if word)


@pytest.mark.parametrize("name", [command.name for command in WRITING])
def test_a_command_that_writes_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for line in words_of(name):
        with pytest.raises(LessonError, match=f"{name}: not in a walk, because "):
            list(play(walk_of(Scene(do=(line,)))))
    assert os.listdir(tmp_path) == []


def test_the_commands_that_write_are_marked() -> None:
    assert {command.name for command in WRITING} == {
        *("save", "quit"),
        *("predict", "answer", "hint", "reveal", "skip", "score"),
    }


def test_no_command_of_a_walk_writes_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    lines = {
        **dict.fromkeys(("update", "epoch", "train"), "2"),
        "run-to": "y",
        "example": "2",
        "break": "if y > 2",
        "tbreak": "if y > 2",
        "delete": "1",
        "enable": "2",
        "disable": "2",
        "ignore": "2 1",
        "watch": "y",
        "unwatch": "1",
        "why": "y",
        "feeds": "y",
        "print": "y",
        "info": "names",
        "find": "0.7425526",
        "set": "b2 = 1",
        "grain": "neuron",
        "notation": "koehn",
        "branch": "list",
    }
    allowed = [command.name for command in SHELL_COMMANDS if not command.walk_obstacle]
    do = tuple(f"{name} {lines.get(name, '')}".strip() for name in ("last", *allowed))
    for scene in play_scenes(walk_of(Scene(do=do))):
        reasons = {issue.message.partition(":")[0] for issue in scene.issues}
        assert reasons <= {
            "nonfinite",
            "redo",
            "undo",
            "back",
            "into",
            "out",
            "feeds",
            "reverse-continue",
            "why",
            "reset",
        }
    assert os.listdir(tmp_path) == []


def test_expectations_are_checked_in_the_finished_pass() -> None:
    (scene,) = play_scenes(walk_of(Scene(expect=("y > 0.7", "loss < 0.01", "2 * y > 1 and y < 0.7", "epoch_loss > 0"))))
    assert [found.is_true for found in scene.expectations] == [True, False, False, False]
    assert scene.expectations[1].found == "loss = 0.033140"
    assert scene.expectations[2].found == "2 * y = 1.485105, y = 0.742553"
    assert scene.expectations[3].found == "not known in this pass"
    assert not scene.issues


def test_interrupting_a_long_line_interrupts_the_walk(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnviz.walks.playing import WalkShell

    monkeypatch.setattr(WalkShell, "do", lambda shell, line: shell.interrupt())
    with pytest.raises(KeyboardInterrupt):
        list(play(walk_of(Scene(do=("train 5",)))))


def test_the_positions_of_a_line_go_one_way() -> None:
    moments = moments_of(Scene(do=("next", "next", "next")))
    assert all(one < other for one, other in pairwise(positions(moments)))


def test_a_weight_is_ringed_at_its_number_not_along_its_edge() -> None:
    walk = walk_of(Scene(do=("run-to s[1]",), point=("W[1,1]", "delta_W2[1,1]", "h[1]")))
    shots = list(walk_shots(walk, FilmLook(width=1280, height=720)))
    assert [ring.shape for ring in shots[-1].shot.stage.rings] == [BOX, DISC], "the change is not known yet"
