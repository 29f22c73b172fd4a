"""`nnviz.trace`: values by the document's names, steps with formulas, and no window."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

import nnviz
from nnviz.cli import main
from nnviz.lessons.catalog import lesson_names
from nnviz.lessons.faults import LessonError


def test_values_have_the_documents_names() -> None:
    pass_ = nnviz.trace("koehn", example=1)
    np.testing.assert_allclose(pass_["h"], [0.731058578630, 0.119202922022], atol=1e-12)
    assert round(pass_["y"], 7) == 0.7425526
    assert pass_["delta_2"] == pytest.approx(0.0492157653, abs=1e-9)
    assert pass_["y > 0.5"] is True
    assert pass_.step("delta_2").formula == "δ_2 = (t - y) sigmoid'(z)"
    assert pass_.step("h[1]").value == pytest.approx(0.731058578630)
    assert pass_.step("delta_W").kind == "dW"
    assert "h" in pass_.names
    assert repr(pass_) == "<pass of koehn, example 1: 35 steps>"


@pytest.mark.parametrize("name", lesson_names())
def test_every_name_of_every_lesson_has_a_value(name: str) -> None:
    pass_ = nnviz.trace(name)
    # nothing is trained, accuracy needs classes, and softmax goes to delta at once
    empty = {"accuracy", "epoch_loss", "dE_da2", "slope2", "dE_da4", "slope4"}
    for word in pass_.names:
        if word in empty:
            continue
        assert pass_[word] is not None, word


def test_arrays_and_steps_are_those_of_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "krzeminski-rnn", "--format", "json"]) == 0
    written = json.loads(capsys.readouterr().out)
    pass_ = nnviz.trace("krzeminski-rnn")
    assert pass_.arrays == written["arrays"]
    assert [vars(step) for step in pass_.steps] == written["steps"]


def test_values_cannot_change_the_pass() -> None:
    pass_ = nnviz.trace("koehn")
    pass_["h"][:] = 0.0
    assert pass_["h"].any()


def test_what_cannot_be_traced_is_told() -> None:
    pass_ = nnviz.trace("koehn")
    with pytest.raises(KeyError, match="unknown name 'nothing'"):
        _ = pass_["nothing"]
    with pytest.raises(KeyError, match="no value in this pass"):
        _ = pass_["epoch_loss"]
    with pytest.raises(KeyError, match="not the name of one quantity"):
        pass_.step("h + y")
    with pytest.raises(KeyError, match="not computed by a step"):
        pass_.step("W")
    with pytest.raises(IndexError, match="examples 0 to 3"):
        nnviz.trace("koehn", example=4)
    with pytest.raises(ValueError, match="no grain 'unit'"):
        nnviz.trace("koehn", grain="unit")
    with pytest.raises(LessonError, match="no lesson"):
        nnviz.trace("kohen")


def test_tracing_needs_no_qt() -> None:
    code = "import sys, nnviz; nnviz.trace('koehn')['h']; print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
