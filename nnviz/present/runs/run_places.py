"""Places along a run of a session: the checkpoints that are kept, and whether the run can be made again for more."""

from __future__ import annotations

from itertools import takewhile

import numpy as np

from nnviz.debugger.state.run import Segment
from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import Architecture
from nnviz.engine.training import Checkpoint
from nnviz.engine.workspace import Workspace

PLACES = 120  # of a run, at which something is computed
MOST_REPEATED, MOST_WORK = 30_000, 300_000_000  # updates, and these times weights and examples, that are made again
COSTLY = 2_000_000  # weights times examples: of larger data, evenly spread examples are taken


def is_quick_to_repeat(session: Session) -> bool:
    """Return whether the run can be made again in a few seconds."""
    updates, examples = session.run.end - run_start(session).update, len(session.record.examples)
    size = session.record.architecture.parameter_count * examples * session.record.time_steps
    return updates <= MOST_REPEATED and updates * size <= MOST_WORK


def run_start(session: Session) -> Checkpoint:
    """Return the first checkpoint from which the run has the present data and loss."""
    segments = _segments(session)
    return segments[0].start if segments else session.checkpoint


def run_marks(session: Session) -> list[Checkpoint]:
    """Return at most PLACES checkpoints, evenly spread, and the present one, by their updates."""
    here = session.checkpoint
    marks = [mark for segment in _segments(session) for mark in segment.marks]
    places = sorted({round(place) for place in np.linspace(0, len(marks) - 1, PLACES)}) if marks else []
    chosen = {marks[place].update: marks[place] for place in places}
    chosen.setdefault(here.update, here)
    return [chosen[update] for update in sorted(chosen)]


def even_updates(session: Session) -> set[int]:
    """Return PLACES evenly spread updates of the run."""
    spread = np.linspace(run_start(session).update, session.run.end, PLACES)
    return set(spread.round().astype(np.int64).tolist())


def work_on_data(architecture: Architecture, data: Dataset) -> Workspace:
    """Return buffers with all examples, or with evenly spread ones if all would take too long."""
    most = max(1, COSTLY // (architecture.parameter_count * data.time_steps))
    rows = np.linspace(0, len(data) - 1, min(most, len(data))).round().astype(np.int64)
    return Workspace(architecture, data.inputs[:, rows], data.targets[:, rows])


def examples_of(work: Workspace) -> int:
    """Return the number of examples in the buffers."""
    return int(work.entering.shape[2])


def examples_text(taken: int, every: int) -> str:
    """Return which examples were taken: all that are trained on, or some of them."""
    return f"{f'{taken} of the {every}' if taken < every else 'all'} examples that are trained on"


def moved(session: Session) -> FloatArray:
    """Return how far each parameter is from where the run began."""
    start = run_start(session).parameters
    with np.errstate(all="ignore"):
        return np.abs(session.checkpoint.parameters - start)


def _segments(session: Session) -> list[Segment]:
    """Return the segments of the run with the present data and loss that follow one another up to its end."""
    data, loss = session.lesson.dataset, session.loss
    last = takewhile(lambda part: part.dataset is data and part.loss == loss, reversed(session.run.segments))
    return list(last)[::-1]
