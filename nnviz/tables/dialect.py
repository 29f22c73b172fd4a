"""The rows of a table's text: which sign parts the cells, what is quoted, and which lines are comments."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nnviz.tables.cells import is_missing, is_number
from nnviz.tables.files import TableError

ROW_LIMIT = 1_000_000
COLUMN_LIMIT = 10_000
CELL_LIMIT = 20_000_000
CELL_LENGTH = 2_000

SEPARATORS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar", " ": "space", "": "nothing"}
_SAMPLE_CHARACTERS, _SAMPLE_ROWS, _SAMPLE_CELLS = 60_000, 300, 3_000
_BESIDE_TABS = 0.85  # spaces part cells less likely where there are tabs
_NEVER = "\x1f"  # no cell holds it: the rows of a table of one column
_SEPARATOR_LINE = re.compile(r"\"?sep=(.)\"?;*,*", re.IGNORECASE)
_OUTSIDE_QUOTES = re.compile(r'("(?:[^"]|"")*")|[ \t]+')
_DRESS = re.compile(r"[^\n\r\t\x21-\x26\x28-\x7e]")  # spaces, apostrophes and all that is not ASCII
_COMMENTS = ("#", "%", "//")
_SHEET_ERROR = re.compile(r"#(?:N/?A|DIV/0!|REF!|NAME\?|NUM!|NULL!|VALUE!)", re.IGNORECASE)  # a cell of a spreadsheet
_QUOTES = {
    "'": "'",
    "\N{LEFT DOUBLE QUOTATION MARK}": "\N{RIGHT DOUBLE QUOTATION MARK}",
    "\N{LEFT SINGLE QUOTATION MARK}": "\N{RIGHT SINGLE QUOTATION MARK}",
}


@dataclass(frozen=True)
class Rows:
    """The rows of a table as cells without spaces around them, each with its line in the file, from 1.

    `comments` are comment lines with their numbers, `blank` how many rows of empty cells are left out.
    """

    separator: str
    cells: list[list[str]]
    lines: list[int]
    comments: tuple[tuple[int, str], ...] = ()
    blank: int = 0


def split_rows(text: str) -> Rows:
    """Return the rows of a text. Raises TableError that names the line where quotes or sizes are wrong."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    first, separator = 0, ""
    given = _SEPARATOR_LINE.fullmatch(lines[0].strip(" "))
    if given:
        first, separator = 1, given[1]
        if separator not in SEPARATORS:
            raise TableError(f"row 1: sep={separator} names no separator that is read; use a comma, semicolon or tab")
    if len(lines) > 2 * ROW_LIMIT:
        raise TableError(f"{len(lines)} lines; at most {ROW_LIMIT} rows are read")
    has_comments = _has_comments(lines[first:])
    if not given:
        separator = find_separator(lines, has_comments)
    is_simple = len(separator) == 1 and separator != " " and '"' not in text
    if is_simple and not _DRESS.search(text) and not any(map(is_comment, lines)):
        return _split(lines, first, separator)
    return _parsed(lines, first, separator, has_comments)


def _split(lines: list[str], first: int, separator: str) -> Rows:
    """The rows where nothing is quoted and no line is a comment: each line is one."""
    widest = max(range(first, len(lines)), key=lambda place: lines[place].count(separator))
    _check_width(lines[widest].count(separator) + 1, widest + 1)
    cells = [line.split(separator) for line in lines]
    long = [place for place, line in enumerate(lines) if len(line) > CELL_LENGTH]
    for place in long:
        _check_lengths(cells[place], place + 1)
    kept = [place for place in range(first, len(lines)) if any(cells[place])]
    _check_counts(len(kept), sum(map(len, cells)))
    blank = sum(len(row) > 1 and not any(row) for row in cells[first:])
    return Rows(separator, [cells[place] for place in kept], [place + 1 for place in kept], (), blank)


def split_line(line: str, separator: str) -> list[str]:
    """Return the cells of one line."""
    return next(_strip_all(_reader(_prepared([line], separator), separator)), [])


def find_separator(lines: list[str], has_comments: bool = True) -> str:
    """Return the sign that parts the cells: with it most rows are of one length, and most cells are numbers."""
    sample = _sample(lines, has_comments)
    if not sample:
        return ","
    scores = {separator: _score(sample, separator) for separator in SEPARATORS}
    return max(scores, key=lambda separator: scores[separator])


def is_comment(line: str) -> bool:
    """Return whether a line begins as a comment does."""
    text = line.lstrip(" \t")
    return text.startswith(_COMMENTS) and not _SHEET_ERROR.match(text)


def _has_comments(lines: list[str]) -> bool:
    """Whether lines that begin with # are comments: not where all do after the heading, as colours would."""
    filled = [is_comment(line) for line in lines[: _SAMPLE_ROWS * 3] if line.strip()]
    rows = filled[filled.index(False) + 1 :] if False in filled else filled
    return not rows or not all(rows)


def _sample(lines: list[str], has_comments: bool) -> list[str]:
    sample: list[str] = []
    length = 0
    for line in lines:
        if not line.strip() or (has_comments and is_comment(line)):
            continue
        sample.append(line[:_SAMPLE_CHARACTERS])
        length += len(line)
        if length > _SAMPLE_CHARACTERS or len(sample) == _SAMPLE_ROWS:
            break
    return sample


def _score(sample: list[str], separator: str) -> tuple[float, int]:
    """How well a separator parts the sample: evenness times the share of numbers; then how many columns."""
    rows = []
    try:
        for row in _strip_all(_reader(_prepared(sample, separator), separator)):
            rows.append(row)
    except csv.Error:
        pass  # an open quote: the rows before it say enough
    if not rows:
        return 0.0, 0
    width = Counter(map(len, rows)).most_common(1)[0][0]
    even = sum(len(row) == width or (len(row) == width + 1 and not row[-1]) for row in rows)
    if (width == 1) != (separator == ""):
        return 0.0, width
    foreign = [mark for mark in SEPARATORS if mark not in (separator, " ", "")]
    looked_at = [cell for row in rows for cell in row][:_SAMPLE_CELLS]
    good = sum(_goodness(cell, foreign) for cell in looked_at) / len(looked_at)
    if separator == " " and any("\t" in line for line in sample):
        good *= _BESIDE_TABS
    return round(even / len(rows) * good, 9), width


def _goodness(cell: str, foreign: list[str]) -> float:
    if is_missing(cell):
        return 1.0
    if is_number(cell):
        return 0.9 if " " in cell else 1.0
    return 0.0 if any(mark in cell for mark in foreign) else 0.5


def _prepared(lines: list[str], separator: str) -> list[str]:
    """The lines as csv reads them: where spaces part the cells, a tab for each run of them."""
    if separator != " ":
        return [f"{line}\n" for line in lines]
    return [f"{_OUTSIDE_QUOTES.sub(_as_tab, line.strip())}\n" for line in lines]


def _as_tab(match: re.Match[str]) -> str:
    return match[1] or "\t"


def _reader(lines: Iterable[str], separator: str, strict: bool = False) -> Iterator[list[str]]:
    delimiter = {" ": "\t", "": _NEVER}.get(separator, separator)
    return csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=strict)


def _strip_all(reader: Iterator[list[str]]) -> Iterator[list[str]]:
    for row in reader:
        yield [cell.strip() for cell in row]


def _parsed(lines: list[str], first: int, separator: str, has_comments: bool) -> Rows:
    feed = _Feed(lines, first, separator, has_comments)
    reader = _reader(feed, separator, strict=True)
    cells: list[list[str]] = []
    numbers: list[int] = []
    blank = count = 0
    is_dressed = any(_DRESS.search(line) for line in lines)
    while True:
        feed.is_inside = False
        try:
            row = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            raise TableError(_quote_problem(feed, lines, str(error))) from None
        if not row:
            continue
        if is_dressed:
            row = [_unquoted(cell) for cell in row]
        if not any(row):
            blank += 1
            continue
        count += len(row)
        _check_width(len(row), feed.start)
        _check_counts(len(cells) + blank, count)
        if feed.length > CELL_LENGTH:
            _check_lengths(row, feed.start)
        if feed.start != feed.line:
            _check_lines(row, feed, separator)
        cells.append(row)
        numbers.append(feed.start)
    return Rows(separator, cells, numbers, tuple(feed.comments), blank)


class _Feed:
    """The lines that csv reads, one by one, without comments: a row of several lines begins at `start`.

    A class, since csv asks for lines in the middle of a quoted cell, where none is a comment.
    """

    def __init__(self, lines: list[str], first: int, separator: str, has_comments: bool) -> None:
        self.lines, self.line, self.separator, self.has_comments = lines, first, separator, has_comments
        self.start, self.length = first, 0
        self.is_inside = False
        self.comments: list[tuple[int, str]] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        while self.line < len(self.lines):
            line = self.lines[self.line]
            self.line += 1
            if not self.is_inside:
                if self.has_comments and is_comment(line):
                    self.comments.append((self.line, line))
                    continue
                self.start, self.length, self.is_inside = self.line, 0, True
            self.length += len(line)
            if self.separator == " ":
                return _prepared([line], " ")[0]
            if '"' in line:
                line = re.sub(rf'(?<=") +(?={re.escape(self.separator or _NEVER)}|$)', "", line)
            return f"{line}\n"
        raise StopIteration


def _unquoted(cell: str) -> str:
    """A cell without the spaces and the typographer's quotes around it."""
    cell = cell.strip()
    if len(cell) > 1 and cell[-1] == _QUOTES.get(cell[0]):
        return cell[1:-1].strip()
    return cell


def _quote_problem(feed: _Feed, lines: list[str], error: str) -> str:
    if "field larger" in error or len(lines[feed.start - 1]) > CELL_LENGTH * 10:
        return f"row {feed.start} has a cell of more than {CELL_LENGTH} characters; this is no table of numbers"
    if "expected after" in error:
        return f"row {feed.start} has a quote within a cell; remove it, or put the whole cell in quotes"
    return f'row {feed.start} has a quote that is not closed; remove it, or write " before the end of the cell'


def _check_lines(row: list[str], feed: _Feed, separator: str) -> None:
    """Refuse a quote that is closed by the next one, rows later."""
    if any("\n" in cell and (separator or ",") in cell for cell in row):
        raise TableError(_quote_problem(feed, feed.lines, ""))


def _check_width(count: int, line: int) -> None:
    if count > COLUMN_LIMIT:
        raise TableError(f"row {line} has {count} cells; at most {COLUMN_LIMIT} are read")


def _check_counts(rows: int, cells: int) -> None:
    if rows > ROW_LIMIT:
        raise TableError(f"more than {ROW_LIMIT} rows; keep fewer")
    if cells > CELL_LIMIT:
        raise TableError(f"more than {CELL_LIMIT} cells; keep fewer rows")


def _check_lengths(row: list[str], line: int) -> None:
    column = next((number for number, cell in enumerate(row, start=1) if len(cell) > CELL_LENGTH), 0)
    if column:
        where = f"row {line}, column {column}"
        raise TableError(f"{where}: a cell of more than {CELL_LENGTH} characters; this is no table of numbers")
