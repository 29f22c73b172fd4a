"""Paints a stage at its size: title, network or graph, formula band, timeline, code and plots."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from nnviz.present.core.palette import Palette
from nnviz.present.network.marks import Picture
from nnviz.present.places.label import contains
from nnviz.present.stage.regions import HEADLINE_SIZE, SENTENCE_SIZE, TITLE_SIZE
from nnviz.present.stage.spotlight import faded, faded_part, has_light, is_lit, lit_part, with_whole_texts
from nnviz.present.stage.stage import SceneLine, Stage, StagePlots
from nnviz.present.stage.transition import DEPART, Traveller, ease
from nnviz.render.canvas.graph_drawing import draw_graph
from nnviz.render.canvas.item_group import placement
from nnviz.render.canvas.maps_item import map_images
from nnviz.render.canvas.network_scene import draw_network
from nnviz.render.cards.band_painter import draw_band
from nnviz.render.code_painter import draw_code
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.paint import centered_text, pen, pill, text_width
from nnviz.render.plot_painter import draw_boundary, draw_curve
from nnviz.tracing.steps import Quantity

HEADING_SIZE = 64.0
CAPTION_SIZES = (HEADLINE_SIZE, 32.0, TITLE_SIZE, 26.0, 24.0)
ZOOM = 1.9  # of the network around the active neuron


def paint_stage(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint a stage over its whole size."""
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.fillRect(QRectF(0, 0, stage.width, stage.height), QColor(palette.window))
    if stage.picture is not None:
        _network(painter, stage, palette)
    if stage.graph is not None and stage.regions.graph is not None:
        draw_graph(painter, QRectF(*stage.regions.graph), stage.graph, palette, stage.regions.picture_scale)
    _title(painter, stage, palette)
    if stage.listing is not None and stage.regions.code is not None:
        size = SENTENCE_SIZE * stage.regions.type_scale
        draw_code(painter, QRectF(*stage.regions.code), stage.listing, stage.phase, palette, size)
    if stage.card is not None and stage.regions.band is not None:
        draw_band(painter, QRectF(*stage.regions.band), stage.card, palette, 2.0 * stage.regions.type_scale)
    if stage.plots is not None:
        _plots(painter, stage, palette)
    if stage.regions.text is not None:
        _text_page(painter, stage, palette)
    if stage.scenes is not None:
        _scene_line(painter, stage, stage.scenes, palette)
    elif stage.regions.text is None and stage.line is not None:
        _timeline(painter, stage, palette)


def _network(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint the network in its region; zoomed, around the active neuron."""
    assert stage.picture is not None
    assert stage.regions.network is not None
    rect = QRectF(*stage.regions.network)
    scale, center = _magnified(stage)
    shown, has_errors = stage.picture, True
    if center is not None:
        used, origin = placement(rect, QSizeF(shown.width, shown.height), scale, center)
        corner = (rect.topLeft() - origin) / used
        seen = corner.x(), corner.y(), rect.width() / used, rect.height() / used
        has_errors = all(contains(seen, label.rect) for label in shown.error.labels)
        shown = with_whole_texts(shown, seen)
    if stage.plots is not None:
        maps = map_images(stage.plots.responses, palette)
        draw_network(painter, rect, shown, palette, scale, maps=maps, has_errors=False)
        return
    if not (stage.look.is_spotlit and has_light(shown)):
        draw_network(painter, rect, shown, palette, scale, rings=stage.rings, center=center, has_errors=has_errors)
        return
    dim = faded(palette)
    draw_network(painter, rect, faded_part(shown), dim, scale, center=center, has_errors=has_errors)
    lit, others = lit_part(shown), tuple(unit for unit in shown.units if not is_lit(unit))
    draw_network(
        painter,
        rect,
        lit,
        palette,
        scale,
        rings=stage.rings,
        center=center,
        faded=(others, dim),
        has_errors=has_errors and shown.error.active,
    )


def _magnified(stage: Stage) -> tuple[float, QPointF | None]:
    """Return the scale of the network and what is in its middle, if it is zoomed."""
    center = _active_center(stage) if stage.look.is_zoomed else None
    return (1.0 if center is None else ZOOM) * stage.regions.picture_scale, center


def _active_center(stage: Stage) -> QPointF | None:
    """Return the center of the active neurons in units of the picture, or else of the lit edges; None without any."""
    assert stage.picture is not None
    if stage.look.zoom is not None:
        return _center_of(stage.picture, stage.look.zoom)
    units = [QPointF(mark.x, mark.y) for mark in stage.picture.units if mark.active]
    lit = [
        QPointF((x1 + x2) / 2, (y1 + y2) / 2)
        for edges in stage.picture.edges
        for x1, y1, x2, y2 in edges.lines.ends[edges.lit].tolist()
    ]
    found = units or lit
    if not found:
        return None
    return QPointF(sum(at.x() for at in found) / len(found), sum(at.y() for at in found) / len(found))


def _center_of(picture: Picture, quantity: Quantity) -> QPointF | None:
    """Return the center of a neuron, or of all neurons of a layer."""
    layer = -1 if quantity.layer is None else quantity.layer
    found = [mark for mark in picture.units if mark.layer == layer and quantity.unit in (None, mark.unit)]
    if not found:
        return None
    return QPointF(sum(mark.x for mark in found) / len(found), sum(mark.y for mark in found) / len(found))


def _text_page(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint a heading with a caption under it, in the middle of the stage."""
    assert stage.regions.text is not None
    left, top, width, height = stage.regions.text
    scale = stage.regions.type_scale
    painter.setFont(ui_font(HEADING_SIZE * scale, QFont.Weight.DemiBold))
    painter.setPen(QColor(palette.text))
    flags = int(Qt.AlignmentFlag.AlignHCenter) | int(Qt.TextFlag.TextWordWrap)
    upper = QRectF(left, top, width, 0.46 * height)
    painter.drawText(upper, flags | int(Qt.AlignmentFlag.AlignBottom), stage.heading)
    painter.setFont(ui_font(HEADLINE_SIZE * scale))
    painter.setPen(QColor(palette.muted))
    lower = QRectF(left + 0.1 * width, top + 0.5 * height, 0.8 * width, 0.5 * height)
    painter.drawText(lower, flags | int(Qt.AlignmentFlag.AlignTop), stage.caption)


def _title(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint the lesson's title with its source where there is room, and the place at the right."""
    unit = stage.regions.type_scale
    left, top, width, height = stage.regions.title
    baseline = top + height / 2 + 0.36 * TITLE_SIZE * unit
    strong, plain = ui_font(TITLE_SIZE * unit, QFont.Weight.DemiBold), ui_font(TITLE_SIZE * unit)
    accent = str(getattr(palette, stage.phase or "forward"))
    where = _cut(stage.where, strong, 0.5 * width)
    room = width - text_width(strong, where) - 24 * unit
    _text(painter, QPointF(left + width - text_width(strong, where), baseline), where, strong, accent)
    title = _cut(stage.title, strong, room)
    _text(painter, QPointF(left, baseline), title, strong, palette.text)
    used = text_width(strong, title) + 12 * unit
    if room - used > 120 * unit:
        texts = (f"{stage.about} · {stage.example}" if stage.about else "", stage.example)
        about = next((text for text in texts if text and text_width(plain, text) <= room - used), stage.example)
        about = _cut(about, plain, room - used)
        _text(painter, QPointF(left + used, baseline), about, plain, palette.muted)


def _plots(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint loss and boundary, the caption, and the progress of the run."""
    plots, places = stage.plots, stage.regions
    assert plots is not None
    scale = places.type_scale
    if places.loss is not None:
        paint_curve(painter, QRectF(*places.loss), plots, palette, scale)
    if places.boundary is not None:
        paint_boundary(painter, QRectF(*places.boundary), plots, palette, scale)
    if places.caption is not None:
        _caption(painter, QRectF(*places.caption), stage.caption, palette, scale)
    if stage.scenes is not None:
        return
    left, top, width, height = places.line
    bar = QRectF(left, top + height / 2 - 5 * places.unit, width, 10 * places.unit)
    pill(painter, bar, palette.update_soft)
    if plots.progress > 0:
        pill(painter, QRectF(bar.left(), bar.top(), bar.width() * plots.progress, bar.height()), palette.update)
    _knob(painter, QPointF(bar.left() + bar.width() * plots.progress, bar.center().y()), places.unit, palette)


def _caption(painter: QPainter, rect: QRectF, text: str, palette: Palette, scale: float) -> None:
    """Paint a caption on one line where it fits, or else on as many lines of the largest type that has room."""
    wraps = int(Qt.TextFlag.TextWordWrap) | int(Qt.AlignmentFlag.AlignVCenter)
    for size in CAPTION_SIZES:
        font = ui_font(size * scale, QFont.Weight.Medium)
        if QFontMetricsF(font).boundingRect(rect, wraps, text).height() <= rect.height():
            break
    painter.setFont(font)
    painter.setPen(pen(palette.text))
    painter.drawText(rect, wraps, text)


def paint_curve(painter: QPainter, rect: QRectF, plots: StagePlots, palette: Palette, scale: float) -> None:
    """Paint the curves of a stage's run."""
    marker, value = plots.marker, plots.value
    draw_curve(painter, rect, plots.runs, palette, 2 * scale, measure=plots.measure, marker=marker, value=value)


def paint_boundary(painter: QPainter, rect: QRectF, plots: StagePlots, palette: Palette, scale: float) -> None:
    """Paint the decision boundary of a stage, or why there is none."""
    draw_boundary(
        painter,
        rect,
        plots.boundary,
        palette,
        2 * scale,
        example=plots.example,
        value=plots.accuracy,
        obstacle=plots.obstacle,
    )


def _timeline(painter: QPainter, stage: Stage, palette: Palette) -> None:
    """Paint a cell for each step, in its phase's color, and the knob."""
    assert stage.line is not None
    left, top, width, height = stage.regions.line
    unit, cells = stage.regions.unit, stage.line.cells
    pitch = width / max(1, len(cells))
    gap = min(5.0 * unit, pitch * 0.25)
    middle, tall = top + height / 2, 17.0 * unit
    painter.setPen(Qt.PenStyle.NoPen)
    for index, cell in enumerate(cells):
        role = cell.phase if stage.line.done >= index + 1 else f"{cell.phase}_soft"
        painter.setBrush(QColor(str(getattr(palette, role))))
        rect = QRectF(left + index * pitch + gap / 2, middle - tall / 2, pitch - gap, tall)
        corner = min(4.0 * unit, rect.width() / 3)
        painter.drawRoundedRect(rect, corner, corner)
    _knob(painter, QPointF(left + min(stage.line.done, float(len(cells))) * pitch, middle), unit, palette)


def _scene_line(painter: QPainter, stage: Stage, line: SceneLine, palette: Palette) -> None:
    """Paint a cell for each scene of a walk, filled as far as it has been shown."""
    left, top, width, height = stage.regions.line
    unit, count = stage.regions.unit, len(line.titles)
    pitch, tall = width / max(1, count), 12.0 * unit
    gap = min(8.0 * unit, pitch * 0.25)
    accent = str(getattr(palette, stage.phase or "forward"))
    for index in range(count):
        rect = QRectF(left + index * pitch + gap / 2, top + (height - tall) / 2, pitch - gap, tall)
        pill(painter, rect, palette.border)
        share = 1.0 if index < line.at else line.share if index == line.at else 0.0
        if share > 0:
            filled = max(tall, rect.width() * share)
            color = accent if index == line.at else palette.muted
            pill(painter, QRectF(rect.left(), rect.top(), filled, tall), color)


def _knob(painter: QPainter, center: QPointF, unit: float, palette: Palette) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.text))
    painter.drawEllipse(center, 14 * unit, 14 * unit)


def paint_travellers(
    painter: QPainter, stage: Stage, travellers: tuple[Traveller, ...], time: float, palette: Palette
) -> None:
    """Paint the values of a transition on their way; before they depart, they light up in place."""
    if stage.regions.network is None or stage.picture is None:
        return
    accent = str(getattr(palette, stage.phase or "forward"))
    size = QSizeF(stage.picture.width, stage.picture.height)
    scale, origin = placement(QRectF(*stage.regions.network), size, *_magnified(stage))
    font = mono_font(13.0 * scale, QFont.Weight.DemiBold)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setOpacity(ease(time / DEPART))
    for traveller in travellers:
        center = origin + QPointF(*traveller.at(time)) * scale
        width = text_width(font, traveller.text) + 16 * scale
        rect = QRectF(center.x() - width / 2, center.y() - 12 * scale, width, 24 * scale)
        pill(painter, rect, accent)
        centered_text(painter, rect.center(), traveller.text, font, palette.on_accent)
    painter.restore()


def _text(painter: QPainter, place: QPointF, text: str, font: QFont, color: str) -> None:
    painter.setFont(font)
    painter.setPen(pen(color))
    painter.drawText(place, text)


def _cut(text: str, font: QFont, width: float) -> str:
    return QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, width)
