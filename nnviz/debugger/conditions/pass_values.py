"""The values on which expressions are evaluated: one pass with its counters, recorded or in a trainer's buffers."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nnviz.debugger.state.session import Session, go_to_pass, leave_pass
from nnviz.engine.datasets import Dataset, given_targets
from nnviz.engine.network import Architecture, Network, Parameters
from nnviz.engine.passes import forward
from nnviz.engine.record import PassRecord, batch_loss
from nnviz.engine.training import accuracy
from nnviz.engine.workspace import Workspace, measured_count


@dataclass(eq=False)
class Predictor:
    """Predicts the class of one example, with reusable buffers. Mutable: they are overwritten each time."""

    architecture: Architecture
    dataset: Dataset
    _works: dict[int, Workspace] = field(default_factory=dict)

    def __call__(self, parameters: Parameters, example: int) -> float:
        """Return the class: the index of the largest output, from 1, or the nearer of the two target values.

        For a sequence, the last time step decides. NaN if the output is NaN.
        """
        work = self._works.get(example)
        if work is None:
            rows = slice(example, example + 1)
            inputs, targets = self.dataset.inputs[:, rows], self.dataset.targets[:, rows]
            work = self._works[example] = Workspace(self.architecture, inputs, targets)
        forward(work, parameters)
        output = work.a[-1][-1, 0]
        if not np.isfinite(output).all():
            return float("nan")
        if len(output) > 1:
            return float(output.argmax() + 1)
        targets = given_targets(self.dataset.targets)
        low, high = float(targets.min()), float(targets.max())
        return high if output[0] > (low + high) / 2 else low

    def accuracy(self, parameters: Parameters) -> float:
        """Return the fraction of all examples that are classified correctly; NaN if the targets are not classes."""
        found = accuracy(Network(self.architecture, parameters), self.dataset)
        return float("nan") if found is None else found


@dataclass(eq=False)
class Pass:
    """One pass: its record (or a trainer's buffers with the same fields), counters, and the predictor.

    `example` is from 0; `epoch_loss` is None except in the last pass of an epoch. Mutable, so that it can be reused.
    """

    record: PassRecord
    update: int
    epoch: int
    example: int
    epoch_loss: float | None
    predict: Predictor


def pass_of(session: Session) -> Pass:
    """Return the pass that a session steps."""
    record, here, dataset = session.record, session.checkpoint, session.lesson.dataset
    epoch, _ = session.schedule.after(here.epoch, session.presented)
    mean = None
    if epoch > here.epoch:
        mean = (here.epoch_loss + batch_loss(record)) / measured_count(record.architecture, dataset.targets)
    predictor = Predictor(record.architecture, dataset)
    return Pass(record, here.update, here.epoch, session.example, mean, predictor)


def previous_of(session: Session) -> Pass | None:
    """Return the pass before the one that a session steps; None at the start of its run."""
    update = session.checkpoint.update - 1
    return pass_of(go_to_pass(leave_pass(session), update)) if update >= session.run.first else None


def mean_loss(record: PassRecord) -> float:
    """Return the loss of a batch, averaged over its examples and those of their time steps that it adds up."""
    return float(record.loss.sum() / measured_count(record.architecture, record.t))
