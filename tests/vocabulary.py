"""What many tests say: where a quantity is known, what is the same bit for bit, small networks and lessons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nnviz.debugger.state.session import Session
from nnviz.engine.datasets import make_dataset
from nnviz.engine.network import Architecture, Layer, Network, make_network
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Checkpoint, Trainer
from nnviz.lessons.lesson import Lesson
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_file import PARTS, SessionPart, session_from
from nnviz.tracing.steps import Quantity

XOR = make_dataset([[0, 0], [1, 0], [0, 1], [1, 1]], [[0], [1], [1], [0]])
RECURRENT = """format = 1
title = "A recurrent one"
[network]
inputs = 1
[[network.layers]]
units = 2
recurrent = true
W = [[0.1, -0.2]]
b = [0.0, 0.1]
W_h = [[0.1, 0.2], [0.3, 0.4]]
b_h = [0.5, 0.6]
[[network.layers]]
units = 1
W = [[0.7], [-0.8]]
b = [0.2]
[data]
inputs = [[[0], [1], [1]], [[1], [0], [0]]]
targets = [[[0], [0], [1]], [[1], [1], [0]]]
"""
# Two layers of two sigmoid units, with biases; one example.
SIGMOIDS = """format = 1
title = "2-2-2"
[network]
inputs = 2
loss = "half_squared"
[[network.layers]]
units = 2
activation = "sigmoid"
W = [[0.4, -0.7], [0.25, 0.6]]
b = [0.1, -0.2]
[[network.layers]]
units = 2
activation = "sigmoid"
W = [[0.9, -0.35], [0.55, 0.8]]
b = [0.3, -0.15]
[data]
inputs = [[0.8, -0.4]]
targets = [[1, 0]]
[training]
learning_rate = 0.5
"""
# One weight that grows some fortyfold with each update of the batch.
RUNAWAY = """format = 1
title = "one weight that runs away"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "linear"
W = [[2]]
b = [1]
[data]
inputs = [[3], [4]]
targets = [[1], [2]]
[training]
learning_rate = 1e10
update_after = "batch"
epochs = 100
"""


def at(session: Session, quantity: Quantity) -> Session:
    """The session where a quantity has just become known."""
    position = session.trace.find(quantity)
    assert position is not None
    return replace(session, position=position)


def sigmoid_network(*sizes: int) -> Network:
    """A network of sigmoid layers with drawn parameters, always the same."""
    layers = tuple(Layer(units, "sigmoid") for units in sizes[1:])
    architecture = Architecture(sizes[0], layers, "half_squared")
    return make_network(architecture, np.random.default_rng(1).uniform(-1, 1, architecture.parameter_count))


def trainer_of(lesson: Lesson) -> Trainer:
    """A trainer at the start of a lesson."""
    return Trainer(lesson.network, lesson.dataset, lesson.training, lesson.convention)


def assert_same_pass(one: PassRecord, other: PassRecord) -> None:
    """Bit for bit."""
    for name in ("z", "a", "dE_da", "slope", "delta"):
        for left, right in zip(getattr(one, name), getattr(other, name), strict=True):
            assert left.tobytes() == right.tobytes(), name
    assert one.loss.tobytes() == other.loss.tobytes()
    assert one.gradients.vector.tobytes() == other.gradients.vector.tobytes()
    assert one.updated.vector.tobytes() == other.updated.vector.tobytes()


def assert_same_checkpoint(one: Checkpoint, other: Checkpoint) -> None:
    """Bit for bit, NaN and all."""
    assert (one.update, one.epoch, one.position) == (other.update, other.epoch, other.position)
    assert np.array_equal(one.epoch_loss, other.epoch_loss, equal_nan=True)
    assert one.parameters.tobytes() == other.parameters.tobytes()
    assert one.memory.tobytes() == other.memory.tobytes()


def assert_refused(
    data: dict[str, Any],
    path: tuple[str | int, ...],
    value: object,
    message: str,
    parts: tuple[SessionPart, ...] = PARTS,
) -> None:
    """A session file with another value at a path is refused in one line that begins so."""
    place: Any = data
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(SessionError) as caught:
        session_from(data, parts)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)
