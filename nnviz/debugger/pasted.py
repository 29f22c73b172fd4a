"""Numbers as they are pasted from a page: each with its printed digits, and whether they stand as a matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from math import log2

LONGEST = 20_000
MOST_NUMBERS = 400
_LARGEST_EXPONENT = 300

_MINUS = dict.fromkeys(map(ord, "\N{MINUS SIGN}\N{EN DASH}\N{HYPHEN}\N{NON-BREAKING HYPHEN}"), "-")
_SPACES = dict.fromkeys(map(ord, "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\t"), " ")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_POWER = re.compile(r"\s*(?:×|·|\*|x|\\times|\\cdot)\s*10\s*(?:\^|\*\*)?\s*\{?\s*([-+]?\d+|[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+)\s*\}?")
# Subscripts, superscripts and commands of TeX hold no numbers that were worked out.
_SCRIPT = re.compile(r"[_^]\s*(?:\{[^{}]*\}|\d+|\\?[A-Za-z]\w*)")
_COMMAND = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+|\\[,;:! ]|\$")
_ROW_END = re.compile(r"\\\\|\n|;|\]\s*,?\s*\[")
_COMMA_NUMBER = re.compile(r"(?<![\w.,])[-+]?\d+,\d+(?![\w,])(?!\.\d)")
_FRACTION_COMMA = re.compile(r"(?<![\w.])([-+]?\d+),(\d+)")
_NUMBER = re.compile(
    r"(?<![\w.])(?P<number>[-+]?(?:\d+\.\d+|\d+\.(?!\.)|\d+|\.\d+)(?:[eE][-+]?\d+)?)(?![A-Za-z_\d]|\.\d)"
    r"(?:\s*/\s*(?P<over>\d+)(?![\w.]))?(?P<cut>\s*(?:…|\.\.\.+))?(?:\s*\\?(?P<percent>%))?"
)
_LONE_MINUS = re.compile(r"(?<![\w.)\]}\s])(\s*)-\s+(?=[\d.])")


class PasteError(ValueError):
    """What was pasted holds no numbers that can be looked for; its text is the one line said about it."""


@dataclass(frozen=True)
class Pasted:
    """One number as printed: its value, the unit of its last digit, and how many bits of information it carries.

    `cut` where the page itself says that digits follow; `fraction` where it is given exactly, as 1/4.
    """

    text: str
    value: float
    unit: float
    cut: bool = False
    fraction: bool = False

    @property
    def bits(self) -> float:
        """How much the digits tell: 0.5 fits one number in five, 0.03597961 one in millions."""
        return max(0.0, log2(abs(self.value) / self.unit)) if self.value and not self.fraction else 2.0 * self.fraction


@dataclass(frozen=True)
class Paste:
    """The numbers of a text in reading order; `shape` is (rows, columns) where they stand as a matrix."""

    numbers: tuple[Pasted, ...]
    shape: tuple[int, int] | None = None


def read_paste(text: str) -> Paste:
    """The numbers of a pasted text. Raises PasteError, in one line, where there is none to look for."""
    if len(text) > LONGEST:
        raise PasteError(f"that is {len(text)} characters; at most {LONGEST} are read")
    plain = _plain(text)
    rows = [[_number(match) for match in _NUMBER.finditer(row)] for row in _ROW_END.split(plain)]
    rows = [row for row in rows if row]
    numbers = tuple(number for row in rows for number in row)
    if not numbers:
        raise PasteError("there is no number in it; paste one or several, such as 0.7426 or [0.036, 0.0059]")
    if len(numbers) > MOST_NUMBERS:
        raise PasteError(f"that is {len(numbers)} numbers; at most {MOST_NUMBERS} are looked for at once")
    widths = {len(row) for row in rows}
    shape = (len(rows), widths.pop()) if len(rows) > 1 and len(widths) == 1 else None
    return Paste(numbers, shape)


def _plain(text: str) -> str:
    """The text with one kind of minus, point and exponent, and without names, scripts and commands."""
    plain = text.translate(_MINUS).translate(_SPACES).replace("{,}", ",")
    plain = _POWER.sub(lambda match: f"e{match[1].translate(_SUPERSCRIPTS)}", plain)
    plain = _SCRIPT.sub(" ", plain.replace("\\%", "%"))
    kept_rows = plain.replace("\\\\", "\n")
    plain = _COMMAND.sub(" ", kept_rows).replace("&", " ").replace("{", " ").replace("}", " ")
    plain = _LONE_MINUS.sub(r"\1-", plain)
    return _FRACTION_COMMA.sub(r"\1.\2", plain) if _has_decimal_commas(plain) else plain


def _has_decimal_commas(plain: str) -> bool:
    """Whether commas are decimal ones: no point in any number, and no list that a comma could part."""
    if re.search(r"\d\.\d|(?<!\d)\.\d", plain):
        return False
    numbers = _COMMA_NUMBER.findall(plain)
    if not numbers or re.search(r"\d,\d+,\d", plain):
        return False
    bracketed = "[" in plain or "(" in plain
    parted = ";" in plain or re.search(r"\d,\d+,?\s+[-+]?\d+,\d", plain) is not None
    return parted or (not bracketed and all(len(number.partition(",")[2]) > 1 for number in numbers))


def _number(match: re.Match[str]) -> Pasted:
    text, over, percent = match["number"], match["over"], match["percent"]
    try:
        exact = Decimal(text)
    except InvalidOperation:  # pragma: no cover - the pattern lets only numbers through
        raise PasteError(f"{text} cannot be read") from None
    exponent = exact.as_tuple().exponent
    assert isinstance(exponent, int)
    if (exact and abs(exact.adjusted()) > _LARGEST_EXPONENT) or exponent < -_LARGEST_EXPONENT:
        raise PasteError(f"{text[:20]} is beyond the range of numbers that a pass can hold")
    shown = match[0].strip()
    if over is not None:
        if int(over) == 0:
            raise PasteError(f"{shown} divides by zero")
        value = float(exact) / float(int(over))
        return Pasted(shown, value, 1e-9 * max(abs(value), 1e-9), fraction=True)
    scale = 100.0 if percent else 1.0
    return Pasted(shown, float(exact) / scale, 10.0**exponent / scale, match["cut"] is not None)
