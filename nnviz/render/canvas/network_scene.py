"""The drawing of a network: a picture's items, for the scene of a canvas, or painted in a rectangle of anything."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QGraphicsScene

from nnviz.present.core.palette import Palette
from nnviz.present.network.breakpoint_dots import BreakDot
from nnviz.present.network.marks import Picture, UnitMark
from nnviz.present.network.why_rings import WhyMark
from nnviz.present.places.label import Rect
from nnviz.render.canvas.break_item import BreakItem
from nnviz.render.canvas.canvas_items import (
    EdgesItem,
    FrameItem,
    GroundItem,
    Item,
    LabelsItem,
    LitEdgesItem,
    StripItem,
    UnitItem,
)
from nnviz.render.canvas.item_group import ItemGroup, placed
from nnviz.render.canvas.lens_item import LensItem
from nnviz.render.canvas.maps_item import Maps, MapsItem
from nnviz.render.canvas.why_item import WhyItem

NO_MAPS: Maps = {}
BELOW = 0.1  # between the depths of neurons in faded colors and of the others
Faded = tuple[tuple[UnitMark, ...], Palette]  # neurons and their colors


class NetworkItems(ItemGroup):
    """One item for each neuron, strip and layer of edges, and one for everything else of a kind."""

    def __init__(self, scene: QGraphicsScene | None = None) -> None:
        super().__init__(scene)
        self._units: list[UnitItem] = []
        self._strips: list[StripItem] = []
        self._faded: list[UnitItem] = []
        self._edges: list[EdgesItem] = []
        self._lit = self.added(LitEdgesItem())
        self._labels = self.added(LabelsItem())
        self._ground = self.added(GroundItem())
        self._frame = self.added(FrameItem())
        self._lens = self.added(LensItem())
        self._maps = self.added(MapsItem())
        self._why = self.added(WhyItem())
        self._breaks = self.added(BreakItem())

    def items(self) -> list[Item]:
        """Return all items."""
        fixed: list[Item] = [self._lit, self._labels, self._frame, self._lens, self._ground]
        fixed += [self._maps, self._why, self._breaks]
        return [*self._faded, *self._units, *self._strips, *self._edges, *fixed]

    def show_faded(self, units: tuple[UnitMark, ...], palette: Palette) -> None:
        """Show neurons in other colors, under those of the picture and over the edges."""
        for mark in units:
            item = self.added(UnitItem())
            item.palette = palette
            item.show_mark(mark)
            item.setZValue(item.zValue() - BELOW)
            self._faded.append(item)

    def hide_errors(self) -> None:
        """Leave out the boxes of errors."""
        self._frame.has_errors = False

    def show_picture(
        self,
        picture: Picture,
        rings: tuple[WhyMark, ...] = (),
        dots: tuple[BreakDot, ...] = (),
        maps: Maps = NO_MAPS,
    ) -> None:
        """Show a picture, the rings of a question on it, its breakpoints, and the maps of its hidden neurons."""
        bounds = QRectF(0, 0, picture.width, picture.height)
        self._units = self.pool(self._units, len(picture.units), UnitItem)
        self._strips = self.pool(self._strips, len(picture.strips), StripItem)
        self._edges = self.pool(self._edges, len(picture.edges), EdgesItem)
        for item in self.items():
            item.phase = picture.phase
        for unit, mark in zip(self._units, picture.units, strict=True):
            if unit.mark != mark or mark.active or mark.operand:
                unit.show_mark(mark)
        for strip, strip_mark in zip(self._strips, picture.strips, strict=True):
            strip.show_mark(strip_mark)
        for edges, edges_mark in zip(self._edges, picture.edges, strict=True):
            edges.show_mark(edges_mark, bounds)
        self._lit.show_marks(picture.edges, bounds)
        self._labels.show_marks(picture.edges, bounds)
        self._frame.show_picture(picture)
        self._ground.show_picture(picture)
        self._lens.show_picture(picture)
        self._why.show_marks(rings, bounds, _spared(picture) if rings else ())
        self._breaks.show_dots(dots, bounds)
        self._maps.show_maps(picture.units, maps, bounds)


def _spared(picture: Picture) -> tuple[Rect, ...]:
    """Return the texts at the rims of neurons, which a ring around the neuron must not cross."""
    names = (label.rect for unit in picture.units for label in unit.labels if label.role == "name")
    return (*names, *(bias.label.rect for unit in picture.units for bias in unit.biases))


def draw_network(
    painter: QPainter,
    rect: QRectF,
    picture: Picture,
    palette: Palette,
    scale: float | None = None,
    *,
    rings: tuple[WhyMark, ...] = (),
    dots: tuple[BreakDot, ...] = (),
    maps: Maps = NO_MAPS,
    center: QPointF | None = None,
    faded: Faded | None = None,
    has_errors: bool = True,
) -> float:
    """Draw a picture in the middle of a rectangle and return the scale, in pixels per unit of the picture.

    With `faded`, it lies over the same picture in faded colors, of which these neurons are drawn over its edges again.
    Without `has_errors` the boxes of errors are left out.

    Without a `scale` it fits; with one it has that scale, or a smaller one if it would not fit. With a `center` it
    keeps the scale and shows the part around that point of the picture. `maps` are images inside hidden neurons, by
    layer and unit (`map_images`).
    """
    items = NetworkItems()
    items.set_palette(palette)
    items.show_picture(picture, rings, dots, maps)
    if faded is not None:
        items.show_faded(*faded)
    if not has_errors:
        items.hide_errors()
    painter.save()
    used = placed(painter, rect, QSizeF(picture.width, picture.height), scale, center)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    items.paint(painter)
    painter.restore()
    return used
