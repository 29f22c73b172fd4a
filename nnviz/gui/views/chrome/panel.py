"""Panels: docks drawn as cards, with a quiet heading and rounded corners."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QDockWidget, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from nnviz.gui.kit.tint import ink
from nnviz.present.core.palette import Palette
from nnviz.present.words.guide_pages import guide_title
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen

RADIUS = 9.0
INSET = 6  # the margin around every card, in pixels
HELP_SIZE = 18  # of the button that opens the guide, logical pixels at scale 1


class Heading(QWidget):
    """The upper part of a card: a title in small capitals, and controls at the right.

    `guide_asked` is emitted with the place in the guide that the "?" at the right end opens.
    """

    guide_asked = Signal(str)

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._label = QLabel(title.upper())
        self._palette: Palette | None = None
        self._scale = 1.0
        self.help: QToolButton | None = None
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

    def offer_guide(self, place: str, title: str) -> None:
        """Show a "?" at the right end that opens the guide at a place."""
        self.help = QToolButton(self)
        self.help.setText("?")
        self.help.setObjectName("guide_button")
        self.help.setAccessibleName(f"{title}: open the guide")
        self.help.setToolTip(f"Open the guide: {guide_title(place)}")
        self.help.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.help.clicked.connect(lambda: self.guide_asked.emit(place))
        if self._palette is not None:
            self.set_theme(self._palette, self._scale)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        font = ui_font(11 * scale, QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 107)
        self._label.setFont(font)
        ink(self._label, palette.muted)
        if self.help is not None:
            self.help.setFont(ui_font(11.5 * scale, QFont.Weight.DemiBold))
            self.help.setStyleSheet(_help_sheet(palette, scale))
            self._place_help(self.help)
        self.update()

    def _place_help(self, button: QToolButton) -> None:
        """Keep the "?" at the right end, beside the controls; it does not make the heading higher."""
        size = round(HELP_SIZE * self._scale)
        self.row.setContentsMargins(INSET + 14, INSET + 9, INSET + 4 + size, 5)
        middle = (self.height() + INSET + 4) // 2
        button.setGeometry(self.width() - INSET - 3 - size, middle - size // 2, size, size)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.help is not None:
            self._place_help(self.help)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is not None:
            _paint_card(self, self._palette, top=True)


def _help_sheet(palette: Palette, scale: float) -> str:
    radius = round(HELP_SIZE * scale / 2)
    return (
        f"QToolButton {{ background: transparent; color: {palette.muted}; border: 1px solid transparent;"
        f" border-radius: {radius}px; padding: 0; }}"
        f"QToolButton:hover {{ background: {palette.control_hover}; color: {palette.text}; }}"
        f"QToolButton:focus {{ border-color: {palette.forward}; }}"
    )


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
        guide: str = "",
    ) -> None:
        super().__init__(title, parent)
        self.setObjectName(name)
        self.view = view
        self.heading = Heading(title)
        if guide:
            self.heading.offer_guide(guide, title)
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
