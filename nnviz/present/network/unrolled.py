"""The picture of a recurrent network unrolled in time: a copy for each time step, with the loops between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import ALL_TIMES
from nnviz.present.network.edges import edges_mark
from nnviz.present.network.layout import LayerColumn
from nnviz.present.network.marks import (
    FIGURE_SIZE,
    BiasSpan,
    BoxMark,
    CaptionMark,
    EdgesMark,
    PanelMark,
    Picture,
    StripMark,
    UnitMark,
)
from nnviz.present.network.picture import error_box, picture, shade, strips_of, units_of, words_of
from nnviz.present.network.scene import DECIMALS, ERROR_PLACE, LabelRoom, PictureScene, shown_time
from nnviz.present.network.unit_places import UnitTexts, plate_rect, unit_labels
from nnviz.present.network.unrolled_layout import FOOTER_LINE, MOST_COPIES, UnrolledLayout, most_copies, unrolled_layout
from nnviz.present.places.label import Room, figure, fitting, mono_width
from nnviz.present.text.numbers import UNKNOWN, pretty, short
from nnviz.tracing.provenance import past_quantity
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity
from nnviz.tracing.values import value_of

# More biases than this are not listed.
MOST_LISTED = 6
BETWEEN = "  "
NAME_SIZE = 18.0  # of the loss
TOP = 14.0  # inside of the panels
LABELS_BESIDE = 56.0  # how far labels of edges may be beside the columns that they join
# Between the biases of units and those of the loops, where both are in one line.
BETWEEN_KINDS = "     "


def whole_picture(session: Session, room: Room | None = None, is_folded: bool = False) -> Picture:
    """Return the picture of a network: unrolled in time if it is recurrent, unless it is folded."""
    if session.record.architecture.is_recurrent and not is_folded:
        return unrolled_picture(session, room)
    return picture(session, room)


def unrolled_picture(session: Session, room: Room | None = None) -> Picture:
    """Return the network canvas of a recurrent network, unrolled, in a room. It shows no number that is not known.

    One unit of the room is a pixel at type scale 1, as for `picture`.
    """
    architecture = session.record.architecture
    loops = tuple(layer.recurrent for layer in architecture.layers)
    words = words_of(session)
    shown = times(session, most_copies(architecture.sizes, loops, room, words))
    plan = unrolled_layout(architecture.sizes, loops, shown, room, words)
    scenes = [PictureScene(session, copy.plan, copy.time) for copy in plan.copies]
    free = LabelRoom(plan.taken)
    for scene in scenes:
        scene.free = free
    first, step = scenes[0], session.pointed
    units, strips = _before(first, plan)
    for scene in scenes:
        units += units_of(scene)
        strips += strips_of(scene)
    total = replace(error_box(scenes[-1]), rect=plan.total, formula=plan.name, size=NAME_SIZE)
    return Picture(
        width=plan.width,
        height=plan.height,
        units=tuple(units),
        strips=tuple(strips),
        edges=tuple(_edges(scenes, plan)),
        error=total,
        captions=tuple(_footer(first, plan)),
        phase="" if step is None else step.phase,
        panels=tuple(_panel(scene, copy.panel) for scene, copy in zip(scenes, plan.copies, strict=True)),
        step_errors=tuple(_step_error(scene) for scene in scenes),
    )


def _edges(scenes: list[PictureScene], plan: UnrolledLayout) -> list[EdgesMark]:
    """Return the edges of all copies, and of the loops between them.

    All copies have the same weights, so each number is shown once: those of a layer in the first copy, those of a loop
    between the first two; the numbers of the step also where it is.
    """
    wanted: list[tuple[int, int, LayerColumn | None]] = []
    for place, scene in enumerate(scenes):
        for layer, of_layer in enumerate(scene.record.architecture.layers):
            wanted.append((place, layer, None))
            before = plan.before[layer] if place == 0 else scenes[place - 1].plan.columns[layer + 1]
            if before is not None and of_layer.recurrent:
                wanted.append((place, layer, before))
    shown = min(1, len(scenes) - 1)
    every = [place == (0 if before is None else shown) for place, _, before in wanted]
    found: dict[int, EdgesMark] = {}
    for at in sorted(range(len(wanted)), key=lambda at: not every[at]):  # those with all numbers have the best places
        place, layer, before = wanted[at]
        scene = scenes[place]
        left = scene.plan.columns[layer] if before is None else before
        right = scene.plan.columns[layer + 1]
        within = (left.x - LABELS_BESIDE, TOP, right.x - left.x + 2 * LABELS_BESIDE, plan.footer - TOP - 16.0)
        found[at] = edges_mark(scene, layer, before, every[at], within)
    return [found[at] for at in range(len(wanted))]


def times(session: Session, most: int = MOST_COPIES) -> tuple[int, ...]:
    """Return the time steps that are drawn: all, or of many those around the present one, at most `most`."""
    count = session.record.time_steps
    start = max(0, min(shown_time(session) - 1, count - most))
    return tuple(range(start, min(count, start + most)))


def _before(first: PictureScene, plan: UnrolledLayout) -> tuple[list[UnitMark], list[StripMark]]:
    """Return the hidden state before the first copy: 0 before the first time step of all."""
    units, strips = [], []
    for layer, column in enumerate(plan.before):
        if column is None:
            continue
        quantities = [past_quantity(layer, unit, first.time) for unit in range(len(column.y))]
        known = [first.time == 0 or first.trace.is_known(q, first.session.position) for q in quantities]
        if column.is_strip:
            values = np.array([value_of(first.record, q) for q in quantities], dtype=np.float64)
            values[~np.array(known)] = np.nan
            strips.append(
                StripMark(
                    layer=layer,
                    x=column.x,
                    top=column.top,
                    bottom=column.bottom,
                    values=values,
                    active=None,
                    caption="",
                )
            )
            continue
        for quantity, is_known in zip(quantities, known, strict=True):
            units.append(_unit_before(first, column, quantity, is_known))
    return units, strips


def _unit_before(first: PictureScene, column: LayerColumn, quantity: Quantity, is_known: bool) -> UnitMark:
    """Return a unit of the hidden state before the first copy."""
    layer, unit = quantity.layer or 0, quantity.unit or 0
    x, y, style, number = column.x, float(column.y[unit]), column.style, first.voice.number(quantity)
    assert style is not None
    name = first.voice.tex(replace(quantity, time=ALL_TIMES))
    a = fitting(number, pretty(short(number, DECIMALS)), 8) if is_known else UNKNOWN
    return UnitMark(
        layer=layer,
        unit=unit,
        x=x,
        y=y,
        radius=column.radius,
        tex=name,
        z="",
        z_number="",
        a=a,
        delta="",
        shade=shade(number) if is_known else None,
        active=False,
        operand=("state", layer, unit, 0) in first.operands,
        selected=first.session.selection == quantity,
        time=first.time - 1,
        labels=unit_labels(style, x, y, UnitTexts(name, "", a)),
        plate=plate_rect(style, x, y),
    )


def _panel(scene: PictureScene, rect: tuple[float, float, float, float]) -> PanelMark:
    """Return the background of a copy, with its time step; highlighted while the step is in it."""
    step = scene.step
    active = step is not None and scene.is_at(step.quantity) and scene.is_timed(step.quantity)
    return PanelMark(rect, f"time {scene.time + 1} of {scene.record.time_steps}", active)


def _step_error(scene: PictureScene) -> BoxMark:
    """Return target and error of one time step, beside its output."""
    voice, outputs = scene.voice, scene.record.architecture.sizes[-1]
    targets = [Quantity(Kind.TARGET, None, unit, time=scene.time) for unit in range(outputs)]
    name = voice.text(Quantity(Kind.TARGET, time=ALL_TIMES))
    figures = [pretty(short(voice.number(target), DECIMALS)) for target in targets]
    has_target = scene.record.shows_target(scene.time)
    target = f"{name} = {figures[0] if outputs == 1 else '(' + ', '.join(figures) + ')'}"
    errors = [Quantity(Kind.ERROR, None, unit, time=scene.time) for unit in range(outputs)]
    value = UNKNOWN
    if all(scene.trace.is_known(error, scene.session.position) for error in errors):
        value = figure(sum(voice.number(error) for error in errors), DECIMALS, 9)
    active = ERROR_PLACE in scene.active and scene.step is not None and scene.is_timed(scene.step.quantity)
    shown = target if len(target) <= 11 else f"{outputs} targets"
    shown = shown if has_target else ""
    moved = any(scene.changed(Kind.ERROR, None, unit) for unit in range(outputs))
    return BoxMark(scene.plan.error, "", shown, value, active, moved)


def _footer(scene: PictureScene, plan: UnrolledLayout) -> list[CaptionMark]:
    """Return the biases of each layer under the panels; all copies share them."""
    architecture = scene.record.architecture
    marks = []
    for layer in range(architecture.depth):
        text = ""
        spans: list[BiasSpan] = []
        for name in ("b", "b_h"):
            if name in architecture.slots[layer]:
                text += BETWEEN_KINDS if text else ""
                part, listed = _biases(scene, name, layer, len(text))
                text, spans = text + part, spans + listed
        if not text:
            continue
        if mono_width(len(text), FIGURE_SIZE) > plan.width - 20.0:
            text, spans = f"{architecture.layers[layer].biases} biases", []
        active = any(place[0] == "bias" and place[1] == layer for place in scene.active | scene.operands)
        y = plan.footer + layer * FOOTER_LINE
        new = [PARAMETER_KINDS[name].new for name in ("b", "b_h") if name in architecture.slots[layer]]
        units = range(architecture.layers[layer].biases)
        moved = any(scene.changed(kind, layer, unit) for kind in new for unit in units)
        marks.append(CaptionMark(plan.width / 2, y, text, "bias", active=active, moved=moved, biases=tuple(spans)))
    return marks


def _biases(scene: PictureScene, name: str, layer: int, start: int) -> tuple[str, list[BiasSpan]]:
    """Return the biases of a layer as text after their symbol, and their places in a line with this text at `start`."""
    kinds, units = PARAMETER_KINDS[name], scene.record.architecture.layers[layer].biases
    symbol = scene.voice.text(Quantity(kinds.value, layer))
    if units > MOST_LISTED:
        return f"{symbol}: {units} biases", []
    text, spans = symbol, []
    for unit in range(units):
        kind = kinds.new if scene.known(kinds.new, layer, unit) else kinds.value
        text += BETWEEN
        number = figure(scene.voice.number(Quantity(kind, layer, unit)), DECIMALS, 9)
        at = start + len(text)
        spans.append(BiasSpan(Quantity(kinds.value, layer, unit), at, at + len(number)))
        text += number
    return text, spans
