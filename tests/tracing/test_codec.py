"""A record as plain data: JSON can hold all of it, and reading it back gives the same bits."""

from __future__ import annotations

import json
import math

import numpy as np
from hypothesis import given
from strategies import records

from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.network import PARAMETER_NAMES, Architecture, Layer, join_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.tracing.codec import plain, record_arrays


@given(records())
def test_json_and_back_keeps_every_bit(record: PassRecord):
    arrays = record_arrays(record)
    back = json.loads(json.dumps(arrays, allow_nan=False))
    assert back == arrays
    names = PARAMETER_NAMES if record.architecture.is_recurrent else ("W", "b")
    of_parameters = {key for name in names for key in (name, f"d{name}", f"{name}_new")}
    of_inputs = {"dE_dx"} if record.architecture.input_gradients else set()
    assert set(back) == {"x", "t", "z", "a", "delta", "loss"} | of_parameters | of_inputs

    def stepped(array: FloatArray) -> object:
        rows = array[:, record.row].tolist()
        return rows if record.architecture.is_recurrent else rows[0]

    assert back["x"] == stepped(record.x)
    steps = back["t"] if record.architecture.is_recurrent else [back["t"]]
    given = (
        [] if np.isnan(row).any() or record.architecture.loss == "output" else row.tolist()
        for row in record.t[:, record.row]
    )
    assert steps == list(given)
    for key, layers in (("z", record.z), ("a", record.a), ("delta", record.delta)):
        assert back[key] == [stepped(layer) for layer in layers]
    for name in names:
        told = ((name, record.parameters), (f"{name}_new", record.updated), (f"d{name}", record.gradients))
        for key, parameters in told:
            assert back[key] == [None if part is None else part.tolist() for part in getattr(parameters, name)]
    assert back["loss"] == record.loss[record.row]


def test_two_time_steps_keep_their_axis():
    network = join_parameters(Architecture(1, (Layer(1, "linear"),), "half_squared"), W=[[[2]]], b=[[0]])
    x = np.array([[[1.0]], [[3.0]]])
    arrays = record_arrays(run_pass(network, x, np.zeros_like(x), Convention(), UpdateRule()))
    assert arrays["x"] == [[1.0], [3.0]]
    assert arrays["z"] == [[[2.0], [6.0]]]


def test_what_is_not_finite_becomes_a_word():
    assert plain((1.5, np.array([math.nan, math.inf]), -math.inf, 3)) == [1.5, ["nan", "inf"], "-inf", 3]
