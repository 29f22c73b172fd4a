"""The frames of a page: what it shows one after the other, each a session with how it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.commands import first, step
from nnviz.debugger.state.session import Session
from nnviz.present.runs.curve import LossRun
from nnviz.tracing.steps import Grain, Quantity

PACE = 2.0  # seconds that a step is shown
MOST_STEPS = 1000  # of a page whose grain was not chosen


@dataclass(frozen=True, eq=False, kw_only=True)
class PageFrame:
    """One frame: its session, the index of its scene, caption, layout, ringed numbers and seconds.

    `question` names the value that is asked for, while its answer is hidden. `runs` are the loss curves so far.
    """

    session: Session
    scene: int = 0
    caption: str = ""
    layout: str = "network"
    rings: tuple[Quantity, ...] = ()
    seconds: float = PACE
    question: str = ""
    runs: tuple[LossRun, ...] = ()


@dataclass(frozen=True, eq=False, kw_only=True)
class PageContent:
    """What a page shows: title, the line under it, the titles of its scenes, and its frames.

    A pass has no scenes: its frames are its steps, the first before them all.
    """

    title: str
    about: str
    frames: tuple[PageFrame, ...]
    scenes: tuple[str, ...] = ()


def pass_content(session: Session, about: str) -> PageContent:
    """Return the page of a session's pass at its grain."""
    frames = tuple(PageFrame(session=each) for each in pass_sessions(session))
    return PageContent(title=session.lesson.title, about=about, frames=frames)


def in_few_steps(session: Session) -> Session:
    """Return a session by layers instead of neurons if its pass has too many steps for a page."""
    if session.grain <= Grain.LAYER or session.trace.length(session.grain) <= MOST_STEPS:
        return session
    return replace(session, grain=Grain.LAYER)


def pass_sessions(session: Session) -> Iterator[Session]:
    """Yield a session before the first step of its pass and after each, without selection, question and breakpoints."""
    session = first(replace(session, selection=None, predicting=None, why=None, breakpoints=()))
    yield session
    while not session.at_end:
        session = step(session)
        yield session
