"""The training strip: buttons to train, train one epoch and reset; readouts; and the training settings."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

from PySide6.QtCore import QSize, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from nnviz.engine.training import TrainingSettings
from nnviz.gui.kit.buttons import RADIUS, RING, button_sheet
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ink
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.gui.views.chrome.controls import HEIGHT, MessageRow, QuietCombo, RateField, Readout, tool_button
from nnviz.gui.views.chrome.segments import Segments
from nnviz.gui.views.training.rule_numbers import RuleNumbers
from nnviz.gui.views.training.strip_layout import StripLayout
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import accuracy_text, grouped, loss_text, reward_text
from nnviz.present.runs.run_names import OPTIMIZER_TITLES
from nnviz.render.fonts import ui_font

BEFORE = 6  # pixels before the symbol of the rate, which may begin a line
_EXAMPLE, _BATCH, _MINI_BATCH = range(3)  # the segments of "Batch size"


@dataclass(frozen=True)
class StripState:
    """The contents of the strip; a `reward` replaces the loss.

    `message` is shown apart, as an error if `problem` is true, with a button that resumes training if `resume` is.
    """

    running: bool = False
    epoch: int = 0
    loss: float | None = None
    reward: float | None = None
    accuracy: float | None = None
    examples: int = 1
    settings: TrainingSettings = field(default_factory=TrainingSettings)
    rate_symbol: str = "η"
    message: str = ""
    problem: bool = False
    resume: bool = False


class TrainingStrip(QWidget):
    """The strip shows a StripState and changes nothing by itself; its signals are emitted on the user's gestures."""

    train_toggled = Signal()
    epoch_requested = Signal()
    reset_requested = Signal()
    settings_changed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state = StripState()
        self._palette: Palette | None = None
        self._scale = 1.0
        self._mini_batch_size = 2  # examples per update when "k" is chosen
        self.train = tool_button("Train", "Train until paused (T)")
        self.one_epoch = tool_button("One epoch", "Train one epoch")
        self.reset = tool_button("Reset", "Reset to the initial weights")
        self.epoch = Readout("Epoch", "00 000", "Epochs trained")
        self.loss = Readout("Loss", "0.00000", "Mean loss per example")
        self.accuracy = Readout("Accuracy", "4 / 4", "Correctly classified examples")
        self.rate = RateField()
        self.batch_size = Segments(
            ["1", "all", "k"],
            ["One update per example", "One update per epoch, from all examples", "Mini-batch of k examples"],
        )
        self.mini_batch = WholeNumberBox()
        self.optimizer = QuietCombo()
        self.numbers = RuleNumbers()
        self._rate_name, self._batch_name = QLabel("η"), QLabel("Batch size")
        self._message = MessageRow(self)
        self._flow = StripLayout()
        self._build()
        self._connect()
        self._show()

    @property
    def state(self) -> StripState:
        """The state being shown."""
        return self._state

    @property
    def message(self) -> MessageRow:
        """The message about the training, which is placed outside the strip."""
        return self._message

    def tab_order(self) -> list[QWidget]:
        """Return the controls in the order of the Tab key."""
        buttons: list[QWidget] = [self.train, self.one_epoch, self.reset]
        return [*buttons, self.rate, self.batch_size, self.mini_batch, self.optimizer, self.numbers]

    def render_state(self, state: StripState) -> None:
        """Show another state; a field in which the user is typing keeps its text."""
        before, self._state = self._state, state
        if state != before:
            self._show(before)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.setStyleSheet(_sheet(palette, scale))
        height = round(HEIGHT * scale)
        for button, side, image in ((self.train, HEIGHT, 18), (self.one_epoch, 28, 16), (self.reset, 28, 16)):
            button.setFixedSize(round(side * scale), round(side * scale))
            button.setIconSize(QSize(round(image * scale), round(image * scale)))
        for label in (self._rate_name, self._batch_name):
            label.setFont(ui_font(13 * scale))
            ink(label, palette.muted)
        self._rate_name.setContentsMargins(round(BEFORE * scale), 0, 0, 0)
        self.numbers.set_theme(palette, scale)
        for themed in (self.epoch, self.loss, self.accuracy, self.batch_size, self.optimizer, self.rate):
            themed.set_theme(palette, scale)
        self._message.set_theme(palette, scale)
        for editor in (self.mini_batch, *self.mini_batch.findChildren(QLineEdit)):
            editor.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.mini_batch.setFixedSize(round(56 * scale), height - 4)
        self._flow.set_spacing(round(12 * scale), round(6 * scale))
        self._column.setSpacing(round(6 * scale))
        self.one_epoch.setIcon(icon("player-track-next", palette.control_text))
        self.reset.setIcon(icon("rotate", palette.control_text))
        self._show()  # the decimal mark may be another
        self._fit()

    def _build(self) -> None:
        self.rate.setAccessibleName("Learning rate")
        self.rate.setToolTip("Learning rate: any positive number")
        self.batch_size.setAccessibleName("Batch size")
        self.mini_batch.setAccessibleName("Mini-batch size")
        self.mini_batch.setToolTip("Mini-batch size: examples per update")
        self.mini_batch.setKeyboardTracking(False)
        self.mini_batch.setRange(1, 1_000_000)
        self.optimizer.setAccessibleName("Optimizer")
        self.optimizer.setToolTip("How gradients are turned into weight changes")
        for name, title in OPTIMIZER_TITLES.items():
            self.optimizer.addItem(title, name)
        self._rate_name.setBuddy(self.rate)
        self._flow.add_left(_row(self.train, self.one_epoch, self.reset, spacing=3))
        for readout in (self.epoch, self.loss, self.accuracy):
            self._flow.add_left(readout)
        self._flow.add_right(_row(self._rate_name, self.rate, spacing=6))
        self._flow.add_optional(self._batch_name)
        self._flow.add_right(_row(self.batch_size, self.mini_batch, spacing=5))
        self._flow.add_right(_row(self.optimizer, self.numbers, spacing=3))
        controls = QWidget()
        controls.setLayout(self._flow)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(controls)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Training")
        for first, second in pairwise(self.tab_order()):
            QWidget.setTabOrder(first, second)

    def _connect(self) -> None:
        self.train.clicked.connect(lambda: self.train_toggled.emit())
        self.one_epoch.clicked.connect(lambda: self.epoch_requested.emit())
        self.reset.clicked.connect(lambda: self.reset_requested.emit())
        self._message.resume.clicked.connect(lambda: self.train_toggled.emit())
        self.rate.changed.connect(self._on_rate)
        self.batch_size.chosen.connect(self._on_batch_size)
        self.mini_batch.valueChanged.connect(self._on_mini_batch)
        self.optimizer.activated.connect(self._on_optimizer)
        self.numbers.changed.connect(self._announce)

    def _on_rate(self, rate: float) -> None:
        rates = replace(self._state.settings.rates, learning_rate=rate)
        self._announce(replace(self._state.settings, rates=rates))

    def _on_batch_size(self, index: int) -> None:
        choice: str | int = {_EXAMPLE: "example", _BATCH: "batch"}.get(
            index, min(self._mini_batch_size, self.mini_batch.maximum())
        )
        self._announce(replace(self._state.settings, update_after=choice))

    def _on_mini_batch(self, count: int) -> None:
        self._mini_batch_size = count
        self._announce(replace(self._state.settings, update_after=count))

    def _on_optimizer(self, index: int) -> None:
        self._announce(replace(self._state.settings, optimizer=str(self.optimizer.itemData(index))))

    def _announce(self, settings: TrainingSettings) -> None:
        if settings != self._state.settings:
            self.settings_changed.emit(settings)

    def _show(self, before: StripState | None = None) -> None:
        state = self._state
        self.epoch.show_text(grouped(state.epoch))
        if state.reward is None:
            self.loss.set_name("Loss", "Mean loss per example")
            self.loss.show_text(loss_text(state.loss))
        else:
            self.loss.set_name("Reward", "Negative loss, summed over all examples")
            self.loss.show_text(reward_text(state.reward))
        self.accuracy.show_text(accuracy_text(state.accuracy, state.examples))
        if before is None or state.running != before.running:
            self._show_train()
        settings = (state.settings, state.rate_symbol, state.examples)
        if before is None or settings != (before.settings, before.rate_symbol, before.examples):
            self._show_settings()
        message = (state.message, state.problem, state.resume)
        if before is None or message != (before.message, before.problem, before.resume):
            self._message.show_message(*message)

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
        is_mini_batch = not isinstance(settings.update_after, str)
        place = _MINI_BATCH if is_mini_batch else (_EXAMPLE if settings.update_after == "example" else _BATCH)
        self.batch_size.set_current(place)
        blocked = self.mini_batch.blockSignals(True)  # only the user's changes are emitted
        self.mini_batch.setMaximum(max(1, self._state.examples))
        if is_mini_batch:
            self._mini_batch_size = int(settings.update_after)
            self.mini_batch.setMaximum(max(self.mini_batch.maximum(), self._mini_batch_size))
            self.mini_batch.setValue(self._mini_batch_size)
        self.mini_batch.blockSignals(blocked)
        self.mini_batch.setVisible(is_mini_batch)
        self.optimizer.setCurrentIndex(self.optimizer.findData(settings.optimizer))
        self.numbers.show_settings(settings)
        self._fit()

    def _fit(self) -> None:
        """Set the height for the current width; a splitter does not use height for width."""
        self._flow.invalidate()
        self.updateGeometry()
        self.setMinimumHeight(self.heightForWidth(self.width()))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._flow.heightForWidth(width)

    def sizeHint(self) -> QSize:
        width = self._flow.sizeHint().width()
        return QSize(width, self.heightForWidth(max(self.width(), self._flow.minimumSize().width())))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._flow.minimumSize().width(), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setMinimumHeight(self.heightForWidth(self.width()))


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
    radius = round(RADIUS * scale)
    return f"""
        {button_sheet(palette, scale, pad=0, wide=0)}
        QToolButton#train {{ background: {palette.update}; border-color: {palette.update}; }}
        QToolButton#train:hover {{ border-color: {palette.text}; }}
        QToolButton#train:focus {{ border: 3px solid {palette.text}; }}
        QLineEdit#rate {{ background: {palette.control}; color: {palette.control_text};
            border: {RING}px solid {palette.control_edge}; border-radius: {radius}px;
            selection-background-color: {palette.selection}; selection-color: {palette.text}; }}
        QLineEdit#rate:focus {{ border-color: {palette.forward}; }}
        QLineEdit#rate[wrong="true"] {{ background: {palette.differs_wash}; border-color: {palette.differs}; }}
    """
