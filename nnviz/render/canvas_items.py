"""The items of the network canvas: each paints one kind of mark of a picture."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPen, QPolygonF
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QWidget

from nnviz.present.core.palette import Palette, blend
from nnviz.present.network.edges import edge_sizes
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import BoxMark, CaptionMark, EdgesMark, LoopMark, Picture, StripMark, UnitMark
from nnviz.present.network.picture import ROOMY
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_formula, centered_text, formula_above, pen, pill, text_width

THIN, THICK = 1.2, 5.2
BUCKETS = 6
# More edges than this are drawn without antialiasing, which takes ten times as long.
ANTIALIASED = 800
# More edges than this are thin, not dashed, and fade with their weight.
CROWDED = 100
VALUE_RADIUS = 20.0
DOT = 2.6  # beside a number that the last choice changed


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

    def dot(self, painter: QPainter, center: QPointF, font: QFont, text: str) -> None:
        """Paint a small dot after a text centered on `center`: the last choice changed the number."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self.color("convention")))
        painter.drawEllipse(center + QPointF(text_width(font, text) / 2 + DOT + 1.5, 0), DOT, DOT)

    def shaded(self, mark: UnitMark) -> str:
        """Return the color of a disc, darker for a larger activation."""
        if mark.shade is None:
            return self.color("card")
        sign = self.color("positive" if mark.shade >= 0 else "negative")
        return blend(self.color("card"), sign, abs(mark.shade) * 0.8)

    def edge(self, painter: QPainter, line: QLineF, size: float, negative: bool, lit: bool) -> None:
        """Paint one edge over the others, with a halo if it is lit."""
        if lit:
            halo = pen(blend(self.color("card"), self.accent(), 0.25), THIN + size * (THICK - THIN) + 6)
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
        room = mark.radius + 16
        self.place(QRectF(mark.x - max(room, 60), mark.y - mark.radius - 34, 2 * max(room, 60), 2 * mark.radius + 64))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        mark = self.mark
        if mark is None or self.palette is None:
            return
        center = QPointF(mark.x, mark.y)
        self._disc(painter, mark, center)
        if mark.radius >= VALUE_RADIUS:
            centered_formula(
                painter, center - QPointF(0, mark.radius + 15), mark.tex, min(22.0, mark.radius), self.color("text")
            )
            self._figures(painter, mark, center)
        if mark.delta and mark.radius >= VALUE_RADIUS:
            self._pill(painter, mark)
        if mark.health:
            self._badge(painter, center + QPointF(mark.radius, -mark.radius) * 0.78, min(7.5, mark.radius * 0.6))

    def _disc(self, painter: QPainter, mark: UnitMark, center: QPointF) -> None:
        if mark.active:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(blend(self.color("card"), self.accent(), 0.22)))
            painter.drawEllipse(center, mark.radius + 7, mark.radius + 7)
        painter.setBrush(QColor(self._fill(mark)))
        if mark.active or mark.operand:
            painter.setPen(pen(self.accent(), 3.0 if mark.active else 2.0))
        else:
            painter.setPen(pen(self.color("border"), 1.5))
        if mark.is_before:
            painter.setPen(pen(painter.pen().color().name(), painter.pen().widthF(), Qt.PenStyle.DashLine))
        painter.drawEllipse(center, mark.radius, mark.radius)
        if mark.selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(pen(self.color("text"), 1.6, Qt.PenStyle.DashLine))
            painter.drawEllipse(center, mark.radius + 4.5, mark.radius + 4.5)

    def _fill(self, mark: UnitMark) -> str:
        """Return the color of a disc; small discs have no room for figures, so their shade shows the activation."""
        return self.color("card") if mark.radius >= VALUE_RADIUS else self.shaded(mark)

    def _figures(self, painter: QPainter, mark: UnitMark, center: QPointF) -> None:
        if mark.radius < ROOMY or not mark.z:
            size = 15.0 if mark.radius >= ROOMY else mark.radius * 0.42
            centered_text(painter, center, mark.a, mono_font(size, QFont.Weight.Medium), self.color("text"))
            if "a" in mark.moved:
                self.dot(painter, center, mono_font(size, QFont.Weight.Medium), mark.a)
            return
        small = _fitted(mono_font(11), mark.z, 1.84 * mark.radius)
        centered_text(painter, center - QPointF(0, 12), mark.z, small, self.color("muted"))
        if "z" in mark.moved:
            self.dot(painter, center - QPointF(0, 12), small, mark.z)
        painter.setPen(pen(self.color("border")))
        painter.drawLine(QLineF(mark.x - 21, mark.y, mark.x + 21, mark.y))
        font = _fitted(mono_font(15.0, QFont.Weight.Medium), mark.a, 1.84 * mark.radius)
        centered_text(painter, center + QPointF(0, 13.5), mark.a, font, self.color("text"))
        if "a" in mark.moved:
            self.dot(painter, center + QPointF(0, 13.5), font, mark.a)

    def _badge(self, painter: QPainter, center: QPointF, size: float) -> None:
        """Paint a small diamond with an exclamation mark at the rim of a neuron that has a health mark."""
        corners = [QPointF(0, -size), QPointF(size, 0), QPointF(0, size), QPointF(-size, 0)]
        painter.setPen(pen(self.color("differs"), 1.4))
        painter.setBrush(QColor(self.color("differs_wash")))
        painter.drawPolygon(QPolygonF([center + corner * 1.25 for corner in corners]))
        centered_text(painter, center, "!", ui_font(size * 1.5, QFont.Weight.Bold), self.color("differs"))

    def _pill(self, painter: QPainter, mark: UnitMark) -> None:
        text = f"δ {mark.delta}"
        font = mono_font(11.5, QFont.Weight.DemiBold)
        width = text_width(font, text) + 20
        rect = QRectF(mark.x - width / 2, mark.y + mark.radius + 7, width, 19)
        pill(painter, rect, self.color("backward"))
        centered_text(painter, rect.center(), text, font, self.color("on_accent"))
        if "delta" in mark.moved:
            self.dot(painter, rect.center() + QPointF(10, 0), font, text)


def _fitted(font: QFont, text: str, room: float) -> QFont:
    """Return the font, or a smaller one in which a text fits into a width; numbers with exponents are long."""
    width = text_width(font, text)
    if width <= room:
        return font
    smaller = QFont(font)
    smaller.setPixelSize(max(1, int(font.pixelSize() * room / width)))
    return smaller


class EdgesItem(Item):
    """All edges of one layer, in a few widths and two colors; negative ones are dashed."""

    def __init__(self) -> None:
        super().__init__(0.0)
        self.mark: EdgesMark | None = None

    def show_mark(self, mark: EdgesMark, bounds: QRectF) -> None:
        """Paint the edges of a layer; many unchanged edges are not painted again."""
        held = self.mark
        same = (
            held is not None
            and np.array_equal(held.lines.ends, mark.lines.ends)
            and np.array_equal(held.weights, mark.weights)
        )
        self.mark = mark
        self.place(bounds)
        many = len(mark.weights) > ANTIALIASED
        mode = QGraphicsItem.CacheMode.DeviceCoordinateCache if many else QGraphicsItem.CacheMode.NoCache
        if self.cacheMode() != mode:
            self.setCacheMode(mode)
        if not same or not many:
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


def edge_pen(color: str, size: float, dashed: bool, many: bool = False) -> QPen:
    """Return the pen of an edge whose weight is `size` (0 to 1) of the largest; thinner if there are many."""
    width = (0.6 if many else THIN) + size * (1.8 if many else THICK - THIN)
    drawn = pen(color, width)
    drawn.setCapStyle(Qt.PenCapStyle.FlatCap)
    if dashed:
        drawn.setDashPattern([14.0 / width, 3.5 / width])
    return drawn


def _lines(mark: EdgesMark, chosen: np.ndarray[tuple[int, ...], np.dtype[np.intp]]) -> list[QLineF]:
    return [QLineF(*end) for end in mark.lines.ends[chosen].tolist()]


class AllEdgesItem(Item):
    """The base of items that paint over the edges of all layers."""

    def __init__(self, z: float) -> None:
        super().__init__(z)
        self.marks: tuple[EdgesMark, ...] = ()

    def show_marks(self, marks: tuple[EdgesMark, ...], bounds: QRectF) -> None:
        """Paint the marks of all layers."""
        self.marks = marks
        self.place(bounds)
        self.update()


class LitEdgesItem(AllEdgesItem):
    """The edges of the active step and the selected one, over the others, with a halo."""

    def __init__(self) -> None:
        super().__init__(1.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for mark in self.marks:
            sizes = edge_sizes(mark.weights, mark.largest)
            for index in np.flatnonzero(mark.lit | mark.selected).tolist():
                line = QLineF(*mark.lines.ends[index].tolist())
                negative = bool(mark.weights[index] < 0)
                size = float(sizes[index])
                self.edge(painter, line, size, negative, bool(mark.lit[index]))
                if mark.selected[index]:
                    painter.setPen(pen(self.color("text"), 1.4, Qt.PenStyle.DashLine))
                    painter.drawLine(line.translated(0, 7))


class LabelsItem(AllEdgesItem):
    """The numbers on edges: the weight in a small box, the gradient under it."""

    def __init__(self) -> None:
        super().__init__(2.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = mono_font(12.5, QFont.Weight.Medium)
        small = mono_font(11.0, QFont.Weight.Medium)
        for mark in self.marks:
            for index, label in enumerate(mark.labels):
                width = text_width(font, label.weight) + 12
                rect = QRectF(label.x - width / 2, label.y - 10, width, 20)
                lit = label.active or bool(len(mark.lit) == len(mark.labels) and mark.lit[index])
                pill(painter, rect, self.color("card"), self.accent() if lit else self.color("border"), 4)
                role = "update" if label.changed else "negative" if label.negative else "positive"
                centered_text(painter, rect.center(), label.weight, font, self.color(role))
                if "weight" in label.moved:
                    self.dot(painter, rect.center() + QPointF(6, 0), font, label.weight)
                if label.gradient:
                    wide = text_width(small, label.gradient) + 10
                    under = QRectF(label.x - wide / 2, rect.bottom() + 1.5, wide, 16)
                    pill(painter, under, self.color("backward_wash"), None, 3)
                    centered_text(painter, under.center(), label.gradient, small, self.color("backward"))
                    if "gradient" in label.moved:
                        self.dot(painter, under.center() + QPointF(5, 0), small, label.gradient)


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
        centered_text(painter, QPointF(mark.x, mark.bottom + 14), mark.caption, ui_font(12), self.color("muted"))


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

    def show_picture(self, picture: Picture) -> None:
        """Paint the part of another picture."""
        self.picture = picture
        self.place(QRectF(0, 0, picture.width, picture.height))
        self.update()


class FrameItem(PictureItem):
    """The frame of the network: column titles, biases, and the error box with its dashed lines to the outputs."""

    def __init__(self) -> None:
        super().__init__(2.5)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.picture is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for caption in self.picture.captions:
            self._caption(painter, caption)
        for box in (*self.picture.step_errors, self.picture.error):
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
        middle = QPointF(left + width / 2, top + height + 13)
        centered_text(painter, middle, loop.text, mono_font(12.5), color)

    def _caption(self, painter: QPainter, caption: CaptionMark) -> None:
        font = ui_font(13) if caption.role == "title" else mono_font(12.5)
        color = self.accent() if caption.active else self.color("muted")
        centered_text(painter, QPointF(caption.x, caption.y), caption.text, font, color)
        if caption.moved:
            self.dot(painter, QPointF(caption.x, caption.y), font, caption.text)

    def _error(self, painter: QPainter, box: BoxMark) -> None:
        assert self.picture is not None
        rect = QRectF(*box.rect)
        if not self.picture.panels:
            painter.setPen(pen(self.color("faint"), 1.2, Qt.PenStyle.DashLine))
            last = max((mark.layer for mark in self.picture.units), default=-1)
            for mark in self.picture.units:
                if mark.layer == last and last >= 0:
                    start = QPointF(mark.x + mark.radius + 3, mark.y)
                    painter.drawLine(QLineF(start, QPointF(rect.left() - 3, rect.center().y())))
        if box.active:
            pill(painter, rect.adjusted(-6, -6, 6, 6), blend(self.color("card"), self.accent(), 0.22), None, 12)
        pill(painter, rect, self.color("card"), self.accent() if box.active else self.color("border"), 8)
        if box.tex:
            formula_above(painter, rect.center().x(), rect.top() - 8, box.tex, 19.0, self.color("text"))
        middle = rect.center()
        centered_text(painter, middle - QPointF(0, 13), box.target, mono_font(12), self.color("muted"))
        value = mono_font(15.0, QFont.Weight.Medium)
        centered_text(painter, middle + QPointF(0, 13), box.value, value, self.color("text"))
        if box.moved:
            self.dot(painter, middle + QPointF(0, 13), value, box.value)


class GroundItem(PictureItem):
    """The panels behind the copies of a network unrolled in time."""

    def __init__(self) -> None:
        super().__init__(-1.0)

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.picture is None or self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for panel in self.picture.panels:
            rect = QRectF(*panel.rect)
            pill(painter, rect, self.color("control"), self.accent() if panel.active else None, 10)
            title = QPointF(rect.left() + 62, rect.top() + 20)
            color = self.accent() if panel.active else self.color("muted")
            centered_text(painter, title, panel.title, ui_font(14), color)
