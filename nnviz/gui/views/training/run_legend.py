"""The legend of the loss plot: a row for each run, in which it is renamed, hidden or removed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPalette
from PySide6.QtWidgets import QFrame, QMenu, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from nnviz.gui.views.training.run_row import HEIGHT, RunRow
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.measures import LOSS, measure_text, value_at

NARROWEST, WIDEST_SHARE = 120.0, 0.5  # in logical pixels, and as a share of the panel


class RunLegend(QScrollArea):
    """The runs in the order of their creation, each with its last value or that at the hovered epoch.

    `shown_changed(int, bool)`, `renamed(int, str)`, `removed(int)` (with the run's number) and `cleared()` are emitted
    on the user's requests. The legend is hidden if there are fewer than two runs.
    """

    shown_changed = Signal(int, bool)
    renamed = Signal(int, str)
    removed = Signal(int)
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: dict[int, RunRow] = {}
        self._runs: tuple[LossRun, ...] = ()
        self._measure = LOSS
        self._epoch: int | None = None
        self._room = 0  # the width of plot and legend
        self._palette: Palette | None = None
        self._scale = 1.0
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addStretch(1)
        self.setWidget(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Ignored)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Runs")
        self.hide()

    def show_runs(self, runs: Sequence[LossRun], measure: str) -> None:
        """Show the runs that have at least one epoch."""
        self._runs = tuple(sorted((run for run in runs if len(run.epochs)), key=lambda run: run.number))
        self._measure = measure
        numbers = [run.number for run in self._runs]
        if numbers != list(self.rows):
            self._arrange(numbers)
        self._fill()
        self.setVisible(len(self._runs) > 1 or any(not run.shown for run in self._runs))

    def point_to(self, epoch: int | None) -> None:
        """Show the values at an epoch; None for the last ones."""
        self._epoch = epoch
        self._fill()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        colors = QPalette(self.palette())
        colors.setColor(QPalette.ColorRole.Window, palette.card)
        for part in (self, self.viewport(), self._body):
            part.setPalette(colors)
        for row in self.rows.values():
            row.set_theme(palette, scale)
        self._column.setContentsMargins(0, round(6 * scale), round(6 * scale), round(6 * scale))
        self._fill()

    def fit(self, width: int) -> None:
        """Fit the width to the names within the legend's share of `width`; shorten values if there is little room."""
        self._room = width
        if self._runs:
            self._fill()

    def menu_at(self, place: QPoint) -> QMenu:
        """Return the context menu at a point: for the run there, and for all runs."""
        row = next((row for row in self.rows.values() if row.geometry().contains(place)), None)
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if row is not None:
            menu.addAction("Rename…").triggered.connect(row.edit)
            menu.addAction("Remove").triggered.connect(lambda: self.removed.emit(row.run.number))
            menu.actions()[-1].setEnabled(row.run.faint)
            menu.addSeparator()
        menu.addAction("Remove all other runs").triggered.connect(self.cleared)
        return menu

    def _arrange(self, numbers: list[int]) -> None:
        for number in [number for number in self.rows if number not in numbers]:
            self.rows[number].hide()
            self.rows.pop(number).deleteLater()
        rows = {number: self.rows.get(number) or self._made() for number in numbers}
        for place, row in enumerate(rows.values()):
            self._column.insertWidget(place, row)
        self.rows = rows

    def _made(self) -> RunRow:
        row = RunRow(self._body)
        row.shown_changed.connect(self.shown_changed)
        row.renamed.connect(self.renamed)
        row.removed.connect(self.removed)
        if self._palette is not None:
            row.set_theme(self._palette, self._scale)
        return row

    def _fill(self) -> None:
        for run in self._runs:
            self.rows[run.number].show_run(run, self._text(run, self._epoch, False))
        most = WIDEST_SHARE * self._room
        margin = 14 * self._scale
        # measured with the last values, so that nothing moves while the mouse does
        rows = [self.rows[run.number].needed_width(self._text(run, None, False)) for run in self._runs]
        widest = max(rows, default=0.0) + margin
        if widest > most:
            for run in self._runs:
                self.rows[run.number].show_run(run, self._text(run, self._epoch, True))
        self.setFixedWidth(round(max(NARROWEST * self._scale, min(widest, most))))

    def _text(self, run: LossRun, epoch: int | None, short: bool) -> str:
        return measure_text(self._measure, value_at(run, self._measure, epoch), short)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_at(self._body.mapFrom(self, event.pos())).popup(event.globalPos())

    def sizeHint(self) -> QSize:
        return QSize(round(180 * self._scale), round(HEIGHT * self._scale * max(2, len(self.rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(NARROWEST * self._scale), 0)
