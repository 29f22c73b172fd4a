"""The bundled lesson files: what they print, checked against the documents' figures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer, accuracy
from nnviz.lessons.catalog import find_lesson, lesson_names, load
from nnviz.lessons.lesson import Lesson, PrintedFigure
from nnviz.lessons.notation import load_notation


def record(lesson: Lesson, example: int) -> PassRecord:
    """The pass of one example alone, before any training."""
    rows = slice(example, example + 1)
    x, t = lesson.dataset.inputs[:, rows], lesson.dataset.targets[:, rows]
    return run_pass(lesson.network, x, t, lesson.convention, lesson.training.rule())


def computed(lesson: Lesson, figure: PrintedFigure) -> float:
    """What the engine computes where the document prints a figure, in the document's sign."""
    layer, unit, source = (figure.layer or 1) - 1, (figure.unit or 1) - 1, (figure.source or 1) - 1
    if figure.quantity == "W":
        return float(lesson.network.W[layer][source, unit])
    if figure.quantity == "b":
        return float(lesson.network.b[layer][unit])
    done = record(lesson, lesson.example if figure.example is None else figure.example)
    if figure.quantity == "a":
        return float(done.a[layer][0, 0, unit])
    assert figure.quantity == "dW"
    sign = -1.0 if lesson.convention.delta == "descent" else 1.0
    return sign * float(done.gradients.W[layer][source, unit])


def figures() -> Iterator[tuple[str, int]]:
    for name in ("koehn", "from-scratch"):
        for index in range(len(load(name).printed)):
            yield name, index


@pytest.mark.parametrize(("name", "index"), list(figures()))
def test_printed_figures_agree_to_their_last_digit(name: str, index: int) -> None:
    lesson = load(name)
    figure = lesson.printed[index]
    digits = len(figure.value.partition(".")[2])
    assert round(computed(lesson, figure), digits) == float(figure.value)


@pytest.mark.parametrize("name", lesson_names())
def test_every_lesson_loads_and_begins_with_a_comment(name: str) -> None:
    lesson = load(name)
    assert lesson.name == name
    assert lesson.title
    assert lesson.source
    assert find_lesson(name).read_text(encoding="utf-8").startswith("# ")


def test_koehn() -> None:
    lesson = load("koehn")
    assert lesson.notation == load_notation("koehn")
    # The document's W = [[3, 4], [2, 3]] is (units, inputs).
    assert lesson.network.W[0].T.tolist() == [[3, 4], [2, 3]]
    assert lesson.network.W[1].ravel().tolist() == [5, -5]
    assert [b.tolist() for b in lesson.network.b] == [[-2, -4], [-2]]
    assert lesson.dataset.inputs[0].tolist() == [[0, 0], [1, 0], [0, 1], [1, 1]]
    assert lesson.dataset.targets[0].ravel().tolist() == [0, 1, 1, 0]
    assert (lesson.example, lesson.training.rates.learning_rate) == (1, 1.0)
    assert (lesson.convention.delta, lesson.convention.weights) == ("descent", "units_first")
    assert [(f.quantity, f.layer, f.unit, f.source, f.value) for f in lesson.printed] == [
        ("a", 2, 1, None, "0.7425526"),
        ("dW", 2, 1, 1, "0.03597961"),
        ("dW", 2, 1, 2, "0.00586666"),
    ]
    assert len(lesson.errata) == 4


def test_koehn_pass_by_hand() -> None:
    done = record(load("koehn"), 1)
    # s = (3*1 + 4*0 - 2, 2*1 + 3*0 - 4)
    assert done.z[0].ravel().tolist() == [1.0, -2.0]
    assert done.a[1].item() == pytest.approx(0.7425526000982021, rel=1e-14)
    assert done.loss.item() == pytest.approx(0.03313958185809812, rel=1e-14)
    # The document's delta is the descent direction, minus the gradient.
    assert -done.delta[1].item() == pytest.approx(0.04921576534979593, rel=1e-13)
    assert (-done.delta[0].ravel()).tolist() == pytest.approx([0.04838203385691257, -0.02583669831226368])
    assert done.updated.W[1].ravel().tolist() == pytest.approx([5.03597960746281, -4.99413333696075])


def test_from_scratch() -> None:
    lesson = load("from-scratch")
    assert lesson.notation == load_notation("from-scratch")
    assert [layer.activation for layer in lesson.network.architecture.layers] == ["relu", "sigmoid"]
    assert lesson.network.W[0].tolist() == [
        [1.1485856216352066, -0.43257710852633086, -0.37347382765667075],
        [-0.7587033887270146, 0.6119356031860542, -1.6274336197272976],
    ]
    assert [b.tolist() for b in lesson.network.b] == [[0, 0, 0], [0, 0]]
    assert lesson.initializer is not None
    assert (len([f for f in lesson.printed if f.quantity == "W"]), len(lesson.errata)) == (12, 2)
    assert lesson.example == 0
    done = record(lesson, 0)
    assert done.x.ravel().tolist() == [0.5, -1.0]
    assert done.t.ravel().tolist() == [1.0, 0.0]
    assert done.z[1].ravel().tolist() == pytest.approx([2.5589789397759763, -2.299426681029131], rel=1e-14)
    assert done.a[1].ravel().tolist() == pytest.approx([0.9281744168053285, 0.09117045417567274], rel=1e-14)
    assert done.loss.item() == pytest.approx(0.006735483057926558, rel=1e-13)
    assert done.delta[0].ravel().tolist() == pytest.approx([-0.008143610228233952, 0.0, -0.013027280006046])


def test_from_scratch_learns_its_four_points() -> None:
    lesson = load("from-scratch")
    trainer = Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)
    for _ in range(100):
        trainer.run_epoch()
    assert accuracy(trainer.network(), lesson.dataset) == 1.0


# The error of an epoch, from 0, recomputed independently from the document's formulas.
KRZEMINSKI = {
    "krzeminski-sgd": ("example", {0: 0.15575836957780523, 1: 0.1544357230040205, 100: 0.12622244488913956}),
    "krzeminski-batch": ("batch", {0: 0.15554372396173488, 1: 0.15417854889129937, 100: 0.12501735347166723}),
}


@pytest.mark.parametrize("name", KRZEMINSKI)
def test_krzeminski(name: str) -> None:
    update_after, expected = KRZEMINSKI[name]
    lesson = load(name)
    assert lesson.notation == load_notation("krzeminski")
    assert lesson.network.W[0].tolist() == [
        [-0.165955990594852, 0.4406489868843162, -0.9997712503653102],
        [-0.39533485473632046, -0.7064882183657739, -0.8153228104624044],
    ]
    assert lesson.network.b[1].tolist() == [-0.5910955005369651]
    training = lesson.training
    assert (training.rates.learning_rate, training.epochs, training.reduce) == (0.1, 10_000, "sum")
    assert training.update_after == update_after
    assert (lesson.convention.delta, lesson.convention.weights) == ("gradient", "inputs_first")
    trainer = Trainer(lesson.network, lesson.dataset, training, lesson.convention)
    losses = [trainer.run_epoch() for _ in range(101)]
    assert {epoch: losses[epoch] for epoch in expected} == pytest.approx(expected, rel=1e-12)


def test_both_krzeminski_runs_start_alike() -> None:
    one, other = load("krzeminski-sgd"), load("krzeminski-batch")
    assert np.array_equal(one.network.parameters.vector, other.network.parameters.vector)
    assert np.array_equal(one.dataset.inputs, other.dataset.inputs)
