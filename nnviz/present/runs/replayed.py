"""The loss curve of the run that led to a session, made again by replay."""

from __future__ import annotations

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.debugger.training.replay import replay
from nnviz.present.runs.curve import LossRun

TRAINING = "Training"


def replayed_run(session: Session) -> LossRun | None:
    """Return the curve of the epochs that ended before a session's pass; None if there are none."""
    run = session.run
    epochs, losses = list[int](), list[float]()
    for trainer, mean in replay(run, session.lesson, run.first, session.checkpoint.update):
        if mean is not None:
            epochs.append(trainer.epoch)
            losses.append(mean)
    if not losses:
        return None
    examples = len(session.lesson.dataset)
    return LossRun(TRAINING, 0, np.array(epochs, dtype=np.int64), np.array(losses), examples=examples)
