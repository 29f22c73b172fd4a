"""The items of the network canvas: each paints one kind of mark of a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnviz.present.core.palette import Palette, blend
from nnviz.present.network.edges import BUCKETS, CROWDED, edge_sizes, edge_width
from nnviz.present.network.layout import EDGE, HALO, PLATE_CORNER, STRIP_WIDTH
from nnviz.present.network.marks import (
    BiasMark,
    BoxMark,
    CaptionMark,
    EdgeLabel,
    EdgesMark,
    LoopMark,
    Picture,
    StripMark,
    UnitMark,
)
from nnviz.present.places.label import FORMULAS, MOVED_DOT, WORDS, Label
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.formula_paths import paint_formula, typeset
from nnviz.render.paint import centered_text, pen, pill, text_width

# More edges than this are drawn without antialiasing, which takes ten times as long.
ANTIALIASED = 800


class Item(QGraphicsItem):
    """The base of the items: the palette, the phase's color, and a rectangle to paint in."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self.palette: Palette | None = None
        self.phase = ""
        self.rect = QRectF()
        self.setZValue(z)

    def color(self, role: str) -> str:
        """Return a color of the palette by its role."""
        return str(getattr(self.palette, role))

    def accent(self, part: str = "") -> str:
        """Return the color of the step's phase; before the first step, that of the forward phase."""
        return self.color(f"{self.phase or 'forward'}{part}")

    def place(self, rect: QRectF) -> None:
        """Set the bounds of the item."""
        if rect != self.rect:
            self.prepareGeometryChange()
            self.rect = rect

    def boundingRect(self) -> QRectF:
        return self.rect

    def write(self, painter: QPainter, label: Label, color: str, weight: QFont.Weight = QFont.Weight.Normal) -> None:
        """Paint a label in its rectangle."""
        paint_label(painter, label, color, weight)

    def dot_after(self, painter: QPainter, label: Label) -> None:
        """Paint a small dot at the end of a label's rectangle: the last choice changed the number."""
        left, top, width, height = label.rect
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.color("convention")))
        painter.drawEllipse(QPointF(left + width, top + height / 2), MOVED_DOT, MOVED_DOT)

    def dot(self, painter: QPainter, center: QPointF, font: QFont, text: str) -> None:
        """Paint a small dot after a text centered on `center`: the last choice changed the number."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.color("convention")))
        painter.drawEllipse(center + QPointF(text_width(font, text) / 2 + MOVED_DOT + 1.5, 0), MOVED_DOT, MOVED_DOT)

    def shaded(self, mark: UnitMark) -> str:
        """Return the color of a disc, darker for a larger activation."""
        if mark.shade is None:
            return self.color("card")
        sign = self.color("positive" if mark.shade >= 0 else "negative")
        return blend(self.color("card"), sign, abs(mark.shade) * 0.8)

    def edge(self, painter: QPainter, line: QLineF, size: float, negative: bool, lit: bool) -> None:
        """Paint one edge over the others, with a halo if it is lit."""
        if lit:
            halo = pen(blend(self.color("card"), self.accent(), 0.25), edge_width(size) + 6)
            halo.setCapStyle(Qt.PenCapStyle.FlatCap)
            painter.setPen(halo)
            painter.drawLine(line)
        painter.setPen(edge_pen(self.color("negative" if negative else "positive"), size, negative))
        painter.drawLine(line)


class UnitItem(Item):
    """A neuron as a disc: name above, z and activation inside, delta below."""

    def __init__(self) -> None:
        super().__init__(3.0)
        self.mark: UnitMark | None = None

    def show_mark(self, mark: UnitMark) -> None:
        """Paint another state of the neuron."""
        self.mark = mark
        halo = mark.radius + HALO + 2.0
        bounds = QRectF(mark.x - halo, mark.y - halo, 2 * halo, 2 * halo)
        rects = [label.rect for label in mark.labels] + [bias.label.rect for bias in mark.biases]
        for rect in (*rects, *([mark.plate] if mark.plate else [])):
            bounds = bounds.united(QRectF(*rect).adjusted(-EDGE, -EDGE, EDGE, EDGE))
        self.place(bounds)
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        mark = self.mark
        if mark is None or self.palette is None:
            return
        center = QPointF(mark.x, mark.y)
        if mark.plate is None or mark.over:
            self._disc(painter, mark, center)
        if mark.plate is not None:
            self._plate(painter, mark, QRectF(*mark.plate))
        self._figures(painter, mark)
        for bias in mark.biases:
            self._bias(painter, bias)
        if mark.health:
            corner = center + QPointF(mark.radius, -mark.radius) * 0.78
            if mark.plate is not None and not mark.over:
                corner = QRectF(*mark.plate).topRight() - QPointF(5.0, 0.0)
            self._badge(painter, corner, min(7.5, mark.radius * 0.6))

    def _disc(self, painter: QPainter, mark: UnitMark, center: QPointF) -> None:
        if mark.active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(blend(self.color("card"), self.accent(), 0.22)))
            painter.drawEllipse(center, mark.radius + HALO, mark.radius + HALO)
        painter.setBrush(QColor(self.color("card")))
        painter.setPen(self._rim(mark))
        painter.drawEllipse(center, mark.radius, mark.radius)
        if mark.selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.color("text"), 1.6, Qt.PenStyle.DashLine))
            painter.drawEllipse(center, mark.radius + 4.5, mark.radius + 4.5)

    def _rim(self, mark: UnitMark) -> QPen:
        """Return the pen of a neuron's outline."""
        rim = pen(self.accent(), 3.0 if mark.active else 2.0) if mark.active or mark.operand else None
        rim = rim or pen(self.color("border"), 1.5)
        if mark.is_before:
            rim.setStyle(Qt.PenStyle.DashLine)
        return rim

    def _plate(self, painter: QPainter, mark: UnitMark, rect: QRectF) -> None:
        """Paint the plate of a neuron without a disc, or the one under figures wider than their disc."""
        corner = min(rect.height() / 2, PLATE_CORNER)
        if mark.active and not mark.over:
            halo = rect.adjusted(-EDGE, -EDGE, EDGE, EDGE)
            pill(painter, halo, blend(self.color("card"), self.accent(), 0.22), None, corner + EDGE)
        painter.setBrush(QColor(self.color("card")))
        painter.setPen(self._rim(mark))
        painter.drawRoundedRect(rect, corner, corner)
        if mark.selected and not mark.over:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.color("text"), 1.6, Qt.PenStyle.DashLine))
            painter.drawRoundedRect(rect.adjusted(-3.5, -3.5, 3.5, 3.5), corner + 3.5, corner + 3.5)

    def _figures(self, painter: QPainter, mark: UnitMark) -> None:
        figures = {label.role: label for label in mark.labels}
        if "z" in figures and "a" in figures:
            half = 0.55 * mark.radius
            painter.setPen(pen(self.color("border")))
            painter.drawLine(QLineF(mark.x - half, mark.y, mark.x + half, mark.y))
        for label in mark.labels:
            if label.role == "delta" and label.text.startswith("δ"):
                pill(painter, QRectF(*label.rect), self.color("backward"))
                self.write(painter, label, self.color("on_accent"), QFont.Weight.DemiBold)
            else:
                role = {"z": "muted", "delta": "backward"}.get(label.role, "text")
                weight = QFont.Weight.Medium if label.role == "a" else QFont.Weight.Normal
                self.write(painter, label, self.color(role), weight)
            if label.role in mark.moved:
                self.dot_after(painter, label)

    def _bias(self, painter: QPainter, bias: BiasMark) -> None:
        """Paint a bias as a small tag beside its neuron."""
        border = self.accent() if bias.active else self.color("border")
        pill(painter, QRectF(*bias.label.rect), self.color("card"), border, 4)
        self.write(painter, bias.label, self.accent() if bias.active else self.color("muted"))
        if bias.moved:
            self.dot_after(painter, bias.label)

    def _badge(self, painter: QPainter, center: QPointF, size: float) -> None:
        """Paint a small diamond with an exclamation mark at the rim of a neuron that has a health mark."""
        corners = [QPointF(0, -size), QPointF(size, 0), QPointF(0, size), QPointF(-size, 0)]
        painter.setPen(pen(self.color("differs"), 1.4))
        painter.setBrush(QColor(self.color("differs_wash")))
        painter.drawPolygon(QPolygonF([center + corner * 1.25 for corner in corners]))
        centered_text(painter, center, "!", ui_font(size * 1.5, QFont.Weight.Bold), self.color("differs"))


class EdgesItem(Item):
    """All edges of one layer, in a few widths and two colors; negative ones are dashed."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.mark: EdgesMark | None = None

    def show_mark(self, mark: EdgesMark, bounds: QRectF) -> None:
        """Paint the edges of a layer; unchanged edges are not painted again."""
        held = self.mark
        same = (
            held is not None
            and np.array_equal(held.lines.ends, mark.lines.ends)
            and np.array_equal(held.weights, mark.weights)
            and held.largest == mark.largest
        )
        self.mark = mark
        self.place(bounds)
        many = len(mark.weights) > ANTIALIASED
        mode = QGraphicsItem.CacheMode.DeviceCoordinateCache if many else QGraphicsItem.CacheMode.NoCache
        if self.cacheMode() != mode:
            self.setCacheMode(mode)
        if not same:
            self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.mark is None or self.palette is None:
            return
        many = len(self.mark.weights) > ANTIALIASED
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, not many)
        crowded = len(self.mark.weights) > CROWDED
        shrink = max(painter.worldTransform().m11(), 1.0) if crowded else 1.0  # or else they would cover a zoomed layer
        sizes = edge_sizes(self.mark.weights, self.mark.largest)
        finite = np.isfinite(self.mark.weights)
        buckets = np.minimum((sizes * BUCKETS).astype(int), BUCKETS - 1)
        for negative in (False, True):
            role = "negative_edge" if negative else "positive_edge"
            for bucket in range(BUCKETS):
                chosen = np.flatnonzero((buckets == bucket) & ((self.mark.weights < 0) == negative) & finite)
                if len(chosen):
                    size = (bucket + 0.5) / BUCKETS
                    color = self.color(role)
                    if crowded:  # small weights fade, so that the large ones can be followed
                        color = blend(self.color("card"), color, 0.2 + 0.8 * size)
                    drawn = edge_pen(color, size, negative and not crowded, crowded)
                    drawn.setWidthF(drawn.widthF() / shrink)
                    painter.setPen(drawn)
                    painter.drawLines(_lines(self.mark, chosen))
        if not finite.all():
            painter.setPen(pen(self.color("differs"), 2.0 / shrink, Qt.PenStyle.DotLine))
            painter.drawLines(_lines(self.mark, np.flatnonzero(~finite)))


def paint_label(painter: QPainter, label: Label, color: str, weight: QFont.Weight = QFont.Weight.Normal) -> None:
    """Paint a text in the middle of its rectangle: a formula, or a line in the typeface of its role."""
    middle = QPointF(*label.middle)
    if label.role in FORMULAS:
        formula = typeset(label.text)
        height = formula.ascent + formula.descent
        bottom = label.rect[1] + label.rect[3] - max(label.rect[3] - height * label.size, 0.0) / 2
        origin = QPointF(middle.x() - formula.width * label.size / 2, bottom - formula.descent * label.size)
        paint_formula(painter, formula, origin, label.size, QColor(color), {})
    else:
        font = ui_font(label.size, weight) if label.role in WORDS else mono_font(label.size, weight)
        centered_text(painter, middle, label.text, font, color)


def paint_outline(painter: QPainter, line: QLineF, color: str, size: float) -> None:
    """Paint the outline of a selected edge: a thin line around it, at both sides."""
    half = edge_width(size) / 2 + 2.0
    normal = line.normalVector().unitVector()
    aside = QPointF(normal.dx(), normal.dy()) * half
    painter.setPen(pen(color, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([line.p1() + aside, line.p2() + aside, line.p2() - aside, line.p1() - aside]))


def _right_edge(mark: UnitMark) -> float:
    """Return the right edge of a neuron at the height of its center, with the texts beside it."""
    plates = [] if mark.plate is None else [mark.plate]
    rects = [label.rect for label in mark.labels] + [bias.label.rect for bias in mark.biases] + plates
    beside = [left + width for left, top, width, height in rects if top < mark.y < top + height]
    return max([mark.x + mark.radius, *beside])


def edge_pen(color: str, size: float, dashed: bool, many: bool = False) -> QPen:
    """Return the pen of an edge whose weight is `size` (0 to 1) of the largest; thinner if there are many."""
    width = edge_width(size, many)
    drawn = pen(color, width)
    drawn.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        drawn.setDashPattern([14.0 / width, 3.5 / width])
    return drawn


def _lines(mark: EdgesMark, chosen: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> list[QLineF]:
    return [QLineF(*end) for end in mark.lines.ends[chosen].tolist()]


class PartsItem(Item):
    """The base of items with many parts, of which only those that have changed are painted again."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self._keys: set[tuple[LitEdge | EdgeLabel, str]] = set()

    def change(self, parts: Sequence[LitEdge | EdgeLabel], bounds: QRectF) -> None:
        """Paint again where parts are new, gone, or in the color of another phase."""
        before, self._keys = self._keys, {(part, self.phase if part.lit else "") for part in parts}
        self.place(bounds)
        for part, _ in before ^ self._keys:
            self.update(_rect_of(part))


class LitEdge(NamedTuple):
    """An edge that is drawn over the others: its ends x1, y1, x2, y2, and the size of its weight, 0 to 1."""

    ends: tuple[float, ...]
    size: float
    negative: bool
    lit: bool
    selected: bool


def _rect_of(part: LitEdge | EdgeLabel) -> QRectF:
    """Return the rectangle in which a part is painted."""
    if isinstance(part, LitEdge):
        line, air = QLineF(*part.ends), edge_width(part.size) + 12.0
        return QRectF(line.p1(), line.p2()).normalized().adjusted(-air, -air, air, air)
    rect = QRectF(part.x, part.y, 1.0, 1.0)
    for label in part.labels:
        rect = rect.united(QRectF(*label.rect))
    if part.leader is not None:
        rect = rect.united(QRectF(*part.leader, 1.0, 1.0))
    return rect.adjusted(-EDGE, -EDGE, EDGE, EDGE)


class LitEdgesItem(PartsItem):
    """The edges of the active step and the selected one, over the others, with a halo."""

    def __init__(self) -> None:
        super().__init__(1.0)
        self._edges: tuple[LitEdge, ...] = ()

    def show_marks(self, marks: tuple[EdgesMark, ...], bounds: QRectF) -> None:
        """Paint the lit and selected edges of all layers."""
        self._edges = tuple(edge for mark in marks for edge in _lit_edges(mark))
        self.change(self._edges, bounds)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for edge in self._edges:
            line = QLineF(*edge.ends)
            self.edge(painter, line, edge.size, edge.negative, edge.lit)
            if edge.selected:
                paint_outline(painter, line, self.color("text"), edge.size)


def _lit_edges(mark: EdgesMark) -> Iterator[LitEdge]:
    sizes = edge_sizes(mark.weights, mark.largest)
    for index in np.flatnonzero(mark.lit | mark.selected).tolist():
        yield LitEdge(
            ends=tuple(mark.lines.ends[index].tolist()),
            size=float(sizes[index]),
            negative=bool(mark.weights[index] < 0),
            lit=bool(mark.lit[index]),
            selected=bool(mark.selected[index]),
        )


class LabelsItem(PartsItem):
    """The numbers on edges: the weight in a small box, the gradient under it."""

    def __init__(self) -> None:
        super().__init__(2.0)
        self._labels: tuple[EdgeLabel, ...] = ()

    def show_marks(self, marks: tuple[EdgesMark, ...], bounds: QRectF) -> None:
        """Paint the numbers of all layers."""
        self._labels = tuple(label for mark in marks for label in mark.labels)
        self.change(self._labels, bounds)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for label in self._labels:
            if label.leader is not None and label.labels:
                self._leader(painter, label)
        for label in self._labels:
            self._label(painter, label)

    def _leader(self, painter: QPainter, label: EdgeLabel) -> None:
        """Paint the line from a label that is away from its edge to the edge."""
        assert label.leader is not None
        color = self.accent() if label.lit else self.color("faint")
        painter.setPen(pen(color, 1.2))
        painter.drawLine(QLineF(label.x, label.y, *label.leader))
        painter.setBrush(QColor(color))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.drawEllipse(QPointF(*label.leader), 2.2, 2.2)

    def _label(self, painter: QPainter, label: EdgeLabel) -> None:
        for text in label.labels:
            rect = QRectF(*text.rect)
            if text.role == "weight":
                pill(painter, rect, self.color("card"), self.accent() if label.lit else self.color("border"), 4)
                role = "update" if label.changed else "negative" if label.negative else "positive"
            else:
                border = self.accent() if label.lit and not label.weight else None
                pill(painter, rect, self.color("backward_wash"), border, 3)
                role = "backward"
            self.write(painter, text, self.color(role), QFont.Weight.Medium)
            if text.role in label.moved:
                self.dot_after(painter, text)


class StripItem(Item):
    """A layer too large for discs, as a strip of cells shaded by the activations."""

    def __init__(self) -> None:
        super().__init__(3.0)
        self.mark: StripMark | None = None

    def show_mark(self, mark: StripMark) -> None:
        """Paint another state of the layer."""
        self.mark = mark
        self.place(QRectF(mark.x - 50, mark.top - 8, 100, mark.bottom - mark.top + 34))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        mark = self.mark
        if mark is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        outline = QRectF(mark.x - STRIP_WIDTH / 2, mark.top, STRIP_WIDTH, mark.bottom - mark.top)
        height = outline.height() / len(mark.values)
        pixels = strip_pixels(mark.values, *(self.color(role) for role in ("card", "positive", "negative", "control")))
        if len(mark.broken):
            pixels = _broken_pixels(pixels, mark.broken, self.color("differs"))
        cells = QImage(pixels, 1, len(mark.values), 4, QImage.Format.Format_RGB32)
        painter.drawImage(outline, cells)  # as an image, because hundreds of rectangles would be too slow
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(self.color("border"), 1.2))
        painter.drawRoundedRect(outline, 3, 3)
        if mark.active is not None:
            y = mark.top + (mark.active + 0.5) * height
            painter.setPen(pen(self.accent(), 3.0 / max(painter.worldTransform().m11(), 1.0)))
            painter.drawLine(QLineF(outline.left() - 9, y, outline.right() + 9, y))
        if mark.caption:
            self.write(painter, mark.label, self.color("muted"))


def strip_pixels(
    values: np.ndarray[tuple[int], np.dtype[np.float64]], card: str, positive: str, negative: str, unknown: str
) -> bytes:
    """Return the cells of a heat strip (units,) as 32-bit pixels, one under the other."""
    known = ~np.isnan(values)
    sizes = np.abs(np.where(np.isfinite(values), values, 0.0))
    part = np.minimum(sizes / (sizes.max(initial=0.0) or 1.0), 1.0)[:, np.newaxis]
    ground, above, below, none = (_channels(color) for color in (card, positive, negative, unknown))
    strong = np.where((values >= 0)[:, np.newaxis], above, below)
    pixels = np.where(known[:, np.newaxis], np.round(ground + (strong - ground) * part), none).astype(np.uint32)
    packed = (0xFF << 24) | (pixels[:, 0] << 16) | (pixels[:, 1] << 8) | pixels[:, 2]
    return packed.astype("=u4").tobytes()


def _broken_pixels(pixels: bytes, cells: tuple[int, ...], color: str) -> bytes:
    """Return the pixels of a strip with the cells that hold NaN or infinity in `color`."""
    packed = np.frombuffer(pixels, dtype="=u4").copy()
    packed[list(cells)] = QColor(color).rgb()
    return packed.tobytes()


def _channels(color: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    parsed = QColor(color)
    return np.array([parsed.red(), parsed.green(), parsed.blue()], dtype=np.float64)


class PictureItem(Item):
    """An item that paints a part of the whole picture."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self.picture: Picture | None = None
        self._painted: tuple[object, ...] = ()

    def show_picture(self, picture: Picture) -> None:
        """Paint the part of another picture, if it has changed."""
        before, self._painted = self._painted, (self.phase, *self.parts(picture))
        self.picture = picture
        self.place(QRectF(0, 0, picture.width, picture.height))
        if self._painted != before:
            self.update()

    def parts(self, picture: Picture) -> tuple[object, ...]:
        """Return everything that is painted; implemented by each item."""
        raise NotImplementedError


class FrameItem(PictureItem):
    """The frame of the network: column titles, biases, and the error box with its dashed lines to the outputs."""

    def __init__(self) -> None:
        super().__init__(2.5)
        self.has_errors = True

    def parts(self, picture: Picture) -> tuple[object, ...]:
        boxes = (*picture.step_errors, picture.error)
        return picture.captions, boxes, picture.loops, _error_lines(picture)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.picture is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for caption in self.picture.captions:
            self._caption(painter, caption)
        for box in (*self.picture.step_errors, self.picture.error) if self.has_errors else ():
            self._error(painter, box)
        for loop in self.picture.loops:
            self._loop(painter, loop)

    def _loop(self, painter: QPainter, loop: LoopMark) -> None:
        """Paint an arrow that leaves a layer to the right, runs under it and enters it from the left."""
        left, top, width, height = loop.rect
        color = self.accent() if loop.active else self.color("muted")
        path = QPainterPath(QPointF(left + width - 20, top))
        path.cubicTo(left + width + 10, top + height, left + width - 10, top + height, left + width - 40, top + height)
        path.lineTo(left + 40, top + height)
        path.cubicTo(left + 10, top + height, left - 10, top + height, left + 20, top)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(pen(color, 2.6 if loop.active else 1.6))
        painter.drawPath(path)
        painter.setBrush(QColor(color))
        painter.setPen(Qt.PenStyle.NoPen)
        tip = QPointF(left + 20, top)
        painter.drawPolygon(QPolygonF([tip + QPointF(2, -6), tip + QPointF(-8, 6), tip + QPointF(4, 7)]))
        self.write(painter, loop.label, color)

    def _caption(self, painter: QPainter, caption: CaptionMark) -> None:
        self.write(painter, caption.label, self.accent() if caption.active else self.color("muted"))
        if caption.moved:
            self.dot_after(painter, caption.label)

    def _error(self, painter: QPainter, box: BoxMark) -> None:
        assert self.picture is not None
        rect = QRectF(*box.rect)
        painter.setPen(pen(self.color("faint"), 1.2, Qt.PenStyle.DashLine))
        for start in _error_lines(self.picture):
            painter.drawLine(QLineF(*start, rect.left() - 3, rect.center().y()))
        if box.active:
            pill(painter, rect.adjusted(-6, -6, 6, 6), blend(self.color("card"), self.accent(), 0.22), None, 12)
        pill(painter, rect, self.color("card"), self.accent() if box.active else self.color("border"), 8)
        for label in box.labels:
            weight = QFont.Weight.Medium if label.role == "error" else QFont.Weight.Normal
            self.write(painter, label, self.color("muted" if label.role == "target" else "text"), weight)
            if box.moved and label.role == "error":
                self.dot_after(painter, label)


def _error_lines(picture: Picture) -> tuple[tuple[float, float], ...]:
    """Return where the dashed lines from the outputs to the error box begin; an unrolled network has none."""
    last = max((mark.layer for mark in picture.units), default=-1)
    if picture.panels or last < 0:
        return ()
    return tuple((_right_edge(mark) + 3, mark.y) for mark in picture.units if mark.layer == last)


class GroundItem(PictureItem):
    """The panels behind the copies of a network unrolled in time."""

    def __init__(self) -> None:
        super().__init__(-1.0)

    def parts(self, picture: Picture) -> tuple[object, ...]:
        return (picture.panels,)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.picture is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for panel in self.picture.panels:
            rect = QRectF(*panel.rect)
            pill(painter, rect, self.color("control"), self.accent() if panel.active else None, 10)
            self.write(painter, panel.label, self.accent() if panel.active else self.color("muted"))
