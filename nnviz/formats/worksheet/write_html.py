"""A worksheet as an HTML page: formulas in MathML, drawings as SVG, nothing loaded, and page breaks when printed."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

from nnviz.formats.formulas.mathml import mathml
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

_STYLE = """\
body { font: 16px/1.5 Georgia, 'Libertinus Serif', 'Times New Roman', serif; color: #17202a; background: #fff;
  max-width: 46em; margin: 2em auto; padding: 0 1em; }
h1 { font-size: 1.6em; line-height: 1.2; } h2 { font-size: 1.2em; margin: 1.6em 0 0.6em; }
.small { font-size: 0.86em; color: #55626f; }
.names { display: flex; gap: 0.6em; align-items: baseline; margin: 0 0 2em; }
.rule { display: inline-block; border-bottom: 1px solid #667381; width: 11em; height: 1.5em; }
.names .rule { flex: 2; } .names .short { flex: 0.6; }
.tables { display: flex; flex-wrap: wrap; gap: 1em 2em; }
table { border-collapse: collapse; font-size: 0.95em; }
caption { text-align: left; font-size: 0.9em; padding: 0 0 0.3em; }
th, td { padding: 0.25em 0.8em; border-bottom: 1px solid #dfe3e8; font-weight: normal; text-align: center; }
thead th { border-top: 1px solid #17202a; border-bottom: 1px solid #17202a; } tbody th { text-align: left; }
.step { margin: 1.2em 0; break-inside: avoid; } .step > p { margin: 0 0 0.4em; }
.points { float: right; font-size: 0.86em; }
.equations { margin: 0 0 0 1.7em; } .equations div { margin: 0.35em 0; overflow: auto hidden; padding: 0.1em 0; }
.more { font-style: italic; color: #55626f; }
figure { margin: 1.4em 0; text-align: center; } figure svg { max-width: 100%; height: auto; }
figcaption { font-size: 0.9em; } .cancelled { background: linear-gradient(to top right, transparent 47%, currentColor
  47%, currentColor 53%, transparent 53%); }
.notes { font-size: 0.86em; border-top: 1px solid #dfe3e8; margin-top: 2em; list-style: lower-alpha; }
sup a { text-decoration: none; } .break { margin: 3em 0; border: 0; border-top: 1px dashed #dfe3e8; }
@media print { body { margin: 0; max-width: none; font-size: 11pt; }
  .break { break-after: page; border: 0; margin: 0; } }
"""
_SMALL = ' class="small"'
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def html_text(sheet: Worksheet) -> str:
    """Return a worksheet as the text of an HTML file."""
    footnotes = Footnotes(lambda number: f' <sup><a href="#note-{number}">{_letters(number)}</a></sup>')
    blocks = "\n".join(_WRITERS[type(block)](block, footnotes) for block in sheet.blocks)
    notes = "".join(footnotes.written(lambda number, line: f'<li id="note-{number}">{_line(line)}</li>'))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(sheet.title)}</title>\n<style>\n{_STYLE}</style>\n</head>\n<body>\n{blocks}\n"
        + (f'<ol class="notes">{notes}</ol>\n' if notes else "")
        + "</body>\n</html>\n"
    )


def _line(line: Line) -> str:
    return "".join(_part(part) for part in line)


def _part(part: Any) -> str:
    if isinstance(part, Math):
        return mathml(part.tex)
    text = escape(part.text, quote=False)
    return f"<strong>{text}</strong>" if part.strong else text


def _step(block: NumberedStep, footnotes: Footnotes) -> str:
    points = f'<span class="points">____ / {block.points_text}</span>' if block.points else ""
    title = f"<strong>{block.number}. {escape(block.title)}.</strong> {_line(block.sentence)}"
    rows = []
    for equation in block.equations:
        rows.append(f"<div>{_equation(equation)}{footnotes.marks(equation.notes)}</div>")
        if skipped := block.skipped_after(equation):
            rows.append(f'<div class="more">… {skipped}</div>')
    body = f'<p>{points}{title}{footnotes.marks(block.notes)}</p><div class="equations">{"".join(rows)}</div>'
    return f'<section class="step">{body}</section>'


def _letters(number: int) -> str:
    """Return the mark of a footnote, as lists count with letters: a … z, aa …"""
    text = ""
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("a") + rest) + text
    return text


def _equation(equation: Equation) -> str:
    sides = "".join(f" {relation} {tex}" for relation, tex in equation.parts)
    if not equation.is_blank:
        return mathml(equation.symbol + sides, is_display=True)
    relation = " =" if equation.parts else f" {equation.relation}"
    return f'{mathml(equation.symbol + sides + relation, is_display=True)} <span class="rule"></span>'


def _table(table: SheetTable) -> str:
    head = "".join(f"<th>{_line(cell)}</th>" for cell in table.head)
    rows = "".join(
        f"<tr><th>{_line(first)}</th>{''.join(f'<td>{_line(cell)}</td>' for cell in rest)}</tr>"
        for first, *rest in table.rows
    )
    caption = f"<caption>{escape(table.caption)}</caption>"
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _name_line(block: NameLine) -> str:
    of = f" of {block.points}" if block.points else ""
    rules = [
        f'{name} <span class="rule{short}"></span>'
        for name, short in (("Name", ""), ("Date", " short"), ("Points", " short"))
    ]
    return f'<p class="names">{" ".join(rules)}{of}</p>'


_WRITERS: dict[type, Callable[[Any, Footnotes], str]] = {
    SheetHeading: lambda block, _: f"<h{block.level}>{escape(block.text)}</h{block.level}>",
    Paragraph: lambda block, _: f"<p{_SMALL if block.small else ''}>{_line(block.line)}</p>",
    NameLine: lambda block, _: _name_line(block),
    SheetTables: lambda block, _: f'<div class="tables">{"".join(map(_table, block.tables))}</div>',
    NumberedStep: _step,
    SheetFigure: lambda block, _: f"<figure>{block.svg}<figcaption>{escape(block.caption)}</figcaption></figure>",
    PageBreak: lambda block, _: '<hr class="break">',
}
