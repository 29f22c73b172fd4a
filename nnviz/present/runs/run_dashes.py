"""The dashes of runs, a second cue beside their colors."""

from __future__ import annotations

from nnviz.present.core.palette import SERIES

# In widths of the line; the first run is solid.
DASHES: tuple[tuple[float, ...], ...] = ((), (4.0, 2.2), (1.2, 1.8), (6.0, 2.0, 1.2, 2.0), (2.4, 1.6), (8.0, 2.5))
# The line of a run's examples held out: its width beside the run's, and its dashes.
HELD_OUT_WIDTH, HELD_OUT_DASHES = 0.7, (3.0, 2.0)


def run_dashes(series: int) -> tuple[float, ...]:
    """Return the dashes of a run; runs of the same color have different dashes."""
    return DASHES[(series + series // SERIES) % len(DASHES)]
