"""A trace as JSON: the arrays with true gradients, and the steps in the document's notation, one per line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, TextIO

from nnviz.debugger.state.session import Session
from nnviz.formats.worked_steps import TraceEntry, trace_entries
from nnviz.present.core.printed import Match
from nnviz.tracing.codec import plain, record_arrays


def write(session: Session, stream: TextIO) -> None:
    """Write one object. Its steps are computed and written one by one, so a long trace needs little memory."""
    architecture = session.record.architecture
    head = {
        "format": 1,
        "lesson": session.lesson.name,
        "network": {
            "sizes": list(architecture.sizes),
            "activations": [layer.activation for layer in architecture.layers],
            "loss": architecture.loss,
        },
        "example": session.example,
        "arrays": record_arrays(session.record),
    }
    stream.write(_dumps(head)[:-1])
    stream.write(', "steps": [')
    for number, step in enumerate(step_tables(session)):
        stream.write(",\n" if number else "\n")
        stream.write(_dumps(step))
    stream.write("\n]}\n")


def step_tables(session: Session) -> Iterator[dict[str, Any]]:
    """Yield each step as plain data: `index` from 0, places from 1, ASCII minus signs, None where nothing applies."""
    is_recurrent = session.record.architecture.is_recurrent
    return (_step_table(entry, is_recurrent) for entry in trace_entries(session, true_names=False))


def _step_table(entry: TraceEntry, is_recurrent: bool) -> dict[str, Any]:
    step, quantity = entry.step, entry.step.quantity
    symbol, line, numbers, _ = entry.formula.texts(scripts=False)
    return {
        "index": step.index,
        "phase": str(step.phase),
        "kind": str(step.kind),
        "layer": _from_one(quantity.layer),
        "unit": _from_one(quantity.unit),
        "source": _from_one(quantity.source),
        "time": quantity.time + 1 if is_recurrent else None,
        "symbol": symbol,
        "formula": line,
        "numbers": numbers,
        "value": plain(entry.formula.value),
        "printed": _printed(entry.matches[0]) if entry.matches else None,
    }


def _from_one(place: int | None) -> int | None:
    return None if place is None else place + 1


def _printed(match: Match) -> dict[str, str]:
    return {"value": match.figure.value, "where": match.figure.where, "match": match.state}


def _dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
