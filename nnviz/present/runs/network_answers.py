"""What a network answers, as data to draw where there is no decision boundary: matrix, fit, image, sequence."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Network
from nnviz.engine.passes import predict
from nnviz.present.runs.curve import grouped

LEAST_SIDE = 5  # of an image, in pixels
MARGIN = 0.08  # of the range, around a fit
LEAST_EXAMPLES = 50  # whose outputs are computed, however large the network


class AnswerKind(Enum):
    """A picture of the network's answers, by its title."""

    FIT = "Fit curve"
    CONFUSION = "Confusion matrix"
    SCATTER = "Output against target"
    IMAGE = "Input as an image"
    SEQUENCE = "Sequence"


SHORT_TITLES = {
    AnswerKind.FIT: "Fit",
    AnswerKind.CONFUSION: "Matrix",
    AnswerKind.SCATTER: "Output",
    AnswerKind.IMAGE: "Image",
    AnswerKind.SEQUENCE: "Sequence",
}


@dataclass(frozen=True, eq=False)
class Confusion:
    """How often each class was taken for each: `counts[target, output]`; `undefined` outputs are NaN."""

    labels: tuple[str, ...]
    counts: NDArray[np.int64]
    undefined: int
    total: int

    @property
    def right(self) -> int:
        """The number of examples whose class is right."""
        return int(np.trace(self.counts))

    @property
    def text(self) -> str:
        """The summary in a line."""
        shown = int(self.counts.sum()) + self.undefined
        sample = "" if shown == self.total else f"; {grouped(self.total)} examples in all"
        return f"{grouped(self.right)} of {grouped(shown)} right{sample}"


@dataclass(frozen=True, eq=False)
class Fit:
    """The outputs (points, outputs) over one input, and the examples' inputs and targets (examples, outputs)."""

    x: FloatArray
    y: FloatArray
    inputs: FloatArray
    targets: FloatArray
    low: float
    high: float
    example: int

    @property
    def text(self) -> str:
        """The summary in a line."""
        outputs = self.y.shape[1]
        lines = "the output" if outputs == 1 else f"{outputs} outputs"
        return f"{lines} over the input, {grouped(len(self.inputs))} targets"


@dataclass(frozen=True, eq=False)
class Scatter:
    """Targets and outputs (examples, outputs) of the examples `which`; both axes go from `low` to `high`."""

    which: NDArray[np.int64]
    targets: FloatArray
    outputs: FloatArray
    low: float
    high: float
    example: int

    @property
    def text(self) -> str:
        """The summary in a line: the root mean square (RMS) difference."""
        error = float(np.sqrt(np.mean((self.outputs - self.targets) ** 2)))
        known = f"{error:.4g}" if math.isfinite(error) else "not a number"
        outputs = self.targets.shape[1]
        return f"{f'{outputs} outputs, ' if outputs > 1 else ''}RMS difference {known}"


@dataclass(frozen=True, eq=False)
class InputImage:
    """An example's inputs as the pixels of a square, 0 at the least value of all examples and 1 at the largest."""

    pixels: FloatArray
    example: int
    total: int

    @property
    def text(self) -> str:
        """The summary in a line."""
        side = len(self.pixels)
        return f"example {grouped(self.example + 1)} of {grouped(self.total)}, {side} × {side} inputs"


@dataclass(frozen=True, eq=False)
class SequenceSeries:
    """Inputs, targets and outputs of an example, each (time steps, values)."""

    inputs: FloatArray
    targets: FloatArray
    outputs: FloatArray
    low: float
    high: float

    @property
    def text(self) -> str:
        """The summary in a line."""
        return f"inputs, targets and outputs over {grouped(len(self.inputs))} time steps"


Answer = Confusion | Fit | Scatter | InputImage | SequenceSeries


def answer_kinds(network: Network, dataset: Dataset) -> tuple[AnswerKind, ...]:
    """Return the pictures that fit a network without a decision boundary, the most informative first."""
    inputs = network.architecture.inputs
    if dataset.time_steps > 1 or network.architecture.is_recurrent:
        return (AnswerKind.SEQUENCE,)
    if not dataset.has_targets:
        return (AnswerKind.FIT,) if inputs == 1 else ()
    answers = AnswerKind.SCATTER if class_labels(dataset) is None else AnswerKind.CONFUSION
    image = (AnswerKind.IMAGE,) if image_side(network) else ()
    return (AnswerKind.FIT, answers) if inputs == 1 else (answers, *image)


def class_labels(dataset: Dataset) -> tuple[str, ...] | None:
    """Return the names of the classes: units counted from 1, or the two targets of a single output; None if neither."""
    targets = dataset.targets[0]
    if targets.shape[1] > 1:
        one_hot = np.isin(targets, (0.0, 1.0)).all() and (targets.sum(axis=1) == 1.0).all()
        return tuple(str(unit + 1) for unit in range(targets.shape[1])) if one_hot else None
    values = np.unique(targets)
    return tuple(f"{value:g}" for value in values) if len(values) == 2 else None


def answer(kind: AnswerKind, network: Network, dataset: Dataset, example: int, work: int) -> Answer:
    """Return a picture of a network's answers; `work` bounds the products that computing it takes."""
    return _MAKERS[kind](network, dataset, example, work)


def _sample(network: Network, dataset: Dataset, work: int) -> NDArray[np.int64]:
    """Return the examples that are answered: all, or as many as the work allows, evenly spread."""
    most = max(LEAST_EXAMPLES, work // network.architecture.parameter_count)
    return np.linspace(0, len(dataset) - 1, min(len(dataset), most)).astype(np.int64)


def _confusion(network: Network, dataset: Dataset, example: int, work: int) -> Confusion:
    labels = class_labels(dataset)
    assert labels is not None
    which = _sample(network, dataset, work)
    outputs, targets = predict(network, dataset.inputs[:, which])[0], dataset.targets[0, which]
    known = ~np.isnan(outputs).any(axis=1)
    if targets.shape[1] > 1:
        wanted, given = targets.argmax(axis=1), outputs.argmax(axis=1)
    else:
        middle = (float(dataset.targets.min()) + float(dataset.targets.max())) / 2
        wanted, given = (targets[:, 0] > middle).astype(np.int64), (outputs[:, 0] > middle).astype(np.int64)
    counts = np.zeros((len(labels), len(labels)), dtype=np.int64)
    np.add.at(counts, (wanted[known], given[known]), 1)
    return Confusion(labels, counts, int((~known).sum()), len(dataset))


def _fit(network: Network, dataset: Dataset, example: int, work: int) -> Fit:
    inputs, targets = dataset.inputs[0, :, 0], dataset.targets[0]
    low, high = _spread(inputs)
    x = np.linspace(low, high, max(40, min(400, work // (40 * network.architecture.parameter_count))))
    y = predict(network, x.reshape(1, -1, 1))[0]
    bottom, top = _spread(np.concatenate((targets.ravel(), y[np.isfinite(y)])))
    return Fit(x, y, inputs=inputs, targets=targets, low=bottom, high=top, example=example)


def _scatter(network: Network, dataset: Dataset, example: int, work: int) -> Scatter:
    which = _sample(network, dataset, work)
    if example not in which:
        which = np.append(which, example)
    outputs, targets = predict(network, dataset.inputs[:, which])[0], dataset.targets[0, which]
    low, high = _spread(np.concatenate((targets.ravel(), outputs[np.isfinite(outputs)])))
    return Scatter(which, targets, outputs, low, high, example)


def image_side(network: Network) -> int:
    """Return the side of the square whose pixels the inputs are, 0 if they are no image."""
    architecture = network.architecture
    side = math.isqrt(architecture.inputs)
    return 0 if architecture.is_recurrent or side * side != architecture.inputs or side < LEAST_SIDE else side


def _image(network: Network, dataset: Dataset, example: int, work: int) -> InputImage:
    inputs = dataset.inputs[0]
    low, high = float(inputs.min()), float(inputs.max())
    side = math.isqrt(inputs.shape[1])
    pixels = (inputs[example] - low) / (high - low if high > low else 1.0)
    return InputImage(pixels.reshape(side, side), example, len(dataset))


def _sequence(network: Network, dataset: Dataset, example: int, work: int) -> SequenceSeries:
    inputs, targets = dataset.inputs[:, example], dataset.targets[:, example]
    outputs = predict(network, dataset.inputs[:, example : example + 1])[:, 0]
    shown = np.concatenate((inputs.ravel(), targets.ravel(), outputs[np.isfinite(outputs)]))
    return SequenceSeries(inputs, targets, outputs, *_spread(shown))


def _spread(values: FloatArray) -> tuple[float, float]:
    """Return the range of the values that are known, with a margin; of equal values, one around them."""
    values = values[~np.isnan(values)]
    low, high = float(values.min()), float(values.max())
    if not low < high:
        return low - 0.5, high + 0.5
    margin = MARGIN * (high - low)
    return (low - margin, high + margin) if math.isfinite(margin) else (low, high)


_MAKERS: dict[AnswerKind, Callable[[Network, Dataset, int, int], Answer]] = {
    AnswerKind.FIT: _fit,
    AnswerKind.CONFUSION: _confusion,
    AnswerKind.SCATTER: _scatter,
    AnswerKind.IMAGE: _image,
    AnswerKind.SEQUENCE: _sequence,
}
