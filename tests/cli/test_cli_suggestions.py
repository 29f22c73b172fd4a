"""An unknown word on the command line is answered with the one that is meant, and an unlike one with none."""

from __future__ import annotations

import pytest

from nnviz.cli import main


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["train", "koehn", "--epoch", "3"], "did you mean --epochs? See nnviz train --help"),
        (["train", "koehn", "--iterations", "3"], "did you mean --epochs?"),
        (["train", "koehn", "--lr", "0.5"], "did you mean --set training.learning_rate=…?"),
        (["train", "koehn", "--learning-rate=0.5"], "did you mean --set training.learning_rate=…?"),
        (["train", "koehn", "--batch-size", "3"], "did you mean --set training.update_after=…?"),
        (["trace", "koehn", "--grain", "neurons"], "did you mean 'neuron'? See nnviz trace --help"),
        (["trace", "koehn", "--format", "csvv"], "did you mean 'csv'?"),
        (["trace", "koehn", "--notation", "Koehn"], "did you mean 'koehn'?"),
        (["trace", "koehn", "--notation", "standart"], "did you mean 'standard'?"),
        (["trace", "kohen"], "did you mean 'koehn'?"),
        (["trace", "koehn.toml"], "did you mean 'koehn'?"),
        (["chekc", "koehn"], "did you mean 'check'?"),
        (["train", "koehn", "--set", "lr=0.5"], "did you mean 'learning_rate'? It belongs to [training]"),
        (["train", "koehn", "--set", "training.lr=0.5"], "did you mean 'learning_rate'?"),
        (["train", "koehn", "--set", "network.learning_rate=0.5"], "learning_rate belongs to [training]"),
        (["train", "koehn", "--set", "network.layers[1].activation=ReLU"], "did you mean 'relu'?"),
        (["train", "koehn", "--set", "network.layers[1].activation=identity"], "did you mean 'linear'?"),
        (["train", "koehn", "--set", "network.layers[1].activation=logistic"], "did you mean 'sigmoid'?"),
        (["train", "koehn", "--set", "network.layers[1].weights=[[1]]"], "did you mean 'W'?"),
        (["train", "koehn", "--set", "network.loss=mse"], "did you mean 'mean_squared'?"),
        (["train", "koehn", "--set", "network.loss=mae"], "did you mean 'mean_absolute'?"),
        (["train", "koehn", "--set", "network.loss=categorical_crossentropy"], "did you mean 'cross_entropy'?"),
        (["train", "koehn", "--set", "layers[1].units=3"], "did you mean network.layers?"),
        (["train", "koehn", "--set", "trainig.epochs=3"], "did you mean 'training'?"),
    ],
)
def test_the_right_word_is_named(capsys: pytest.CaptureFixture[str], words: list[str], meant: str) -> None:
    assert main(words) == 2
    said = capsys.readouterr().err
    assert meant in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [
        ["train", "koehn", "--foo", "3"],
        ["trace", "koehn", "--grain", "step"],
        ["trace", "koehn", "--notation", "pytorch"],
        ["trace", "iris"],
        ["plot", "koehn"],
        ["train", "koehn", "--set", "quux.a=1"],
        ["train", "koehn", "--set", "training.dropout=0.5"],
        ["train", "koehn", "--set", "network.layers[1].activation=selu"],
        ["train", "koehn", "--set", "network.layers[1].activation=celu"],
        ["train", "koehn", "--set", "network.layers[1].activation=mish"],
        ["train", "koehn", "--set", "network.loss=huber"],
        ["train", "koehn", "--set", "training.optimizer=lion"],
    ],
)
def test_an_unlike_word_is_not_suggested(capsys: pytest.CaptureFixture[str], words: list[str]) -> None:
    assert main(words) == 2
    assert "did you mean" not in capsys.readouterr().err


def test_a_fault_of_an_assignment_is_not_said_of_the_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "koehn", "--set", "trainig.epochs=3"]) == 2
    assert capsys.readouterr().err.startswith("--set: trainig: unknown key")
