"""The icons: outlines from resources/icons, drawn in a given colour."""

import difflib
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from nnviz.resources import read_text, resource_names

# Sizes that tool buttons and menus use at ratios 1 and 2, and in presentation mode; other sizes are scaled
PIXEL_SIZES = (16, 18, 20, 27, 32, 36, 54, 64)


@lru_cache(maxsize=1)
def icon_names() -> tuple[str, ...]:
    """Return the names of all icons, sorted."""
    return resource_names("icons", ".svg")


@lru_cache(maxsize=512)
def icon(name: str, color: str) -> QIcon:
    """Return the icon `name` in `color` ("#rrggbb"), crisp at common sizes and device pixel ratios.

    Raises ValueError on a name that is not in `icon_names()`. Needs a QGuiApplication.
    """
    renderer = QSvgRenderer(QByteArray(icon_svg(name, color).encode()))
    result = QIcon()
    for pixels in PIXEL_SIZES:
        pixmap = QPixmap(pixels, pixels)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
        result.addPixmap(pixmap)
    return result


def icon_svg(name: str, color: str) -> str:
    """Return the SVG text of the icon `name` in `color`; raises ValueError on an unknown name."""
    return _svg(name).replace("currentColor", color)


@lru_cache(maxsize=512)
def _svg(name: str) -> str:
    names = icon_names()
    if name not in names:
        near = difflib.get_close_matches(name, names, n=1)
        raise ValueError(f"no icon {name!r}" + (f" (did you mean {near[0]!r}?)" if near else ""))
    return read_text("icons", f"{name}.svg")
