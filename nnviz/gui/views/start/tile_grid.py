"""Layouts of the start page: tiles in two to four columns, and pills in as many rows as they need."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from nnviz.gui.views.start.tiles import Pill, Tile

LEAST_COLUMNS, MOST_COLUMNS = 2, 4
LEAST_WIDTH = 280.0  # of a tile

_GAP, _PILL_GAP = 20, 2


def columns_for(width: float, scale: float) -> int:
    """Return how many columns of tiles fit a width."""
    gap = _GAP * scale
    return max(LEAST_COLUMNS, min(MOST_COLUMNS, int((width + gap) // (LEAST_WIDTH * scale + gap))))


class FlowingWidget(QWidget):
    """A widget that lays out its children itself; its height follows from its width."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scale = 1.0
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def places(self, width: int) -> list[QRect]:
        """Return where the children are at a width, in order."""
        raise NotImplementedError

    def arrange(self) -> None:
        """Lay the children out again, and let the height follow."""
        for child, place in zip(self.children_in_order(), self.places(self.width()), strict=True):
            child.setGeometry(place)
        self.updateGeometry()

    def children_in_order(self) -> Sequence[QWidget]:
        """Return the children that are laid out."""
        raise NotImplementedError

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        places = self.places(width)
        return max((place.bottom() + 1 for place in places), default=0)

    def sizeHint(self) -> QSize:
        width = max(self.width(), 1)
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.arrange()


class TileGrid(FlowingWidget):
    """Tiles in two to four columns; those of a row have the height of the highest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: tuple[Tile, ...] = ()

    @property
    def tiles(self) -> tuple[Tile, ...]:
        """The tiles that are shown, in order."""
        return self._tiles

    def set_tiles(self, tiles: Sequence[Tile], scale: float) -> None:
        """Show other tiles; those that are left out are hidden."""
        for tile in set(self._tiles) - set(tiles):
            tile.hide()
        self._tiles, self._scale = tuple(tiles), scale
        for tile in tiles:
            tile.setParent(self)
            tile.show()
        self.arrange()

    def children_in_order(self) -> Sequence[QWidget]:
        return self._tiles

    def places(self, width: int) -> list[QRect]:
        count, gap = columns_for(width, self._scale), round(_GAP * self._scale)
        column = (width - gap * (count - 1)) // count
        result: list[QRect] = []
        y = 0
        for first in range(0, len(self._tiles), count):
            row = self._tiles[first : first + count]
            height = round(max(tile.height_for(column) for tile in row))
            result.extend(QRect((column + gap) * index, y, column, height) for index in range(len(row)))
            y += height + gap
        return result


class PillRow(FlowingWidget):
    """Pills one after another, in a second row where the first is full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pills: tuple[Pill, ...] = ()

    def set_pills(self, pills: Sequence[Pill], scale: float) -> None:
        """Show other pills."""
        for pill in self._pills:
            if pill not in pills:
                pill.hide()
                pill.deleteLater()
        self._pills, self._scale = tuple(pills), scale
        for pill in pills:
            pill.setParent(self)
            pill.show()
        self.arrange()

    def children_in_order(self) -> Sequence[QWidget]:
        return self._pills

    def places(self, width: int) -> list[QRect]:
        gap = round(_PILL_GAP * self._scale)
        result: list[QRect] = []
        x = y = 0
        for pill in self._pills:
            size = pill.sizeHint()
            if x and x + size.width() > width:
                x, y = 0, y + size.height() + gap
            result.append(QRect(x, y, size.width(), size.height()))
            x += size.width() + gap
        return result
