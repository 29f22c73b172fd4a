"""The network canvas as an SVG document."""

from __future__ import annotations

from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.svg_writer import svg_document
from nnviz.present.core.palette import Palette
from nnviz.present.network.marks import Picture


def network_svg(picture: Picture, palette: Palette, *, title: str, description: str = "", blank: bool = False) -> str:
    """Return a picture as an SVG document. If `blank`, no dash is drawn for a number that is not known.

    `title` and `description` are what a screen reader says.
    """
    shapes = network_shapes(picture, blank=blank)
    return svg_document(shapes, (picture.width, picture.height), palette, title=title, description=description)
