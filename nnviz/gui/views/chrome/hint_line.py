"""A line of advice over the free part of a heading, which takes no room and no clicks."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel

from nnviz.gui.views.chrome.panel import Heading
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font

GAP = 10  # pixels between the line and what is beside it


class HintLine(QLabel):
    """A hint in the middle of a heading's free part; it is hidden while there is too little room."""

    def __init__(self, heading: Heading) -> None:
        super().__init__(heading)
        self._heading = heading
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setObjectName("hint_line")
        heading.installEventFilter(self)
        self.hide()

    def show_words(self, words: str) -> None:
        """Show a hint; none if `words` is empty."""
        self.setText(words)
        self._place()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self.setFont(ui_font(11.5 * scale, QFont.Weight.DemiBold))
        radius, pad = round(9 * scale), round(8 * scale)
        self.setStyleSheet(
            f"QLabel#hint_line {{ background: {palette.control}; color: {palette.control_text};"
            f" border: 1px solid {palette.border}; border-radius: {radius}px; padding: 1px {pad}px; }}"
        )
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.Show):
            self._place()
        return False

    def _place(self) -> None:
        """Move to the middle of the room between the title and the controls."""
        row, size = self._heading.row, self.sizeHint()
        row.activate()
        spacer = next((item for at in range(row.count()) if (item := row.itemAt(at)) and item.spacerItem()), None)
        room = QRect() if spacer is None else spacer.geometry().adjusted(GAP, 0, -GAP, 0)
        fits = bool(self.text()) and size.width() <= room.width()
        if fits:
            middle = row.geometry().center().y() if room.height() <= 0 else room.center().y()
            self.setGeometry(
                room.center().x() - size.width() // 2, middle - size.height() // 2, size.width(), size.height()
            )
            self.raise_()
        self.setVisible(fits)
