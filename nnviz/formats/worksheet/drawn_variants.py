"""Variants of a pass with other weights, of one decimal and of moderate size, so that it can be worked by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session, choose_example, restart
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.datasets import Dataset
from nnviz.engine.passes import run_pass
from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import audit
from nnviz.tracing.steps import Grain

MOST_VARIANTS = 100
MOST_PARAMETERS = 200  # of more, nobody works a pass by hand
_LARGEST_WEIGHT, _LARGEST_BIAS = 9, 5  # in tenths
_LARGEST_SUM = 3.0  # of the inputs of sigmoid, tanh and the like
_LARGEST_RELU = 10.0
_TRIES = 500


def draw_variants(session: Session, count: int, seed: int) -> tuple[Session, ...]:
    """Return `count` sessions of the same lesson with other weights, each different, drawn from a seed.

    Each also steps an example drawn from the data, with its numbers rounded to two decimals. Raises ValueError, in one
    line, if the network is too large to be worked by hand, or no weights of moderate size are found.
    """
    parameters = session.record.architecture.existing.size
    if parameters > MOST_PARAMETERS:
        raise ValueError(f"a network of {parameters} weights and biases is too large for variants worked by hand")
    found: list[Session] = []
    seen: set[tuple[float, ...]] = set()
    for vector, example in _candidates(session, seed):
        if tuple(vector) not in seen and _is_moderate(_pass_of_one(session, vector, example)):
            seen.add(tuple(vector))
            found.append(_with_weights(session, vector, example))
            _check(found[-1])
        if len(found) == count:
            return tuple(found)
    raise ValueError("no weights of moderate size are found for this network and its data")


def _candidates(session: Session, seed: int) -> Iterator[tuple[FloatArray, int]]:
    """Yield vectors of parameters, each with an example."""
    generator = np.random.default_rng(seed)
    architecture = session.record.architecture
    for _ in range(_TRIES * MOST_VARIANTS):
        vector = np.empty(architecture.parameter_count)
        for slots in architecture.slots:
            for name, slot in slots.items():
                largest = _LARGEST_WEIGHT if name.startswith("W") else _LARGEST_BIAS
                size = slot.stop - slot.start
                tenths = generator.integers(1, largest + 1, size) * generator.choice((-1, 1), size)
                vector[slot] = tenths / 10
        if architecture.missing is not None:
            vector[architecture.missing] = 0.0
        yield vector, int(generator.integers(len(session.lesson.dataset)))


def _pass_of_one(session: Session, vector: FloatArray, example: int) -> PassRecord:
    """Return the pass of one example with other weights, which is fast also where batches are large."""
    data = session.lesson.dataset
    return run_pass(
        session.network.with_vector(vector),
        np.round(data.inputs[:, [example]], 2),
        np.round(data.targets[:, [example]], 2),
        session.convention,
        session.training.rule,
        examples=(example,),
        row=0,
    )


def _with_weights(session: Session, vector: FloatArray, example: int) -> Session:
    """Return a session of the lesson with other weights, at the start of the pass of an example."""
    own = session.lesson
    lesson = replace(
        own,
        network=own.network.with_vector(vector),
        dataset=_rounded(own.dataset, example),
        printed=(),
        errata=(),
    )
    return choose_example(restart(session, lesson), example)


def _rounded(dataset: Dataset, example: int) -> Dataset:
    """Return the data with the numbers of one example rounded to two decimals."""
    inputs, targets = np.array(dataset.inputs), np.array(dataset.targets)
    inputs[:, example] = np.round(inputs[:, example], 2)
    targets[:, example] = np.round(targets[:, example], 2)
    return Dataset(frozen_array(inputs), frozen_array(targets))


def _is_moderate(record: PassRecord) -> bool:
    """Return whether a pass has inputs, and no weighted sum at which a neuron is saturated, dead or at a corner."""
    row = record.row
    if not record.x[:, row].any():
        return False
    for layer, z, a in zip(record.architecture.layers, record.z, record.a, strict=True):
        sums = z[:, row]
        rule = ACTIVATIONS[layer.activation]
        unbounded = not rule.limits and not rule.is_flat
        if np.abs(sums).max() > (_LARGEST_RELU if unbounded else _LARGEST_SUM):
            return False
        if unbounded and not rule.is_identity and ((np.abs(sums) < 0.01).any() or not (sums > 0).any()):
            return False
        if not np.isfinite(a[:, row]).all():
            return False
    return bool(np.isfinite(record.updated.vector).all())


def _check(session: Session) -> None:
    """Raise ValueError if the numbers of a pass are not what plain arithmetic gives."""
    steps = list(session.trace.at(Grain.NEURON))
    if audit(session.trace, steps):
        raise ValueError("a variant does not agree with its check; this is a fault of nnviz")
