"""The fields of a session file as they are read: each knows its path, and says in one line what is wrong with it."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nnviz.lessons.faults import FieldPath, did_you_mean, format_path, not_one_of, show

MOST_UPDATES = 10**12
LONGEST = 4000  # characters of a text that is no lesson's
NOT_FINITE = ("nan", "-nan", "inf", "-inf")


class SessionError(ValueError):
    """A session file that cannot be used: the field (counted from 1, as in a lesson's faults) and what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Field:
    """A value of the file and the keys that lead to it. Every method raises SessionError where it is another."""

    value: Any
    path: FieldPath = ()

    def refuse(self, message: str) -> NoReturn:
        """Say what is wrong with this field."""
        raise SessionError(format_path(self.path), message)

    def table(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Field]:
        """A table with all of these keys, perhaps the optional ones, and no others."""
        found = self.entries()
        for key in found:
            if key not in required and key not in optional:
                known = (*required, *optional)
                Field(None, (*self.path, key[:60])).refuse(f"unknown{did_you_mean(key, known)}")
        for key in required:
            if key not in found:
                Field(None, (*self.path, key)).refuse("missing")
        return found

    def entries(self) -> dict[str, Field]:
        """A table with any keys."""
        if not isinstance(self.value, dict):
            self.refuse(f"must be a table, not {show(self.value)}")
        return {key: Field(value, (*self.path, key)) for key, value in self.value.items()}

    def items(self, most: int, least: int = 0) -> list[Field]:
        """A list of at most so many values."""
        if not isinstance(self.value, list):
            self.refuse(f"must be a list, not {show(self.value)}")
        if not least <= len(self.value) <= most:
            self.refuse(f"has {len(self.value)} entries, not {least} to {most}")
        return [Field(value, (*self.path, index)) for index, value in enumerate(self.value)]

    def text(self, longest: int = LONGEST) -> str:
        """A text of at most so many characters, that can be written as UTF-8."""
        if not isinstance(self.value, str):
            self.refuse(f"must be a text, not {show(self.value)}")
        if len(self.value) > longest:
            self.refuse(f"longer than {longest} characters")
        try:
            self.value.isascii() or self.value.encode()
        except UnicodeEncodeError:
            self.refuse("holds half a character")
        return self.value

    def lines(self, longest: int) -> str:
        """A text that is written as the list of its lines."""
        lines = [line.text(longest) for line in self.items(longest)]
        if sum(map(len, lines)) > longest:
            self.refuse(f"longer than {longest} characters")
        return "\n".join(lines)

    def choice(self, known: Sequence[str]) -> str:
        """One of some words."""
        word = self.text()
        if word not in known:
            self.refuse(not_one_of(word, known))
        return word

    def flag(self) -> bool:
        """True or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"must be true or false, not {show(self.value)}")
        return self.value

    def whole(self, low: int = 0, high: int = MOST_UPDATES) -> int:
        """A whole number in a range, both ends included."""
        if type(self.value) is not int:
            self.refuse(f"must be a whole number, not {show(self.value)}")
        if not low <= self.value <= high:
            self.refuse(f"{show(self.value)} is not from {low} to {high}")
        return int(self.value)

    def number(self) -> float:
        """A number, or one of the texts nan, -nan, inf and -inf."""
        if self.value in NOT_FINITE:
            return float(self.value)
        if type(self.value) not in (int, float):
            self.refuse(f"must be a number, not {show(self.value)}")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse("must be a number that is finite, or the text nan, -nan, inf or -inf")
        return number

    def finite(self, low: float = -math.inf, below: float = math.inf) -> float:
        """A number from `low` to below `below`."""
        number = self.number()
        if not math.isfinite(number) or not low <= number < below:
            self.refuse(f"{show(self.value)} is not from {low:g} to below {below:g}")
        return number

    def is_none(self) -> bool:
        """Whether nothing is given."""
        return self.value is None


def number_data(number: float) -> float | str:
    """A number as JSON holds it: bit for bit, with texts for what is not finite."""
    if math.isfinite(number):
        return number
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return f"{sign}nan" if math.isnan(number) else f"{sign}inf"
