"""A session with another network or other data: what building in the window does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nnviz.debugger.state.run import with_loss
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.lesson import Lesson


def built(session: Session, change: Callable[[Lesson], Lesson]) -> Session:
    """Return the session of the lesson that a change makes of this one, at its start, with the learner's choices.

    Raises LessonError if there is no such lesson.
    """
    here = session.lesson
    chosen = replace(here, network=with_loss(here.network, session.loss), training=session.training)
    fresh = start_session(change(chosen), grain=session.grain)
    return replace(fresh, watches=session.watches)
