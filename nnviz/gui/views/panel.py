"""Panels: docks drawn as cards, with a quiet heading and rounded corners."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnviz.gui.fonts import ui_font
from nnviz.gui.paint import pen
from nnviz.gui.tint import ink
from nnviz.present.palette import Palette

RADIUS = 9.0
INSET = 6  # the margin around every card, in pixels


class Heading(QWidget):
    """The upper part of a card: a title in small capitals, and controls at the right."""

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(title.upper())
        self._palette: Palette | None = None
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(INSET + 14, INSET + 9, INSET + 10, 5)
        self.row.addWidget(self._label)
        self.row.addStretch(1)

    def set_title(self, title: str) -> None:
        """Set the text of the heading."""
        self._label.setText(title.upper())

    def add(self, widget: QWidget) -> None:
        """Add a control at the right end."""
        self.row.addWidget(widget)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        font = ui_font(11 * scale, QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 107)
        self._label.setFont(font)
        ink(self._label, palette.muted)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is not None:
            _paint_card(self, self._palette, top=True)


class CardBody(QWidget):
    """The lower part of a card, around a view."""

    def __init__(self, view: QWidget, margins: tuple[int, int, int, int] = (2, 0, 2, 8)) -> None:
        super().__init__()
        self._palette: Palette | None = None
        column = QVBoxLayout(self)
        left, top, right, bottom = margins
        column.setContentsMargins(INSET + left, top, INSET + right, INSET + bottom)
        column.setSpacing(0)
        column.addWidget(view)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors."""
        self._palette = palette
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is not None:
            _paint_card(self, self._palette, top=False)


def _paint_card(widget: QWidget, palette: Palette, top: bool) -> None:
    """Paint half of a rounded card: the one with the upper corners, or the one with the lower corners."""
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    above, below = (INSET, RADIUS) if top else (-RADIUS, -INSET)
    rect = QRectF(widget.rect()).adjusted(INSET + 0.5, above + 0.5, -INSET - 0.5, below - 0.5)
    path = QPainterPath()
    path.addRoundedRect(rect, RADIUS, RADIUS)
    painter.fillPath(path, QColor(palette.card))
    painter.setPen(pen(palette.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(path)
    painter.end()


class Panel(QDockWidget):
    """A dock with one view, drawn as a card; it can be moved, floated and closed."""

    def __init__(
        self,
        name: str,
        title: str,
        view: QWidget,
        parent: QWidget | None = None,
        margins: tuple[int, int, int, int] = (2, 0, 2, 8),
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.view = view
        self.heading = Heading(title)
        self.body = CardBody(view, margins)
        self.setTitleBarWidget(self.heading)
        self.setWidget(self.body)
        self.setFeatures(
            QDockWidget.DockWidgetFeature.DockWidgetMovable
            | QDockWidget.DockWidgetFeature.DockWidgetFloatable
            | QDockWidget.DockWidgetFeature.DockWidgetClosable
        )

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes; the window does so for the view."""
        self.heading.set_theme(palette, scale)
        self.body.set_theme(palette, scale)
