"""Numbers as pasted from a page: each with its printed digits, and whether they form a matrix."""

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
# TeX subscripts, superscripts and commands contain no computed numbers.
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
    """A pasted text without usable numbers; the message is one line."""


@dataclass(frozen=True)
class Pasted:
    """One number as printed: its value, the unit of its last digit, and its information in bits.

    `cut` is true if the page shows that digits follow; `fraction` if it is exact, such as 1/4.
    """

    text: str
    value: float
    unit: float
    cut: bool = False
    fraction: bool = False

    @property
    def bits(self) -> float:
        """The information in the digits: 0.5 fits one number in five, 0.03597961 one in millions."""
        return max(0.0, log2(abs(self.value) / self.unit)) if self.value and not self.fraction else 2.0 * self.fraction


@dataclass(frozen=True)
class Paste:
    """The numbers of a text in reading order; `shape` is (rows, columns) if they form a matrix."""

    numbers: tuple[Pasted, ...]
    shape: tuple[int, int] | None = None


def read_paste(text: str) -> Paste:
    """Read the numbers of a pasted text. Raises PasteError, in one line, if it has no usable ones."""
    if len(text) > LONGEST:
        raise PasteError(f"the text has {len(text)} characters; paste at most {LONGEST}")
    plain = _plain(text)
    rows = [[_number(match) for match in _NUMBER.finditer(row)] for row in _ROW_END.split(plain)]
    rows = [row for row in rows if row]
    numbers = tuple(number for row in rows for number in row)
    if not numbers:
        raise PasteError("the text has no number; paste one or several, such as 0.7426 or [0.036, 0.0059]")
    if len(numbers) > MOST_NUMBERS:
        raise PasteError(f"the text has {len(numbers)} numbers; paste at most {MOST_NUMBERS}")
    widths = {len(row) for row in rows}
    shape = (len(rows), widths.pop()) if len(rows) > 1 and len(widths) == 1 else None
    return Paste(numbers, shape)


def _plain(text: str) -> str:
    """Return the text with one kind of minus, point and exponent, and without names, scripts and commands."""
    plain = text.translate(_MINUS).translate(_SPACES).replace("{,}", ",")
    plain = _POWER.sub(lambda match: f"e{match[1].translate(_SUPERSCRIPTS)}", plain)
    plain = _SCRIPT.sub(" ", plain.replace("\\%", "%"))
    kept_rows = plain.replace("\\\\", "\n")
    plain = _COMMAND.sub(" ", kept_rows).replace("&", " ").replace("{", " ").replace("}", " ")
    plain = _LONE_MINUS.sub(r"\1-", plain)
    return _FRACTION_COMMA.sub(r"\1.\2", plain) if _has_decimal_commas(plain) else plain


def _has_decimal_commas(plain: str) -> bool:
    """Return whether commas are decimal: no number has a point, and no list could be separated by commas."""
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
        raise PasteError(f"{text[:20]} is outside the range of floating-point numbers")
    shown = match[0].strip()
    if over is not None:
        if int(over) == 0:
            raise PasteError(f"{shown} divides by zero")
        value = float(exact) / float(int(over))
        return Pasted(shown, value, 1e-9 * max(abs(value), 1e-9), fraction=True)
    scale = 100.0 if percent else 1.0
    return Pasted(shown, float(exact) / scale, 10.0**exponent / scale, match["cut"] is not None)
