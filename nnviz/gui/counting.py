"""What determines how a run computes."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import TrainingSettings


@dataclass(frozen=True)
class Counting:
    """The parts of a session that determine a run: its settings, the computed part of its convention, its loss."""

    settings: TrainingSettings
    convention: Convention
    loss: str


def counting_of(session: Session) -> Counting:
    """Return what determines a run started from a session; notation and other presentation do not matter."""
    return Counting(session.training, session.convention.computed, session.loss)
