"""Summaries of the bundled lessons, read without the checks, whose import is slow."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass

from nnviz.resources import read_text, resource_names


@dataclass(frozen=True)
class Summary:
    """One bundled lesson: its name, title, layer sizes from the input, source, one sentence and its topics.

    `recurrent` says of each layer after the input whether it is recurrent.
    """

    name: str
    title: str
    sizes: tuple[int, ...]
    source: str
    summary: str
    topics: tuple[str, ...]
    recurrent: tuple[bool, ...]


def lesson_summaries() -> tuple[Summary, ...]:
    """Return the summary of every bundled lesson, by name."""
    return tuple(_summary(name) for name in resource_names("lessons", ".toml"))


def _summary(name: str) -> Summary:
    lesson = tomllib.loads(read_text("lessons", f"{name}.toml"))
    sizes = (lesson["network"]["inputs"], *(layer["units"] for layer in lesson["network"]["layers"]))
    return Summary(
        name,
        lesson["title"],
        sizes,
        source=lesson.get("source", ""),
        summary=lesson.get("summary", ""),
        topics=tuple(lesson.get("topics", ())),
        recurrent=tuple(layer.get("recurrent", False) for layer in lesson["network"]["layers"]),
    )
