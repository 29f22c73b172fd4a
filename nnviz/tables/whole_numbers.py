"""One whole number as people write it, within bounds: its value, or the reason why it is refused."""

from __future__ import annotations

from nnviz.tables.numerals import NumeralError, decimal_signs, read_numeral

_LONGEST_SHOWN = 20


def read_whole(text: str, low: int | None = None, high: int | None = None) -> int:
    """Return the whole number that a text is: 1000, 1 000, 1'000, 1e3. Raises NumeralError for any other text.

    A text that is a whole number only with one of the two decimal signs, 1,000 or 1.000, is refused. The bounds, if
    any, are included.
    """
    wanted = "" if low is None else f"; write one from {low} to {high}"
    if not text.strip():
        raise NumeralError(f"there is no number{wanted}")
    if not any(map(str.isnumeric, text)):
        raise NumeralError(f"“{_short(text)}” is not a whole number{wanted}")
    numeral = read_numeral(text)
    if len(decimal_signs(text)) > 1:
        first, second = (f"{read_numeral(text, sign).value:.15g}" for sign in (",", "."))
        larger = max(first, second, key=lambda shown: abs(float(shown)))
        raise NumeralError(f"“{_short(text)}” may be {first} or {second}; write {larger} without marks")
    exact = numeral.exact
    if exact.denominator != 1:
        raise NumeralError(f"“{_short(text)}” is not a whole number{wanted}")
    if low is not None and high is not None and not low <= exact <= high:
        raise NumeralError(f"{_short(numeral.plain)} is not in the range {low} to {high}")
    return int(exact)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST_SHOWN else f"{line[:_LONGEST_SHOWN]}…"
