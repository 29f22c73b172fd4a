"""Segments for the choices of a convention, and keys kept from the window's commands."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import QWidget

from nnviz.gui.kit.hover_box import show_details
from nnviz.gui.views.chrome.segments import Segments
from nnviz.present.words.convention_choices import Control, ConventionChoice
from nnviz.render.paint import text_width

_K = Qt.Key
MARK = 2.3  # the radius of the lesson's dot


class ChoiceSegments(Segments):
    """The choices of one control; a dot marks the lesson's choice, a choice that is impossible is faint."""

    def __init__(self, control: Control, parent: QWidget | None = None) -> None:
        super().__init__([choice.word for choice in control.choices], (), parent)
        self._control = control
        self.setAccessibleName(control.title)
        self.show_control(control)

    def show_control(self, control: Control) -> None:
        """Show another state of the same control."""
        self._control = control
        self._tips = tuple(wrapped(self.tip(index)) for index in range(len(control.choices)))
        self.set_current(control.current)
        self.setAccessibleDescription(self.tip(control.current))
        self.setEnabled(not all(choice.obstacle for choice in control.choices))
        self.update()

    def tip(self, index: int) -> str:
        """Return the tool tip of a segment."""
        return choice_tip(self._control.choices[index])

    def _allows(self, index: int | None) -> bool:
        return index is not None and not self._control.choices[index].obstacle

    def _word(self, painter: QPainter, index: int, rect: QRectF, word: str, color: str) -> None:
        if not self.isEnabled() and self._palette is not None:
            color = self._palette.faint
        super()._word(painter, index, rect, word, color)
        if self._control.choices[index].own and self._palette is not None:
            half = text_width(self._font(index == self._current), word) / 2
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._palette.forward if self.isEnabled() else self._palette.faint))
            painter.drawEllipse(
                rect.center() + QPointF(half + 6 * self._scale, 0), MARK * self._scale, MARK * self._scale
            )

    def event(self, event: QEvent) -> bool:
        # a disabled widget gets no mouse moves, but it gets tool tip events
        if event.type() == QEvent.Type.ToolTip and not self.isEnabled():
            show_details(self, self._tips[self._current], [self.rect()])
            return True
        return super().event(event)


def choice_tip(choice: ConventionChoice) -> str:
    """Return the tool tip of a choice: its description, whether it is the lesson's, and why it is impossible."""
    own = " This is the lesson's choice." if choice.own else ""
    return f"{choice.tip}{own}{f' {choice.obstacle}' if choice.obstacle else ''}"


def wrapped(text: str) -> str:
    """Return a tool tip that Qt breaks into lines, which it does with rich text only."""
    return f"<qt>{escape(text)}</qt>"


class KeptKeys(QObject):
    """An event filter that reserves keys for a control; the window's commands would be run instead."""

    def __init__(self, keys: tuple[Qt.Key, ...], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._keys = keys

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kept = (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and event.key() in self._keys
            and event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        )
        if kept:
            event.accept()
        return kept


SEGMENT_KEYS = (_K.Key_Left, _K.Key_Right)
BUTTON_KEYS = (_K.Key_Space,)
COMBO_KEYS = (_K.Key_Up, _K.Key_Down, _K.Key_Space)
LIST_KEYS = (_K.Key_Up, _K.Key_Down, _K.Key_Home, _K.Key_End, _K.Key_PageUp, _K.Key_PageDown)
