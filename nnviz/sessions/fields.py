"""The fields of a session file as they are read: each has its path, and reports in one line what is wrong."""

from __future__ import annotations

import math
import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from nnviz.lessons.faults import FieldPath, did_you_mean, format_path, not_one_of, toml_text

MOST_UPDATES = 10**12
LONGEST = 4000  # characters of a text other than a lesson's
NOT_FINITE = ("nan", "-nan", "inf", "-inf")


class SessionError(ValueError):
    """A session file that cannot be used: the field (counted from 1, as in a lesson's faults) and what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}" if field else message)
        self.field = field
        self.message = message


@dataclass(frozen=True)
class Field:
    """A value of the file and the keys that lead to it. Every method raises SessionError for a wrong value."""

    value: Any
    path: FieldPath = ()

    def refuse(self, message: str) -> NoReturn:
        """Report what is wrong with this field."""
        raise SessionError(format_path(self.path), message)

    def table(self, required: Collection[str], optional: Collection[str] = ()) -> dict[str, Field]:
        """Return a table that has all required keys and no keys beyond the optional ones."""
        found = self.entries()
        for key in found:
            if key not in required and key not in optional:
                known = (*required, *optional)
                Field(None, (*self.path, key[:60])).refuse(f"unknown key{did_you_mean(key, known)}")
        for key in required:
            if key not in found:
                Field(None, (*self.path, key)).refuse("missing")
        return found

    def entries(self) -> dict[str, Field]:
        """Return a table with any keys."""
        if not isinstance(self.value, dict):
            self.refuse(f"must be a table, not {toml_text(self.value)}")
        return {key: Field(value, (*self.path, key)) for key, value in self.value.items()}

    def items(self, most: int, least: int = 0) -> list[Field]:
        """Return a list of `least` to `most` values."""
        if not isinstance(self.value, list):
            self.refuse(f"must be a list, not {toml_text(self.value)}")
        if not least <= len(self.value) <= most:
            wanted = f"{least} to {most}" if least < most else str(least)
            self.refuse(f"must have {wanted} entries, not {len(self.value)}")
        return [Field(value, (*self.path, index)) for index, value in enumerate(self.value)]

    def text(self, longest: int = LONGEST) -> str:
        """Return a text of at most `longest` characters that can be written as UTF-8."""
        if not isinstance(self.value, str):
            self.refuse(f"must be a text, not {toml_text(self.value)}")
        if len(self.value) > longest:
            self.refuse(f"is longer than {longest} characters")
        try:
            self.value.isascii() or self.value.encode()
        except UnicodeEncodeError:
            self.refuse("is not valid Unicode text")
        return self.value

    def file_path(self) -> str:
        """Return the path of a file, which may have bytes that are not UTF-8, as Python writes them."""
        if not isinstance(self.value, str) or not self.value or "\0" in self.value or len(self.value) > LONGEST:
            self.refuse("is not a file path")
        try:
            os.fsencode(self.value)
        except UnicodeEncodeError:
            self.refuse("is not a file path")
        return self.value

    def lines(self, longest: int) -> str:
        """Return a text that is written as the list of its lines."""
        lines = [line.text(longest) for line in self.items(longest)]
        if sum(map(len, lines)) > longest:
            self.refuse(f"is longer than {longest} characters")
        return "\n".join(lines)

    def choice(self, known: Sequence[str]) -> str:
        """Return one of the known words."""
        word = self.text()
        if word not in known:
            self.refuse(not_one_of(word, known))
        return word

    def flag(self) -> bool:
        """Return true or false."""
        if not isinstance(self.value, bool):
            self.refuse(f"must be true or false, not {toml_text(self.value)}")
        return self.value

    def whole(self, low: int = 0, high: int = MOST_UPDATES) -> int:
        """Return a whole number in a range, both ends included."""
        if type(self.value) is not int:
            self.refuse(f"must be a whole number, not {toml_text(self.value)}")
        if not low <= self.value <= high:
            self.refuse(f"must be from {low} to {high}, not {toml_text(self.value)}")
        return int(self.value)

    def number(self) -> float:
        """Return a number, which may be written as nan, -nan, inf or -inf."""
        if self.value in NOT_FINITE:
            return float(self.value)
        if type(self.value) not in (int, float):
            self.refuse(f"must be a number, not {toml_text(self.value)}")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number):
            self.refuse("must be a finite number, or the text nan, -nan, inf or -inf")
        return number

    def finite(self, low: float = -math.inf, below: float = math.inf) -> float:
        """Return a number from `low` to below `below`."""
        number = self.number()
        if not math.isfinite(number) or not low <= number < below:
            bounds = f" from {low:g} to below {below:g}" if math.isfinite(below) else ""
            self.refuse(f"must be a finite number{bounds}, not {toml_text(self.value)}")
        return number

    def is_none(self) -> bool:
        """Return whether the field has no value."""
        return self.value is None


def number_data(number: float) -> float | str:
    """Return a number as JSON holds it, bit for bit; NaN and infinity are texts."""
    if math.isfinite(number):
        return number
    sign = "-" if math.copysign(1.0, number) < 0 else ""
    return f"{sign}nan" if math.isnan(number) else f"{sign}inf"
