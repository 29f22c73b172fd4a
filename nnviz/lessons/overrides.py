"""Overriding fields of a lesson: assignments such as `training.learning_rate=0.5`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from typing import Any

from nnviz.lessons.faults import Fault, FieldPath, LessonError, toml_text
from nnviz.tables.numerals import is_plain, numeral_note, read_numeral
from nnviz.tables.whole_numbers import read_whole

ORIGIN = "--set"
_BRACKETS = ("[", "{", '"', "'")

_PART = re.compile(r"([A-Za-z0-9_-]+)((?:\[[1-9][0-9]{0,8}\])*)")


def override(source: str | dict[str, Any], assignments: Sequence[str]) -> dict[str, Any]:
    """Return the tables of a lesson (or of its TOML text) with assignments applied; `source` is not changed.

    An assignment is KEY=VALUE, with a key as in faults: `network.layers[1].activation=tanh`. A value that is not TOML
    is plain text, or where a number belongs, a number as people write it: 0,5. Raises LessonError for an assignment
    that cannot be applied, and TOMLDecodeError for a text that is not TOML.
    """
    tables = tomllib.loads(source) if isinstance(source, str) else source
    faults: list[Fault] = []
    for assignment in assignments:
        try:
            path = assigned_path(assignment)
            tables = _assigned(tables, path, _value(path, assignment.partition("=")[2]))
        except ValueError as error:
            faults.append(Fault(None, assignment.partition("=")[0].strip(), str(error), ORIGIN))
    if faults:
        raise LessonError(ORIGIN, faults)
    return tables


def override_notes(assignments: Sequence[str]) -> tuple[str, ...]:
    """Return a line for each assigned number that is not written as in TOML: how it is read."""
    notes = []
    for assignment in assignments:
        key, _, text = assignment.partition("=")
        value = _value(assigned_path(assignment), text)
        if isinstance(value, int | float) and not isinstance(value, bool) and not is_plain(text.strip()):
            note = numeral_note(text) if _toml_value(text) is None else ""
            notes.append(f"{key.strip()}: {note or f'{text.strip()} is read as {value!r}'}")
    return tuple(notes)


def assigned_path(assignment: str) -> FieldPath:
    """Return the path of the field that an assignment sets. Raises ValueError if it is not KEY=VALUE."""
    key, equals, _ = assignment.partition("=")
    matches = [_PART.fullmatch(part) for part in key.strip().split(".")]
    if not equals or None in matches:
        raise ValueError("not KEY=VALUE, such as training.learning_rate=0.5 or network.layers[1].activation=tanh")
    path: list[str | int] = []
    for match in matches:
        if match is not None:
            path.append(match[1])
            path.extend(int(number) - 1 for number in re.findall("[0-9]+", match[2]))
    return tuple(path)


def _value(path: FieldPath, text: str) -> Any:
    """Return the value that a text is at a path. Raises ValueError, in one line, if it is no number and should be."""
    value = _toml_value(text)
    if value is not None:
        return value
    from nnviz.lessons.schema import number_type  # imported late to keep the start fast

    number = number_type(path)
    text = text.strip()
    is_like_number = any(map(str.isnumeric, text)) and text.isprintable() and not text.startswith(_BRACKETS)
    if number is None or not is_like_number:
        return text
    return read_numeral(text).value if number is float else read_whole(text)


def _toml_value(text: str) -> Any:
    """Return the value of a TOML text; None if it is not one value of TOML."""
    try:
        tables = tomllib.loads(f"value = {text}")
    except (ValueError, RecursionError):
        return None
    return tables["value"] if len(tables) == 1 else None


def _assigned(tables: Any, path: FieldPath, value: Any) -> Any:
    """Copy nested tables and arrays, with `value` at `path`. Raises ValueError if the path does not exist."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(part, int):
        if not isinstance(tables, list) or part >= len(tables):
            has = f"{len(tables)} of them" if isinstance(tables, list) else toml_text(tables)
            raise ValueError(f"there is no item {part + 1}; the lesson has {has}")
        return [*tables[:part], _assigned(tables[part], rest, value), *tables[part + 1 :]]
    if not isinstance(tables, dict):
        raise ValueError(f"{part} cannot be set in {toml_text(tables)}")
    if rest and isinstance(rest[0], int) and part not in tables:
        hint = "; did you mean network.layers?" if part == "layers" else ""
        raise ValueError(f"the lesson has no {part}{hint}")
    return {**tables, part: _assigned(tables.get(part, {}), rest, value)}
