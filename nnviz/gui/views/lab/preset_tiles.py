"""The presets of data as tiles with a small drawing, and a tile for a file of one's own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Signal
from PySide6.QtGui import QColor, QFont, QPainter
from PySide6.QtWidgets import QWidget

from nnviz.gui.views.start.tile_grid import FlowingWidget
from nnviz.gui.views.start.tiles import StartButton, frame_tile
from nnviz.present.core.palette import Palette
from nnviz.present.lab.preset_drawing import PresetDrawing, preset_drawing
from nnviz.presets.preset_table import PRESETS
from nnviz.render.fonts import ui_font
from nnviz.render.paint import centered_text

FILE = "File…"
TILE_WIDTH, TILE_HEIGHT, GAP, NAME_ROOM = 70.0, 78.0, 8.0, 20.0
_PAD, _DOT, _FEW, _LARGE_DOT = 9.0, 2.4, 8, 5.0  # the dots of a few examples are large


class PresetTile(StartButton):
    """A tile with the drawing of a preset, or with a plus, and the name under it; the chosen one has a strong frame."""

    def __init__(self, name: str, tip: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self.setCheckable(True)
        self.setToolTip(tip)
        self.setAccessibleDescription(tip)

    def nextCheckState(self) -> None:
        """Do nothing: which tile is checked follows from the lesson."""

    def _draw(self, painter: QPainter, rect: QRectF, palette: Palette) -> None:
        scale = self._scale
        card = rect.adjusted(0, 0, 0, -NAME_ROOM * scale)
        on = self.isChecked() or self.hasFocus()
        frame_tile(painter, card, palette, focused=on, hovered=self.underMouse())
        inner = card.adjusted(_PAD * scale, _PAD * scale, -_PAD * scale, -_PAD * scale)
        if self.text() in PRESETS:
            _draw_preset(painter, inner, preset_drawing(self.text()), palette, scale)
        else:
            centered_text(painter, card.center(), "+", ui_font(24 * scale), palette.muted)
        weight = QFont.Weight.DemiBold if self.isChecked() else QFont.Weight.Normal
        place = QPointF(rect.center().x(), rect.bottom() - NAME_ROOM * scale / 2)
        centered_text(painter, place, self.text(), ui_font(12 * scale, weight), palette.text)


def _draw_preset(painter: QPainter, box: QRectF, drawing: PresetDrawing, palette: Palette, scale: float) -> None:
    if drawing.pixels is not None:
        rows, columns = drawing.pixels.shape
        side = min(box.width() / columns, box.height() / rows)
        left, top = box.center().x() - side * columns / 2, box.center().y() - side * rows / 2
        for (row, column), ink in _dark(drawing):
            color = QColor(palette.text)
            color.setAlphaF(ink)
            painter.fillRect(QRectF(left + column * side, top + row * side, side, side), color)
        return
    dot = (_LARGE_DOT if len(drawing.dots) <= _FEW else _DOT) * scale
    box = box.adjusted(dot, dot, -dot, -dot)
    for (x, y), label in zip(drawing.dots, drawing.classes, strict=True):
        painter.setPen(QColor(palette.card))
        painter.setBrush(QColor(palette.series[max(label, 0) % len(palette.series)]))
        painter.drawEllipse(QPointF(box.left() + x * box.width(), box.bottom() - y * box.height()), dot, dot)


def _dark(drawing: PresetDrawing) -> Iterable[tuple[tuple[int, int], float]]:
    assert drawing.pixels is not None
    rows, columns = drawing.pixels.nonzero()
    for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
        yield (row, column), float(drawing.pixels[row, column])


class PresetGrid(FlowingWidget):
    """All presets and a file. `preset_chosen(name)` and `file_asked()` are emitted by clicks."""

    preset_chosen = Signal(str)
    file_asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tiles = {name: PresetTile(name, row.sentence, self) for name, row in PRESETS.items()}
        for name, tile in self.tiles.items():
            tile.clicked.connect(lambda _=False, name=name: self.preset_chosen.emit(name))
        self.file = PresetTile(FILE, "Open a table of your own: CSV, with any separator", self)
        self.file.clicked.connect(self.file_asked)

    def show_chosen(self, preset: str, is_file: bool) -> None:
        """Mark the preset in use, or the file; neither for examples given as numbers."""
        for name, tile in self.tiles.items():
            tile.setChecked(name == preset)
        self.file.setChecked(is_file)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._scale = scale
        for tile in self.children_in_order():
            tile.set_theme(palette, scale)
        self.arrange()

    def children_in_order(self) -> Sequence[PresetTile]:
        return (*self.tiles.values(), self.file)

    def places(self, width: int) -> list[QRect]:
        gap, wide = GAP * self._scale, TILE_WIDTH * self._scale
        columns = max(1, int((width + gap) // (wide + gap)))
        each = (width - gap * (columns - 1)) / columns
        high = TILE_HEIGHT * self._scale
        return [
            QRect(round(at % columns * (each + gap)), round(at // columns * (high + gap)), round(each), round(high))
            for at in range(len(self.children_in_order()))
        ]
