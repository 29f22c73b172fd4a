"""The picture of a network at a step: marks with positions, texts and emphasis, as plain data that any canvas draws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import ALL_TIMES
from nnviz.present.formula.vector_formula import vector_expression
from nnviz.present.network.edges import edges_mark
from nnviz.present.network.layout import STRIP_WIDTH, layout
from nnviz.present.network.lens import lens_edges, lens_marks, unlit
from nnviz.present.network.marks import BiasSpan, BoxMark, CaptionMark, LoopMark, Picture, StripMark, UnitMark
from nnviz.present.network.scene import DECIMALS, ERROR_PLACE, PictureScene, Place, is_selected, shown_time
from nnviz.present.network.unfold import Unfolding
from nnviz.present.text.numbers import ASKED, UNKNOWN, fixed, pretty, short
from nnviz.tracing.provenance import past_quantity
from nnviz.tracing.steps import Kind, Quantity
from nnviz.tracing.values import value_of

# The width of a character of the captions under the columns.
CHARACTER = 7.5
# A disc of at least this radius has room for the name of z beside its number.
ROOMY = 34.0

# Between the biases of a caption.
BETWEEN = "  "

MOST_TARGET = 14  # characters that the error box has room for


def picture(session: Session, unfolding: Unfolding = Unfolding()) -> Picture:  # noqa: B008 it is frozen
    """Return the network canvas of a session. It shows no number that is not known at its step.

    `unfolding` describes the view and selects the folded layers that unfold. A recurrent network is drawn once, at the
    time step of the session's step, with its loops.
    """
    architecture = session.record.architecture
    plan = layout(architecture.sizes, architecture.is_recurrent, unfolding.narrow)
    scene = PictureScene(session, plan, shown_time(session))
    step = session.pointed
    lenses = lens_marks(scene, unfolding, _unit)
    unfolded = lens_edges(scene, lenses)
    edges = tuple(edges_mark(scene, layer) for layer in range(architecture.depth))
    return Picture(
        width=plan.width,
        height=plan.height,
        units=tuple(units_of(scene)),
        strips=tuple(strips_of(scene)),
        edges=unlit(edges, unfolded),
        error=error_box(scene),
        captions=tuple(_captions(scene)),
        phase="" if step is None else step.phase,
        loops=tuple(_loops(scene)),
        lenses=lenses,
        lens_edges=unfolded,
    )


def units_of(scene: PictureScene) -> list[UnitMark]:
    """Return a disc for every unit of the layers that are not folded to strips."""
    marks = []
    for index, column in enumerate(scene.plan.columns):
        if column.is_strip:
            continue
        layer = index - 1
        for unit, y in enumerate(column.y):
            marks.append(_unit(scene, layer, unit, column.x, float(y), column.radius))
    return marks


def _unit(scene: PictureScene, layer: int, unit: int, x: float, y: float, radius: float) -> UnitMark:
    place: Place = ("unit", layer, unit, 0)
    active = place in scene.active or ("bias", layer, unit, 0) in scene.active
    kind, at = (Kind.INPUT, None) if layer < 0 else (Kind.A, layer)
    name = scene.voice.tex(Quantity(kind, at, unit, time=ALL_TIMES))  # the time step is shown once for all
    number: float | None
    if layer < 0:
        number = scene.voice.number(scene.quantity(kind, at, unit))
        z, z_number, a, delta = "", "", pretty(short(number, DECIMALS)), ""
        moved: tuple[str, ...] = ("a",) if scene.changed(Kind.INPUT, None, unit) else ()
    else:
        number, a = scene.value(Kind.A, layer, unit)
        symbol = scene.voice.text(Quantity(Kind.Z, layer, time=ALL_TIMES)) if radius >= ROOMY else ""
        if len(symbol) > 2:
            symbol = ""  # a longer name would not fit into the disc beside its number
        _, z_number = scene.value(Kind.Z, layer, unit)
        z = f"{symbol} {z_number}".strip()
        sent, delta = scene.value(Kind.DELTA, layer, unit)
        if sent is None and delta != ASKED:
            delta = ""
        kinds = {"z": Kind.Z, "a": Kind.A, "delta": Kind.DELTA}
        moved = tuple(part for part, kind in kinds.items() if scene.changed(kind, layer, unit))
    return UnitMark(
        layer=layer,
        unit=unit,
        x=x,
        y=y,
        radius=radius,
        tex=name,
        z=z,
        z_number=z_number,
        a=a,
        delta=delta,
        shade=shade(number),
        active=active,
        operand=place in scene.operands,
        selected=is_selected(scene, place),
        time=scene.time,
        moved=moved,
        health=scene.health.get((layer, unit), ""),
    )


def shade(number: float | None) -> float | None:
    """Return the shade of a disc from -1 to 1, equal for numbers that are written alike; None if not finite."""
    return None if number is None or not math.isfinite(number) else max(-1.0, min(1.0, round(number, DECIMALS)))


def strips_of(scene: PictureScene) -> list[StripMark]:
    """Return a heat strip for every folded layer."""
    marks = []
    for index, column in enumerate(scene.plan.columns):
        if not column.is_strip:
            continue
        layer, size = index - 1, len(column.y)
        quantity = scene.quantity(Kind.INPUT, None) if layer < 0 else scene.quantity(Kind.A, layer)
        values = np.array(value_of(scene.record, quantity), dtype=np.float64)
        known = scene.trace.known(Kind.A, layer, scene.session.position, scene.time) if layer >= 0 else size
        broken = tuple(np.flatnonzero(~np.isfinite(values[:known])).tolist())
        values[known:] = np.nan
        active = next((place[2] for place in scene.active if place[0] == "unit" and place[1] == layer), None)
        marks.append(
            StripMark(
                layer=layer,
                x=column.x,
                top=column.top,
                bottom=column.bottom,
                values=values,
                active=active,
                caption=f"{size} units",
                broken=broken,
            )
        )
    return marks


def error_box(scene: PictureScene) -> BoxMark:
    """Return the loss as a formula, the targets, and the error once it is known."""
    loss = Quantity(Kind.LOSS)
    tex = rf"{scene.voice.tex(loss)} = {vector_expression(scene.voice, loss)}"
    outputs = scene.record.architecture.sizes[-1]
    targets = [
        pretty(short(scene.voice.number(scene.quantity(Kind.TARGET, None, unit)), DECIMALS)) for unit in range(outputs)
    ]
    figures = targets[0] if outputs == 1 else f"({', '.join(targets)})"
    target = f"{scene.voice.text(scene.quantity(Kind.TARGET, None))} = {figures}"
    if len(target) > MOST_TARGET:
        target = f"{outputs} targets"  # the values panel shows them
    value = pretty(fixed(scene.voice.number(loss), DECIMALS)) if scene.known(Kind.LOSS, None) else UNKNOWN
    is_sequence = scene.record.architecture.is_recurrent
    if scene.asks(Kind.LOSS, None) or (outputs == 1 and not is_sequence and scene.asks(Kind.ERROR, None, 0)):
        value = ASKED
    if outputs == 1 and value == UNKNOWN and scene.known(Kind.ERROR, None, 0) and not is_sequence:
        value = pretty(fixed(scene.voice.number(Quantity(Kind.ERROR, None, 0)), DECIMALS))
    if is_sequence:
        tex, target = scene.voice.tex(loss), f"{scene.record.time_steps} time steps"
    moved = scene.changed(Kind.LOSS, None) or (outputs == 1 and not is_sequence and scene.changed(Kind.ERROR, None, 0))
    return BoxMark(scene.plan.error, tex, target, value, _error_is_active(scene), moved)


def _error_is_active(scene: PictureScene) -> bool:
    """Return whether the step is at the loss; the error of one of several time steps is shown elsewhere."""
    if ERROR_PLACE not in scene.active or scene.step is None:
        return False
    return not scene.record.architecture.is_recurrent or scene.step.kind is Kind.LOSS


def _captions(scene: PictureScene) -> list[CaptionMark]:
    """Return a title above every column, and the biases below those that have any."""
    marks = [CaptionMark(scene.plan.columns[0].x, 24.0, "Input", "title")]
    if scene.record.architecture.is_recurrent:
        of_steps = f"time {scene.time + 1} of {scene.record.time_steps}"
        marks.append(CaptionMark(scene.plan.columns[0].x, scene.plan.height - 20.0, of_steps, "title", active=True))
    depth = scene.record.architecture.depth
    for layer, column in enumerate(scene.plan.columns[1:]):
        word = "Output" if layer == depth - 1 else "Hidden" if depth == 2 else f"Hidden {layer + 1}"
        name = scene.record.architecture.layers[layer].activation.replace("_", " ")
        marks.append(CaptionMark(column.x, 24.0, f"{word} · {name}", "title"))
        marks.append(_bias_caption(scene, layer, column.x))
    left, _, width, _ = scene.plan.error
    marks.append(CaptionMark(left + width / 2, 24.0, "Error", "title"))
    return marks


def _loops(scene: PictureScene) -> Iterator[LoopMark]:
    """Yield an arrow from each recurrent layer back to itself, with the names of its state and weights."""
    for layer, of_layer in enumerate(scene.record.architecture.layers):
        if of_layer.recurrent:
            column = scene.plan.columns[layer + 1]
            room = max(column.radius, STRIP_WIDTH / 2)
            rect = (column.x - room - 26.0, column.bottom + 32.0, 2 * room + 52.0, 36.0)
            past = past_quantity(layer, 0, scene.time)
            names = [scene.voice.text(Quantity(kind, layer)) for kind in (Kind.WEIGHT_H, Kind.BIAS_H)]
            lit = any(place[:2] == ("loop", layer) for place in scene.active | scene.operands)
            yield LoopMark(rect, f"{names[0]} · {scene.voice.text(replace(past, unit=None))} + {names[1]}", lit)


def _bias_caption(scene: PictureScene, layer: int, x: float) -> CaptionMark:
    """Return the biases of a layer one by one if there is room, else their number."""
    units = scene.record.architecture.sizes[layer + 1]
    y = scene.plan.height - 20.0
    active = any(place[0] == "bias" and place[1] == layer for place in scene.active | scene.operands)
    room = [_bias_width(scene, beside) for beside in range(scene.record.architecture.depth)]
    beside = max(room[max(layer - 1, 0) : layer] + room[layer + 1 : layer + 2], default=0.0)
    if units > 4 or (room[layer] + beside) / 2 > scene.plan.gap - CHARACTER:
        return CaptionMark(x, y, f"{units} biases", "bias", active=active)
    parts, spans, start = [], [], 0
    for unit in range(units):
        kind = Kind.B_NEW if scene.known(Kind.B_NEW, layer, unit) else Kind.BIAS
        quantity = Quantity(kind, layer, unit)
        part = f"{scene.voice.text(quantity)} {pretty(short(scene.voice.number(quantity), DECIMALS))}"
        parts.append(part)
        spans.append(BiasSpan(Quantity(Kind.BIAS, layer, unit), start, start + len(part)))
        start += len(part) + len(BETWEEN)
    shown = Kind.B_NEW if scene.known(Kind.B_NEW, layer, 0) else Kind.BIAS
    moved = any(scene.changed(shown, layer, unit) for unit in range(units))
    return CaptionMark(x, y, BETWEEN.join(parts), "bias", active=active, moved=moved, biases=tuple(spans))


def _bias_width(scene: PictureScene, layer: int) -> float:
    """Return the largest width that the listed biases of a layer can take, for any values."""
    units = scene.record.architecture.sizes[layer + 1]
    symbols = (scene.voice.text(Quantity(Kind.BIAS, layer, unit)) for unit in range(min(units, 5)))
    return CHARACTER * (sum(len(symbol) + len(" −0.0000") + 2 for symbol in symbols) - 2)
