"""The runs that the plot of a saved session shows, or else the run that led to it."""

from __future__ import annotations

from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.replayed import replayed_run
from nnviz.present.runs.run_book import PlotRuns
from nnviz.present.runs.run_names import drawn_runs
from nnviz.sessions import runs_part
from nnviz.sessions.session_fields import Saved


def plotted_runs(saved: Saved) -> tuple[LossRun, ...]:
    """Return the shown runs of a session's plot, the present one first; without a plot, its replayed run if any."""
    plot = saved.parts.get(runs_part.NAME)
    if isinstance(plot, PlotRuns):
        return tuple(run for run in drawn_runs(plot.book) if run.shown)
    run = replayed_run(saved.session)
    return () if run is None else (run,)
