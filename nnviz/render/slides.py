"""Slides: a stage on each page of a PDF, in the shape of a screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from PySide6.QtGui import QImage, QPainter, QPdfWriter

from nnviz.present.core.palette import load_palette
from nnviz.present.stage.stage import Stage
from nnviz.render.painted_files import painted_file, write_png_file
from nnviz.render.stage_painter import paint_stage
from nnviz.render.stills import begin_pdf, next_page


def write_slides(path: Path, stages: Iterable[Stage], theme: str) -> None:
    """Write each stage on a page of its size. Raises OSError, and ValueError for a theme that does not exist."""
    for _ in slide_pages(path, stages, theme):
        pass


def write_slide_png(path: Path, shown: Stage, theme: str) -> None:
    """Write one stage as PNG. Raises OSError, and ValueError for a theme that does not exist."""
    palette = load_palette(theme)
    image = QImage(round(shown.width), round(shown.height), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        paint_stage(painter, shown, palette)
    finally:
        painter.end()
    write_png_file(path, image)


def slide_pages(path: Path, stages: Iterable[Stage], theme: str) -> Iterator[int]:
    """Write slides one by one, and yield the number of those that are written. Raises OSError and ValueError."""
    palette = load_palette(theme)
    painter = QPainter()
    writer: QPdfWriter | None = None
    with painted_file(path) as device:
        try:
            for number, shown in enumerate(stages, start=1):
                if writer is None:
                    writer = begin_pdf(painter, device, (shown.width, shown.height))
                else:
                    next_page(writer)
                paint_stage(painter, shown, palette)
                yield number
        finally:
            painter.end()
