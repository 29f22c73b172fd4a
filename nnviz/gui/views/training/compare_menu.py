"""The menu that trains another run to compare with the current one, with one thing changed."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QWidget

from nnviz.engine.training import TrainingSettings
from nnviz.present.runs.variants import NOTHING_DRAWN, variants


class CompareMenu(QMenu):
    """A menu of variants of the current settings, other initial weights, and removing the kept runs.

    `settings_chosen(TrainingSettings)`, `seed_asked()` or `cleared()` is emitted on the user's choice.
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
        """Set the base of the variants: settings, number of examples, whether weights are drawn, number of runs."""
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
