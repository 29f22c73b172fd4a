"""The view of a network's answers where there is no decision boundary."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from nnviz.engine.network import Network
from nnviz.lessons.lesson import Lesson
from nnviz.present.core.palette import Palette
from nnviz.present.runs.network_answers import Answer, AnswerKind, answer
from nnviz.render.answer_painter import Sheet, dots_of, paint_answer

REACH = 12.0  # logical pixels around a dot that belong to it


class AnswerView(QWidget):
    """Shows one kind of picture. `example_clicked(int)` is emitted when the dot of an example is clicked."""

    example_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setMouseTracking(True)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._answer: Answer | None = None

    @property
    def answer(self) -> Answer | None:
        """The picture that is shown, as data."""
        return self._answer

    def show_answer(self, kind: AnswerKind, lesson: Lesson, network: Network, example: int, work: int) -> None:
        """Show a network's answers; `work` bounds the products that computing them takes."""
        self._answer = answer(kind, network, lesson.dataset, example, work)
        self.setAccessibleName(f"{kind.value}: {self._answer.text}")
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._answer = None
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.update()

    def _example_at(self, event: QMouseEvent) -> int | None:
        if self._answer is None:
            return None
        best: tuple[float, int] | None = None
        for example, place in dots_of(self._answer, QRectF(self.rect()), self._scale):
            away = event.position() - place
            distance = math.hypot(away.x(), away.y())
            if distance <= REACH * self._scale and (best is None or distance < best[0]):
                best = distance, example
        return None if best is None else best[1]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        example = self._example_at(event)
        if event.button() == Qt.MouseButton.LeftButton and example is not None:
            self.example_clicked.emit(example)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        on_dot = self._example_at(event) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if on_dot else Qt.CursorShape.ArrowCursor)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(self._palette.card))
        if self._answer is not None:
            paint_answer(painter, self._answer, Sheet(QRectF(self.rect()), self._palette, self._scale))
        painter.end()
