"""Worksheets: the sheet of a session, as a solution or with blanks and answers, in one variant or several."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.debugger.state.session import Session
from nnviz.formats.worksheet.drawn_variants import MOST_VARIANTS, draw_variants
from nnviz.formats.worksheet.given import given_blocks
from nnviz.formats.worksheet.sheet import (
    Block,
    NameLine,
    PageBreak,
    Paragraph,
    SheetHeading,
    Worksheet,
    words,
)
from nnviz.formats.worksheet.sheet_drawing import sheet_drawing
from nnviz.formats.worksheet.solution import SolutionForm, points_of, solution_blocks

_ROUNDED = "Numbers that are not exact are rounded to five significant digits; the computation itself does not round."


@dataclass(frozen=True, kw_only=True)
class WorksheetOptions:
    """What a worksheet has: blanks, variants drawn from a seed (0: the lesson's own numbers), points of a step.

    Raises ValueError for a number of variants that is out of range.
    """

    blanks: bool = False
    variants: int = 0
    seed: int = 1
    points: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.variants <= MOST_VARIANTS:
            raise ValueError(f"{self.variants} variants: from 1 to {MOST_VARIANTS} can be drawn")


def make_worksheet(session: Session, options: WorksheetOptions) -> Worksheet:
    """Return the worksheet of a session's pass. Raises ValueError, in one line, if no variant can be drawn."""
    title = " ".join(session.lesson.title.split())
    is_own = options.variants == 0
    sessions = (session,) if is_own else draw_variants(session, options.variants, options.seed)
    names = [""] if is_own else [f"variant {number}" for number in range(1, options.variants + 1)]
    blocks: list[Block] = []
    for of_variant, name in zip(sessions, names, strict=True):
        own = _titled(title, name)
        sheet = _task(of_variant, own, options.points) if options.blanks else _worked(of_variant, own, is_own)
        blocks += [*([PageBreak()] if blocks else []), *sheet]
    if options.blanks:
        for of_variant, name in zip(sessions, names, strict=True):
            blocks += [PageBreak(), *_answers(of_variant, _titled(title, name), is_own)]
    return Worksheet(title, tuple(blocks))


def _titled(title: str, name: str) -> str:
    return f"{title}, {name}" if name else title


def _source(session: Session) -> list[Block]:
    source = " ".join(session.lesson.source.split())
    return [Paragraph(words(source), small=True)] if source else []


def _worked(session: Session, title: str, is_own: bool) -> list[Block]:
    """Return the sheet of a worked solution."""
    return [
        SheetHeading(title, 1),
        *_source(session),
        SheetHeading("Given"),
        *given_blocks(session),
        sheet_drawing(session, is_solved=False),
        *_solution(session, is_own),
    ]


def _task(session: Session, title: str, points: int | None) -> list[Block]:
    """Return the sheet that is handed out, with blanks for the results."""
    steps = solution_blocks(session, SolutionForm(blanks=True, points=points))
    return [
        NameLine(points_of(steps)),
        SheetHeading(title, 1),
        *_source(session),
        SheetHeading("Given"),
        *given_blocks(session),
        sheet_drawing(session, is_solved=False),
        *steps,
    ]


def _answers(session: Session, title: str, is_own: bool) -> list[Block]:
    """Return the pages with the answers of one sheet."""
    return [SheetHeading(f"Answers: {title}", 1), *_solution(session, is_own)]


def _solution(session: Session, is_own: bool) -> list[Block]:
    """Return the steps with their results, and the network after them."""
    return [
        *solution_blocks(session, SolutionForm(has_notes=is_own)),
        SheetHeading("Result"),
        sheet_drawing(session, is_solved=True),
        Paragraph(words(_ROUNDED), small=True),
    ]
