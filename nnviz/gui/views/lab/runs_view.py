"""The Runs panel: the runs as a table, and the sweep that adds to them."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.formats.plot_csv import table_csv
from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.chrome.controls import tool_button
from nnviz.gui.views.lab.runs_list import RunsList
from nnviz.gui.views.lab.sweep_form import SweepForm
from nnviz.present.core.palette import Palette
from nnviz.present.lab.runs_table import TableRun
from nnviz.render.fonts import ui_font

EMPTY = "Train (T), and each run is a row here. A sweep trains many."


class RunsView(QWidget):
    """The panel. `seen(bool)` is emitted when it is shown or hidden; `cancel_asked` by the button of a sweep."""

    seen = Signal(bool)
    cancel_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self._is_seen = False
        self._session: Session | None = None
        self._is_problem = False
        self.list, self.form = RunsList(), SweepForm()
        self.sweep = tool_button("Sweep", "Train with several values of a setting, or several seeds (Shift+C)")
        self.cancel = tool_button("Cancel the sweep", "End the sweep and keep the runs that are done (Esc)")
        self.progress, self.note = QProgressBar(), QLabel(EMPTY)
        self._lay_out()
        self.form.hide()
        self.sweep.toggled.connect(self._show_form)
        self.cancel.clicked.connect(self.cancel_asked)
        self.show_sweep(None)

    @property
    def is_seen(self) -> bool:
        """Whether the panel is visible."""
        return self._is_seen

    def render_session(self, session: Session) -> None:
        """Offer the settings of a session's lesson."""
        self._session = session
        if self._is_seen:
            self.form.render_session(session)

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self._is_seen = seen
        if seen and self._session is not None:
            self.form.render_session(self._session)
        self.seen.emit(seen)

    def show_runs(self, runs: Sequence[TableRun]) -> None:
        """Show these runs."""
        self.list.show_runs(runs)
        self.list.setVisible(bool(runs))
        if self.note.text() in ("", EMPTY):
            self.say("" if runs else EMPTY)

    def show_sweep(self, part: tuple[int, int] | None) -> None:
        """Show how many runs of a sweep are done, of how many; None if none is under way."""
        for widget in (self.progress, self.cancel):
            widget.setVisible(part is not None)
        self.note.setVisible(part is None)
        if part is not None and self.form.start.hasFocus():
            self.sweep.setFocus()  # the focus of a button that is disabled would go to another panel
        self.form.start.setEnabled(part is None)
        if part is not None:
            done, total = part
            self.progress.setRange(0, total)
            self.progress.setValue(done)
            self.progress.setFormat(f"{done} of {total} runs")
            self.progress.setAccessibleDescription(self.progress.text())

    def say(self, words: str, problem: bool = False) -> None:
        """Show a line beside the button of the sweep."""
        self.note.setText(words)
        self.note.setVisible(bool(words) or self.progress.isHidden())  # keeps the button at the left
        self._is_problem = problem
        self._tint()

    def ask_for_sweep(self) -> None:
        """Show the form, and give it the focus."""
        self.sweep.setChecked(True)
        self.form.values.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.form.values.selectAll()

    def take_focus(self) -> None:
        """Focus the table, or the button if there are no runs."""
        (self.list if self.list.isVisibleTo(self) else self.sweep).setFocus()

    def picture(self) -> QWidget | None:
        """Return the widget that is painted in a picture; None as long as there are no runs."""
        return self.list if self.list.runs else None

    def as_csv(self) -> str:
        """Return the table as CSV, in the order shown."""
        return table_csv(self.list.runs)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        ground(self, color=palette.card)
        self.list.set_theme(palette, scale)
        self.form.set_theme(palette, scale)
        for button in (self.sweep, self.cancel):
            button.setFont(ui_font(13 * scale, QFont.Weight.Medium))
            button.setStyleSheet(button_sheet(palette, scale, pad=2))
        self.progress.setFont(ui_font(12 * scale))
        self.note.setFont(ui_font(12.5 * scale))
        self._tint()

    def _lay_out(self) -> None:
        self.sweep.setText("Sweep…")
        self.sweep.setCheckable(True)
        self.cancel.setText("Cancel")
        self.progress.setAccessibleName("Progress of the sweep")
        self.note.setWordWrap(True)
        self.note.setTextFormat(Qt.TextFormat.PlainText)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.sweep)
        row.addWidget(self.note, 1)
        row.addWidget(self.progress, 1)
        row.addWidget(self.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.form)
        column.addWidget(self.list, 1)
        column.addStretch(0)  # where there is no table yet

    def _show_form(self, on: bool) -> None:
        self.form.setVisible(on)
        if on:
            self.form.values.setFocus()

    def _tint(self) -> None:
        if self._palette is not None:
            ink(self.note, self._palette.differs if self._is_problem else self._palette.muted)
