"""The picture of a network at a step: marks with positions, texts and emphasis, as plain data that any canvas draws."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile

import numpy as np

from nnviz.debugger.state.session import Session
from nnviz.engine.losses import LOSSES
from nnviz.engine.record import PassRecord
from nnviz.present.core.voice import ALL_TIMES, Voice, voice_of
from nnviz.present.formula.vector_formula import vector_expression
from nnviz.present.network.edges import edges_mark
from nnviz.present.network.layout import MARGIN, STRIP_WIDTH, TITLE, TITLE_SIZE, LayerColumn, layout
from nnviz.present.network.lens import lens_edges, lens_marks, unlit
from nnviz.present.network.marks import (
    BiasMark,
    BoxMark,
    CaptionMark,
    LoopMark,
    Picture,
    StripMark,
    UnitMark,
)
from nnviz.present.network.scene import DECIMALS, ERROR_PLACE, PictureScene, Place, is_selected, shown_time
from nnviz.present.network.unfold import Unfolding
from nnviz.present.network.unit_places import (
    DELTA_CHARACTERS,
    SMALL,
    UnitStyle,
    UnitTexts,
    Words,
    map_rect,
    plate_rect,
    unit_labels,
    wide_plate,
)
from nnviz.present.places.label import Label, Room, fitting, mono_width, tex_width, ui_width
from nnviz.present.text.numbers import ASKED, UNKNOWN, fixed, pretty, short
from nnviz.tracing.provenance import past_quantity
from nnviz.tracing.steps import PARAMETER_KINDS, Kind, Quantity
from nnviz.tracing.values import value_of

DISC_CHARACTERS, PLATE_CHARACTERS = 9, 8  # most of a figure; wider figures of a disc are on a plate
MOST_TARGET = 14  # characters that the error box has room for
LOOP_HEIGHT = 24.0
HIGH = 1.34  # em of a name with an exponent


def picture(
    session: Session,
    room: Room | None = None,
    unfolding: Unfolding = Unfolding(),  # noqa: B008
    has_maps: bool = False,
) -> Picture:
    """Return the network canvas of a session in a room. It shows no number that is not known at its step.

    One unit of the room is a pixel at type scale 1; without a room the picture has a comfortable size. A room below the
    least size of the network gives a larger picture. `unfolding` describes a zoomed view and selects the folded layers
    that unfold. A recurrent network is drawn once, at the time step of the session's step, with its loops. With
    `has_maps`, there is room for a map of each hidden neuron.
    """
    architecture = session.record.architecture
    plan = layout(architecture.sizes, architecture.is_recurrent, room, words_of(session, has_maps))
    scene = PictureScene(session, plan, shown_time(session))
    step = session.pointed
    lenses = lens_marks(scene, unfolding, lens_unit)
    scene.free.taken += tuple(lens.window.rect for lens in lenses)
    unfolded = lens_edges(scene, lenses)
    loops = tuple(_loops(scene))
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
        loops=loops,
        lenses=lenses,
        lens_edges=unfolded,
    )


def words_of(session: Session, has_maps: bool = False) -> Words:
    """Return the widths of the session's names, for its layout, and whether its hidden neurons have maps."""
    architecture, voice = session.record.architecture, voice_of(session)
    names = [
        unit_name(voice, layer - 1, unit)
        for layer, size in enumerate(architecture.sizes)
        for unit in {0, size - 1, min(size, 9) - 1}
    ]
    gradients = [voice.text(Quantity(Kind.DW, layer)) for layer in range(architecture.depth)]
    loops = [layer for layer, of_layer in enumerate(architecture.layers) if of_layer.recurrent]
    biased = [layer for layer, of_layer in enumerate(architecture.layers) if of_layer.biases]
    return Words(
        name=max(tex_width(name, 1.0) for name in names),
        high=HIGH if any("^" in name for name in names) else Words.high,
        bias=max((len(_bias_symbol(voice, Kind.BIAS, layer)) for layer in biased), default=0),
        loop_bias=max((len(_bias_symbol(voice, Kind.BIAS_H, layer)) for layer in loops if layer in biased), default=0),
        gradient=max(map(len, gradients)),
        error=tex_width(_error_tex(session), 1.0),
        of_inputs=architecture.input_gradients,
        has_maps=has_maps,
    )


def unit_name(voice: Voice, layer: int, unit: int) -> str:
    """Return the name of a unit in TeX, without a time step, which is shown once for all."""
    kind, at = (Kind.INPUT, None) if layer < 0 else (Kind.A, layer)
    return voice.tex(Quantity(kind, at, unit, time=ALL_TIMES))


def _bias_symbol(voice: Voice, kind: Kind, layer: int) -> str:
    """Return the letters of a bias; its neuron and layer are those beside it."""
    text = voice.text(Quantity(kind, layer))
    return "".join(takewhile(str.isalpha, text)) or text


def units_of(scene: PictureScene) -> list[UnitMark]:
    """Return a disc for every unit of the layers that are not folded to strips."""
    return [
        _unit(scene, index - 1, unit, (column.x, float(y)), column.style)
        for index, column in enumerate(scene.plan.columns)
        if column.style is not None
        for unit, y in enumerate(column.y)
    ]


def _unit(scene: PictureScene, layer: int, unit: int, at: tuple[float, float], style: UnitStyle) -> UnitMark:
    x, y = at
    most = PLATE_CHARACTERS if style.plate else DISC_CHARACTERS
    mark = replace(_unit_mark(scene, layer, unit, most, _z_room(style)), x=x, y=y, radius=style.radius)
    biases = _bias_texts(scene, layer, unit, style)
    lit = ("bias", layer, unit, 0) in scene.active | scene.operands
    if style.bias == "none" or (style.bias == "shared" and (style.delta == "shared" or (mark.delta and not lit))):
        biases = {}
    shares = style.bias == "shared" and bool(biases)
    shown, role = (mark.a, "a") if style.has_z or layer < 0 else _shared_figure(scene, mark, style)
    texts = UnitTexts(
        name=mark.tex,
        z=mark.z,
        a=shown,
        figure=role,
        delta="" if shares else mark.delta,
        letter="δ" if layer >= 0 else "∂",
        bias=biases.get(Kind.BIAS, ""),
        loop_bias=biases.get(Kind.BIAS_H, "") if not shares else "",
    )
    labels = unit_labels(style, x, y, texts)
    plate = plate_rect(style, x, y)
    over = None if plate else wide_plate(labels, style.radius, x, y)
    return replace(
        mark,
        labels=tuple(label for label in labels if "bias" not in label.role),
        plate=plate or over,
        over=over is not None,
        map_rect=map_rect(style, x, y),
        biases=tuple(_bias_mark(scene, layer, unit, label) for label in labels if "bias" in label.role),
    )


def _shared_figure(scene: PictureScene, mark: UnitMark, style: UnitStyle) -> tuple[str, str]:
    """Return the figure of a unit that has room for one: z until the activation is known, or delta without a room."""
    backward = scene.step is not None and scene.step.phase == "backward"
    if style.delta == "shared" and mark.delta and backward:
        return mark.delta, "delta"
    if mark.a == UNKNOWN and mark.z_number not in ("", UNKNOWN):
        return mark.z_number, "z"
    return mark.a, "a"


def _bias_mark(scene: PictureScene, layer: int, unit: int, label: Label) -> BiasMark:
    kinds = PARAMETER_KINDS["b" if label.role == "bias" else "b_h"]
    shown = kinds.new if scene.known(kinds.new, layer, unit) else kinds.value
    return BiasMark(
        quantity=Quantity(kinds.value, layer, unit),
        label=label,
        active=("bias", layer, unit, 0) in scene.active | scene.operands,
        moved=scene.changed(shown, layer, unit),
    )


def _bias_texts(scene: PictureScene, layer: int, unit: int, style: UnitStyle) -> dict[Kind, str]:
    """Return the biases of a unit with their letters; a new bias replaces the old one once it is known.

    A shared bias is drawn once, beside the first unit.
    """
    texts: dict[Kind, str] = {}
    for name in ("b", "b_h"):
        if layer < 0 or name not in scene.record.architecture.slots[layer]:
            continue
        if unit >= scene.record.architecture.layers[layer].biases:
            continue
        kinds = PARAMETER_KINDS[name]
        kind = kinds.new if scene.known(kinds.new, layer, unit) else kinds.value
        number = scene.voice.number(Quantity(kind, layer, unit))
        text = fitting(number, pretty(short(number, DECIMALS)), style.bias_characters)
        texts[kinds.value] = f"{_bias_symbol(scene.voice, kinds.value, layer)} {text}"
    return texts


def _z_room(style: UnitStyle) -> int:
    """Return how many characters fit into a disc at the height of z; 0 if z has no place of its own."""
    edge = 0.31 * style.radius + 4.0
    return int((2 * (style.radius**2 - edge**2) ** 0.5 + 2.0) / mono_width(1, SMALL)) if style.has_z else 0


def lens_unit(scene: PictureScene, layer: int, unit: int) -> UnitMark:
    """Return a unit of a lens, without its place and labels."""
    return _unit_mark(scene, layer, unit, PLATE_CHARACTERS, 0)


def _unit_mark(scene: PictureScene, layer: int, unit: int, most: int, z_room: int) -> UnitMark:
    """Return a unit without its place; a figure has at most `most` characters, z with its symbol `z_room`."""
    place: Place = ("unit", layer, unit, 0)
    number: float | None
    z, z_number, delta = "", "", ""
    if layer < 0:
        number = scene.voice.number(scene.quantity(Kind.INPUT, None, unit))
        a = fitting(number, pretty(short(number, DECIMALS)), most)
        sent, delta = scene.value(Kind.DE_DX, None, unit, DELTA_CHARACTERS)
        parts = {"a": Kind.INPUT, "delta": Kind.DE_DX}
        moved = tuple(part for part, kind in parts.items() if scene.changed(kind, None, unit))
    else:
        number, a = scene.value(Kind.A, layer, unit, most)
        _, z_number = scene.value(Kind.Z, layer, unit, most)
        symbol = scene.voice.text(Quantity(Kind.Z, layer, time=ALL_TIMES))
        z = f"{symbol} {z_number}" if len(symbol) <= 2 and len(symbol) + 8 <= z_room else z_number
        sent, delta = scene.value(Kind.DELTA, layer, unit, DELTA_CHARACTERS)
        kinds = {"z": Kind.Z, "a": Kind.A, "delta": Kind.DELTA}
        moved = tuple(part for part, kind in kinds.items() if scene.changed(kind, layer, unit))
    if sent is None and delta != ASKED:
        delta = ""
    return UnitMark(
        layer=layer,
        unit=unit,
        x=0.0,
        y=0.0,
        radius=0.0,
        tex=unit_name(scene.voice, layer, unit),
        z=z,
        z_number=z_number,
        a=a,
        delta=delta,
        shade=shade(number),
        active=place in scene.active or ("bias", layer, unit, 0) in scene.active,
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
    loss, tex = Quantity(Kind.LOSS), _error_tex(scene.session)
    outputs = scene.record.architecture.sizes[-1]
    targets = [
        pretty(short(scene.voice.number(scene.quantity(Kind.TARGET, None, unit)), DECIMALS)) for unit in range(outputs)
    ]
    figures = targets[0] if outputs == 1 else f"({', '.join(targets)})"
    target = f"{scene.voice.text(scene.quantity(Kind.TARGET, None))} = {figures}"
    if not LOSSES[scene.record.architecture.loss].has_targets:
        target = ""
    elif len(target) > MOST_TARGET:
        target = f"{outputs} targets"  # the values panel shows them
    value = pretty(fixed(scene.voice.number(loss), DECIMALS)) if scene.known(Kind.LOSS, None) else UNKNOWN
    is_sequence = scene.record.architecture.is_recurrent
    if scene.asks(Kind.LOSS, None) or (outputs == 1 and not is_sequence and scene.asks(Kind.ERROR, None, 0)):
        value = ASKED
    if outputs == 1 and value == UNKNOWN and scene.known(Kind.ERROR, None, 0) and not is_sequence:
        value = pretty(fixed(scene.voice.number(Quantity(Kind.ERROR, None, 0)), DECIMALS))
    if is_sequence and target:
        target = f"{scene.record.time_steps} time steps"
    moved = scene.changed(Kind.LOSS, None) or (outputs == 1 and not is_sequence and scene.changed(Kind.ERROR, None, 0))
    value = value if len(value) <= MOST_TARGET else fitting(scene.voice.number(loss), value, MOST_TARGET)
    return BoxMark(
        scene.plan.error,
        tex,
        target,
        value,
        _error_is_active(scene),
        moved,
        formula=scene.plan.formula,
        size=scene.plan.formula_size,
    )


def error_title(record: PassRecord) -> str:
    """Return the title of the error box: a loss without targets is no error."""
    return "Error" if LOSSES[record.architecture.loss].has_targets else "Loss"


def _error_tex(session: Session) -> str:
    """Return the formula of the loss; its name alone in a recurrent network."""
    voice, loss = voice_of(session), Quantity(Kind.LOSS)
    if session.record.architecture.is_recurrent:
        return voice.tex(loss)
    return rf"{voice.tex(loss)} = {vector_expression(voice, loss)}"


def _error_is_active(scene: PictureScene) -> bool:
    """Return whether the step is at the loss; the error of one of several time steps is shown elsewhere."""
    if ERROR_PLACE not in scene.active or scene.step is None:
        return False
    return not scene.record.architecture.is_recurrent or scene.step.kind is Kind.LOSS


def _captions(scene: PictureScene) -> list[CaptionMark]:
    """Return a title above every column, shorter where columns are close."""
    columns = scene.plan.columns
    depth = scene.record.architecture.depth
    words = ["Output" if at == depth - 1 else "Hidden" if depth == 2 else f"Hidden {at + 1}" for at in range(depth)]
    layers = scene.record.architecture.layers
    names = [f"{layer.activation.replace('_', ' ')}{' · one bias' * layer.shares_bias}" for layer in layers]
    titles = [f"{word} · {name}" for word, name in zip(words, names, strict=True)]
    if max(ui_width(title, TITLE_SIZE) for title in titles) > scene.plan.gap - MARGIN:
        titles = words
    marks = [CaptionMark(columns[0].x, TITLE, "Input", "title")]
    marks += [CaptionMark(column.x, TITLE, title, "title") for column, title in zip(columns[1:], titles, strict=True)]
    left, _, width, _ = scene.plan.error
    marks.append(CaptionMark(left + width / 2, TITLE, error_title(scene.record), "title"))
    if scene.record.architecture.is_recurrent:
        of_steps = f"time {scene.time + 1} of {scene.record.time_steps}"
        x = MARGIN + ui_width(of_steps, TITLE_SIZE) / 2
        marks.append(CaptionMark(x, scene.plan.height - TITLE, of_steps, "title", active=True))
    return marks


def _loops(scene: PictureScene) -> Iterator[LoopMark]:
    """Yield an arrow from each recurrent layer back to itself, with the names of its state and weights."""
    for layer, of_layer in enumerate(scene.record.architecture.layers):
        if of_layer.recurrent:
            column = scene.plan.columns[layer + 1]
            room = max(_half(column), STRIP_WIDTH / 2)
            top = scene.plan.height - LOOP_HEIGHT - 26.0
            rect = (column.x - room - 26.0, top, 2 * room + 52.0, LOOP_HEIGHT)
            past = past_quantity(layer, 0, scene.time)
            weights, bias = (scene.voice.text(Quantity(kind, layer)) for kind in (Kind.WEIGHT_H, Kind.BIAS_H))
            lit = any(place[:2] == ("loop", layer) for place in scene.active | scene.operands)
            text = f"{weights} · {scene.voice.text(replace(past, unit=None))}{f' + {bias}' if of_layer.biases else ''}"
            yield LoopMark(rect, text, lit)


def _half(column: LayerColumn) -> float:
    return column.radius if column.style is None else max(column.radius, column.style.plate / 2)
