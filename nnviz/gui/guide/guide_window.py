"""The window of the guide: a search field, the contents or what was found at the left, and the text at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QSignalBlocker, QSize, Qt
from PySide6.QtGui import QCloseEvent, QFont, QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidgetItem,
    QSplitter,
    QStackedWidget,
    QToolButton,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from nnviz.gui.guide.guide_hits import PLACE, HitList
from nnviz.gui.guide.guide_text import GuideText
from nnviz.gui.kit.icons import icon
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.tint import ground, ink
from nnviz.present.core.palette import Palette
from nnviz.present.words.guide_pages import PAGES, Hit, load_page, pages, search, search_words, split_place
from nnviz.render.fonts import ui_font

SIZE = QSize(1000, 700)
CONTENTS_WIDTH = 270
_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class GuideWindow(QWidget):
    """The window of the guide, a child of the main window; its size is saved."""

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setObjectName("guide")
        self.setWindowTitle("Guide · nnviz")
        self._settings = settings
        self._palette: Palette | None = None
        self._hits: tuple[Hit, ...] = ()
        self._before: list[tuple[str, int]] = []  # pages with their scroll positions
        self._after: list[tuple[str, int]] = []
        self.back = _button("Back", "Go back (Alt+←)", self.go_back)
        self.forward = _button("Forward", "Go forward (Alt+→)", self.go_forward)
        self.previous = _button("Previous match", "Previous match (Shift+Enter)", lambda: self.next_match(-1))
        self.next = _button("Next match", "Next match (Enter)", self.next_match)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search the guide (Ctrl+F)")
        self.field.setAccessibleName("Search the guide")
        self.field.setClearButtonEnabled(True)
        self.count = QLabel()
        self.contents = QTreeWidget()
        self._rows = _fill_contents(self.contents)
        self.found = HitList()
        self.text = GuideText()
        self.left = QStackedWidget()
        self._build()
        self._connect()
        geometry = settings.guide_geometry
        if geometry is None or not self.restoreGeometry(geometry):
            self.resize(SIZE)

    @property
    def place(self) -> str:
        """The place in view: the page and the anchor of its section."""
        return f"{self.text.page}#{self.text.anchor_in_view()}"

    def go_to(self, place: str) -> None:
        """Show a place; `go_back` returns to the previous one."""
        if self.text.page:
            self._before.append(self._here())
            self._after.clear()
        self._show(place)

    def go_back(self) -> None:
        """Show the previous place."""
        self._go_through(self._before, self._after)

    def go_forward(self) -> None:
        """Show the next place after going back."""
        self._go_through(self._after, self._before)

    def next_match(self, step: int = 1) -> None:
        """Go to the next match, or the previous one for a step of −1; from the last on a page to the next page."""
        text, names = self.text, list(dict.fromkeys(hit.section.page for hit in self._hits))
        if not names:
            return
        here = text.match
        if here is None and step > 0 and text.page in names:
            at = text.first_match("")
        elif here is not None and 0 <= here + step < len(text.matches):
            at = here + step
        else:
            order = list(PAGES)
            ahead = [name for name in names if (order.index(name) - order.index(text.page)) * step > 0]
            page = (ahead or names)[0 if step > 0 else -1]
            self.go_to(page)
            at = 0 if step > 0 else len(text.matches) - 1
        if at is not None:
            text.go_to_match(at)
            self._follow_text()

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        for button, name in (
            (self.back, "arrow-left"),
            (self.forward, "arrow-right"),
            (self.previous, "chevron-up"),
            (self.next, "chevron-down"),
        ):
            button.setIcon(icon(name, palette.control_text))
            button.setIconSize(QSize(round(18 * scale), round(18 * scale)))
        for widget in (self.field, self.count, self.contents):
            widget.setFont(ui_font(13 * scale))
        for name, row in self._rows.items():
            row.setSizeHint(0, QSize(0, round((28 if name in PAGES else 24) * scale)))
            if name in PAGES:
                row.setFont(0, ui_font(13 * scale, QFont.Weight.DemiBold))
        ink(self.count, palette.muted)
        ground(self.contents.viewport(), self.found.viewport(), color=palette.window)
        self.found.set_theme(palette, scale)
        self.text.set_theme(palette, scale)

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(12, 8, 12, 8)
        row.setSpacing(6)
        for widget in (self.back, self.forward, self.field, self.previous, self.next, self.count):
            row.addWidget(widget, 1 if widget is self.field else 0)
        row.addStretch(1)
        self.count.setMinimumWidth(90)
        self.left.addWidget(self.contents)
        self.left.addWidget(self.found)
        self.contents.setFrameShape(QFrame.Shape.NoFrame)
        halves = QSplitter()
        halves.setChildrenCollapsible(False)
        halves.addWidget(self._inset(self.left))
        halves.addWidget(self.text)
        halves.setStretchFactor(1, 1)
        halves.setSizes([CONTENTS_WIDTH, SIZE.width() - CONTENTS_WIDTH])
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(halves, 1)
        self._show_search()

    def _inset(self, view: QWidget) -> QWidget:
        """Return a view with a margin at its left."""
        frame = QWidget()
        row = QHBoxLayout(frame)
        row.setContentsMargins(8, 0, 0, 0)
        row.addWidget(view)
        return frame

    def _connect(self) -> None:
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.contents.currentItemChanged.connect(self._contents_chosen)
        self.found.itemActivated.connect(self._hit_chosen)
        self.found.itemClicked.connect(self._hit_chosen)
        self.text.place_asked.connect(self.go_to)
        self.text.verticalScrollBar().valueChanged.connect(self._follow_text)
        for keys, do in (
            ("Ctrl+F", self._take_search),
            ("Alt+Left", self.go_back),
            ("Alt+Right", self.go_forward),
            ("F3", self.next_match),
            ("Shift+F3", lambda: self.next_match(-1)),
            ("Esc", self._leave),
        ):
            QShortcut(QKeySequence(keys), self).activated.connect(do)

    def _here(self) -> tuple[str, int]:
        return self.text.page, self.text.verticalScrollBar().value()

    def _show(self, place: str) -> None:
        page, anchor = split_place(place)
        with QSignalBlocker(self.text.verticalScrollBar()):
            if page != self.text.page:
                self.text.show_page(load_page(page))
            self.text.scroll_to(anchor)
        self._select(place)
        self._show_history()

    def _go_through(self, origin: list[tuple[str, int]], other: list[tuple[str, int]]) -> None:
        if not origin:
            return
        other.append(self._here())
        page, scroll = origin.pop()
        self._show(page)
        self.text.verticalScrollBar().setValue(scroll)
        self._show_history()

    def _show_history(self) -> None:
        self.back.setEnabled(bool(self._before))
        self.forward.setEnabled(bool(self._after))

    # Contents

    def _contents_chosen(self, item: QTreeWidgetItem | None) -> None:
        if item is not None:
            self.go_to(item.data(0, PLACE))

    def _follow_text(self) -> None:
        """Select the section in view in the contents."""
        self._select(self.place)

    def _select(self, place: str) -> None:
        """Select a place in the contents, and open the headings of its page alone."""
        page, _ = split_place(place)
        with QSignalBlocker(self.contents):
            for name in PAGES:
                self._rows[name].setExpanded(name == page)
            self.contents.setCurrentItem(self._rows.get(place, self._rows[page]))

    # Searching

    def _search(self, query: str) -> None:
        self._hits = search(query)
        self.text.mark(search_words(query) if self._hits else ())
        self.found.show_hits(self._hits)
        self._show_search()

    def _show_search(self) -> None:
        is_searching, count = bool(self.field.text().strip()), len(self._hits)
        self.left.setCurrentWidget(self.found if is_searching else self.contents)
        self.count.setText(f"{count} section{'' if count == 1 else 's'}" if is_searching else "")
        for button in (self.previous, self.next):
            button.setEnabled(count > 0)

    def _hit_chosen(self, item: QListWidgetItem) -> None:
        place = str(item.data(PLACE))
        self.go_to(place)
        match = self.text.first_match(split_place(place)[1])
        if match is not None:
            self.text.go_to_match(match)

    def _take_search(self) -> None:
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.field.selectAll()

    def _leave(self) -> None:
        """Clear the search, or close the window."""
        if self.field.text():
            self.field.clear()
            self.text.setFocus()
        else:
            self.close()

    # Qt

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the search field, Enter goes to the next match and ↓ moves into the results."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() in _ENTER:
                self.next_match(-1 if event.modifiers() & _SHIFT else 1)
                return True
            if event.key() == Qt.Key.Key_Down and self._hits:
                self.found.setFocus()
                self.found.setCurrentIndex(self.found.model().index(0, 0, QModelIndex()))
                return True
        return super().eventFilter(watched, event)

    def closeEvent(self, event: QCloseEvent) -> None:
        self._settings.guide_geometry = self.saveGeometry()
        super().closeEvent(event)


def _button(name: str, tip: str, press: Callable[[], object]) -> QToolButton:
    button = QToolButton()
    button.setObjectName(name.lower().replace(" ", "_"))
    button.setAccessibleName(name)
    button.setToolTip(tip)
    button.setAutoRaise(True)
    button.clicked.connect(lambda: press())
    return button


def _fill_contents(tree: QTreeWidget) -> dict[str, QTreeWidgetItem]:
    """Fill a table of contents with a row for each page and each main heading; return the rows by place."""
    tree.setAccessibleName("Contents")
    tree.setHeaderHidden(True)
    tree.setRootIsDecorated(False)
    tree.setIndentation(16)
    rows: dict[str, QTreeWidgetItem] = {}
    for page in pages():
        rows[page.name] = top = QTreeWidgetItem(tree, [page.title])
        for section in page.sections:
            if section.level == 2:
                rows[section.place] = QTreeWidgetItem(top, [section.title])
    for place, row in rows.items():
        row.setData(0, PLACE, place)
    return rows
