"""Where a table's data begin: whether its first row is of another kind than the others, and what is above them.

A row of names is a heading, and so is 0, 1, 2, … over rows of another kind. A single bad or missing cell makes no
heading of a row of numbers. What can be read in both ways is refused, and whatever is left out is said.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from nnviz.tables.cells import TRUTH_WORDS, is_date, is_missing, is_number, shown
from nnviz.tables.dialect import Rows, is_comment, split_line
from nnviz.tables.files import TableError

_LOOKED_AT = 200
_MOST_EXTRA_ROWS = 2
_NAMED = 5
_MOST_WORDS = 3  # of a name in a comment; more are a sentence


@dataclass(frozen=True)
class Headed:
    """The data of a table: rows of even width with their lines, and the names of the columns, "" where none is given.

    `has_heading` is false where no row gives names; `notes` say in words what else was read or left out.
    """

    names: list[str]
    cells: list[list[str]]
    lines: list[int]
    has_heading: bool
    notes: list[str] = field(default_factory=list)


def find_heading(rows: Rows) -> Headed:
    """Return the data below the heading, if there is one. Raises TableError where rows are of different length."""
    cells, lines = list(rows.cells), list(rows.lines)
    notes: list[str] = []
    if rows.blank:
        notes.append(f"{rows.blank} empty row{'s' * (rows.blank != 1)} left out")
    width = _cut_empty_end(cells, notes)
    _leave_out_titles(cells, lines, width, notes)
    names = _heading(cells, lines, width, rows.separator, notes)
    if names is None:
        names, notes = _comment_names(rows, lines, width), [*notes, *_comments_note(rows)]
        has_heading = names is not None
        if names is not None:
            notes.append(f"names from the comment in row {rows.comments[-1][0]}")
        names = names or [""] * width
    else:
        has_heading = True
        notes += _comments_note(rows)
    _check_even(cells, lines, width, rows.separator)
    if not cells:
        raise TableError("no row of numbers; give at least one below the heading")
    return Headed([name.strip() for name in names], cells, lines, has_heading, notes)


def _comments_note(rows: Rows) -> list[str]:
    count = len(rows.comments)
    return [f"{count} comment line{'s' * (count != 1)} left out"] if count else []


def _cut_empty_end(cells: list[list[str]], notes: list[str]) -> int:
    """Cut what separators at the end of rows leave empty; return how many columns most rows have."""
    longest = max(map(len, cells), default=0)
    if not any(row[-1] for row in cells if len(row) == longest):
        longest = max(map(_filled, cells), default=0)
    if any(len(row) > longest for row in cells):
        cells[:] = [row[:longest] for row in cells]
        notes.append("the empty end of the rows is left out")
    widths = Counter(map(len, cells))
    return max(widths, key=lambda width: (widths[width], width)) if widths else 0


def _filled(row: Sequence[str]) -> int:
    """How many cells a row has without the empty ones at its end."""
    return next((place for place in range(len(row), 0, -1) if row[place - 1]), 0)


def _leave_out_titles(cells: list[list[str]], lines: list[int], width: int, notes: list[str]) -> None:
    """Leave out what is in one cell above a table of several columns."""
    while len(cells) > 2 and width > 1 and sum(map(bool, cells[0])) == 1:
        (title,) = filter(None, cells[0])
        is_title = len(cells[0]) == 1 or (width > 2 and sum(map(bool, cells[1])) > 1)
        if is_number(title) or not is_title or (len(cells[0]) == width and is_missing(title)):
            return
        notes.append(f"row {lines[0]}, {shown(title)}, is left out: a title")
        del cells[0], lines[0]


def _heading(
    cells: list[list[str]], lines: list[int], width: int, separator: str, notes: list[str]
) -> list[str] | None:
    """Take the heading from the rows, with rows of units below it; None where the first row is data."""
    if not cells:
        return None
    if _is_count_row(cells, width):
        notes.append(f"row {lines[0]}, {_listed(cells[0])}, is left out: it counts rows and columns")
        del cells[0], lines[0]
        return None
    names = cells[0]
    if len(names) != width:
        if len(names) == 1 or not _is_heading(names, cells[1:], lines[0], width):
            return None  # a ragged row as any other
        names = _shifted(cells, lines, width, separator)
    elif not _is_heading(names, cells[1:], lines[0], width):
        return None
    if any(map(is_number, names)):
        notes.append(f"row {lines[0]}, {_listed(cells[0])}, is read as the heading")
    heading = list(names)
    del cells[0], lines[0]
    for _ in range(_MOST_EXTRA_ROWS):
        if len(cells) < 2 or not _is_extra(cells[0], cells[1:], width):
            break
        notes.append(f"row {lines[0]}, {_listed(cells[0])}, is left out: units or a second heading")
        del cells[0], lines[0]
    repeated = [place for place, row in enumerate(cells) if row == heading]
    for place in reversed(repeated):
        notes.append(f"row {lines[place]} is left out: it repeats the heading")
        del cells[place], lines[place]
    return heading


def _is_count_row(cells: list[list[str]], width: int) -> bool:
    """Whether the first row counts rows and input columns, as scikit-learn's own files do: 150,4,setosa,…"""
    first = cells[0]
    return len(first) > 2 and first[0] == str(len(cells) - 1) and first[1] == str(width - 1) and not is_number(first[2])


def _shifted(cells: list[list[str]], lines: list[int], width: int, separator: str) -> list[str]:
    """The names of a heading that has none for the row names before it, as R writes it. Raises TableError."""
    names = cells[0]
    below = [row for row in cells[1:] if len(row) == width]
    labels = [row[0] for row in below]
    if len(names) == width - 1 and len(set(labels)) == len(labels):
        return ["", *names]
    fix = "give one name for each column, or no heading"
    if len(names) < width and separator == "," and not any("." in cell for row in below[:_LOOKED_AT] for cell in row):
        fix = "where the comma is the decimal sign, part the cells with semicolons"
    raise TableError(
        f"row {lines[0]}, the heading, has {len(names)} names, but the rows below it have {width} cells; {fix}"
    )


def _kind(cells: Sequence[str]) -> str:
    """What most of the cells of a column are; empty where all are missing."""
    present = [cell for cell in cells if not is_missing(cell)]
    if not present:
        return ""
    for kind, test in (("number", is_number), ("date", is_date), ("truth", _is_truth)):
        if 2 * sum(map(test, present)) >= len(present):
            return kind
    return "text"


def _is_truth(cell: str) -> bool:
    return cell.lower() in TRUTH_WORDS and len(cell) > 1


_TESTS = {"number": is_number, "date": is_date, "truth": _is_truth}


def _is_heading(first: list[str], below: list[list[str]], line: int, width: int) -> bool:
    """Return whether the first row is of another kind than those below it. Raises TableError if it may be either."""
    even = [row for row in below if len(row) == width][:_LOOKED_AT]
    if not even:
        return not any(map(is_number, first))
    columns = [list(column) for column in zip(*even, strict=True)]
    if len(first) < width:
        columns = columns[width - len(first) :]
    names = figures = gaps = words = 0
    for cell, column in zip(first, columns, strict=False):
        kind = _kind(column)
        if is_missing(cell) or not kind:
            gaps += is_missing(cell) and column is not columns[0]
            continue
        if kind == "text":
            present = set(column)
            figures += cell in present
            is_new = cell not in present and not is_number(cell)
            names += is_new and len(present) < len(column)
            words += is_new
        elif _TESTS[kind](cell):
            figures += 1
        else:
            names += not is_number(cell)
    if not figures:
        return names > gaps or not any(map(is_number, first))
    if not names and len(first) == width:
        if words or not first[0]:
            return _is_numbered(first, columns)
        return _is_counting(first, columns, even, line)
    return names > figures or _is_numbered(first, columns)


def _whole_numbers(cells: Sequence[str]) -> list[int]:
    return [int(cell) for cell in cells if cell.isascii() and cell.isdigit() and len(cell) < 7]


def _is_run(numbers: Sequence[int]) -> bool:
    return all(later - earlier == 1 for earlier, later in pairwise(numbers))


def _is_numbered(first: list[str], columns: list[list[str]]) -> bool:
    """Whether a first row of some names has numbers for the others: 0, 1, …, 63, target or 2019, 2020, 2021."""
    numbers = _whole_numbers(first)
    if len(numbers) < 2 or not _is_run(numbers) or sum(map(is_number, first)) != len(numbers):
        return False
    if len(numbers) >= 4 and numbers[0] in (0, 1):
        return True
    if not first[0] and len(numbers) == len(first) - 1 and numbers[0] in (0, 1) and _is_run(_whole_numbers(columns[0])):
        return True  # numbers for the columns, and for the rows too
    pairs = [(cell, column) for cell, column in zip(first, columns, strict=True) if is_number(cell)]
    return all(_is_other_manner(cell, column) or _is_outside(cell, column) for cell, column in pairs)


def _is_counting(first: list[str], columns: list[list[str]], below: list[list[str]], line: int) -> bool:
    """Whether a row of numbers alone is a heading 0, 1, 2, …: a run of whole numbers above rows of another kind."""
    numbers, width = _whole_numbers(first), len(first)
    if width < 2 or len(numbers) != width or not _is_run(numbers):
        return False
    if any(len(run) == width and _is_run(run) for run in map(_whole_numbers, below)):
        return False  # rows of the same kind
    manner = [_is_other_manner(cell, column) for cell, column in zip(first, columns, strict=True)]
    other = [
        is_other or _is_outside(*pair) for is_other, pair in zip(manner, zip(first, columns, strict=True), strict=True)
    ]
    verdict = _verdict(numbers[0], width, manner, other)
    if verdict == "unsure":
        raise TableError(
            f"row {line}, {_listed(first)}, may be a heading or numbers; write names there, or the numbers as in 0.0"
        )
    return verdict == "heading"


def _verdict(start: int, width: int, manner: list[bool], other: list[bool]) -> str:
    """`heading`, `data` or `unsure`, by which columns differ from the first row in manner, or in manner or range."""
    if start not in (0, 1):
        return "heading" if width > 2 and all(manner) else "data"
    if width >= 5:
        return "heading" if 2 * sum(other) >= width else "unsure"
    if width == 2:
        return "unsure" if start == 0 and all(manner) else "data"
    if start == 1:
        return "unsure" if all(manner) else "data"
    if all(other):
        return "heading" if any(manner) else "unsure"
    return "unsure" if any(manner) else "data"


def _is_other_manner(cell: str, column: Sequence[str]) -> bool:
    """Whether all numbers below a whole number are written with decimals."""
    present = [other for other in column if not is_missing(other)]
    return bool(present) and not any(other.lstrip("+-−").isdigit() for other in present)


def _is_outside(cell: str, column: Sequence[str]) -> bool:
    """Whether a whole number lies outside the span of the whole numbers below it."""
    try:
        below = [float(other) for other in column if not is_missing(other)]
    except ValueError:
        return False
    return bool(below) and not min(below) <= int(cell) <= max(below)


def _is_extra(row: list[str], below: list[list[str]], width: int) -> bool:
    """Whether the row after the heading holds units or more names: words over numbers, and no number."""
    even = [other for other in below if len(other) == width][:_LOOKED_AT]
    if len(row) != width or not even or any(map(is_number, row)):
        return False
    kinds = [_kind(column) for column in zip(*even, strict=True)]
    words = [not is_missing(cell) for cell, kind in zip(row, kinds, strict=True) if kind == "number"]
    return sum(words) >= 1 and (2 * sum(words) > len(words) or _filled(row) == sum(words) > 1)


def _comment_names(rows: Rows, lines: list[int], width: int) -> list[str] | None:
    """The names in the comment right above the data, as numpy.savetxt writes them."""
    if not rows.comments or not lines or width < 2:
        return None
    number, line = max((pair for pair in rows.comments if pair[0] < lines[0]), default=(0, ""))
    text = line.strip().lstrip("#%/")
    if number != lines[0] - 1 or not is_comment(line) or '"' in text:
        return None
    names = split_line(text, rows.separator)
    is_named = len(names) == width == len(set(names)) and all(names[1:]) and not any(map(is_number, names))
    is_sentence = any(name[-1:] in tuple(",.:;!?") or len(name.split()) > _MOST_WORDS for name in names)
    return names if is_named and not is_sentence else None


def _check_even(cells: list[list[str]], lines: list[int], width: int, separator: str) -> None:
    uneven = [(line, len(row)) for row, line in zip(cells, lines, strict=True) if len(row) != width]
    if not uneven:
        return
    line, count = uneven[0]
    more = f" (and {len(uneven) - 1} more)" if len(uneven) > 1 else ""
    fix = "write NA for a missing value"
    if count > width and separator == ",":
        fix = "put a text or number that holds a comma in quotes"
    raise TableError(f"row {line} has {count} cell{'s' * (count != 1)}{more}, but the others have {width}; {fix}")


def _listed(cells: Sequence[str]) -> str:
    """The first cells of a row, for a message."""
    filled = [shown(cell)[1:-1] for cell in cells if cell]
    return "(" + ", ".join(filled[:_NAMED]) + (", …)" if len(filled) > _NAMED else ")")
