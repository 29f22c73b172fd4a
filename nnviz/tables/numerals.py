"""One number as people write it: its exact value and the unit of its last digit, or the reason why it is refused.

Understood are `.5`, `1.5E+03`, `2×10^-3`, every minus sign, a decimal comma, groups of thousands (`1,234.5`, `1.234,5`,
`1 234,5`, `1'234.5`), a raised decimal point (`0·332`), fractions, percent and the digits of every script. What could
be two different numbers is refused; where custom decides (`1,234` is 1.234), the numeral carries a note of one line.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import KW_ONLY, dataclass
from math import gcd, isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fractions import Fraction

LONGEST = 1000
VULGAR_FRACTIONS = "¼½¾⅐⅑⅒⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞"
_LARGEST_EXPONENT = 400
_SHOWN = 30
_SURE_LENGTH = 100  # so few digits are within the range of floats
_SMALLEST = 5e-324
# A fraction has no last digit: the error of a pocket calculator's arithmetic is taken instead.
_FRACTION_UNIT = 1e-9

_MINUS = "\N{MINUS SIGN}\N{HYPHEN}\N{NON-BREAKING HYPHEN}\N{FIGURE DASH}\N{EN DASH}\N{EM DASH}\N{SMALL HYPHEN-MINUS}"
# Spaces that do not part two numbers: typesetters put them between groups of digits.
_NARROW = "\N{NO-BREAK SPACE}\N{THIN SPACE}\N{NARROW NO-BREAK SPACE}\N{FIGURE SPACE}\N{PUNCTUATION SPACE}\N{HAIR SPACE}"
_INVISIBLE = (
    "\N{ZERO WIDTH SPACE}\N{WORD JOINER}\N{ZERO WIDTH NO-BREAK SPACE}\N{LEFT-TO-RIGHT MARK}\N{RIGHT-TO-LEFT MARK}"
)
_POINTS = "\N{MIDDLE DOT}\N{BULLET OPERATOR}\N{DOT OPERATOR}"
_GAP = "\N{THIN SPACE}"
_DOT = "\N{MIDDLE DOT}"
_CHARACTERS: dict[str, str] = {
    **dict.fromkeys(_MINUS, "-"),
    **dict.fromkeys(_NARROW, _GAP),
    **dict.fromkeys(_INVISIBLE, ""),
    **dict.fromkeys(_POINTS, _DOT),
    **dict.fromkeys("\N{RIGHT SINGLE QUOTATION MARK}\N{LEFT SINGLE QUOTATION MARK}\N{ARABIC THOUSANDS SEPARATOR}", "'"),
    **dict.fromkeys("\N{FRACTION SLASH}\N{DIVISION SLASH}", "/"),
    "\N{ARABIC DECIMAL SEPARATOR}": ".",
    "\N{ARABIC PERCENT SIGN}": "%",
}
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

_PLAIN = re.compile(r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]{1,3})?")
_SIMPLE = re.compile(r"[-+]?(?P<whole>[0-9]+)(?P<sign>[.,])(?P<decimals>[0-9]+)")
_SIGN = re.compile(rf"(?P<sign>[-+])[ {_GAP}]?")
_CUT = re.compile(r"\s*(?:…|\.\.\.+)$")
_SHARE = re.compile(r"\s*\\?(?P<sign>[%‰])$")
_SHARES = {"%": 2, "‰": 3}
_POWER = re.compile(
    rf"(?:(?P<mantissa>.*[0-9.])\s*(?:[×x*X{_DOT}]|\\times|\\cdot)\s*)?"
    r"10(?:\s*(?:\^|\*\*)\s*(?P<open>[{(]?)\s*(?P<power>[-+]?[0-9]+)\s*(?P<close>[})]?)|(?P<raised>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+))"
)
# A power whose superscript was lost on the way, as in a copy from a PDF.
_LOST_POWER = re.compile(rf"(?P<mantissa>.*[0-9.])\s*(?:[×{_DOT}]|\\times|\\cdot)\s*10(?P<power>[-+][0-9]+)")
_EXPONENT = re.compile(r"(?P<mantissa>.*[0-9.])[eE](?P<power>[-+]?[0-9]+)")
_SUFFIX = re.compile(r"(?P<number>.*(?:[.,][0-9]*|[0-9][eE][-+]?[0-9]+))[fF]")
_VULGAR = re.compile(r"(?P<whole>[0-9]*)(?P<sign>[^0-9])")
_MANTISSA = re.compile(rf"(?=.*[0-9])[0-9.,'{_DOT}{_GAP} ]+")
_GROUPED_DECIMALS = re.compile(rf"(.*[.,{_DOT}])([0-9]{{3}}(?:{_GAP}[0-9]{{3}})*{_GAP}[0-9]{{1,3}})")
_MARK = re.compile(rf"[.,'{_DOT}{_GAP} ]")
_DECIMAL_MARKS = f".,{_DOT}"
_BEGINNINGS = f"+-{_DECIMAL_MARKS}"
_MARK_NAMES = {".": "a point", ",": "a comma"}
# The decimal sign of a number whose thousands are parted by this mark; empty where it may be either.
_DECIMAL_OF_GROUPS = {",": ".", ".": ",", "'": "", " ": "", _GAP: ""}

_INFINITE = re.compile(r"[-+]?\s*(?:inf|infinity|∞|nan|nan\(.*\)|1\.#inf|1\.#qnan|-?1\.#ind)", re.IGNORECASE)
# What is wrong with a text that is not read, by what it looks like: the first that fits.
_REASONS: tuple[tuple[str, str], ...] = (
    (r"_", "an underscore is no part of a number; write the digits without it"),
    (r"^[-+]?0[xXbBoO][0-9a-fA-F]", "only decimal digits are read; write 31 for 0x1F"),
    (r"^\(.*\)$|^\[.*\]$|^\{.*\}$", "write the number without brackets, and a negative one with a minus"),
    (r"[$€£¥₹]", "write the number without a currency sign"),
    (r"^=.*[-+*/A-Za-z(]", "that looks like a formula of a spreadsheet; write its value"),
    (r"^[~≈=<>≤≥±]", "write the number alone, without a sign before it"),
    (r"/.*/", "that looks like a date; write one number"),
    (r"[0-9]:[0-9]", "that looks like a time or a ratio; write one number"),
    (r"^[-+]\s*[-+]", "two signs; write one"),
    (r"[0-9]\s*[-+]$", "write the minus sign before the number"),
    (r"^[0-9][0-9.,]*[dD][-+]?[0-9]+$", "a D is no exponent here; write an e, as in 1.5e-3"),
    (r"[eE][-+]?$|[eE][-+]?[0-9]+[.,]", "the exponent is a whole number, as in 1.5e-3"),
    (r"\s[eE]|[eE]\s", "write the exponent without spaces, as in 1.5e-3"),
    (rf"[×xX*{_DOT}]\s*10$", "that may be a product; write the result, or a decimal point: 2.10"),
    (rf"[×xX*{_DOT}]\s*10\s*[-+]?[0-9]+$", "a power of ten needs a ^; write 2×10^-3 or 2e-3"),
    (r"[×*^]|\\times|\\cdot|÷", "only a power of ten is read with a number, as in 2×10^-3; write the result"),
    (r"^[-+]?[0-9.,]*[0-9][0-9.,]*\s*[ijIJ]$", "an imaginary number is not read; write a real one"),
    (r"^[0-9.,]+\s*[-+]\s*[0-9.,]+$", "a sum or a range; write one number"),
    (r"[0-9]\s*[^\W\d_]", "write the number without letters or a unit"),
    (r"^[^\W\d_]", "write it in digits, such as 0.5, 1e-3 or 1/4"),
    (r"/", "a fraction is two whole or decimal numbers with a / between, as in 1/4"),
    (r"%|‰", "percent is a number and one %, as in 25%"),
    (r"[0-9]\s+[-+.0-9]|;|\|", "write one number, with its thousands, if parted, in groups of three digits"),
    (r"[0-9][.,'][.,']|[.,'].*[.,']", "its points and commas are not those of one number; write it as in 1234.5"),
    (r"[0-9],$", "a comma at the end; write the number without it"),
    (r"'", "thousands have groups of three digits; write it as in 1234.5"),
)
_GENERAL = "write it in digits, such as 0.5, 1e-3 or 1/4"


class NumeralError(ValueError):
    """A text that is not a number; its message is one line that says why, and what to write."""


@dataclass(frozen=True)
class Numeral:
    """One number as written, and what its digits say.

    `value` is the float nearest to `exact`, which is numerator / denominator times ten to the `power`; `unit` is the
    unit of the last digit (0.01 for 2.50, 100.0 for 15e2) and `decimals` how many digits follow the decimal sign as
    written. A fraction, 1/4, is given exactly. `is_cut` where dots say that further digits follow. `note` is empty, or
    one line on how a doubtful number was read. `plain` writes the number with a point, an e and no thousands.
    """

    text: str
    value: float
    _: KW_ONLY
    unit: float
    decimals: int
    numerator: int
    denominator: int = 1
    power: int = 0
    plain: str
    is_fraction: bool = False
    is_cut: bool = False
    note: str = ""

    @property
    def exact(self) -> Fraction:
        """The number as written, without rounding."""
        from fractions import Fraction  # imported late to keep the start-up fast

        return Fraction(self.numerator, self.denominator) * Fraction(10) ** self.power


@dataclass(frozen=True)
class _Written:
    """The parts of a number: sign, digits with their marks, exponent of ten, and what is around them."""

    sign: str
    mantissa: str
    exponent: int = 0
    over: str = ""
    is_cut: bool = False
    has_suffix: bool = False
    share: str = ""
    lost_power: bool = False


def read_numeral(text: str, decimal: str = "") -> Numeral:
    """Return the number that a text is. Raises NumeralError for any other text, in one line.

    With `decimal`, "." or ",", that is the decimal sign and the other parts thousands: `1,234` is then 1234 or 1.234.
    """
    if len(text) > LONGEST:
        raise NumeralError(f"{len(text)} characters are too many for a number; at most {LONGEST} are read")
    plain = _plain(text)
    written = _written(plain)
    if written is None:
        raise NumeralError(_reason(plain))
    if written.over:
        return _fraction(written, text.strip(), decimal)
    readings = _readings(written.mantissa)
    if not readings:
        raise NumeralError(_reason(plain))
    if decimal and not readings.keys() & {decimal, "", _DOT}:
        sign = _MARK_NAMES[decimal]
        raise NumeralError(f"{_quoted(plain)} is not a number: the decimal sign is {sign} here")
    sign = next(key for key in (decimal, _mark_of(written.mantissa), "", *readings) if key in readings)
    whole, decimals = readings[sign]
    value, unit, digits, power = _numbers(written.sign, whole, decimals, written.exponent, plain)
    is_doubtful = not decimal and sign == "," and len(readings) > 1
    note = _note(written, text.strip(), whole, decimals, is_doubtful)
    return Numeral(
        text.strip(),
        value,
        unit=unit,
        decimals=len(decimals),
        numerator=digits,
        denominator=1,
        power=power,
        plain=_plainly(written, whole, decimals),
        is_cut=written.is_cut,
        note=note,
    )


def is_numeral(text: str) -> bool:
    """Return whether a text is read as a number, with either decimal sign."""
    if len(text) < _SURE_LENGTH and (_SIMPLE.fullmatch(text) or _PLAIN.fullmatch(text)) and "e" not in text.lower():
        return True
    plain = _plain(text) if len(text) <= LONGEST else ""
    if not plain or not (plain[0].isnumeric() or plain[0] in _BEGINNINGS):
        return False
    written = _written(plain)
    if written is None or not _readings(written.mantissa):
        return False
    try:
        read_numeral(text)
    except NumeralError:
        return False
    return True


def numeral_note(text: str) -> str:
    """Return how a doubtful number is read, in one line; empty for any other text."""
    try:
        return read_numeral(text).note
    except NumeralError:
        return ""


def decimal_signs(text: str) -> frozenset[str]:
    """Return the decimal signs, of "." and ",", with which a text may be a number that shows one; both in doubt.

    Empty where a text is no number, or the same number with either.
    """
    simple = _SIMPLE.fullmatch(text)
    if simple:
        is_doubtful = len(simple["decimals"]) == 3 and len(simple["whole"]) <= 3 and simple["whole"][0] != "0"
        return frozenset(".,") if is_doubtful else frozenset(simple["sign"])
    written = _written(_plain(text)) if len(text) <= LONGEST else None
    if written is None or written.over:
        return frozenset()
    return frozenset(_readings(written.mantissa)) & {".", ","}


def is_plain(text: str) -> bool:
    """Return whether a text is a number as Python writes it: such a text needs no reading but float's."""
    return _PLAIN.fullmatch(text) is not None


def is_percent(text: str) -> bool:
    """Return whether a text ends in a percent or per mille sign."""
    return _SHARE.search(_plain(text)) is not None


def plain_characters(text: str) -> str:
    """Return a text with one kind of digit, minus sign, raised point, narrow space and slash."""
    return text if text.isascii() else "".join(map(_character, text))


def _plain(text: str) -> str:
    """The text with one kind of each character, and nothing around it."""
    return plain_characters(text).strip()


def _character(character: str) -> str:
    if character.isascii():
        return character
    if character in _CHARACTERS:
        return _CHARACTERS[character]
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Zs":
        return " "
    wide = unicodedata.normalize("NFKC", character)
    # Superscripts are numbers of another kind: 10² is not 102.
    return wide if len(wide) == 1 and wide.isascii() and category != "No" else character


def _written(plain: str) -> _Written | None:
    """The parts of a number, or None where a text has others too."""
    sign = _SIGN.match(plain)
    body = plain[sign.end() :] if sign else plain
    minus = sign["sign"] if sign else ""
    share = _SHARE.search(body)
    body = body[: share.start()] if share else body
    cut = _CUT.search(body)
    body = body[: cut.start()] if cut else body
    if not body or not (body[0].isnumeric() or body[0] in _DECIMAL_MARKS):
        return None
    is_bare = not share and not cut
    if "/" in body:
        over, under = (part.strip() for part in body.partition("/")[::2])
        if under[:1] in {"-", "+"}:
            minus, under = "-" if (minus + under[0]).count("-") == 1 else "", under[1:]
        return _Written(minus, over, over=under) if is_bare and _is_mantissa(over) and _is_mantissa(under) else None
    vulgar = _VULGAR.fullmatch(body)
    if vulgar and is_bare and (over_under := _vulgar(vulgar["whole"], vulgar["sign"])):
        return _Written(minus, over_under[0], over=over_under[1])
    suffix = _SUFFIX.fullmatch(body)
    body = suffix["number"] if suffix and is_bare else body
    scale = -_SHARES[share["sign"]] if share else 0
    mantissa, exponent = _scaled(body)
    if exponent is None or not _is_mantissa(mantissa):
        return None
    return _Written(
        minus,
        mantissa,
        exponent + scale,
        is_cut=cut is not None,
        has_suffix=suffix is not None and is_bare,
        share=share["sign"] if share else "",
        lost_power=_LOST_POWER.fullmatch(body) is not None,
    )


def _scaled(body: str) -> tuple[str, int | None]:
    """The digits and the exponent of ten; None for an exponent that is no number of bounded size."""
    power = _POWER.fullmatch(body)
    if power:
        if {"": "", "{": "}", "(": ")"}[power["open"] or ""] != (power["close"] or ""):
            return "", None
        return power["mantissa"] or "1", _whole(power["power"] or power["raised"].translate(_SUPERSCRIPTS))
    exponent = _EXPONENT.fullmatch(body) or _LOST_POWER.fullmatch(body)
    return (exponent["mantissa"], _whole(exponent["power"])) if exponent else (body, 0)


def _whole(digits: str) -> int:
    """A whole number, held within what any exponent may be."""
    bound = 10 * LONGEST
    return max(-bound, min(bound, int(digits)))


def _is_mantissa(text: str) -> bool:
    return _MANTISSA.fullmatch(text) is not None and text == text.strip(f" {_GAP}")


def _vulgar(whole: str, sign: str) -> tuple[str, str] | None:
    """Numerator and denominator of `½` or `1½`, as digits."""
    parts = unicodedata.normalize("NFKC", sign).split("\N{FRACTION SLASH}")
    if len(parts) != 2 or not all(part.isdigit() and part.isascii() for part in parts):
        return None
    return str(int(whole or "0") * int(parts[1]) + int(parts[0])), parts[1]


def _readings(mantissa: str) -> dict[str, tuple[str, str]]:
    """What digits with marks may be: the decimal sign, "" where none shows, with the digits before and after it."""
    grouped = _GROUPED_DECIMALS.fullmatch(mantissa)
    if grouped:
        mantissa = grouped[1] + grouped[2].replace(_GAP, "")
    parts, marks = _MARK.split(mantissa), _MARK.findall(mantissa)
    if not marks:
        return {"": (mantissa, "")}
    readings: dict[str, tuple[str, str]] = {}
    last, decimals = marks[-1], parts[-1]
    whole = _joined(parts[:-1], marks[:-1])
    if (
        last in _DECIMAL_MARKS
        and last not in marks[:-1]
        and whole is not None
        and (decimals or (whole and last == "."))
    ):
        if last == _DOT and decimals == "10":
            return {}  # 2·10 may be twenty
        readings[last] = (whole or "0", decimals)
    whole = _joined(parts, marks)
    if whole is not None:
        readings.setdefault(_DECIMAL_OF_GROUPS[marks[0]], (whole, ""))
    return readings


def _joined(groups: list[str], marks: list[str]) -> str | None:
    """The digits of a whole number in groups of thousands, or None where the groups are no such."""
    if not marks:
        return groups[0]
    is_one_kind = len(set(marks)) == 1 and marks[0] in _DECIMAL_OF_GROUPS
    is_even = 1 <= len(groups[0]) <= 3 and groups[0][0] != "0" and all(len(group) == 3 for group in groups[1:])
    return "".join(groups) if is_one_kind and is_even else None


def _mark_of(mantissa: str) -> str:
    """The decimal mark of a number that has one mark alone."""
    marks = _MARK.findall(mantissa)
    return marks[0] if len(marks) == 1 else ""


def _numbers(sign: str, whole: str, decimals: str, exponent: int, plain: str) -> tuple[float, float, int, int]:
    """Value, unit of the last digit, digits and their power of ten. Raises NumeralError beyond the range of floats."""
    digits, last = (whole + decimals).lstrip("0") or "0", exponent - len(decimals)
    is_zero = digits == "0"
    highest = last if is_zero else last + len(digits) - 1
    if abs(highest) > _LARGEST_EXPONENT or abs(last) > LONGEST + _LARGEST_EXPONENT:
        raise NumeralError(_out_of_range(plain))
    size = float(f"{digits}e{last}")
    unit = max(float(f"1e{last}"), _SMALLEST)
    if not (isfinite(size) and isfinite(unit)) or (size == 0.0 and not is_zero):
        raise NumeralError(_out_of_range(plain))
    return (-size, unit, -int(digits), last) if sign == "-" else (size, unit, int(digits), last)


def _fraction(written: _Written, text: str, decimal: str) -> Numeral:
    """The value of a numerator and a denominator. Raises NumeralError."""
    parts = []
    for digits in (written.mantissa, written.over):
        readings = _readings(digits)
        part = readings.get(decimal, readings.get("")) if decimal else None
        if part is None:
            if len(readings) != 1 or decimal:
                raise NumeralError(f"{_quoted(text)}: a fraction is two whole or decimal numbers, as in 1/4")
            (part,) = readings.values()
        parts.append((int(part[0] + part[1]), len(part[1])))
    (over, decimals), (under, under_decimals) = parts
    if under == 0:
        raise NumeralError(f"{_quoted(text)} divides by zero")
    numerator, denominator = over * 10**under_decimals, under * 10**decimals
    common = gcd(numerator, denominator)
    numerator, denominator = numerator // common, denominator // common
    try:
        size = numerator / denominator
    except OverflowError:
        raise NumeralError(_out_of_range(text)) from None
    if size == 0.0 and numerator:
        raise NumeralError(_out_of_range(text))
    sign = -1 if written.sign == "-" else 1
    return Numeral(
        text,
        sign * size,
        unit=_FRACTION_UNIT * max(size, _FRACTION_UNIT),
        decimals=0,
        numerator=sign * numerator,
        denominator=denominator,
        plain=f"{written.sign}{written.mantissa}/{written.over}",
        is_fraction=True,
    )


def _note(written: _Written, text: str, whole: str, decimals: str, is_doubtful: bool) -> str:
    """How a number was read that a person might have meant in another way; empty for most."""
    is_product = _DOT in written.mantissa and _mark_of(written.mantissa) == _DOT and whole.strip("0") != ""
    is_changed = written.has_suffix or written.is_cut or written.lost_power
    if not (is_doubtful or is_changed or is_product or " " in written.mantissa):
        return ""
    shown = _short(text)
    number = _plainly(written, _short(whole), _short(decimals)).rstrip(".")
    if is_doubtful:
        return f"{shown} is read as {number}; write {_plainly(written, _short(whole + decimals), '')} for thousands"
    return f"{shown} is read as {number}"


def _plainly(written: _Written, whole: str, decimals: str) -> str:
    """The number with a point, an e and no thousands, and with its percent sign and dots."""
    exponent = written.exponent + _SHARES.get(written.share, 0)
    power = f"e{exponent}" if exponent else ""
    return f"{written.sign}{whole}{'.' if decimals else ''}{decimals}{power}{'...' * written.is_cut}{written.share}"


def _out_of_range(shown: str) -> str:
    return f"{_quoted(shown)} is beyond the range of floating-point numbers, 5e-324 to 1.8e308"


def _reason(plain: str) -> str:
    """Why a text is not a number, and what to write."""
    if not plain:
        return "there is no number; write one, such as 0.5 or 1e-3"
    if _INFINITE.fullmatch(plain):
        return f"{_quoted(plain)} is not a finite number; write one, such as 0.5 or 1e-3"
    reason = next((reason for pattern, reason in _REASONS if re.search(pattern, plain)), _GENERAL)
    return f"{_quoted(plain)} is not a number: {reason}"


def _short(text: str) -> str:
    """The beginning of a text, on one line."""
    line = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text[:_SHOWN])
    return line if len(text) <= _SHOWN else f"{line}…"


def _quoted(text: str) -> str:
    return f"“{_short(text)}”"
