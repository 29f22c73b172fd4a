"""The decision boundary as data: the network's own answers, placed and coloured."""

import numpy as np
import pytest

from nnviz.engine.datasets import Dataset, make_dataset
from nnviz.engine.network import Architecture, Layer, Network, make_network
from nnviz.engine.passes import predict
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.runs import boundary
from nnviz.present.runs.boundary import (
    TOP,
    UNDEFINED,
    boundary_bounds,
    boundary_codes,
    boundary_obstacle,
    boundary_ramp,
    boundary_values,
    make_plane,
    point_classes,
    point_colors,
)

SIZE = 20


def network(inputs: int, outputs: int, activation: str = "sigmoid") -> Network:
    architecture = Architecture(inputs, (Layer(3, "tanh"), Layer(outputs, activation)), "half_squared")
    return make_network(architecture, np.random.default_rng(0).normal(size=architecture.parameter_count))


def points(targets: list[list[float]]) -> Dataset:
    return make_dataset(np.random.default_rng(1).normal(size=(len(targets), 2)), targets)


def cell(bounds: boundary.Bounds, row: int, column: int) -> tuple[float, float]:
    return (
        bounds.left + (bounds.right - bounds.left) * (column + 0.5) / SIZE,
        bounds.bottom + (bounds.top - bounds.bottom) * (row + 0.5) / SIZE,
    )


def test_bounds_of_xor():
    bounds = boundary_bounds(load("koehn").dataset)
    assert (bounds.left, bounds.right, bounds.bottom, bounds.top) == pytest.approx((-0.35, 1.35, -0.35, 1.35))


def test_bounds_of_one_point_have_an_extent():
    bounds = boundary_bounds(make_dataset([[2.0, 3.0]], [[1.0]]))
    assert bounds.left < 2.0 < bounds.right
    assert bounds.bottom < 3.0 < bounds.top


def test_each_cell_is_the_networks_output_there_the_lowest_row_first():
    lesson = load("koehn")
    plane = make_plane(lesson.dataset)
    values = boundary_values(lesson.network, plane, SIZE)
    assert values.shape == (SIZE, SIZE)
    assert values.dtype == np.float32
    for row, column in ((0, 0), (3, 17), (19, 4)):
        x = np.array([[cell(plane.bounds, row, column)]])
        assert values[row, column] == np.float32(predict(lesson.network, x)[0, 0, 0])


def test_outputs_are_mapped_between_the_two_targets():
    net, data = network(2, 1, "tanh"), points([[-1.0], [1.0]])
    plane = make_plane(data)
    assert (plane.kind, plane.low, plane.high) == ("two", -1.0, 1.0)
    y = predict(net, np.array([[cell(plane.bounds, 5, 6)]]))[0, 0, 0]
    assert boundary_values(net, plane, SIZE)[5, 6] == pytest.approx((y + 1) / 2, abs=1e-6)


def test_targets_of_any_values_make_a_heat_map():
    net, data = network(2, 1, "linear"), points([[0.0], [3.0], [7.0], [10.0]])
    plane = make_plane(data)
    values = boundary_values(net, plane, SIZE)
    assert plane.kind == "values"
    assert values.min() >= 0.0
    assert values.max() <= 1.0
    assert point_classes(data, plane).tolist() == [0, 0, 1, 1]


def test_several_outputs_give_the_class_and_its_margin():
    net, data = network(2, 3, "softmax"), points([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    plane = make_plane(data)
    assert plane.kind == "classes"
    values = boundary_values(net, plane, SIZE)
    for row, column in ((0, 0), (10, 10), (19, 1)):
        y = predict(net, np.array([[cell(plane.bounds, row, column)]]))[0, 0]
        second, first = np.sort(y)[-2:]
        assert int(values[row, column]) == y.argmax()
        assert values[row, column] % 1 == pytest.approx(min(first - second, 0.999), abs=1e-5)
    assert point_classes(data, plane).tolist() == [0, 1, 2]


def test_a_fine_grid_is_evaluated_in_parts_with_the_same_result(monkeypatch: pytest.MonkeyPatch):
    lesson = load("koehn")
    plane = make_plane(lesson.dataset)
    whole = boundary_values(lesson.network, plane, SIZE)
    monkeypatch.setattr(boundary, "BATCH_NUMBERS", 3 * SIZE * 6 * 5)
    np.testing.assert_allclose(boundary_values(lesson.network, plane, SIZE), whole, rtol=1e-6)


@pytest.mark.parametrize("outputs", [1, 3])
def test_what_is_no_number_is_shown_as_such(outputs: int):
    net = network(2, outputs)
    broken = net.with_vector(np.full(net.architecture.parameter_count, np.nan))
    plane = make_plane(points(np.eye(max(outputs, 2))[:, :outputs].tolist()))
    values = boundary_values(broken, plane, SIZE)
    assert np.isnan(values).all()
    assert (boundary_codes(values, plane.kind) == UNDEFINED).all()


def test_codes_run_through_the_ramp():
    values = np.array([[0.0, 0.5, 1.0]], dtype=np.float32)
    assert boundary_codes(values, "two").tolist() == [[0, TOP // 2, TOP]]
    classes = np.array([[0.0, 1.0, 5.998, 6.0]], dtype=np.float32)
    codes = boundary_codes(classes, "classes")
    assert codes[0, 0] == codes[0, 3]  # the seventh class has the first one's colour again
    assert codes.max() < UNDEFINED


@pytest.mark.parametrize("name", ["light", "dark", "high-contrast"])
def test_the_ramp_goes_from_negative_over_neutral_to_positive(name: str):
    palette = load_palette(name)
    ramp = ["#" + bytes(color[:3].tolist()).hex() for color in boundary_ramp(palette, "two")]
    assert len(ramp) == 256
    assert (ramp[0], ramp[TOP // 2], ramp[TOP], ramp[UNDEFINED]) == (
        palette.negative_region,
        palette.neutral_region,
        palette.positive_region,
        palette.differs_wash,
    )
    assert boundary_ramp(palette, "classes").shape == (256, 4)


def test_dots_have_the_colour_of_their_class():
    palette = load_palette("light")
    xor = load("koehn").dataset
    plane = make_plane(xor)
    assert point_colors(point_classes(xor, plane), plane, palette) == [
        palette.negative,
        palette.positive,
        palette.positive,
        palette.negative,
    ]
    onehot = load("from-scratch").dataset
    plane = make_plane(onehot)
    assert set(point_colors(point_classes(onehot, plane), plane, palette)) == set(palette.series[:2])


def test_why_there_is_no_boundary():
    two = points([[0.0], [1.0]])
    assert boundary_obstacle(network(2, 1), two) is None
    assert boundary_obstacle(network(784, 1), two) == ("The decision boundary needs two inputs; this network has 784.")
    in_time = Dataset(np.zeros((3, 2, 2)), np.zeros((3, 2, 1)))
    assert "sequences" in str(boundary_obstacle(network(2, 1), in_time))
