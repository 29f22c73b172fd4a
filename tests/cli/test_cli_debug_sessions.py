"""Health, the first NaN or infinity, and session files, in `nnviz debug`."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest

from nnviz.cli import main
from nnviz.debugger.diagnosis.findings import findings, remedies
from nnviz.debugger.state.prediction import Tally
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.runs.run_book import PlotRuns, grow_run, open_book
from nnviz.present.words.health_text import ALL_FINITE, marks_of, no_marks_text
from nnviz.sessions.save import read_session, write_session
from nnviz.sessions.session_fields import Saved

DEEP = """
format = 1
title = "Deep and timid"
[network]
inputs = 1
loss = "half_squared"
{layers}
[data]
inputs = [[1], [2], [3], [4]]
targets = [[0], [1], [0], [1]]
"""
LAYER = '[[network.layers]]\nunits = 1\nactivation = "{activation}"\nW = [[{weight}]]\nb = [0]\n'


@pytest.fixture
def deep(tmp_path):
    """A lesson with one unit a layer, of these activations and weights."""

    def write(*layers):
        tables = "".join(LAYER.format(activation=activation, weight=weight) for activation, weight in layers)
        path = tmp_path / "deep.toml"
        path.write_text(DEEP.format(layers=tables), encoding="utf-8")
        return str(path)

    return write


# Health


def test_a_sound_pass(script):
    talk = script("krzeminski-sgd", "health", "nonfinite", "health x")
    assert talk.lines == [no_marks_text(start_session(load("krzeminski-sgd"))), ALL_FINITE]
    assert talk.errors == [f"nonfinite: {ALL_FINITE}", "health: 'x' is not one of try"]


def test_what_health_offers_is_tried_in_a_branch(script, deep):
    talk = script(deep(("sigmoid", 9), ("linear", 1)), "health", "health try 1", "branch", "health try 9")
    assert any(line == "health try 1: Try new initial weights (Xavier), in a new branch" for line in talk.lines)
    assert (
        "In the branch “New initial weights (Xavier)”, from the start of the run. Type train to try it." in talk.lines
    )
    assert any("Main" in line for line in talk.lines)
    assert len(talk.errors) == 1


@pytest.mark.parametrize(
    ("layers", "begins", "says"),
    [
        # Sums of −1 … −4 give 0 with slope 0.
        ((("relu", -1), ("linear", 1)), "hidden layer, neuron 1: dead. ", "not above 0 for any of the 4 examples"),
        # A sum of 9 and more is within 0.01 of the limit.
        ((("sigmoid", 9), ("linear", 1)), "hidden layer, neuron 1: saturated. ", "For 100 % of the 4 examples"),
        ((("tanh", 1), ("linear", 0.0001)), "hidden layer: vanishing gradient. ", "hardly learns"),
        ((("linear", 1), ("linear", 5000)), "hidden layer: exploding gradient. ", "times that of the next layer"),
    ],
)
def test_each_mark_has_its_place_and_its_sentence(script, deep, layers, begins, says):
    talk = script(deep(*layers), "health")
    [line] = [line for line in talk.lines if line.startswith(begins)]
    assert says in line
    session = start_session(load(deep(*layers)))
    assert len(talk.lines) == len(marks_of(session)) + len(findings(session)) + len(remedies(session)) + 1
    assert talk.last == ALL_FINITE


def test_what_is_edited_ails_at_once(script):
    talk = script("from-scratch", "health", "set b1[2] = -1000", "health")
    assert any(line.startswith("hidden layer, neuron 2: dead. ") for line in talk.lines[2:])
    assert talk.lines[:2] == [no_marks_text(start_session(load("from-scratch"))), ALL_FINITE]


def test_the_first_number_that_is_not_finite_is_gone_to_and_told(script):
    talk = script("krzeminski-walkthrough", "update 7852", "nonfinite", "health")
    assert talk.lines[2:5] == [
        "backward · hidden layer, neuron 1 · Derivative of the activation at lay1₁",
        talk.lines[3],
        "  Its operands are finite, but the result exceeds 1.8×10³⁰⁸, the largest floating-point number.",
    ]
    assert talk.lines[3].endswith(" = −∞")
    assert talk.lines[5:7] == [
        "First NaN or infinity: Derivative of the activation at lay1₁",
        "  Step 25 of 48 · backward · hidden layer, neuron 1",
    ]
    assert "  From act1₁ = −5.93242×10²⁰⁴" in talk.lines
    [grown] = [line for line in talk.lines if line.startswith("  Updates 1 to ")]
    assert "logarithmic" not in grown, "nothing is drawn"
    assert any(line.startswith("    largest |weight|: 2.12×10²⁷³, growing since update") for line in talk.lines)
    assert ALL_FINITE not in talk.lines


def test_an_edit_that_overflows_is_told(script):
    talk = script("krzeminski-walkthrough", "set b2 = 1e200", "nonfinite")
    assert talk.lines[-3] == "backward · output layer · Derivative of the activation at lay2"


# Session files


def test_a_session_is_saved_and_gone_on_with(script, tmp_path):
    path = str(tmp_path / "walk.nnviz")
    talk = script("koehn", "grain term", "update 5", "update 3", "set b2 = 0.5", "step 4", "break if loss < 0.01",
                  "watch y", "branch name Bias", "where", f"save {path}", "p/full W")  # fmt: skip
    assert f"saved to {path}" in talk.lines
    again = script(path, "where", "p/full W", "info breakpoints", "info watches", "branch switch Main", "present")
    assert again.errors == []
    assert again.heading == ["koehn: XOR by hand", "update 3 · epoch 1 · example 1: (0, 0) → 0"]
    assert again.lines[0] == "forward · hidden layer, neuron 1 · Weighted sum into h₁", "it stands where it stood"
    where = [line for line in talk.lines if line.startswith(("update  ", "step  ", "term  "))]
    assert [line for line in again.lines if line in where] == where
    assert talk.last in again.lines
    assert "* 2  Bias  " in "\n".join(again.lines)
    assert "  1  on, 0 hits    loss < 0.01" in again.lines
    assert again.lines[-2].startswith("update 5 · epoch 1 · example 3")


def test_the_window_reads_what_the_shell_saves_and_unknown_parts_are_kept(script, tmp_path):
    path = tmp_path / "walk.nnviz"
    script("koehn", "step 3", "branch open Aside", f"save {path}")
    saved = read_session(path)
    assert [branch.name for branch in saved.parts["branches"].all] == ["Main", "Aside"]
    document = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**document, "later": {"is": "kept"}}), encoding="utf-8")
    talk = script(str(path), "step", "save")
    assert talk.last == f"saved to {path}"
    assert json.loads(path.read_text(encoding="utf-8"))["later"] == {"is": "kept"}
    assert read_session(path).session.position > saved.session.position


def test_changes_are_undone_and_the_question_asked_again_after_opening(script, scores, tmp_path):
    path = str(tmp_path / "walk.nnviz")
    script("koehn", "set W2[1,1] = 1", "predict", "1", "7", f"save {path}")
    again = script(path, "-2", "predict off", "undo", "p W2[1,1]", "save")
    assert again.errors == []
    assert again.lines[3].startswith("What is s₂?")
    assert again.lines[4] == "✓ Correct"
    assert "undone: W₂,₁ = 1" in again.lines
    assert again.lines[-2] == "W2[1,1] = 5.000000"
    assert json.loads(scores.read_text(encoding="utf-8"))["lessons"]["koehn"]["z"]["asked"] == 2
    assert dict(read_session(path).parts["predict"].score)["z"] == Tally(asked=2, first=1, later=1)
    scores.unlink()
    assert "z" in dict(read_session(path).parts["predict"].score), "the session has its own"


def test_curves_of_the_window_are_kept(script, tmp_path):
    path = tmp_path / "walk.nnviz"
    session = start_session(load("koehn"))
    none = np.zeros(0, dtype=np.int64), np.zeros(0)
    book = grow_run(open_book(session.lesson, session.training), np.arange(1, 4), np.array([0.3, 0.2, 0.1]), *none)
    write_session(path, Saved(session, {"runs": PlotRuns(book)}))
    script(str(path), "step", "save")
    losses = read_session(path).parts["runs"].book.present.curve.losses
    assert losses.tolist() == [0.3, 0.2, 0.1]


def test_a_file_gets_its_ending_and_what_cannot_be_written_is_one_line(script, tmp_path):
    talk = script("koehn", "save", f"save {tmp_path}/walk", f"save {tmp_path}/no/walk", "save")
    assert [line for line in talk.lines if line.startswith("saved")] == [f"saved to {tmp_path}/walk.nnviz"] * 2
    assert talk.errors == [
        "save: the file name is missing, as in: save walk.nnviz",
        f"save: {tmp_path}/no/walk.nnviz: cannot be written: No such file or directory",
    ]


def test_the_grain_is_the_saved_one_unless_another_is_asked_for(script, tmp_path):
    path = f"{tmp_path}/walk.nnviz"
    script("koehn", "grain layer", "step", f"save {path}")
    assert "by layer" in script(path, "where").last
    assert "by term" in script(path, "where", options=("--grain", "term")).last
    assert script(path, options=("--update", "3")).status == 2


def test_a_session_saved_where_a_breakpoint_stopped_the_training_opens(script, tmp_path):
    path = tmp_path / "h.nnviz"
    talk = script("koehn", "break if loss < 0.01", "train 1000", f"save {path}")
    assert talk.last == f"saved to {path}"
    saved = read_session(path)
    assert (saved.session.checkpoint.update, saved.session.run.end) == (273, 273)
    again = script(str(path), "where", "step", "update")
    assert again.errors == []
    assert again.status == 0
    assert read_session(path).session.run.last_segment.marks[-1].update <= 273


def test_a_session_file_that_has_changed_is_replaced_only_by_its_name(script, tmp_path, monkeypatch, capsys):
    path = tmp_path / "walk.nnviz"
    script("koehn", "step", f"save {path}")
    assert script(str(path), "step", "save", "step", "save").errors == []
    before = path.read_bytes()

    class Lines(io.StringIO):
        """A script, in the middle of which another program writes the file."""

        def __iter__(self):
            yield "step\n"
            path.write_bytes(before + b"\n")
            yield "save\n"
            assert path.read_bytes() == before + b"\n"
            yield f"save {path}\n"
            yield "save\n"

    monkeypatch.setattr("sys.stdin", Lines())
    assert main(["debug", str(path)]) == 0
    line = f"save: {path} has been changed by another program; to replace it, save {path}"
    assert capsys.readouterr().err.splitlines() == [line]
    assert path.read_bytes() != before + b"\n"
