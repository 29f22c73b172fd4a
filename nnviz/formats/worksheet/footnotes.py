"""The footnotes of a worksheet, for formats that collect them at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from nnviz.formats.worksheet.sheet import Line, Note


class Footnotes:
    """Collects footnotes while the blocks are written; `mark` writes the mark of a number, from 1."""

    def __init__(self, mark: Callable[[int], str]) -> None:
        self._mark = mark
        self._lines: list[Line] = []

    def marks(self, notes: Iterable[Note]) -> str:
        """Keep some footnotes, and return their marks."""
        marks = ""
        for note in notes:
            self._lines.append(note.line)
            marks += self._mark(len(self._lines))
        return marks

    def written(self, write: Callable[[int, Line], str]) -> list[str]:
        """Return every footnote, written from its number and its line."""
        return [write(number, line) for number, line in enumerate(self._lines, start=1)]
