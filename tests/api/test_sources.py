"""Lessons, models and examples as the functions of nnviz take them; training, notebooks, and no Qt."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from models.stand_ins import torch_part

import nnviz
from nnviz.api.traced import TracedPass
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.formats.script.torch_script import torch_script
from nnviz.lessons.catalog import load
from nnviz.models.parts import ModelError

MODEL = [torch_part("Linear", weight=np.array([[1.0, 2.0], [3.0, 4.0]]), bias=np.array([0.1, 0.2])), torch_part("Tanh")]
MODEL += [torch_part("Linear", weight=np.array([[0.5, -0.5]]), bias=np.array([0.0]))]
X, Y = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.array([0, 1, 1, 0])
EITHER = np.array([0, 1, 1, 1])


def test_a_lesson_takes_other_examples() -> None:
    pass_ = nnviz.trace("koehn", [[0.5, 0.25]], [1.0])
    assert pass_["x"].tolist() == [0.5, 0.25]
    assert pass_.session.lesson.printed == ()
    same = nnviz.trace(load("koehn"), X, Y, example=1)
    assert same["y"] == nnviz.trace("koehn", example=1)["y"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nnviz.trace("koehn", X), "x is given without t"),
        (lambda: nnviz.trace("koehn", X, Y, loss="hinge"), "loss belongs to a model; a lesson has its own"),
        (lambda: nnviz.trace(load("koehn"), training={"learning_rate": 1.0}), "training belongs to a model or a file"),
        (lambda: nnviz.trace(3), "int is no model that nnviz knows"),
        (lambda: nnviz.train(MODEL, X, Y, until="los < 1"), "unknown name 'los'"),
        (lambda: nnviz.trace(MODEL, X, Y, training={"rate": 1}), "training.rate: unknown key"),
    ],
)
def test_what_does_not_fit_is_refused(call: types.FunctionType, message: str) -> None:
    with pytest.raises((ModelError, ValueError), match=r".") as caught:
        call()
    assert message in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_a_model_is_trained_and_stays_as_it_is() -> None:
    before = MODEL[0].weight.copy()  # type: ignore[attr-defined]
    run = nnviz.train(MODEL, X, EITHER, loss="binary_cross_entropy", epochs=500, until="loss < 0.05")
    assert run.loss[-1] < 0.05 <= run.loss[-2]
    assert run.accuracy == 1.0
    assert (MODEL[0].weight == before).all()  # type: ignore[attr-defined]
    assert (run.predict(X).ravel() > 0.5).astype(int).tolist() == EITHER.tolist()
    assert run.predict([1.0, 0.0]).shape == (1, 1)
    assert run.trace(example=2)["y"] == pytest.approx(run.predict(X)[2, 0])
    assert repr(run).startswith(f"<model after {len(run.loss)} epochs: loss 0.04")
    lesson = nnviz.train("krzeminski-batch", epochs=5, training={"learning_rate": 0.5})
    assert len(lesson.loss) == 5
    assert lesson.lesson.training.rates.learning_rate == 0.5


def test_weights_and_scripts_are_exported(tmp_path: Path) -> None:
    run = nnviz.train("koehn", epochs=3)
    for name in ("w.npz", "w.safetensors"):
        nnviz.export(run.lesson, tmp_path / name)
    nnviz.export(run.lesson, tmp_path / "torch.py", format="torch")
    with np.load(tmp_path / "w.npz") as arrays:
        assert sorted(arrays) == ["W1", "W2", "b1", "b2"]
        assert (arrays["W1"] == run.W[0]).all()
    again = nnviz.trace(tmp_path / "w.safetensors", X, Y, example=1)
    assert again["y"] == run.trace(example=1)["y"]
    compile((tmp_path / "torch.py").read_text(encoding="utf-8"), "torch.py", "exec")


@pytest.mark.parametrize(
    ("lesson", "update", "message"),
    [
        ("from-scratch-as-printed", 0, "this pass has slope = derivative_of_a, but PyTorch computes with exact"),
        ("krzeminski-rnn", 0, "this pass has through_time = one_step, but PyTorch computes with full"),
    ],
)
def test_a_pass_that_pytorch_counts_otherwise_has_no_script(lesson: str, update: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        torch_script(nnviz.trace(lesson, update=update).session)


@pytest.mark.parametrize("setting", ["clip=0.1", "weight_decay=0.1", "l1=0.1"])
def test_a_pass_whose_gradients_are_adjusted_has_no_pytorch_script(setting: str) -> None:
    lesson = load("koehn", [f"training.{setting}"])
    with pytest.raises(ValueError, match="the gradients are clipped or regularized"):
        torch_script(nnviz.trace(lesson).session)


def test_a_pytorch_optimizer_gets_the_numbers_that_its_rule_has_by_default() -> None:
    scripts = {
        name: torch_script(nnviz.trace(load("koehn", [f"training.optimizer={name}"])).session) for name in OPTIMIZERS
    }
    assert not [name for name, script in scripts.items() if "None" in script]
    assert "betas=(0.9, 0.999), eps=1e-08, weight_decay=0.01)" in scripts["adamw"]
    assert "torch.optim.Adagrad([W1, b1, W2, b2], lr=1.0, eps=1e-10)" in scripts["adagrad"]


def test_a_notebook_gets_the_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    shell = type("ZMQInteractiveShell", (), {})()
    monkeypatch.setitem(sys.modules, "IPython", types.SimpleNamespace(get_ipython=lambda: shell))
    shown = nnviz.debug("koehn", example=2)
    assert isinstance(shown, TracedPass)
    assert shown.session.example == 2
    assert shown._repr_html_().startswith("<iframe")
    with pytest.raises(IndexError, match="koehn has examples 0 to 3, not 4"):
        nnviz.debug("koehn", example=4)


def test_all_but_the_window_works_without_qt(tmp_path: Path) -> None:
    code = f"""
import sys
for name in ("PySide6", "shiboken6", "pyqtgraph"):
    sys.modules[name] = None
import nnviz, numpy as np
pass_ = nnviz.trace("koehn", example=1)
print(nnviz.check("koehn", example=1, h=pass_["h"], delta_2=-1.0).first)
run = nnviz.train("koehn", epochs=2)
for name in ("a.npz", "a.safetensors", "a.py", "a.html", "a.svg"):
    nnviz.export(run.lesson, {str(tmp_path)!r} + "/" + name)
print(nnviz.trace({str(tmp_path)!r} + "/a.safetensors")["x"].shape)
from nnviz.cli import main
print(main(["train", "--network", "2-2-1", "--epochs", "1", "--format", "csv"]))
try:
    nnviz.debug("koehn")
except ImportError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120)
    first, shape, head, _, status, refused = done.stdout.splitlines()
    assert (first, shape, head, status) == ("delta_2", "(2,)", "epoch,loss", "0")
    assert refused.startswith("the window cannot be opened: ")
