"""Loading a walk file and the files that it names: read, check, report all faults together."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nnviz.formats.sound_length import DAMAGE, sound_seconds
from nnviz.lessons.faults import (
    Fault,
    FieldPath,
    Issue,
    LessonError,
    did_you_mean,
    format_path,
    toml_text,
)
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.lines import entry_lines, excess, find_line, key_lines
from nnviz.lessons.loader import load_lesson, read_file_text, syntax_fault
from nnviz.resources import resource_names, resource_path
from nnviz.walks.walk import Scene, Walk, WalkStage
from nnviz.walks.walk_keys import LONGEST, WALK_KEYS, WalkKey, WalkValueError, keys_of
from nnviz.walks.walk_names import find_walk

TOP, STAGE, SCENE = WALK_KEYS
_LISTS = ("do", "point", "expect")


class SoundError(ValueError):
    """A sound file that cannot be used; its text is one line for the user."""


def load_walk(name_or_path: str | Path) -> Walk:
    """Load a bundled walk by its name, or the walk in a file.

    Raises LessonError with all faults of the file, or with the reason why it cannot be read.
    """
    path = find_walk(name_or_path)
    return parse_walk(read_file_text(path, "walk file"), path)


def parse_walk(text: str, path: str | Path | None = None) -> Walk:
    """Return the walk of a TOML text; `path` names it in faults. Raises LessonError with all faults."""
    name = "walk" if path is None else str(path)
    too_much = excess(text)
    if too_much:
        raise LessonError(name, [Fault(None, "", f"{too_much}; no walk needs more")])
    try:
        tables = tomllib.loads(text)
    except RecursionError:
        raise LessonError(name, [Fault(None, "", "tables or arrays are nested too deeply")]) from None
    except ValueError as error:
        raise LessonError(name, [syntax_fault(text, str(error))]) from None
    lines = _lines(text)
    issues: list[Issue] = []
    top = _read_table(tables, TOP, (), issues, ("stage", "scene"))
    stage = _stage(tables, issues)
    scenes = _scenes(tables, issues)
    if issues:
        raise LessonError(name, faults_of(issues, lines))
    return Walk(
        title=top["title"],
        lesson=top["lesson"],
        scenes=scenes,
        stage=stage,
        path=None if path is None else Path(path),
        lines=MappingProxyType(lines),
    )


def _lines(text: str) -> dict[FieldPath, int]:
    """Return the line of each key, and of each entry of the lists in scenes."""
    lines = key_lines(text)
    lists = [(path, line) for path, line in lines.items() if path[0] == SCENE.strip("[]") and path[-1] in _LISTS]
    for path, line in lists:
        lines |= {(*path, at): entry for at, entry in enumerate(entry_lines(text, line))}
    return lines


def walk_error(walk: Walk, issues: Iterable[Issue]) -> LessonError:
    """Return the error that carries the issues with a walk, each with its line."""
    return LessonError("walk" if walk.path is None else str(walk.path), faults_of(issues, walk.lines))


def faults_of(issues: Iterable[Issue], lines: Mapping[FieldPath, int]) -> list[Fault]:
    """Return the issues as faults in the order of the file."""
    known = dict(lines)
    faults = [Fault(find_line(known, issue.path), format_path(issue.path), issue.message) for issue in issues]
    return sorted(faults, key=lambda fault: fault.line or 0)


def load_lesson_of(walk: Walk) -> Lesson:
    """Load the lesson that a walk plays. Raises LessonError, with the faults of the walk or of its lesson."""
    names = resource_names("lessons", ".toml")
    if walk.lesson in names:
        return load_lesson(resource_path("lessons", f"{walk.lesson}.toml"))
    path = walk.folder / walk.lesson
    if not is_inside(path, walk.folder):
        raise walk_error(walk, [Issue(("lesson",), "outside the walk's folder; copy the lesson there")])
    if not os.path.exists(path):
        hint = did_you_mean(walk.lesson, names)
        message = f"{toml_text(walk.lesson)} is neither a bundled lesson nor a file beside the walk{hint}"
        raise walk_error(walk, [Issue(("lesson",), message)])
    return load_lesson(path)


def sound_of(walk: Walk, scene: Scene) -> Path | None:
    """Return the sound file of a scene, None without one. Raises SoundError if it is not a file beside the walk."""
    if not scene.audio:
        return None
    path = walk.folder / scene.audio
    if not (is_inside(path, walk.folder) and os.path.isfile(path)):
        raise SoundError(f"{toml_text(scene.audio)} is not a file beside the walk")
    return path


def narration_seconds(walk: Walk, scene: Scene) -> float:
    """Return how long the narration of a scene lasts, 0 without one. Raises SoundError."""
    path = sound_of(walk, scene)
    if path is None:
        return 0.0
    name = toml_text(scene.audio)
    try:
        seconds = sound_seconds(path)
    except OSError as error:
        raise SoundError(f"{name} cannot be read: {error.strerror or error}") from None
    except DAMAGE:
        raise SoundError(f"{name} is damaged: how long it lasts cannot be read") from None
    if seconds is None:
        raise SoundError(f"{name} is neither WAV, FLAC nor Ogg (Vorbis or Opus); convert it to one of these")
    if not 0 < seconds <= LONGEST:
        raise SoundError(f"{name} lasts {seconds:.0f} s; a sound lasts more than 0 and at most {LONGEST:g} s")
    return seconds


def is_inside(path: Path, folder: Path) -> bool:
    """Return whether a path is in a folder or below it: a walk from somebody else must not read other files."""
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def _stage(tables: dict[str, Any], issues: list[Issue]) -> WalkStage:
    table = tables.get("stage", {})
    if not isinstance(table, dict):
        issues.append(Issue(("stage",), f"{toml_text(table)} is not a table; write [stage]"))
        return WalkStage()
    return WalkStage(**_read_table(table, STAGE, ("stage",), issues))


def _scenes(tables: dict[str, Any], issues: list[Issue]) -> tuple[Scene, ...]:
    scenes = tables.get("scene")
    if scenes is None:
        issues.append(Issue(("scene",), "missing; at least one [[scene]] is needed"))
        return ()
    if not isinstance(scenes, list):
        issues.append(Issue(("scene",), f"{toml_text(scenes)} is not a list of scenes; write [[scene]]"))
        return ()
    if not scenes:
        issues.append(Issue(("scene",), "empty; at least one [[scene]] is needed"))
    return tuple(_scene(scene, ("scene", at), issues) for at, scene in enumerate(scenes))


def _scene(table: object, path: FieldPath, issues: list[Issue]) -> Scene:
    if not isinstance(table, dict):
        issues.append(Issue(path, f"{toml_text(table)} is not a scene; write [[scene]]"))
        return Scene()
    if not table:
        issues.append(Issue(path, f"empty; a scene has one or more of {', '.join(keys_of(SCENE))}"))
    return Scene(**_read_table(table, SCENE, path, issues))


def _read_table(
    table: dict[str, Any], heading: str, path: FieldPath, issues: list[Issue], inner: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the values of a table by key; what is wrong with it is added to the issues."""
    known = {key.name: key for key in WALK_KEYS[heading]}
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name in known:
            found |= _read_value(known[name], value, (*path, name), issues)
        elif name not in inner:
            issues.append(Issue((*path, name), _unknown(name, heading, (*known, *inner))))
    needed = (key for key in known.values() if key.is_needed and key.name not in table)
    issues += (Issue((*path, key.name), f"missing; {key.sentence[:1].lower()}{key.sentence[1:-1]}") for key in needed)
    return found


def _read_value(key: WalkKey, value: object, path: FieldPath, issues: list[Issue]) -> dict[str, Any]:
    try:
        return {key.name: key.read(value)}
    except WalkValueError as error:
        issues.append(Issue(path if error.entry is None else (*path, error.entry), str(error)))
        return {}


def _unknown(name: str, heading: str, known: tuple[str, ...]) -> str:
    """Return the message for an unknown key: the known ones, and the key or the table that is meant."""
    return f"unknown key; known keys are {', '.join(known)}{did_you_mean(name, known) or _elsewhere(name, heading)}"


def _elsewhere(name: str, heading: str) -> str:
    places: Iterator[str] = (other for other in WALK_KEYS if other != heading and name in keys_of(other))
    where = " and ".join(place or "the top of the file" for place in places)
    return f"; {name} belongs to {where}" if where else ""
