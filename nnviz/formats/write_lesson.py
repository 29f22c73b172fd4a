"""Writing a lesson as a file, which is read back before it replaces anything."""

from __future__ import annotations

import errno
from dataclasses import replace
from pathlib import Path

from nnviz.engine.datasets import Dataset
from nnviz.formats.atomic_files import write_atomically
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson
from nnviz.lessons.notation import Notation

_FIELDS = ("title", "source", "example", "convention", "training", "printed", "errata", "captions")


def write_lesson(path: str | Path, lesson: Lesson, text: str) -> None:
    """Write a lesson as the text of its file, and read it back before it replaces the old file.

    Raises OSError; the old file is then unchanged.
    """

    def check(written: Path) -> None:
        problem = _read_back(written, lesson)
        if problem:
            raise OSError(errno.EIO, f"what was written does not open as the same lesson ({problem})")

    write_atomically(path, text, check)


def lesson_difference(one: Lesson, other: Lesson) -> str:
    """Return what differs between two lessons, beside their names and texts; empty if nothing does."""
    ours, theirs = one.network, other.network
    if ours.architecture != theirs.architecture:
        return "its network differs"
    if ours.parameters.vector.tobytes() != theirs.parameters.vector.tobytes():
        return "its weights differ"
    if _bits(one.dataset) != _bits(other.dataset) or _bits(one.held_out) != _bits(other.held_out):
        return "its examples differ"
    if _signs(one) != _signs(other):
        return "its notation differs"
    return next((f"its {name} differs" for name in _FIELDS if getattr(one, name) != getattr(other, name)), "")


def _read_back(written: Path, lesson: Lesson) -> str:
    """Return why a file that was just written is not the lesson; empty if it is."""
    try:
        return lesson_difference(lesson, load_lesson(written))
    except LessonError as error:
        fault = error.faults[0]
        return one_line(f"{fault.field}: {fault.message}".removeprefix(": "))
    except Exception as error:  # whatever fails, the old file must not be replaced
        return one_line(f"{type(error).__name__}: {error}")


def _bits(data: Dataset | None) -> tuple[bytes, ...]:
    return () if data is None else (data.inputs.tobytes(), data.targets.tobytes())


def _signs(lesson: Lesson) -> Notation:
    return replace(lesson.notation, name="", title="")  # one of the lesson's own may be named after its file
