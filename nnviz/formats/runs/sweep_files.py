"""A sweep as an aligned table of its settings, as CSV with a row for each run, and as JSON with every loss curve."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TextIO

from nnviz.debugger.training.sweep import SweepRun
from nnviz.formats.runs.sweep_rows import COLUMNS, in_order, run_row, setting_keys, setting_rows
from nnviz.present.text.numbers import fixed, pretty
from nnviz.tracing.codec import plain

DECIMALS = 6


@dataclass(frozen=True, eq=False)
class Sweep:
    """The finished runs of a lesson's sweep, and how many there were to be."""

    lesson: str
    runs: Sequence[SweepRun]
    total: int


def write_table(sweep: Sweep, stream: TextIO) -> None:
    """Write a line for each setting: runs, losses at the end, accuracy."""
    rows = setting_rows(in_order(sweep.runs))
    if not rows:
        stream.write(f"{sweep.lesson}: 0 of {sweep.total} runs\n")
        return
    used = [key for key in rows[0] if any(row[key] not in (None, 0) for row in rows)]
    cells = [used, *([_cell(row[key]) for key in used] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for line in cells:
        stream.write("  ".join(f"{cell:>{width}}" for cell, width in zip(line, widths, strict=True)) + "\n")


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return pretty(fixed(value, DECIMALS)) if isinstance(value, float) else str(value)


def write_csv(sweep: Sweep, stream: TextIO) -> None:
    """Write a row for each run."""
    writer = csv.DictWriter(stream, (*setting_keys(sweep.runs), *COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(run_row(run) for run in in_order(sweep.runs))


def write_json(sweep: Sweep, stream: TextIO) -> None:
    """Write the sweep as one line of JSON: each run with its settings and the loss of each epoch."""
    runs = [{**_json_row(run), "losses": plain(run.loss)} for run in in_order(sweep.runs)]
    table = {"format": 1, "lesson": sweep.lesson, "planned": sweep.total, "runs": runs}
    stream.write(json.dumps(table, ensure_ascii=False, allow_nan=False) + "\n")


def _json_row(run: SweepRun) -> dict[str, Any]:
    row = run_row(run)
    settings = {key: row.pop(key) for key, _ in run.choice.settings}
    numbers = {key: plain(value) if isinstance(value, float) else value for key, value in row.items()}
    return {"settings": settings, **numbers}


SWEEP_EXPORTERS: dict[str, Callable[[Sweep, TextIO], None]] = {
    "table": write_table,
    "json": write_json,
    "csv": write_csv,
}
