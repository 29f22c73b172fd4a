"""A view of a session as an SVG document of a size: network, graph, formula, or the stage with all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.formats.pictures.band_shapes import band_shapes, formula_shapes, timeline_shapes, title_shapes
from nnviz.formats.pictures.graph_shapes import graph_shapes
from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.shapes import GroupShape, Shape, TextShape
from nnviz.formats.pictures.svg_writer import svg_document
from nnviz.present.core.palette import load_palette
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.places.label import Rect
from nnviz.present.stage.regions import FORMULA_SIZE, regions
from nnviz.present.stage.stage import Stage, StageLook, network_picture, stage
from nnviz.present.words.card import card

MARGIN = 0.02  # of the height, around a view


@dataclass(frozen=True, kw_only=True)
class SvgLook:
    """How a picture looks: its view, its size in pixels, its theme, and whether its background is transparent."""

    view: str = "network"
    width: int = 1600
    height: int = 900
    theme: str = "light"
    is_transparent: bool = False


def view_svg(session: Session, look: SvgLook) -> str:
    """Return a view of a session as SVG. Raises KeyError for a view that it does not have, ValueError for a theme."""
    made = card(session)
    title = f"{session.lesson.title}: {made.title}" if made.formula else session.lesson.title
    return _document(SVG_VIEWS[look.view](session, look), look, title, made.text)


def stage_svg(shown: Stage, theme: str) -> str:
    """Return a stage as SVG. Raises ValueError for a theme that does not exist."""
    look = SvgLook(view="stage", width=round(shown.width), height=round(shown.height), theme=theme)
    return _document(_stage_shapes(shown), look, shown.title, "" if shown.card is None else shown.card.text)


def _document(shapes: tuple[Shape, ...], look: SvgLook, title: str, description: str) -> str:
    ground = "" if look.is_transparent else "window"
    palette = load_palette(look.theme)
    return svg_document(shapes, (look.width, look.height), palette, title=title, description=description, ground=ground)


def _network(session: Session, look: SvgLook) -> tuple[Shape, ...]:
    rect = _whole(look)
    places = replace(regions("network", look.width, look.height), network=rect)
    drawn = network_picture(session, places, False)
    return (_placed(network_shapes(drawn), (drawn.width, drawn.height), rect, places.picture_scale),)


def _graph(session: Session, look: SvgLook) -> tuple[Shape, ...]:
    drawn = graph_picture(session)
    return (_placed(graph_shapes(drawn), (drawn.width, drawn.height), _whole(look)),)


def _formula(session: Session, look: SvgLook) -> tuple[Shape, ...]:
    scale = regions("network", look.width, look.width * 9 / 16).type_scale
    return formula_shapes(card(session), _whole(look), 2 * FORMULA_SIZE * scale)


def _stage(session: Session, look: SvgLook) -> tuple[Shape, ...]:
    return _stage_shapes(stage(session, StageLook(), look.width, look.height))


def _stage_shapes(shown: Stage) -> tuple[Shape, ...]:
    """Return the shapes of a stage; its plots are left out."""
    places, made = shown.regions, list[Shape]()
    made += title_shapes(shown.title, shown.where, shown.phase, places.title, places.type_scale)
    if shown.picture is not None and places.network is not None:
        size = shown.picture.width, shown.picture.height
        made.append(_placed(network_shapes(shown.picture), size, places.network, places.picture_scale))
    if shown.graph is not None and places.graph is not None:
        made.append(_placed(graph_shapes(shown.graph), (shown.graph.width, shown.graph.height), places.graph))
    if shown.listing is not None and places.code is not None:
        made += _code(shown, places.code)
    if shown.card is not None and places.band is not None:
        made += band_shapes(shown.card, places.band, places.type_scale)
    if shown.line is not None:
        made += timeline_shapes(shown.line, places.line, places.unit)
    return tuple(made)


def _code(shown: Stage, rect: Rect) -> list[Shape]:
    """Return the lines of a listing, as large as they fit; the current one is strong."""
    assert shown.listing is not None
    lines = shown.listing.lines
    longest = max(len(line.code) for line in lines)
    size = min(rect[3] / (1.6 * len(lines)), rect[2] / (0.602 * longest), 30 * shown.regions.type_scale)
    return [
        TextShape(
            line.code,
            rect[0],
            rect[1] + (index + 0.5) * 1.6 * size,
            size,
            "text" if index == shown.listing.current else "muted",
            weight=600 if index == shown.listing.current else 400,
            anchor="start",
        )
        for index, line in enumerate(lines)
        if line.code
    ]


def _whole(look: SvgLook) -> Rect:
    margin = MARGIN * look.height
    return (margin, margin, look.width - 2 * margin, look.height - 2 * margin)


def _placed(shapes: tuple[Shape, ...], size: tuple[float, float], rect: Rect, scale: float | None = None) -> GroupShape:
    """Return a drawing in the middle of a rectangle: at a scale, or as large as it fits."""
    left, top, width, height = rect
    fit = min(width / size[0], height / size[1])
    scale = fit if scale is None else min(scale, fit)
    return GroupShape(shapes, left + (width - scale * size[0]) / 2, top + (height - scale * size[1]) / 2, scale)


SVG_VIEWS: dict[str, Callable[[Session, SvgLook], tuple[Shape, ...]]] = {
    "network": _network,
    "graph": _graph,
    "formula": _formula,
    "stage": _stage,
}
