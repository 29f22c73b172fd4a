"""The step card: the place in the pass, the typeset formula, verdicts on printed results, and an explanation."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.card.chips import ChipRow
from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.gui.views.card.formula_rows import FormulaRows
from nnviz.gui.views.card.predict_bar import PredictBar
from nnviz.present.core.palette import Palette
from nnviz.present.formula.step_formula import StepFormula, role_of
from nnviz.present.words.card import Card, Chip, card
from nnviz.render.fonts import ui_font
from nnviz.tracing.steps import Quantity

SYMBOLS_SIZE = 25.0
NUMBERS_SIZE = 23.0


class StepCard(QScrollArea):
    """The card of a session's step; hovering an operand highlights it in all lines."""

    operand_hovered = Signal(object)  # a Quantity, or None
    operand_clicked = Signal(object)
    operand_asked = Signal(object)  # by a double click

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._palette: Palette | None = None
        self._card: Card | None = None
        self._where, self._title, self._text = QLabel(), QLabel(), QLabel()
        self.note = QLabel()  # placed in the panel's heading, where showing it moves nothing
        self._symbols, self._numbers, self._result = (FormulaRows() for _ in range(3))
        self._equals = (FormulaLabel(), FormulaLabel())
        self._chips = ChipRow()
        self.predict = PredictBar()
        self._inner = QWidget()
        self._build()

    def render_session(self, session: Session) -> None:
        """Show the card of a session's step."""
        self._card = card(session)
        self._fill()
        self.predict.render_session(session)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self._where.setFont(ui_font(12 * scale, QFont.Weight.DemiBold))
        self._title.setFont(ui_font(19 * scale, QFont.Weight.DemiBold))
        self._text.setFont(ui_font(13.5 * scale))
        self.note.setFont(ui_font(11 * scale, QFont.Weight.DemiBold))
        self._symbols.set_size(SYMBOLS_SIZE * scale)
        for rows in (self._numbers, self._result):
            rows.set_size(NUMBERS_SIZE * scale)
        for equals in self._equals:
            equals.set_size(NUMBERS_SIZE * scale)
        self._chips.set_theme(palette, scale)
        self.predict.set_theme(palette, scale)
        for label, color in (
            (self._title, palette.text),
            (self._text, palette.muted),
            (self.note, palette.convention),
        ):
            ink(label, color)
        self._paint_ground(palette.card)
        self._fill()

    def focus_question(self) -> None:
        """Focus the question, and scroll to it after the pending layout."""
        self.predict.take_focus()
        QTimer.singleShot(0, self, self._show_question)

    def shown(self) -> Card | None:
        """Return the card being shown."""
        return self._card

    def _show_question(self) -> None:
        if self.predict.isVisible():
            self.ensureWidgetVisible(self.predict, 0, 4)

    def quantity_under(self, point: QPoint) -> Quantity | None:
        """Return the operand under a point of the card, if there is one."""
        label = self.childAt(point)
        if not isinstance(label, FormulaLabel):
            return None
        found = self._quantity(label.operand_at(label.mapFrom(self, point)))
        return found if isinstance(found, Quantity) else None

    def _build(self) -> None:
        for label in (self._where, self._title, self._text):
            label.setWordWrap(True)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(14, 2, 12, 6)
        column.setSpacing(3)
        column.addWidget(self._where)
        column.addWidget(self._title)
        column.addSpacing(5)
        column.addWidget(self._symbols)
        for equals, line in zip(self._equals, (self._numbers, self._result), strict=True):
            row = QHBoxLayout()
            row.setContentsMargins(6, 0, 0, 0)
            row.setSpacing(4)
            equals.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
            row.addWidget(equals, 0, Qt.AlignmentFlag.AlignTop)
            row.addWidget(line, 1)
            column.addLayout(row)
        column.addWidget(self.predict)
        column.addWidget(self._chips)
        column.addSpacing(4)
        column.addWidget(self._text)
        column.addStretch(1)
        self.setWidget(self._inner)
        for line in (self._symbols, self._numbers, self._result):
            line.operand_hovered.connect(self._hover)
            line.operand_clicked.connect(self._click)
            line.operand_asked.connect(lambda operand: self.operand_asked.emit(self._quantity(operand)))

    def _fill(self) -> None:
        if self._card is None or self._palette is None:
            return
        shown, palette = self._card, self._palette
        accent = str(getattr(palette, shown.phase))
        self._where.setText(shown.where)
        ink(self._where, accent)
        self._title.setText(shown.title)
        self._text.setText(shown.text)
        self._text.setVisible(bool(shown.text))
        self.note.setText(shown.note)
        self._chips.show_chips((*shown.chips, *(Chip(part, "convention") for part in shown.change_parts)))
        self._formula(shown.formula, accent)
        speech = "" if shown.formula is None else ", ".join(text for text in shown.formula.texts() if text)
        changed_from = f" Changed: {shown.change}." if shown.change else ""
        name = f"{shown.where}. {shown.title}. {speech}.{changed_from} {shown.text} {shown.note}"
        self.setAccessibleName(name.rstrip())

    def _formula(self, formula: StepFormula | None, accent: str) -> None:
        palette = self._palette
        assert palette is not None
        if formula is None:
            for rows in (self._symbols, self._numbers, self._result):
                rows.show_rows((), {}, palette.text)
            for equals in self._equals:
                equals.setVisible(False)
            return
        colors = {
            operand.id: str(getattr(palette, role_of(operand.quantity, operand.value))) for operand in formula.operands
        }
        result = rf"\mathbf{{{formula.result}}}" if _is_number(formula) else formula.result
        self._symbols.show_rows(formula.symbol_rows, {}, palette.text)
        self._numbers.show_rows(formula.number_rows, colors, palette.text)
        self._result.show_rows((result,) if formula.result else (), {}, accent)
        for equals, shown in zip(self._equals, (bool(formula.number_rows), bool(formula.result)), strict=True):
            equals.set_formula("=", {}, palette.muted)
            equals.setVisible(shown)

    def _hover(self, operand: int) -> None:
        for line in (self._symbols, self._numbers):
            line.set_highlight(operand)
        self.operand_hovered.emit(self._quantity(operand))

    def _click(self, operand: int) -> None:
        self.operand_clicked.emit(self._quantity(operand))

    def _quantity(self, operand: int) -> object:
        formula = None if self._card is None else self._card.formula
        if formula is None or not 0 < operand <= len(formula.operands):
            return None
        return formula.operands[operand - 1].quantity

    def _paint_ground(self, color: str) -> None:
        ground(self.viewport(), self._inner, color=color)


def _is_number(formula: StepFormula) -> bool:
    return isinstance(formula.value, float) and "times" not in formula.result
