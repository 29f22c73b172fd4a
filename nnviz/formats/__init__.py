"""Everything nnviz writes to files: one module per format, each with a function that writes to a text stream."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from nnviz.debugger.state.session import Session
from nnviz.debugger.training.headless import FinishedRun
from nnviz.formats import lesson_file, trace_csv, trace_json, trace_latex, trace_markdown, trace_table
from nnviz.formats.atomic_files import open_atomically
from nnviz.formats.runs import run_csv, run_json, run_table
from nnviz.formats.script import pass_script as script
from nnviz.formats.script import torch_script

__all__ = ["EXPORTERS", "PASS_EXPORTERS", "RUN_EXPORTERS", "export_trace"]

# The formats of a trace: all steps of the session's pass, at its grain and in its notation.
EXPORTERS: dict[str, Callable[[Session, TextIO], None]] = {
    "table": trace_table.write,
    "json": trace_json.write,
    "csv": trace_csv.write,
    "markdown": trace_markdown.write,
    "latex": trace_latex.write,
}

# The other formats of a pass; each raises ValueError, with one line, if the pass cannot be written so.
PASS_EXPORTERS: dict[str, Callable[[Session, TextIO], None]] = {
    "script": script.write,
    "torch": torch_script.write,
    "lesson": lesson_file.write,
}

# The formats of a training run.
RUN_EXPORTERS: dict[str, Callable[[FinishedRun, TextIO], None]] = {
    "table": run_table.write,
    "json": run_json.write,
    "csv": run_csv.write,
}


def export_trace(session: Session, form: str, path: str | Path) -> None:
    """Write a trace to a file, completely or not at all. Raises OSError, and KeyError for an unknown format."""
    write = EXPORTERS[form]
    with open_atomically(path) as stream:
        write(session, stream)
