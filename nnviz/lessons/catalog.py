"""The bundled lessons, and loading a lesson by its name or file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.lessons.faults import Fault, LessonError, did_you_mean, toml_text
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson
from nnviz.lessons.overrides import override
from nnviz.resources import resource_names, resource_path

if TYPE_CHECKING:
    from nnviz.lessons.data_file import OwnData

__all__ = ["find_lesson", "is_bundled", "lesson_names", "load", "override"]


def lesson_names() -> tuple[str, ...]:
    """Return the names of the bundled lessons, sorted."""
    return resource_names("lessons", ".toml")


def find_lesson(name_or_path: str | Path) -> Path:
    """Return the file of a bundled lesson, or the given path.

    Raises LessonError, with the names of the lessons, if it is neither.
    """
    known = lesson_names()
    name = str(name_or_path)
    if name in known:
        return resource_path("lessons", f"{name}.toml")
    if name and os.path.exists(name):
        return Path(name)
    meant = did_you_mean(name.removesuffix(".toml"), known)
    message = f"no lesson or file has this name; the lessons are {', '.join(known)}{meant}"
    raise LessonError(toml_text(name)[1:-1], [Fault(None, "", message)])


def is_bundled(lesson: Lesson) -> bool:
    """Return whether a lesson is one of nnviz's own, and not a file of the user."""
    return lesson.name in lesson_names() and lesson.path == resource_path("lessons", f"{lesson.name}.toml")


def load(name_or_path: str | Path, overrides: Sequence[str] = (), own: OwnData | None = None) -> Lesson:
    """Load a bundled lesson by its name, or the lesson in a file, with `KEY=VALUE` overrides, or with other data.

    Raises LessonError as `find_lesson` and `load_lesson` do.
    """
    return load_lesson(find_lesson(name_or_path), overrides, own)
