"""Judge whether a number that a learner gives is a value, correctly rounded or truncated to the digits given."""

from __future__ import annotations

import re
from decimal import Decimal
from math import isfinite
from sys import float_info

from nnviz.debugger.finder.pasted import Pasted, read_paste
from nnviz.debugger.state.prediction import LEAST_DIGITS, State

# Tolerances for the arithmetic of a page or a pocket calculator: relative to the value, and to the last digit.
_EXACT, _EDGE = 1e-12, 1e-9
_LONE_COMMA = re.compile(r"(?<=\d),(?=\d+\s*(?:[eE×·*]|$))")


def read_answer(text: str, asked: int) -> tuple[Pasted, ...]:
    """Return the numbers of an answer. If one is asked for, a single comma is decimal: 0,7. Raises PasteError."""
    if asked == 1 and text.count(",") == 1 and "." not in text:
        text = _LONE_COMMA.sub(".", text.strip())
    return read_paste(text, asked=asked).numbers


def significant_digits(number: Pasted) -> int:
    """Return the number of significant digits: 2 in 0.70 and 7.0e-5, 1 in 0.007, none in 0.00."""
    return 0 if number.value == 0.0 else len(str(round(abs(number.value) / number.unit)))


def judge(value: float, number: Pasted) -> State:
    """Return RIGHT or CUT if the number is the value to its digits, SHORT if it has too few digits, else WRONG."""
    off = abs(value - number.value)
    if off <= _EXACT * max(abs(value), abs(number.value)):
        return State.RIGHT
    if number.fraction:
        return State.RIGHT if off <= _EDGE * abs(value) else State.WRONG
    blur = 4 * float_info.epsilon * abs(value)  # of subtracting one float from another
    rounded = off <= number.unit * (0.5 + _EDGE) + blur and not number.cut
    # Exact decimals as written: rounding to floats would shift the bounds of the interval.
    given, held, unit = (Decimal(repr(abs(float(size)))) for size in (number.value, value, number.unit))
    same_sign = value * number.value > 0.0 or number.value == 0.0
    cut = same_sign and isfinite(value) and given - unit * Decimal(_EDGE) <= held < given + unit
    if not (rounded or cut):
        return State.WRONG
    if significant_digits(number) < LEAST_DIGITS:
        return State.SHORT
    return State.RIGHT if rounded or number.cut else State.CUT


def decimals_of(number: Pasted) -> int:
    """Return the number of decimals that a number is given with."""
    return len(number.text.lower().partition("e")[0].partition(".")[2].rstrip("…. %"))
