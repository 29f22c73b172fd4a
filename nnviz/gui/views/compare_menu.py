"""The menu that trains another run beside the present one, with one thing changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from nnviz.engine.training import TrainingSettings
from nnviz.present.variants import NOTHING_DRAWN, variants


class CompareMenu(QMenu):
    """Offers variants of the settings in use, other initial weights, and to remove the runs kept.

    The choice is told by `settings_chosen(TrainingSettings)`, `seed_asked()` and `cleared()`.
    """

    settings_chosen = Signal(object)
    seed_asked = Signal()
    cleared = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Compare with…", parent)
        self._settings, self._examples, self._drawn, self._runs = TrainingSettings(), 1, True, 1
        self.setToolTipsVisible(True)
        self.aboutToShow.connect(self._fill)

    def set_present(self, settings: TrainingSettings, examples: int, drawn: bool, runs: int) -> None:
        """What variants are of: settings, how many examples, whether weights are drawn, how many runs are plotted."""
        self._settings, self._examples, self._drawn, self._runs = settings, examples, drawn, runs

    def _fill(self) -> None:
        self.clear()
        self.addSection("Train again from the same weights, changing one thing")
        for group in variants(self._settings, self._examples):
            for title, settings in group:
                action = self.addAction(title)
                action.setToolTip("Keep this run and train another for the same number of epochs")
                action.triggered.connect(lambda checked=False, chosen=settings: self.settings_chosen.emit(chosen))
            if group:
                self.addSeparator()
        seed = self.addAction("Other initial weights…")
        seed.setEnabled(self._drawn)
        seed.setToolTip("" if self._drawn else NOTHING_DRAWN)
        seed.triggered.connect(self.seed_asked)
        self.addSeparator()
        clear = self.addAction("Remove all other runs")
        clear.setEnabled(self._runs > 1)
        clear.triggered.connect(self.cleared)
