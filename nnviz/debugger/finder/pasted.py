"""Numbers as pasted from a page: each with its printed digits, and whether they form a matrix."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import log2

from nnviz.tables.numerals import LONGEST as _LONGEST_NUMBER
from nnviz.tables.numerals import VULGAR_FRACTIONS, Numeral, NumeralError, plain_characters, read_numeral

LONGEST = 20_000
MOST_NUMBERS = 400
_SMALLEST_UNIT = 1e-300

_GAPS = "\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}"
_SPACES = dict.fromkeys(map(ord, f"\N{NO-BREAK SPACE}{_GAPS}\N{EM DASH}\t"), " ")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_TIMES = r"(?:×|·|\*|x|\\times|\\cdot)"
_RAISED = r"\^\s*\{?\s*[-+]?\d+\s*\}?|\*\*\s*[-+]?\d+|\{?\s*[-+]\d+\s*\}?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_POWER = re.compile(rf"\s*{_TIMES}\s*10\s*(?P<power>{_RAISED})")
_LONE_POWER = re.compile(r"(?<![\w.,·×*^])10\s*(?P<power>\^\s*\{?\s*[-+]?\d+\s*\}?|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_LOST_POWER = re.compile(r"(?<![\w.])[\d.]+\s*(?:×|·|\\times|\\cdot)\s*10[1-9]\d?(?![\d.])")
# Groups of thousands, and decimals after a comma, a raised point or a C suffix: where they can be nothing else.
_GROUPS = re.compile(rf"(?<![\w.,])[1-9]\d{{0,2}}(?:(?:[{_GAPS}]\d{{3}})+|(?:'\d{{3}})+)(?!\d)")
_ENGLISH = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:,\d{3})+\.\d+(?![\d,])(?!\.\d)")
_EUROPEAN = re.compile(r"(?<![\w.,])[1-9]\d{0,2}(?:\.\d{3})+,\d+(?![\d.])(?!,\d)")
_RAISED_POINT = re.compile(r"(?<![\w.,·])0·(\d+)(?![\d.·])")
_SUFFIX = re.compile(r"(?<![\w.])((?:\d+\.\d*|\.\d+)(?:[eE][-+]?\d+)?|\d+[eE][-+]?\d+)[fF](?!\w)")
_UNDERSCORE = re.compile(r"(?<![\w.^}])[\d.]+_[\d_]*\d[\d.]*")
_PERHAPS_TWENTY = re.compile(r"(?<![\w.·])\d+·10(?![\w.^*·{+⁻⁺⁰¹²³⁴⁵⁶⁷⁸⁹-])")
_DATE = re.compile(r"(?<![\w./])\d[\d.]*/[\d.]+/[\d.]*\d")
_VULGAR = re.compile(rf"(?<!\w)\d*(?:{'|'.join(VULGAR_FRACTIONS)})")
_FRACTION_COMMAND = re.compile(r"\\[dt]?frac\s*\{\s*([-+]?[\d.]+)\s*\}\s*\{\s*([-+]?[\d.]+)\s*\}")
# A word that begins as a number does: if a part of its digits is read, all of them are.
_WORD = re.compile(r"(?<![^\s,;:()\[\]{}=|&→])[-+]?\.?\d[^\s,;:()\[\]{}=|&→]*")
_WRITTEN_PLAINLY = re.compile(r"[-+.\deE/%… ]+")
# A text that is one number, or nothing.
_ONE_WORD = re.compile(r"[-+]?[\d.][^\s,;()\[\]{}&=:|$\\]*")
# TeX subscripts, superscripts and commands contain no computed numbers.
_SCRIPT = re.compile(r"[_^]\s*(?:\{[^{}]*\}|\d+|\\?[A-Za-z]\w*)")
_COMMAND = re.compile(r"\\(?:begin|end)\s*\{[^{}]*\}|\\[A-Za-z]+|\\[,;:! ]|\$")
_ROW_END = re.compile(r"\\\\|\n|;|\]\s*,?\s*\[")
_COMMA_NUMBER = re.compile(r"(?<![\w.,])[-+]?\d+,\d+(?![\w,])(?!\.\d)")
_FRACTION_COMMA = re.compile(r"(?<![\w.])([-+]?\d+),(\d+)")
_NUMBER = re.compile(
    r"(?<![\w.])(?P<number>[-+]?(?:\d+\.\d+|\d+\.(?!\.)|\d+|\.\d+)(?:[eE][-+]?\d+)?)(?![A-Za-z_\d]|\.\d)"
    r"(?:(?:\s*/\s*[-+]?\d+|/[-+]?(?:\d+\.\d*|\.\d+|\d+[eE][-+]?\d+))(?![\w.]))?"
    r"(?P<cut>\s*(?:…|\.\.\.+))?(?:\s*\\?(?P<percent>[%‰]))?"
)
_LONE_MINUS = re.compile(r"(?<![\w.)\]}\s])(\s*)-\s+(?=[\d.])")


class PasteError(ValueError):
    """A pasted text without usable numbers; the message is one line."""


@dataclass(frozen=True)
class Pasted:
    """One number as printed: its value, the unit of its last digit, and its information in bits.

    `cut` is true if the page shows that digits follow; `fraction` if it is exact, such as 1/4. `note` is empty, or one
    sentence on how a doubtful number was read.
    """

    text: str
    value: float
    unit: float
    cut: bool = False
    fraction: bool = False
    note: str = ""

    @property
    def bits(self) -> float:
        """The information in the digits: 0.5 fits one number in five, 0.03597961 one in millions."""
        return max(0.0, log2(abs(self.value) / self.unit)) if self.value and not self.fraction else 2.0 * self.fraction


@dataclass(frozen=True)
class Paste:
    """The numbers of a text in reading order; `shape` is (rows, columns) if they form a matrix."""

    numbers: tuple[Pasted, ...]
    shape: tuple[int, int] | None = None


def read_paste(text: str, *, asked: int | None = None) -> Paste:
    """Read the numbers of a pasted text, of which there should be `asked`, if known.

    A text that is a single number is read as such, with a decimal comma as well: 0,7. Raises PasteError, in one line,
    if the text has no usable numbers.
    """
    if len(text) > LONGEST:
        raise PasteError(f"the text has {len(text)} characters; paste at most {LONGEST}")
    alone = None if asked is not None and asked > 1 else _alone(text)
    if alone is not None:
        return Paste((alone,))
    plain = _plain(text)
    for word in _WORD.finditer(plain):
        _check_whole(word[0])
    rows = [[_number(match) for match in _NUMBER.finditer(row)] for row in _ROW_END.split(plain)]
    rows = [row for row in rows if row]
    numbers = tuple(number for row in rows for number in row)
    if not numbers:
        _explain(text)
        raise PasteError("the text has no number; paste one or several, such as 0.7426 or [0.036, 0.0059]")
    if len(numbers) > MOST_NUMBERS:
        raise PasteError(f"the text has {len(numbers)} numbers; paste at most {MOST_NUMBERS}")
    widths = {len(row) for row in rows}
    shape = (len(rows), widths.pop()) if len(rows) > 1 and len(widths) == 1 else None
    return Paste(numbers, shape)


def _alone(text: str) -> Pasted | None:
    """Return the number that the whole text is; None if it is something else, such as a list."""
    if len(text) > _LONGEST_NUMBER:
        return None
    try:
        numeral = read_numeral(text)
    except NumeralError:
        return None
    digits = text.strip()
    has_spaces = re.search(r"\d +\d", digits) is not None and "," not in digits
    # Whole numbers parted by spaces or commas are a list.
    if has_spaces or (digits.count(",") > 1 and "." not in digits):
        return None
    plain = plain_characters(digits)
    return _pasted(numeral, plain if _WRITTEN_PLAINLY.fullmatch(plain) else "")


def _explain(text: str) -> None:
    """Raise PasteError with the reason if a text is a single number that cannot be read."""
    word = text.strip()
    if len(word) <= _LONGEST_NUMBER and _ONE_WORD.fullmatch(plain_characters(word)):
        try:
            read_numeral(word)
        except NumeralError as error:
            raise PasteError(str(error)) from None


def _plain(text: str) -> str:
    """Return the text with one kind of minus, point and exponent, and without names, scripts and commands."""
    kept_dashes = text.replace("\N{EM DASH}", " ").replace("\N{NO-BREAK SPACE}", " ")
    plain = plain_characters(kept_dashes).replace("{,}", ",")
    plain = _GROUPS.sub(lambda match: re.sub(r"\D", "", match[0]), plain).translate(_SPACES)
    plain = _VULGAR.sub(lambda match: read_numeral(match[0]).plain, plain)
    plain = _FRACTION_COMMAND.sub(r"\1/\2", plain)
    for pattern in (_UNDERSCORE, _LOST_POWER, _PERHAPS_TWENTY, _DATE):
        doubtful = pattern.search(plain)
        if doubtful:
            raise PasteError(_reason(doubtful[0]))
    plain = _SUFFIX.sub(r"\1", _RAISED_POINT.sub(r"0.\1", plain))
    plain = _POWER.sub(_as_exponent, plain)
    plain = _LONE_POWER.sub(lambda match: f"1{_as_exponent(match)}", plain)
    plain = _SCRIPT.sub(" ", plain.replace("\\%", "%"))
    kept_rows = plain.replace("\\\\", "\n")
    is_bracketed = "[" in plain or "(" in plain
    plain = _COMMAND.sub(" ", kept_rows).replace("&", " ").replace("{", " ").replace("}", " ")
    plain = _LONE_MINUS.sub(r"\1-", plain)
    if is_bracketed:
        return _FRACTION_COMMA.sub(r"\1.\2", plain) if _has_decimal_commas(plain) else plain
    joined = _EUROPEAN.sub(lambda match: match[0].replace(".", ""), plain)
    if joined != plain or _has_decimal_commas(plain):
        return _FRACTION_COMMA.sub(r"\1.\2", joined)
    return _ENGLISH.sub(lambda match: match[0].replace(",", ""), plain)


def _check_whole(word: str) -> None:
    """Raise PasteError if only a part of a word's digits would be read."""
    rest, count = _NUMBER.subn("", word)
    if count and any(map(str.isdigit, rest)):
        raise PasteError(_reason(word))


def _as_exponent(match: re.Match[str]) -> str:
    power = match["power"].translate(_SUPERSCRIPTS)
    return f"e{re.sub(r'[^-+0-9]', '', power)}"


def _reason(word: str) -> str:
    """Return why a word is not a number."""
    try:
        read_numeral(word)
    except NumeralError as error:
        return str(error)
    return f"“{word}” can be read in two ways; write it with an e, as in 1.5e3"


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
    try:
        numeral = read_numeral(match[0].strip(), ".")
    except NumeralError as error:
        raise PasteError(str(error)) from None
    return _pasted(numeral, match[0].strip())


def _pasted(numeral: Numeral, text: str = "") -> Pasted:
    if 0.0 < abs(numeral.value) < _SMALLEST_UNIT:
        raise PasteError(f"{numeral.value:g} is too close to 0 to be compared: closer than {_SMALLEST_UNIT:g}")
    unit = max(numeral.unit, _SMALLEST_UNIT)  # more digits than any number of a pass has
    note = "" if numeral.is_cut or not numeral.note else f"{numeral.note}."
    return Pasted(text or numeral.plain, numeral.value, unit, numeral.is_cut, numeral.is_fraction, note)
