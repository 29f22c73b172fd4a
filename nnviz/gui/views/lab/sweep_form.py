"""The form of a sweep: a setting with values, seeds, epochs, and a rule that ends a run."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from nnviz.debugger.state.session import Session
from nnviz.debugger.training.stop_rule import NAMES
from nnviz.debugger.training.text_sweep import MOST_RUNS, SweepWish
from nnviz.gui.kit.buttons import button_sheet
from nnviz.gui.kit.tint import ink
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.gui.views.chrome.controls import QuietCombo, tool_button
from nnviz.gui.views.chrome.expression_field import ExpressionField
from nnviz.present.core.palette import Palette
from nnviz.present.lab.sweep_offers import SweepOffer, sweep_offers
from nnviz.render.fonts import ui_font

ANOTHER = "Another setting"
MOST_EPOCHS = 10_000_000


class SweepForm(QWidget):
    """The form. `asked(SweepWish)` is emitted by its button and by Enter in a field."""

    asked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting, self.key, self.values = QuietCombo(), QLineEdit(), QLineEdit()
        self.seeds, self.epochs, self.until = WholeNumberBox(), WholeNumberBox(), ExpressionField()
        self.start = tool_button("Start the sweep", "Train every combination beside this window")
        self._offers: tuple[SweepOffer, ...] = ()
        self._source: tuple[object, ...] = ()
        self._names = [QLabel(words) for words in ("Setting", "Values", "Seeds", "Epochs", "Stop when")]
        self._lay_out()
        self.setting.activated.connect(self._choose)
        self.start.clicked.connect(self._ask)
        for field in (self.key, self.values, self.until):
            field.returnPressed.connect(self._ask)
        self.setEnabled(False)  # until there is a session

    def render_session(self, session: Session) -> None:
        """Offer the settings of a session's lesson; what the user has typed for the same network stays."""
        architecture = session.lesson.network.architecture
        source = (architecture, session.lesson.initializer is None, session.training.shuffle)
        if source == self._source:
            return
        self._source = source
        self.setEnabled(True)
        self._offers = sweep_offers(session.lesson, session.training)
        self.setting.clear()
        self.setting.addItems([*(offer.title for offer in self._offers), ANOTHER])
        self.epochs.setValue(session.lesson.training.epochs)
        can_seed = session.lesson.initializer is not None or session.training.shuffle
        self.seeds.setEnabled(can_seed)
        self.seeds.setToolTip(
            "Train each setting with the seeds 1 to this number; 0: with the lesson's own"
            if can_seed
            else "Nothing of this lesson is drawn, so that seeds change nothing"
        )
        self._choose()

    def wish(self) -> SweepWish:
        """Return what the form asks for."""
        offer = self._offer()
        key = self.key.text().strip() if offer is None else offer.key
        return SweepWish(
            key=key,
            values=self.values.text() if key else "",
            seeds=self.seeds.value() if self.seeds.isEnabled() else 0,
            epochs=self.epochs.value(),
            until=self.until.text().strip(),
        )

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        for name in self._names:
            name.setFont(ui_font(13 * scale))
            ink(name, palette.text)
        self.setting.set_theme(palette, scale)
        self.until.set_scale(scale)
        for field in (self.key, self.values, self.seeds, self.epochs):
            field.setFont(ui_font(13 * scale))
        self.start.setFont(ui_font(13 * scale, QFont.Weight.Medium))
        self.start.setStyleSheet(button_sheet(palette, scale))

    def _lay_out(self) -> None:
        self.start.setText("Start")
        self.setting.setAccessibleName("Setting")
        self.key.setAccessibleName("Key of the setting")
        self.key.setPlaceholderText("training.momentum")
        self.key.setToolTip("A key of lesson files, as in nnviz train --sweep")
        self.values.setAccessibleName("Values")
        self.values.setToolTip("Values with commas between them; with decimal commas, semicolons: 0,01; 0,1; 1")
        self.seeds.setAccessibleName("Seeds")
        self.seeds.setRange(0, MOST_RUNS)
        self.epochs.setAccessibleName("Epochs")
        self.epochs.setRange(1, MOST_EPOCHS)
        self.until.setAccessibleName("Stop when")
        self.until.setPlaceholderText("loss < 0.01")
        self.until.setToolTip(f"A rule that ends a run after an epoch, of {', '.join(NAMES)}")
        self.until.set_names(tuple(NAMES))
        for name, field in zip(
            self._names, (self.setting, self.values, self.seeds, self.epochs, self.until), strict=True
        ):
            name.setBuddy(field)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(5)
        setting, values, seeds, epochs, until = self._names
        grid.addWidget(setting, 0, 0)
        grid.addWidget(self.setting, 0, 1, 1, 3, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(self.key, 1, 1, 1, 3)
        grid.addWidget(values, 2, 0)
        grid.addWidget(self.values, 2, 1, 1, 3)
        grid.addWidget(seeds, 3, 0)
        grid.addWidget(self.seeds, 3, 1)
        grid.addWidget(epochs, 3, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(self.epochs, 3, 3)
        grid.addWidget(until, 4, 0)
        grid.addWidget(self.until, 4, 1, 1, 2)
        grid.addWidget(self.start, 4, 3)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(3, 1)

    def _choose(self) -> None:
        """Show the values of the chosen setting, and the field for a key if it is another one."""
        offer = self._offer()
        self.key.setVisible(offer is None)
        self.values.setText("" if offer is None else offer.values)
        self.values.setEnabled(offer is None or bool(offer.key))
        if offer is not None and not offer.key and not self.seeds.value():
            self.seeds.setValue(5)

    def _offer(self) -> SweepOffer | None:
        """Return the chosen setting; None if it is another one, by its key."""
        place = self.setting.currentIndex()
        return self._offers[place] if 0 <= place < len(self._offers) else None

    def _ask(self) -> None:
        self.asked.emit(self.wish())
