"""The examples of a model: arrays of any shape that fits, and labels coded as its outputs need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset, make_dataset, make_sequences
from nnviz.engine.losses import LOSSES
from nnviz.models.parts import DataShape, ModelError, to_array

DRAWN_STEPS = 3  # of the drawn example of a recurrent model


def drawn_inputs(shape: DataShape) -> FloatArray:
    """Return one example from seed 0: (1, inputs), or (1, time steps, inputs)."""
    generator = np.random.RandomState(0)
    steps = (DRAWN_STEPS,) if shape.is_recurrent else ()
    return np.round(generator.standard_normal((1, *steps, shape.inputs)), 4)


def model_inputs(shape: DataShape, x: object) -> FloatArray:
    """Return inputs (examples, inputs) or (examples, time, inputs); one example may stand alone, images are flattened.

    Raises ModelError.
    """
    values = _numbers(x, "x")
    if shape.is_recurrent:
        values = values[np.newaxis] if values.ndim == 2 else values
        if values.ndim != 3 or values.shape[-1] != shape.inputs:
            wanted = f"(examples, time steps, {shape.inputs})"
            raise ModelError(f"x has the shape {values.shape}, but the model takes {wanted}")
        return values
    if values.ndim == 1:
        values = values[:, np.newaxis] if shape.inputs == 1 else values[np.newaxis]
    values = values.reshape(len(values), -1) if values.ndim > 2 and len(values) else values
    if values.ndim != 2 or values.shape[1] != shape.inputs:
        raise ModelError(f"x has the shape {values.shape}, but the model takes (examples, {shape.inputs})")
    return values


def model_dataset(shape: DataShape, x: FloatArray, t: object, loss: str) -> Dataset:
    """Return the examples from inputs as `model_inputs` returns, and targets or labels. Raises ModelError."""
    if shape.is_recurrent:
        return make_sequences(x, _sequence_targets(shape, x, to_array(t), loss))
    return make_dataset(x, _targets(shape, to_array(t), len(x), loss))


def at_last(targets: FloatArray, steps: int) -> FloatArray:
    """Return targets (examples, outputs) as those of the last time step: (examples, time, outputs), else NaN."""
    sequences = np.full((len(targets), steps, targets.shape[-1]), np.nan)
    sequences[:, -1] = targets
    return sequences


def _sequence_targets(shape: DataShape, x: FloatArray, t: Any, loss: str) -> FloatArray:
    """Return targets (examples, time, outputs): one for each time step, or one of each example for the last."""
    count, steps = x.shape[:2]
    t = t[np.newaxis] if count == 1 and t.shape == (steps, shape.outputs) else t
    t = t[..., np.newaxis] if t.shape == (count, steps) and shape.outputs == 1 else t
    every, last = (count, steps, shape.outputs), (count, shape.outputs)
    if t.shape == every and not (shape.answers_last and steps > 1):
        return _numbers(t, "t")
    if t.ndim < 2 or (t.ndim == 2 and t.shape[1] in (1, shape.outputs)):
        return at_last(_targets(shape, t, count, loss), steps)
    if shape.answers_last:
        raise ModelError(f"t has the shape {t.shape}, but the model answers at the last time step alone: {last}")
    raise ModelError(f"t has the shape {t.shape}; give a target for each time step, {every}, or for the last, {last}")


def _targets(shape: DataShape, t: Any, count: int, loss: str) -> FloatArray:
    """Return targets (examples, outputs): as they are, as one column, or labels as one-hot rows."""
    t = t[np.newaxis] if t.ndim == 0 else t
    is_column = t.ndim == 1 or (t.ndim == 2 and t.shape[1] == 1 < shape.outputs)
    if t.ndim == 1 and count == 1 and len(t) == shape.outputs > 1:
        return _numbers(t, "t")[np.newaxis]
    if len(t) != count:
        raise ModelError(f"t has {len(t)} targets for {count} examples")
    has_words = t.dtype.kind not in "fiub"
    if is_column and (shape.outputs > 1 or has_words or shape.classes):
        return _one_hot(shape, t.ravel(), loss)
    targets = _numbers(t, "t")
    targets = targets[:, np.newaxis] if targets.ndim == 1 else targets
    if targets.shape != (count, shape.outputs):
        raise ModelError(f"t has the shape {targets.shape}, but the model gives ({count}, {shape.outputs})")
    return targets


def _one_hot(shape: DataShape, labels: Any, loss: str) -> FloatArray:
    """Return labels as scikit-learn codes them: a column for each class in sorted order, one column for two."""
    outputs = shape.outputs
    classes: Sequence[Any] = shape.classes or _classes(labels, max(2, outputs))
    if len(classes) != max(2, outputs):
        raise ModelError(f"t has {len(classes)} classes, but the model has {outputs} output{'s' * (outputs != 1)}")
    unknown = [label for label in labels.tolist() if label not in list(classes)]
    if unknown:
        raise ModelError(f"t has the label {unknown[0]!r}; the classes are {', '.join(map(str, classes))}")
    hot = np.array([[float(label == each) for each in classes] for label in labels.tolist()])
    low = LOSSES[loss].low if loss in LOSSES and np.isfinite(LOSSES[loss].low) else 0.0
    hot = np.where(hot == 1.0, 1.0, low)
    return hot[:, 1:] if outputs == 1 else hot


def _classes(labels: Any, count: int) -> Sequence[Any]:
    """Return the classes of labels: the numbers from 0 where these suffice, as in PyTorch, else those that occur."""
    present = sorted(set(labels.tolist()))
    if labels.dtype.kind in "iub" and present and present[0] >= 0 and present[-1] < count:
        return range(count)
    return present


def _numbers(values: object, name: str) -> FloatArray:
    array = to_array(values)
    if array.dtype.kind not in "fiub":
        raise ModelError(f"{name} holds no numbers, but {array.dtype}")
    return np.asarray(array, dtype=np.float64)
