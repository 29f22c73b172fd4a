"""The view that replaces the step card while a question is open: breadcrumb, the number, and its factors."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QFont, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from nnviz.debugger.state.session import Session
from nnviz.debugger.state.trail import Direction
from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.card.factor_list import FactorList
from nnviz.gui.views.card.formula_rows import FormulaRows
from nnviz.present.core.palette import Palette
from nnviz.present.formula.step_formula import role_of
from nnviz.present.words.why_text import WhyCard, why_card
from nnviz.render.fonts import ui_font

FORMULA_SIZE = 17.0
_DIGITS = {Qt.Key(Qt.Key.Key_1 + at): at for at in range(9)}
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_OWN_KEYS = {Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Backspace, Qt.Key.Key_Escape, *_ENTER, *_DIGITS}
_OTHER_WAY = {Direction.WHY: "Where is it used?", Direction.FEEDS: "Why this value?"}


class WhyView(QWidget):
    """The trail of a session; with the focus, arrows pick a factor, Enter and digits follow it, Backspace goes back.

    `follow_asked`, `back_asked`, `back_one_asked`, `picked`, `turned`, `position_asked` and `left` are emitted on the
    user's keys and clicks.
    """

    follow_asked = Signal(object)  # a Quantity
    back_asked = Signal(int)
    back_one_asked = Signal()
    picked = Signal(int)
    turned = Signal(object)  # a Direction
    position_asked = Signal(int)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._palette: Palette | None = None
        self._card: WhyCard | None = None
        self.crumbs, self.title, self.value, self.words = QLabel(), QLabel(), QLabel(), QLabel()
        self.symbols, self.numbers = FormulaRows(), FormulaRows()
        self.factors = FactorList()
        self.go, self.turn, self.close_button = QPushButton("Go to its step"), QPushButton(), QPushButton("Close")
        self._inner, self._scroll = QWidget(), QScrollArea()
        self._build()

    def render_session(self, session: Session) -> None:
        """Show a session's question; without one, the hidden view keeps its contents."""
        shown = why_card(session)
        if shown is not None and shown != self._card:
            self._card = shown
            self._fill()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self.crumbs.setFont(ui_font(13.5 * scale, QFont.Weight.DemiBold))
        self.title.setFont(ui_font(17 * scale, QFont.Weight.DemiBold))
        self.value.setFont(ui_font(14 * scale, QFont.Weight.Medium))
        self.words.setFont(ui_font(13 * scale))
        for rows in (self.symbols, self.numbers):
            rows.set_size(FORMULA_SIZE * scale)
        for button in (self.go, self.turn, self.close_button):
            button.setFont(ui_font(12.5 * scale))
        self.factors.set_theme(palette, scale)
        for label, color in ((self.title, palette.text), (self.value, palette.why), (self.words, palette.muted)):
            ink(label, color)
        ground(self._scroll.viewport(), self._inner, self, color=palette.card)
        self._fill()

    def shown(self) -> WhyCard | None:
        """Return the question shown last."""
        return self._card

    def _build(self) -> None:
        for label in (self.crumbs, self.title, self.value, self.words):
            label.setWordWrap(True)
        self.crumbs.setTextInteractionFlags(Qt.TextInteractionFlag.LinksAccessibleByMouse)
        self.crumbs.linkActivated.connect(lambda link: self.back_asked.emit(int(link)))
        column = QVBoxLayout(self._inner)
        column.setContentsMargins(14, 2, 12, 6)
        column.setSpacing(4)
        for widget in (self.symbols, self.numbers, self.words, self.factors):
            column.addWidget(widget)
        column.addStretch(1)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(self._inner)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._bring_into_sight)  # after the layout
        buttons = QHBoxLayout()
        buttons.setContentsMargins(12, 4, 10, 0)
        for button in (self.go, self.turn, self.close_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        buttons.insertStretch(2, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(2)
        above = QVBoxLayout()
        above.setContentsMargins(14, 2, 12, 0)
        above.setSpacing(2)
        for label in (self.crumbs, self.title, self.value):
            above.addWidget(label)
        whole.addLayout(above)
        whole.addWidget(self._scroll, 1)
        whole.addLayout(buttons)
        self.go.clicked.connect(self._go)
        self.turn.clicked.connect(self._turn)
        self.close_button.clicked.connect(self.left)
        self.factors.chosen.connect(self._follow)
        for rows in (self.symbols, self.numbers):
            rows.operand_clicked.connect(self._operand)

    def _fill(self) -> None:
        if self._card is None or self._palette is None:
            return
        shown, palette = self._card, self._palette
        self.crumbs.setText(_linked(shown, palette))
        self.title.setText(shown.title)
        self.value.setText(f"{shown.symbol} = {shown.value} · {shown.where}")
        self.words.setText(shown.text)
        formula = shown.formula
        roles = {} if formula is None else {o.id: role_of(o.quantity, o.value) for o in formula.operands}
        colors = {operand: str(getattr(palette, role)) for operand, role in roles.items()}
        self.symbols.show_rows(() if formula is None else formula.symbol_rows, {}, palette.text)
        rows = () if formula is None else formula.number_rows
        numbers = (rf"= {rows[0]}", *rows[1:]) if rows else ()
        self.numbers.show_rows(numbers, colors, palette.text)
        self.factors.show_factors(shown.factors, shown.more, shown.picked)
        self.go.setEnabled(shown.position is not None)
        self.turn.setText(_OTHER_WAY[shown.direction])
        self.setAccessibleName(_spoken(shown))
        self._bring_into_sight()

    def _bring_into_sight(self, *_: int) -> None:
        """Scroll to the picked factor; after a long formula even the first may be out of view."""
        if self._card is not None and self._card.factors:
            below = self.factors.y() + self.factors.rect_of(self._card.picked).bottom()
            self._scroll.verticalScrollBar().setValue(0)
            self._scroll.ensureVisible(0, round(below), 0, 4)

    def _go(self) -> None:
        if self._card is not None and self._card.position is not None:
            self.position_asked.emit(self._card.position)

    def _turn(self) -> None:
        assert self._card is not None
        self.turned.emit(Direction.FEEDS if self._card.direction is Direction.WHY else Direction.WHY)

    def _follow(self, index: int) -> None:
        if self._card is not None and index < len(self._card.factors):
            self.follow_asked.emit(self._card.factors[index].quantity)

    def _operand(self, operand: int) -> None:
        formula = None if self._card is None else self._card.formula
        if formula is not None and 0 < operand <= len(formula.operands):
            self.follow_asked.emit(formula.operands[operand - 1].quantity)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _is_own(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, picked = Qt.Key(event.key()), 0 if self._card is None else self._card.picked
        if self._card is None or not _is_own(event):
            super().keyPressEvent(event)
        elif key in _DIGITS:
            self._follow(_DIGITS[key])
        elif key in _ENTER:
            self._go() if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else self._follow(picked)
        elif key == Qt.Key.Key_Backspace:
            self.back_one_asked.emit()
        elif key == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            moved = picked + (1 if key == Qt.Key.Key_Down else -1)
            self.picked.emit(max(0, min(moved, len(self._card.factors) - 1)))


def _is_own(event: QKeyEvent) -> bool:
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    plain = held == Qt.KeyboardModifier.NoModifier
    return event.key() in _OWN_KEYS and (plain or (event.key() in _ENTER and held == Qt.KeyboardModifier.ShiftModifier))


def _linked(shown: WhyCard, palette: Palette) -> str:
    """Return the breadcrumb in HTML: each number except the last is a link back to it."""
    parts = []
    for index, crumb in enumerate(shown.crumbs):
        arrow = f' <span style="color:{palette.muted}">{crumb.arrow}</span> ' if crumb.arrow else ""
        last = index == len(shown.crumbs) - 1
        style = f'style="color:{palette.why if last else palette.text}; text-decoration:none"'
        parts.append(
            f"{arrow}<span {style}>{crumb.text}</span>"
            if last
            else f'{arrow}<a href="{index}" {style}>{crumb.text}</a>'
        )
    return "".join(parts)


def _spoken(shown: WhyCard) -> str:
    way = " ".join(f"{crumb.arrow} {crumb.text}".strip() for crumb in shown.crumbs)
    parts = ", ".join(f"{factor.symbol} {factor.value} {factor.where}" for factor in shown.factors)
    number = f"{shown.symbol} = {shown.value}, {shown.where}"
    return f"{way}. {shown.title}. {number}. {shown.text} {parts} {shown.more}".rstrip()
