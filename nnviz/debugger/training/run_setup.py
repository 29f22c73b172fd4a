"""What of a session decides how a run is trained from it: settings, convention and loss, and what may stop it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.debugger.state.breakpoint import Breakpoint
from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import TrainingSettings


@dataclass(frozen=True)
class RunSetup:
    """The settings of a run, what its convention computes, and its loss."""

    settings: TrainingSettings
    convention: Convention
    loss: str


def setup_of(session: Session) -> RunSetup:
    """Return the setup of a run that starts from a session; notation, sign and orientation are no part of it."""
    return RunSetup(session.training, session.convention.computed, session.loss)


def live_stops(session: Session) -> tuple[Breakpoint, ...]:
    """Return the breakpoints that may stop live training, without their counts of hits."""
    return tuple(replace(breakpoint, hits=0) for breakpoint in session.breakpoints if breakpoint.enabled)
