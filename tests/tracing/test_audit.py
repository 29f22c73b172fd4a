"""The audit agrees with the engine whatever the conventions, and finds a single wrong number."""

from __future__ import annotations

import copy
from dataclasses import replace

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from strategies import records

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.network import Parameters, view_parameters
from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import audit
from nnviz.tracing.steps import Grain
from nnviz.tracing.trace import Trace


@settings(max_examples=200)
@given(records(), st.booleans())
def test_every_step_is_what_its_operands_give(record: PassRecord, chain_rule: bool):
    assert audit(Trace(record, chain_rule)) == ()


@given(records())
def test_so_are_the_steps_of_grain_neuron(record: PassRecord):
    trace = Trace(record)
    assert audit(trace, trace.at(Grain.NEURON)) == ()


def shifted(array: FloatArray, index: int) -> FloatArray:
    """A copy with one number changed, in a way that stays visible whatever its size."""
    changed = array.copy()
    changed.flat[index] = changed.flat[index] * 1.5 + 0.25
    return frozen_array(changed)


def corrupted(record: PassRecord, kind: str, choice: int) -> PassRecord:
    """A copy of a record in which one number of the stepped example, or of a gradient or parameter, is wrong."""
    value = copy.copy(getattr(record, kind))
    if isinstance(value, Parameters):
        existing = record.architecture.existing
        vector = shifted(value.vector, existing[choice % existing.size])
        return replace(record, **{kind: view_parameters(record.architecture, vector)})
    if kind == "loss":
        return replace(record, loss=shifted(value, record.row))
    if kind == "memory_after":
        existing = record.architecture.existing
        slot, place = divmod(choice % (len(value) * existing.size), existing.size)
        return replace(record, memory_after=shifted(value, slot * value.shape[1] + existing[place]))
    arrays = list(value) if isinstance(value, tuple) else [value]
    layer = choice % len(arrays)
    units = arrays[layer].shape[-1]
    arrays[layer] = shifted(arrays[layer], record.row * units + choice // 7 % units)
    return replace(record, **{kind: tuple(arrays) if isinstance(value, tuple) else arrays[0]})


KINDS = ("z", "a", "dE_da", "slope", "delta", "error", "loss", "gradients", "updated", "parameters", "memory_after")


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=25)
@given(records(most_layers=3), st.integers(0, 10_000))
def test_one_wrong_number_is_found(kind: str, record: PassRecord, choice: int):
    if kind == "memory_after":
        assume(len(record.memory_after))
    if kind in ("dE_da", "slope"):  # not told where delta of a softmax or a fused output is one step
        assume(all(layer.activation != "softmax" for layer in record.architecture.layers) and not record.fused)
    found = audit(Trace(corrupted(record, kind, choice), chain_rule=True))
    assert found
    assert all(abs(d.recorded - d.recomputed) > 1e-10 for d in found)
