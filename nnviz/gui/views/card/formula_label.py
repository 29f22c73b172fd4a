"""A widget that shows one formula, whose operands can be hovered, clicked and highlighted."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QLinearGradient, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.present.core.palette import blend
from nnviz.render.formula_paths import FormulaPath, operand_at, paint_formula, typeset

SMALLEST = 0.6  # factor of its size; a longer formula is cut off

_PAD = 4.0  # logical pixels around the formula for the highlight
_STRUT = (0.75, 0.3)  # least em above and below the baseline, so that the height does not depend on descenders
_FADE = 24.0  # logical pixels over which a formula that is cut off fades away


class FormulaLabel(QWidget):
    """A formula on one line, `size_px` logical pixels per em, shrunk down to `SMALLEST` if it does not fit.

    `operand_hovered(int)`, `operand_clicked(int)` and `operand_asked(int)` are emitted on the user's gestures.
    """

    operand_hovered = Signal(int)  # 0 when the mouse leaves
    operand_clicked = Signal(int)
    operand_asked = Signal(int)  # on a double click

    def __init__(self, parent: QWidget | None = None, size_px: float = 22.0) -> None:
        super().__init__(parent)
        self._formula: FormulaPath = typeset("")
        self._tex = ""
        self._colors: dict[int, QColor] = {}
        self._ink: QColor | None = None
        self._size_px = size_px
        self._hovered = 0
        self._highlight = 0
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_formula(self, tex: str, colors: Mapping[int, str | QColor], ink: str | QColor | None = None) -> None:
        """Show `tex`, operands in `colors`, all else in `ink` or, if that is None, in the widget's text colour."""
        self._colors = {operand: QColor(color) for operand, color in colors.items()}
        self._ink = None if ink is None else QColor(ink)
        if tex != self._tex:
            self._tex = tex
            self._formula = typeset(tex)
            self.setAccessibleName(self._formula.speech)
            self._hover(0)
            self.updateGeometry()
        self.update()

    def set_size(self, size_px: float) -> None:
        """Set the height of an em in logical pixels."""
        if size_px != self._size_px:
            self._size_px = size_px
            self.updateGeometry()
            self.update()

    def set_highlight(self, operand: int) -> None:
        """Underline an operand and colour its background; 0 for none."""
        if operand != self._highlight:
            self._highlight = operand
            self.update()

    def formula(self) -> FormulaPath:
        """Return the formula being shown."""
        return self._formula

    def shown_size(self) -> float:
        """Return the height of an em in logical pixels, shrunk to the widget's width."""
        room = max(0.0, self.width() - 2 * _PAD)
        wide = self._formula.width * self._size_px
        return self._size_px * (1.0 if wide <= room else max(SMALLEST, room / wide))

    def baseline(self) -> QPointF:
        """Return the left end of the formula's baseline in the widget."""
        above, below = self._extent()
        slack = self.height() - (above + below) * self.shown_size()
        return QPointF(_PAD, slack / 2 + above * self.shown_size())

    def operand_at(self, point: QPoint) -> int:
        """Return the operand at a point of the widget; 0 for none."""
        return self._operand_at(QPointF(point))

    def _extent(self) -> tuple[float, float]:
        return max(self._formula.ascent, _STRUT[0]), max(self._formula.descent, _STRUT[1])

    def _operand_at(self, point: QPointF) -> int:
        return operand_at(self._formula, point - self.baseline(), self.shown_size())

    def _hover(self, operand: int) -> None:
        if operand != self._hovered:
            self._hovered = operand
            if operand:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            else:
                self.unsetCursor()
            self.operand_hovered.emit(operand)

    def _color(self, operand: int) -> QColor:
        ink = self._ink if self._ink is not None else self.palette().color(self.foregroundRole())
        return self._colors.get(operand, ink) if operand else ink

    def _ground(self) -> QColor:
        return self.palette().color(self.backgroundRole())

    def _paint_highlight(self, painter: QPainter) -> None:
        size, origin = self.shown_size(), self.baseline()
        color = self._color(self._highlight)
        # blended instead of translucent: opaque paint is cheaper, and the same in an exported picture
        wash = QColor(blend(self._ground().name(), color.name(), 0.16))
        for box in self._formula.boxes:
            if box.operand != self._highlight:
                continue
            rect = QRectF(box.rect.topLeft() * size + origin, box.rect.size() * size).adjusted(-3, -3, 3, 3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(wash)
            painter.drawRoundedRect(rect, 3, 3)
            painter.fillRect(QRectF(rect.left(), rect.bottom() - 1, rect.width(), 2), color)

    def _paint_fade(self, painter: QPainter) -> None:
        right = float(self.width())
        fade = QLinearGradient(right - _FADE, 0, right - _PAD, 0)
        clear = QColor(self._ground())
        clear.setAlpha(0)
        fade.setColorAt(0, clear)
        fade.setColorAt(1, self._ground())
        painter.fillRect(QRectF(right - _FADE, 0, _FADE, self.height()), fade)

    def sizeHint(self) -> QSize:
        above, below = self._extent()
        wide = self._formula.width * self._size_px + 2 * _PAD
        high = (above + below) * self._size_px + 2 * _PAD
        return QSize(int(wide) + 1, int(high) + 1)

    def minimumSizeHint(self) -> QSize:
        # a formula must not limit how narrow its dock can be; it fades instead
        return QSize(min(self.sizeHint().width(), int(4 * self._size_px)), self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._highlight:
            self._paint_highlight(painter)
        size = self.shown_size()
        paint_formula(painter, self._formula, self.baseline(), size, self._color(0), self._colors)
        if self._formula.width * size > self.width() - _PAD:
            self._paint_fade(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self._operand_at(event.position()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        operand = self._operand_at(event.position())
        if operand and event.button() == Qt.MouseButton.LeftButton:
            asks = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            (self.operand_asked if asks else self.operand_clicked).emit(operand)
        else:
            event.ignore()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        operand = self._operand_at(event.position())
        if operand and event.button() == Qt.MouseButton.LeftButton:
            self.operand_asked.emit(operand)
        else:
            event.ignore()

    def enterEvent(self, event: QEnterEvent) -> None:
        self._hover(self._operand_at(event.position()))

    def leaveEvent(self, event: QEvent) -> None:
        self._hover(0)
