"""The numbers of plots as CSV, read back by Python's own reader."""

from __future__ import annotations

import csv

import numpy as np

from nnviz.formats.plot_csv import norms_csv, runs_csv
from nnviz.present.runs.curve import LossRun, cut_run, extend_held
from nnviz.present.runs.layer_norms import LayerNorms


def epochs(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def held_run() -> LossRun:
    run = LossRun("a, b", 0, epochs(1, 2, 3), np.array([0.5, 0.25, np.nan]))
    return extend_held(run, epochs(0, 2), np.array([0.75, 0.125]), np.array([np.nan, 0.5]))


def test_a_run_has_a_row_for_each_epoch_with_what_is_known_there():
    rows = list(csv.reader(runs_csv([held_run()]).splitlines()))
    assert rows[0] == ["run", "epoch", "loss", "accuracy", "held_out_loss", "held_out_accuracy"]
    assert rows[1:] == [
        ["a, b", "0", "", "", "0.75", ""],
        ["a, b", "1", "0.5", "", "", ""],
        ["a, b", "2", "0.25", "", "0.125", "0.5"],
        ["a, b", "3", "nan", "", "", ""],
    ]


def test_measures_held_out_are_known_once_and_cut_with_their_run():
    again = extend_held(held_run(), epochs(2, 3), np.array([9.0, 0.0625]), np.array([1.0, 1.0]))
    assert again.held_losses[1].tolist() == [0.75, 0.125, 0.0625]
    assert again.held_rates[0].tolist() == [2, 3]
    assert cut_run(again, 2).held_losses[0].tolist() == [0, 2]
    assert cut_run(again, 1).held_rates[0].tolist() == []


def test_norms_have_every_digit():
    norms = LayerNorms(epochs(0, 7), np.array([[0.1 + 0.2, 1e-300], [np.inf, 2.0]]), 4, 4)
    assert norms_csv(norms).splitlines() == ["update,layer 1,layer 2", f"0,{0.1 + 0.2!r},1e-300", "7,inf,2.0"]
