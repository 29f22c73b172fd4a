"""The faults of a lesson file, with field, line and message, and the error that carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nnviz.lessons.file_content import one_line
from nnviz.tables.synonyms import absent, nearest

FieldPath = tuple[str | int, ...]  # keys, and array indices from 0

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN = 60
MOST_FAULTS = 50  # that are shown


@dataclass(frozen=True)
class Issue:
    """One fault before its line is known.

    `needs` are the fields that its check used. If one of them is itself refused, the check used a stand-in for it, and
    the issue is dropped.
    """

    path: FieldPath
    message: str
    needs: tuple[FieldPath, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One fault: its line from 1 (None if unknown), its field with indices from 1, and a message.

    `origin` is the source of the value if that is not the file: "--set".
    """

    line: int | None
    field: str
    message: str
    origin: str = ""


class LessonError(ValueError):
    """A lesson that cannot be loaded, with all of its faults; its text is one line for each of the first ones."""

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        super().__init__(file, self.faults)

    def __str__(self) -> str:
        lines = [self._line(fault) for fault in self.faults[:MOST_FAULTS]]
        more = len(self.faults) - MOST_FAULTS
        return "\n".join([*lines, f"… and {more} more"] if more > 0 else lines)

    def _line(self, fault: Fault) -> str:
        file = self.file
        place = fault.origin or (file if fault.line is None else f"{file}:{fault.line}")
        return one_line(": ".join(part for part in (place, fault.field, fault.message) if part))


def format_path(path: FieldPath) -> str:
    """Return a path as text, with indices from 1: `network.layers[1].activation`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            part = part if len(part) <= _SHOWN else f"{part[:_SHOWN]}…"
            key = part if _BARE_KEY.fullmatch(part) else json.dumps(part, ensure_ascii=not part.isprintable())
            text += f".{key}" if text else key
    return text


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """Return `; did you mean 'tanh'?` if a known word is meant, else an empty text.

    Of a rule that nnviz does not have, say so: `; mean absolute error is not among the losses`.
    """
    meant = nearest(word, known)
    if meant is not None:
        return f"; did you mean {meant!r}?"
    missing = absent(word, known)
    return f"; {missing}" if missing else ""


def not_one_of(word: str, known: Sequence[str]) -> str:
    """Return the message for an unknown word: the known words, and a suggestion."""
    return f"{toml_text(word)} is not one of {', '.join(known)}{did_you_mean(word, known)}"


def toml_text(value: object) -> str:
    """Return a TOML value as a short text on one line; of tables and arrays only the kind."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 128:
        return "a whole number of many digits"
    if isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, str):
        return repr(value if len(value) <= _SHOWN else value[:_SHOWN] + "…")
    if isinstance(value, dict):
        return "a table"
    if value is None:
        return "null"
    return "an array" if isinstance(value, list) else f"the date or time {value}"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """Return `1 number`, `2 numbers`, or the given plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"
