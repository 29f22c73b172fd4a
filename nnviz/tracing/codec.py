"""A pass record as plain data for JSON: canonical orientation, true gradients, only JSON types."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import PARAMETER_NAMES, Parameters
from nnviz.engine.record import PassRecord


def plain(value: object) -> Any:
    """Convert arrays to nested lists, and numbers that are not finite to "nan", "inf" or "-inf"."""
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def record_arrays(record: PassRecord) -> dict[str, Any]:
    """Return the arrays of a pass by their names in the JSON format.

    x, t, z, a, delta and loss are those of the stepped example, without a batch axis; gradients and parameters are
    those of the update. t is [] where there is no target; dE_dx is there if it is a part of the pass.
    A recurrent network has a time axis, x [time][unit] and z [layer][time][unit], and also the arrays dW_h, db_h, W_h,
    b_h and their new values: lists over layers, None for a layer that is not recurrent.
    """

    has_time = record.architecture.is_recurrent or record.time_steps > 1

    def stepped(array: FloatArray) -> Any:
        rows = array[:, record.row]
        return plain(rows if has_time else rows[0])

    def targets() -> Any:
        steps = [plain(row) if record.shows_target(time) else [] for time, row in enumerate(record.t[:, record.row])]
        return steps if has_time else steps[0]

    def of_layers(parameters: Parameters, name: str) -> Any:
        return [None if part is None else plain(part) for part in getattr(parameters, name)]

    arrays = {
        "x": stepped(record.x),
        "t": targets(),
        "z": [stepped(layer) for layer in record.z],
        "a": [stepped(layer) for layer in record.a],
        "delta": [stepped(layer) for layer in record.delta],
    }
    if record.architecture.input_gradients:
        arrays["dE_dx"] = stepped(record.dE_dx)
    for name in PARAMETER_NAMES if record.architecture.is_recurrent else ("W", "b"):
        arrays[f"d{name}"] = of_layers(record.gradients, name)
        arrays[name] = of_layers(record.parameters, name)
        arrays[f"{name}_new"] = of_layers(record.updated, name)
    arrays["loss"] = plain(float(record.loss[record.row]))
    return arrays
