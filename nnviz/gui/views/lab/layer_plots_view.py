"""The panel Gradients by layer: the norm of each layer's gradient along the run, and distributions of its numbers."""

from __future__ import annotations

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.lab.layer_table import LayerTable
from nnviz.gui.views.panels.notes_view import PanelPage
from nnviz.gui.views.training.curve_view import CurveView
from nnviz.present.core.palette import Palette
from nnviz.present.runs.layer_norms import (
    GradientNorms,
    LayerNorms,
    activation_distributions,
    is_quick_to_repeat,
    norm_at,
    norm_curves,
    norms_text,
    weight_distributions,
)
from nnviz.render.fonts import ui_font

PAUSE_MS = 200  # between two beginnings, while the run grows
REST_MS = 500  # without changes until the run is made again
WORKING, STOPPED = "Computing…", "The computation was stopped."
ABOUT = "Gradient of the mean loss of {examples}, after some updates of the run, on a log scale. A click goes there."


class LayerPlotsView(PanelPage):
    """The panel. Nothing is computed while it is hidden. `update_asked(int)` is emitted on a click into the plot."""

    update_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Gradients by layer", parent)
        self.norms: LayerNorms | None = None
        self.plot, self.table, self.about = CurveView(empty=WORKING, unit="update"), LayerTable(), QLabel()
        self.about.setWordWrap(True)
        self._book = GradientNorms()
        self._drawn: Session | None = None  # of which the distributions are shown
        self._is_stale = False
        self._work = BackgroundWork(self, end=self._show_norms, leave=self._show_stopped)
        self._pause = QTimer(self)
        self._pause.setInterval(PAUSE_MS)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._go_on)
        self._rest = QTimer(self)
        self._rest.setInterval(REST_MS)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._refine)
        self._page = QWidget()
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(6)
        for part in (self.plot, self.table, self.about):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(self._page)
        self.plot.epoch_clicked.connect(self.update_asked)
        self.plot.epoch_hovered.connect(self._point_to)

    def render_session(self, session: Session) -> None:
        """Show a session; a step within its pass changes nothing."""
        self._session = session
        self._work.keep_for(session.run.segments)
        if not self._is_seen or not self._is_changed(session):
            return
        self._drawn = session
        record = session.record
        self.table.show_numbers(weight_distributions(record), activation_distributions(record))
        self._is_stale = True
        self._rest.start()
        self._go_on()

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self._is_seen = seen
        if seen and self._session is not None:
            self.render_session(self._session)
        if not seen:
            self._work.drop()
            self._rest.stop()
            self._drawn = None

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        ground(self.viewport(), self._page, color=palette.card)
        self.plot.setFixedHeight(round(160 * scale))
        self.plot.set_theme(palette, scale)
        self.table.set_theme(palette, scale)
        self.about.setFont(ui_font(12 * scale))
        self.about.setContentsMargins(round(12 * scale), 0, round(12 * scale), 0)
        ink(self.about, palette.muted)

    def _is_changed(self, session: Session) -> bool:
        before = self._drawn
        return before is None or before.record is not session.record or before.run is not session.run

    def _go_on(self) -> None:
        """Begin to compute what is new, unless that was a moment ago or is under way."""
        if not self._is_stale or self._pause.isActive() or self._work.is_under_way or self._session is None:
            return
        self._is_stale = False
        self._pause.start()
        known = self._book.whole(self._session)
        if known is not None:
            self._show_norms(known)
        else:
            self._work.begin(self._book.at_marks(self._session), self._session.run.segments, at_once=True)

    def _refine(self) -> None:
        """Make the run again, for more of its gradients, if that is quick and nothing else is under way."""
        session = self._session
        if session is None or self._is_stale or self._work.is_under_way:
            self._rest.start()
        elif self._book.whole(session) is None and is_quick_to_repeat(session):
            self._work.begin(self._book.along(session), session.run.segments)

    def _show_norms(self, norms: LayerNorms) -> None:
        self.norms = norms
        if self._session is not None:
            self.plot.show_runs(norm_curves(norms), self._session.checkpoint.update)
        few = f"{norms.examples} of the {norms.every} examples" if norms.examples < norms.every else "all examples"
        self.about.setText(ABOUT.format(examples=f"{few} that are trained on"))
        self.plot.setAccessibleName(norms_text(norms))
        self._point_to(None)
        self._go_on()

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing more to compute."""
        return not (self._is_stale or self._work.is_under_way or self._rest.isActive())

    def _show_stopped(self) -> None:
        self.about.setText(STOPPED)

    def _point_to(self, update: int | None) -> None:
        """Show the norms after an update; None for the last ones."""
        norms = self.norms
        if norms is not None:
            at = update if update is not None or self._session is None else self._session.checkpoint.update
            self.table.show_norms(tuple(norm_at(norms, layer, at) for layer in range(norms.norms.shape[1])))
