"""The last session in a line of the start page, and whether anything was done in it."""

from __future__ import annotations

from datetime import datetime

from nnviz.debugger.state.session import Session
from nnviz.present.runs.curve import grouped

_CHOICES = ("convention", "loss", "training")


def was_used(session: Session) -> bool:
    """Return whether anything was done in a session: a step, an update, an edit, a choice, a breakpoint, a watch."""
    lesson = session.own_lesson
    chosen = (session.convention, session.loss, session.training)
    own = (lesson.convention, lesson.network.architecture.loss, lesson.training)
    marks = (session.breakpoints, session.watches, session.edited, session.predicting)
    return bool(session.position or session.checkpoint.update or session.run.end or any(marks)) or chosen != own


def last_session_text(session: Session, written: datetime, now: datetime) -> str:
    """Return a session in a line, such as "XOR by hand · update 400 of 9 290 · yesterday"."""
    return " · ".join((session.own_lesson.title, _place(session), when_text(written, now)))


def _place(session: Session) -> str:
    update, end = session.checkpoint.update, session.run.end
    if end > update:
        return f"update {grouped(update)} of {grouped(end)}"
    if update:
        return f"update {grouped(update)}"
    return f"step {session.trace.count(session.grain, session.position)}" if session.position else "at the start"


def when_text(then: datetime, now: datetime) -> str:
    """Return how long ago a moment was; both are local times."""
    minutes = int((now - then).total_seconds() // 60)
    days = (now.date() - then.date()).days
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return "1 minute ago" if minutes == 1 else f"{minutes} minutes ago"
    if days < 1:
        return f"today at {then:%H:%M}"
    if days == 1:
        return "yesterday"
    return f"{days} days ago" if days < 7 else f"{then:%Y-%m-%d}"
