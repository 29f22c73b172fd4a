"""The norm of each layer's gradient along a run, and the distributions of its weights and activations in a pass."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.diagnosis.findings import norm
from nnviz.debugger.state.run import Run
from nnviz.debugger.state.session import Session
from nnviz.debugger.training.replay import replay
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import Convention
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Architecture, view_parameters
from nnviz.engine.passes import backward, forward, measure
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Checkpoint
from nnviz.present.runs.curve import Epochs, LossRun, loss_text
from nnviz.present.runs.run_places import even_updates, examples_of, run_marks, run_start, work_on_data

BINS = 24
NORM = "gradient norm"


@dataclass(frozen=True, eq=False)
class LayerNorms:
    """The norms of the layers' gradients after some updates.

    `updates` are ascending, and `norms` are (updates, layers). The gradient is that of the mean loss of `examples` of
    the `every` examples that are trained on, with respect to all parameters of the layer.
    """

    updates: Epochs
    norms: FloatArray
    examples: int
    every: int


class GradientNorms:
    """The norms of a session's run. Mutable: it keeps what it knows, so that a growing run costs only its end."""

    def __init__(self) -> None:
        self._data: Dataset | None = None
        self._rules: tuple[Convention, Architecture] | None = None
        self._known: dict[int, tuple[Checkpoint, FloatArray]] = {}  # by the identity of the checkpoint
        self._whole: tuple[Run, LayerNorms] | None = None

    def whole(self, session: Session) -> LayerNorms | None:
        """Return the norms at evenly spread updates of the session's run, if they are known."""
        self._attend(session)
        if self._whole is None:
            return None
        run, norms = self._whole
        return norms if run.segments is session.run.segments and run.end == session.run.end else None

    def at_marks(self, session: Session) -> Generator[None, None, LayerNorms]:
        """Return the norms at checkpoints of the run and at the present pass; yield after each that is computed."""
        self._attend(session)
        marks, gradients = run_marks(session), _MeanGradient(session)
        for mark in marks:
            if id(mark) not in self._known:
                self._known[id(mark)] = mark, gradients.norms(mark.parameters)
                yield
        self._known = {id(mark): self._known[id(mark)] for mark in marks}
        return gradients.along({mark.update: self._known[id(mark)][1] for mark in marks})

    def along(self, session: Session) -> Generator[None, None, LayerNorms]:
        """Return the norms at evenly spread updates, for which the run is made again; yield after each update."""
        self._attend(session)
        run, start, gradients = session.run, run_start(session), _MeanGradient(session)
        wanted = even_updates(session)
        found = {start.update: gradients.norms(start.parameters)}
        for trainer, _ in replay(run, session.lesson, start.update, run.end):
            if trainer.update_count in wanted:
                found[trainer.update_count] = gradients.norms(trainer.network().parameters.vector)
            yield
        norms = gradients.along(found)
        self._whole = run, norms
        return norms

    def _attend(self, session: Session) -> None:
        """Forget what belongs to other data, another network or another convention."""
        data, rules = session.lesson.dataset, (session.convention, session.record.architecture)
        if data is not self._data or rules != self._rules:
            self._data, self._rules, self._known, self._whole = data, rules, {}, None


class _MeanGradient:
    """The gradient of the mean loss of the data. Mutable: each overwrites the buffers."""

    def __init__(self, session: Session) -> None:
        self._architecture, self._convention = session.record.architecture, session.convention
        self._work = work_on_data(self._architecture, session.lesson.dataset)
        self._counts = examples_of(self._work), len(session.lesson.dataset)

    def along(self, found: dict[int, FloatArray]) -> LayerNorms:
        """Return norms by the updates after which they were computed, which ascend."""
        return LayerNorms(np.array(list(found), dtype=np.int64), np.array(list(found.values())), *self._counts)

    def norms(self, vector: FloatArray) -> FloatArray:
        """Return the norm of each layer's gradient at some parameters, (layers,)."""
        parameters = view_parameters(self._architecture, np.array(vector))
        with np.errstate(all="ignore"):
            forward(self._work, parameters)
            measure(self._work)
            backward(self._work, parameters, self._convention, "mean")
            gradient = self._work.gradients.vector
            parts = [np.concatenate([gradient[at] for at in slots.values()]) for slots in self._architecture.slots]
            return np.array([norm(part) for part in parts])


def layer_name(layer: int) -> str:
    """Return the name of a layer, counted from 0, in plots."""
    return f"layer {layer + 1}"


def norm_curves(norms: LayerNorms) -> tuple[LossRun, ...]:
    """Return the norms as curves over the updates, one for each layer."""
    layers = range(norms.norms.shape[1])
    return tuple(LossRun(layer_name(layer), layer, norms.updates, norms.norms[:, layer]) for layer in layers)


def norm_at(norms: LayerNorms, layer: int, update: int | None = None) -> float | None:
    """Return a layer's norm after an update, the next one that is known, or the last; None beyond the end."""
    at = len(norms.updates) - 1 if update is None else int(np.searchsorted(norms.updates, update))
    return float(norms.norms[at, layer]) if at < len(norms.updates) else None


@dataclass(frozen=True, eq=False)
class Distribution:
    """How many of some numbers are in each of BINS equal parts from `low` to `high`; NaN and infinity are in none."""

    low: float
    high: float
    counts: NDArray[np.int64]


def distribution(numbers: FloatArray) -> Distribution:
    """Return the distribution of numbers; equal numbers are in the middle of a range of width 1."""
    finite = numbers[np.isfinite(numbers)]
    if not finite.size:
        return Distribution(0.0, 0.0, np.zeros(BINS, dtype=np.int64))
    low, high = float(finite.min()), float(finite.max())
    if high - low <= 1e-12 * max(abs(low), abs(high), 1e-300):
        low, high = low - 0.5, high + 0.5
    counts, _ = np.histogram(finite / 2, BINS, (low / 2, high / 2))  # halves, so that no range overflows
    return Distribution(low, high, counts.astype(np.int64))


def weight_distributions(record: PassRecord) -> tuple[Distribution, ...]:
    """Return the distribution of each layer's weights, biases not among them; W_h of a recurrent layer is."""
    return tuple(distribution(_weights(record.architecture, record, layer)) for layer in range(len(record.a)))


def activation_distributions(record: PassRecord) -> tuple[Distribution, ...]:
    """Return the distribution of each layer's activations, of all examples of the batch and all time steps."""
    return tuple(distribution(a.reshape(-1)) for a in record.a)


def norms_text(norms: LayerNorms) -> str:
    """Return the last norm of each layer in words."""
    parts = [f"{layer_name(layer)} {loss_text(norm_at(norms, layer))}" for layer in range(norms.norms.shape[1])]
    return f"{NORM.capitalize()} after update {int(norms.updates[-1])}: {', '.join(parts)}"


def _weights(architecture: Architecture, record: PassRecord, layer: int) -> FloatArray:
    slots = architecture.slots[layer]
    return np.concatenate([record.parameters.vector[slots[name]] for name in ("W", "W_h") if name in slots])
