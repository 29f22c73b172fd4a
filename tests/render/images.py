"""Images that tests paint, and their pixels as arrays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from nnviz.present.core.palette import load_palette


def image_of(size: tuple[int, int], theme: str, draw: Callable[[QPainter, QRectF], object]) -> QImage:
    """Return what `draw(painter, rect)` paints on a card of a theme."""
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(load_palette(theme).card))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    draw(painter, QRectF(0, 0, *size))
    painter.end()
    return image


def pixels(image: QImage) -> NDArray[np.uint8]:
    """Return the pixels (height, width, 4), blue first, of an image of 32 bits."""
    shape = (image.height(), image.bytesPerLine() // 4, 4)
    return np.array(image.constBits(), dtype=np.uint8).reshape(shape)[:, : image.width()].copy()
