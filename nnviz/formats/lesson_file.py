"""A pass as a lesson file: the network with the weights that the pass begins with, its data, and its settings."""

from __future__ import annotations

from dataclasses import replace
from typing import TextIO

from nnviz.debugger.build import lesson_as_chosen
from nnviz.debugger.state.session import Session
from nnviz.lessons.making.lesson_text import lesson_text


def write(session: Session, stream: TextIO) -> None:
    """Write the lesson file of a session's pass. Raises ValueError if a number of it is NaN or infinite."""
    stream.write(lesson_file_text(session))


def lesson_file_text(session: Session) -> str:
    """Return the text of a lesson file that begins where the pass does. Raises ValueError as `write` does.

    After an update, what the document prints holds no longer, and is left out.
    """
    lesson = lesson_as_chosen(session)
    if session.checkpoint.update:
        network = lesson.network.with_vector(session.checkpoint.parameters)
        lesson = replace(lesson, network=network, printed=(), errata=(), captions={}, source="", summary="", topics=())
    return lesson_text(lesson)
