"""The row above the network: the progress of a long run, why it stopped, and which past update is shown."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.chrome.panel import INSET
from nnviz.present.core.palette import Palette
from nnviz.present.runs.whereabouts import past_text, progress_text
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen, pill

HEIGHT = 34.0
BACK_TO_LATEST = "Back to latest (End)"


class Banner(QWidget):
    """A row that is hidden without a message; its button cancels a run or goes back to the latest update."""

    present_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._past = self._stop = self._text = ""
        self._stopped_at: Session | None = None
        self._progress: Progress | None = None
        self._from = 0
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.button = QToolButton()
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._press)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.button)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def text(self) -> str:
        """The message shown; empty if there is none."""
        return self._text if not self.isHidden() else ""

    def render_session(self, session: Session) -> None:
        """Show whether a session is in the past; keep the reason of a stop until the session moves."""
        at = self._stopped_at
        if at is not None and (at.checkpoint is not session.checkpoint or at.position != session.position):
            self._stopped_at, self._stop = None, ""
        self._past = past_text(session)
        self._show()

    def show_stop(self, session: Session, text: str) -> None:
        """Show why the session stopped."""
        self._stopped_at, self._stop = session, text
        self._show()

    def show_progress(self, progress: Progress | None) -> None:
        """Show the progress of a run; None means that it has ended."""
        if progress is not None and self._progress is None:
            self._from = progress.update
        self._progress = progress
        self._show()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.label.setFont(ui_font(13 * scale))
        self.button.setFont(ui_font(12.5 * scale))
        left, right = round((INSET + 18) * scale), round((INSET + 12) * scale)
        self._row.setContentsMargins(left, round(3 * scale), right, round(4 * scale))
        self.setFixedHeight(round(HEIGHT * scale))
        ink(self.label, palette.text)
        self._elide()
        self.update()

    def _show(self) -> None:
        """Show the progress, or else the stop and the past, with a button if there is something to do."""
        goes = self._progress is not None
        still = " · ".join(filter(None, (self._stop, self._past)))
        shown = still if self._progress is None else progress_text(self._progress)
        self.button.setText("Cancel" if goes else BACK_TO_LATEST)
        self.button.setToolTip("Stop here (Esc)" if goes else "Go back to the latest update (End, End)")
        self.button.setAccessibleName("Cancel" if goes else "Back to latest")
        self.button.setVisible(goes or bool(self._past))
        if shown != self._text:
            self._text = shown
            self.setAccessibleName(shown)
            self.setToolTip(shown)
            self._elide()
        self.setVisible(bool(shown))
        self.update()

    def _press(self) -> None:
        (self.present_asked if self._progress is None else self.cancel_asked).emit()

    def _elide(self) -> None:
        self.label.setText(
            QFontMetricsF(self.label.font()).elidedText(
                self._text, Qt.TextElideMode.ElideRight, max(self.label.width(), 40)
            )
        )

    def sizeHint(self) -> QSize:
        return QSize(200, round(HEIGHT * self._scale))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._row.activate()
        self._elide()

    def paintEvent(self, event: QPaintEvent) -> None:
        palette = self._palette
        if palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        card = QRectF(self.rect()).adjusted(INSET + 0.5, -2.0, -INSET - 0.5, 2.0)  # the card's sides, no ends
        painter.setPen(pen(palette.border))
        painter.setBrush(QColor(palette.card))
        painter.drawRect(card)
        rect = QRectF(self.rect()).adjusted(INSET + 8.5, 0.5, -INSET - 8.5, -3.5)
        pill(painter, rect, palette.convention_wash, None, 6 * self._scale)
        progress = self._progress
        if progress is not None and progress.goal is not None and progress.goal > self._from:
            done = (progress.update - self._from) / (progress.goal - self._from)
            painter.setPen(pen(palette.convention, 2.0 * self._scale))
            y = rect.bottom() - 1
            end = rect.left() + 4 + (rect.width() - 8) * min(1.0, done)
            painter.drawLine(QPointF(rect.left() + 4, y), QPointF(end, y))
        painter.end()
