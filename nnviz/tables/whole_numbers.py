"""One whole number as people write it, within bounds: its value, or the reason why it is refused."""

from __future__ import annotations

from nnviz.tables.numerals import NumeralError, decimal_signs, read_numeral

_LONGEST_SHOWN = 20


def read_whole(text: str, low: int, high: int) -> int:
    """Return the whole number that a text is: 1000, 1 000, 1'000, 1e3. Raises NumeralError for any other text.

    A text that is a whole number only with one of the two decimal signs, 1,000 or 1.000, is refused.
    """
    if not text.strip():
        raise NumeralError(f"there is no number; write one from {low} to {high}")
    numeral = read_numeral(text)
    if len(decimal_signs(text)) > 1:
        first, second = (_shown(read_numeral(text, sign).value) for sign in (",", "."))
        largest = max(first, second, key=lambda shown: float(shown))
        raise NumeralError(f"“{text.strip()}” may be {first} or {second}; write {largest} without marks")
    exact = numeral.exact
    if exact.denominator != 1:
        raise NumeralError(f"“{_short(text)}” is not a whole number; write one from {low} to {high}")
    if not low <= exact <= high:
        raise NumeralError(f"{_short(numeral.plain)} is not in the range {low} to {high}")
    return int(exact)


def _shown(value: float) -> str:
    return f"{value:.15g}"


def _short(text: str) -> str:
    line = text.strip()
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"
