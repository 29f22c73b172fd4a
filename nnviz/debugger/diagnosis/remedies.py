"""What to try against a problem: another rate or step, other weights, weight decay, or other data, from the start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.edits import edit_dataset
from nnviz.debugger.state.session import Session, choose_checkpoint, choose_convention, choose_training
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.datasets import Dataset
from nnviz.engine.initializers import Initializer, draw_parameters
from nnviz.engine.network import Architecture
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import start_checkpoint

SEED = 1
DECAY = 0.01
FAR = 10.0  # a weighted sum at which an activation shows how it treats large ones


@dataclass(frozen=True)
class Remedy:
    """A change to try.

    "rate" and "decay" have a `value`, "draw" the `scheme` of the weights. "downhill" is the direction of the step,
    "scale" gives each input mean 0 and deviation 1, and "balance" makes the classes equally frequent.
    """

    kind: str
    value: float = 0.0
    scheme: str = ""


def apply_remedy(session: Session, remedy: Remedy) -> Session:
    """Return the session at the start of its run, with the change made; training starts again from there."""
    return _CHANGES[remedy.kind](session, remedy)


def draw_for(session: Session) -> Remedy:
    """Return new initial weights of the size that suits the hidden layers: He for those like relu, else Xavier."""
    architecture = session.lesson.network.architecture
    is_like_relu = any(_is_one_sided(architecture, layer) for layer in range(architecture.depth - 1))
    return Remedy("draw", scheme="he" if is_like_relu else "xavier")


def _is_one_sided(architecture: Architecture, layer: int) -> bool:
    """Return whether a layer lets large sums pass and holds very negative ones back."""
    out = np.empty(2)
    constants = tuple(map(frozen_array, architecture.constants(layer)))
    ACTIVATIONS[architecture.layers[layer].activation].value(np.array([-FAR, FAR]), out, constants)
    low, high = out.tolist()
    return bool(high > 0.9 * FAR and low > -0.5 * FAR)


def smaller_rate(session: Session, largest: float | None) -> Remedy:
    """Return half of the largest rate that would not diverge, or a tenth of the present one, in one digit."""
    rate = session.training.rates.learning_rate
    wanted = 0.1 * rate if largest is None or largest > rate else 0.5 * largest
    return Remedy("rate", one_digit(wanted))


def larger_rate(session: Session) -> Remedy:
    """Return ten times the present rate."""
    return Remedy("rate", one_digit(10.0 * session.training.rates.learning_rate))


def one_digit(value: float) -> float:
    """Return a positive number rounded down to one significant digit."""
    power = 10.0 ** floor(log10(value)) if value > 0.0 else 1.0
    return float(f"{max(1, int(value / power * (1 + 1e-9))) * power:.6g}")


def _restarted(session: Session) -> Session:
    """Return the session at the first pass of its run, with its present settings."""
    start = start_checkpoint(session.lesson.network, session.training)
    first = session.run.segments[0].start
    vector = first.parameters if first.update == 0 else start.parameters
    return choose_checkpoint(session, replace(start, parameters=vector))


def _rate(session: Session, remedy: Remedy) -> Session:
    rates = replace(session.training.rates, learning_rate=remedy.value)
    return _restarted(choose_training(session, replace(session.training, rates=rates)))


def _draw(session: Session, remedy: Remedy) -> Session:
    architecture = session.lesson.network.architecture
    vector = draw_parameters(architecture, Initializer(remedy.scheme, SEED, bias="zero"), {})
    start = start_checkpoint(session.lesson.network, session.training)
    return choose_checkpoint(session, replace(start, parameters=frozen_array(vector)))


def _decay(session: Session, remedy: Remedy) -> Session:
    rates = replace(session.training.rates, weight_decay=remedy.value)
    decays = next(row.name for row in OPTIMIZERS.values() if any(each.name == "weight_decay" for each in row.constants))
    return _restarted(choose_training(session, replace(session.training, optimizer=decays, rates=rates)))


def _downhill(session: Session, remedy: Remedy) -> Session:
    return _restarted(choose_convention(session, replace(session.convention, step="downhill")))


def _scale(session: Session, remedy: Remedy) -> Session:
    data = session.lesson.dataset
    spread = data.inputs.std(axis=(0, 1))
    scaled = (data.inputs - data.inputs.mean(axis=(0, 1))) / np.where(spread > 0.0, spread, 1.0)
    return edit_dataset(_restarted(session), Dataset(frozen_array(scaled), data.targets))


def _balance(session: Session, remedy: Remedy) -> Session:
    data = session.lesson.dataset
    chosen = balanced(class_of_examples(data.targets))
    inputs, targets = (frozen_array(array[:, chosen]) for array in (data.inputs, data.targets))
    return edit_dataset(_restarted(session), Dataset(inputs, targets))


def balanced(classes: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return which example is at each place, so that all classes are equally frequent.

    Only examples of too frequent classes give way, to copies of the examples of the others in turn.
    """
    chosen = np.arange(classes.size)
    names, counts = np.unique(classes, return_counts=True)
    wanted = np.full(names.size, classes.size // names.size)
    wanted[np.argsort(-counts, kind="stable")[: classes.size % names.size]] += 1
    free = np.concatenate(
        [np.flatnonzero(classes == name)[most:] for name, most in zip(names.tolist(), wanted.tolist(), strict=True)]
    )
    copies = [
        np.resize(np.flatnonzero(classes == name), max(0, most - count))
        for name, count, most in zip(names.tolist(), counts.tolist(), wanted.tolist(), strict=True)
    ]
    chosen[free] = np.concatenate(copies)
    return chosen


def class_of_examples(targets: FloatArray) -> NDArray[np.intp]:
    """Return the class of each example by its target (time, examples, outputs) at the last step; -1 without classes.

    A single output has the classes of its lower and its higher value, several outputs one class each.
    """
    last = targets[-1]
    none = np.full(len(last), -1)
    if np.unique(last).size != 2:
        return none
    is_high = last == last.max()
    if last.shape[1] == 1:
        return np.asarray(is_high[:, 0], dtype=np.intp)
    return np.asarray(is_high.argmax(axis=1), dtype=np.intp) if (is_high.sum(axis=1) == 1).all() else none


_CHANGES = {
    "rate": _rate,
    "draw": _draw,
    "decay": _decay,
    "downhill": _downhill,
    "scale": _scale,
    "balance": _balance,
}
