"""The learner's place in the run, in a sentence: in the past, moving, or stopped by a breakpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nnviz.debugger.conditions.breakpoints import describe_breakpoint
from nnviz.debugger.state.breakpoint import HERE, AtCondition, AtNonFinite, Breakpoint
from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import Progress, in_past
from nnviz.present.runs.curve import grouped
from nnviz.present.text.capital import capital

if TYPE_CHECKING:
    from nnviz.debugger.conditions.continuing import Stop


def past_text(session: Session) -> str:
    """Return the past update that is shown; empty in the present."""
    if not in_past(session):
        return ""
    return f"Viewing update {grouped(session.checkpoint.update)} of {grouped(session.run.end)}"


def progress_text(progress: Progress) -> str:
    """Return the progress of a long move."""
    here = f"Running: update {grouped(progress.update)}"
    return here if progress.goal is None else f"{here} of {grouped(progress.goal)}"


def stop_text(session: Session, stop: Stop) -> str:
    """Return why a move stopped; empty if it reached its destination."""
    if stop.breakpoint is None:
        return f"Stopped: {stop.message}" if stop.is_failure else capital(stop.message)
    if stop.breakpoint == HERE:
        return ""
    found = next((breakpoint for breakpoint in session.breakpoints if breakpoint.id == stop.breakpoint), None)
    return f"Stopped by breakpoint {stop.breakpoint}" if found is None else stopped_text(found)


def stopped_text(breakpoint: Breakpoint) -> str:
    """Return which breakpoint stopped the run."""
    became = {AtCondition: " became true", AtNonFinite: " was reached"}.get(type(breakpoint.where), "")
    return f"Stopped by breakpoint {breakpoint.id}: {describe_breakpoint(breakpoint)}{became}"


def breakpoint_words(breakpoint: Breakpoint) -> str:
    """Return the description of a breakpoint in a list."""
    becomes = " becomes true" if isinstance(breakpoint.where, AtCondition) else ""
    return describe_breakpoint(breakpoint) + becomes
