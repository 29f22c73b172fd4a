"""Near misses: a number that is not a value of the pass, but that a slip would produce from a value."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from math import log2

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.finder.number_table import SIGNED, Columns, NumberTable, SortedValues
from nnviz.debugger.finder.pasted import Pasted, PasteError, read_paste
from nnviz.debugger.state.found import Miss
from nnviz.engine.arrays import FloatArray
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.trace import Trace

STEP_LIMIT = 1_500
BATCH_LIMIT = 32
LAST_DIGITS = 10.0
FARTHEST = 0.5  # of the size of the larger one: a value further away is not named as the nearest
COMPARED = 1_000_000  # values times numbers at a time

# What no slip makes: an input, a target or the learning rate is known before the pass.
_KNOWN = frozenset({Kind.INPUT, Kind.TARGET, Kind.RATE})

# The name and amount of a slip, the values it changes and what they become, its cost, and where those of a number end.
_Slip = tuple[str, float, NDArray[np.intp], FloatArray, float, NDArray[np.intp]]


@dataclass(frozen=True)
class NearMiss:
    """Where in a table's values a slip leads to the number, and how unlikely the slip is, in bits."""

    index: int
    miss: Miss
    cost: float


def near_misses(table: NumberTable, numbers: Sequence[Pasted]) -> Iterator[Iterator[NearMiss]]:
    """Yield for each number the slips by which a value of the table would be printed as it."""
    values, in_order = table.values, SortedValues.of(table.values)
    given = table.mask(_KNOWN)
    most = max(1, COMPARED // max(1, values.size))
    for start in range(0, len(numbers), most):
        some = numbers[start : start + most]
        columns, slips = Columns.of(some), []
        for name, amount, changed, cost in _slips(table):
            agreeing = SortedValues.of(changed).agreeing(columns)
            may = ~given[agreeing.indices] & (changed != values)[agreeing.indices]
            indices, ends = agreeing.indices[may], np.searchsorted(agreeing.places[may], np.arange(len(some) + 1))
            slips.append((name, amount, indices, changed[indices], cost, ends))
        for place, number in enumerate(some):
            yield chain(_slipped(slips, place), _other_misses(values, in_order, given, number))


def _slipped(slips: Sequence[_Slip], place: int) -> Iterator[NearMiss]:
    """Yield what the slips make of the number at a place."""
    for name, amount, indices, changed, cost, ends in slips:
        part = slice(ends[place], ends[place + 1])
        for index, value in zip(indices[part].tolist(), changed[part].tolist(), strict=True):
            yield NearMiss(index, Miss(name, amount, value), cost)


def _other_misses(
    values: FloatArray, in_order: SortedValues, given: NDArray[np.bool_], number: Pasted
) -> Iterator[NearMiss]:
    """Yield the values of which two digits are exchanged, or the last ones differ."""
    swaps = [*_digit_swaps(number)]
    for index in in_order.agreeing(Columns.of(swaps)).indices.tolist() if swaps else ():
        yield NearMiss(index, Miss("swapped", 0.0, float(values[index])), 5.0)
    if number.bits > 5.0:
        units = np.abs(values - number.value) / number.unit
        for index in np.flatnonzero((units > 0.5) & (units <= LAST_DIGITS) & ~given).tolist():
            off = max(1.0, abs(round(values[index] / number.unit) - round(number.value / number.unit)))
            yield NearMiss(index, Miss("last_digit", off, float(values[index])), 4.0 + log2(off + 1.0))


def nearest(table: NumberTable, number: Pasted, kinds: frozenset[Kind] = frozenset()) -> NearMiss | None:
    """Return the computed value closest to the number in proportion, of these kinds if any is given.

    None if no value has the same sign and half its size: that would be no hint.
    """
    given = table.mask(_KNOWN)
    others = ~table.mask(kinds) if kinds else np.zeros(given.size, dtype=bool)
    size = np.maximum(np.abs(table.values), abs(number.value))
    off = np.abs(table.values - number.value) / np.where(size > 0.0, size, 1.0)
    off = np.where(given | others | ~np.isfinite(off) | (off > FARTHEST), np.inf, off)
    if not np.isfinite(off).any():
        return None
    index = int(np.argmin(off))
    return NearMiss(index, Miss("nearest", float(number.value - table.values[index]), float(table.values[index])), 7.0)


def _slips(table: NumberTable) -> Iterator[tuple[str, float, FloatArray, float]]:
    values = table.values
    rate, examples = table.record.rule.rates.learning_rate, float(len(table.record.examples))
    unsigned = ~table.mask(SIGNED, ("change",))
    with np.errstate(all="ignore"):
        yield "sign", 0.0, np.where(unsigned & (values != 0.0), -values, np.nan), 3.0
        factors = {2.0: 3.5, 0.5: 3.5, 10.0: 4.5, 0.1: 4.5, 100.0: 6.5, 0.01: 6.5}
        factors |= {rate: 4.0, 1.0 / rate if rate else 1.0: 4.0, examples: 4.5, 1.0 / examples: 4.5}
        for factor, cost in factors.items():
            if factor != 1.0:
                yield "factor", factor, values * factor, cost
                yield "factor", -factor, np.where(unsigned, np.nan, values * -factor), cost + 2.0
        in_unit = (values > 0.0) & (values < 1.0)
        yield "complement", 0.0, np.where(in_unit, 1.0 - values, np.nan), 4.5
        yield "square", 0.0, values * values, 5.5


def _digit_swaps(number: Pasted) -> Iterator[Pasted]:
    """Yield the number with two neighbouring digits exchanged, in each possible way."""
    text = number.text
    if number.fraction or number.bits < 6.0:
        return
    for i in range(len(text) - 1):
        if text[i].isdigit() and text[i + 1].isdigit() and text[i] != text[i + 1]:
            try:
                yield from read_paste(f"{text[:i]}{text[i + 1]}{text[i]}{text[i + 2 :]}").numbers
            except PasteError:
                continue


def rounded_passes(
    trace: Trace, decimals: Sequence[int] = (4, 3, 2)
) -> Iterator[tuple[str, int, dict[Quantity, float]]]:
    """Yield each number as it becomes when earlier numbers are rounded to some decimals: which, decimals, values.

    "operands" rounds only the inputs of each number; the others carry the rounded numbers that CARRIED names through
    the whole pass. Yield nothing for a pass that is too large to be worked out by hand.
    """
    if trace.length(Grain.NEURON) > STEP_LIMIT or len(trace.record.examples) > BATCH_LIMIT:
        return
    for digits in decimals:
        yield "operands", digits, _from_rounded_operands(trace, digits)
        for name, is_rounded in ROUNDED_RESULTS.items():
            yield name, digits, _with_rounding(trace, digits, is_rounded)


def _with_rounding(trace: Trace, digits: int, is_rounded: Callable[[Trace, Quantity], bool]) -> dict[Quantity, float]:
    """Compute each number of the pass from those before it, some of which are rounded."""
    kept: dict[Quantity, float] = {}
    found: dict[Quantity, float] = {}
    for step in trace.at(Grain.NEURON):
        parts = operands_of(trace, step.quantity)
        values = [kept.get(part.quantity, part.value) for part in parts]
        value = found[step.quantity] = recompute_from(trace, step.quantity, parts, values)
        kept[step.quantity] = round(value, digits) if is_rounded(trace, step.quantity) else value
    return found


def _from_rounded_operands(trace: Trace, digits: int) -> dict[Quantity, float]:
    """Compute each number of the pass from its rounded operands, if these are results themselves."""
    found: dict[Quantity, float] = {}
    for step in trace.at(Grain.NEURON):
        parts = operands_of(trace, step.quantity)
        values = [round(part.value, digits) if part.quantity in found else part.value for part in parts]
        found[step.quantity] = recompute_from(trace, step.quantity, parts, values)
    return found


def _is_output(trace: Trace, quantity: Quantity) -> bool:
    return quantity.kind is Kind.A and quantity.layer == trace.record.architecture.depth - 1


# Results that a person rounds and continues with.
ROUNDED_RESULTS: dict[str, Callable[[Trace, Quantity], bool]] = {
    "output": _is_output,
    "activations": lambda trace, quantity: quantity.kind is Kind.A,
    "carried": lambda trace, quantity: True,
}
