"""What is wrong with a lesson file: faults with their field, line and message, and the error that carries them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

FieldPath = tuple[str | int, ...]  # keys, and places in arrays counted from 0

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_SHOWN = 60


@dataclass(frozen=True)
class Issue:
    """One fault before its line is known.

    `needs` are the fields that the check behind it looked at: where one of them is itself refused, the check
    has seen a stand-in, and the issue is dropped.
    """

    path: FieldPath
    message: str
    needs: tuple[FieldPath, ...] = ()


@dataclass(frozen=True)
class Fault:
    """One mistake: its line from 1 (None where it cannot be found), its field counted from 1, and what is wrong.

    `origin` names where the value came from when that is not the file: "--set".
    """

    line: int | None
    field: str
    message: str
    origin: str = ""


class LessonError(ValueError):
    """A lesson that cannot be used, with all of its faults; its text is one line per fault."""

    def __init__(self, file: str, faults: Iterable[Fault]) -> None:
        self.file = file
        self.faults = tuple(faults)
        super().__init__(file, self.faults)

    def __str__(self) -> str:
        return "\n".join(self._line(fault) for fault in self.faults)

    def _line(self, fault: Fault) -> str:
        place = fault.origin or (self.file if fault.line is None else f"{self.file}:{fault.line}")
        return ": ".join(part for part in (place, fault.field, fault.message) if part)


def format_path(path: FieldPath) -> str:
    """A path as a person writes it, counted from 1: `network.layers[1].activation`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part + 1}]"
        else:
            key = part if _BARE_KEY.fullmatch(part) else json.dumps(part)
            text += f".{key}" if text else key
    return text


def did_you_mean(word: str, known: Sequence[str]) -> str:
    """`; did you mean 'tanh'?` where something known is close to the word, else nothing."""
    close = get_close_matches(word[:_SHOWN], known, n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def not_one_of(word: str, known: Sequence[str]) -> str:
    """What is wrong with a word that is not among those known, and which one may have been meant."""
    return f"{show(word)} is not one of {', '.join(known)}{did_you_mean(word, known)}"


def show(value: object) -> str:
    """A TOML value in a few characters on one line; tables and arrays by their kind alone."""
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
    return "an array" if isinstance(value, list) else f"the date or time {value}"


def count_of(number: int, noun: str, plural: str = "") -> str:
    """`1 number`, `2 numbers`, or the plural given."""
    return f"{number} {noun}" if number == 1 else f"{number} {plural or f'{noun}s'}"
