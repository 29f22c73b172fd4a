"""Convert parameters and checkpoints to the plain data of a session file and back, bit for bit.

A short vector is written row by row under the names of its parameters, in the fewest digits that give the same bits. A
longer one is base64 of little-endian float64. Among many checkpoints, a large one that differs from another in few
numbers, as after an edit, is written as `like` the other.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.engine.network import Architecture
from nnviz.engine.training import Checkpoint
from nnviz.lessons.lesson import Lesson
from nnviz.sessions.fields import Field, number_data

MOST_READABLE = 1024  # numbers of a vector
MOST_VECTORS = 2  # of an optimizer's memory
MOST_CHANGED = 64  # the most numbers in which similar checkpoints differ
_LINE = 57 * 4096  # bytes encoded in one line of base64
LESSON, ZERO = "lesson", "zero"
_COUNTERS = ("update", "epoch", "position", "epoch_loss")


def vector_data(vector: FloatArray, architecture: Architecture) -> dict[str, Any]:
    """Return the data of a vector (P,) of parameters, or of an optimizer's memory."""
    if vector.size > MOST_READABLE:
        raw = memoryview(vector.astype("<f8").tobytes())
        starts = range(0, len(raw), _LINE)
        return {"base64": [base64.b64encode(raw[start : start + _LINE]).decode("ascii") for start in starts]}
    named: dict[str, Any] = {}
    for layer, slots in enumerate(architecture.slots):
        for name, slot in slots.items():
            shape = architecture.shape(name, layer) or ()
            named[f"{name}{layer + 1}"] = _nested(vector[slot].reshape(shape).tolist())
    return named


def _nested(values: Any) -> Any:
    return [_nested(value) for value in values] if isinstance(values, list) else number_data(values)


def vector_from(field: Field, architecture: Architecture) -> FloatArray:
    """Read a vector. Raises SessionError."""
    if "base64" in field.entries():
        return _from_base64(field.table(("base64",))["base64"], architecture.parameter_count)
    vector = np.empty(architecture.parameter_count)
    places = {
        f"{name}{layer + 1}": (slot, architecture.shape(name, layer) or ())
        for layer, slots in enumerate(architecture.slots)
        for name, slot in slots.items()
    }
    for name, values in field.table(tuple(places)).items():
        slot, shape = places[name]
        vector[slot] = _numbers(values, shape)
    return frozen_array(vector)


def _numbers(field: Field, shape: tuple[int, ...]) -> list[float]:
    items = field.items(shape[0], shape[0])
    if len(shape) == 1:
        return [item.number() for item in items]
    return [number for item in items for number in _numbers(item, shape[1:])]


def _from_base64(field: Field, size: int) -> FloatArray:
    lines = [line.text(2 * _LINE) for line in field.items(8 * size // _LINE + 1)]
    if sum(map(len, lines)) > 12 * size + 4 * len(lines):
        field.refuse(f"must be base64 of {size} numbers")
    try:
        raw = b"".join(base64.b64decode(line, validate=True) for line in lines)
    except (binascii.Error, ValueError):
        field.refuse("must be valid base64")
    if len(raw) != 8 * size:
        field.refuse(f"has {len(raw)} bytes, not the {size * 8} bytes of {size} numbers")
    return frozen_array(np.frombuffer(raw, dtype="<f8"))


def checkpoint_data(checkpoint: Checkpoint, lesson: Lesson) -> dict[str, Any]:
    """Return the data of a checkpoint; the lesson's own weights and an empty memory are written as a word."""
    architecture = lesson.network.architecture
    return _counters(checkpoint) | {
        "parameters": LESSON if _is_own(checkpoint, lesson) else vector_data(checkpoint.parameters, architecture),
        "memory": [vector_data(row, architecture) if _is_used(row) else ZERO for row in checkpoint.memory],
    }


def like_data(checkpoint: Checkpoint, number: int, other: Checkpoint) -> dict[str, Any]:
    """Return the data of a checkpoint as a reference to a similar one and the numbers that differ."""
    changed = [[int(at), number_data(float(checkpoint.parameters[at]))] for at in _differing(checkpoint, other)]
    return _counters(checkpoint) | {"like": number, "changed": changed}


def is_like(checkpoint: Checkpoint, other: Checkpoint) -> bool:
    """Return whether `like_data` is shorter than the whole."""
    if checkpoint.parameters.size <= MOST_READABLE or checkpoint.memory.shape != other.memory.shape:
        return False
    few = len(_differing(checkpoint, other)) <= MOST_CHANGED
    return few and (checkpoint.memory is other.memory or checkpoint.memory.tobytes() == other.memory.tobytes())


def same_bits(one: Checkpoint, other: Checkpoint) -> bool:
    """Return whether two checkpoints have the same counters and bits."""
    counters = [(each.update, each.epoch, each.position, repr(each.epoch_loss)) for each in (one, other)]
    arrays = ((one.parameters, other.parameters), (one.memory, other.memory))
    return counters[0] == counters[1] and all(a is b or a.tobytes() == b.tobytes() for a, b in arrays)


def whole_size(checkpoint: Checkpoint, lesson: Lesson) -> int:
    """Return how many numbers of a checkpoint are written."""
    parameters = [] if _is_own(checkpoint, lesson) else [checkpoint.parameters]
    return sum(len(row) for row in (*parameters, *filter(_is_used, checkpoint.memory)))


def _counters(checkpoint: Checkpoint) -> dict[str, Any]:
    return {
        "update": checkpoint.update,
        "epoch": checkpoint.epoch,
        "position": checkpoint.position,
        "epoch_loss": number_data(float(checkpoint.epoch_loss)),
    }


def _is_own(checkpoint: Checkpoint, lesson: Lesson) -> bool:
    own = lesson.network.parameters.vector
    return checkpoint.parameters is own or checkpoint.parameters.tobytes() == own.tobytes()


def _differing(one: Checkpoint, other: Checkpoint) -> NDArray[np.intp]:
    """Return the indices at which the parameters of two checkpoints have different bits."""
    return np.flatnonzero(one.parameters.view(np.int64) != other.parameters.view(np.int64))


def _is_used(memory: FloatArray) -> bool:
    return bool(memory.view(np.int64).any())  # -0.0 has other bits than 0.0


def checkpoint_from(
    field: Field, lesson: Lesson, empty: dict[int, FloatArray], before: Sequence[Checkpoint] = ()
) -> Checkpoint:
    """Read a checkpoint; `empty` caches the empty memories, so that many checkpoints share one.

    It may be `like` one of the checkpoints in `before`.
    """
    if before and "like" in field.entries():
        table = field.table((*_COUNTERS, "like", "changed"))
        other = before[table["like"].whole(0, len(before) - 1)]
        parameters, memory = _changed(other.parameters, table["changed"]), other.memory
    else:
        table = field.table((*_COUNTERS, "parameters", "memory"))
        architecture, own = lesson.network.architecture, table["parameters"].value == LESSON
        parameters = lesson.network.parameters.vector if own else vector_from(table["parameters"], architecture)
        memory = _memory_from(table["memory"], architecture, empty)
    return Checkpoint(
        parameters,
        memory,
        update=table["update"].whole(),
        epoch=table["epoch"].whole(),
        position=table["position"].whole(0, len(lesson.dataset) - 1),
        epoch_loss=table["epoch_loss"].number(),
    )


def _changed(vector: FloatArray, field: Field) -> FloatArray:
    changed = np.array(vector)
    for item in field.items(MOST_CHANGED):
        at, value = item.items(2, 2)
        changed[at.whole(0, vector.size - 1)] = value.number()
    return frozen_array(changed)


def _memory_from(field: Field, architecture: Architecture, empty: dict[int, FloatArray]) -> FloatArray:
    rows = field.items(MOST_VECTORS)
    if all(row.value == ZERO for row in rows):
        if len(rows) not in empty:
            empty[len(rows)] = frozen_array(np.zeros((len(rows), architecture.parameter_count)))
        return empty[len(rows)]
    zero = np.zeros(architecture.parameter_count)
    return frozen_array([zero if row.value == ZERO else vector_from(row, architecture) for row in rows])
