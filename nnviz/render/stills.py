"""Still pictures: a view of a session, or a strip of several, as PNG, or as PDF with its text as text."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QIODevice, QMarginsF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPageSize, QPainter, QPdfWriter

from nnviz.debugger.state.session import Session
from nnviz.present.core.palette import Palette, load_palette
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.stage.figure import LABEL, LABEL_TYPE, MARGIN, FigureLook, FigurePanel, panels
from nnviz.present.stage.regions import regions
from nnviz.present.stage.stage import StageLook, StageRun, network_picture, stage, stage_plots
from nnviz.present.words.card import card
from nnviz.render.canvas.graph_drawing import draw_graph
from nnviz.render.canvas.network_scene import draw_network
from nnviz.render.cards.band_painter import band_height, draw_band
from nnviz.render.fonts import ui_font
from nnviz.render.painted_files import painted_file, write_png_file
from nnviz.render.stage_painter import paint_boundary, paint_curve, paint_stage

PDF_DPI = 96  # a pixel of the picture is a pixel of the page
NO_PAGE = "Qt cannot paint the page"
NO_RUN = StageRun()
Draw = Callable[[QPainter, Session, QRectF, StageRun, Palette], None]


def draw_figure(painter: QPainter, sessions: Sequence[Session], look: FigureLook, run: StageRun = NO_RUN) -> None:
    """Draw a view of each session in the rectangle of its size. Raises ValueError for a theme that does not exist."""
    palette = load_palette(look.theme)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    if not look.is_transparent:
        painter.fillRect(QRectF(0, 0, look.width, look.height), QColor(palette.window))
    for panel in panels(sessions, (look.width, look.height)):
        _label(painter, panel, palette)
        left, top, width, height = panel.rect
        painter.save()
        painter.translate(left, top)
        VIEWS[look.view](painter, panel.session, QRectF(0, 0, width, height), run, palette)
        painter.restore()


def figure_image(sessions: Sequence[Session], look: FigureLook, run: StageRun = NO_RUN) -> QImage:
    """Return a figure as an image."""
    image = QImage(look.width, look.height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    try:
        draw_figure(painter, sessions, look, run)
    finally:
        painter.end()
    return image


def write_png(path: Path, sessions: Sequence[Session], look: FigureLook, run: StageRun = NO_RUN) -> None:
    """Write a figure as PNG. Raises OSError and ValueError."""
    write_png_file(path, figure_image(sessions, look, run))


def write_pdf(path: Path, sessions: Sequence[Session], look: FigureLook, run: StageRun = NO_RUN) -> None:
    """Write a figure on a page of its size. Raises OSError and ValueError."""
    painter = QPainter()
    with painted_file(path) as device:
        writer = begin_pdf(painter, device, (look.width, look.height))
        try:
            draw_figure(painter, sessions, look, run)
        finally:
            painter.end()
        del writer


def begin_pdf(painter: QPainter, device: QIODevice, size: tuple[float, float]) -> QPdfWriter:
    """Begin to paint on the first page, of a size in pixels, of a PDF file. Raises OSError."""
    writer = QPdfWriter(device)
    writer.setResolution(PDF_DPI)
    writer.setCreator("nnviz")
    inches = QSizeF(size[0] / PDF_DPI, size[1] / PDF_DPI)
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch, "", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    if not painter.begin(writer):
        raise OSError(errno.EIO, NO_PAGE)
    return writer


def next_page(writer: QPdfWriter) -> None:
    """Begin another page. Raises OSError."""
    if not writer.newPage():
        raise OSError(errno.EIO, NO_PAGE)


def _label(painter: QPainter, panel: FigurePanel, palette: Palette) -> None:
    rect = QRectF(*panel.label_rect)
    font = ui_font(max(1.0, rect.height() * LABEL_TYPE / LABEL), QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(palette.text))
    words = QFontMetricsF(font).elidedText(panel.label, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), words)


def _inner(rect: QRectF) -> QRectF:
    margin = MARGIN * rect.height()
    return rect.adjusted(margin, margin, -margin, -margin)


def _network(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    inner = _inner(rect)
    places = regions("network", rect.width(), rect.height())
    places = replace(places, network=(inner.x(), inner.y(), inner.width(), inner.height()))
    picture = network_picture(session, places, False)
    draw_network(painter, inner, picture, palette, places.picture_scale)


def _graph(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    draw_graph(painter, _inner(rect), graph_picture(session), palette)


def _formula(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    made, scale = card(session), 2 * regions("network", rect.width(), rect.width() * 9 / 16).type_scale
    high = min(band_height(made, rect.width(), scale), rect.height())
    draw_band(painter, QRectF(0, (rect.height() - high) / 2, rect.width(), high), made, palette, scale)


def _loss(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    paint_curve(painter, _inner(rect), stage_plots(session, run), palette, _plot_scale(rect))


def _boundary(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    paint_boundary(painter, _inner(rect), stage_plots(session, run), palette, _plot_scale(rect))


def _plot_scale(rect: QRectF) -> float:
    return regions("plots", rect.width(), rect.height()).type_scale


def _stage(painter: QPainter, session: Session, rect: QRectF, run: StageRun, palette: Palette) -> None:
    paint_stage(painter, stage(session, StageLook(), rect.width(), rect.height(), run), palette)


VIEWS: dict[str, Draw] = {
    "network": _network,
    "graph": _graph,
    "formula": _formula,
    "loss": _loss,
    "boundary": _boundary,
    "stage": _stage,
}
