"""The painter of the lines under a quantity: across all columns, the example's number first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView

from nnviz.render.paint import pen

INDENT, GAP = 12.0, 14.0


@dataclass(frozen=True, kw_only=True)
class Look:
    """The look of a line: its example's number, its figures, and their widths.

    `room` is the width of the longest example number; `ring` is the color of the current example's ring, or empty.
    """

    label: str
    label_width: float
    room: float
    text: str
    text_width: float
    font: QFont
    color: str
    ring: str
    muted: str
    scale: float


class LineDelegate(QStyledItemDelegate):
    """A delegate that paints such a line across its cells, each showing its part; other lines as usual."""

    def __init__(self, look: Callable[[QModelIndex | QPersistentModelIndex], Look | None], view: QTableView) -> None:
        super().__init__(view)
        self._look = look
        self._view = view

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        look = self._look(index)
        if look is None:
            super().paint(painter, option, index)
            return
        cell = QRectF(option.rect)
        # only the highlight of a selected line
        style = QStyleOptionViewItem(option)
        style.text = ""
        style.index = QModelIndex()
        self._view.style().drawPrimitive(
            self._view.style().PrimitiveElement.PE_PanelItemViewItem, style, painter, self._view
        )
        painter.save()
        painter.setClipRect(cell, Qt.ClipOperation.IntersectClip)
        left = float(self._view.columnViewportPosition(0))
        whole = QRectF(left, cell.top(), self._view.horizontalHeader().length(), cell.height())
        paint_line(painter, whole, look)
        painter.restore()


def paint_line(painter: QPainter, rect: QRectF, look: Look) -> None:
    """Paint a line into the rectangle of all its cells."""
    middle = rect.center().y()
    baseline = middle + 0.365 * look.font.pixelSize()  # half a capital's height
    left = rect.left() + INDENT * look.scale
    start = left + look.room + GAP * look.scale
    painter.setFont(look.font)
    if look.ring:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height = 19.0 * look.scale
        width = max(look.label_width + 10 * look.scale, height)
        ring = QRectF(left + look.room - look.label_width / 2 - width / 2, middle - height / 2, width, height)
        painter.setPen(pen(look.ring, 1.6))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(ring, height / 2, height / 2)
    if look.label:
        painter.setPen(QColor(look.ring or look.muted))
        painter.drawText(QPointF(left + look.room - look.label_width, baseline), look.label)
    painter.setPen(QColor(look.color))
    text, space = look.text, rect.right() - start - 4
    if look.text_width > space:
        text = QFontMetricsF(look.font).elidedText(text, Qt.TextElideMode.ElideRight, space)
    painter.drawText(QPointF(start, baseline), text)
