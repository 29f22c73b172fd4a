"""The panel Gradients by layer: the norm of each layer's gradient along the run, and distributions of its numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.formats.plot_csv import norms_csv
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.lab.layer_table import LayerTable
from nnviz.gui.views.lab.live_page import LivePage
from nnviz.gui.views.training.curve_view import CurveView
from nnviz.present.core.palette import Palette
from nnviz.present.runs.layer_norms import (
    GradientNorms,
    LayerNorms,
    activation_distributions,
    norm_at,
    norm_curves,
    norms_text,
    weight_distributions,
)
from nnviz.present.runs.run_places import examples_text, is_quick_to_repeat
from nnviz.render.fonts import ui_font

WORKING, STOPPED = "Computing…", "The computation was stopped."
ABOUT = "Gradient of the mean loss of {examples}, after some updates of the run, on a log scale. A click goes there."


class LayerPlotsView(LivePage):
    """The panel. Nothing is computed while it is hidden. `update_asked(int)` is emitted on a click into the plot."""

    update_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Gradients by layer", parent)
        self.norms: LayerNorms | None = None
        self.plot, self.table, self.about = CurveView(empty=WORKING, unit="update"), LayerTable(), QLabel()
        self.about.setWordWrap(True)
        self._book = GradientNorms()
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

    def owner_of(self, session: Session) -> object:
        """Return the run: of a run that grows, what is known stays known."""
        return session.run.segments

    def make_work(self, session: Session) -> Iterator[Any]:
        """Compute the norms at the checkpoints that are kept."""
        return self._book.at_marks(session)

    def make_more(self, session: Session) -> Iterator[Any] | None:
        """Make the run again for more of its gradients, if that is quick."""
        known = self._book.whole(session) is not None
        return None if known or not is_quick_to_repeat(session) else self._book.along(session)

    def show_begin(self, session: Session) -> None:
        """Show the distributions."""
        self.table.show_numbers(weight_distributions(session.record), activation_distributions(session.record))

    def show_result(self, result: LayerNorms) -> None:
        """Show the norms."""
        session = self._session
        if session is None:
            return
        self.norms = norms = self._book.whole(session) or result
        self.plot.show_runs(norm_curves(norms), session.checkpoint.update)
        self.about.setText(ABOUT.format(examples=examples_text(norms.examples, norms.every)))
        self.plot.setAccessibleName(norms_text(norms))
        self._point_to(None)

    def show_stopped(self) -> None:
        """Show that the user has cancelled the work."""
        self.about.setText(STOPPED)

    def picture(self) -> QWidget | None:
        """Return the widget that is painted in a picture; None as long as there is nothing to show."""
        return None if self.norms is None else self._page

    def as_csv(self) -> str:
        """Return the norms as CSV."""
        assert self.norms is not None
        return norms_csv(self.norms)

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

    def _point_to(self, update: int | None) -> None:
        """Show the norms after an update; None for the present one."""
        norms, session = self.norms, self._session
        if norms is not None and session is not None:
            at = session.checkpoint.update if update is None else update
            self.table.show_norms(tuple(norm_at(norms, layer, at) for layer in range(norms.norms.shape[1])))
