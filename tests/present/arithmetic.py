"""Arithmetic on printed numbers: a numbers line of a formula worked out as an interval of results."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

# A printed number stands for all those that round to it. Arithmetic on such intervals gives all results that the
# printed operands allow; the pass's own number must be one of them.


@dataclass(frozen=True)
class Interval:
    """All numbers from `low` to `high`."""

    low: float
    high: float

    def __add__(self, other: Interval) -> Interval:
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        return self + -other

    def __neg__(self) -> Interval:
        return Interval(-self.high, -self.low)

    def __mul__(self, other: Interval) -> Interval:
        ends = [a * b for a in (self.low, self.high) for b in (other.low, other.high)]
        return Interval(min(ends), max(ends))

    def __truediv__(self, other: Interval) -> Interval:
        if other.low <= 0.0 <= other.high:
            return Interval(-math.inf, math.inf)
        return self * Interval(1 / other.high, 1 / other.low)

    def __pow__(self, power: Interval) -> Interval:
        if self.low == self.high == math.e:
            return monotonic(math.exp)(power)
        assert power.low == power.high
        ends = [self.low**power.low, self.high**power.low]
        return Interval(0.0 if self.low < 0.0 < self.high else min(ends), max(ends))

    def __ge__(self, other: Interval) -> bool:
        return self.low >= other.high

    def __lt__(self, other: Interval) -> bool:
        return self.high < other.low

    def __gt__(self, other: Interval) -> bool:
        return self.low > other.high


def number(text: str) -> Interval:
    """A printed number: exact where it is short, else half a unit of its last digit to either side."""
    mantissa, _, exponent = text.partition("e")
    decimals = len(mantissa.partition(".")[2])
    rounded = decimals >= (4 if exponent else 6)
    half = 0.5 * 10.0 ** (int(exponent or 0) - decimals) if rounded else 0.0
    return Interval(float(text) - half, float(text) + half)


def monotonic(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    return lambda x: Interval(function(x.low), function(x.high))


def logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


def density(x: Interval) -> Interval:
    """The density of the normal distribution, largest at 0."""
    ends = [math.exp(-end * end / 2) / math.sqrt(2 * math.pi) for end in (x.low, x.high)]
    return Interval(min(ends), 1 / math.sqrt(2 * math.pi) if x.low < 0.0 < x.high else max(ends))


def wave(function: Callable[[float], float]) -> Callable[[Interval], Interval]:
    """A sine or cosine, of an interval so short that it is nearly straight."""

    def of(x: Interval) -> Interval:
        ends, bend = (function(x.low), function(x.high)), (x.high - x.low) ** 2
        return Interval(min(ends) - bend, max(ends) + bend)

    return of


def absolute(x: Interval) -> Interval:
    ends = (abs(x.low), abs(x.high))
    return Interval(0.0 if x.low < 0.0 < x.high else min(ends), max(ends))


FUNCTIONS = {
    "sin": wave(math.sin),
    "cos": wave(math.cos),
    "abs": absolute,
    "sign": monotonic(lambda x: float((x > 0) - (x < 0))),
    "sigmoid": monotonic(logistic),
    "σ": monotonic(logistic),
    "tanh": monotonic(math.tanh),
    "leaky": monotonic(lambda x: x if x > 0 else 0.01 * x),
    "ln": monotonic(math.log),
    "sqrt": monotonic(math.sqrt),
    "Φ": monotonic(lambda x: math.erfc(-x / math.sqrt(2)) / 2),
    "φ": lambda x: density(x),
    "min": lambda a, b: Interval(min(a.low, b.low), min(a.high, b.high)),
    "max": lambda a, b: Interval(max(a.low, b.low), max(a.high, b.high)),
}
REWRITTEN = (
    (r"×10\^\{?(-?\d+)\}?", r"e\1"),
    (r"ln (\S+)", r"ln(\1)"),
    (r"√(\d)", r"sqrt(\1)"),
    (r"√", "sqrt"),
    (r"\|([^|]+)\|", r"abs(\1)"),
    (r"≥", ">="),
    (r", else", " else"),
    (r"[\[{]", "("),
    (r"[\]}]", ")"),
    (r"·", "*"),
    (r"\^", "**"),
    (r"([\d)])(abs|sign)?\(", r"\1*\2("),
    (r"(?<![\w.])(\d+(?:\.\d+)?(?:e-?\d+)?)(?![\w.])", r'number("\1")'),
)


def worked_out(text: str) -> Interval:
    """The value of a numbers line in machine text, as arithmetic on intervals."""
    for pattern, replacement in REWRITTEN:
        text = re.sub(pattern, replacement, text)
    result = eval(text, {"__builtins__": {}, "number": number, "e": Interval(math.e, math.e), **FUNCTIONS})
    assert isinstance(result, Interval)
    return result
