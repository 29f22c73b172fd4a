"""A trace as CSV: a header and one row per step, with the same columns as the JSON format."""

from __future__ import annotations

import csv
import json
from typing import Any, TextIO

from nnviz.debugger.state.session import Session
from nnviz.formats.trace_json import step_tables

COLUMNS = (
    *("index", "phase", "kind", "layer", "unit", "source", "time"),
    *("symbol", "formula", "numbers", "value", "printed", "where", "match"),
)


def write(session: Session, stream: TextIO) -> None:
    """Write the rows one by one; a vector or matrix is written as JSON in its cell."""
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for step in step_tables(session):
        writer.writerow(_row(step))


def _row(step: dict[str, Any]) -> dict[str, Any]:
    printed = step["printed"] or {"value": None, "where": None, "match": None}
    value = json.dumps(step["value"]) if isinstance(step["value"], list) else step["value"]
    return step | {"value": value, "printed": printed["value"], "where": printed["where"], "match": printed["match"]}
