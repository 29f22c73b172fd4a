"""The messages over the foot of a card: room is kept for one, and nothing moves when it appears or goes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer
from PySide6.QtGui import QColor, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from nnviz.present.core.palette import Palette
from nnviz.render.paint import pen

FOOT = 30  # the room that the card keeps below its view, logical pixels at scale 1
GAP = 4  # between two messages, and between one and the card's edge
SIDES = 12  # between the messages and the card's sides
RADIUS = 6.0


class Notices(QObject):
    """Places messages over the foot of a card: the last one in the room that is kept, the others above it."""

    def __init__(self, host: QWidget, card: QWidget) -> None:
        """Place messages over `card`, a child of `host`."""
        super().__init__(host)
        self._host, self._card = host, card
        self._all: list[QWidget] = []
        self._scale = 1.0
        self._pending = False
        card.installEventFilter(self)

    def add(self, notice: QWidget) -> None:
        """Take over a message, whether it is visible or not."""
        hidden = notice.isHidden()
        notice.setParent(self._host)
        notice.setVisible(not hidden)
        self._all.append(notice)
        notice.installEventFilter(self)

    def set_scale(self, scale: float) -> None:
        """Apply another scale."""
        self._scale = scale
        self._later()

    def place(self) -> None:
        """Give each visible message its place."""
        self._pending = False
        card = self._card.geometry()
        side, gap = round(SIDES * self._scale), round(GAP * self._scale)
        room = card.width() - 2 * side
        bottom = card.bottom() - side // 2 - gap + 1
        for notice in reversed(self._all):
            if notice.isHidden():
                continue
            size = fitted(notice, room)
            notice.setGeometry(QRect(card.left() + side, bottom - size.height(), size.width(), size.height()))
            notice.raise_()
            bottom -= size.height() + gap

    def _later(self) -> None:
        if not self._pending:
            self._pending = True
            QTimer.singleShot(0, self, self.place)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.ShowToParent, QEvent.Type.HideToParent) and watched is not self._card:
            self.place()
        elif kind == QEvent.Type.LayoutRequest or (watched is self._card and kind in _MOVED):
            self._later()
        return False


_MOVED = (QEvent.Type.Resize, QEvent.Type.Move)


def fitted(notice: QWidget, room: int) -> QSize:
    """Return the size of a message: as wide as its words and buttons, wrapped if there is too little room."""
    label = notice.findChild(QLabel)
    assert label is not None
    row = notice.layout()
    assert row is not None
    margins = row.contentsMargins()
    buttons = [button for button in notice.findChildren(QAbstractButton) if not button.isHidden()]
    beside = sum(button.sizeHint().width() + max(row.spacing(), 6) for button in buttons)
    words = notice.accessibleName() or label.text()  # the label may show them shortened
    text = QFontMetrics(label.font()).horizontalAdvance(words) + 4
    width = min(room, margins.left() + margins.right() + beside + text)
    high = max((button.sizeHint().height() for button in buttons), default=0)
    if label.wordWrap():
        high = max(high, label.heightForWidth(max(1, width - margins.left() - margins.right() - beside)))
    else:
        high = max(high, label.sizeHint().height())
    return QSize(width, high + margins.top() + margins.bottom())


def paint_notice(painter: QPainter, rect: QRectF, palette: Palette, wash: str, scale: float) -> None:
    """Paint the ground of a message, opaque and with an outline, as it may lie over a picture."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(palette.border))
    painter.setBrush(QColor(wash))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), RADIUS * scale, RADIUS * scale)
    painter.setBrush(Qt.BrushStyle.NoBrush)
