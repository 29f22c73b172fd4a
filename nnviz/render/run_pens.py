"""The pens of runs: a colour, and dashes as a second cue."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from nnviz.present.core.palette import Palette
from nnviz.render.paint import pen

# In widths of the line; the first run is solid.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 2.2), (1.2, 1.8), (6.0, 2.0, 1.2, 2.0), (2.4, 1.6), (8.0, 2.5))


def run_color(palette: Palette, series: int) -> str:
    """Return the colour of a run."""
    return palette.series[series % len(palette.series)]


def run_dashes(palette: Palette, series: int) -> tuple[float, ...]:
    """Return the dashes of a run; runs of the same colour have different dashes."""
    return DASHES[(series + series // len(palette.series)) % len(DASHES)]


def run_pen(palette: Palette, series: int, width: float) -> QPen:
    """Return the pen of a run."""
    made = pen(run_color(palette, series), width)
    dashes = run_dashes(palette, series)
    if dashes:
        made.setCapStyle(Qt.PenCapStyle.FlatCap)  # round ends would fill the gaps
        made.setDashPattern(dashes)
    return made
