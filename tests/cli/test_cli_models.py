"""Models on the command line: files that are opened, and weights and scripts that are written."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import nnviz
from nnviz.cli import OK, REFUSED, main
from nnviz.lessons.catalog import load
from nnviz.models.safetensors_file import read_safetensors


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Koehn's weights after ten updates, as safetensors."""
    path = tmp_path / "w.safetensors"
    assert main(["export", "koehn", "--format", "safetensors", "--update", "10", "-o", str(path)]) == OK
    return path


def test_weights_of_any_update_are_written(weights: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", "npz", "--update", "10", "-o", str(tmp_path / "w.npz")]) == OK
    assert capsys.readouterr().err.endswith(f"nnviz: wrote the weights to {tmp_path / 'w.npz'}\n")
    tensors, _ = read_safetensors(weights)
    with np.load(tmp_path / "w.npz") as arrays:
        assert (tensors["0.weight"] == arrays["W1"].T).all()
        assert not (arrays["W1"] == [[3, 2], [4, 3]]).all()


def test_a_file_of_a_model_is_taken_where_a_lesson_is(weights: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", str(weights), "--format", "json"]) == OK
    traced = json.loads(capsys.readouterr().out)
    assert traced["network"] == {"sizes": [2, 2, 1], "activations": ["sigmoid"] * 2, "loss": "half_squared"}
    assert main(["check", str(weights)]) == OK
    assert main(["check", str(weights), "--activation", "tanh,linear"]) == OK
    assert main(["train", str(weights), "--epochs", "2", "--format", "csv"]) == OK
    assert main(["trace", str(weights), "--activation", "tanh,linear", "--format", "json"]) == OK
    told = capsys.readouterr().out
    assert json.loads(told[told.index('{"format"') :])["network"]["activations"] == ["tanh", "linear"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "{}", "--set", "training.learning_rate=1"], "a model takes no --set, --data or --target"),
        (["trace", "{}", "--activation", "tanhh"], "network.layers[1].activation: 'tanhh' is not one of"),
        (["trace", "{}", "--activation", "relu,relu,relu"], "3 activations are given for the 2 layers of 2-2-1"),
        (["export", "koehn", "--format", "npz"], "nnviz: --format npz: name the file with -o FILE"),
        (["export", "krzeminski-rnn", "--format", "torch"], "krzeminski-rnn: this pass has through_time = one_step"),
        (["trace", "none.onnx"], "no lesson or file has this name"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    weights: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert main([word.format(weights) for word in words]) == REFUSED
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_a_script_for_pytorch_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "koehn", "--format", "torch"]) == OK
    text = capsys.readouterr().out
    compile(text, "koehn", "exec")
    assert "W1 = torch.tensor([[3.0, 2.0], [4.0, 3.0]])" in text
    assert "torch.optim.SGD([W1, b1, W2, b2], lr=1.0)" in text


def test_a_lesson_file_of_any_update_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "later.toml"
    assert main(["export", "koehn", "--format", "lesson", "--update", "10", "-o", str(path)]) == OK
    assert main(["export", "koehn", "--format", "npz", "--update", "10", "-o", str(tmp_path / "w.npz")]) == OK
    with np.load(tmp_path / "w.npz") as arrays:
        assert load(path).network.W[0].tolist() == arrays["W1"].tolist()
    assert main(["check", str(path)]) == OK
    assert "printed" not in path.read_text(encoding="utf-8")
    nnviz.export("koehn", tmp_path / "own.toml")
    assert load(tmp_path / "own.toml").printed == load("koehn").printed
