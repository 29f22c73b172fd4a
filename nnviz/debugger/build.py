"""A session with another network or other data, as building in the window makes it, and the lesson that is saved."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from nnviz.debugger.edits import count_differences
from nnviz.debugger.state.run import with_loss
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.lesson import Lesson


def built(session: Session, change: Callable[[Lesson], Lesson]) -> Session:
    """Return the session of the lesson that a change makes of this one, at its start, with the learner's choices.

    Raises LessonError if there is no such lesson.
    """
    fresh = start_session(change(_with_choices(session)), grain=session.grain)
    return replace(fresh, watches=session.watches)


def lesson_as_chosen(session: Session) -> Lesson:
    """Return the lesson as the learner has set it: with their numbers in weights and data, loss, conventions, training.

    The weights are those that the run begins with. What a document prints holds for its own lesson alone.
    """
    here, chosen = session.lesson, _with_choices(session)
    first = session.run.segments[0].start
    start = session.checkpoint if session.checkpoint.update == first.update else first
    is_edited = first.update == 0 and start.parameters.tobytes() != here.network.parameters.vector.tobytes()
    if not is_edited and not count_differences(session):
        return here
    shown = {name: getattr(here.convention, name) for name in ("delta", "weights")}
    return replace(
        chosen,
        network=chosen.network.with_vector(start.parameters) if is_edited else chosen.network,
        convention=replace(session.convention, **shown),
        printed=(),
        errata=(),
        captions={},
        source="",
        summary="",
        topics=(),
    )


def _with_choices(session: Session) -> Lesson:
    here = session.lesson
    return replace(here, network=with_loss(here.network, session.loss), training=session.training)
