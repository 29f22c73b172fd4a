"""A table of data, read from a file, from bytes or from a text: columns with their kinds, and what is to be said."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nnviz.tables.columns import TableColumn, make_columns
from nnviz.tables.dialect import split_rows
from nnviz.tables.files import BYTE_LIMIT, TableError, check_text, decode, read_bytes
from nnviz.tables.headings import find_heading

__all__ = ["Table", "TableColumn", "TableError", "parse_table", "read_table"]


@dataclass(frozen=True, eq=False)
class Table:
    """A table as read: its columns, the line of each row in the file from 1, and notes in words.

    A message's "row 12" is line 12 of the file, as an editor or a spreadsheet counts, whatever is above the data.
    `text` is the whole text, from which the same table is read again.
    """

    columns: tuple[TableColumn, ...]
    lines: tuple[int, ...]
    has_heading: bool
    notes: tuple[str, ...]
    text: str

    def __len__(self) -> int:
        return len(self.lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, "column 3" where the file gives none."""
        return tuple(column.name for column in self.columns)


def read_table(source: str | Path | bytes) -> Table:
    """Return the table in a file, named by its path, or in bytes. Raises TableError, in one line."""
    found = decode(source if isinstance(source, bytes) else read_bytes(source))
    return parse_table(found.text, found.note)


def parse_table(text: str, note: str = "") -> Table:
    """Return the table in a text; `note` comes first in its notes. Raises TableError, in one line."""
    if len(text) > BYTE_LIMIT:
        raise TableError(f"more than {BYTE_LIMIT} characters; keep fewer rows")
    check_text(text)
    if not text.strip("\ufeff \t\r\n"):
        raise TableError("empty; give at least one row of numbers")
    headed = find_heading(split_rows(text))
    notes = [note] if note else []
    if not headed.has_heading:
        notes.append("no heading")
    notes += headed.notes
    columns = make_columns(headed.names, headed.cells, headed.lines, headed.has_heading, notes)
    return Table(columns, tuple(headed.lines), headed.has_heading, tuple(notes), text)
