"""A training run as JSON: the loss of each epoch, and the final parameters."""

from __future__ import annotations

import json
from typing import Any, TextIO

from nnviz.debugger.training.headless import FinishedRun
from nnviz.tracing.codec import plain


def run_table(run: FinishedRun) -> dict[str, Any]:
    """Return the run as plain data."""
    table: dict[str, Any] = {
        "format": 1,
        "lesson": run.lesson,
        "epochs": len(run.loss),
        "loss": plain(run.loss),
        "accuracy": run.accuracy,
        "parameters": {"W": plain(run.parameters.W), "b": plain(run.parameters.b)},
        "seconds": run.seconds,
    }
    if run.held_out is not None:
        table["held_out"] = {"loss": plain(run.held_out.loss), "accuracy": run.held_out.accuracy}
    if run.until:
        table["until"] = {"rule": run.until, "reached": run.is_reached}
    return table | {"stopped": run.stopped} if run.stopped else table


def run_text(run: FinishedRun) -> str:
    """Return the run as one line of JSON."""
    return json.dumps(run_table(run), ensure_ascii=False, allow_nan=False) + "\n"


def write(run: FinishedRun, stream: TextIO) -> None:
    """Write the run as one line of JSON."""
    stream.write(run_text(run))
