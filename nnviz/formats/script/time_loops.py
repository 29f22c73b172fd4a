"""Time steps in a script: the groups that belong to loops, and the arrays with a row for each time step."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import TIMED, Voice
from nnviz.tracing.groups import Group
from nnviz.tracing.provenance import is_softmax
from nnviz.tracing.steps import Kind, Quantity

# The quantities that a loop reads one time step too early or too late, where they are 0.
_BEYOND = {Kind.A, Kind.DELTA}


def is_looped(voice: Voice, group: Group) -> bool:
    """Return whether the listing has a group in a loop over time."""
    return voice.record.architecture.is_recurrent and group.kind in TIMED


def time_step_arrays(session: Session, voice: Voice) -> Iterator[str]:
    """Yield the lines that create arrays for all time steps; a[k - 1] and delta[k + 1] may be a last row of zeros."""
    record = session.record
    if not record.architecture.is_recurrent:
        return
    yield ""
    yield "# Arrays for all time steps; the last row stays 0, for steps before the first and after the last"
    batch = (len(record.examples),) if len(record.examples) > 1 else ()
    looped = [(group.kind, group.layer, group.items) for group in session.trace.groups if group.kind in TIMED]
    softmax = [
        (Kind.EXPONENTIAL, layer, of.units)
        for layer, of in enumerate(record.architecture.layers)
        if is_softmax(record, layer)
    ]
    for kind, layer, width in dict.fromkeys((*looped, *softmax)):
        name = voice.code(Quantity(kind, layer))
        recurrent = layer is not None and record.architecture.layers[layer].recurrent
        steps = record.time_steps + (recurrent and kind in _BEYOND)
        if name:
            yield f"{name} = np.zeros({(steps, *batch, width)})"
