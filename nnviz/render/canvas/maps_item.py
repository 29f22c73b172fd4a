"""Small maps inside hidden neurons: what each answers over the plane of the two inputs."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QImage, QPainter, QPainterPath
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from nnviz.present.core.palette import Palette
from nnviz.present.network.marks import UnitMark
from nnviz.present.runs.responses import Codes
from nnviz.render.canvas.canvas_items import Item
from nnviz.render.fonts import mono_font
from nnviz.render.paint import centered_text, pen, pill, text_width
from nnviz.render.plot_painter import code_image

RIM = 2.0  # between a map and the outline of its disc
PLATE_HEIGHT, PLATE_PAD = 20.0, 5.0
Maps = Mapping[tuple[int, int], QImage]


def map_images(responses: Mapping[tuple[int, int], Codes], palette: Palette) -> dict[tuple[int, int], QImage]:
    """Return the maps of `unit_responses` as images in the colors of a theme."""
    return {place: code_image(codes, "two", palette) for place, codes in responses.items()}


class MapsItem(Item):
    """All maps of a picture, over the discs, each with the neuron's activation on a plate."""

    def __init__(self) -> None:
        super().__init__(3.5)
        self._units: tuple[UnitMark, ...] = ()
        self._maps: Maps = {}
        self.setVisible(False)

    def show_maps(self, units: tuple[UnitMark, ...], maps: Maps, bounds: QRectF) -> None:
        """Paint the maps of those neurons that have one."""
        if not maps and not self._maps:
            return
        self._units = tuple(unit for unit in units if (unit.layer, unit.unit) in maps)
        self._maps = maps
        self.place(bounds)
        self.setVisible(bool(self._units))
        self.update()

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        if self.palette is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for unit in self._units:
            self._map(painter, unit, self._maps[unit.layer, unit.unit])

    def _map(self, painter: QPainter, unit: UnitMark, image: QImage) -> None:
        place = QRectF(*unit.map_rect)
        center, radius = place.center(), place.width() / 2 - RIM
        if radius <= 0.0:
            return
        disc, free, tags = QPainterPath(), QPainterPath(), QPainterPath()
        disc.addEllipse(center, radius, radius)
        free.addRect(place)
        for bias in unit.biases:
            tags.addRoundedRect(QRectF(*bias.label.rect).adjusted(-1, -1, 1, 1), 4, 4)
        painter.save()
        painter.setClipPath(free.subtracted(tags), Qt.ClipOperation.IntersectClip)
        painter.save()
        painter.setClipPath(disc, Qt.ClipOperation.IntersectClip)
        painter.drawImage(QRectF(center.x() - radius, center.y() - radius, 2 * radius, 2 * radius), image)
        painter.restore()
        painter.setBrush(Qt.BrushStyle.NoBrush)  # a clipped image has a ragged edge
        painter.setPen(pen(self.color("card"), RIM))
        painter.drawEllipse(center, radius, radius)
        painter.restore()
        label = unit.label("a")
        is_beside = unit.plate is not None and not unit.over
        if label is not None and label.text and not is_beside:
            font = mono_font(min(13.5, label.size), QFont.Weight.Medium)
            high = min(PLATE_HEIGHT, unit.radius * 0.55)
            wide = text_width(font, unit.a) + 2 * PLATE_PAD
            plate = QRectF(unit.x - wide / 2, unit.y - high / 2, wide, high)
            pill(painter, plate, self.color("card"), None, 5)
            centered_text(painter, center, unit.a, font, self.color("text"))
