"""The loss over the epochs: curves of one or more runs on a log or linear scale, clicked to go to an epoch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QToolButton, QWidget

from nnviz.gui.fonts import ui_font
from nnviz.gui.views.late_view import LateView
from nnviz.present.curve import LossRun, loss_text
from nnviz.present.palette import Palette

if TYPE_CHECKING:
    from nnviz.gui.views.curve_view import CurveView

FRAME_MS = 50  # between two drawings of growing curves
EMPTY = "Press Train to see the loss fall"


class LossPlot(LateView):
    """Draws runs of which the first is the present one, and a marker at the epoch where the session stands.

    `toggle` switches between the scales; it is made to stand in the panel's heading. `log_toggled(bool)` tells
    of the user's choice, to be remembered.
    """

    epoch_clicked = Signal(int)
    log_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QToolButton()
        self.toggle.setAccessibleName("Scale of the loss")
        self.toggle.setCursor(Qt.CursorShape.PointingHandCursor)
        self.toggle.clicked.connect(self._on_toggle)
        self._view: CurveView | None = None
        self._log = True
        self._waiting: tuple[tuple[LossRun, ...], int] | None = None
        self._throttle = QTimer(self)
        self._throttle.setInterval(FRAME_MS)
        self._throttle.setSingleShot(True)
        self._throttle.timeout.connect(self._on_throttle)
        self.setAccessibleName("Loss curve")
        self.set_log(True)

    @property
    def log(self) -> bool:
        """Whether the scale is logarithmic."""
        return self._log

    @property
    def view(self) -> CurveView:
        """The plot itself; built when it is not there yet."""
        self.build()
        assert self._view is not None
        return self._view

    def build(self) -> None:
        """Build the plot, and draw what was to be drawn."""
        if self._view is not None:
            return
        from nnviz.gui.views.curve_view import CurveView

        self._view = CurveView(self, EMPTY)
        self._view.epoch_clicked.connect(self.epoch_clicked)
        self._view.set_log(self._log)
        if self._palette is not None:
            self._view.set_theme(self._palette, self._scale)
        self._hold(self._view)
        self._on_throttle()

    def set_log(self, log: bool) -> None:
        """Use a log or a linear scale; nothing is emitted."""
        self._log = log
        self.toggle.setText("log scale" if log else "linear scale")
        self.toggle.setToolTip(f"Show the loss on a {'linear' if log else 'log'} scale")
        if self._view is not None:
            self._view.set_log(log)

    def render_runs(self, runs: Sequence[LossRun], marker: int = 0) -> None:
        """Show runs, the present one first, and the epoch where the session stands; drawn a few times a second."""
        self._waiting = (tuple(runs), marker)
        if not self._throttle.isActive():
            self._on_throttle()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Take other colors and sizes."""
        self.toggle.setFont(ui_font(11 * scale, QFont.Weight.DemiBold))
        self.toggle.setStyleSheet(_toggle_sheet(palette, scale))
        self.toggle.setFixedHeight(round(17 * scale))  # no more than the heading's own words
        if self._view is not None:
            self._view.set_theme(palette, scale)
        super().set_theme(palette, scale)

    def _on_toggle(self) -> None:
        self.set_log(not self.log)
        self.log_toggled.emit(self.log)

    def _on_throttle(self) -> None:
        if self._waiting is None:
            return
        runs, marker = self._waiting
        self._describe(runs)
        if self._view is None:
            return
        self._waiting = None
        self._view.show_runs(runs, marker)
        self._throttle.start()

    def _describe(self, runs: Sequence[LossRun]) -> None:
        present = next((run for run in runs if len(run.epochs)), None)
        told = EMPTY if present is None else f"Epoch {present.last_epoch}, loss {loss_text(float(present.losses[-1]))}"
        if told != self.accessibleDescription():
            self.setAccessibleDescription(told)

    def sizeHint(self) -> QSize:
        return QSize(round(424 * self._scale), round(180 * self._scale))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(180 * self._scale), round(90 * self._scale))


def _toggle_sheet(palette: Palette, scale: float) -> str:
    pad, radius = round(5 * scale), round(5 * scale)
    return f"""
        QToolButton {{ color: {palette.muted}; background: transparent; border: 1px solid transparent;
            border-radius: {radius}px; padding: 0 {pad}px; }}
        QToolButton:hover {{ background: {palette.control}; color: {palette.text}; }}
        QToolButton:focus {{ border-color: {palette.forward}; }}
    """
