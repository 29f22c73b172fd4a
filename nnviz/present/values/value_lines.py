"""The lines of the values table: a quantity, or in a batch a matrix of its examples, and the terms of a gradient."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from nnviz.debugger.state.session import Session
from nnviz.engine.arrays import FloatArray
from nnviz.present.core.missing_cells import missing_cells
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import UNKNOWN, digits, fixed, full, pretty, short
from nnviz.present.values.values_table import (
    DECIMALS,
    GIVEN,
    ValueRow,
    all_digits,
    figures,
    focus_of,
    group_of,
    known_mask,
    shown_columns,
)
from nnviz.tracing.groups import contribution_at, contribution_count
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import EVERY_EXAMPLE

# Of a larger batch, the first FIRST examples and AROUND of them near the stepped one are shown; a click opens the rest.
MOST_EXAMPLES, FIRST, AROUND = 7, 2, 1
TERM_KINDS = frozenset({Kind.DW, Kind.DB})
_ENTRY_OF = {Kind.DW: Kind.DW, Kind.DW_TERM: Kind.DW, Kind.DB: Kind.DB, Kind.DB_TERM: Kind.DB}


class LineKind(Enum):
    """The content of a line."""

    QUANTITY = "quantity"
    EXAMPLE = "example"
    TERM = "term"
    TOTAL = "total"
    MORE = "more"
    FEWER = "fewer"


@dataclass(frozen=True, slots=True)
class Line:
    """One line: `row` is the index of its quantity, `item` the example in the batch, or how many are omitted."""

    kind: LineKind
    row: int
    item: int = 0


@dataclass(frozen=True)
class _Segment:
    """Consecutive lines of one kind: `items` are their examples."""

    kind: LineKind
    row: int
    items: Sequence[int]


class Lines:
    """The lines of a session's values. A line is made only when it is needed, so thousands of them cost nothing.

    `opened` are the quantities of which all examples are shown.
    """

    def __init__(self, session: Session, rows: tuple[ValueRow, ...], opened: frozenset[Quantity]) -> None:
        self.session = session
        self.rows = rows
        self._voice = voice_of(session)
        self._segments = tuple(
            segment for at, row in enumerate(rows) for segment in _segments(session, at, row, opened)
        )
        self._ends = list(accumulate(len(segment.items) for segment in self._segments))
        self._matrices: dict[int, tuple[FloatArray, NDArray[np.bool_], int]] = {}
        self._texts: dict[Line, str] = {}

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def line(self, index: int) -> Line:
        """Return the line at an index, from 0."""
        place = bisect_right(self._ends, index)
        segment = self._segments[place]
        item = segment.items[index - (self._ends[place] - len(segment.items))]
        return Line(segment.kind, segment.row, item)

    def same_shape(self, other: Lines) -> bool:
        """Return whether the lines are at the same places as those of another session, whatever their content."""
        return [(s.kind, s.row, len(s.items)) for s in self._segments] == [
            (s.kind, s.row, len(s.items)) for s in other._segments
        ]

    def changed(self, before: Lines) -> Sequence[int]:
        """Return the quantities whose lines differ from those of `before` or are, or were, highlighted."""
        if self._voice != before._voice:
            return range(len(self.rows))
        pairs = enumerate(zip(self.rows, before.rows, strict=True))
        return [at for at, (row, old) in pairs if row != old or row.active or old.active]

    def first_of(self, row: int) -> int:
        """Return the line that names a quantity."""
        place = next(place for place, segment in enumerate(self._segments) if segment.row == row)
        return self._ends[place] - len(self._segments[place].items)

    def stepped(self, row: int) -> int:
        """Return the line of a quantity at which the step is: the stepped example's, or that of the latest term."""
        entry = entry_of(self.session, self.rows[row].quantity)
        if entry is None:
            line = Line(LineKind.EXAMPLE, row, self.session.record.row)
        elif self.session.trace.is_known(entry, self.session.position):
            line = Line(LineKind.TOTAL, row)
        else:
            line = Line(LineKind.TERM, row, max(known_terms(self.session, entry) - 1, 0))
        place = self.place(line)
        return self.first_of(row) if place is None else place

    def text(self, line: Line) -> str:
        """Return the content of a line besides its name: figures, a term, or how many are omitted."""
        if line not in self._texts:
            self._texts[line] = _WRITERS[line.kind](self, line)
        return self._texts[line]

    def label(self, line: Line) -> str:
        """Return the number of a line's example in the data, from 1; empty if it has none."""
        example = self._example(line)
        return "" if example is None else str(self.session.record.examples[example] + 1)

    @property
    def widest_label(self) -> str:
        """Return the longest possible label."""
        return str(max(self.session.record.examples) + 1)

    def is_stepped(self, line: Line) -> bool:
        """Return whether a line belongs to the stepped example."""
        return self._example(line) == self.session.record.row

    def _example(self, line: Line) -> int | None:
        """Return the row of the batch that a line belongs to; None if it is of no example."""
        if line.kind is LineKind.TERM:
            entry = entry_of(self.session, self.rows[line.row].quantity)
            return None if entry is None else contribution_at(self.session.record, entry, line.item).example
        return line.item if line.kind is LineKind.EXAMPLE else None

    def is_lit(self, line: Line) -> bool:
        """Return whether the step just taken is on this line."""
        row = self.rows[line.row]
        if line.kind is LineKind.QUANTITY:
            return row.active
        return row.active and self.place(line) == self.stepped(line.row)

    def last_of(self, row: int) -> int:
        """Return the last line of a quantity."""
        return max(end for end, segment in zip(self._ends, self._segments, strict=True) if segment.row == row) - 1

    def place(self, line: Line) -> int | None:
        """Return the index of a line; None if there is no such line."""
        for place, segment in enumerate(self._segments):
            if segment.row == line.row and segment.kind is line.kind and line.item in segment.items:
                return self._ends[place] - len(segment.items) + segment.items.index(line.item)
        return None

    def full(self, line: Line) -> str:
        """Return all digits of a line's figures."""
        row = self.rows[line.row]
        if line.kind is LineKind.EXAMPLE:
            array, known, _ = self.matrix(line.row)
            return all_digits(array[line.item], known[line.item])
        if line.kind is LineKind.TERM:
            entry = entry_of(self.session, row.quantity)
            assert entry is not None
            term = contribution_at(self.session.record, entry, line.item)
            return digits(self._voice.number(term)) if self._term_known(line) else UNKNOWN
        return row.full

    def spoken(self, line: Line) -> str:
        """Return a line in words, for a screen reader."""
        row = self.rows[line.row]
        if line.kind is LineKind.QUANTITY:
            if row.known == "none":
                return f"{row.name}, not known yet"
            return f"{row.name}, {row.examples} examples" if row.examples else f"{row.name}, {row.text}"
        if line.kind in (LineKind.EXAMPLE, LineKind.TERM):
            stepped = ", stepped" if self.is_stepped(line) else ""
            known = self._known(line)
            content = " ".join(self.text(line).split()).replace("[ ", "[") if known else "not known yet"
            return f"{row.name}, example {self.label(line)}{stepped}, {content}"
        return f"{row.name}, {self.text(line)}"

    def matrix(self, row: int) -> tuple[FloatArray, NDArray[np.bool_], int]:
        """Return a quantity of every example (examples, …), which of it is known, and the width of its figures."""
        if row not in self._matrices:
            quantity = every(self.rows[row].quantity)
            array = np.asarray(self._voice.value(quantity))
            columns = [at for at in shown_columns(array.shape[1]) if at is not None] if array.ndim > 1 else None
            shown = array if columns is None else array[:, columns]
            write = short if quantity.kind in GIVEN else fixed
            width = max((len(write(float(end), DECIMALS)) for end in (shown.min(), shown.max())), default=0)
            self._matrices[row] = (array, known_mask(self.session, quantity), width)
        return self._matrices[row]

    def _known(self, line: Line) -> bool:
        if line.kind is LineKind.TERM:
            return self._term_known(line)
        return bool(np.any(self.matrix(line.row)[1][line.item]))

    def _term_known(self, line: Line) -> bool:
        entry = entry_of(self.session, self.rows[line.row].quantity)
        return entry is not None and line.item < known_terms(self.session, entry)


def every(quantity: Quantity) -> Quantity:
    """Return the quantity of every example."""
    return Quantity(quantity.kind, quantity.layer, time=quantity.time, example=EVERY_EXAMPLE)


def entry_of(session: Session, quantity: Quantity) -> Quantity | None:
    """Return the entry of a gradient whose terms are shown: the step's, or that of the selected weight.

    There is a term of each example, and for a bias that units share of each unit of each example.
    """
    if quantity.kind not in TERM_KINDS or session.record.time_steps > 1:
        return None
    if contribution_count(session.record, quantity) < 2:
        return None
    # a step finer than the entry, or the entry itself; a whole matrix has no single entry
    at = None if session.grain < Grain.NEURON else session.pointed
    if at is not None and at.quantity.layer == quantity.layer and _ENTRY_OF.get(at.kind) is quantity.kind:
        return Quantity(
            quantity.kind, quantity.layer, at.quantity.unit, at.quantity.source if quantity.kind is Kind.DW else None
        )
    chosen = session.selection
    if quantity.kind is Kind.DW and chosen is not None and (chosen.kind, chosen.layer) == (Kind.WEIGHT, quantity.layer):
        entry = Quantity(Kind.DW, chosen.layer, chosen.unit, chosen.source)
        return entry if session.trace.is_known(entry, session.position) else None
    return None


def known_terms(session: Session, entry: Quantity) -> int:
    """Return how many examples' parts of an entry are known."""
    end = session.trace.find(entry)
    assert end is not None
    terms = group_of(session, entry).terms
    return max(0, min(terms, session.position - (end - terms - 1)))


def tab_separated(session: Session, row: ValueRow) -> str:
    """Return a quantity with all its digits for a spreadsheet: tabs between columns, empty if not known.

    Rows are examples if the quantity belongs to examples, else those of the document's matrix; a vector is one row.
    """
    quantity = every(row.quantity) if row.examples else row.quantity
    array = np.asarray(voice_of(session).value(quantity))
    known = known_mask(session, quantity)
    if (missing := missing_cells(voice_of(session), quantity)) is not None:
        known = known & ~missing
    if row.examples and array.ndim == 1:
        array, known = array[:, np.newaxis], known[:, np.newaxis]
    array, known = np.atleast_2d(array), np.atleast_2d(known)
    lines = (
        "\t".join(full(float(cell)) if there else "" for cell, there in zip(*pair, strict=True))
        for pair in zip(array, known, strict=True)
    )
    return "\n".join(lines)


def _segments(session: Session, at: int, row: ValueRow, opened: frozenset[Quantity]) -> list[_Segment]:
    """Return the lines of a quantity: its name, and its known examples or the terms of a gradient's entry."""
    segments, examples = [_Segment(LineKind.QUANTITY, at, (0,))], len(session.record.examples)
    if row.examples and row.known != "none":
        segments += _examples(LineKind.EXAMPLE, at, examples, row.quantity in opened, session.record.row)
    entry = entry_of(session, row.quantity)
    if entry is not None:
        count = contribution_count(session.record, entry)
        around = max(known_terms(session, entry) - 1, 0)
        if session.trace.is_known(entry, session.position):
            around = session.record.row * count // examples
        segments += _examples(LineKind.TERM, at, count, row.quantity in opened, around)
        segments.append(_Segment(LineKind.TOTAL, at, (0,)))
    return segments


def _examples(kind: LineKind, at: int, count: int, opened: bool, around: int) -> list[_Segment]:
    """Return all lines of a small or opened batch; else the first ones and a window, and the omitted ones."""
    if count <= MOST_EXAMPLES:
        return [_Segment(kind, at, range(count))]
    if opened:
        return [_Segment(kind, at, range(count)), _Segment(LineKind.FEWER, at, (0,))]
    # Always as many lines, wherever the window is, so that the table does not jump.
    start = min(max(around - AROUND, FIRST), count - 2 * AROUND - 1)
    window = range(start, start + 2 * AROUND + 1)
    before, after = start - FIRST, count - window.stop
    gaps = [_Segment(LineKind.MORE, at, (gap,)) for gap in (before, after)]
    segments = [_Segment(kind, at, range(FIRST)), gaps[0], _Segment(kind, at, window), gaps[1]]
    return [segment for segment in segments if segment.kind is kind or segment.items[0]]


def _quantity_text(lines: Lines, line: Line) -> str:
    row = lines.rows[line.row]
    return row.text if row.known == "none" or not row.examples else ""


def _example_text(lines: Lines, line: Line) -> str:
    """Return one row of a matrix, aligned with the others."""
    array, known, width = lines.matrix(line.row)
    quantity = lines.rows[line.row].quantity
    focus = focus_of(lines.session, quantity) if lines.rows[line.row].active else None
    return figures(array[line.item], known[line.item], quantity.kind in GIVEN, width, focus)


def _term_text(lines: Lines, line: Line) -> str:
    """Return one example's part, with the numbers inserted: −0.006610 · 0.5194 = −0.003433."""
    session, voice = lines.session, lines._voice
    entry = entry_of(session, lines.rows[line.row].quantity)
    assert entry is not None
    if not lines._term_known(line):
        return UNKNOWN
    term = contribution_at(session.record, entry, line.item)
    operands = operands_of(session.trace, term)
    factors = [voice.number(operand.quantity) for operand in operands]
    if voice.gradients_as_changes:
        factors.insert(0, voice.number(Quantity(Kind.RATE)))
    result = pretty(fixed(voice.number(term), DECIMALS))
    if len(factors) == 1:
        delta = replace(operands[0].quantity, example=None)
        return result if term.source is None else f"{voice.text(delta)} = {result}"
    product = " · ".join(_factor(factor, at == 0) for at, factor in enumerate(factors))
    return f"{product} = {result}"


def _factor(value: float, first: bool) -> str:
    text = pretty(short(value, DECIMALS))
    return text if first or value >= 0 else f"({text})"


def _total_text(lines: Lines, line: Line) -> str:
    """Return the entry that is the sum of the terms."""
    entry = entry_of(lines.session, lines.rows[line.row].quantity)
    assert entry is not None
    known = lines.session.trace.is_known(entry, lines.session.position)
    value = pretty(fixed(lines._voice.number(entry), DECIMALS)) if known else UNKNOWN
    way = "mean" if lines.session.record.rule.reduce == "mean" else "sum"
    return f"{way} = {lines._voice.text(entry)} = {value}"


def _more_text(lines: Lines, line: Line) -> str:
    return f"… {line.item:,} more".replace(",", "\N{NARROW NO-BREAK SPACE}")


_WRITERS: dict[LineKind, Callable[[Lines, Line], str]] = {
    LineKind.QUANTITY: _quantity_text,
    LineKind.EXAMPLE: _example_text,
    LineKind.TERM: _term_text,
    LineKind.TOTAL: _total_text,
    LineKind.MORE: _more_text,
    LineKind.FEWER: lambda lines, line: "show fewer",
}
