"""The controls of the training strip: readouts, the learning rate, a flat combo box, a row for messages."""

from __future__ import annotations

import math

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QToolTip,
    QWidget,
)

from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.chrome.notices import paint_notice
from nnviz.present.core.palette import Palette
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import full, marked
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import pill, text_width
from nnviz.tables.numerals import NumeralError, numeral_note, read_numeral

HEIGHT = 34.0  # of a control, logical pixels at scale 1


def parse_rate(text: str) -> float:
    """Return the positive finite number that a text is. Raises NumeralError."""
    rate = read_numeral(text).value
    if rate <= 0.0:
        raise NumeralError(f"{text.strip()} is not a positive number")
    return rate


def tool_button(name: str, tip: str) -> QToolButton:
    """Return a button of the strip; its object name is derived from `name`."""
    button = QToolButton()
    button.setObjectName(name.lower().replace(" ", "_"))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


class Readout(QWidget):
    """A name and a value in tabular figures; its width never shrinks, so that its neighbors do not move."""

    def __init__(self, name: str, reserve: str, tip: str) -> None:
        super().__init__()
        self._name = name
        self._text = ""
        self._reserve = reserve
        self._width = 0.0
        self._palette: Palette | None = None
        self._scale = 1.0
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setToolTip(tip)
        self.setAccessibleName(name)

    @property
    def text(self) -> str:
        """The value shown."""
        return self._text

    def set_name(self, name: str, tip: str) -> None:
        """Show the readout of another quantity."""
        if name == self._name:
            return
        self._name, self._text = name, ""
        self.setToolTip(tip)
        self.updateGeometry()

    def show_text(self, text: str) -> None:
        """Show another value."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(f"{self._name} {text}")
        self._grow()
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self._width = text_width(self._value_font(), self._reserve)
        self._grow()
        self.updateGeometry()
        self.update()

    def _grow(self) -> None:
        width = text_width(self._value_font(), self._text)
        if width > self._width:
            self._width = width
            self.updateGeometry()

    def _name_font(self) -> QFont:
        return ui_font(13 * self._scale)

    def _value_font(self) -> QFont:
        return mono_font(13 * self._scale, QFont.Weight.Medium)

    def _value_left(self) -> float:
        return text_width(self._name_font(), self._name) + 8 * self._scale

    def sizeHint(self) -> QSize:
        return QSize(math.ceil(self._value_left() + self._width), round(HEIGHT * self._scale))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        baseline = self.height() / 2 + 4.7 * self._scale
        painter.setFont(self._name_font())
        painter.setPen(QColor(self._palette.muted))
        painter.drawText(QPointF(0, baseline), self._name)
        painter.setFont(self._value_font())
        painter.setPen(QColor(self._palette.text))
        painter.drawText(QPointF(self._value_left(), baseline), self._text)
        painter.end()


class RateField(QLineEdit):
    """A field for a positive number with all its digits; invalid text is marked.

    `changed(float)` is emitted on Enter or when the field loses the focus.
    """

    changed = Signal(float)

    def __init__(self) -> None:
        super().__init__()
        self._rate = 1.0
        self._scale = 1.0
        self.setObjectName("rate")
        self.setProperty("wrong", False)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setMaxLength(32)
        self.editingFinished.connect(self._on_finished)
        self.returnPressed.connect(self.clearFocus)  # so that keys step again
        self.textEdited.connect(lambda: self._mark(False))

    @property
    def is_wrong(self) -> bool:
        """True if the text is marked as invalid."""
        return bool(self.property("wrong"))

    def show_rate(self, rate: float) -> None:
        """Show a learning rate, unless the user is typing another."""
        self._rate = rate
        if not (self.hasFocus() and self.isModified()):
            self._write()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply another size; colors come from the strip's style sheet."""
        self._scale = scale
        self.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.show_rate(self._rate)  # the decimal mark may be another
        self._fit()

    def _write(self) -> None:
        self.setText(marked(full(self._rate)))
        self.setModified(False)
        self._mark(False)
        self._fit()

    def _fit(self) -> None:
        wide = text_width(self.font(), self.text()) + 20 * self._scale
        self.setFixedSize(round(max(48 * self._scale, min(wide, 130 * self._scale))), round(HEIGHT * self._scale) - 2)
        self.setCursorPosition(0)

    def _on_finished(self) -> None:
        if not self.isModified():
            return
        try:
            rate = parse_rate(self.text())
        except NumeralError as error:
            self._mark(True, str(error))
            return
        same, note = rate == self._rate, numeral_note(self.text())
        self._rate = rate
        self._write()
        if note:
            QToolTip.showText(self.mapToGlobal(QPoint(0, self.height())), note, self)
        if not same:
            self.changed.emit(rate)

    def _mark(self, wrong: bool, reason: str = "") -> None:
        if wrong == self.property("wrong") and not reason:
            return
        self.setProperty("wrong", wrong)
        self.setToolTip(
            f"{capital(reason)}. The learning rate is still {marked(full(self._rate))}."
            if wrong
            else "Learning rate: any positive number"
        )
        self.setAccessibleDescription(self.toolTip() if wrong else "")
        self.style().unpolish(self)
        self.style().polish(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and (self.isModified() or self.is_wrong):
            self._write()
            return
        super().keyPressEvent(event)


class QuietCombo(QComboBox):
    """A combo box drawn as a flat button, as wide as its text."""

    def __init__(self) -> None:
        super().__init__()
        self._palette: Palette | None = None
        self._scale = 1.0
        self.currentTextChanged.connect(self._fit)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = text_width(self.font(), self._words())
        return QSize(math.ceil(wide + 36 * self._scale), round(HEIGHT * self._scale) - 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def _fit(self, _: str) -> None:
        self.updateGeometry()

    def _words(self) -> str:
        return self.currentText() or self.placeholderText()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        fill = self._palette.control_hover if self.underMouse() else self._palette.control
        outline = self._palette.forward if self.hasFocus() else self._palette.control_edge
        pill(painter, rect, fill, outline, 7 * self._scale)
        painter.setFont(self.font())
        painter.setPen(QColor(self._palette.control_text))
        painter.drawText(QPointF(11 * self._scale, self.height() / 2 + 4.7 * self._scale), self._words())
        size = round(14 * self._scale)
        place = QRect(self.width() - size - round(8 * self._scale), (self.height() - size) // 2 + 1, size, size)
        icon("chevron-down", self._palette.muted).paint(painter, place)
        painter.end()


class MessageRow(QWidget):
    """A message with an optional button that resumes training; hidden without a message."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._problem = False
        self.label = QLabel()
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.resume = QToolButton()
        self.resume.setObjectName("resume")
        self.resume.setText("Resume")
        self.resume.setAccessibleName("Resume training")
        self.resume.setToolTip("Resume training from the last snapshot")
        self.resume.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.resume)
        self.setVisible(False)

    @property
    def text(self) -> str:
        """The message; empty if there is none."""
        return self.label.text()

    def show_message(self, text: str, problem: bool, resume: bool) -> None:
        """Show a message; an empty one hides the row."""
        self._problem = problem
        self.label.setText(text)
        self.setAccessibleName(text)
        self.resume.setVisible(resume)
        self.updateGeometry()
        self.setVisible(bool(text))
        self._tint()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.label.setFont(ui_font(13 * scale))
        self.resume.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.resume.setStyleSheet(button_sheet(palette, scale, pad=0, wide=8, radius=5))
        self._row.setContentsMargins(round(10 * scale), round(3 * scale), round(10 * scale), round(3 * scale))
        self._row.setSpacing(round(10 * scale))
        self._tint()

    def _tint(self) -> None:
        if self._palette is not None:
            ink(self.label, self._palette.differs if self._problem else self._palette.update)
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        wash = self._palette.differs_wash if self._problem else self._palette.update_wash
        paint_notice(painter, QRectF(self.rect()), self._palette, wash, self._scale)
        painter.end()
