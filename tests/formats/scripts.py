"""Exported scripts run where this package cannot be imported, and what they print compared with the trace."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nnviz.debugger.state.session import Session
from nnviz.formats.script.pass_script import script_text
from nnviz.present.core.voice import voice_of

# Runs scripts one after the other where this package cannot be imported, and tells what they printed and imported.
RUNNER = """
import contextlib, io, json, runpy, sys, numpy
sys.modules["nnviz"] = None
before, printed = set(sys.modules), []
for path in sys.argv[1:]:
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        runpy.run_path(path)
    printed.append(out.getvalue())
new = {name.partition(".")[0] for name in set(sys.modules) - before} - sys.stdlib_module_names
print(json.dumps({"printed": printed, "imported": sorted(new - {"numpy"})}))
"""


def run_scripts(folder: Path, texts: list[str]) -> list[list[tuple[str, float]]]:
    """The lines that each script prints, as symbol and value."""
    paths = [folder / f"script{number}.py" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    command = [sys.executable, "-I", "-W", "error", "-c", RUNNER, *map(str, paths)]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=120)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    told = json.loads(done.stdout)
    assert told["imported"] == []
    return [[_pair(line) for line in printed.splitlines()] for printed in told["printed"]]


def _pair(line: str) -> tuple[str, float]:
    symbol, _, value = line.rpartition(" = ")
    return symbol, float(value)


def told_steps(session: Session) -> list[tuple[str, float]]:
    """The symbol and value of each step of a trace, as the formats that programs read tell them."""
    voice = replace(voice_of(session), true_names=False)
    quantities = [step.quantity for step in session.trace.at(session.grain)]
    return [(voice.text(quantity, scripts=False), voice.number(quantity)) for quantity in quantities]


def assert_prints_the_trace(sessions: Mapping[str, Session], folder: Path) -> None:
    texts = [script_text(session) for session in sessions.values()]
    assert all("nnviz" not in text for text in texts)
    for (name, session), printed in zip(sessions.items(), run_scripts(folder, texts), strict=True):
        steps = told_steps(session)
        assert [symbol for symbol, _ in printed] == [symbol for symbol, _ in steps], name
        for (symbol, found), (_, wanted) in zip(printed, steps, strict=True):
            assert is_close(found, wanted), f"{name}: {symbol} = {found!r}, not {wanted!r}"


def is_close(found: float, wanted: float) -> bool:
    """Equal to 1e-12 of themselves, or, where a sum of some 50 numbers near 1 cancels, to the rounding of its terms."""
    if math.isnan(wanted):
        return math.isnan(found)
    return found == wanted or abs(found - wanted) <= 1e-12 * abs(wanted) + 1e-14
