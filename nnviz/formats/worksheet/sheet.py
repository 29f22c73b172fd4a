"""A worksheet as a document: headings, paragraphs, tables, numbered steps with formulas, drawings and page breaks."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class TextPart:
    """Plain text within a line; `strong` for a term that a reader looks for."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Math:
    """A formula in TeX within a line."""

    tex: str


Line = tuple[TextPart | Math, ...]


@dataclass(frozen=True)
class Note:
    """A footnote."""

    line: Line


@dataclass(frozen=True)
class SheetHeading:
    """A heading: level 1 is the title of a sheet, 2 a part of it."""

    text: str
    level: int = 2


@dataclass(frozen=True)
class Paragraph:
    """A paragraph; `small` for a remark, such as the source."""

    line: Line
    small: bool = False


@dataclass(frozen=True)
class NameLine:
    """The lines for the student's name and the date, and for the points reached."""

    points: int


@dataclass(frozen=True)
class SheetTable:
    """A table with a caption; the first cell of each row is its head."""

    caption: str
    head: tuple[Line, ...]
    rows: tuple[tuple[Line, ...], ...]


@dataclass(frozen=True)
class SheetTables:
    """Tables that may be side by side."""

    tables: tuple[SheetTable, ...]


@dataclass(frozen=True)
class Equation:
    """One line of a step: `symbol` `relation` `symbols` = `numbers` = `result`, each in TeX.

    `symbols` and `numbers` may be empty. `reason` follows the result: since z > 0. If `is_blank`, there is a rule to
    write on after the symbols.
    """

    symbol: str
    relation: str
    symbols: str
    numbers: str
    result: str
    notes: tuple[Note, ...] = ()
    is_blank: bool = False
    reason: str = ""

    @property
    def parts(self) -> tuple[tuple[str, str], ...]:
        """The sides of the equation after its symbol, each with its relation; of a blank, those that are given."""
        sides = [(self.relation, self.symbols)] if self.symbols else []
        if self.is_blank:
            return tuple(sides)
        first = self.relation if not sides else "="
        if self.numbers:
            sides.append((first, self.numbers))
            first = "="
        return (*sides, (first, f"{self.result}{self.reason}"))


@dataclass(frozen=True)
class NumberedStep:
    """A step of the solution: its number, title, sentence and equations.

    `skipped` is the number of equations that are left out before the last one. `points` is 0 if none are given.
    """

    number: int
    title: str
    sentence: Line
    equations: tuple[Equation, ...]
    skipped: int = 0
    points: int = 0
    notes: tuple[Note, ...] = ()

    def skipped_after(self, equation: Equation) -> str:
        """Return the words for the equations that are left out after this one; empty if none are."""
        is_there = self.skipped and equation is self.equations[-2]
        return f"and {self.skipped} more in the same way" if is_there else ""

    @property
    def points_text(self) -> str:
        """The points in words; empty if none are given."""
        return f"{self.points} point{'s' if self.points != 1 else ''}" if self.points else ""


@dataclass(frozen=True)
class SheetFigure:
    """A drawing as an SVG document and as a TikZ picture, with a caption."""

    svg: str
    tikz: str
    caption: str


@dataclass(frozen=True)
class PageBreak:
    """The next block begins a new page."""


Block = SheetHeading | Paragraph | NameLine | SheetTables | NumberedStep | SheetFigure | PageBreak


@dataclass(frozen=True)
class Worksheet:
    """A whole document, with the title that its file has."""

    title: str
    blocks: tuple[Block, ...] = field(default=())


def words(text: str) -> Line:
    """Return a line of plain text."""
    return (TextPart(text),)


def line_of(*parts: str | Math) -> Line:
    """Return a line of texts and formulas."""
    return tuple(TextPart(part) if isinstance(part, str) else part for part in parts)
