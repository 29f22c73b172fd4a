"""What a number feeds is what has it as an operand, on any network; and one network by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import records

from nnviz.engine.conventions import Convention
from nnviz.engine.network import Architecture, Layer, join_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.lessons.catalog import load
from nnviz.tracing.feeds import feeds, total_of
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import UPDATE_TERMS, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace

TERMS = (*UPDATE_TERMS, Kind.NORM)


def numbers_of(trace: Trace) -> list[Quantity]:
    """Every number told by steps of grain neuron, and the terms of updates and of the clip factor."""
    told = [step.quantity for step in trace.at(Grain.NEURON)]
    return told + [step.quantity for step in trace.at(Grain.TERM) if step.kind in TERMS]


def assert_reverse(trace: Trace) -> None:
    expected: dict[Quantity, set[Quantity]] = defaultdict(set)
    for number in numbers_of(trace):
        expected[number]  # even where it feeds nothing
        for operand in operands_of(trace, number):
            expected[operand.quantity].add(number)
    for quantity, fed in expected.items():
        found = feeds(trace, quantity)
        assert len(set(found)) == len(found)
        if trace.find(quantity) is None and quantity.kind in (Kind.DE_DA, Kind.SLOPE):
            continue
        assert set(found) == fed, quantity


@settings(max_examples=200, deadline=None)
@given(records(), st.booleans())
def test_it_is_the_reverse_of_the_operands(record: PassRecord, chain_rule: bool):
    assert_reverse(Trace(record, chain_rule))


@pytest.mark.parametrize(("loss", "activation"), [("cross_entropy", "softmax"), ("binary_cross_entropy", "sigmoid")])
@pytest.mark.parametrize("recurrent", [False, True])
def test_so_it_is_where_an_output_has_rounded_to_1(loss: str, activation: str, recurrent: bool):
    architecture = Architecture(1, (Layer(2, activation, recurrent),), loss)
    loop = {"W_h": [[[1.0, 0], [0, 1]]], "b_h": [[0.0, 0]]} if recurrent else {}
    network = join_parameters(architecture, W=[[[90.0, 1.0]]], b=[[0.0, 0.0]], **loop)
    steps = 2 if recurrent else 1
    x, t = np.ones((steps, 1, 1)), np.tile([[[0.0, 1.0]]], (steps, 1, 1))
    assert_reverse(Trace(run_pass(network, x, t, Convention(), UpdateRule())))


@settings(max_examples=50, deadline=None)
@given(records(), st.booleans())
def test_a_term_feeds_the_number_it_is_told_on_the_way_to(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    for step in trace.at(Grain.TERM):
        whole = total_of(step.quantity)
        if whole is not None:
            assert whole in feeds(trace, step.quantity) or step.kind in UPDATE_TERMS
            assert trace.find(whole) >= step.end


def koehn() -> Trace:
    lesson = load("koehn")
    data, example = lesson.dataset, [lesson.example]
    rule = lesson.training.rule()
    return Trace(run_pass(lesson.network, data.inputs[:, example], data.targets[:, example], lesson.convention, rule))


def test_koehn_by_hand():
    trace = koehn()
    # x1 enters s1 and s2, and the gradients of the weights that it is multiplied by.
    assert feeds(trace, Quantity(Kind.INPUT, None, 0)) == (
        Quantity(Kind.Z, 0, 0),
        Quantity(Kind.Z, 0, 1),
        Quantity(Kind.DW, 0, 0, 0),
        Quantity(Kind.DW, 0, 1, 0),
    )
    # W2 of h1: the sum s, the error carried back to h1, and its own update.
    assert feeds(trace, Quantity(Kind.WEIGHT, 1, 0, 0)) == (
        Quantity(Kind.Z, 1, 0),
        Quantity(Kind.DE_DA, 0, 0),
        Quantity(Kind.W_NEW, 1, 0, 0),
    )
    # delta of the output: both hidden units, two weights and the bias.
    assert feeds(trace, Quantity(Kind.DELTA, 1, 0)) == (
        Quantity(Kind.DE_DA, 0, 0),
        Quantity(Kind.DE_DA, 0, 1),
        Quantity(Kind.DW, 1, 0, 0),
        Quantity(Kind.DW, 1, 0, 1),
        Quantity(Kind.DB, 1, 0),
    )
    assert feeds(trace, Quantity(Kind.LOSS)) == ()
    # Nine parameters of which nine change: 4 + 2 weights, 2 + 1 biases.
    assert len(feeds(trace, Quantity(Kind.RATE))) == 9


def test_the_stepped_example_by_its_row_is_the_same_number():
    trace = koehn()
    quantity = Quantity(Kind.A, 0, 1)
    assert feeds(trace, replace(quantity, example=trace.record.row)) == feeds(trace, quantity)
