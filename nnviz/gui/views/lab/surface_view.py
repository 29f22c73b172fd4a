"""The panel Loss surface: two weights to choose, the loss over both, and the path that the run took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.engine.network import Architecture
from nnviz.formats.plot_csv import surface_csv
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.chrome.controls import QuietCombo
from nnviz.gui.views.lab.live_page import LivePage
from nnviz.gui.views.lab.surface_plot import SurfacePlot, surface_text
from nnviz.present.core.palette import Palette
from nnviz.present.core.voice import voice_of
from nnviz.present.runs.curve import loss_text
from nnviz.present.runs.loss_surface import LossSurface, loss_surface, widest_moves
from nnviz.present.runs.run_places import examples_text
from nnviz.present.words.gradient_check_text import parameter_text
from nnviz.render.fonts import ui_font

MOST_OFFERED = 2000  # parameters in the lists
STOPPED = "Stopped"
ABOUT = "Mean loss of {examples}, {loss} here; the other weights are held. A click goes to an update of the path."


class SurfaceView(LivePage):
    """The panel. `update_asked(int)` is emitted on a click into the plot."""

    update_asked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Loss surface", parent)
        self.combos = QuietCombo(), QuietCombo()
        self.plot, self.about = SurfacePlot(), QLabel()
        self.about.setWordWrap(True)
        self._names = tuple(QLabel(words) for words in ("Across", "Up"))
        self._offered: tuple[object, ...] = ()  # for which the lists were filled
        self._architecture: Architecture | None = None
        self._is_chosen = False  # by the user
        self._page = QWidget()
        row = QHBoxLayout()
        for name, combo, words in zip(self._names, self.combos, ("Weight across", "Weight upwards"), strict=True):
            combo.setAccessibleName(words)
            combo.activated.connect(self._choose)
            row.addWidget(name)
            row.addWidget(combo)
        row.addStretch(1)
        row.setContentsMargins(14, 0, 8, 0)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 8)
        column.setSpacing(6)
        column.addLayout(row)
        column.addWidget(self.plot, 1)
        column.addWidget(self.about)
        self.setWidget(self._page)
        self.plot.update_asked.connect(self.update_asked)

    @property
    def chosen(self) -> tuple[int, int]:
        """The flat indices of the two weights."""
        first, second = (int(combo.currentData()) for combo in self.combos)
        return first, second

    def choose(self, first: int, second: int) -> None:
        """Choose two weights by their flat indices."""
        for combo, index in zip(self.combos, (first, second), strict=True):
            combo.setCurrentIndex(combo.findData(index))
        self._choose()

    def owner_of(self, session: Session) -> object:
        """Return the lesson: while the run grows, a surface is finished before the next one begins."""
        return session.lesson

    def make_work(self, session: Session) -> Iterator[Any]:
        """Compute the surface of the chosen weights."""
        return loss_surface(session, *self.chosen)

    def show_begin(self, session: Session) -> None:
        """Offer the weights; the first choice are those that the run has moved farthest."""
        architecture = session.record.architecture
        source = (architecture, session.notation)
        if architecture != self._architecture:
            self._architecture, self._is_chosen = architecture, False
            self._work.drop()  # it is about weights of another network
        moves = None if self._is_chosen or self._work.is_under_way else widest_moves(session)
        if source != self._offered or moves is not None:
            self._offer(session, moves or self.chosen, is_new=source != self._offered)
        self._offered = source

    def show_result(self, result: LossSurface) -> None:
        """Show the surface."""
        session = self._session
        if session is None:
            return
        voice = voice_of(session)
        names = parameter_text(voice, result.first), parameter_text(voice, result.second)
        self.plot.show_surface(result, names)
        self.plot.show_words("")
        self.plot.setAccessibleDescription(surface_text(result, names))
        examples = examples_text(result.examples, result.every)
        self.about.setText(ABOUT.format(examples=examples, loss=loss_text(result.loss)))

    def show_progress(self, item: float) -> None:
        """Show which part of the surface is computed."""
        self.plot.show_words(f"Computing… {100 * item:.0f} %")

    def show_stopped(self) -> None:
        """Show that the user has cancelled the work."""
        self.plot.show_words(STOPPED)

    def picture(self) -> QWidget | None:
        """Return the widget that is painted in a picture; None as long as there is nothing to show."""
        return None if self.plot.surface is None else self.plot

    def as_csv(self) -> str:
        """Return the losses as CSV."""
        assert self.plot.surface is not None
        return surface_csv(self.plot.surface, self.plot.names)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        ground(self.viewport(), self._page, color=palette.card)
        self.plot.setMinimumHeight(round(150 * scale))
        self.plot.set_theme(palette, scale)
        for combo in self.combos:
            combo.set_theme(palette, scale)
        for label in (*self._names, self.about):
            label.setFont(ui_font(12 * scale))
            ink(label, palette.muted)
        self.about.setContentsMargins(round(12 * scale), 0, round(12 * scale), 0)

    def _offer(self, session: Session, chosen: tuple[int, int], *, is_new: bool) -> None:
        voice, count = voice_of(session), session.record.architecture.parameter_count
        offered = sorted({*range(min(count, MOST_OFFERED)), *chosen})
        names = [parameter_text(voice, index) for index in offered] if is_new else []
        for combo, index in zip(self.combos, chosen, strict=True):
            if is_new:
                combo.clear()
                for name, parameter in zip(names, offered, strict=True):
                    combo.addItem(name, parameter)
            elif combo.findData(index) < 0:
                combo.addItem(parameter_text(voice, index), index)
            combo.setCurrentIndex(combo.findData(index))

    def _choose(self) -> None:
        self._is_chosen = True
        self._work.drop()
        self.compute_again()
