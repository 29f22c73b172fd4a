"""The symbols of a group of steps as one pattern: W_<i><j> for W_11, W_12, …; <i> is the row, <j> the column.

In a loop over time <k> is the time step. All are counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from nnviz.present.core.voice import TIMED, Voice
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import Grain, Quantity
from nnviz.tracing.trace import Trace

JOINT = "<ij>"
# Numbers that cannot occur in a symbol otherwise: a layer's number has far fewer digits.
_UNIT, _SOURCE, _TIME = 7777777, 8888888, 5555555


@dataclass(frozen=True)
class Symbols:
    """The symbols of a group: one `pattern`, or `names`, in the order of the trace, if there is no pattern.

    The pattern has <i> and <j> for row and column, counted from 1, or <ij> for both: 11, but {1,10}.
    """

    pattern: str
    names: tuple[str, ...] = ()


def group_symbols(trace: Trace, group: int, voice: Voice) -> Symbols:
    """Return the symbols of a group, as `trace --format json` writes them."""
    found = trace.groups[group]
    start = trace.step(Grain.LAYER, group).start
    first = trace.enclosing(Grain.NEURON, start + 1).quantity
    times = range(trace.record.time_steps) if found.kind in TIMED else (found.time,)
    pattern = _timed(_pattern(found, first, voice), found, first, voice)
    samples = (replace(item, time=time) for item in _samples(found, first) for time in times)
    if all(_filled(pattern, found, item, voice) == _text(voice, item) for item in samples):
        return Symbols(pattern)
    at = trace.count(Grain.NEURON, start)
    steps = (trace.step(Grain.NEURON, at + item) for item in range(found.items))
    return Symbols("", tuple(_text(voice, step.quantity) for step in steps))


def _text(voice: Voice, quantity: Quantity) -> str:
    return voice.text(quantity, scripts=False)


def _letters(group: Group, voice: Voice) -> tuple[str, str]:
    """Return the letters of unit and source: a vector has only rows, a matrix has the document's orientation."""
    return ("<i>", "<j>") if voice.units_first or not group.matrix else ("<j>", "<i>")


def _placed(quantity: Quantity, unit: int, source: int) -> Quantity:
    """Return the quantity of another unit and source, if it has them."""
    return replace(
        quantity,
        unit=None if quantity.unit is None else unit,
        source=None if quantity.source is None else source,
    )


def _timed(pattern: str, group: Group, first: Quantity, voice: Voice) -> str:
    """Return the pattern with <k> for the time step, if the symbol has one."""
    if group.kind not in TIMED or not voice.record.architecture.is_recurrent:
        return pattern
    later = _pattern(group, replace(first, time=_TIME - 1), voice)
    return later.replace(str(_TIME), "<k>")


def _pattern(group: Group, first: Quantity, voice: Voice) -> str:
    unit, source = _letters(group, voice)
    if group.kind.startswith("dz_dW"):
        source = "<i>"  # one vector for all units
    if max(group.units, group.sources) < 10:  # numbers of one digit have no separator
        text = _text(voice, _placed(first, 6, 7))
        rest = _text(voice, _placed(first, 7, 8))
        return _with_letters(text, rest, unit, source)
    text = _text(voice, _placed(first, _UNIT - 1, _SOURCE - 1))
    text = text.replace(str(_UNIT), unit).replace(str(_SOURCE), source)
    return text.replace("{<i>,<j>}", JOINT)


def _with_letters(text: str, other: str, unit: str, source: str) -> str:
    """Return the text with letters in place of the digits in which two texts differ (units 7, 8; sources 8, 9)."""
    letters = {("7", "8"): unit, ("8", "9"): source}
    if len(text) != len(other):
        return text
    return "".join(a if a == b else letters.get((a, b), a) for a, b in zip(text, other, strict=True))


def _samples(group: Group, first: Quantity) -> Iterator[Quantity]:
    """Yield the first and last items, and those at which a number gets another digit."""
    for unit in _edges(group.units):
        for source in _edges(group.sources):
            yield _placed(first, unit, source)


def _edges(count: int) -> list[int]:
    return sorted({place for place in (0, 1, 8, 9, 98, 99, 998, 999, count - 1) if place < count})


def _filled(pattern: str, group: Group, item: Quantity, voice: Voice) -> str:
    """Return the symbol that the script makes of a pattern."""
    unit, source = (item.unit or 0) + 1, (item.source or 0) + 1
    if group.kind.startswith("dz_dW"):
        i, j = source, 1
    else:
        i, j = (unit, source) if voice.units_first or not group.matrix else (source, unit)
    joint = f"{i}{j}" if max(i, j) < 10 else f"{{{i},{j}}}"
    pattern = pattern.replace("<k>", str(item.time + 1))
    return pattern.replace(JOINT, joint).replace("<i>", str(i)).replace("<j>", str(j))
