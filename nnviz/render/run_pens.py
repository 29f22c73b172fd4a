"""The pens of runs: a colour, and dashes as a second cue."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from nnviz.present.core.palette import Palette
from nnviz.present.runs.run_dashes import HELD_OUT_DASHES, HELD_OUT_WIDTH, run_dashes
from nnviz.render.paint import pen


def run_color(palette: Palette, series: int) -> str:
    """Return the colour of a run."""
    return palette.series[series % len(palette.series)]


def run_pen(palette: Palette, series: int, width: float) -> QPen:
    """Return the pen of a run."""
    made = pen(run_color(palette, series), width)
    dashes = run_dashes(series)
    if dashes:
        made.setCapStyle(Qt.PenCapStyle.FlatCap)  # round ends would fill the gaps
        made.setDashPattern(dashes)
    return made


def held_out_pen(palette: Palette, series: int, width: float) -> QPen:
    """Return the pen of a run's examples that are held out: its colour, thinner, in short dashes."""
    made = pen(run_color(palette, series), HELD_OUT_WIDTH * width)
    made.setCapStyle(Qt.PenCapStyle.FlatCap)
    made.setDashPattern(HELD_OUT_DASHES)
    return made
