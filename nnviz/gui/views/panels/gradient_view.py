"""The Gradient check panel: a verdict with its reasons, a line for the chosen parameter, and a table of all."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from nnviz.debugger.state.session import Session
from nnviz.engine.gradcheck import sample_parameters
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.panels.check_run import CheckRun
from nnviz.gui.views.panels.gradient_table import GradientTable, state_color
from nnviz.gui.views.panels.notes_view import PanelPage
from nnviz.present.core.palette import Palette
from nnviz.present.core.voice import voice_of
from nnviz.present.runs.curve import grouped
from nnviz.present.words.gradient_check_text import (
    GradientVerdict,
    chosen_parameter,
    difference_text,
    parameter_quantity,
    state_of,
    verdict,
)
from nnviz.render.fonts import ui_font
from nnviz.tracing.steps import Quantity

SAMPLE = 200  # parameters that are compared without a request
TABLE_LIVE = 2_000  # rows up to which the table is filled during the check

MOVING = "Training is running. The gradients are checked when the weights stop changing."
HINT = "Click a row to highlight its weight; double-click to go to its step."


class GradientView(PanelPage):
    """The check of the session's record, run while the panel is visible.

    `parameter_chosen(Quantity)` and `parameter_opened(Quantity)` are emitted with a gradient, `left` on Escape.
    """

    parameter_chosen = Signal(object)
    parameter_opened = Signal(object)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Gradient check", parent)
        self._verdict: GradientVerdict | None = None
        self._run = CheckRun(self)
        self._run.progressed.connect(self._show_run)
        self._is_built = False  # built late, so that the first frame of the window is fast

    def render_session(self, session: Session) -> None:
        """Check the session's record if it is a new one, and show the parameter of the step or the selection."""
        before, self._session = self._session, session
        if before is not None and before.own_lesson is not session.own_lesson:
            self._run.keep_for(session.record)
        if not self._is_seen:
            return
        if session.record is not self._run.record:
            chosen = chosen_parameter(session)
            sample = sample_parameters(session.record.architecture, SAMPLE)
            first = [] if chosen is None else [chosen]
            self._run.start(session.record, dict.fromkeys((*first, *sample)))
        elif before is None or before.notation != session.notation:
            self._show_run()
        self._show_chosen()

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible; nothing is computed while it is not."""
        self._is_seen = seen
        if seen and not self._is_built:
            self._build()
        if not seen:
            self._run.pause()
        elif self._session is not None:
            self.render_session(self._session)
            self._run.resume()

    def take_focus(self) -> None:
        """Focus the table."""
        if self._is_built:
            self.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        if not self._is_built:
            return
        ground(self.viewport(), self._page, color=palette.card)
        self._headline.setFont(ui_font(14 * scale, QFont.Weight.DemiBold))
        for label in (self._reasons, self._line, self._count, self._remarks):
            label.setFont(ui_font(12.5 * scale))
        ink(self._reasons, palette.text)
        for label in (self._count, self._remarks):
            ink(label, palette.muted)
        self._progress.setFixedHeight(round(8 * scale))
        self.table.set_theme(palette, scale)
        self.table.setMinimumHeight(round(150 * scale))
        self._ink_verdict()
        self._show_chosen()

    def shown(self) -> GradientVerdict | None:
        """Return the verdict being shown; None if there is none."""
        return self._verdict

    def line(self) -> str:
        """Return the line about the chosen parameter."""
        return self._line.text() if self._is_built else ""

    @property
    def running(self) -> bool:
        """True while parameters remain to be compared."""
        return self._run.running

    def _build(self) -> None:
        self._is_built = True
        self._headline, self._reasons, self._line, self._remarks = (QLabel() for _ in range(4))
        self.table = GradientTable()
        self._count, self._progress = QLabel(), QProgressBar()
        self.button = QPushButton("Check all")
        self._page, self._foot = QWidget(), QWidget()
        for label in (self._headline, self._reasons, self._line, self._remarks):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.PlainText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._line.setFrameShape(QFrame.Shape.NoFrame)
        self._line.setMargin(7)
        self._line.setAutoFillBackground(True)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName("Gradients checked")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._toggle_all)
        foot = QHBoxLayout(self._foot)
        foot.setContentsMargins(0, 2, 0, 0)
        foot.addWidget(self._count)
        foot.addWidget(self._progress, 1)
        foot.addStretch(0)
        foot.addWidget(self.button)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(14, 0, 10, 6)
        column.setSpacing(5)
        for widget in (self._headline, self._reasons, self._line):
            column.addWidget(widget)
        column.addWidget(self.table, 1)
        column.addWidget(self._foot)
        column.addWidget(self._remarks)
        self.setWidget(self._page)
        self.table.parameter_chosen.connect(lambda index: self.parameter_chosen.emit(self._gradient(index)))
        self.table.parameter_opened.connect(lambda index: self.parameter_opened.emit(self._gradient(index)))
        self.table.left.connect(self._leave)
        if self._palette is not None:
            self.set_theme(self._palette, self._scale)

    def _leave(self) -> None:
        """Cancel a running check, or give up the focus."""
        if self._run.running:
            self._run.cancel()
        else:
            self.left.emit()

    def _gradient(self, index: int) -> Quantity:
        assert self._session is not None
        return parameter_quantity(self._session.record.architecture, index)

    def _toggle_all(self) -> None:
        """Compare every parameter, or cancel a running check and keep its results."""
        if self._session is None:
            return
        if self._run.running:
            self._run.cancel()
        else:
            self._run.ask(self._session.record.architecture.existing.tolist())
            self._show_foot()

    def _show_run(self) -> None:
        """Show the results of the check so far."""
        if self._session is None or not self._is_built:
            return
        if self._run.running and len(self._run.differences) > TABLE_LIVE:
            self._show_foot()
            return
        voice = voice_of(self._session)
        known = tuple(self._run.differences.values())
        self._verdict = verdict(voice, known) if known else None
        self.table.rows.show_rows(known, voice)
        self.table.fit_columns()
        found = self._verdict
        self._headline.setText(found.headline if found else MOVING if self._run.waiting else "Comparing…")
        for label, lines in (
            (self._reasons, found.lines if found else ()),
            (self._remarks, found.remarks if found else ()),
        ):
            label.setText("\n".join(lines))
            label.setVisible(bool(lines))
        self.setAccessibleDescription(" ".join((found.headline, *found.lines, *found.remarks)) if found else "")
        self._ink_verdict()
        self._show_foot()
        self._show_chosen()

    def _show_foot(self) -> None:
        """Show count, progress and button unless all parameters are compared at once."""
        assert self._session is not None
        total, done = self._session.record.architecture.existing.size, len(self._run.differences)
        self._foot.setVisible(self._run.asked < total or self._run.running)
        self._count.setText(f"{grouped(done)} of {grouped(total)} compared")
        self._progress.setVisible(self._run.running)
        self._progress.setRange(0, max(self._run.asked, 1))
        self._progress.setValue(done)
        self.button.setText("Cancel" if self._run.running else "Check all")

    def _show_chosen(self) -> None:
        if self._session is None or self._palette is None or not self._is_seen:
            return
        chosen = chosen_parameter(self._session)
        if chosen is not None and self._run.record is self._session.record:
            self._run.ask_first(chosen)
        difference = None if chosen is None else self._run.differences.get(chosen)
        text = HINT if difference is None else difference_text(voice_of(self._session), difference)
        color = self._palette.muted if difference is None else state_color(self._palette, state_of(difference))
        self._line.setText(text)
        ink(self._line, color)
        ground(self._line, color=self._palette.window)
        self.table.show_chosen(chosen)

    def _ink_verdict(self) -> None:
        if self._palette is not None:
            color = self._palette.text if self._verdict is None else state_color(self._palette, self._verdict.state)
            ink(self._headline, color)
