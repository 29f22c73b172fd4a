"""A softmax layer in steps: exponentials, their sum, the quotient; and the terms of its Jacobian behind delta."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import records

from nnviz.engine import activations
from nnviz.engine.activations import ACTIVATIONS, Constants
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import CHOICES, Convention
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Architecture, Layer, join_parameters, make_network
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import audit
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import Grain, Kind, Quantity, Step
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

# One input of 1 and no biases, so that the weights are the z: e^z is in the proportion 6 : 3 : 1.
SHARES = [math.log(6), math.log(3), math.log(1)]


def one_layer(
    z: list[float], t: list[float], loss: str = "cross_entropy", slope: str = "exact", examples: int = 1
) -> PassRecord:
    """A pass of one softmax layer whose weighted sums are `z`, the same for every example."""
    architecture = Architecture(1, (Layer(len(z), "softmax"),), loss)
    network = join_parameters(architecture, W=[[z]], b=[[0.0] * len(z)])
    x, targets = np.ones((1, examples, 1)), np.array([[t] * examples])
    return run_pass(network, x, targets, Convention(slope=slope), UpdateRule())


def parts_of(trace: Trace, kind: Kind, unit: int) -> list[Step]:
    """The steps of grain term that make one unit's a or delta known, the last of them itself."""
    end = trace.find(Quantity(kind, 0, unit))
    assert end is not None
    whole = trace.enclosing(Grain.NEURON, end)
    return [trace.step(Grain.TERM, index) for index in range(whole.start, whole.end)]


def numbers(trace: Trace, steps: list[Step]) -> list[float]:
    return [float(value_of(trace.record, step.quantity)) for step in steps]


def test_exponentials_sum_and_quotient_by_hand():
    trace = Trace(one_layer(SHARES, [0.0, 1.0, 0.0]))
    steps = parts_of(trace, Kind.A, 1)
    kinds = [(step.kind, step.quantity.unit, step.quantity.source) for step in steps]
    assert kinds == [
        (Kind.EXPONENTIAL, 1, 0),
        (Kind.EXPONENTIAL, 1, 1),
        (Kind.EXPONENTIAL, 1, 2),
        (Kind.EXPONENTIAL_SUM, 1, None),
        (Kind.A, 1, None),
    ]
    # ln 6 is the largest: e^(ln 6 - ln 6) = 1, e^(ln 3 - ln 6) = 1/2, e^(ln 1 - ln 6) = 1/6, together 5/3;
    # and 1/2 of 5/3 is 3 tenths.
    assert numbers(trace, steps) == pytest.approx([1, 1 / 2, 1 / 6, 5 / 3, 0.3])


def test_the_operands_of_each_step_by_hand():
    trace = Trace(one_layer(SHARES, [0.0, 1.0, 0.0]))
    _, second, _, total, quotient = parts_of(trace, Kind.A, 1)

    def told(step: Step) -> list[tuple[str, int | None, float]]:
        return [(part.quantity.kind.value, part.quantity.unit, part.value) for part in operands(trace, step)]

    assert told(second) == [("z", 1, math.log(3)), ("z", 0, math.log(6))], "the largest z is taken off"
    exponentials = operands(trace, total)
    assert [part.value for part in exponentials] == pytest.approx([1, 1 / 2, 1 / 6])
    assert [part.origin for part in exponentials] == [total.start - 2, total.start - 1, total.start]
    assert told(quotient) == [
        ("exponential", 1, pytest.approx(1 / 2)),
        ("exponential_sum", 1, pytest.approx(5 / 3)),
    ]
    at_neuron = trace.enclosing(Grain.NEURON, quotient.end)
    assert [kind for kind, _, _ in told(at_neuron)] == ["z", "z", "z"], "in one step it is made of the sums"


def test_the_jacobian_of_cross_entropy_by_hand():
    # y = (0.6, 0.3, 0.1) and t = (0, 1, 0), so delta = y - t = (0.6, -0.7, 0.1). Of each unit's three terms
    # -t_j (I_kj - y_k) only that of the class meant is not zero: -(0 - 0.6), -(1 - 0.3), -(0 - 0.1).
    trace = Trace(one_layer(SHARES, [0.0, 1.0, 0.0]))
    assert numbers(trace, parts_of(trace, Kind.DELTA, 0)) == pytest.approx([0, 0.6, 0, 0.6])
    assert numbers(trace, parts_of(trace, Kind.DELTA, 1)) == pytest.approx([0, -0.7, 0, -0.7])
    assert numbers(trace, parts_of(trace, Kind.DELTA, 2)) == pytest.approx([0, 0.1, 0, 0.1])
    steps = parts_of(trace, Kind.DELTA, 0)
    kinds = [(step.kind, step.quantity.unit, step.quantity.source) for step in steps]
    assert kinds == [*((Kind.DELTA_TERM, 0, output) for output in range(3)), (Kind.DELTA, 0, None)]
    assert [part.quantity.kind for part in operands(trace, steps[1])] == [Kind.TARGET, Kind.A]
    assert [part.origin for part in operands(trace, steps[3])] == [step.end for step in steps[:3]]


def test_targets_that_do_not_add_up_to_one_by_hand():
    # t = (1, 1, 0): delta_1 = y_1 (1 + 1 + 0) - t_1 = 1.2 - 1 = 0.2, of -1 (1 - 0.6) = -0.4 and -1 (0 - 0.6) = 0.6.
    trace = Trace(one_layer(SHARES, [1.0, 1.0, 0.0]))
    assert numbers(trace, parts_of(trace, Kind.DELTA, 0)) == pytest.approx([-0.4, 0.6, 0, 0.2])


def test_the_jacobian_of_squares_by_hand():
    # dE/dy = y - t = (0.6, -0.7, 0.1); by y_j(I_1j - y_1): 0.6 * 0.6 * 0.4, -0.7 * 0.3 * -0.6, 0.1 * 0.1 * -0.6.
    trace = Trace(one_layer(SHARES, [0.0, 1.0, 0.0], "half_squared"))
    steps = parts_of(trace, Kind.DELTA, 0)
    assert numbers(trace, steps) == pytest.approx([0.144, 0.126, -0.006, 0.264])
    assert [part.quantity.kind for part in operands(trace, steps[1])] == [Kind.DE_DA, Kind.A, Kind.A]


@pytest.mark.parametrize(
    "z", [[1000.0, 0.0, -1000.0], [-1000.0, -1001.0, -1002.0], [7.0, 7.0, 7.0], [1e308, 0.0, -1e308]]
)
@pytest.mark.parametrize("loss", ["cross_entropy", "half_squared"])
def test_large_sums_and_ties_keep_every_step_finite(z: list[float], loss: str):
    trace = Trace(one_layer(z, [0.0, 1.0, 0.0], loss))
    told = [numbers(trace, parts_of(trace, kind, unit)) for kind in (Kind.A, Kind.DELTA) for unit in range(3)]
    assert np.isfinite(np.concatenate(told)).all()
    assert max(told[0][:3]) == 1.0
    assert audit(trace) == ()
    assert audit(trace, trace.at(Grain.NEURON)) == ()


def test_an_output_that_has_rounded_to_zero_still_has_its_terms():
    trace = Trace(one_layer([1000.0, 0.0], [0.0, 1.0]))
    assert trace.record.a[0][0, 0].tolist() == [1.0, 0.0], "so that -t/y would be infinite"
    assert numbers(trace, parts_of(trace, Kind.DELTA, 1)) == [0.0, -1.0, -1.0]


def test_a_softmax_of_one_unit_has_an_exponential_and_no_jacobian():
    trace = Trace(one_layer([5.0], [1.0]))
    assert [step.kind for step in parts_of(trace, Kind.A, 0)] == [Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.A]
    assert numbers(trace, parts_of(trace, Kind.A, 0)) == [1.0, 1.0, 1.0]
    assert [step.kind for step in parts_of(trace, Kind.DELTA, 0)] == [Kind.DELTA]
    assert trace.find(Quantity(Kind.DELTA_TERM, 0, 0, 0)) is None


def test_a_sum_that_is_not_a_number_is_told_as_such():
    trace = Trace(one_layer([math.nan, 0.0], [1.0, 0.0]))
    assert np.isnan(numbers(trace, parts_of(trace, Kind.A, 1))).all()
    assert audit(trace) == ()


# Any network


def softmax_layers(record: PassRecord) -> list[int]:
    return [i for i, layer in enumerate(record.architecture.layers) if layer.activation == "softmax"]


@settings(max_examples=150)
@given(records())
def test_the_quotient_is_the_activation_to_the_last_bit(record: PassRecord):
    for layer in range(record.architecture.depth):
        parts = record.exponentials[layer]
        assert (parts is None) == (layer not in softmax_layers(record))
        if parts is not None:
            exponentials, sums = parts
            assert np.array_equal(exponentials / sums, record.a[layer], equal_nan=True)
            assert not exponentials.flags.writeable
            assert not sums.flags.writeable


@pytest.mark.parametrize("units", [2, 7, 8, 9, 33, 200])
@pytest.mark.parametrize("examples", [1, 2, 5, 64])
def test_so_it_is_in_wide_layers_and_large_batches(units: int, examples: int):
    # Sums of eight numbers and more are taken in another order where they lie one behind the other.
    generator = np.random.default_rng(units * examples)
    architecture = Architecture(3, (Layer(units, "softmax"),), "cross_entropy")
    network = make_network(architecture, generator.standard_normal(architecture.parameter_count))
    t = np.eye(units)[generator.integers(0, units, (1, examples))]
    record = run_pass(network, generator.standard_normal((1, examples, 3)), t, Convention(), UpdateRule())
    parts = record.exponentials[0]
    assert parts is not None
    assert np.array_equal(parts[0] / parts[1], record.a[0])


@settings(max_examples=150)
@given(records())
def test_the_terms_add_up_to_delta_and_the_exponentials_to_their_sum(record: PassRecord):
    trace = Trace(record)
    for layer in softmax_layers(record):
        units = range(record.architecture.sizes[layer + 1])
        for unit in units:
            exponentials = [value_of(record, Quantity(Kind.EXPONENTIAL, layer, unit, other)) for other in units]
            total = value_of(record, Quantity(Kind.EXPONENTIAL_SUM, layer, unit))
            assert math.fsum(exponentials) == pytest.approx(total)
            if len(units) == 1 or record.convention.slope == "left_out" or not record.is_reached(layer, 0):
                continue
            terms = [value_of(record, Quantity(Kind.DELTA_TERM, layer, unit, other)) for other in units]
            delta = value_of(record, Quantity(Kind.DELTA, layer, unit))
            assert math.fsum(terms) == pytest.approx(delta, rel=1e-9, abs=1e-9)
            found = [trace.find(Quantity(Kind.DELTA_TERM, layer, unit, other)) for other in units]
            assert found == sorted(set(found))


@pytest.mark.parametrize("slope", CHOICES["slope"])
@pytest.mark.parametrize("loss", ["cross_entropy", "half_squared", "squared", "mean_squared"])
def test_every_loss_and_slope_has_terms_that_the_audit_agrees_with(loss: str, slope: str):
    record = one_layer([0.3, -1.2, 2.0, 0.1], [0.2, 0.5, 0.3, 0.0], loss, slope, examples=3)
    trace = Trace(record)
    assert audit(trace) == ()
    terms = 0 if slope == "left_out" else 16
    assert sum(step.kind is Kind.DELTA_TERM for step in trace.at(Grain.TERM)) == terms


@settings(max_examples=60)
@given(records(), st.booleans())
def test_what_is_found_is_where_it_is_told(record: PassRecord, chain_rule: bool):
    trace = Trace(record, chain_rule)
    for step in trace.at(Grain.TERM):
        if step.kind in (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.DELTA_TERM):
            assert trace.find(step.quantity) == step.end
            assert trace.is_known(step.quantity, step.end)
            assert not trace.is_known(step.quantity, step.start)


def test_layers_without_exponentials_have_none_to_find():
    architecture = Architecture(1, (Layer(2, "sigmoid"),), "squared")
    network = join_parameters(architecture, W=[[[1.0, 2.0]]], b=[[0.0, 0.0]])
    trace = Trace(run_pass(network, np.ones((1, 1, 1)), np.ones((1, 1, 2)), Convention(), UpdateRule()))
    for kind in (Kind.EXPONENTIAL, Kind.EXPONENTIAL_SUM, Kind.DELTA_TERM):
        assert trace.find(Quantity(kind, 0, 0, 0)) is None


# Broken engines: what the audit says of each


def divide_by_the_sum_without_the_last(z: FloatArray, out: FloatArray, constants: Constants) -> None:
    activations.write_exponentials(z, out)
    np.divide(out, out[..., :-1].sum(axis=-1, keepdims=True), out)


def take_off_the_first_sum(z: FloatArray, out: FloatArray) -> FloatArray:
    np.exp(z - z[..., :1], out)
    sums: FloatArray = out.sum(axis=-1, keepdims=True)
    return sums


def disagreeing(record: PassRecord) -> set[Kind]:
    return {found.step.kind for found in audit(Trace(record))}


def test_a_wrong_quotient_is_caught(monkeypatch: pytest.MonkeyPatch):
    broken = replace(ACTIVATIONS["softmax"], value=divide_by_the_sum_without_the_last)
    monkeypatch.setitem(ACTIVATIONS, "softmax", broken)
    assert disagreeing(one_layer(SHARES, [0.0, 1.0, 0.0], "half_squared")) == {Kind.A}


def test_another_shift_is_caught(monkeypatch: pytest.MonkeyPatch):
    z = [0.0, 1.0, 2.0]
    monkeypatch.setattr(activations, "write_exponentials", take_off_the_first_sum)
    monkeypatch.setattr("nnviz.engine.record.write_exponentials", take_off_the_first_sum)
    assert disagreeing(one_layer(z, [0.0, 1.0, 0.0])) == {Kind.EXPONENTIAL}, "the quotients are still right"


@pytest.mark.parametrize(
    "fault",
    [
        lambda y, t, out: np.subtract(t, y, out),
        lambda y, t, out: np.subtract(y, t, out),
    ],
    ids=["turned round", "without the sum of the targets"],
)
def test_a_wrong_fused_delta_is_caught(fault: Callable[..., object], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(LOSSES, "cross_entropy", replace(LOSSES["cross_entropy"], fused_delta=fault))
    assert disagreeing(one_layer(SHARES, [0.5, 1.0, 0.0])) == {Kind.DELTA}
