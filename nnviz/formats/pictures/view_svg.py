"""A view of one session, or of several in a strip, as an SVG document of a size."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.formats.pictures.band_shapes import band_shapes, cut_words, formula_shapes, timeline_shapes, title_shapes
from nnviz.formats.pictures.graph_shapes import graph_shapes
from nnviz.formats.pictures.network_shapes import network_shapes
from nnviz.formats.pictures.plot_shapes import boundary_shapes, curve_shapes
from nnviz.formats.pictures.shapes import LEFT, UI, GroupShape, Shape, TextShape
from nnviz.formats.pictures.svg_writer import svg_document
from nnviz.present.core.palette import load_palette
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.places.label import Rect
from nnviz.present.stage.figure import LABEL, LABEL_TYPE, MARGIN, FigureLook, FigurePanel, panels
from nnviz.present.stage.regions import FORMULA_SIZE, HEADLINE_SIZE, SENTENCE_SIZE, regions
from nnviz.present.stage.stage import Stage, StageLook, StageRun, network_picture, stage, stage_plots
from nnviz.present.words.card import card

NO_RUN = StageRun()
View = Callable[[Session, Rect, StageRun], tuple[Shape, ...]]


def view_svg(sessions: Sequence[Session], look: FigureLook, run: StageRun = NO_RUN) -> str:
    """Return a view of a session, or a strip of those of several, as SVG.

    Raises KeyError for a view that does not exist, ValueError for a theme.
    """
    last, made = sessions[-1], list[Shape]()
    for panel in panels(sessions, (look.width, look.height)):
        if panel.label:
            made.append(_label(panel))
        left, top, width, height = panel.rect
        view = SVG_VIEWS[look.view](panel.session, (0.0, 0.0, width, height), run)
        made += [GroupShape(view, left, top)] if left or top else view
    shown = card(last)
    title = f"{last.lesson.title}: {shown.title}" if shown.formula else last.lesson.title
    return _document(tuple(made), look, title, shown.text)


def stage_svg(shown: Stage, theme: str) -> str:
    """Return a stage as SVG. Raises ValueError for a theme that does not exist."""
    look = FigureLook(view="stage", width=round(shown.width), height=round(shown.height), theme=theme)
    return _document(_stage_shapes(shown), look, shown.title, "" if shown.card is None else shown.card.text)


def _document(shapes: tuple[Shape, ...], look: FigureLook, title: str, description: str) -> str:
    ground = "" if look.is_transparent else "window"
    palette = load_palette(look.theme)
    return svg_document(shapes, (look.width, look.height), palette, title=title, description=description, ground=ground)


def _label(panel: FigurePanel) -> Shape:
    left, top, width, height = panel.label_rect
    size = height * LABEL_TYPE / LABEL
    words = cut_words(panel.label, width, size)
    return TextShape(words, left, top + height / 2, size, "text", face=UI, weight=600, anchor=LEFT)


def _network(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    inner = _inner(rect)
    places = replace(regions("network", rect[2], rect[3]), network=inner)
    drawn = network_picture(session, places, False)
    return (_placed(network_shapes(drawn), (drawn.width, drawn.height), inner, places.picture_scale),)


def _graph(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    drawn = graph_picture(session)
    return (_placed(graph_shapes(drawn), (drawn.width, drawn.height), _inner(rect)),)


def _formula(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    scale = regions("network", rect[2], rect[2] * 9 / 16).type_scale
    return formula_shapes(card(session), _inner(rect), 2 * FORMULA_SIZE * scale)


def _loss(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    return curve_shapes(stage_plots(session, run), _inner(rect), _plot_scale(rect))


def _boundary(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    return boundary_shapes(stage_plots(session, run), _inner(rect), _plot_scale(rect))


def _plot_scale(rect: Rect) -> float:
    return 2 * regions("plots", rect[2], rect[3]).type_scale


def _stage(session: Session, rect: Rect, run: StageRun) -> tuple[Shape, ...]:
    return _stage_shapes(stage(session, StageLook(), rect[2], rect[3], run))


def _stage_shapes(shown: Stage) -> tuple[Shape, ...]:
    """Return the shapes of a stage."""
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
    made += _plots(shown)
    made += _texts(shown)
    if shown.line is not None and places.text is None:
        made += timeline_shapes(shown.line, places.line, places.unit)
    return tuple(made)


def _plots(shown: Stage) -> Iterator[Shape]:
    """Yield the plots of a stage."""
    places = shown.regions
    if shown.plots is None:
        return
    scale = 2 * places.type_scale
    if places.loss is not None:
        yield from curve_shapes(shown.plots, places.loss, scale)
    if places.boundary is not None:
        yield from boundary_shapes(shown.plots, places.boundary, scale)


def _texts(shown: Stage) -> Iterator[Shape]:
    """Yield the caption under plots, or the heading of a text page with its caption."""
    places, unit = shown.regions, shown.regions.type_scale
    if places.caption is not None:
        left, top, width, height = places.caption
        words = cut_words(shown.caption, width, SENTENCE_SIZE * unit)
        yield TextShape(words, left, top + height / 2, SENTENCE_SIZE * unit, "text", face=UI, weight=500, anchor=LEFT)
    if places.text is not None:
        left, top, width, height = places.text
        for text, size, paint, share in (
            (shown.heading, HEADLINE_SIZE * unit, "text", 0.4),
            (shown.caption, SENTENCE_SIZE * unit, "muted", 0.55),
        ):
            words = cut_words(text, width, size)
            yield TextShape(words, left + width / 2, top + share * height, size, paint, face=UI, weight=600)


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


def _inner(rect: Rect) -> Rect:
    left, top, width, height = rect
    margin = MARGIN * height
    return (left + margin, top + margin, width - 2 * margin, height - 2 * margin)


def _placed(shapes: tuple[Shape, ...], size: tuple[float, float], rect: Rect, scale: float | None = None) -> GroupShape:
    """Return a drawing in the middle of a rectangle: at a scale, or as large as it fits."""
    left, top, width, height = rect
    fit = min(width / size[0], height / size[1])
    scale = fit if scale is None else min(scale, fit)
    return GroupShape(shapes, left + (width - scale * size[0]) / 2, top + (height - scale * size[1]) / 2, scale)


SVG_VIEWS: dict[str, View] = {
    "network": _network,
    "graph": _graph,
    "formula": _formula,
    "loss": _loss,
    "boundary": _boundary,
    "stage": _stage,
}
