"""The loss over the epochs: the curves of the runs, their legend, and the controls of the plot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QToolButton, QWidget

from nnviz.gui.kit.buttons import MenuButton, button_sheet
from nnviz.gui.views.chrome.lazy_view import LazyView
from nnviz.gui.views.chrome.segments import Segments
from nnviz.gui.views.training.compare_menu import CompareMenu
from nnviz.gui.views.training.run_legend import RunLegend
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun, grouped
from nnviz.present.runs.measures import LOSS, MEASURES, REWARD, both_text
from nnviz.render.fonts import ui_font

if TYPE_CHECKING:
    from nnviz.gui.views.training.curve_view import CurveView  # noqa: F401 used in quotes below

FRAME_MS = 50  # between two drawings of growing curves
CONTROL_HEIGHT = 20  # of the controls in the heading, logical pixels at scale 1
EMPTY = "Press Train to plot the {measure}"


class LossPlot(LazyView["CurveView"]):
    """The plot of the runs, the current one first, with a marker at the session's epoch.

    `controls` belong into the panel's heading: `measures` chooses the measure, `toggle` the scale of the loss, and
    `compare` opens a menu. `log_toggled(bool)` is emitted when the user changes the scale, `epoch_clicked(int)` on a
    click into the plot, `measure_shown(str)` when another measure is shown; `legend` and `menu` have their own signals.
    """

    epoch_clicked = Signal(int)
    measure_shown = Signal(str)
    log_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.controls = QWidget()
        self.measures = Segments([LOSS], compact=True, parent=self.controls)
        self.toggle, self.compare = QToolButton(self.controls), MenuButton(self.controls, side=6)
        self.legend = RunLegend(self)
        self.menu = CompareMenu(self.compare)
        self._names: tuple[str, ...] = (LOSS,)
        self._runs: tuple[LossRun, ...] = ()
        self._preferred = ""  # the measure chosen by the user
        self._log = True
        self._waiting: tuple[tuple[LossRun, ...], int] | None = None
        self._drawn: tuple[tuple[LossRun, ...], int] | None = None
        self._throttle = QTimer(self)
        self._throttle.setInterval(FRAME_MS)
        self._throttle.setSingleShot(True)
        self._throttle.timeout.connect(self._on_throttle)
        self.setAccessibleName("Loss curve")
        self.toggle.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._build_controls()
        self.set_log(True)

    @property
    def measure(self) -> str:
        """The measure being shown; see MEASURES."""
        return self._names[self.measures.current()]

    @property
    def log(self) -> bool:
        """True if the scale is logarithmic."""
        return self._log

    def _build(self) -> None:
        """Build the plot and draw what is pending."""
        from nnviz.gui.views.training.curve_view import CurveView

        self._view = CurveView(self)
        self._view.epoch_clicked.connect(self.epoch_clicked)
        self._view.set_log(self._log)
        self._view.set_empty(EMPTY.format(measure=self.measure))
        self._view.set_measure(self.measure)
        self._view.epoch_hovered.connect(self.legend.point_to)
        if self._palette is not None:
            self._view.set_theme(self._palette, self._scale)
        body = QWidget(self)
        body.setMinimumSize(1, 1)  # the legend shrinks with the panel
        row = QHBoxLayout(body)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._view, 1)
        row.addWidget(self.legend)
        self._hold(body)
        row.setGeometry(body.rect())
        self._on_throttle()

    def set_log(self, log: bool) -> None:
        """Use a log or a linear scale, without emitting a signal."""
        self._log = log
        self.toggle.setText("log scale" if log else "linear scale")
        self.toggle.setAccessibleName(f"Loss scale: {self.toggle.text()}")
        self.toggle.setToolTip(f"Show the loss on a {'linear' if log else 'log'} scale")
        if self._view is not None:
            self._view.set_log(log)

    def set_measures(self, names: Sequence[str]) -> None:
        """Offer some of the MEASURES; show the one chosen by the user, or the reward if it is offered."""
        if tuple(names) == self._names:
            return
        self._names = tuple(names)
        self.measures.set_words(names, [MEASURES[name] for name in names])
        wished = next((name for name in (self._preferred, REWARD) if name in names), LOSS)
        self.measures.set_current(self._names.index(wished))
        self._show_measure()

    def render_runs(self, runs: Sequence[LossRun], marker: int = 0) -> None:
        """Show runs, the current one first, and a marker at an epoch; drawn at most a few times a second."""
        self._waiting = (tuple(runs), marker)
        if not self._throttle.isActive():
            self._on_throttle()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        for button in (self.toggle, self.compare):
            button.setFont(ui_font(11 * scale, QFont.Weight.DemiBold))
            button.setStyleSheet(button_sheet(palette, scale, pad=0, wide=5, radius=5))
            button.setFixedHeight(round(CONTROL_HEIGHT * scale))
        self.toggle.setMinimumWidth(round(30 * scale))  # in a very narrow window, it gives way
        self.compare.set_theme(palette, scale)
        self.measures.set_theme(palette, scale)
        self.legend.set_theme(palette, scale)
        if self._view is not None:
            self._view.set_theme(palette, scale)
        super().set_theme(palette, scale)

    def _build_controls(self) -> None:
        row = QHBoxLayout(self.controls)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        for widget in (self.compare, self.toggle, self.measures):
            row.addWidget(widget)
        self.measures.setAccessibleName("Plotted quantity")
        self.measures.chosen.connect(self._on_measure)
        self.toggle.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggle.clicked.connect(self._on_toggle)
        self.compare.setText("compare")
        self.compare.setToolTip("Train another run to compare with this one (C)")
        self.compare.setCursor(Qt.CursorShape.PointingHandCursor)
        self.compare.setMenu(self.menu)
        self._show_measure()

    def _on_measure(self, index: int) -> None:
        self._preferred = self._names[index]
        self.measures.set_current(index)
        self._show_measure()

    def _show_measure(self) -> None:
        self.toggle.setVisible(self.measure == LOSS)
        self.measures.setVisible(len(self._names) > 1)
        if self._view is not None:
            self._view.set_empty(EMPTY.format(measure=self.measure))
            self._view.set_measure(self.measure)
            self.legend.show_runs(self._runs, self.measure)
        self.setAccessibleName(f"{self.measure.capitalize()} curve")
        self._describe(self._runs)
        self.measure_shown.emit(self.measure)

    def _on_toggle(self) -> None:
        self.set_log(not self.log)
        self.log_toggled.emit(self.log)

    def _on_throttle(self) -> None:
        if self._waiting is None or self._waiting == self._drawn:  # steps change no run
            return
        runs, marker = self._waiting
        self._runs = runs
        self._describe(runs)
        if self._view is None:
            return
        self._drawn, self._waiting = self._waiting, None
        self.legend.show_runs(runs, self.measure)
        self._view.show_runs(runs, marker)
        self._throttle.start()

    def _describe(self, runs: Sequence[LossRun]) -> None:
        present = next((run for run in runs if len(run.epochs)), None)
        words = EMPTY.format(measure=self.measure)
        if present is not None:
            words = f"Epoch {grouped(present.last_epoch)}, {both_text(present, self.measure)}"
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.legend.fit(self.width())

    def sizeHint(self) -> QSize:
        return QSize(round(424 * self._scale), round(180 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(180 * self._scale), round(90 * self._scale))
