"""The equations of a step as rows that fit on a page: one row each where they fit, else broken before equals signs."""

from __future__ import annotations

from nnviz.formats.tex import broken
from nnviz.formats.worksheet.sheet import Equation, NumberedStep
from nnviz.present.text.plain_text import linear

MOST = 94  # about the number of characters of plain text on one row
MOST_OF_HALF, LEAST_IN_COLUMNS = 45, 4
_RULE = 20  # the characters that a rule to write on is wide, at least


def rows_of(step: NumberedStep, most: int = MOST) -> list[tuple[Equation, list[str]]]:
    """Return each equation with its rows in TeX, without its symbol; the first begins with the relation.

    If one equation of a step does not fit on one row, all are broken in the same places.
    """
    fit = all(_width(equation) <= most for equation in step.equations)
    return [(equation, [_joined(equation)] if fit else _broken(equation, most)) for equation in step.equations]


def fits_in_columns(step: NumberedStep, most: int = MOST_OF_HALF) -> bool:
    """Return whether the equations of a step are set in two columns: there are many, and all are short."""
    return (
        len(step.equations) >= LEAST_IN_COLUMNS and not step.skipped and all(_width(e) <= most for e in step.equations)
    )


def _width(equation: Equation) -> int:
    line = f"{equation.symbol} {_joined(equation)}"
    return len(linear(line)) + (_RULE if equation.is_blank else 0)


def _joined(equation: Equation) -> str:
    return " ".join(f"{relation} {tex}" for relation, tex in equation.parts) or equation.relation


def _broken(equation: Equation, most: int) -> list[str]:
    """Return the sides of an equation, each on a row of its own, but the result after the numbers if it fits."""
    rows: list[str] = []
    room = most - len(linear(equation.symbol))
    for index, (relation, tex) in enumerate(equation.parts):
        first, *rest = broken(" ".join(tex.split()), room - 4)
        side = f"{relation} {first}"
        fits = index == len(equation.parts) - 1 and rows and len(linear(f"{rows[-1]} {side}")) <= room and not rest
        if fits and len(equation.parts) > 1:
            rows[-1] += f" {side}"
        else:
            rows += [side, *(rf"\qquad {{}} {line}" for line in rest)]
    return rows or [equation.relation]
