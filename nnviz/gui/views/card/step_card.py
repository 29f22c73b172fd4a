"""The step card: the place in the pass, the typeset formula, verdicts on printed results, and an explanation."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QStyle, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.card.card_page import CardPage
from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.gui.views.card.predict_bar import PredictBar
from nnviz.present.core.palette import Palette
from nnviz.present.words.card import Card, card
from nnviz.render.fonts import ui_font
from nnviz.tracing.steps import Quantity


class StepCard(QScrollArea):
    """The card of a session's step; hovering an operand highlights it in all lines.

    `panel_asked` is emitted with the id of the panel that a clicked chip leads to, and `room_wanted` with the height
    that the card of a new step lacks.
    """

    operand_hovered = Signal(object)  # a Quantity, or None
    operand_clicked = Signal(object)
    operand_asked = Signal(object)  # by a double click
    panel_asked = Signal(str)
    room_wanted = Signal(int, int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._card: Card | None = None
        self.note = QLabel()  # placed in the panel's heading, where showing it moves nothing
        self._page = CardPage()
        self.predict = PredictBar(self._page)
        self.predict.installEventFilter(self)
        self.setWidget(self._page)
        self._page.operand_hovered.connect(lambda operand: self.operand_hovered.emit(self._quantity(operand)))
        self._page.operand_clicked.connect(lambda operand: self.operand_clicked.emit(self._quantity(operand)))
        self._page.operand_asked.connect(lambda operand: self.operand_asked.emit(self._quantity(operand)))
        self._page.chip_clicked.connect(self.panel_asked)

    def render_session(self, session: Session) -> None:
        """Show the card of a session's step."""
        self._card = card(session)
        self.predict.render_session(session)
        self._fill()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        self.note.setFont(ui_font(11 * scale, QFont.Weight.DemiBold))
        ink(self.note, palette.convention)
        self.predict.set_theme(palette, scale)
        ground(self.viewport(), self._page, color=palette.card)
        self._fill()

    def focus_question(self) -> None:
        """Focus the question, and scroll to it after the pending layout."""
        self.predict.take_focus()
        QTimer.singleShot(0, self, self._show_question)

    def shown(self) -> Card | None:
        """Return the card being shown."""
        return self._card

    def page(self) -> CardPage:
        """Return the page on which the card is painted."""
        return self._page

    def quantity_under(self, point: QPoint) -> Quantity | None:
        """Return the operand under a point of the card, if there is one."""
        label = self.childAt(point)
        if not isinstance(label, FormulaLabel):
            return None
        found = self._quantity(label.operand_at(label.mapFrom(self, point)))
        return found if isinstance(found, Quantity) else None

    def _show_question(self) -> None:
        if self.predict.isVisible():
            self.ensureWidgetVisible(self.predict, 0, 4)

    def _fill(self) -> None:
        if self._card is None or self._palette is None:
            return
        shown = self._card
        self.note.setText(shown.note)
        self._page.show_card(shown, self._palette, self._scale)
        self._lay_out()
        self._ask_for_room()
        speech = "" if shown.formula is None else ", ".join(text for text in shown.formula.texts() if text)
        changed_from = f" Changed: {shown.change}." if shown.change else ""
        name = f"{shown.where}. {shown.title}. {speech}.{changed_from} {shown.text} {shown.note}"
        self.setAccessibleName(name.rstrip())

    def _ask_for_room(self) -> None:
        layout = self._page.layout_shown()
        if layout is not None and layout.wanted > self.height():
            missing = math.ceil(layout.height) - self.height()
            self.room_wanted.emit(math.ceil(layout.wanted) - self.height(), max(missing, 0))

    def _lay_out(self) -> None:
        """Lay out the card for the width, whether the scroll bar is needed or not, so that it never swings."""
        bar = self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self)
        width, room = self.width() - bar, self.height()
        asks = not self.predict.isHidden()
        high = self.predict.heightForWidth(width) if asks else 0
        gap = max(high, self.predict.sizeHint().height()) if asks else 0
        layout = self._page.lay_out(width, room, gap)
        if layout is None:
            return
        if asks:
            self.predict.setGeometry(layout.gap.toAlignedRect())
        self._page.resize(width, max(room, round(layout.height)))

    def _quantity(self, operand: int) -> object:
        formula = None if self._card is None else self._card.formula
        if formula is None or not 0 < operand <= len(formula.operands):
            return None
        return formula.operands[operand - 1].quantity

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()
        self._ask_for_room()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room when the question takes more or fewer lines."""
        if watched is self.predict and event.type() == QEvent.Type.LayoutRequest:
            self._lay_out()
        return super().eventFilter(watched, event)
