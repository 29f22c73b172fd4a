"""The editor of a number over the canvas or a table: Enter applies, Escape cancels, arrows and wheel adjust it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from nnviz.gui.kit.own_keys import reserve_keys
from nnviz.present.core.palette import Palette
from nnviz.render.fonts import mono_font, ui_font
from nnviz.tables.numerals import numeral_note

# Keys that the editor handles itself, instead of the window.
_OWN_KEYS = frozenset(
    (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape, Qt.Key.Key_F2)
)
_HINT = "Enter to apply · ↑ ↓ to adjust · Shift for finer steps"


class NumberField(QLineEdit):
    """The field of the editor, which handles its keys itself."""

    nudged = Signal(int, bool)  # steps up, fine
    cancelled = Signal()
    left = Signal()

    def event(self, event: QEvent) -> bool:
        return reserve_keys(event, _OWN_KEYS) or super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.nudged.emit(1 if event.key() == Qt.Key.Key_Up else -1, fine)
        elif event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        delta = event.angleDelta()
        turned = delta.y() or delta.x()  # with Alt, or with Shift on some systems, a wheel turns sideways
        fine = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if turned:
            self.nudged.emit(1 if turned > 0 else -1, fine)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() not in (Qt.FocusReason.PopupFocusReason, Qt.FocusReason.ActiveWindowFocusReason):
            self.left.emit()


class NumberEditor(QFrame):
    """A name, a field, and a line under them for a hint or an error.

    `accepted(str)`, `nudged(int, bool)` (steps up, and whether they are fine) and `cancelled()` are emitted on the
    user's keys.
    """

    accepted = Signal(str)
    nudged = Signal(int, bool)
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._window = parent
        self.setObjectName("number_editor")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.name, self.field, self.message = QLabel(), NumberField(), QLabel(_HINT)
        self._palette: Palette | None = None
        self._scale = 1.0
        line = QHBoxLayout()
        line.setSpacing(6)
        line.addWidget(self.name)
        line.addWidget(self.field, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 7)
        column.setSpacing(4)
        column.addLayout(line)
        column.addWidget(self.message)
        self.field.returnPressed.connect(lambda: self.accepted.emit(self.field.text()))
        self.field.nudged.connect(self.nudged)
        self.field.cancelled.connect(self.cancelled)
        self.field.left.connect(self._on_left)
        self.field.textEdited.connect(self._on_edited)
        self.hide()

    def open(self, owner: QWidget, at: QPoint, name: str, text: str) -> None:
        """Open the editor at a point of another widget."""
        self.name.setText(f"{name} =")
        self.field.setAccessibleName(name)
        self.show_problem("")
        self.show_text(text)
        self.adjustSize()
        window = self._window
        place = owner.mapTo(window, at) - QPoint(self.width() // 2, 22)
        x = max(4, min(place.x(), window.width() - self.width() - 4))
        y = max(4, min(place.y(), window.height() - self.height() - 4))
        self.move(x, y)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_text(self, text: str) -> None:
        """Show another number, with its text selected."""
        self.field.setText(text)
        self.field.setModified(False)
        self.field.selectAll()

    def show_problem(self, problem: str) -> None:
        """Show what is wrong, or the hint if `problem` is empty."""
        self.message.setText(problem or _HINT)
        self.field.setAccessibleDescription(problem)
        self._tint(bool(problem))
        if self.isVisible():
            self.adjustSize()

    def _on_edited(self, text: str) -> None:
        """Show how a doubtful number is read, such as 1,234, before it is applied."""
        self.show_problem("")
        self.message.setText(numeral_note(text) or _HINT)
        self.adjustSize()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.name.setFont(mono_font(13 * scale))
        self.field.setFont(mono_font(13 * scale))
        self.field.setMinimumWidth(round(150 * scale))
        self.message.setFont(ui_font(11.5 * scale))
        self._tint(False)

    def _on_left(self) -> None:
        if self.isVisible():
            if self.field.isModified():
                self.accepted.emit(self.field.text())
            if self.isVisible():
                self.hide()

    def _tint(self, problem: bool) -> None:
        palette = self._palette
        if palette is None:
            return
        ink = palette.differs if problem else palette.muted
        edge = palette.differs if problem else palette.forward
        self.setStyleSheet(
            f"QFrame#number_editor {{ background: {palette.card}; border: 1px solid {palette.border};"
            f" border-radius: {round(8 * self._scale)}px; }}"
            f"QLabel {{ color: {palette.text}; background: transparent; }}"
            f"QLineEdit {{ background: {palette.control}; color: {palette.text}; border: 1px solid {edge};"
            f" border-radius: {round(5 * self._scale)}px; padding: {round(3 * self._scale)}px; }}"
        )
        self.message.setStyleSheet(f"color: {ink};")
