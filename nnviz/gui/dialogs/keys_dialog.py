"""The window of keyboard shortcuts: grouped as the menus are, and searched as one types."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from nnviz.render.fonts import mono_font, ui_font

SIZE = QSize(760, 600)
KEYS_WIDTH = 170


@dataclass(frozen=True)
class KeyGroup:
    """The shortcuts of one menu: its title, and the keys, title and tip of each command."""

    title: str
    rows: tuple[tuple[str, str, str], ...]


class KeysDialog(QDialog):
    """A dialog with every keyboard shortcut; typing leaves those that contain all the words."""

    def __init__(self, groups: tuple[KeyGroup, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyboard shortcuts")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.field = QLineEdit()
        self.field.setPlaceholderText("Search keys and commands")
        self.field.setAccessibleName("Search keys and commands")
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self.search)
        self.nothing = QLabel("No shortcut contains these words.")
        self.nothing.hide()
        self._rows: list[tuple[str, list[QLabel]]] = []  # what is searched, and the row's labels
        self._titles: list[tuple[QLabel, range]] = []  # a group's title, and the places of its rows
        self.area = QScrollArea()
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.area.setAccessibleName("Keyboard shortcuts")
        self.area.setWidget(self._page(groups))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 18, 20, 16)
        column.setSpacing(12)
        column.addWidget(self.field)
        column.addWidget(self.area, 1)
        column.addWidget(buttons)
        self.field.setFocus()
        self.resize(self.sizeHint())  # Qt gives a dialog less than a small screen has

    def search(self, text: str) -> None:
        """Show the rows that contain all words of a text, and the titles of groups that have any."""
        words = text.casefold().split()
        found = [all(word in searched for word in words) for searched, _ in self._rows]
        for (_, labels), is_found in zip(self._rows, found, strict=True):
            for label in labels:
                label.setVisible(is_found)
        for title, places in self._titles:
            title.setVisible(any(found[place] for place in places))
        self.nothing.setVisible(not any(found))

    def shown(self) -> list[str]:
        """Return the titles of the commands that are shown."""
        return [labels[1].text() for _, labels in self._rows if not labels[1].isHidden()]

    def _page(self, groups: tuple[KeyGroup, ...]) -> QWidget:
        page = QWidget()
        page.setBackgroundRole(QPalette.ColorRole.Base)
        page.setAutoFillBackground(True)
        grid = QGridLayout(page)
        grid.setContentsMargins(14, 8, 14, 12)
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(5)
        grid.setColumnMinimumWidth(0, KEYS_WIDTH)
        grid.setColumnStretch(2, 1)
        grid.addWidget(self.nothing, 0, 0, 1, 3)
        line = 1
        for group in groups:
            title = QLabel(group.title)
            title.setFont(ui_font(14, QFont.Weight.DemiBold))
            title.setContentsMargins(0, 10, 0, 2)
            grid.addWidget(title, line, 0, 1, 3)
            line += 1
            first = len(self._rows)
            for row in group.rows:
                labels = _labels(*row)
                for place, label in enumerate(labels):
                    grid.addWidget(label, line, place)
                self._rows.append((" ".join((*row, group.title)).casefold(), labels))
                line += 1
            self._titles.append((title, range(first, len(self._rows))))
        grid.setRowStretch(line, 1)
        return page

    def sizeHint(self) -> QSize:
        return SIZE.boundedTo(self.screen().availableGeometry().size() - QSize(24, 60))


def _labels(keys: str, title: str, tip: str) -> list[QLabel]:
    """Return the labels of a row."""
    shown, words, more = QLabel(keys), QLabel(title), QLabel(tip)
    shown.setFont(mono_font(13, QFont.Weight.DemiBold))
    more.setFont(ui_font(12))
    more.setWordWrap(True)
    more.setForegroundRole(QPalette.ColorRole.PlaceholderText)
    for label in (shown, words, more):
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
    return [shown, words, more]
