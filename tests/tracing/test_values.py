"""Looking up any quantity of a record: numbers, vectors, matrices."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import records

from nnviz.engine.conventions import Convention
from nnviz.engine.network import Architecture, Layer, join_parameters
from nnviz.engine.optimizers import Rates, UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.tracing.steps import Grain, Kind, Quantity, Value
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import _LOOKUPS, flat_index, value_of


@pytest.fixture
def record() -> PassRecord:
    """A linear 2-2-1 net on two examples, the second stepped.

    x = (1, 2): z1 = (1*1 + 2*3 + 0.5, 1*2 + 2*4 - 1) = (7.5, 9), z2 = 7.5 - 9 + 0 = -1.5, t = 0: delta2 = -1.5
    x = (0, 1): z1 = (3.5, 3),                                    z2 = 0.5,               t = 1: delta2 = -0.5
    """
    architecture = Architecture(2, (Layer(2, "linear"), Layer(1, "linear")), "half_squared")
    network = join_parameters(architecture, W=[[[1, 2], [3, 4]], [[1], [-1]]], b=[[0.5, -1], [0]])
    x, t = np.array([[[1.0, 2.0], [0.0, 1.0]]]), np.array([[[0.0], [1.0]]])
    return run_pass(network, x, t, Convention(), UpdateRule("momentum", Rates(learning_rate=0.5)), row=1)


@pytest.mark.parametrize(
    ("quantity", "value"),
    [
        (Quantity(Kind.INPUT, None, 1), 1.0),
        (Quantity(Kind.INPUT), [0, 1]),
        (Quantity(Kind.TARGET, None, 0), 1.0),
        (Quantity(Kind.WEIGHT, 0, unit=1, source=0), 2.0),
        (Quantity(Kind.WEIGHT, 0), [[1, 2], [3, 4]]),
        (Quantity(Kind.WEIGHT, 0, unit=1), [2, 4]),
        (Quantity(Kind.BIAS, 0, 1), -1.0),
        (Quantity(Kind.RATE), 0.5),
        (Quantity(Kind.PRODUCT, 0, 0, 1), 3.0),
        (Quantity(Kind.Z, 0), [3.5, 3]),
        (Quantity(Kind.Z, 0, example=0), [7.5, 9]),
        (Quantity(Kind.A, 1, 0), 0.5),
        (Quantity(Kind.ERROR, None, 0), 0.125),
        (Quantity(Kind.LOSS), 0.125),
        (Quantity(Kind.DELTA, 1, 0), -0.5),
        (Quantity(Kind.DE_DA_TERM, 0, 1, 0), 0.5),  # w = -1 times delta2 = -0.5
        (Quantity(Kind.DE_DA, 0), [-0.5, 0.5]),
        (Quantity(Kind.DZ_DB, 0), 1.0),
        (Quantity(Kind.DZ_DW, 1, None, 1), 3.0),
        (Quantity(Kind.DZ_DA, 1, 0, 1), -1.0),
        (Quantity(Kind.DW_TERM, 1, 0, 0, example=0), 7.5 * -1.5),
        (Quantity(Kind.DW_TERM, 1, 0, 0, example=1), 3.5 * -0.5),
        (Quantity(Kind.DW, 1, 0, 0), 7.5 * -1.5 + 3.5 * -0.5),
        (Quantity(Kind.DB_TERM, 1, 0, example=0), -1.5),
        (Quantity(Kind.DB, 1, 0), -2.0),
        (Quantity(Kind.MEMORY, 1, 0, slot=0, of="b"), 0.0),
        (Quantity(Kind.MOVING, 1, 0, slot=0, of="b"), -2.0),
        (Quantity(Kind.B_NEW, 1, 0), 1.0),
        (Quantity(Kind.FORWARD_PASS), [0.5]),
        (Quantity(Kind.ERROR_PASS), 0.125),
    ],
)
def test_values_by_hand(record: PassRecord, quantity: Quantity, value: Value):
    assert value_of(record, quantity) == pytest.approx(np.array(value), abs=1e-12)


def test_every_kind_can_be_looked_up():
    assert set(_LOOKUPS) == set(Kind)


@given(records(), st.booleans())
def test_fine_steps_have_numbers_and_coarse_ones_arrays_of_them(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    assert all(isinstance(value_of(record, s.quantity), float) for s in trace.at(Grain.TERM))
    for group in trace.at(Grain.LAYER):
        items = [s for s in trace.at(Grain.NEURON) if group.start <= s.start < group.end]
        whole = np.ravel(np.transpose(value_of(record, group.quantity)))  # unit by unit, then source by source
        of = group.quantity.layer
        if group.kind in (Kind.DW, Kind.W_NEW, Kind.DZ_DA) and of is not None:  # without missing connections
            whole = whole[np.ravel(record.architecture.mask(of).T) == 1]
        assert np.array_equal(whole, [value_of(record, s.quantity) for s in items], equal_nan=True)


@given(records())
def test_a_flat_index_names_its_parameter(record: PassRecord):
    for step in Trace(record).at(Grain.NEURON):
        q = step.quantity
        if q.kind in (Kind.W_NEW, Kind.B_NEW):
            place = Quantity(Kind.MOVING, q.layer, q.unit, q.source, of="b" if q.kind is Kind.B_NEW else "W")
            assert record.updated.vector[flat_index(record, place)] == value_of(record, q)
