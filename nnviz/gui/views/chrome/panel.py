"""Panels: docks drawn as cards, with a quiet heading, a grip to drag them by, and a button that closes them."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QPainter, QPainterPath, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QDockWidget,
    QHBoxLayout,
    QLabel,
    QStyle,
    QStyleOption,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnviz.gui.kit.buttons import focus_color
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ink
from nnviz.present.core.palette import Palette
from nnviz.present.words.guide_pages import guide_title
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen

RADIUS = 9.0
INSET = 6  # the margin around every card, in pixels
BUTTON_SIZE = 18  # of the buttons at the right end of a heading, logical pixels at scale 1
ROW = 20  # the height of a heading between its margins, so that all titles are at one height
ABOVE, BELOW = 4, 5  # its margins within the card


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
        self._has_grip = False
        self._ends: list[tuple[QToolButton, str]] = []  # the buttons at the right end, and their icons
        self.help: QToolButton | None = None
        self.row = QHBoxLayout(self)
        self.row.addWidget(self._label)
        self.row.addStretch(1)
        self._set_margins()

    def set_title(self, title: str) -> None:
        """Set the text of the heading."""
        self._label.setText(title.upper())

    def hide_title(self, on: bool) -> None:
        """Hide the title, or show it again."""
        self._label.setVisible(not on)

    def add(self, widget: QWidget) -> None:
        """Add a control at the right end."""
        self.row.addWidget(widget)

    def offer_guide(self, place: str, title: str) -> None:
        """Show a "?" at the right end that opens the guide at a place."""
        self.help = self.add_end("guide_button", f"{title}: open the guide", f"Open the guide: {guide_title(place)}")
        self.help.setText("?")
        self.help.clicked.connect(lambda: self.guide_asked.emit(place))

    def show_grip(self) -> None:
        """Show that the card can be dragged by its heading."""
        self._has_grip = True
        self._set_margins()
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setToolTip("Drag to move this panel; double-click to detach it")

    def add_end(self, name: str, words: str, tip: str, image: str = "") -> QToolButton:
        """Add a small button at the right end, after all controls; it does not make the heading higher."""
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAccessibleName(words)
        button.setToolTip(tip)
        button.setCursor(Qt.CursorShape.ArrowCursor)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ends.append((button, image))
        if self._palette is not None:
            self.set_theme(self._palette, self._scale)
        return button

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        font = ui_font(11 * scale, QFont.Weight.DemiBold)
        font.setLetterSpacing(QFont.SpacingType.PercentageSpacing, 107)
        self._label.setFont(font)
        ink(self._label, palette.muted)
        for button, image in self._ends:
            button.setFont(ui_font(11.5 * scale, QFont.Weight.DemiBold))
            button.setStyleSheet(_end_sheet(palette, scale))
            if image:
                button.setIcon(icon(image, palette.muted))
                button.setIconSize(QSize(round(13 * scale), round(13 * scale)))
        self._set_margins()
        self.place_ends()
        self.update()

    def place_ends(self) -> None:
        """Place the visible buttons at the right end, and the controls before them."""
        size = round(BUTTON_SIZE * self._scale)
        shown = [button for button, _ in self._ends if not button.isHidden()]
        middle = (self.height() + INSET + ABOVE - BELOW) // 2
        for place, button in enumerate(reversed(shown)):
            button.setGeometry(self.width() - INSET - 3 - (place + 1) * size, middle - size // 2, size, size)
        self._set_margins(len(shown) * size)

    def _set_margins(self, ends: int = 0) -> None:
        right = INSET + 4 + ends if ends else INSET + 10
        self.row.setContentsMargins(INSET + (18 if self._has_grip else 14), INSET + ABOVE, right, BELOW)
        self.setMinimumHeight(INSET + ABOVE + BELOW + round(ROW * self._scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.place_ends()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        _paint_card(self, self._palette, top=True)
        if self._has_grip:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._palette.faint))
            middle = (self.height() + INSET + ABOVE - BELOW) / 2
            for column in (0, 1):
                for row in (-1, 0, 1):
                    center = QPointF(INSET + 5.5 + 4 * column, middle + 4 * row)
                    painter.drawEllipse(center, 1.0, 1.0)
            painter.end()


def _end_sheet(palette: Palette, scale: float) -> str:
    radius = round(BUTTON_SIZE * scale / 2)
    return (
        f"QToolButton {{ background: transparent; color: {palette.muted}; border: 1px solid transparent;"
        f" border-radius: {radius}px; padding: 0; }}"
        f"QToolButton:hover {{ background: {palette.control_hover}; color: {palette.text}; }}"
        f"QToolButton:focus {{ border: 2px solid {focus_color(palette)}; }}"
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

    def keep_foot(self, height: int) -> None:
        """Keep so much room below the view."""
        column = self.layout()
        assert column is not None
        margins = column.contentsMargins()
        column.setContentsMargins(margins.left(), margins.top(), margins.right(), INSET + height)

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
        self.dock_back = self.heading.add_end(
            "dock_button", f"{title}: dock this panel", "Dock this panel in the window again", "arrow-back-up"
        )
        self.dock_back.hide()
        self.dock_back.clicked.connect(lambda: self.setFloating(False))
        close = self.heading.add_end("close_button", f"{title}: close this panel", "Close this panel", "x")
        close.clicked.connect(self.close)
        self.heading.show_grip()
        self.topLevelChanged.connect(self._on_float)
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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the frame of a floating panel, which has none from the window manager."""
        if self.isFloating():
            option = QStyleOption()
            option.initFrom(self)
            painter = QPainter(self)
            self.style().drawPrimitive(QStyle.PrimitiveElement.PE_FrameDockWidget, option, painter, self)
            painter.end()

    def _on_float(self, floating: bool) -> None:
        self.dock_back.setVisible(floating)
        self.heading.place_ends()
