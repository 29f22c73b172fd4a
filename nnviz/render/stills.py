"""Still pictures: a view of a session as PNG, or as PDF with its text as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QImageWriter, QPageSize, QPainter, QPdfWriter

from nnviz.debugger.state.session import Session
from nnviz.present.core.palette import Palette, load_palette
from nnviz.present.stage.regions import regions
from nnviz.present.stage.stage import StageLook, StageRun, network_picture, stage
from nnviz.render.canvas.graph_drawing import draw_graph
from nnviz.render.canvas.network_scene import draw_network
from nnviz.render.cards.band_painter import band_height, draw_band
from nnviz.render.stage_painter import paint_boundary, paint_curve, paint_stage

PDF_DPI = 96  # a pixel of the picture is a pixel of the page
MARGIN = 0.02  # of the height, around a view


@dataclass(frozen=True, kw_only=True)
class StillLook:
    """How a picture looks: its view, its size in pixels, its theme, and whether its background is transparent."""

    view: str = "network"
    width: int = 1600
    height: int = 900
    theme: str = "light"
    is_transparent: bool = False


Draw = Callable[[QPainter, Session, StillLook, StageRun, Palette], None]


def draw_still(painter: QPainter, session: Session, look: StillLook, run: StageRun) -> None:
    """Draw a view of a session in the rectangle of its size. Raises ValueError for a view that it does not have."""
    palette = load_palette(look.theme)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if not look.is_transparent:
        painter.fillRect(QRectF(0, 0, look.width, look.height), QColor(palette.window))
    VIEWS[look.view](painter, session, look, run, palette)


def write_png(path: Path, session: Session, look: StillLook, run: StageRun = StageRun()) -> None:  # noqa: B008
    """Write a view as PNG. Raises OSError and ValueError."""
    image = still_image(session, look, run)
    if not QImageWriter(str(path), b"png").write(image):
        raise OSError(28, "cannot be written", str(path))


def still_image(session: Session, look: StillLook, run: StageRun = StageRun()) -> QImage:  # noqa: B008 it is frozen
    """Return a view as an image."""
    image = QImage(look.width, look.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    try:
        draw_still(painter, session, look, run)
    finally:
        painter.end()
    return image


def write_pdf(path: Path, sessions: Sequence[Session], look: StillLook, run: StageRun = StageRun()) -> None:  # noqa: B008
    """Write a view of each session on a page of its own. Raises OSError and ValueError."""
    painter = QPainter()
    writer = begin_pdf(painter, path, (look.width, look.height))
    try:
        for index, session in enumerate(sessions):
            if index:
                next_page(writer, path)
            draw_still(painter, session, look, run)
    finally:
        painter.end()


def begin_pdf(painter: QPainter, path: Path, size: tuple[float, float]) -> QPdfWriter:
    """Begin to paint on the first page, of a size in pixels, of a PDF file. Raises OSError."""
    writer = QPdfWriter(str(path))
    writer.setResolution(PDF_DPI)
    writer.setCreator("nnviz")
    inches = QSizeF(size[0] / PDF_DPI, size[1] / PDF_DPI)
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    if not painter.begin(writer):
        raise OSError(28, "cannot be written", str(path))
    return writer


def next_page(writer: QPdfWriter, path: Path) -> None:
    """Begin another page. Raises OSError."""
    if not writer.newPage():
        raise OSError(28, "cannot be written", str(path))


def _whole(look: StillLook) -> QRectF:
    margin = MARGIN * look.height
    return QRectF(margin, margin, look.width - 2 * margin, look.height - 2 * margin)


def _network(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    rect = _whole(look)
    places = regions("network", look.width, look.height)
    places = replace(places, network=(rect.x(), rect.y(), rect.width(), rect.height()))
    picture = network_picture(session, places, False)
    draw_network(painter, rect, picture, palette, places.picture_scale)


def _graph(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    made = stage(session, StageLook(layout="graph"), look.width, look.height, run)
    assert made.graph is not None
    draw_graph(painter, _whole(look), made.graph, palette)


def _formula(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    made = stage(session, StageLook(), look.width, look.width * 9 / 16, run)
    assert made.card is not None
    scale = 2.0 * made.regions.type_scale
    high = min(band_height(made.card, look.width, scale), float(look.height))
    top = (look.height - high) / 2
    draw_band(painter, QRectF(0, top, look.width, high), made.card, palette, scale)


def _loss(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    made = stage(session, StageLook(layout="plots"), look.width, look.height, run)
    assert made.plots is not None
    paint_curve(painter, _whole(look), made.plots, palette, made.regions.type_scale)


def _boundary(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    made = stage(session, StageLook(layout="plots"), look.width, look.height, run)
    assert made.plots is not None
    paint_boundary(painter, _whole(look), made.plots, palette, made.regions.type_scale)


def _stage(painter: QPainter, session: Session, look: StillLook, run: StageRun, palette: Palette) -> None:
    paint_stage(painter, stage(session, StageLook(), look.width, look.height, run), palette)


VIEWS: dict[str, Draw] = {
    "network": _network,
    "graph": _graph,
    "formula": _formula,
    "loss": _loss,
    "boundary": _boundary,
    "stage": _stage,
}
