"""The bundled walks, and finding a walk by its name or file; imports nothing slow."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from nnviz.lessons.faults import Fault, LessonError, did_you_mean, toml_text
from nnviz.resources import read_text, resource_names, resource_path
from nnviz.walks.walk import SUFFIX

FOLDER = "walks"
_STEM = SUFFIX.removesuffix(".toml")


@dataclass(frozen=True)
class WalkSummary:
    """One bundled walk: its name, title, lesson and number of scenes."""

    name: str
    title: str
    lesson: str
    scenes: int


def walk_names() -> tuple[str, ...]:
    """Return the names of the bundled walks, sorted."""
    stems = resource_names(FOLDER, ".toml")
    return tuple(sorted(stem.removesuffix(_STEM) for stem in stems if stem.endswith(_STEM)))


def is_walk(name_or_path: str | Path) -> bool:
    """Return whether a text is the name of a bundled walk, or that of a walk file."""
    name = str(name_or_path)
    return name.lower().endswith(SUFFIX) or name in walk_names()


def find_walk(name_or_path: str | Path) -> Path:
    """Return the file of a bundled walk, or the given path.

    Raises LessonError, with the names of the walks, if it is neither.
    """
    known, name = walk_names(), str(name_or_path)
    if name in known:
        return resource_path(FOLDER, f"{name}{SUFFIX}")
    if name and os.path.exists(name):
        return Path(name)
    message = f"no walk or file has this name; the walks are {', '.join(known)}{did_you_mean(name, known)}"
    raise LessonError(toml_text(name)[1:-1], [Fault(None, "", message)])


def walk_summaries() -> tuple[WalkSummary, ...]:
    """Return the summary of every bundled walk, by name, read without its checks."""
    return tuple(_summary(name) for name in walk_names())


def _summary(name: str) -> WalkSummary:
    walk = tomllib.loads(read_text(FOLDER, f"{name}{SUFFIX}"))
    return WalkSummary(name, walk["title"], walk["lesson"], len(walk["scene"]))
