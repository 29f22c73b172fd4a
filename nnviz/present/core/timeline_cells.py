"""The timeline: one cell per step of the session's grain, binned if there are many, phases in their colors."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nnviz.debugger.state.session import Session
from nnviz.tracing.steps import Grain
from nnviz.tracing.trace import Trace

MOST_CELLS = 240


@dataclass(frozen=True)
class Cell:
    """Steps `first` to `last` of the grain, in one phase; `start` and `end` are positions of the trace."""

    first: int
    last: int
    start: int
    end: int
    phase: str


@dataclass(frozen=True)
class Span:
    """A phase over the cells `first` to `last`."""

    phase: str
    first: int
    last: int


@dataclass(frozen=True)
class Timeline:
    """Cells and phases of a pass, and the number of completed cells, the last of which may be incomplete."""

    cells: tuple[Cell, ...]
    spans: tuple[Span, ...]
    done: float
    steps: int


def timeline(session: Session) -> Timeline:
    """Return the timeline of a session."""
    cells = _cells(session.trace, session.grain)
    done = 0.0
    for index, cell in enumerate(cells):
        if session.position >= cell.end:
            done = index + 1.0
        elif session.position > cell.start:
            done = index + (session.position - cell.start) / (cell.end - cell.start)
    return Timeline(cells, _spans(cells), done, session.trace.length(session.grain))


@lru_cache(maxsize=4)
def _cells(trace: Trace, grain: Grain) -> tuple[Cell, ...]:
    """Return the cells of a trace at a grain; cached, as they do not change while the learner steps."""
    total = trace.length(grain)
    size = max(1, -(-total // MOST_CELLS))
    cells: list[Cell] = []
    for index in range(trace.length(Grain.PASS)):
        phase = trace.step(Grain.PASS, index)
        first, end = trace.count(grain, phase.start), trace.count(grain, phase.end)
        for start in range(first, end, size):
            last = min(start + size, end) - 1
            begin, finish = trace.step(grain, start).start, trace.step(grain, last).end
            cells.append(Cell(start, last, begin, finish, phase.phase))
    return tuple(cells)


def _spans(cells: tuple[Cell, ...]) -> tuple[Span, ...]:
    spans: list[Span] = []
    for index, cell in enumerate(cells):
        if spans and spans[-1].phase == cell.phase:
            spans[-1] = Span(cell.phase, spans[-1].first, index)
        else:
            spans.append(Span(cell.phase, index, index))
    return tuple(spans)
