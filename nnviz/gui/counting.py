"""How a run is counted."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import TrainingSettings


@dataclass(frozen=True)
class Counting:
    """What of a session decides how a run is trained: its settings, what its convention computes, and its loss."""

    settings: TrainingSettings
    convention: Convention
    loss: str


def counting_of(session: Session) -> Counting:
    """How a run that starts from a session is counted; how it is told makes no difference."""
    return Counting(session.training, session.convention.computed, session.loss)
