"""The lesson in a session file: its name or path, and its whole text, so that it opens without the lesson file."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnviz.lessons.catalog import find_lesson, lesson_names
from nnviz.lessons.faults import LessonError, format_path
from nnviz.lessons.file_content import one_line, read_content
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import FILE_LIMIT, parse_lesson
from nnviz.lessons.making.lesson_text import text_of
from nnviz.lessons.reseed import LARGEST_SEED, draws_data_in_text, seed_overrides
from nnviz.sessions.fields import Field, SessionError


def lesson_data(lesson: Lesson) -> dict[str, Any]:
    """Return the data of a lesson: the text of its file, and the seed of its weights if they are drawn."""
    bundled = lesson.name in lesson_names() and lesson.path == find_lesson(lesson.name)
    data: dict[str, Any] = {"name": lesson.name} if bundled else {"path": os.path.abspath(lesson.path)}
    if lesson.initializer is not None:
        data["seed"] = lesson.initializer.seed
    if not lesson.text:
        data["made"] = True  # from values, not read from a file
    text = text_of(lesson)
    data["checksum"] = _checksum(text, lesson.points)
    data["text"] = text.split("\n")
    if lesson.points is not None:
        data["points"] = lesson.points.split("\n")
    return data


def lesson_from(field: Field) -> tuple[Lesson, tuple[str, ...]]:
    """Read a lesson from its saved text, and return notes for the user if its file differs by now.

    Raises SessionError.
    """
    table = field.table(("checksum", "text"), ("name", "path", "seed", "points", "made"))
    if ("name" in table) == ("path" in table):
        field.refuse("must have either a name or a path")
    text = table["text"].lines(FILE_LIMIT)
    points = table["points"].lines(FILE_LIMIT) if "points" in table else None
    if table["checksum"].text() != _checksum(text, points):
        table["checksum"].refuse("does not match the lesson's text: the file was truncated or edited by hand")
    path = _path(table)
    lesson = _read(text, points, path, table["text"])
    if lesson.initializer is not None and "seed" in table:
        seed = table["seed"].whole(0, LARGEST_SEED)
        if seed != lesson.initializer.seed:
            lesson = _reseeded(lesson, seed, table["text"])
    is_made = "made" in table and table["made"].flag()
    return lesson, () if is_made else _notes(lesson, "name" in table)


def _path(table: dict[str, Field]) -> Path:
    if "path" in table:
        return Path(table["path"].file_path())
    name = table["name"].text()
    if not name.replace("-", "").replace("_", "").isalnum():
        table["name"].refuse("is not the name of a bundled lesson")
    return find_lesson(name) if name in lesson_names() else Path(f"{name}.toml")


def _read(text: str, points: str | None, path: Path, field: Field, overrides: tuple[str, ...] = ()) -> Lesson:
    try:
        return parse_lesson(text, path, overrides, points or "")
    except LessonError as error:
        fault = error.faults[0]
        words = (*(() if fault.line is None else (f"line {fault.line}",)), fault.field, fault.message)
        raise SessionError(format_path(field.path), ": ".join(word for word in words if word)) from None


def _reseeded(own: Lesson, seed: int, field: Field) -> Lesson:
    """Draw the weights from a seed as `lessons.reseed.reseeded` does; the printed results are of other weights."""
    overrides = seed_overrides(draws_data_in_text(own.text), seed)
    return replace(_read(own.text, own.points, own.path, field, overrides), printed=())


def _notes(lesson: Lesson, bundled: bool) -> tuple[str, ...]:
    """Return one line if the lesson's file is missing or has changed since the session was saved."""
    name = f"the lesson {lesson.name}" if bundled else one_line(lesson.path)
    if bundled and lesson.name not in lesson_names():
        return (f"{name} does not come with this version of nnviz: opened as it was saved",)
    try:
        if not os.path.exists(lesson.path):
            return (f"{name} is missing: opened as it was saved",)
        if _plain_lines(read_content(lesson.path, FILE_LIMIT).decode("utf-8-sig")) == _plain_lines(lesson.text):
            return ()
    except ValueError:
        return (f"{name} cannot be read: opened as it was saved",)
    return (f"{name} has changed since the session was saved: opened as it was saved",)


def _plain_lines(text: str) -> str:
    """Return a text with line ends as a text file is read."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _checksum(text: str, points: str | None) -> str:
    both = text if points is None else f"{text}\0{points}"
    return f"sha256:{hashlib.sha256(both.encode()).hexdigest()}"
