"""The legend of the loss plot: a row for each run, in which it is renamed, hidden or removed."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QMenu, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.tint import ink
from nnviz.gui.views.training.run_row import HEIGHT, RunRow
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import LossRun
from nnviz.present.runs.measures import LOSS, measure_text, value_at
from nnviz.render.fonts import ui_font

NARROWEST, WIDEST_SHARE = 84.0, 1 / 3  # in logical pixels, and as a share of the panel
FOLDED = 32.0  # its width while it is folded: the lines alone, logical pixels at scale 1
DOTS = "Dots on the network mark the numbers that differ."


class RunLegend(QScrollArea):
    """The runs in the order of their creation, each with its last value or that at the hovered epoch.

    `shown_changed(int, bool)`, `renamed(int, str)`, `removed(int)` (with the run's number) and `cleared()` are emitted
    on the user's requests. The legend is hidden if there are fewer than two runs and nothing is compared. It can be
    folded, which leaves the lines.
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
        self._is_folded = False
        self._compared = ""
        self._room = 0  # the width of plot and legend
        self._palette: Palette | None = None
        self._scale = 1.0
        self._body = QWidget()
        self._column = QVBoxLayout(self._body)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.fold, self.note = QToolButton(self._body), QLabel(self._body)
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.RichText)
        self.note.hide()
        self.fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.fold.clicked.connect(self._toggle)
        self._column.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeft)
        self._column.addWidget(self.note)
        self._column.addStretch(1)
        self._describe_fold()
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
        self._show_or_hide()

    def show_comparison(self, name: str) -> None:
        """Say with which branch the pass is compared; an empty name ends that."""
        self._compared = name
        self._fill()
        self._show_or_hide()

    def set_folded(self, on: bool) -> None:
        """Leave the lines alone, or show names and values too."""
        self._is_folded = on
        self._describe_fold()
        self._fill()

    def _toggle(self) -> None:
        self.set_folded(not self._is_folded)

    def _describe_fold(self) -> None:
        words = "Show names and values" if self._is_folded else "Fold the legend"
        self.fold.setToolTip(words)
        self.fold.setAccessibleName(words)
        if self._palette is not None:
            name = "chevron-left" if self._is_folded else "chevron-right"
            self.fold.setIcon(icon(name, self._palette.muted))

    def _show_or_hide(self) -> None:
        several = len(self._runs) > 1 or any(not run.shown for run in self._runs)
        self.setVisible(several or bool(self._compared))

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
        side = round(18 * scale)
        self.fold.setFixedSize(side, side)
        self.fold.setIconSize(QSize(round(14 * scale), round(14 * scale)))
        self.fold.setStyleSheet(button_sheet(palette, scale, pad=0, wide=0, radius=5))
        self.note.setFont(ui_font(11.5 * scale))
        ink(self.note, palette.muted)
        self._describe_fold()
        self._column.setContentsMargins(0, round(6 * scale), round(6 * scale), round(6 * scale))
        self._fill()

    def fit(self, width: int) -> None:
        """Fit the width to the names within the legend's share of `width`; shorten values if there is little room."""
        self._room = width
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
            self._column.insertWidget(place + 1, row)
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
        most, margin = WIDEST_SHARE * self._room, 14 * self._scale
        # measured with the last values, so that nothing moves while the mouse does
        needed = {short: self._needed(short) + margin for short in (False, True)}
        stacked = needed[False] > most
        short = stacked and any(
            self.rows[run.number].stacked_width(self._text(run, None, False)) + margin > most for run in self._runs
        )
        for run in self._runs:
            row = self.rows[run.number]
            row.show_run(run, self._text(run, self._epoch, short))
            row.stack(stacked and not self._is_folded)
        dot = "" if self._palette is None else f'<span style="color: {self._palette.convention}">●</span> '
        self.note.setText(f"{dot}Comparing with {escape(self._compared)}. {DOTS}")
        self.note.setVisible(bool(self._compared) and not self._is_folded)
        least = 1.4 * NARROWEST * self._scale if self._compared else NARROWEST * self._scale
        width = max(min(most, max(least, needed[short])), 1.0)
        self.setFixedWidth(round(FOLDED * self._scale if self._is_folded else width))

    def _needed(self, short: bool) -> float:
        """Return the width of the widest row."""
        widths = [self.rows[run.number].needed_width(self._text(run, None, short)) for run in self._runs]
        return max(widths, default=0.0)

    def _text(self, run: LossRun, epoch: int | None, short: bool) -> str:
        return measure_text(self._measure, value_at(run, self._measure, epoch), short)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_at(self._body.mapFrom(self, event.pos())).popup(event.globalPos())

    def sizeHint(self) -> QSize:
        return QSize(round(180 * self._scale), round(HEIGHT * self._scale * max(2, len(self.rows))))

    def minimumSizeHint(self) -> QSize:
        return QSize(round(NARROWEST * self._scale), 0)
