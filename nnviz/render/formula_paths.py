"""Formulas as painter paths: TeX set by mathra, with tinted and hit-tested operands, and plain text as a fallback."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPainterPathStroker,
    QPen,
    QTransform,
)

from nnviz.present.places.glyphs import PlacedGlyph, glyph_formula
from nnviz.render.fonts import ui_font
from nnviz.render.plain_tex import plain_runs

UNITS = 1000.0  # of a glyph's path in one em

_REACH = 0.15  # em around an operand that still belong to it
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
_PATH_PART = re.compile(r"([A-Za-z])([^A-Za-z]*)")


def typeset(tex: str) -> "FormulaPath":
    """Return the formula that `tex` (LaTeX mathematics) describes; never raises.

    The contents of `\\textcolor{#00000k}{…}` are operand k, the colour read as a number; all else is operand 0. The
    formula is plain text if mathra is missing, cannot read the TeX or lacks a letter. Plain text needs a
    QGuiApplication, without which the formula has its text but no glyphs.
    """
    return _typeset(tex, QGuiApplication.instance() is not None)


def paint_formula(
    painter: QPainter,
    formula: "FormulaPath",
    origin: QPointF,
    size_px: float,
    ink: QColor,
    colors: Mapping[int, QColor],
) -> None:
    """Paint the formula with its baseline's left end at `origin`, one em being `size_px` high.

    Operands that are not in `colors` and operand 0 are painted in `ink`.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(origin)
    painter.scale(size_px / UNITS, size_px / UNITS)
    for glyph in formula.glyphs:
        painter.fillPath(glyph.path, colors.get(glyph.operand, ink) if glyph.operand else ink)
    painter.restore()


def operand_at(formula: "FormulaPath", point: QPointF, size_px: float) -> int:
    """Return the operand at `point`, in pixels from the baseline's left end; 0 if there is none.

    A small margin belongs to each operand. Of two, the nearer one is returned, then the smaller one.
    """
    x, y = point.x() / size_px, point.y() / size_px
    near = []
    for box in formula.boxes:
        rect = box.rect
        if box.operand and rect.adjusted(-_REACH, -_REACH, _REACH, _REACH).contains(x, y):
            aside = max(rect.left() - x, x - rect.right(), rect.top() - y, y - rect.bottom(), 0.0)
            near.append((aside, rect.width() * rect.height(), box.operand))
    return min(near)[2] if near else 0


def operand_rects(formula: "FormulaPath") -> dict[int, QRectF]:
    """Return the rectangle of each operand, in em from the baseline's left end; repeated operands share one."""
    rects: dict[int, QRectF] = {}
    for box in formula.boxes:
        if box.operand:
            rects[box.operand] = rects.get(box.operand, QRectF()).united(box.rect)
    return rects


@lru_cache(maxsize=256)  # about fifty steps; each holds dozens of paths, which garbage collection scans
def _typeset(tex: str, can_draw_text: bool) -> "FormulaPath":
    made = glyph_formula(tex)
    if not made.glyphs:
        return _plain_formula(tex, can_draw_text)
    try:
        glyphs = [_painted(glyph) for glyph in made.glyphs]
    except ValueError:  # an outline that cannot be read
        return _plain_formula(tex, can_draw_text)
    return _formula(
        glyphs,
        width=made.width,
        ascent=made.ascent,
        descent=made.descent,
        speech=made.speech,
        text=made.text,
    )


def _painted(glyph: PlacedGlyph) -> "Glyph":
    """Return a glyph as a path at its place; a line becomes the outline of its stroke."""
    path = QTransform(*glyph.place).map(_outline(glyph.outline))
    if glyph.stroke:
        pen = QPen(Qt.GlobalColor.black, glyph.stroke, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
        path = QPainterPathStroker(pen).createStroke(path)
    return Glyph(path, glyph.operand)


def _formula(
    glyphs: Iterable["Glyph"], *, width: float, ascent: float, descent: float, speech: str, text: str
) -> "FormulaPath":
    placed = tuple(glyphs)
    boxes = []
    for operand, run in groupby(placed, key=lambda glyph: glyph.operand):
        rect = QRectF()
        for glyph in run:
            rect = rect.united(glyph.path.boundingRect())
        scaled = QRectF(rect.topLeft() / UNITS, rect.size() / UNITS)
        boxes.append(Box(operand, scaled))
    return FormulaPath(
        glyphs=placed, boxes=tuple(boxes), width=width, ascent=ascent, descent=descent, speech=speech, text=text
    )


@lru_cache(maxsize=2048)
def _outline(d: str) -> QPainterPath:
    """Return the path that absolute SVG path data describes; callers must not change it."""
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for command, text in _PATH_PART.findall(d):
        values = _numbers(text)
        points = [QPointF(*values[at : at + 2]) for at in range(0, len(values) - 1, 2)]
        match command:
            case "M":
                path.moveTo(points[0])
                points = points[1:]
            case "H":
                points = [QPointF(x, path.currentPosition().y()) for x in values]
            case "V":
                points = [QPointF(path.currentPosition().x(), y) for y in values]
            case "Q":
                for at in range(0, len(points), 2):
                    path.quadTo(*points[at : at + 2])
                continue
            case "C":
                for at in range(0, len(points), 3):
                    path.cubicTo(*points[at : at + 3])
                continue
            case "Z":
                path.closeSubpath()
            case "L":
                pass
            case _:
                raise ValueError(f"unknown path command {command}")
        for point in points:
            path.lineTo(point)
    return path


def _numbers(text: str) -> list[float]:
    return [float(number) for number in _NUMBER.findall(text)]


def _plain_formula(tex: str, can_draw_text: bool) -> "FormulaPath":
    """Return the formula as one line of text with smaller, raised or lowered scripts."""
    runs = list(plain_runs(tex))
    text = "".join(run.text for run in runs)
    if not can_draw_text:
        return _formula((), width=0.5 * len(text), ascent=0.75, descent=0.25, speech=text, text=text)
    glyphs, x = [], 0.0
    for run in runs:
        size = UNITS if run.level == 0 else 0.7 * UNITS
        font = ui_font(size)
        drop = {0: 0.0, 1: -0.36, -1: 0.21}[run.level] * UNITS
        path = QPainterPath()
        path.setFillRule(Qt.FillRule.WindingFill)
        path.addText(x, drop, font, run.text)
        glyphs.append(Glyph(path, run.operand))
        x += QFontMetricsF(font).horizontalAdvance(run.text)
    low = any(run.level < 0 for run in runs)
    high = any(run.level > 0 for run in runs)
    return _formula(
        glyphs, width=x / UNITS, ascent=0.9 if high else 0.75, descent=0.4 if low else 0.25, speech=text, text=text
    )


class Glyph(NamedTuple):
    """A shape of the formula at its position.

    `path` is in units of 1/1000 em from the baseline's left end, y downwards; `operand` 0 is plain ink.
    """

    path: QPainterPath
    operand: int


class Box(NamedTuple):
    """The rectangle of neighbouring glyphs of one operand, in em from the baseline's left end."""

    operand: int
    rect: QRectF


@dataclass(frozen=True, eq=False, kw_only=True)
class FormulaPath:
    """A formula ready to paint: width, ascent and descent in em, speech for screen readers, text in Unicode."""

    glyphs: tuple[Glyph, ...]
    boxes: tuple[Box, ...]
    width: float
    ascent: float
    descent: float
    speech: str
    text: str
