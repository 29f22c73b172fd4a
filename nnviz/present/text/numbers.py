"""Numbers as text: short on the canvas, six decimals on the card, all digits on hover; with the chosen decimal mark.

`fixed`, `short`, `trimmed`, `full` and `typed` write points, as files, code and messages to programs need them. What
people read in the window goes through `pretty`, `marked`, `echoed` or `tex_number`, which write the decimal mark that
the window has chosen with `set_decimal_mark`. Nothing else sets it, so the command line writes points.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Value

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EM DASH}"  # longer than a minus sign, also in monospaced type
ASKED = "?"
# In a matrix: of a connection that the network does not have.
MISSING = "\N{MIDDLE DOT}"
_EXPONENT = re.compile(r"(?<=[\d.])e([+-]?\d+)")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


POINT, COMMA = ".", ","
ECHOED, _ECHOED_END = 60, 12  # characters of a number that is echoed, and of its end
_DECIMAL_POINT = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass
class _Writing:
    """How numbers are written for people."""

    decimal_mark: str = POINT


_writing = _Writing()


def set_decimal_mark(mark: str) -> None:
    """Write numbers for people with a decimal point or a decimal comma from now on."""
    assert mark in (POINT, COMMA)
    _writing.decimal_mark = mark


def decimal_mark() -> str:
    """Return the decimal mark of numbers for people: a point or a comma."""
    return _writing.decimal_mark


def separator() -> str:
    """Return what separates two numbers for people: a comma, or a semicolon if a comma is the decimal mark."""
    return "; " if _writing.decimal_mark == COMMA else ", "


def marked(text: str) -> str:
    """Return a text with the chosen decimal mark in its numbers, and semicolons between the numbers of a list."""
    if _writing.decimal_mark == POINT:
        return text
    listed = text.replace(", ", "; ") if text.startswith("[") else text
    return _DECIMAL_POINT.sub(COMMA, listed)


def echoed(text: str) -> str:
    """Return a number as a person or a document wrote it, for people; one with a comma keeps its own marks.

    Of very many digits the first and last are shown.
    """
    shown = _typeset(text) if COMMA in text else pretty(text)
    return shown if len(shown) <= ECHOED else f"{shown[: ECHOED - _ECHOED_END]}…{shown[-_ECHOED_END:]}"


# From this many decimals on, a number keeps its significant digits: a small one gets an exponent sooner.
PRECISE = 6


def fixed(value: float, decimals: int) -> str:
    """Write a number with an ASCII minus; very small or large ones with an exponent; never "-0".

    With six decimals or more, at most two of them are leading zeros: 0.000035 is 3.45210e-05.
    """
    if not math.isfinite(value):
        return str(value)
    spent, digits = (2, decimals - 1) if decimals >= PRECISE else (0, max(decimals - 2, 1))
    if value != 0 and not 10.0 ** (spent - decimals) <= abs(value) < 1e9:
        return f"{value:.{digits}e}"
    return f"{value + 0.0:.{decimals}f}"


def short(value: float, decimals: int) -> str:
    """Write a number as `fixed` does, without trailing zeros if it is exact: 3, not 3.0000; 0.1; 1e-06."""
    text = fixed(value, decimals)
    if not math.isfinite(value) or float(text) != value:
        return text
    mantissa, mark, exponent = text.partition("e")
    if mark and decimals < PRECISE:
        return text
    return f"{mantissa.rstrip('0').rstrip('.')}{mark}{exponent}"


def trimmed(value: float, decimals: int) -> str:
    """Write a number as `short` does, but a whole number with one decimal: 3.0, 0.25, 0.1000 for nearly a tenth."""
    text = short(value, decimals)
    return f"{text}.0" if text.lstrip("-").isdigit() else text


def full(value: float) -> str:
    """Return all digits: the shortest text that is read back as the same float."""
    return repr(float(value) + 0.0)


def typed(value: float) -> str:
    """Return all digits as one types them: a whole number without a point."""
    return full(value).removesuffix(".0")


def pretty(text: str) -> str:
    """Return the text of one or more numbers for people: U+2212 for minus, powers of ten for exponents."""
    return marked(_typeset(text))


def _typeset(text: str) -> str:
    if "e" in text:
        text = _EXPONENT.sub(lambda found: f"×10{str(int(found[1])).translate(_SUPERSCRIPTS)}", text)
    return text.replace("-", MINUS).replace("inf", "∞")


def digits(value: float) -> str:
    """Return all digits, for people."""
    return pretty(full(value))


def brief(value: float) -> str:
    """Return three digits of a number, for sentences: 0.693, 1065, 5×10⁻⁵, 1.2×10¹³."""
    return pretty(f"{value:.0f}" if 100.0 <= abs(value) < 1e6 else f"{value:.3g}")


def tex_number(text: str) -> str:
    """Return a number's text in TeX."""
    mantissa, mark, exponent = text.partition("e")
    if _writing.decimal_mark == COMMA:
        mantissa, text = mantissa.replace(POINT, "{,}"), text.replace(POINT, "{,}")
    if mark and exponent.lstrip("+-").isdigit():
        return rf"{mantissa}\times 10^{{{int(exponent)}}}"
    return {"nan": r"\text{nan}", "inf": r"\infty", "-inf": r"-\infty"}.get(text, text)


def array_text(
    value: Value, decimals: int, most: int = 8, given: bool = False, missing: NDArray[np.bool_] | None = None
) -> str:
    """Write a number, vector or matrix as NumPy would, cut after `most` entries of a row and `most` rows.

    A `given` array, as opposed to a computed one, is written in its shortest exact form. `missing` cells are dots.
    """
    write = short if given else fixed
    if isinstance(value, float):
        return write(value, decimals)
    array = np.asarray(value)
    gone = np.zeros(array.shape, dtype=bool) if missing is None else missing
    return _nested(array, gone, lambda number: write(number, decimals), most)


def _nested(array: FloatArray, missing: NDArray[np.bool_], write: Callable[[float], str], most: int) -> str:
    if array.ndim == 0:
        return MISSING if missing else write(float(array))
    cells = [_nested(item, gone, write, most) for item, gone in zip(array[:most], missing, strict=False)]
    if len(array) > most:
        cells.append("…")
    return f"[{', '.join(cells)}]"
