"""Numbers as text: short on the canvas, six decimals on the card, all digits on hover."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.tracing.steps import Value

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "\N{EM DASH}"  # longer than a minus sign, also in monospaced type
ASKED = "?"
_EXPONENT = re.compile(r"(?<=[\d.])e([+-]?\d+)")
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


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
    if "e" in text:
        text = _EXPONENT.sub(lambda found: f"×10{str(int(found[1])).translate(_SUPERSCRIPTS)}", text)
    return text.replace("-", MINUS).replace("inf", "∞")


def digits(value: float) -> str:
    """Return all digits, for people."""
    return pretty(full(value))


def tex_number(text: str) -> str:
    """Return a number's text in TeX."""
    mantissa, mark, exponent = text.partition("e")
    if mark and exponent.lstrip("+-").isdigit():
        return rf"{mantissa}\times 10^{{{int(exponent)}}}"
    return {"nan": r"\text{nan}", "inf": r"\infty", "-inf": r"-\infty"}.get(text, text)


def array_text(value: Value, decimals: int, most: int = 8, given: bool = False) -> str:
    """Write a number, vector or matrix as NumPy would, cut after `most` entries of a row and `most` rows.

    A `given` array, as opposed to a computed one, is written in its shortest exact form.
    """
    write = short if given else fixed
    if isinstance(value, float):
        return write(value, decimals)
    return _nested(np.asarray(value), lambda number: write(number, decimals), most)


def _nested(array: FloatArray, write: Callable[[float], str], most: int) -> str:
    if array.ndim == 0:
        return write(float(array))
    cells = [_nested(item, write, most) for item in array[:most]]
    if len(array) > most:
        cells.append("…")
    return f"[{', '.join(cells)}]"
