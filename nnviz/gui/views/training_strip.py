"""The training strip: train, one epoch, reset; how far training is; and the settings it goes by."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFocusEvent, QFont, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QLayout,
    QLayoutItem,
    QLineEdit,
    QSizePolicy,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from nnviz.engine.training import TrainingSettings
from nnviz.gui.fonts import mono_font, ui_font
from nnviz.gui.icons import icon
from nnviz.gui.paint import pen, pill, text_width
from nnviz.gui.views.segments import Segments
from nnviz.present.curve import accuracy_text, grouped, loss_text
from nnviz.present.numbers import full
from nnviz.present.palette import Palette

OPTIMIZER_TITLES = {"sgd": "SGD", "momentum": "Momentum", "rmsprop": "RMSprop", "adam": "Adam"}
HEIGHT = 34.0  # of a control, logical pixels at scale 1

_EXAMPLE, _BATCH, _SOME = range(3)  # the segments of "Update after"


@dataclass(frozen=True)
class StripState:
    """What the strip shows. `message` is told below; `problem` says how, `resume` offers to go on from there."""

    running: bool = False
    epoch: int = 0
    loss: float | None = None
    accuracy: float | None = None
    examples: int = 1
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    rate_symbol: str = "η"
    message: str = ""
    problem: bool = False
    resume: bool = False


def parse_rate(text: str) -> float | None:
    """The positive finite number that a text writes; None where it writes none."""
    try:
        rate = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return rate if math.isfinite(rate) and rate > 0.0 else None


class TrainingStrip(QWidget):
    """Shows a StripState and emits the user's gestures; it changes nothing by itself."""

    train_toggled = Signal()
    epoch_requested = Signal()
    reset_requested = Signal()
    settings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = StripState()
        self._palette: Palette | None = None
        self._scale = 1.0
        self._some = 2  # examples an update when "k" is picked
        self.train = _tool("Train", "Train until paused (T)")
        self.one_epoch = _tool("One epoch", "Train one epoch")
        self.reset = _tool("Reset", "Back to the same initial weights")
        self.epoch = Readout("Epoch", "00 000", "Epochs trained")
        self.loss = Readout("Loss", "0.00000", "Mean loss of an example")
        self.accuracy = Readout("Accuracy", "4 / 4", "Examples classified right")
        self.rate = RateField()
        self.update_after = FocusedSegments(
            ["example", "batch", "k"],
            ["Change the weights after each example", "… after all examples", "… after so many examples"],
        )
        self.some = QSpinBox()
        self.optimizer = QuietCombo()
        self._rate_name, self._after_name = QLabel("η"), QLabel("Update after")
        self._message = MessageRow()
        self._flow = StripLayout()
        self._build()
        self._connect()
        self._show()

    @property
    def state(self) -> StripState:
        """What is shown."""
        return self._state

    @property
    def message(self) -> MessageRow:
        """The line below the controls."""
        return self._message

    def render_state(self, state: StripState) -> None:
        """Show another state; fields in which the user is typing keep the text."""
        before, self._state = self._state, state
        if state != before:
            self._show(before)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setStyleSheet(_sheet(palette, scale))
        height = round(HEIGHT * scale)
        for button, side, image in ((self.train, HEIGHT, 18), (self.one_epoch, 28, 16), (self.reset, 28, 16)):
            button.setFixedSize(round(side * scale), round(side * scale))
            button.setIconSize(QSize(round(image * scale), round(image * scale)))
        for label in (self._rate_name, self._after_name):
            label.setFont(ui_font(13 * scale))
            colors = label.palette()
            colors.setColor(label.foregroundRole(), QColor(palette.muted))
            label.setPalette(colors)
        for themed in (self.epoch, self.loss, self.accuracy, self.update_after, self.optimizer, self.rate):
            themed.set_theme(palette, scale)
        self._message.set_theme(palette, scale)
        for editor in (self.some, *self.some.findChildren(QLineEdit)):
            editor.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.some.setFixedSize(round(56 * scale), height - 4)
        self._flow.set_spacing(round(12 * scale), round(6 * scale))
        self._column.setSpacing(round(6 * scale))
        self.one_epoch.setIcon(icon("player-track-next", palette.control_text))
        self.reset.setIcon(icon("rotate", palette.control_text))
        self._show_train()
        self._fit()

    def _build(self) -> None:
        self.rate.setAccessibleName("Learning rate")
        self.rate.setToolTip("Learning rate: any positive number")
        self.update_after.setAccessibleName("Update after")
        self.some.setAccessibleName("Examples an update")
        self.some.setToolTip("Change the weights after so many examples")
        self.some.setKeyboardTracking(False)
        self.some.setRange(1, 1_000_000)
        self.optimizer.setAccessibleName("Optimizer")
        self.optimizer.setToolTip("How gradients become changes of the weights")
        for name, title in OPTIMIZER_TITLES.items():
            self.optimizer.addItem(title, name)
        self._rate_name.setBuddy(self.rate)
        self._flow.add_left(_row(self.train, self.one_epoch, self.reset, spacing=3))
        for readout in (self.epoch, self.loss, self.accuracy):
            self._flow.add_left(readout)
        self._flow.add_right(_row(self._rate_name, self.rate, spacing=6))
        self._flow.add_optional(self._after_name)
        self._flow.add_right(_row(self.update_after, self.some, spacing=5))
        self._flow.add_right(self.optimizer)
        controls = QWidget()
        controls.setLayout(self._flow)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(controls)
        self._column.addWidget(self._message)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Training")
        order = [self.train, self.one_epoch, self.reset, self.rate, self.update_after, self.some, self.optimizer]
        for first, second in zip(order, [*order[1:], self._message.resume], strict=True):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        self.train.clicked.connect(lambda: self.train_toggled.emit())
        self.one_epoch.clicked.connect(lambda: self.epoch_requested.emit())
        self.reset.clicked.connect(lambda: self.reset_requested.emit())
        self._message.resume.clicked.connect(lambda: self.train_toggled.emit())
        self.rate.changed.connect(self._on_rate)
        self.update_after.chosen.connect(self._on_update_after)
        self.some.valueChanged.connect(self._on_some)
        self.optimizer.activated.connect(self._on_optimizer)

    def _on_rate(self, rate: float) -> None:
        rates = replace(self._state.settings.rates, learning_rate=rate)
        self._announce(replace(self._state.settings, rates=rates))

    def _on_update_after(self, index: int) -> None:
        choice: str | int = {_EXAMPLE: "example", _BATCH: "batch"}.get(index, min(self._some, self.some.maximum()))
        self._announce(replace(self._state.settings, update_after=choice))

    def _on_some(self, count: int) -> None:
        self._some = count
        self._announce(replace(self._state.settings, update_after=count))

    def _on_optimizer(self, index: int) -> None:
        self._announce(replace(self._state.settings, optimizer=str(self.optimizer.itemData(index))))

    def _announce(self, settings: TrainingSettings) -> None:
        if settings != self._state.settings:
            self.settings_changed.emit(settings)

    def _show(self, before: StripState | None = None) -> None:
        state = self._state
        self.epoch.show_text(grouped(state.epoch))
        self.loss.show_text(loss_text(state.loss))
        self.accuracy.show_text(accuracy_text(state.accuracy, state.examples))
        if before is None or state.running != before.running:
            self._show_train()
        settings = (state.settings, state.rate_symbol, state.examples)
        if before is None or settings != (before.settings, before.rate_symbol, before.examples):
            self._show_settings()
        told = (state.message, state.problem, state.resume)
        if before is None or told != (before.message, before.problem, before.resume):
            self._message.show_message(*told)
            self._fit()

    def _show_train(self) -> None:
        running = self._state.running
        self.train.setAccessibleName("Pause" if running else "Train")
        self.train.setToolTip("Pause (T)" if running else "Train until paused (T)")
        if self._palette is not None:
            self.train.setIcon(icon("player-pause" if running else "player-play", self._palette.on_accent))

    def _show_settings(self) -> None:
        settings = self._state.settings
        self._rate_name.setText(self._state.rate_symbol)
        self.rate.show_rate(settings.rates.learning_rate)
        counted = not isinstance(settings.update_after, str)
        place = _SOME if counted else (_EXAMPLE if settings.update_after == "example" else _BATCH)
        self.update_after.set_current(place)
        blocked = self.some.blockSignals(True)  # only the user's changes are told
        self.some.setMaximum(max(1, self._state.examples))
        if counted:
            self._some = int(settings.update_after)
            self.some.setMaximum(max(self.some.maximum(), self._some))
            self.some.setValue(self._some)
        self.some.blockSignals(blocked)
        self.some.setVisible(counted)
        self.optimizer.setCurrentIndex(self.optimizer.findData(settings.optimizer))
        self.optimizer.updateGeometry()  # it is as wide as its word
        self._fit()

    def _fit(self) -> None:
        """Take the height that the present width asks for, also in a splitter, which does not ask."""
        self._flow.invalidate()
        self.updateGeometry()
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        told = self._message.heightForWidth(width) + self._column.spacing() if self._state.message else 0
        return self._flow.heightForWidth(width) + told

    def sizeHint(self) -> QSize:
        width = self._flow.sizeHint().width()
        return QSize(width, self.heightForWidth(max(self.width(), self._flow.minimumSize().width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._flow.minimumSize().width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))


class Readout(QWidget):
    """A name and a value in tabular figures; it grows with its value and never shrinks, so that nothing dances."""

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

    def show_text(self, text: str) -> None:
        """Show another value."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(f"{self._name} {text}")
        self._grow()
        self.update()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
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
    """A positive number with all its digits; `changed(float)` on Enter or leaving. Wrong text is only marked."""

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
        self.textEdited.connect(lambda: self._mark(False))

    @property
    def is_wrong(self) -> bool:
        """Whether the text is marked as no positive number."""
        return bool(self.property("wrong"))

    def show_rate(self, rate: float) -> None:
        """Show a learning rate, unless the user is typing another."""
        self._rate = rate
        if not (self.hasFocus() and self.isModified()):
            self._write()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other sizes; colors come from the strip's style sheet."""
        self._scale = scale
        self.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self._fit()

    def _write(self) -> None:
        self.setText(full(self._rate))
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
        rate = parse_rate(self.text())
        if rate is None:
            self._mark(True)
            return
        same = rate == self._rate
        self._rate = rate
        self._write()
        if not same:
            self.changed.emit(rate)

    def _mark(self, wrong: bool) -> None:
        if wrong == self.property("wrong"):
            return
        self.setProperty("wrong", wrong)
        self.setToolTip(
            f"Not a positive number; the learning rate is still {full(self._rate)}"
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


class FocusedSegments(Segments):
    """Segments that are reached with Tab and changed with the arrow keys."""

    def __init__(self, words: list[str], tips: list[str]) -> None:
        super().__init__(words, tips)
        self._count = len(words)
        self._ring = ""
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._ring = palette.forward
        super().set_theme(palette, scale)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and 0 <= self.current() + step < self._count:
            self.chosen.emit(self.current() + step)
        elif not step:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self.hasFocus() and self._ring:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(pen(self._ring))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 7, 7)
            painter.end()


class QuietCombo(QComboBox):
    """A combo box drawn as one of our quiet buttons."""

    def __init__(self) -> None:
        super().__init__()
        self._palette: Palette | None = None
        self._scale = 1.0

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        wide = text_width(self.font(), self.currentText())
        return QSize(math.ceil(wide + 36 * self._scale), round(HEIGHT * self._scale) - 2)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        fill = self._palette.control_hover if self.underMouse() else self._palette.control
        pill(painter, rect, fill, self._palette.forward if self.hasFocus() else None, 7 * self._scale)
        painter.setFont(self.font())
        painter.setPen(QColor(self._palette.control_text))
        painter.drawText(QPointF(11 * self._scale, self.height() / 2 + 4.7 * self._scale), self.currentText())
        size = round(14 * self._scale)
        place = QRect(self.width() - size - round(8 * self._scale), (self.height() - size) // 2 + 1, size, size)
        icon("chevron-down", self._palette.muted).paint(painter, place)
        painter.end()


class MessageRow(QWidget):
    """One message, and a button that resumes training where that is offered; it takes no room without one."""

    def __init__(self) -> None:
        super().__init__()
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
        self.resume.setToolTip("Train on from the newest place that is known")
        self.resume.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.resume)
        self.setVisible(False)

    @property
    def text(self) -> str:
        """The message, empty where there is none."""
        return self.label.text()

    def show_message(self, text: str, problem: bool, resume: bool) -> None:
        """Show a message; an empty one hides the row."""
        self._problem = problem
        self.label.setText(text)
        self.setAccessibleName(text)
        self.resume.setVisible(resume)
        self.setVisible(bool(text))
        self._tint()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.label.setFont(ui_font(13 * scale))
        self.resume.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        pad = round(12 * scale)
        self._row.setContentsMargins(pad, round(5 * scale), round(6 * scale), round(5 * scale))
        self._tint()

    def _tint(self) -> None:
        if self._palette is not None:
            colors = self.label.palette()
            ink = self._palette.differs if self._problem else self._palette.update
            colors.setColor(self.label.foregroundRole(), QColor(ink))
            self.label.setPalette(colors)
            self.update()

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return max(round(36 * self._scale), self._row.heightForWidth(width))

    def sizeHint(self) -> QSize:
        return QSize(200, round(36 * self._scale))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        wash = self._palette.differs_wash if self._problem else self._palette.update_wash
        pill(painter, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), wash, None, 7 * self._scale)
        painter.end()


class StripLayout(QLayout):
    """Two groups on one line, left and right; where they do not fit, one below the other, each wrapping by itself.

    Optional widgets are left out where that alone makes everything fit on one line.
    """

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []  # Qt does not keep the Python halves
        self._left = 0  # how many belong to the left group; they come first
        self._optional: set[int] = set()  # places in the list
        self._gap = 12
        self._line_gap = 6

    def add_left(self, widget: QWidget) -> None:
        """Put a widget at the end of the left group, before any of the right one."""
        self._left += 1
        self.addWidget(widget)

    def add_right(self, widget: QWidget) -> None:
        """Put a widget at the end of the right group."""
        self.addWidget(widget)

    def add_optional(self, widget: QWidget) -> None:
        """Put a caption of the next widget at the end of the right group."""
        self._optional.add(len(self._items))
        self.addWidget(widget)

    def set_spacing(self, gap: int, line_gap: int) -> None:
        """Set how far widgets and lines stand apart."""
        self._gap, self._line_gap = gap, line_gap
        self.invalidate()

    def _lines(self, width: int) -> list[list[int]]:
        """The places of the items on each line."""
        every = list(range(len(self._items)))
        needed = [index for index in every if index not in self._optional]
        for line in (every, needed):
            if self._wide(line) + self._gap <= width:
                return [line]
        return [*self._wrapped(every[: self._left], width), *self._wrapped(every[self._left :], width)]

    def _wrapped(self, places: list[int], width: int) -> list[list[int]]:
        lines: list[list[int]] = []
        for index in places:
            if lines and self._wide([*lines[-1], index]) <= width:
                lines[-1].append(index)
            else:
                lines.append([index])
        return lines

    def _after(self, index: int) -> int:
        return self._gap // 2 if index in self._optional else self._gap

    def _wide(self, line: list[int]) -> int:
        return sum(self._items[i].sizeHint().width() for i in line) + sum(self._after(i) for i in line[:-1])

    def _high(self, line: list[int]) -> int:
        return max(self._items[index].sizeHint().height() for index in line)

    def _place(self, rect: QRect, line: list[int], top: int, alone: bool) -> None:
        height, x = self._high(line), rect.left()
        right = [index for index in line if index >= self._left]
        for index in line:
            if alone and right and index == right[0]:
                x = rect.right() + 1 - self._wide(right)
            size = self._items[index].sizeHint()
            self._items[index].setGeometry(QRect(QPoint(x, top + (height - size.height()) // 2), size))
            x += size.width() + self._after(index)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = self._lines(width)
        return sum(map(self._high, lines)) + self._line_gap * (len(lines) - 1)

    def sizeHint(self) -> QSize:
        width = self._wide(list(range(len(self._items)))) + self._gap
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        widest = max((item.sizeHint().width() for item in self._items), default=0)
        return QSize(widest, round(HEIGHT))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        top, lines = rect.top(), self._lines(rect.width())
        for line in lines:
            self._place(rect, line, top, alone=len(lines) == 1)
            top += self._high(line) + self._line_gap
        for index in self._optional.difference(*lines):
            self._items[index].setGeometry(QRect())


def _tool(name: str, tip: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name.lower().replace(" ", "_"))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _row(*widgets: QWidget, spacing: int) -> QWidget:
    row = QWidget()
    line = QHBoxLayout(row)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(spacing)
    for widget in widgets:
        line.addWidget(widget)
    row.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
    return row


def _sheet(palette: Palette, scale: float) -> str:
    radius = round(7 * scale)
    return f"""
        QToolButton {{ background: {palette.control}; color: {palette.control_text};
            border: 1px solid {palette.control}; border-radius: {radius}px; }}
        QToolButton:hover {{ background: {palette.control_hover}; border-color: {palette.control_hover}; }}
        QToolButton#train {{ background: {palette.update}; border-color: {palette.update}; }}
        QToolButton:focus, QToolButton#train:focus {{ border-color: {palette.text}; }}
        QToolButton#resume {{ padding: {round(4 * scale)}px {round(12 * scale)}px; }}
        QLineEdit#rate {{ background: {palette.control}; color: {palette.control_text};
            border: 1px solid {palette.control}; border-radius: {radius}px;
            selection-background-color: {palette.selection}; selection-color: {palette.text}; }}
        QLineEdit#rate:focus {{ border-color: {palette.forward}; }}
        QLineEdit#rate[wrong="true"] {{ background: {palette.differs_wash}; border-color: {palette.differs}; }}
    """
