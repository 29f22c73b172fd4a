"""The columns of a table: what kind each is, its numbers or words, and which values are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.tables.cells import MISSING, MISSING_NUMBER, is_date, is_missing, is_number, shown, truth_pair
from nnviz.tables.files import TableError
from nnviz.tables.numerals import NumeralError, decimal_signs, is_percent, read_numeral

NUMBER, TRUTH, TEXT, DATE, INDEX, EMPTY, MIXED = "number", "truth", "text", "date", "index", "empty", "mixed"

_NAME_LENGTH = 60
_PLAIN_CHARACTERS = frozenset("0123456789.-+eE ")
_INDEX_NAME = re.compile(
    r"|index|idx|id|no\.?|nr\.?|number|row|row ?names?|#|unnamed: ?[0-9]+|rownum|case|obs", re.IGNORECASE
)
_MEASURE = re.compile(r"[<>~$€£]?\s*[-+−]?[0-9][0-9.,]*\s*\S{0,4}")
_MOST_MEASURES = 10


@dataclass(frozen=True, eq=False)
class Column:
    """One column: its name, kind, and by kind its numbers (NaN where missing) or words ("" where missing).

    A number column, or a truth column with 1 and 0, has `values`; a text or mixed column has `words`. `counts` is true
    of a first column that numbers the rows. `problem` says in one line what is wrong with a mixed column.
    """

    name: str
    kind: str
    values: FloatArray
    words: tuple[str, ...] = ()
    counts: bool = False
    problem: str = ""

    @property
    def missing(self) -> NDArray[np.bool_]:
        """Where the column has no value, (rows,)."""
        if self.words:
            return np.array([not word for word in self.words])
        return np.isnan(self.values)

    @property
    def classes(self) -> tuple[str, ...]:
        """The different values in order: numbers by size, words as scikit-learn sorts them."""
        if self.words:
            return tuple(sorted(set(filter(None, self.words))))
        present = self.values[~np.isnan(self.values)]
        return tuple(f"{value:.15g}" for value in np.unique(present))

    @property
    def has_whole_numbers(self) -> bool:
        """Whether all values are whole numbers, as labels of classes are."""
        present = self.values[~np.isnan(self.values)]
        return self.kind == NUMBER and bool(present.size) and bool((present == np.floor(present)).all())


def make_columns(
    names: Sequence[str], cells: Sequence[Sequence[str]], lines: Sequence[int], has_heading: bool, notes: list[str]
) -> tuple[Column, ...]:
    """Return the columns of even rows; `notes` gets what is to be said. Raises TableError, with row and column."""
    rows = list(zip(*cells, strict=True))
    unique = _unique_names(names, notes)
    kinds = [_kind(column) for column in rows]
    decimal = _decimal_sign(rows, kinds, unique, lines, notes)
    reader = _Reader(decimal, lines, has_heading)
    columns = [reader.column(name, kind, column) for name, kind, column in zip(unique, kinds, rows, strict=True)]
    notes += reader.notes()
    first = columns[0]
    columns[0] = _with_index(first, names[0], has_heading)
    return tuple(columns)


def place_of(name: str) -> str:
    """Return a column as a message names it."""
    return name if name.startswith("column ") else name[:_NAME_LENGTH]


def _unique_names(names: Sequence[str], notes: list[str]) -> list[str]:
    """A name for each column: its place where it has none, and a number after one that is there already."""
    unique: list[str] = []
    for place, name in enumerate(names, start=1):
        shorter = name if len(name) <= _NAME_LENGTH else f"{name[:_NAME_LENGTH]}…"
        line = " ".join(shorter.split()) or f"column {place}"
        line = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in line)
        number, free = 2, line
        while free in unique:
            free, number = f"{line}.{number}", number + 1
        if free != line:
            notes.append(f"{line} names two columns: the later one is {free}")
        unique.append(free)
    return unique


def _kind(cells: Sequence[str]) -> str:
    """The kind of a column; mixed where most cells are numbers and some are not."""
    if _are_plain(cells):
        return NUMBER
    distinct = {cell for cell in set(cells) if not is_missing(cell)}
    if not distinct:
        return EMPTY
    count = sum(map(is_number, distinct))
    if count == len(distinct):
        return NUMBER
    if truth_pair(distinct):
        return TRUTH
    if 2 * count > len(distinct) or (count > 1 and _most_are_numbers(cells)):
        return MIXED
    if 2 * sum(map(is_date, distinct)) > len(distinct):
        return DATE
    measures = sum(_MEASURE.fullmatch(cell) is not None for cell in distinct)
    return MIXED if measures > _MOST_MEASURES and 2 * measures > len(distinct) else TEXT


def _most_are_numbers(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if not is_missing(cell)]
    return 2 * sum(map(is_number, present)) > len(present)


def _are_plain(cells: Sequence[str]) -> bool:
    """Whether all cells are numbers as Python writes them: those need no closer look."""
    if not set("".join(cells)) <= _PLAIN_CHARACTERS:
        return False
    try:
        return all(map(isfinite, map(float, cells)))
    except ValueError:
        return False


def _decimal_sign(
    rows: Sequence[Sequence[str]], kinds: Sequence[str], names: Sequence[str], lines: Sequence[int], notes: list[str]
) -> str:
    """The decimal sign of all numbers: where some show but one, that; in doubt a lone point or comma is decimal.

    Raises TableError where numbers contradict each other.
    """
    sure: dict[str, tuple[str, str]] = {}
    doubtful: dict[str, tuple[str, str]] = {}
    for place, column in enumerate(rows):
        if kinds[place] not in (NUMBER, MIXED) or (
            not any("," in cell or cell.count(".") > 1 for cell in column) and sure.get(".")
        ):
            continue
        for cell in dict.fromkeys(column):
            signs = decimal_signs(cell)
            if signs:
                found = sure if len(signs) == 1 else doubtful
                sign = next(iter(signs)) if len(signs) == 1 else "," if "," in cell else "."
                found.setdefault(sign, (cell, names[place]))
    for found in (sure, doubtful):
        if len(found) == 2:
            (point, where), (comma, other) = found["."], found[","]
            places = tuple(
                _line_of(rows[names.index(name)], cell, lines) for cell, name in ((point, where), (comma, other))
            )
            raise TableError(
                f"row {places[0]}, {where}: {shown(point)}, and row {places[1]}, {other}: {shown(comma)} have "
                "different decimal signs; write all numbers with one"
            )
    sign = next(iter(sure or doubtful), ".")
    if sign == ",":
        notes.append("decimal commas")
    thousands = next((cell for mark, (cell, _) in doubtful.items() if mark != sign), "")
    if thousands:
        number = read_numeral(thousands, sign)
        notes.append(f"{shown(thousands)} is read as {number.value:.15g}, with thousands")
    elif doubtful and not sure and sign == ",":
        cell = doubtful[","][0]
        notes.append(read_numeral(cell).note)
    return sign


def _line_of(column: Sequence[str], cell: str, lines: Sequence[int]) -> int:
    return lines[column.index(cell)]


class _Reader:
    """Reads the columns one after the other, and remembers what is to be said once about all of them.

    A class for that memory alone.
    """

    def __init__(self, decimal: str, lines: Sequence[int], has_heading: bool) -> None:
        self.decimal, self.lines, self.has_heading = decimal, lines, has_heading
        self.percents: list[str] = []
        self.fractions: list[str] = []

    def column(self, name: str, kind: str, cells: Sequence[str]) -> Column:
        """One column of a known kind."""
        if kind == TRUTH:
            return Column(name, kind, _truths(cells))
        if kind in (EMPTY, DATE):
            return Column(name, kind, frozen_array([]))
        if kind == TEXT:
            return Column(name, kind, frozen_array([]), tuple("" if c.lower() in MISSING else c for c in cells))
        try:
            return Column(name, NUMBER, frozen_array(self._numbers(name, cells)))
        except TableError as error:
            return Column(name, MIXED, frozen_array([]), tuple(cells), problem=str(error))

    def _numbers(self, name: str, cells: Sequence[str]) -> list[float]:
        if self.decimal == "." and _are_plain(cells):
            return list(map(float, cells))
        numbers: list[float] = []
        known: dict[str, float] = {}
        percents = 0
        for place, cell in enumerate(cells):
            if cell not in known:
                known[cell] = self._number(name, place, cell)
            numbers.append(known[cell])
        present = [cell for cell in known if cell.lower() not in MISSING_NUMBER]
        percents = sum(map(is_percent, present))
        if percents:
            plain = next((cell for cell in present if not is_percent(cell) and known[cell]), None)
            if plain is not None:
                where = f"row {_line_of(cells, plain, self.lines)}, {name}"
                raise TableError(f"{where}: {shown(plain)} is no percentage, but others are; write all in one way")
            self.percents.append(name)
        if any("/" in cell for cell in present):
            self.fractions.append(name)
        return numbers

    def _number(self, name: str, place: int, cell: str) -> float:
        if cell.lower() in MISSING_NUMBER:
            return float("nan")
        try:
            numeral = read_numeral(cell, self.decimal)
        except NumeralError as error:
            fix = "; NA where a value is missing"
            if place == 0 and not self.has_heading:
                fix += "; names in all columns for a heading"
            raise TableError(f"row {self.lines[place]}, {name}: {error}{fix}") from None
        if numeral.is_cut:
            raise TableError(f"row {self.lines[place]}, {name}: {shown(cell)} is cut; write all of its digits")
        return numeral.value

    def notes(self) -> list[str]:
        """What is to be said of percentages and fractions."""
        said = []
        if self.percents:
            said.append(f"{_listed(self.percents)} in percent: 25% is 0.25")
        if self.fractions:
            said.append(f"{_listed(self.fractions)} in fractions: 1/4 is 0.25")
        return said


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:3]) + (", …" if len(names) > 3 else "")


def _truths(cells: Sequence[str]) -> FloatArray:
    pair = truth_pair({cell for cell in set(cells) if not is_missing(cell)})
    assert pair is not None
    numbers = {pair[0]: 1.0, pair[1]: 0.0}
    return frozen_array([numbers.get(cell.lower(), float("nan")) for cell in cells])


def _with_index(column: Column, name: str, has_heading: bool) -> Column:
    """The first column, marked where it numbers the rows: by its name, or where it counts from 0 or 1."""
    is_named = has_heading and _INDEX_NAME.fullmatch(name) is not None
    if column.kind == TEXT and is_named and len(set(column.words)) == len(column.words):
        return Column(column.name, INDEX, column.values, column.words)
    if column.kind != NUMBER or not column.has_whole_numbers or column.missing.any():
        return column
    steps = np.diff(column.values)
    counts = column.values[0] in (0.0, 1.0) and len(column.values) > 1 and bool((steps == 1.0).all())
    if is_named and (counts or len(np.unique(column.values)) == len(column.values)):
        return Column(column.name, INDEX, column.values)
    return Column(column.name, NUMBER, column.values, counts=counts)
