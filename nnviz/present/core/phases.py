"""The numbers of a whole phase; with sequential updates, each phase covers one layer and shows no later layer."""

from __future__ import annotations

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import Architecture
from nnviz.tracing.steps import PARAMETER_KINDS, PARAMETER_OF, Kind, Step, Value
from nnviz.tracing.trace import Trace

_TELLS = {
    Kind.BACKWARD_PASS: tuple(kinds.gradient for kinds in PARAMETER_KINDS.values()),
    Kind.UPDATE_PASS: tuple(kinds.new for kinds in PARAMETER_KINDS.values()),
}


def known_values(trace: Trace, architecture: Architecture, step: Step, value: Value) -> Value:
    """Return a step's value; of all gradients or new parameters, shape (parameters,), those known after the step."""
    kinds = _TELLS.get(step.kind)
    if kinds is None or isinstance(value, float):
        return value
    ahead = [
        architecture.slots[group.layer][PARAMETER_OF[group.kind].name]
        for group in trace.groups
        if group.kind in kinds
        and group.layer is not None
        and trace.known(group.kind, group.layer, step.end, group.time) < group.size
    ]
    return _without(value, ahead) if ahead else value


def _without(values: FloatArray, slots: list[slice]) -> FloatArray:
    kept = np.ones(len(values), dtype=bool)
    for slot in slots:
        kept[slot] = False
    return values[kept]
