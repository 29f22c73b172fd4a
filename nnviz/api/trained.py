"""`nnviz.train`: a lesson or model trained without a window, and the network that comes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnviz.api.sources import opened_lesson
from nnviz.api.traced import TracedPass, trace
from nnviz.debugger.training.headless import FinishedRun, HeldOut, train_run
from nnviz.debugger.training.stop_rule import read_stop_rule
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import make_network
from nnviz.engine.passes import predict
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.making.defaults import TRAINING
from nnviz.models.model_data import model_inputs
from nnviz.models.model_files import is_model_file
from nnviz.models.opening import is_model
from nnviz.models.parts import DataShape


@dataclass(frozen=True, eq=False)
class TrainedRun:
    """A finished run. `lesson` has the trained network, and can be traced, checked, exported and debugged."""

    run: FinishedRun
    lesson: Lesson

    @property
    def loss(self) -> tuple[float, ...]:
        """The mean loss of each epoch."""
        return self.run.loss

    @property
    def accuracy(self) -> float | None:
        """The share of the examples that are classified correctly; None if the targets are not classes."""
        return self.run.accuracy

    @property
    def held_out(self) -> HeldOut | None:
        """Loss and accuracy of the examples that were held out, if any."""
        return self.run.held_out

    @property
    def W(self) -> tuple[FloatArray, ...]:
        """The weights of each layer, (inputs, units)."""
        return self.lesson.network.W

    @property
    def b(self) -> tuple[FloatArray, ...]:
        """The biases of each layer, (units,)."""
        return self.lesson.network.b

    def predict(self, x: object) -> FloatArray:
        """Return the outputs (examples, outputs) for inputs (examples, inputs), or with time steps in between."""
        architecture = self.lesson.network.architecture
        timed = architecture.is_recurrent
        inputs = model_inputs(DataShape(inputs=architecture.inputs, outputs=0, is_recurrent=timed), x)
        outputs = predict(self.lesson.network, np.swapaxes(inputs, 0, 1) if timed else inputs[np.newaxis])
        return np.swapaxes(outputs, 0, 1) if timed else outputs[0]

    def trace(self, example: int | None = None) -> TracedPass:
        """Return the pass of an example with the trained weights."""
        return trace(self.lesson, example=example)

    def __repr__(self) -> str:
        losses, ending = self.run.loss, f"; stopped: {self.run.stopped}" if self.run.stopped else ""
        share = "" if self.accuracy is None else f", accuracy {100 * self.accuracy:.1f} %"
        last = f"loss {losses[-1]:.6g}" if losses else "no epoch"
        return f"<{self.lesson.name} after {len(losses)} epochs: {last}{share}{ending}>"


def train(
    source: Any,
    x: object = None,
    t: object = None,
    *,
    epochs: int | None = None,
    until: str = "",
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
) -> TrainedRun:
    """Train a lesson or model; a model itself is not changed. NaN or infinity ends the run early.

    `source`, `x`, `t`, `loss` and `training` are as for `opened_lesson`; a model is trained as `nnviz train --network`
    is, unless `training` says otherwise. `until` ends the run after an epoch: "loss < 0.01". Raises ValueError.
    """
    is_other = is_model(source) or (not isinstance(source, Lesson) and is_model_file(source))
    settings = {**TRAINING, **(training or {})} if is_other else training
    lesson = opened_lesson(source, x, t, loss=loss, training=settings)
    rule = read_stop_rule(until, lesson) if until else None
    run = train_run(lesson, lesson.training.epochs if epochs is None else epochs, until=rule)
    network = make_network(lesson.network.architecture, run.parameters.vector)
    trained = replace(lesson, network=network, printed=(), errata=(), initializer=None, text="", points=None)
    return TrainedRun(run, trained)
