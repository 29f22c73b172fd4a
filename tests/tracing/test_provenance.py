"""Operands: each is told before the step that uses it, with the value that it is used with."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from strategies import records

from nnviz.engine.conventions import Convention
from nnviz.engine.network import Architecture, Layer, join_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.tracing.provenance import operands, operands_of
from nnviz.tracing.steps import UPDATE_TERMS, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of


@given(records(), st.booleans())
def test_operands_come_from_earlier_steps_with_the_same_value(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    for step in trace.at(Grain.TERM):
        for operand in operands(trace, step):
            if operand.origin is None:
                continue
            assert operand.origin <= step.start
            origin = trace.current(Grain.TERM, operand.origin)
            assert origin is not None
            assert origin.quantity == operand.quantity
            told = value_of(record, origin.quantity)
            assert np.array_equal(told, operand.value, equal_nan=True)


GIVEN = {Kind.INPUT, Kind.WEIGHT, Kind.BIAS, Kind.RATE, Kind.MEMORY, Kind.TARGET}
GIVEN |= {Kind.WEIGHT_H, Kind.BIAS_H, Kind.STATE}


@given(records())
def test_what_has_no_origin_is_given_or_a_term_or_another_example(record: PassRecord):
    trace = Trace(record)
    for step in trace.at(Grain.TERM):
        for operand in operands(trace, step):
            q = operand.quantity
            if operand.origin is None:
                assert q.kind in GIVEN or q.kind in UPDATE_TERMS or q.example is not None
            else:
                assert q.kind not in GIVEN


def test_coarse_steps_are_many_formulas_and_name_no_operands():
    trace = Trace(one_weight())
    assert all(operands(trace, s) == () for grain in (Grain.PASS, Grain.LAYER) for s in trace.at(grain))


def one_weight(update: str = "simultaneous") -> PassRecord:
    architecture = Architecture(1, (Layer(1, "linear"), Layer(1, "linear")), "half_squared")
    network = join_parameters(architecture, W=[[[2]], [[-3]]], b=[[0.5], [1]])
    return run_pass(network, np.array([[[1.0]]]), np.array([[[-6.0]]]), Convention(update=update), UpdateRule())


def told(record: PassRecord, quantity: Quantity) -> list[tuple[str, float]]:
    return [(part.quantity.kind.value, part.value) for part in operands_of(Trace(record), quantity)]


def test_the_operands_of_a_pass_by_hand():
    # z1 = 2*1 + 0.5 = 2.5, z2 = -3*2.5 + 1 = -6.5, delta2 = -0.5, delta1 = 1.5
    record = one_weight()
    assert told(record, Quantity(Kind.Z, 1, 0)) == [("W", -3.0), ("a", 2.5), ("b", 1.0)]
    assert told(record, Quantity(Kind.ERROR, None, 0)) == [("t", -6.0), ("a", -6.5)]
    assert told(record, Quantity(Kind.DE_DA, 0, 0)) == [("W", -3.0), ("delta", -0.5)]
    assert told(record, Quantity(Kind.DELTA, 0, 0)) == [("dE_da", 1.5), ("slope", 1.0)]
    assert told(record, Quantity(Kind.DW, 1, 0, 0)) == [("delta", -0.5), ("a", 2.5)]
    assert told(record, Quantity(Kind.W_NEW, 1, 0, 0)) == [("W", -3.0), ("rate", 1.0), ("dW", -1.25)]


def test_sequential_names_the_new_weight():
    # w2 becomes -3 + 1.25 = -1.75 before delta is carried back through it
    record = one_weight("sequential")
    assert told(record, Quantity(Kind.DE_DA, 0, 0)) == [("W_new", -1.75), ("delta", -0.5)]
