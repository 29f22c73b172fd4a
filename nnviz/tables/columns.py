"""The columns of a table: what kind each is, its numbers or words, and which values are missing."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from math import isfinite, isnan, nan

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.tables.cells import MISSING, MISSING_NUMBER, is_date, is_missing, is_number, shown, truth_pair
from nnviz.tables.files import TableError
from nnviz.tables.numerals import NumeralError, decimal_signs, is_percent, is_plain, read_numeral

NUMBER, TRUTH, TEXT, DATE, INDEX, EMPTY, MIXED = "number", "truth", "text", "date", "index", "empty", "mixed"

_NAME_LENGTH = 60
_MOST_LOOKED_AT = 2_000
# Columns in which float is right about every cell: with points, and with commas in their place.
_PLAIN_TEXT = re.compile(r"[0-9.+eE\n-]*")
_COMMA_TEXT = re.compile(r"[-+]?[0-9]+(?:,[0-9]+)?(?:\n[-+]?[0-9]+(?:,[0-9]+)?)*")
_TWO_POINTS = re.compile(r"\.[^\n.]*\.")
_INDEX_NAME = re.compile(
    r"|index|idx|id|no\.?|nr\.?|number|row|row ?names?|#|unnamed: ?[0-9]+|rownum|case|obs", re.IGNORECASE
)
_CURRENCIES = "$€£¥₹"
_MEASURE = re.compile(rf"(?P<before>[<>~≈{_CURRENCIES}]?)\s*[-+−]?[0-9][0-9.,]*\s*(?P<after>[^\s0-9]{{0,4}})")
_MOST_LABELS = 3


@dataclass(frozen=True, eq=False)
class TableColumn:
    """One column: its name, kind, and by kind its numbers (NaN where missing) or words ("" where missing).

    A number column, or a truth column with 1 and 0, has `values`; a text or mixed column has `words`. `counts` is true
    of a first column without a name that counts the rows. `problem` says in one line what is wrong with a mixed column.
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
        """The different values in order: numbers by size, words as scikit-learn sorts them, false before true."""
        if self.kind == TRUTH:
            return ("false", "true")
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
) -> tuple[TableColumn, ...]:
    """Return the columns of even rows; `notes` gets what is to be said. Raises TableError, with row and column."""
    rows = [[row[place] for row in cells] for place in range(len(cells[0]))]
    unique = _unique_names(names, notes)
    kinds = [_kind(column) for column in rows]
    numbers = [(unique[place], rows[place]) for place, kind in enumerate(kinds) if kind in (NUMBER, MIXED)]
    decimal = _decimal_sign(numbers, lines, notes)
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
    some = set(islice(distinct, _MOST_LOOKED_AT))
    count = sum(map(_is_like_number, distinct)) if any(map(_is_like_number, some)) else 0
    if count == len(distinct):
        return NUMBER
    if truth_pair(distinct):
        return TRUTH
    if count and (2 * count >= len(distinct) or _most_are_numbers(cells)):
        return MIXED
    if 2 * sum(map(is_date, some)) > len(some):
        return DATE
    return MIXED if _are_measures(some) else TEXT


def _are_measures(distinct: set[str]) -> bool:
    """Whether texts are numbers with a currency, a unit or a sign, rather than names of classes such as 2D and 3D."""
    found = [match for match in map(_MEASURE.fullmatch, distinct) if match]
    affixes = {(match["before"], match["after"]) for match in found} - {("", "")}
    if 2 * len(found) <= len(distinct) or not affixes or len(affixes) > 2:
        return False
    is_money = all(set(before + after) & set(_CURRENCIES) for before, after in affixes)
    return is_money or len(found) > _MOST_LABELS


def _is_like_number(cell: str) -> bool:
    """Whether a cell is a number, or an infinite one: that is refused where the column is used."""
    return is_number(cell) or cell.lower().lstrip("+-") in ("inf", "infinity", "\N{INFINITY}")


def _most_are_numbers(cells: Sequence[str]) -> bool:
    present = [cell for cell in cells if not is_missing(cell)]
    return 2 * sum(map(is_number, present)) > len(present)


def _are_plain(cells: Sequence[str]) -> bool:
    """Whether all cells are numbers as Python writes them: those need no closer look."""
    if not _PLAIN_TEXT.fullmatch("\n".join(cells)):
        return False
    try:
        return all(map(isfinite, map(float, cells)))
    except ValueError:
        return False


def _decimal_sign(columns: Sequence[tuple[str, Sequence[str]]], lines: Sequence[int], notes: list[str]) -> str:
    """The decimal sign of all numbers: where some show but one, that; in doubt a lone point or comma is decimal.

    Raises TableError where numbers contradict each other.
    """
    texts = ["\n".join(cells) for _, cells in columns]
    has_points, has_commas = any("." in text for text in texts), any("," in text for text in texts)
    if not has_commas and not any(_TWO_POINTS.search(text) for text in texts):
        return "."
    sure: dict[str, tuple[int, str]] = {}
    doubtful: dict[str, tuple[int, str]] = {}
    for place, (_, cells) in enumerate(columns):
        for cell in dict.fromkeys(cells):
            signs = decimal_signs(cell)
            if len(signs) == 1:
                sure.setdefault(next(iter(signs)), (place, cell))
            elif signs:
                doubtful.setdefault("," if "," in cell else ".", (place, cell))
            if "," in sure and not has_points:
                break
    for found in (sure, {} if sure else doubtful):
        if len(found) == 2:
            places = [(columns[place], cell) for place, cell in found.values()]
            shows = [f"row {_line_of(cells, cell, lines)}, {name}: {shown(cell)}" for (name, cells), cell in places]
            raise TableError(f"{' and '.join(shows)} have different decimal signs; write all numbers with one")
    sign = next(iter(sure or doubtful), ".")
    notes += ["decimal commas"] if sign == "," else []
    other = next((cell for mark, (_, cell) in doubtful.items() if mark != sign), "")
    if other:
        notes.append(f"{shown(other)} is read as {read_numeral(other, sign).value:.15g}, with thousands")
    elif sign == "," and not sure:
        (name, cells), cell = columns[doubtful[","][0]], doubtful[","][1]
        whole, decimal = read_numeral(cell, ".").value, read_numeral(cell, ",").value
        where = f"row {_line_of(cells, cell, lines)}, {name}"
        raise TableError(f"{where}: {shown(cell)} may be {whole:.15g} or {decimal:.15g}; write it without the comma")
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

    def column(self, name: str, kind: str, cells: Sequence[str]) -> TableColumn:
        """One column of a known kind."""
        if kind == TRUTH:
            return TableColumn(name, kind, _truths(cells))
        if kind in (EMPTY, DATE):
            return TableColumn(name, kind, frozen_array([]))
        if kind == TEXT:
            return TableColumn(name, kind, frozen_array([]), tuple("" if c.lower() in MISSING else c for c in cells))
        try:
            return TableColumn(name, NUMBER, frozen_array(self._numbers(name, cells)))
        except TableError as error:
            return TableColumn(name, MIXED, frozen_array([]), tuple(cells), problem=str(error))

    def _numbers(self, name: str, cells: Sequence[str]) -> list[float]:
        if self.decimal == "." and _are_plain(cells):
            return list(map(float, cells))
        if self.decimal == "," and _COMMA_TEXT.fullmatch(text := "\n".join(cells)):
            numbers = list(map(float, text.replace(",", ".").split("\n")))
            if all(map(isfinite, numbers)):
                return numbers
        known: dict[str, float] = {}
        for place, cell in enumerate(cells):
            if cell not in known:
                known[cell] = self._number(name, place, cell)
        present = [cell for cell in known if not cell.isascii() or "%" in cell or "/" in cell]
        if any(map(is_percent, present)):
            plain = next(
                (cell for cell in known if known[cell] and not isnan(known[cell]) and not is_percent(cell)), ""
            )
            if plain:
                where = f"row {_line_of(cells, plain, self.lines)}, {name}"
                raise TableError(f"{where}: {shown(plain)} is no percentage, but others are; write all in one way")
            self.percents.append(name)
        if any("/" in cell and not isnan(known[cell]) for cell in present):
            self.fractions.append(name)
        return [known[cell] for cell in cells]

    def _number(self, name: str, place: int, cell: str) -> float:
        if self.decimal == "." and is_plain(cell) and isfinite(value := float(cell)):
            return value
        if cell.lower() in MISSING_NUMBER:
            return nan
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


def _with_index(column: TableColumn, name: str, has_heading: bool) -> TableColumn:
    """The first column, marked where it numbers the rows: by its name, or where it counts from 0 or 1."""
    is_named = has_heading and _INDEX_NAME.fullmatch(name) is not None
    if column.kind == TEXT and is_named and len(set(column.words)) == len(column.words):
        return TableColumn(column.name, INDEX, column.values, column.words)
    if column.kind != NUMBER or not column.has_whole_numbers or column.missing.any():
        return column
    count, start = len(column.values), column.values[0]
    counts = start in (0.0, 1.0) and count > 1 and bool((column.values == start + np.arange(count)).all())
    if is_named and (counts or len(np.unique(column.values)) == len(column.values)):
        return TableColumn(column.name, INDEX, column.values)
    return TableColumn(column.name, NUMBER, column.values, counts=counts and not has_heading)
