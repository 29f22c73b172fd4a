"""The fields of a worksheet in the export dialog: blanks, points, variants and their seed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QCheckBox, QFormLayout

from nnviz.formats.worksheet.drawn_variants import MOST_VARIANTS
from nnviz.formats.worksheet.worksheet import WorksheetOptions
from nnviz.gui.kit.making import name_fields
from nnviz.gui.kit.whole_number_box import WholeNumberBox

MOST_POINTS, LARGEST_SEED = 100, 999_999_999


class WorksheetFields:
    """The fields, to be put in rows of a form; `changed` is called after each change."""

    def __init__(self, changed: Callable[[], object]) -> None:
        self.blanks = QCheckBox("Blanks for the results")
        self.points, self.variants, self.seed = WholeNumberBox(), WholeNumberBox(), WholeNumberBox()
        self.points.setRange(0, MOST_POINTS)
        self.points.setSpecialValueText("one per result")
        self.variants.setRange(0, MOST_VARIANTS)
        self.variants.setSpecialValueText("the lesson's own numbers")
        self.seed.setRange(0, LARGEST_SEED)
        self.seed.setValue(1)
        name_fields(
            (
                (
                    self.blanks,
                    "Blanks",
                    "Leave the results out, for an exercise; the answers are on pages of their own",
                ),
                (self.points, "Points of a step", "How many points each step of an exercise gives"),
                (self.variants, "Variants", "Sheets with other weights, which are easy by hand"),
                (self.seed, "Seed", "The same seed draws the same variants again"),
            )
        )
        self.blanks.toggled.connect(self._on_change)
        for box in (self.points, self.variants, self.seed):
            box.valueChanged.connect(self._on_change)
        self._changed = changed
        self._enable()

    def add_to(self, form: QFormLayout) -> None:
        """Add a row for each field."""
        form.addRow("", self.blanks)
        form.addRow("Points of a step", self.points)
        form.addRow("Variants", self.variants)
        form.addRow("Seed", self.seed)

    def show_in(self, form: QFormLayout, on: bool) -> None:
        """Show or hide the rows."""
        for field in (self.blanks, self.points, self.variants, self.seed):
            form.setRowVisible(field, on)

    def options(self) -> WorksheetOptions:
        """Return what is chosen."""
        is_task = self.blanks.isChecked()
        return WorksheetOptions(
            blanks=is_task,
            variants=self.variants.value(),
            seed=self.seed.value(),
            points=self.points.value() or None if is_task else None,
        )

    def _on_change(self) -> None:
        self._enable()
        self._changed()

    def _enable(self) -> None:
        self.points.setEnabled(self.blanks.isChecked())
        self.seed.setEnabled(self.variants.value() > 0)
