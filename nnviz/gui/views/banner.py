"""The row above the network: how far a long way is, what stopped, and that the learner is in the past."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from nnviz.debugger.session import Session
from nnviz.debugger.timeline import Progress
from nnviz.gui.fonts import ui_font
from nnviz.gui.paint import pen, pill
from nnviz.gui.tint import ink
from nnviz.gui.views.panel import INSET
from nnviz.present.palette import Palette
from nnviz.present.whereabouts import BACK_TO_PRESENT, past_text, progress_text

HEIGHT = 34.0


class Banner(QWidget):
    """Takes no room where it has nothing to say. Its button asks to cancel a way, or for the present."""

    present_asked = Signal()
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._past = self._stop = self._text = ""
        self._told_of: Session | None = None
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
        """What it says."""
        return self._text if not self.isHidden() else ""

    def render_session(self, session: Session) -> None:
        """Say whether a session is in the past; why it stopped is told until it moves on."""
        told = self._told_of
        if told is not None and (told.checkpoint is not session.checkpoint or told.position != session.position):
            self._told_of, self._stop = None, ""
        self._past = past_text(session)
        self._say()

    def show_stop(self, session: Session, text: str) -> None:
        """Say why the session has come to rest."""
        self._told_of, self._stop = session, text
        self._say()

    def show_progress(self, progress: Progress | None) -> None:
        """Say how far a way is; with None it is not gone any more."""
        if progress is not None and self._progress is None:
            self._from = progress.update
        self._progress = progress
        self._say()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.label.setFont(ui_font(13 * scale))
        self.button.setFont(ui_font(12.5 * scale))
        left, right = round((INSET + 18) * scale), round((INSET + 12) * scale)
        self._row.setContentsMargins(left, round(3 * scale), right, round(4 * scale))
        self.setFixedHeight(round(HEIGHT * scale))
        ink(self.label, palette.text)
        self._elide()
        self.update()

    def _say(self) -> None:
        """The way, or else the stop and the past; a button where one can do something about it."""
        goes = self._progress is not None
        shown = progress_text(self._progress) if self._progress is not None else " · ".join(filter(None, self._told()))
        self.button.setText("Cancel" if goes else "Back to latest")
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

    def _told(self) -> tuple[str, ...]:
        return self._stop, self._past, BACK_TO_PRESENT if self._past and not self._stop else ""

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
