"""How a run is drawn wherever it is seen: its colour, and dashes as a second channel beside it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPen

from nnviz.gui.paint import pen
from nnviz.present.palette import Palette

# In widths of the line; the first run is drawn through.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 2.2), (1.2, 1.8), (6.0, 2.0, 1.2, 2.0), (2.4, 1.6), (8.0, 2.5))


def run_color(palette: Palette, series: int) -> str:
    """The colour of a run."""
    return palette.series[series % len(palette.series)]


def run_dashes(palette: Palette, series: int) -> tuple[float, ...]:
    """The dashes of a run; where colours come round again, they come with others."""
    return DASHES[(series + series // len(palette.series)) % len(DASHES)]


def run_pen(palette: Palette, series: int, width: float) -> QPen:
    """The pen of a run."""
    made = pen(run_color(palette, series), width)
    dashes = run_dashes(palette, series)
    if dashes:
        made.setCapStyle(Qt.PenCapStyle.FlatCap)  # round ends would fill the gaps
        made.setDashPattern(dashes)
    return made
