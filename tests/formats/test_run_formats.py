"""A training run as a table and as JSON."""

from __future__ import annotations

import io
import json

import numpy as np

from nnviz.debugger.training.headless import FinishedRun
from nnviz.engine.network import join_parameters
from nnviz.formats import RUN_EXPORTERS
from nnviz.formats.runs.run_table import shown_epochs
from nnviz.lessons.catalog import load


def run(loss: tuple[float, ...], accuracy: float | None = 0.75, stopped: str = "") -> FinishedRun:
    return FinishedRun(
        lesson="koehn",
        loss=loss,
        accuracy=accuracy,
        parameters=load("koehn").network.parameters,
        seconds=0.5,
        stopped=stopped,
    )


def written(finished: FinishedRun, form: str) -> str:
    stream = io.StringIO()
    RUN_EXPORTERS[form](finished, stream)
    return stream.getvalue()


def test_json_holds_everything() -> None:
    assert json.loads(written(run((0.5, 0.25)), "json")) == {
        "format": 1,
        "lesson": "koehn",
        "epochs": 2,
        "loss": [0.5, 0.25],
        "accuracy": 0.75,
        "parameters": {"W": [[[3, 2], [4, 3]], [[5], [-5]]], "b": [[-2, -4], [-2]]},
        "seconds": 0.5,
    }


def test_json_says_what_stopped_the_run_and_holds_no_nan() -> None:
    architecture = load("koehn").network.architecture
    broken = join_parameters(architecture, [np.full((2, 2), np.nan), [[np.inf], [-np.inf]]], [[0, 0], [0]])
    told = json.loads(
        written(
            FinishedRun(
                lesson="koehn", loss=(), accuracy=None, parameters=broken.parameters, seconds=0.0, stopped="update 1"
            ),
            "json",
        )
    )
    assert told["stopped"] == "update 1"
    assert told["accuracy"] is None
    assert told["parameters"]["W"] == [[["nan", "nan"], ["nan", "nan"]], [["inf"], ["-inf"]]]


def test_the_table_is_aligned() -> None:
    lines = written(run((0.5, *([0.25] * 99), 0.125)), "table").splitlines()
    assert lines == [
        "koehn: 101 epochs in 0.50 s",
        "",
        "epoch  loss",
        "    1  0.500000",
        "   10  0.250000",
        "  100  0.250000",
        "  101  0.125000",
        "",
        "accuracy 75.0 %",
        "",
        "W1 = [[3.000000, 2.000000], [4.000000, 3.000000]]",
        "b1 = [−2.000000, −4.000000]",
        "W2 = [[5.000000], [−5.000000]]",
        "b2 = [−2.000000]",
    ]


def test_the_table_of_no_epochs_and_no_classes() -> None:
    text = written(run((), None, "update 1 (epoch 1): the loss is not finite"), "table")
    assert text.startswith("koehn: 0 epochs in 0.50 s\n\nW1 = ")
    assert "accuracy" not in text
    assert text.endswith("\nstopped: update 1 (epoch 1): the loss is not finite\n")


def test_the_epochs_shown() -> None:
    assert shown_epochs(0) == []
    assert shown_epochs(1) == [1]
    assert shown_epochs(2) == [1, 2]
    assert shown_epochs(10) == [1, 10]
    assert shown_epochs(10_000) == [1, 10, 100, 1000, 10_000]
