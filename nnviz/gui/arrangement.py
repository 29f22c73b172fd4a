"""The sizes of the docked panels: a function of the window's size, and of the borders that the user has dragged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QApplication, QMainWindow

from nnviz.gui.docks import GivingWay, is_in_front, shared
from nnviz.gui.views.chrome.panel import Panel

MOST_SIDE, SIDE_PART = 480, 0.36  # the width of the docks at the right, at most and as a part of the window's
LEAST_PLOTS, MOST_PLOTS, PLOTS_PART, ABOVE_PLOTS = 140, 240, 0.42, 330  # the height of the docks at the bottom
STEP_LEAST = 285  # the height of the step in a low window
SLACK = 3  # pixels by which layouts differ that are meant to be the same


@dataclass
class DockGroup:
    """Docks of one area that share its length in a direction.

    `weights` returns how some of them share it. `chosen` are the sizes that the user gave them instead.
    """

    docks: Sequence[Panel]
    area: Qt.DockWidgetArea
    direction: Qt.Orientation
    weights: Callable[[list[Panel]], list[int]]
    chosen: dict[Panel, int] = field(default_factory=dict)

    def together(self, window: QMainWindow) -> list[Panel]:
        """Return the docks that are in the area and seen, of those that share a place the one in front."""
        shown = [dock for dock in self.docks if not dock.isFloating() and is_in_front(dock)]
        return [dock for dock in shown if window.dockWidgetArea(dock) == self.area]

    def sizes(self, docks: list[Panel]) -> list[int]:
        """Return the present sizes of some of the docks."""
        across = self.direction is Qt.Orientation.Horizontal
        return [dock.width() if across else dock.height() for dock in docks]

    def wanted(self, docks: list[Panel]) -> list[int]:
        """Return the sizes that some of the docks should have in the length that they have together."""
        is_chosen = all(dock in self.chosen for dock in docks)
        weights = [self.chosen[dock] for dock in docks] if is_chosen else self.weights(docks)
        return shared(weights, sum(self.sizes(docks)))


class Arrangement:
    """Gives the docks their sizes when the window gets another one, so that no earlier size of it has an effect."""

    def __init__(self, window: QMainWindow, column: DockGroup, row: DockGroup, giving_way: GivingWay) -> None:
        self._window, self._column, self._row, self._giving_way = window, column, row, giving_way
        self._side = 0.0  # the width of the column as a part of the window's, if the user chose it
        self._pressed: tuple[int, list[int], list[int]] | None = None
        self.is_lent = False  # while a panel has borrowed height, that of the column is left alone

    def reset(self) -> None:
        """Forget the borders that the user has dragged."""
        self._column.chosen, self._row.chosen, self._side = {}, {}, 0.0
        self._giving_way.want(_plots(self._window.height()))
        self.fit()

    def adopt(self) -> None:
        """Keep the present sizes, which were restored, where they are not those of a first window of this size."""
        width = self._width()
        if width and abs(width - self._wanted_width()) > SLACK:
            self._side = width / self._window.width()
        for group in (self._column, self._row):
            self._keep(group, group.wanted(group.together(self._window)))

    def fit(self) -> None:
        """Give all docks their sizes for the present size of the window."""
        self._giving_way.prefer(_plots(self._window.height()))
        column = self._column.together(self._window)
        if column:
            self._window.resizeDocks(column[:1], [self._wanted_width()], Qt.Orientation.Horizontal)
        QApplication.sendPostedEvents(self._window, QEvent.Type.LayoutRequest)
        self._giving_way.fit()
        self._share(self._row)
        if not self.is_lent:
            self._share(self._column)

    def fit_row(self) -> None:
        """Share the width among the docks at the bottom again, whose headings have changed."""
        self._share(self._row)

    def press(self) -> None:
        """Notice that a drag of a border may begin."""
        self._pressed = self._width(), self._sizes(self._column), self._sizes(self._row)

    def release(self) -> None:
        """Keep the sizes that a drag has changed."""
        if self._pressed is None:
            return
        (width, *before), self._pressed = self._pressed, None
        if width != self._width():
            self._side = self._width() / self._window.width()
        for group, sizes in zip((self._column, self._row), before, strict=True):
            self._keep(group, sizes)

    def _keep(self, group: DockGroup, before: Sequence[int]) -> None:
        """Keep the present sizes of a group if they differ from earlier ones."""
        docks = group.together(self._window)
        now = group.sizes(docks)
        if len(now) == len(before) and any(abs(a - b) > SLACK for a, b in zip(now, before, strict=True)):
            group.chosen = dict(zip(docks, now, strict=True))

    def _share(self, group: DockGroup) -> None:
        docks = group.together(self._window)
        if len(docks) > 1 and group.wanted(docks) != group.sizes(docks):
            self._window.resizeDocks(docks, group.wanted(docks), group.direction)

    def _sizes(self, group: DockGroup) -> list[int]:
        return group.sizes(group.together(self._window))

    def _width(self) -> int:
        return next((dock.width() for dock in self._column.together(self._window)), 0)

    def _wanted_width(self) -> int:
        width = self._window.width()
        return round(self._side * width) if self._side else min(MOST_SIDE, round(SIDE_PART * width))


def _plots(height: int) -> int:
    """Return the height of the plots in a window of a height; that of a low one goes to the network."""
    return min(MOST_PLOTS, max(LEAST_PLOTS, round((height - ABOVE_PLOTS) * PLOTS_PART)))


def column_heights(sizes: Mapping[Panel, int], step: Panel, docked: list[Panel]) -> list[int]:
    """Return the heights at first of docks at the right; in a low window the step keeps that of most cards."""
    shares, room = [sizes[panel] for panel in docked], sum(panel.height() for panel in docked)
    if step in docked and len(docked) > 1:
        at, least = docked.index(step), min(STEP_LEAST, room // 2)
        others = sum(shares) - shares[at]
        shares[at] = max(shares[at], others * least // max(room - least, 1))
    return shares


def row_widths(sizes: Mapping[Panel, int], docked: list[Panel]) -> list[int]:
    """Return the widths at first of docks at the bottom; a heading that needs more than its share gets it."""
    room, needed = sum(panel.width() for panel in docked), [panel.heading.sizeHint().width() for panel in docked]
    if max(needed) * len(docked) <= room:
        return [sizes[panel] for panel in docked]
    wide = [need for need in needed if need * len(docked) > room]
    rest = (room - sum(wide)) // max(len(docked) - len(wide), 1)
    shares = [need if need * len(docked) > room else rest for need in needed]
    return shares if sum(needed) <= room and all(map(int.__le__, needed, shares)) else needed
