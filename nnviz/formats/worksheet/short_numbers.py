"""Numbers as a textbook sets them: given ones as given, results to five significant digits, 1 and not 1.000000."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from nnviz.formats.tex import unmarked
from nnviz.present.formula.step_formula import StepFormula
from nnviz.present.formula.sums import FormulaOperand
from nnviz.present.text.numbers import tex_number
from nnviz.present.text.plain_text import linear

DIGITS = 5  # significant digits of a number that is not exact
_LEAST, _MOST = 1e-4, 1e9  # outside, a number has a power of ten
_EQUAL = 1e-12  # relative: 0.1 + 0.2 is 0.3
_OPERAND = re.compile(r"\\textcolor\{#([0-9a-f]{6})\}\{")
_PLUS_NEGATIVE = re.compile(r" \+ \\left\(-([^()+]*?)\\right\)(?!\^)")


def short_number(value: float) -> str:
    """Return a number with five significant digits: 0.73106, 417.02, 3.4521e-05.

    One that is exact with at most six is written so: 1, 0.5, 1.59327.
    """
    if not math.isfinite(value):
        return str(value)
    if value == 0 or not _LEAST <= abs(value) < _MOST:
        text = f"{value + 0.0:.{DIGITS - 1}e}" if value else "0"
        return _trimmed(text) if value and _is_equal(text, value) else text
    decimals = max(DIGITS - 1 - math.floor(math.log10(abs(value))), 0)
    exact = f"{value:.{decimals + 1}f}"
    return _trimmed(exact) if _is_equal(exact, value) else f"{value:.{decimals}f}"


def short_tex(value: float) -> str:
    """Return a number in TeX."""
    return tex_number(short_number(value))


def short_sides(written: StepFormula) -> tuple[str, str]:
    """Return the numbers and the result of a formula in TeX, short where it is of one number.

    The numbers are empty if they are the result.
    """
    if not isinstance(written.value, float):
        return unmarked(written.numbers), unmarked(written.result)
    result, numbers = short_tex(written.value), with_short_numbers(written.numbers, written.operands)
    return "" if linear(numbers) == linear(result) else numbers, result


def with_short_numbers(numbers: str, operands: Sequence[FormulaOperand]) -> str:
    """Return a formula with numbers in TeX, with every operand written short and without its color.

    A negative summand is subtracted: 3 - 2, not 3 + (-2).
    """
    values = {operand.id: operand.value for operand in operands}
    out, at = "", 0
    while match := _OPERAND.search(numbers, at):
        end = _closing(numbers, match.end())
        text = short_tex(values[int(match[1], 16)])
        if numbers[match.end() : end].startswith(r"\left(") and text.startswith("-"):
            text = rf"\left({text}\right)"
        is_base = numbers[end + 1 : end + 2] == "^" and r"\times" in text
        out += numbers[at : match.start()]
        joins_word = re.search(r"\\[A-Za-z]+$", out) is not None and text[:1].isalpha()
        out += rf"\left({text}\right)" if is_base else f"{{{text}}}" if joins_word else text
        at = end + 1
    return _PLUS_NEGATIVE.sub(r" - \1", out + numbers[at:])


def _closing(tex: str, at: int) -> int:
    """Return the index of the brace that closes the group opened just before `at`."""
    depth = 1
    while depth:
        depth += {"{": 1, "}": -1}.get(tex[at], 0)
        at += 1
    return at - 1


def _is_equal(text: str, value: float) -> bool:
    return abs(float(text) - value) <= _EQUAL * abs(value)


def _trimmed(text: str) -> str:
    mantissa, mark, exponent = text.partition("e")
    short = mantissa.rstrip("0").rstrip(".") if "." in mantissa else mantissa
    return f"{short}{mark}{exponent}"
