"""The unfolded parts of folded layers at a step: windows around the active or selected unit, with their edges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray
from nnviz.present.network.edges import largest_weight
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import NO_EDGES, Edge, EdgesMark, LensEdges, LensMark, UnitMark
from nnviz.present.network.scene import PictureScene, Place, place_of
from nnviz.present.network.unfold import NAME, RADIUS, Unfolding, Window, lens, zoomed
from nnviz.present.places.label import Label, centered, mono_width, tex_width

# The most edges of the selected unit that are drawn, and the most of the step's edges.
BUSIEST = 8
MOST_LIT = 16

UnitMaker = Callable[[PictureScene, int, int], UnitMark]
# The type of a lens's texts and of those beside the discs of a zoomed strip, both at the nominal radius of a disc.
NAME_SIZE, FIGURE_SIZE, SMALL_SIZE, BESIDE_SIZE = 15.0, 12.0, 11.0, 44.0
LINE, FIGURES = 15.0, 7


def lens_marks(scene: PictureScene, unfolding: Unfolding, make: UnitMaker) -> tuple[LensMark, ...]:
    """Return a mark for each folded layer that is partly unfolded; `make` makes the mark of one unit."""
    if scene.record.architecture.is_recurrent or not any(column.is_strip for column in scene.plan.columns):
        return ()
    windows = {window.column: window for window in zoomed(scene.plan, unfolding)}
    for index, (unit, chosen) in _focused(scene).items():
        if index not in windows:
            windows[index] = lens(scene.plan, index, unit, unfolding, around=chosen)
    return tuple(_lens_mark(scene, windows[index], make) for index in sorted(windows))


def lens_edges(scene: PictureScene, marks: tuple[LensMark, ...]) -> LensEdges:
    """Return the edges of the step or the selection that end at an unfolded unit."""
    if not marks:
        return NO_EDGES
    windows = {mark.window.column: mark.window for mark in marks}
    lit_edges = dict.fromkeys(_lit_edges(scene), True)
    wanted = (
        lit_edges | dict.fromkeys(_selected_edges(scene), False) | lit_edges
    )  # in this order, highlighted before selected
    found = [edge for edge in wanted if _touches(windows, edge)]
    if not found:
        return NO_EDGES
    ends, over = zip(*(_ends(scene, windows, edge) for edge in found), strict=True)
    weights = np.array([scene.record.parameters.W[layer][source, unit] for layer, unit, source in found])
    lit = np.array([wanted[edge] for edge in found])
    return LensEdges(
        edges=tuple(found),
        ends=np.array(ends),
        weights=weights,
        lit=lit,
        over=np.array(over),
        largest=largest_weight(scene.record),
    )


def unlit(edges: tuple[EdgesMark, ...], drawn: LensEdges) -> tuple[EdgesMark, ...]:
    """Return the edges without the highlighted ones that end at an unfolded unit, which are drawn there."""
    if not drawn.edges:
        return edges
    return tuple(_unlit(mark, {(unit, source) for layer, unit, source in drawn.edges if layer == mark.layer})
                 for mark in edges)  # fmt: skip


def _unlit(mark: EdgesMark, drawn: set[tuple[int, int]]) -> EdgesMark:
    shining = np.flatnonzero(mark.lit | mark.selected)
    gone = [at for at in shining if (int(mark.lines.units[at]), int(mark.lines.sources[at])) in drawn]
    if not gone:
        return mark
    lit, selected = mark.lit.copy(), mark.selected.copy()
    lit[gone] = selected[gone] = False
    return replace(mark, lit=lit, selected=selected)


def _lens_mark(scene: PictureScene, window: Window, make: UnitMaker) -> LensMark:
    layer = window.column - 1
    marks = []
    for at, y in enumerate(window.y):
        mark = replace(make(scene, layer, window.first + at), x=window.x, y=y, radius=window.radius)
        texts = _beside(mark) if window.beside else _inside(mark)
        marks.append(replace(mark, labels=tuple(texts)))
    return LensMark(layer, window, tuple(marks))


def _inside(mark: UnitMark) -> Iterator[Label]:
    """Yield the name at the left of a disc, and in it z, the activation and delta, as far as the unit has them."""
    scale = mark.radius / RADIUS
    size = max(min(NAME_SIZE, (NAME - 4.0) / tex_width(mark.tex, 1.0)), SMALL_SIZE) * scale
    wide = tex_width(mark.tex, size)
    yield Label("name", mark.tex, centered(mark.x - mark.radius - NAME * scale / 2, mark.y, wide, 20.0 * scale), size)
    lines = _figures(mark)
    for at, (role, text) in enumerate(lines):
        y = mark.y + (at - (len(lines) - 1) / 2) * LINE * scale
        size = (FIGURE_SIZE if role == "a" else SMALL_SIZE) * scale
        yield Label(role, text, centered(mark.x, y, mono_width(len(text), size), LINE * scale), size)


def _beside(mark: UnitMark) -> Iterator[Label]:
    """Yield the unit's number at the left of a disc and its figures at the right, each in a column of its own."""
    size = BESIDE_SIZE * mark.radius / RADIUS
    character, high = mono_width(1, size), 1.2 * size
    number = str(mark.unit + 1)
    wide = mono_width(len(number), size)
    yield Label("number", number, (mark.x - mark.radius - character - wide, mark.y - high / 2, wide, high), size)
    right = mark.x + mark.radius + character
    for role, text in _figures(mark):
        right += max(len(text), FIGURES) * character
        wide = mono_width(len(text), size)
        yield Label(role, text, (right - wide, mark.y - high / 2, wide, high), size)
        right += character


def _figures(mark: UnitMark) -> list[tuple[str, str]]:
    """Return the roles and texts of the figures of a unit that has them."""
    return [(role, text) for role, text in (("z", mark.z_number), ("a", mark.a), ("delta", mark.delta)) if text]


def _focused(scene: PictureScene) -> dict[int, tuple[int, bool]]:
    """Return for each folded column the one unit that is selected (True) or at the step (False)."""
    chosen = place_of(scene.session.selection) if scene.session.selection is not None else None
    found: dict[int, tuple[int, bool]] = {}
    for places, selected in (({chosen} - {None}, True), (scene.active, False), (scene.operands, False)):
        ends: dict[int, set[int]] = {}
        for column, unit in _units_of(places):
            ends.setdefault(column, set()).add(unit)
        for column, units in ends.items():
            if scene.plan.columns[column].is_strip and len(units) == 1:
                found.setdefault(column, (next(iter(units)), selected))
    return found


def _units_of(places: set[Place | None] | set[Place]) -> Iterator[tuple[int, int]]:
    """Yield the columns and units of places: both ends of an edge."""
    for place in places:
        if place is None or place[0] == "error":
            continue
        kind, layer, unit, source = place
        yield layer + 1, unit
        if kind == "edge":
            yield layer, source


def _lit_edges(scene: PictureScene) -> list[Edge]:
    for places in (scene.active | scene.operands, scene.active):
        edges = [place[1:] for place in places if place[0] == "edge"]
        if len(edges) <= MOST_LIT:
            return sorted(edges)
    return []


def _selected_edges(scene: PictureScene) -> list[Edge]:
    """Return the selected edge, or the edges of the selected unit with the largest weights."""
    place = None if scene.session.selection is None else place_of(scene.session.selection)
    if place is None or place[0] not in ("edge", "unit"):
        return []
    kind, layer, unit, source = place
    if kind == "edge":
        return [(layer, unit, source)]
    W = scene.record.parameters.W
    found: list[Edge] = []
    if layer >= 0:
        found += [(layer, unit, int(at)) for at in _busiest(W[layer][:, unit])]
    if layer + 1 < len(W):
        found += [(layer + 1, int(at), unit) for at in _busiest(W[layer + 1][unit])]
    return found


def _busiest(weights: FloatArray) -> NDArray[np.intp]:
    order: NDArray[np.intp] = np.argsort(-np.abs(weights))[:BUSIEST]
    return order


def _touches(windows: dict[int, Window], edge: Edge) -> bool:
    layer, unit, source = edge
    return any(
        column in windows and windows[column].first <= at < windows[column].stop
        for column, at in ((layer, source), (layer + 1, unit))
    )


def _ends(scene: PictureScene, windows: dict[int, Window], edge: Edge) -> tuple[FloatArray, bool]:
    """Return the ends from rim to rim, and whether either unit is unfolded."""
    layer, unit, source = edge
    x1, y1, r1, leaves_disc = _anchor(scene, windows.get(layer), layer, source, leaves=True)
    x2, y2, r2, enters_disc = _anchor(scene, windows.get(layer + 1), layer + 1, unit, leaves=False)
    start, end = np.array([x1, y1]), np.array([x2, y2])
    along = (end - start) / max(float(np.hypot(*(end - start))), 1e-9)
    return np.concatenate([start + along * r1, end - along * r2]), leaves_disc or enters_disc


def _anchor(
    scene: PictureScene, window: Window | None, index: int, unit: int, leaves: bool
) -> tuple[float, float, float, bool]:
    """Return center and radius of the start or end of an edge, and whether that is an unfolded unit.

    On the far side of a strip from its lens, this is the strip's cell.
    """
    column = scene.plan.columns[index]
    unfolded = window is not None and window.first <= unit < window.stop
    if window is not None and unfolded and (window.in_place or window.right == leaves):
        return window.x, window.y[unit - window.first], window.radius, True
    side = (STRIP_WIDTH / 2 if leaves else -STRIP_WIDTH / 2) if column.is_strip else 0.0
    return column.x + side, float(column.y[unit]), column.radius, False
