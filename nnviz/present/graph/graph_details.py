"""The numbers with all digits that hovering over a box or label of the computation graph shows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from nnviz.debugger.state.session import Session
from nnviz.present.core.changes import has_changed, old_value
from nnviz.present.core.graph_parts import GIVEN
from nnviz.present.core.voice import new_mark
from nnviz.present.graph.graph_marks import GraphBox, GraphLabel, GraphPicture
from nnviz.present.graph.graph_scene import ELLIPSIS, GraphScene
from nnviz.present.places.label import Rect
from nnviz.present.text.numbers import UNKNOWN, digits
from nnviz.tracing.steps import BIAS_KINDS, MATRIX_KINDS, PARAMETER_KINDS, Kind, Quantity

MOST_DETAILS = 8

_DETAILS: dict[Kind, tuple[Kind, ...]] = {
    **{kinds.value: (kinds.value, kinds.gradient, kinds.new) for kinds in PARAMETER_KINDS.values()},
    Kind.Z: (Kind.Z, Kind.DELTA),
    Kind.A: (Kind.A, Kind.DE_DA),
    Kind.LOSS: (Kind.ERROR, Kind.LOSS),
}
_LOCAL = (Kind.DZ_DW, Kind.DZ_DA)
_MATRICES = MATRIX_KINDS | {Kind.DZ_DA}


def graph_details(session: Session, quantity: Quantity) -> tuple[tuple[str, str], ...]:
    """Return the known numbers of a box or label with all digits, for hovering. At most a screenful."""
    scene = GraphScene(session)
    if quantity.kind is Kind.DZ_DB:
        return ((scene.voice.text(quantity), "1"),)
    rows: list[tuple[str, str]] = []
    for kind in _DETAILS.get(quantity.kind, (quantity.kind,)):
        # The error is that of all time steps; each output's is that of the present one.
        whole = scene.quantity(kind) if kind is Kind.ERROR else replace(quantity, kind=kind)
        rows += _detail_rows(scene, whole)
    return tuple(rows)


def graph_hover_places(picture: GraphPicture, quantity: Quantity) -> tuple[tuple[Rect, ...], tuple[Rect, ...]]:
    """Return the rectangles of a hovered box or label, which its details leave free, and those of the others."""
    marks: tuple[GraphBox | GraphLabel, ...] = (*picture.boxes, *picture.labels)
    return (
        tuple(mark.rect for mark in marks if mark.quantity == quantity),
        tuple(mark.rect for mark in marks if mark.quantity != quantity),
    )


def _detail_rows(scene: GraphScene, whole: Quantity) -> list[tuple[str, str]]:
    """Return the first numbers of a vector or matrix; one line while none of it is known."""
    if whole.kind not in (*GIVEN, *_LOCAL) and scene.trace.find(whole) is None:
        return []
    there = filter(scene.has, _items(scene, whole))
    shown = [_detail(scene, item) for item in islice(there, MOST_DETAILS)]
    if all(value == UNKNOWN for _, value in shown):
        return [(f"{scene.voice.text(whole)}{new_mark(whole.kind)}", UNKNOWN)]
    count = len(shown) + sum(1 for _ in there)
    return [*shown, *([(ELLIPSIS, f"{count - len(shown)} more")] if count > len(shown) else [])]


def _detail(scene: GraphScene, item: Quantity) -> tuple[str, str]:
    known = _is_local_known(scene, item) if item.kind in _LOCAL else scene.is_known(item)
    text = digits(scene.voice.number(item)) if known else UNKNOWN
    old = old_value(scene.voice, scene.before, item) if known and scene.before is not None else None
    if isinstance(old, float) and has_changed(scene.voice, scene.before, item):
        text = f"{text}, before {digits(old)}"
    return f"{scene.voice.text(item)}{new_mark(item.kind)}", text


def _is_local_known(scene: GraphScene, item: Quantity) -> bool:
    """Return whether a local derivative is known: by a step of its own, or with the derivative carried back."""
    if scene.trace.chain_rule:
        return scene.is_known(item)
    assert item.layer is not None
    if item.kind is Kind.DZ_DA:
        return item.layer > 0 and scene.known(scene.quantity(Kind.DE_DA, item.layer - 1)) > 0
    return scene.known(Quantity(Kind.DW, item.layer)) > 0


def _size(scene: GraphScene, whole: Quantity) -> int:
    if whole.layer is None:
        return scene.sizes[0] if whole.kind is Kind.INPUT else scene.sizes[-1]
    sources, units = scene.sources(whole.kind, whole.layer), scene.sizes[whole.layer + 1]
    if whole.kind in BIAS_KINDS:
        return scene.record.architecture.layers[whole.layer].biases
    return sources if whole.kind is Kind.DZ_DW else units * sources if whole.kind in _MATRICES else units


def _items(scene: GraphScene, whole: Quantity) -> Iterator[Quantity]:
    """Yield the numbers of a vector or matrix one by one, in the order in which they become known."""
    if whole.kind is Kind.LOSS:
        yield whole
        return
    for index in range(_size(scene, whole)):
        if whole.kind is Kind.DZ_DW:
            yield replace(whole, source=index)
        elif whole.kind in _MATRICES:
            assert whole.layer is not None
            unit, source = divmod(index, scene.sources(whole.kind, whole.layer))
            yield replace(whole, unit=unit, source=source)
        else:
            yield replace(whole, unit=index)
