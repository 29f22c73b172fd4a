"""The start page: what can be opened, the last session, and the lessons as cards that can be filtered and searched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QKeyEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from nnviz.gui.kit.tint import ground, ink
from nnviz.gui.views.start.lesson_tile import LessonTile
from nnviz.gui.views.start.tile_grid import PillRow, TileGrid
from nnviz.gui.views.start.tiles import CORNER, CommandTile, Pill, StartButton, StrongButton, Tile
from nnviz.present.core.palette import Palette
from nnviz.present.start.lesson_cards import ALL, LessonCard, matching, topics_of
from nnviz.render.fonts import ui_font
from nnviz.render.paint import pen

WIDEST = 1680  # of the content; a wider window has margins

_ARROWS = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}


@dataclass(frozen=True)
class StartCommand:
    """A button at the top of the page: the id of the command that it runs, its title, and what it takes."""

    command: str
    title: str
    hint: str


START_COMMANDS = (
    StartCommand("new_network", "New network…", "layers, activations, data"),
    StartCommand("open_data", "Open data…", "CSV, any separator"),
    StartCommand("open_model", "Open model…", "ONNX, safetensors"),
    StartCommand("open", "Open lesson, walk or session…", "TOML, .nnviz"),
)


class SessionRow(QWidget):
    """The row with the last session and its button, or a message about it; hidden without either."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._palette: Palette | None = None
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setWordWrap(True)
        self.label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.restore = StrongButton("Restore")
        self.restore.setAccessibleName("Restore the last session")
        self.restore.setToolTip("Continue the last session where it ended (Enter)")
        self._row = QHBoxLayout(self)
        self._row.addWidget(self.label, 1)
        self._row.addWidget(self.restore)

    def show_text(self, text: str, restore: bool) -> None:
        """Show a line, with or without the button."""
        self.label.setText(text)
        self.setAccessibleName(text)
        self.restore.setVisible(restore)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self.label.setFont(ui_font(15 * scale))
        ink(self.label, palette.text)
        self.restore.set_theme(palette, scale)
        self._row.setContentsMargins(round(22 * scale), round(6 * scale), round(12 * scale), round(6 * scale))
        self.setMinimumHeight(round(54 * scale))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._palette is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(pen(self._palette.border))
        painter.setBrush(QColor(self._palette.card))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), CORNER, CORNER)
        painter.end()


class StartPage(QScrollArea):
    """The page. `command_asked(id)`, `lesson_asked(name or file)` and `restore_asked()` are emitted by its buttons.

    The arrow keys move between the buttons, typed letters go to the search field.
    """

    command_asked = Signal(str)
    lesson_asked = Signal(str)
    restore_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Start page")
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self._palette: Palette | None = None
        self._scale = 1.0
        self._cards: tuple[LessonCard, ...] = ()
        self._tiles: dict[str, LessonTile] = {}
        self._topic = ALL
        self._pills: tuple[Pill, ...] = ()
        self.title, self.line = QLabel("nnviz"), QLabel("Step through a neural network, number by number.")
        self.commands, self.lessons = TileGrid(), TileGrid()
        self.continued, self.session_row = QLabel("Continue"), SessionRow()
        self.heading, self.filters, self.search = QLabel("Lessons and walks"), PillRow(), QLineEdit()
        self.nothing = QLabel()
        self._content = QWidget()
        self._column = self._build()

    def set_cards(self, cards: Sequence[LessonCard]) -> None:
        """Show these cards, those that pass the filter and the search."""
        self._cards = tuple(cards)
        kept = {card.opens for card in cards}
        for opens in [opens for opens in self._tiles if opens not in kept]:
            self._tiles.pop(opens).deleteLater()
        for card in cards:
            self._show_card(card)
        self._fill_filters()
        self._filter()

    def update_card(self, card: LessonCard) -> None:
        """Show another state of a card that is on the page."""
        if card.opens not in self._tiles:
            return
        self._cards = tuple(card if each.opens == card.opens else each for each in self._cards)
        self._show_card(card)
        if topics_of(self._cards) != tuple(pill.text() for pill in self._pills):
            self._fill_filters()
        self._filter()

    def show_session(self, text: str, restore: bool = True) -> None:
        """Show the last session, or with `restore` off a message about it; an empty text hides the row."""
        had_focus = self.session_row.restore.hasFocus()
        self.session_row.show_text(text, restore)
        for widget in (self.continued, self.session_row):
            widget.setVisible(bool(text))
        if had_focus and not (text and restore):
            self.setFocus()

    def take_focus(self) -> None:
        """Focus the button of the last session, or else the page: the first arrow key then goes to a lesson."""
        self.verticalScrollBar().setValue(0)
        restore = self.session_row.restore
        (restore if restore.isVisibleTo(self) else self).setFocus()

    def reset(self) -> None:
        """Show all lessons again."""
        self._topic = ALL
        self.search.clear()
        self._fill_filters()
        self._filter()

    def shown_tiles(self) -> tuple[LessonTile, ...]:
        """Return the cards that pass the filter and the search, in order."""
        return tuple(tile for tile in self.lessons.tiles if isinstance(tile, LessonTile))

    def pills(self) -> tuple[Pill, ...]:
        """Return the filters."""
        return self._pills

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette, self._scale = palette, scale
        texts = (
            (self.title, ui_font(32 * scale, QFont.Weight.Bold), palette.text),
            (self.line, ui_font(17 * scale), palette.muted),
            (self.continued, ui_font(15 * scale, QFont.Weight.DemiBold), palette.muted),
            (self.heading, ui_font(15 * scale, QFont.Weight.DemiBold), palette.muted),
            (self.nothing, ui_font(15 * scale), palette.muted),
        )
        for label, font, color in texts:
            label.setFont(font)
            ink(label, color)
        self.search.setFont(ui_font(13 * scale))
        self.search.setFixedSize(round(200 * scale), round(30 * scale))
        self.search.setTextMargins(round(6 * scale), 0, round(4 * scale), 0)
        bar = self.verticalScrollBar()
        colors = bar.palette()
        colors.setColor(QPalette.ColorRole.Base, QColor(palette.window))
        bar.setPalette(colors)
        ground(self.viewport(), self._content, color=palette.window)
        buttons: tuple[StartButton, ...] = (*self._tiles.values(), *self._pills, *self._command_tiles)
        for button in buttons:
            button.set_theme(palette, scale)
        self.session_row.set_theme(palette, scale)
        self.commands.set_tiles(self._command_tiles, scale)
        self.filters.set_pills(self._pills, scale)
        self._column.setSpacing(round(8 * scale))
        self.heading.setFixedHeight(round(30 * scale))
        self._filter()
        self._set_margins()

    def _build(self) -> QVBoxLayout:
        self._command_tiles = [CommandTile(row.title, row.hint) for row in START_COMMANDS]
        for row, tile in zip(START_COMMANDS, self._command_tiles, strict=True):
            tile.clicked.connect(lambda checked=False, command=row.command: self.command_asked.emit(command))
        self.session_row.restore.clicked.connect(self.restore_asked.emit)
        self.search.setPlaceholderText("Search lessons")
        self.search.setAccessibleName("Search lessons")
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._open_first)
        column = QVBoxLayout(self._content)
        column.addWidget(self.title)
        column.addWidget(self.line)
        column.addSpacing(10)
        column.addWidget(self.commands)
        column.addSpacing(10)
        column.addWidget(self.continued)
        column.addWidget(self.session_row)
        column.addSpacing(10)
        over = QHBoxLayout()
        over.setSpacing(14)
        over.addWidget(self.heading, 0, Qt.AlignmentFlag.AlignTop)
        over.addWidget(self.filters, 1)
        over.addWidget(self.search, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(over)
        column.addWidget(self.lessons)
        column.addWidget(self.nothing)
        column.addStretch(1)
        self.setWidget(self._content)
        self.show_session("")
        self.nothing.hide()
        return column

    def _show_card(self, card: LessonCard) -> None:
        tile = self._tiles.get(card.opens)
        if tile is not None:
            tile.set_card(card)
            return
        self._tiles[card.opens] = tile = LessonTile(card, self.lessons)
        tile.clicked.connect(lambda checked=False, opens=card.opens: self.lesson_asked.emit(opens))
        if self._palette is not None:
            tile.set_theme(self._palette, self._scale)

    def _fill_filters(self) -> None:
        topics = topics_of(self._cards)
        if self._topic not in topics:
            self._topic = ALL
        if topics != tuple(pill.text() for pill in self._pills):
            self._pills = tuple(self._new_pill(topic) for topic in topics)
            self.filters.set_pills(self._pills, self._scale)
            self._chain_focus()
        for pill in self._pills:
            pill.setChecked(pill.text() == self._topic)

    def _new_pill(self, topic: str) -> Pill:
        pill = Pill(topic, self.filters)
        pill.clicked.connect(lambda: self._choose_topic(topic))
        if self._palette is not None:
            pill.set_theme(self._palette, self._scale)
        return pill

    def _choose_topic(self, topic: str) -> None:
        self._topic = topic
        self._filter()

    def _filter(self) -> None:
        words = self.search.text()
        cards = matching(self._cards, self._topic, words)
        tiles: list[Tile] = [self._tiles[card.opens] for card in cards]
        self.lessons.set_tiles(tiles, self._scale)
        self.nothing.setVisible(not cards)
        within = "" if self._topic == ALL else f" in {self._topic}"
        self.nothing.setText(f"No lesson{within} has the words “{words.strip()}”.")
        self._chain_focus()

    def _chain_focus(self) -> None:
        """Let Tab go through the page from top to bottom."""
        stops = self._stops()
        for before, after in pairwise(stops):
            QWidget.setTabOrder(before, after)

    def _stops(self) -> list[QWidget]:
        """Return what takes the focus, in reading order."""
        restore = self.session_row.restore
        return [*self._command_tiles, restore, *self._pills, self.search, *self.lessons.tiles]

    def _open_first(self) -> None:
        tiles = self.shown_tiles()
        if tiles and self.search.text().strip():
            self.lesson_asked.emit(tiles[0].card.opens)

    def _move(self, across: int, down: int) -> None:
        """Focus the nearest button in a direction; from the page itself, the first lesson."""
        here = self.focusWidget()
        stops = [stop for stop in self._stops() if stop.isVisible()]
        if here not in stops:
            tiles = self.shown_tiles()
            if tiles:
                self._focus(tiles[0])
            return
        at = self._middle(here)
        costs: dict[QWidget, float] = {}
        for stop in stops:
            way = self._middle(stop) - at
            ahead = way.x() * across + way.y() * down
            aside = abs(way.y() if across else way.x())
            is_beside = 2 * aside < here.height() + stop.height()
            if stop is not here and ahead > 4 and (is_beside or not across):
                costs[stop] = ahead * (3.0 if down else 1.0) + aside
        if costs:
            self._focus(min(costs, key=lambda stop: costs[stop]))

    def _middle(self, widget: QWidget) -> QPoint:
        return widget.mapTo(self._content, widget.rect().center())

    def _focus(self, widget: QWidget) -> None:
        widget.setFocus(Qt.FocusReason.TabFocusReason)
        self.ensureWidgetVisible(widget, 20, 30)

    def _set_margins(self) -> None:
        width = self.viewport().width()
        side = max(24, min(60, width * 42 // 1000), (width - WIDEST) // 2)
        top = max(24, min(56, self.height() * 6 // 100))
        self._column.setContentsMargins(side, top, side, 32)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        way = _ARROWS.get(Qt.Key(event.key()))
        plain = not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier
        if way is not None:
            self._move(*way)
        elif plain and event.text().strip() and event.text().isprintable():
            self.search.setFocus()
            self.search.insert(event.text())
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._set_margins()
        super().resizeEvent(event)
