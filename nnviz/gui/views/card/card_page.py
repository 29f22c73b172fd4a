"""The page of the step card: paints its layout, and makes it selectable, clickable, and readable for screen readers."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QClipboard, QContextMenuEvent, QGuiApplication, QHelpEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolTip, QWidget

from nnviz.gui.views.card.formula_label import FormulaLabel
from nnviz.present.core.palette import Palette
from nnviz.present.words.card import Card
from nnviz.present.words.card_blocks import ChipBlock
from nnviz.render.cards.card_layout import TEXT_FONTS, CardLayout, PlacedFormula, PlacedText, lay_out_card
from nnviz.render.cards.card_painter import Selection, paint_card
from nnviz.render.fonts import ui_font

# Where a chip leads, by the panel's id.
CHIP_TIPS = {
    "lesson": "Compared with the document's printed result. Click for the Lesson panel.",
    "conventions": "What the last choice changed. Click for the Conventions panel.",
    "health": "A problem of this number. Click for the Health panel.",
}


class FormulaArea(FormulaLabel):
    """A row of the formula that the page has painted: only its words, its operands and the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.row: PlacedFormula | None = None

    def place(self, row: PlacedFormula) -> None:
        """Cover a row of the page."""
        self.row = row
        self.set_formula(row.tex, {})
        self.setGeometry(row.rect.toAlignedRect())

    def shown_size(self) -> float:
        """Return the height of an em in logical pixels."""
        return 1.0 if self.row is None else self.row.size

    def baseline(self) -> QPointF:
        """Return the left end of the formula's baseline in the widget."""
        return QPointF() if self.row is None else self.row.origin - QPointF(self.pos())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing; the page has painted the row."""


class TextArea(QLabel):
    """A text that the page has painted, for screen readers; the page handles the mouse."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint nothing; the page has painted the text."""


class CardPage(QWidget):
    """A card laid out for the page's width.

    `operand_hovered(int)`, `operand_clicked(int)` and `operand_asked(int)` are emitted on gestures at the formula, and
    `chip_clicked(str)` with the id of the panel that a chip leads to.
    """

    operand_hovered = Signal(int)
    operand_clicked = Signal(int)
    operand_asked = Signal(int)
    chip_clicked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._card: Card | None = None
        self._palette: Palette | None = None
        self._scale = 1.0
        self._layout: CardLayout | None = None
        self._highlight = 0
        self._selection: Selection | None = None
        self._anchor: tuple[int, int] | None = None  # the text and character where a selection begins
        self._rows: list[FormulaArea] = []
        self._texts = [TextArea(self) for _ in TEXT_FONTS]
        self._chips = TextArea(self)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_card(self, card: Card | None, palette: Palette, scale: float) -> None:
        """Show another card, or the same in other colors and sizes; call `lay_out` after it."""
        if card != self._card:
            self._selection = self._anchor = None
        self._card, self._palette, self._scale = card, palette, scale

    def lay_out(self, width: float, room: float, gap: float) -> CardLayout | None:
        """Lay out the card for a width and, if possible, the height of a `room`; move everything to its place."""
        if self._card is None:
            return None
        self._layout = lay_out_card(self._card, width, self._scale, room, gap)
        self._place_rows(self._layout)
        self._place_texts(self._layout)
        self.update()
        return self._layout

    def layout_shown(self) -> CardLayout | None:
        """Return the layout being shown."""
        return self._layout

    def set_highlight(self, operand: int) -> None:
        """Mark an operand in all rows; 0 for none."""
        if operand != self._highlight:
            self._highlight = operand
            self.update()

    def selected_text(self) -> str:
        """Return the selected text."""
        if self._selection is None or self._layout is None:
            return ""
        chosen = self._selection
        return self._layout.texts[chosen.text].text[chosen.start : chosen.stop]

    def whole_text(self) -> str:
        """Return the card as text: place, title, formula, verdicts and sentence, each on a line."""
        card = self._card
        if card is None:
            return ""
        formula = () if card.formula is None else card.formula.texts()[1:]
        line = " = ".join(part for part in formula if part)
        chips = "" if self._layout is None else ", ".join(chip.block.chip.text for chip in self._layout.chips)
        return "\n".join(part for part in (card.where, card.title, line, chips, card.text) if part)

    def _place_rows(self, layout: CardLayout) -> None:
        rows = layout.formulas
        while len(self._rows) < len(rows):
            area = FormulaArea(self)
            area.operand_hovered.connect(self._hover)
            area.operand_clicked.connect(self.operand_clicked)
            area.operand_asked.connect(self.operand_asked)
            self._rows.append(area)
        for index, area in enumerate(self._rows):
            if index < len(rows):
                area.place(rows[index])  # before it is shown, because the mouse may be over it
            area.setVisible(index < len(rows))

    def _place_texts(self, layout: CardLayout) -> None:
        for index, area in enumerate(self._texts):
            area.setVisible(index < len(layout.texts))
            if index < len(layout.texts):
                text = layout.texts[index]
                size, weight = TEXT_FONTS[text.role]
                area.setFont(ui_font(size * self._scale, weight))
                area.setText(text.text)
                area.setGeometry(text.rect.toAlignedRect())
        words = ". ".join(chip.block.chip.text for chip in layout.chips)
        self._chips.setAccessibleName(words)
        self._chips.setVisible(bool(layout.chips))
        around = QRectF()
        for chip in layout.chips:
            around = around.united(chip.rect)
        self._chips.setGeometry(around.toAlignedRect())

    def _hover(self, operand: int) -> None:
        self.set_highlight(operand)
        self.operand_hovered.emit(operand)

    def _chip_at(self, point: QPointF) -> ChipBlock | None:
        return None if self._layout is None else self._layout.chip_at(point)

    def _text_at(self, point: QPointF) -> PlacedText | None:
        return None if self._layout is None else self._layout.text_at(point)

    def _character_at(self, point: QPointF, index: int | None = None) -> tuple[int, int] | None:
        """Return the text at a point, or the one of an `index`, and the nearest character of it."""
        if self._layout is None:
            return None
        if index is None:
            text = self._text_at(point)
            return None if text is None else (self._layout.texts.index(text), text.position_at(point))
        return index, self._layout.texts[index].position_at(point)

    def _select(self, selection: Selection | None) -> None:
        if selection != self._selection:
            self._selection = selection
            self.update()

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)

    def sizeHint(self) -> QSize:
        return QSize(200, 0 if self._layout is None else round(self._layout.height))

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._layout is None or self._palette is None:
            return
        painter = QPainter(self)
        paint_card(painter, self._layout, self._palette, self._highlight, self._selection)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        self._select(None)
        chip = self._chip_at(event.position())
        self._anchor = None if chip is not None else self._character_at(event.position())
        if chip is not None:
            self.chip_clicked.emit(chip.panel)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is not None and event.buttons() & Qt.MouseButton.LeftButton:
            text, start = self._anchor
            found = self._character_at(event.position(), text)
            if found is not None:
                self._select(Selection(text, min(start, found[1]), max(start, found[1])))
            return
        if self._chip_at(event.position()) is not None:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        elif self._text_at(event.position()) is not None:
            self.setCursor(Qt.CursorShape.IBeamCursor)
        else:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None
        clipboard = QGuiApplication.clipboard()
        if self.selected_text() and clipboard.supportsSelection():
            clipboard.setText(self.selected_text(), QClipboard.Mode.Selection)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        found = self._character_at(event.position())
        if found is None or self._layout is None:
            event.ignore()
            return
        self._select(Selection(found[0], *_word(self._layout.texts[found[0]].text, found[1])))

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = QPointF(event.pos())
        if self._text_at(point) is None and self._chip_at(point) is None:
            event.ignore()  # a number has a menu of its own
            return
        self.copy_menu().popup(event.globalPos())

    def copy_menu(self) -> QMenu:
        """Return the menu that copies the selected text, or the whole step."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        copy = menu.addAction("Copy")
        copy.setEnabled(bool(self.selected_text()))
        copy.triggered.connect(lambda: self._copy(self.selected_text()))
        menu.addAction("Copy step").triggered.connect(lambda: self._copy(self.whole_text()))
        return menu

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            chip = self._chip_at(QPointF(event.pos()))
            if chip is not None:
                QToolTip.showText(event.globalPos(), CHIP_TIPS[chip.panel], self)
            else:
                QToolTip.hideText()
            return True
        return super().event(event)


def _word(text: str, at: int) -> tuple[int, int]:
    """Return the start and the end of the word around a character."""
    start = stop = min(at, len(text))
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    while stop < len(text) and not text[stop].isspace():
        stop += 1
    return start, stop
