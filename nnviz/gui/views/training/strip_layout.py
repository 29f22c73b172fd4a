"""The layout of the training strip: one line if there is room, or else several."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem, QWidget

from nnviz.gui.views.chrome.controls import HEIGHT


class StripLayout(QLayout):
    """Two groups on one line, left and right; if they do not fit, one below the other, each wrapped by itself.

    Optional widgets are hidden if everything else then fits on one line.
    """

    def __init__(self) -> None:
        super().__init__()
        self._items: list[QLayoutItem] = []  # Qt does not keep the Python objects alive
        self._left = 0  # number of items in the left group; they come first
        self._optional: set[int] = set()  # places in the list
        self._gap = 12
        self._line_gap = 6

    def add_left(self, widget: QWidget) -> None:
        """Append a widget to the left group; to be called before any of the right group is added."""
        self._left += 1
        self.addWidget(widget)

    def add_right(self, widget: QWidget) -> None:
        """Append a widget to the right group."""
        self.addWidget(widget)

    def add_optional(self, widget: QWidget) -> None:
        """Append an optional caption of the next widget to the right group."""
        self._optional.add(len(self._items))
        self.addWidget(widget)

    def set_spacing(self, gap: int, line_gap: int) -> None:
        """Set the distances between widgets and between lines."""
        self._gap, self._line_gap = gap, line_gap
        self.invalidate()

    def _lines(self, width: int) -> list[list[int]]:
        """Return the indices of the items on each line."""
        every = list(range(len(self._items)))
        needed = [index for index in every if index not in self._optional]
        for line in (every, needed):
            if self._wide(line) + self._gap <= width:
                return [line]
        return [*self._wrapped(every[: self._left], width), *self._wrapped(every[self._left :], width)]

    def _wrapped(self, places: list[int], width: int) -> list[list[int]]:
        lines: list[list[int]] = []
        for index in places:
            if lines and self._wide([*lines[-1], index]) <= width:
                lines[-1].append(index)
            else:
                lines.append([index])
        return lines

    def _after(self, index: int) -> int:
        return self._gap // 2 if index in self._optional else self._gap

    def _wide(self, line: list[int]) -> int:
        return sum(self._items[i].sizeHint().width() for i in line) + sum(self._after(i) for i in line[:-1])

    def _high(self, line: list[int]) -> int:
        return max(self._items[index].sizeHint().height() for index in line)

    def _place(self, rect: QRect, line: list[int], top: int, alone: bool) -> None:
        height, x = self._high(line), rect.left()
        right = [index for index in line if index >= self._left]
        for index in line:
            if alone and right and index == right[0]:
                x = rect.right() + 1 - self._wide(right)
            size = self._items[index].sizeHint()
            self._items[index].setGeometry(QRect(QPoint(x, top + (height - size.height()) // 2), size))
            x += size.width() + self._after(index)

    def addItem(self, item: QLayoutItem) -> None:
        self._items.append(item)

    def count(self) -> int:
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        return Qt.Orientation.Horizontal

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        lines = self._lines(width)
        return sum(map(self._high, lines)) + self._line_gap * (len(lines) - 1)

    def sizeHint(self) -> QSize:
        width = self._wide(list(range(len(self._items)))) + self._gap
        return QSize(width, self.heightForWidth(width))

    def minimumSize(self) -> QSize:
        widest = max((item.sizeHint().width() for item in self._items), default=0)
        return QSize(widest, round(HEIGHT))

    def setGeometry(self, rect: QRect) -> None:
        super().setGeometry(rect)
        top, lines = rect.top(), self._lines(rect.width())
        for line in lines:
            self._place(rect, line, top, alone=len(lines) == 1)
            top += self._high(line) + self._line_gap
        for index in self._optional.difference(*lines):
            self._items[index].setGeometry(QRect())
