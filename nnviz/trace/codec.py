"""A pass record as plain data for JSON: canonical orientation, true gradients, nothing that JSON cannot hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.record import PassRecord


def plain(value: object) -> Any:
    """Arrays as nested lists and numbers as they are; what is not finite becomes "nan", "inf" or "-inf"."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def record_arrays(record: PassRecord) -> dict[str, Any]:
    """The arrays of a pass as DESIGN names them.

    x, t, z, a, delta and loss are the stepped example's, without a batch axis; gradients and parameters are the
    update's. A recurrent network keeps its time axis: x [time][unit], z [layer][time][unit].
    """

    def stepped(array: FloatArray) -> Any:
        rows = array[:, record.row]
        return plain(rows if record.time_steps > 1 else rows[0])

    return {
        "x": stepped(record.x),
        "t": stepped(record.t),
        "z": [stepped(layer) for layer in record.z],
        "a": [stepped(layer) for layer in record.a],
        "delta": [stepped(layer) for layer in record.delta],
        "dW": plain(record.gradients.W),
        "db": plain(record.gradients.b),
        "W": plain(record.parameters.W),
        "b": plain(record.parameters.b),
        "W_new": plain(record.updated.W),
        "b_new": plain(record.updated.b),
        "loss": plain(float(record.loss[record.row])),
    }
