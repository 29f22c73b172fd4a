"""A worksheet in Markdown, with formulas in TeX between dollar signs and the drawings in the file."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from nnviz.formats.markdown_text import escaped
from nnviz.formats.worksheet.footnotes import Footnotes
from nnviz.formats.worksheet.sheet import (
    Equation,
    Line,
    Math,
    NameLine,
    NumberedStep,
    PageBreak,
    Paragraph,
    SheetFigure,
    SheetHeading,
    SheetTable,
    SheetTables,
    Worksheet,
)

_RULE = r"\underline{\hspace{4cm}}"


def markdown_text(sheet: Worksheet) -> str:
    """Return a worksheet as the text of a Markdown file."""
    footnotes = Footnotes(lambda number: f"[^{number}]")
    text = "\n".join(_WRITERS[type(block)](block, footnotes) for block in sheet.blocks)
    notes = "\n".join(footnotes.written(lambda number, line: f"[^{number}]: {markdown_line(line)}"))
    return f"{text}\n{notes}\n" if notes else text


def markdown_line(line: Line) -> str:
    """Return a line of texts and formulas."""
    return "".join(_part(part) for part in line)


def _part(part: Any) -> str:
    if isinstance(part, Math):
        return f"${part.tex}$".replace("|", r"\vert ")
    text: str = part.text
    lead, tail = " " * (text[:1] == " "), " " * (text[-1:] == " " and text.strip() != "")
    written = f"{lead}{escaped(text)}{tail}"
    return f"**{written.strip()}**" if part.strong else written


def _step(block: NumberedStep, footnotes: Footnotes) -> str:
    points = f" ({block.points_text})" if block.points else ""
    title = f"**{block.number}\\. {escaped(block.title)}.**{points} {markdown_line(block.sentence)}"
    lines = [f"{title}{footnotes.marks(block.notes)}", ""]
    for equation in block.equations:
        lines.append(f"- {_equation(equation)}{footnotes.marks(equation.notes)}")
        if skipped := block.skipped_after(equation):
            lines.append(f"- … {skipped}")
    return "\n".join([*lines, ""])


def _equation(equation: Equation) -> str:
    sides = "".join(f" {relation} {tex}" for relation, tex in equation.parts)
    rule = f"{' =' if equation.parts else f' {equation.relation}'} {_RULE}" if equation.is_blank else ""
    return f"${equation.symbol}{sides}{rule}$".replace("|", r"\vert ")


def _table(table: SheetTable) -> str:
    head = " | ".join(markdown_line(cell) for cell in table.head)
    rows = [f"| {' | '.join(markdown_line(cell) for cell in row)} |" for row in table.rows]
    return "\n".join(
        [f"{escaped(table.caption)}:", "", f"| {head} |", f"|---{'|:---:' * (len(table.head) - 1)}|", *rows, ""]
    )


def _figure(block: SheetFigure) -> str:
    data = base64.b64encode(block.svg.encode()).decode("ascii")
    return f"![{escaped(block.caption)}](data:image/svg+xml;base64,{data})\n\n*{escaped(block.caption)}*\n"


def _name_line(block: NameLine) -> str:
    rule = r"\_" * 12
    of = f" of {block.points}" if block.points else ""
    return f"Name {rule * 2} Date {rule} Points {rule}{of}\n"


def _paragraph(block: Paragraph) -> str:
    text = markdown_line(block.line)
    return f"*{text}*\n" if block.small else f"{text}\n"


_WRITERS: dict[type, Callable[[Any, Footnotes], str]] = {
    SheetHeading: lambda block, _: f"{'#' * block.level} {escaped(block.text)}\n",
    Paragraph: lambda block, _: _paragraph(block),
    NameLine: lambda block, _: _name_line(block),
    SheetTables: lambda block, _: "\n".join(map(_table, block.tables)),
    NumberedStep: _step,
    SheetFigure: lambda block, _: _figure(block),
    PageBreak: lambda block, _: "---\n",
}
