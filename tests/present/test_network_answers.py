"""What stands in the place of a decision boundary, as data: matrix, fit, output against target, image, sequence."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.engine.datasets import Dataset, make_dataset, make_sequences
from nnviz.engine.network import Architecture, Layer, Network, make_network
from nnviz.engine.passes import predict
from nnviz.engine.training import accuracy
from nnviz.lessons.catalog import load
from nnviz.present.runs.network_answers import (
    LEAST_EXAMPLES,
    AnswerKind,
    Confusion,
    Fit,
    InputImage,
    Scatter,
    SequenceSeries,
    answer,
    answer_kinds,
    class_labels,
)

PLENTY = 10**9
GENERATOR = np.random.default_rng(4)


def network(inputs: int, outputs: int, activation: str = "sigmoid", recurrent: bool = False) -> Network:
    layers = (Layer(3, "tanh", recurrent), Layer(outputs, activation))
    architecture = Architecture(inputs, layers, "half_squared")
    return make_network(architecture, np.random.default_rng(0).normal(size=architecture.parameter_count))


def classes(inputs: int, outputs: int, count: int = 40) -> Dataset:
    rng = np.random.default_rng(1)
    return make_dataset(rng.normal(size=(count, inputs)), np.eye(outputs)[rng.integers(0, outputs, count)])


def values(inputs: int, outputs: int, count: int = 40) -> Dataset:
    rng = np.random.default_rng(2)
    return make_dataset(rng.normal(size=(count, inputs)), rng.normal(size=(count, outputs)))


def sequences() -> Dataset:
    rng = np.random.default_rng(3)
    return make_sequences(rng.normal(size=(5, 4, 2)), rng.normal(size=(5, 4, 1)))


@pytest.mark.parametrize(
    ("inputs", "data", "kinds"),
    [
        (4, classes(4, 3), ("CONFUSION",)),
        (4, values(4, 1), ("SCATTER",)),
        (1, values(1, 2), ("FIT", "SCATTER")),
        (1, classes(1, 2), ("FIT", "CONFUSION")),
        (784, classes(784, 10), ("CONFUSION", "IMAGE")),
        (25, values(25, 1), ("SCATTER", "IMAGE")),
        (16, classes(16, 3), ("CONFUSION",)),
        (63, classes(63, 3), ("CONFUSION",)),
    ],
)
def test_which_pictures_fit(inputs: int, data: Dataset, kinds: tuple[str, ...]) -> None:
    outputs = data.targets.shape[2]
    assert answer_kinds(network(inputs, outputs), data) == tuple(AnswerKind[kind] for kind in kinds)


def test_a_recurrent_network_has_its_sequence() -> None:
    assert answer_kinds(network(2, 1, recurrent=True), sequences()) == (AnswerKind.SEQUENCE,)
    assert answer_kinds(load("krzeminski-rnn").network, load("krzeminski-rnn").dataset) == (AnswerKind.SEQUENCE,)


def test_classes_are_counted_from_1_or_named_by_their_targets() -> None:
    assert class_labels(classes(3, 3)) == ("1", "2", "3")
    assert class_labels(make_dataset([[0.0], [1.0]], [[-1.0], [1.0]])) == ("-1", "1")
    assert class_labels(values(3, 1)) is None
    assert class_labels(make_dataset([[0.0], [1.0]], [[1.0, 1.0], [0.0, 1.0]])) is None


@pytest.mark.parametrize("outputs", [1, 3])
def test_the_matrix_counts_targets_by_outputs(outputs: int) -> None:
    rng = np.random.default_rng(5)
    data = classes(4, 3) if outputs == 3 else make_dataset(rng.normal(size=(40, 4)), rng.integers(0, 2, (40, 1)))
    net = network(4, outputs)
    found = answer(AnswerKind.CONFUSION, net, data, 0, PLENTY)
    assert isinstance(found, Confusion)
    assert found.counts.sum() == 40
    share = accuracy(net, data)
    assert share is not None
    assert found.right == round(40 * share)
    given = predict(net, data.inputs)[0]
    wanted = data.targets[0].argmax(axis=1) if outputs == 3 else data.targets[0, :, 0]
    answered = given.argmax(axis=1) if outputs == 3 else given[:, 0] > 0.5
    for row in range(len(found.labels)):
        for column in range(len(found.labels)):
            assert found.counts[row, column] == ((wanted == row) & (answered == column)).sum()
    assert found.text == f"{found.right} of 40 right"


def test_outputs_that_are_no_number_are_in_no_cell() -> None:
    net = network(4, 3)
    broken = net.with_vector(np.full(net.architecture.parameter_count, np.nan))
    found = answer(AnswerKind.CONFUSION, broken, classes(4, 3), 0, PLENTY)
    assert isinstance(found, Confusion)
    assert (found.counts.sum(), found.undefined, found.text) == (0, 40, "0 of 40 right")
    scatter = answer(AnswerKind.SCATTER, broken, values(4, 3), 0, PLENTY)
    assert scatter.text == "3 outputs, RMS difference not a number"
    for kind, data, inputs in ((AnswerKind.FIT, values(1, 3), 1), (AnswerKind.SEQUENCE, sequences(), 2)):
        other = network(inputs, data.targets.shape[2], recurrent=inputs == 2)
        nothing = other.with_vector(np.full(other.architecture.parameter_count, np.nan))
        shown = answer(kind, nothing, data, 0, PLENTY)
        assert isinstance(shown, Fit | SequenceSeries)
        assert np.isfinite((shown.low, shown.high)).all()


def test_of_many_examples_a_sample_is_counted_while_it_must_be_quick() -> None:
    net, data = network(4, 3), classes(4, 3, 500)
    found = answer(AnswerKind.CONFUSION, net, data, 0, 0)
    assert isinstance(found, Confusion)
    assert found.counts.sum() == LEAST_EXAMPLES
    assert found.text.endswith(f"of {LEAST_EXAMPLES} right; 500 examples in all")
    scatter = answer(AnswerKind.SCATTER, net, values(4, 3, 500), 7, 0)
    assert isinstance(scatter, Scatter)
    assert 7 in scatter.which


def test_the_fit_is_the_networks_output_over_the_range_of_the_inputs() -> None:
    net, data = network(1, 2, "linear"), values(1, 2)
    found = answer(AnswerKind.FIT, net, data, 3, PLENTY)
    assert isinstance(found, Fit)
    assert found.x[0] < data.inputs.min() < data.inputs.max() < found.x[-1]
    np.testing.assert_allclose(found.y[17], predict(net, found.x[17].reshape(1, 1, 1))[0, 0])
    assert found.low < min(found.y.min(), data.targets.min())
    assert found.high > max(found.y.max(), data.targets.max())
    assert found.text == "2 outputs over the input, 40 targets"


def test_outputs_are_paired_with_their_targets() -> None:
    net, data = network(4, 2, "linear"), values(4, 2)
    found = answer(AnswerKind.SCATTER, net, data, 3, PLENTY)
    assert isinstance(found, Scatter)
    assert found.which.tolist() == list(range(40))
    np.testing.assert_array_equal(found.outputs, predict(net, data.inputs)[0])
    np.testing.assert_array_equal(found.targets, data.targets[0])
    error = np.sqrt(((found.outputs - found.targets) ** 2).mean())
    assert found.text == f"2 outputs, RMS difference {error:.4g}"


def test_the_image_is_the_examples_inputs_between_the_least_and_the_largest() -> None:
    data = classes(784, 10)
    found = answer(AnswerKind.IMAGE, network(784, 10), data, 6, PLENTY)
    assert isinstance(found, InputImage)
    assert found.pixels.shape == (28, 28)
    low, high = data.inputs.min(), data.inputs.max()
    assert found.pixels[2, 5] == pytest.approx((data.inputs[0, 6, 2 * 28 + 5] - low) / (high - low))
    assert found.text == "example 7 of 40, 28 × 28 inputs"


def test_an_image_of_equal_pixels_is_drawn_too() -> None:
    data = make_dataset(np.zeros((2, 25)), np.eye(2))
    found = answer(AnswerKind.IMAGE, network(25, 2), data, 0, PLENTY)
    assert isinstance(found, InputImage)
    assert (found.pixels == 0).all()


def test_the_sequence_is_the_stepped_examples() -> None:
    net, data = network(2, 1, recurrent=True), sequences()
    found = answer(AnswerKind.SEQUENCE, net, data, 2, PLENTY)
    assert isinstance(found, SequenceSeries)
    np.testing.assert_array_equal(found.inputs, data.inputs[:, 2])
    np.testing.assert_array_equal(found.targets, data.targets[:, 2])
    np.testing.assert_allclose(found.outputs, predict(net, data.inputs)[:, 2])
    assert found.text == "inputs, targets and outputs over 4 time steps"
