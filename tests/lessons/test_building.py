"""What a network becomes while it is built: each change of a lesson is a lesson again, whose file opens the same."""

from __future__ import annotations

import numpy as np
import pytest

from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.loader import parse_lesson
from nnviz.lessons.making.building import (
    Build,
    class_targets,
    network_for_data,
    new_network,
    with_activation,
    with_data,
    with_layer,
    with_loss,
    with_point,
    with_point_moved,
    with_preset,
    with_units,
    with_weights,
    without_layer,
    without_point,
)
from nnviz.lessons.making.lesson_text import lesson_text
from nnviz.presets.preset_table import PRESETS


@pytest.mark.parametrize("name", lesson_names())
def test_any_lesson_can_be_built_upon(name: str) -> None:
    own = load(name)
    more = with_layer(0)(own)
    assert more.network.architecture.sizes == (
        *own.network.architecture.sizes[:1],
        4,
        *own.network.architecture.sizes[1:],
    )
    back = without_layer(0)(more)
    assert back.network.architecture.sizes == own.network.architecture.sizes
    assert (back.printed, back.errata, dict(back.captions)) == ((), (), {})
    assert back.dataset.inputs.tobytes() == own.dataset.inputs.tobytes()


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_fits_itself(name: str) -> None:
    built = with_preset(name)(new_network())
    assert built.network.architecture.inputs == built.dataset.inputs.shape[-1] == PRESETS[name].inputs
    assert built.network.architecture.sizes[-1] == built.dataset.targets.shape[-1]
    read = parse_lesson(lesson_text(built), "mine.toml")
    assert read.network.parameters.vector.tobytes() == built.network.parameters.vector.tobytes()
    assert read.dataset.targets.tobytes() == built.dataset.targets.tobytes()


@pytest.mark.parametrize("change", [with_layer(5), without_layer(5), with_units(5, 3), with_activation(5, "relu")])
def test_a_layer_that_was_removed_meanwhile_is_missed_in_a_line(change: Build) -> None:
    with pytest.raises(LessonError, match="there is no layer 6 any more"):
        change(new_network())


@pytest.mark.parametrize("change", [without_layer(1), with_units(1, 1)])
def test_the_output_layer_is_not_taken_for_a_hidden_one_that_was_removed(change: Build) -> None:
    one = with_units(0, 1)(new_network())  # of one neuron, which might be an output as well
    with pytest.raises(LessonError, match="there is no layer 2 any more"):
        change(one)


def test_a_change_of_shape_draws_the_weights_anew_and_another_activation_keeps_them() -> None:
    first = new_network()
    kept = with_activation(0, "relu")(first)
    assert kept.network.parameters.vector.tobytes() == first.network.parameters.vector.tobytes()
    drawn = with_weights("he", 7)(with_units(0, 3)(first))
    assert drawn.network.architecture.sizes == (2, 3, 1)
    again = with_weights("he", 7)(drawn)
    assert again.network.parameters.vector.tobytes() == drawn.network.parameters.vector.tobytes()


def test_a_loss_brings_its_output_and_a_preset_of_another_kind_its_loss() -> None:
    two = with_loss("half_squared")(new_network())
    assert two.network.architecture.layers[-1].activation == "sigmoid"  # no output belongs to this loss
    curve = with_preset("sine")(two)
    assert (curve.network.architecture.loss, curve.network.architecture.layers[-1].activation) == (
        "half_squared",
        "linear",
    )
    flowers = with_preset("iris")(curve)
    assert (flowers.network.architecture.loss, flowers.network.architecture.sizes[-1]) == ("cross_entropy", 3)
    with pytest.raises(LessonError):
        with_data("points", 500)(flowers)


def test_points_come_last_and_keep_what_is_held_out() -> None:
    first = with_data("held_out", 0.25)(new_network())
    more = with_point((0.5, -0.5), (1.0,))(first)
    assert len(more.dataset) == len(first.dataset) + 1 == more.example + 1
    assert more.held_out is not None
    assert more.held_out.inputs.tobytes() == first.held_out.inputs.tobytes()
    moved = with_point_moved(3, (9.0, 9.0))(more)
    assert moved.dataset.inputs[0, 3].tolist() == [9.0, 9.0]
    fewer = without_point(0)(moved)
    assert np.array_equal(fewer.dataset.inputs[0], moved.dataset.inputs[0, 1:])


def test_the_classes_are_those_of_the_targets() -> None:
    assert class_targets(new_network()) == [[0.0], [1.0]]
    assert class_targets(with_preset("iris")(new_network())) == np.eye(3).tolist()
    assert class_targets(with_preset("sine")(new_network())) == []


@pytest.mark.parametrize(
    ("labels", "sizes", "loss"),
    [
        ((0, 1, 2), (2, 8, 3), "cross_entropy"),
        ((3, 1, 2), (2, 8, 3), "cross_entropy"),
        ((1, 2), (2, 8, 2), "cross_entropy"),
        ((0, 1), (2, 8, 1), "binary_cross_entropy"),
        ((0, 2, 3), (2, 8, 1), "half_squared"),
        ((0.5, 1, 2), (2, 8, 1), "half_squared"),
    ],
)
def test_labels_that_count_on_are_classes(tmp_path, labels, sizes, loss):
    path = tmp_path / "labels.csv"
    rows = [f"{0.1 * n:.1f},{n % 4}.5,{labels[n % len(labels)]}" for n in range(12)]
    path.write_text("\n".join(("a,b,kind", *rows)), encoding="utf-8")
    architecture = network_for_data(str(path)).network.architecture
    assert (architecture.sizes, architecture.loss) == (sizes, loss)
