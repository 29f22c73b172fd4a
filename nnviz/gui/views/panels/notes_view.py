"""A panel with one page of labels and rows: the base of the Lesson and Health panels."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QScrollArea, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.chrome.note_row import NoteRow
from nnviz.gui.views.chrome.spark_row import SparkRow
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import ui_font

# Size, weight, color and space above of each style of label.
_STYLES = {
    "title": (15.0, QFont.Weight.DemiBold, "text", 0),
    "source": (12.5, QFont.Weight.Normal, "muted", 1),
    "heading": (12.0, QFont.Weight.DemiBold, "muted", 12),
    "line": (13.0, QFont.Weight.Normal, "text", 3),
}

BELOW = 8  # the room at the end of a page


class PanelPage(QScrollArea):
    """A page that scrolls vertically in a panel; nothing is computed while it is hidden."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName(name)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._is_seen = False
        self._session: Session | None = None


class NotesView(PanelPage):
    """A page that is rebuilt when its contents change; `left` is emitted when it gives up the focus."""

    left = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._labels: list[tuple[QLabel, str]] = []
        self._themed: list[NoteRow | SparkRow] = []
        self._page = QWidget()
        self.setWidget(self._page)

    def render_session(self, session: Session) -> None:
        """Show a session; implemented by each panel."""
        raise NotImplementedError

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self._is_seen = seen
        if seen and self._session is not None:
            self.render_session(self._session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._theme_page()

    def lines(self) -> tuple[str, ...]:
        """Return the texts of the labels."""
        return tuple(label.text() for label, _ in self._labels)

    def _begin_page(self) -> QVBoxLayout:
        """Begin a new page and return the column for its labels and rows."""
        self._labels, self._themed = [], []
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(2, 0, 2, BELOW)
        column.setSpacing(0)
        return column

    def _end_page(self, column: QVBoxLayout) -> None:
        """Show the new page instead of the previous one."""
        column.addStretch(1)
        self.setWidget(self._page)
        self._theme_page()

    def _label(self, column: QVBoxLayout, text: str, style: str) -> None:
        label = QLabel(text)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self._labels.append((label, style))
        column.addWidget(label)

    def _put(self, column: QVBoxLayout, row: NoteRow | SparkRow) -> None:
        self._themed.append(row)
        column.addWidget(row)

    def _theme_page(self) -> None:
        if self._palette is None:
            return
        ground(self.viewport(), self._page, color=self._palette.card)
        for label, style in self._labels:
            size, weight, role, above = _STYLES[style]
            label.setFont(ui_font(size * self._scale, weight))
            side = round(14 * self._scale)
            label.setContentsMargins(side, round(above * self._scale), round(10 * self._scale), round(2 * self._scale))
            ink(label, str(getattr(self._palette, role)))
        for row in self._themed:
            row.set_theme(self._palette, self._scale)
