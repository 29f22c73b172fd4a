"""The computation graph: nothing overlaps, nothing is shown before it is known, and Koehn's chain can be read off."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from nnviz.debugger.commands import step
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.graph.graph_loops import LoopPlaces, Point
from nnviz.present.graph.graph_marks import Figure, GraphBox, GraphLabel, GraphPicture, Rows
from nnviz.present.graph.graph_picture import graph_details, graph_hit, graph_layout, graph_picture
from nnviz.present.graph.graph_scene import compact, inline
from nnviz.present.network.scene import shown_time
from nnviz.present.places.label import Rect
from nnviz.present.text.numbers import UNKNOWN, pretty
from nnviz.tracing.steps import PARAMETER_KINDS, Grain, Kind, Quantity

SIZES = (
    *((1, 1), (2, 1), (1, 3), (2, 2, 1), (2, 3, 1), (3, 1, 3), (1, 9, 1, 9), (2, 3, 4, 5, 6)),
    *((20, 50, 10), (784, 128, 10), (5, 1), (1, 784), (2, 2, 2, 2, 2, 2)),
)
SOFTMAX = (
    'network.layers=[{units=3,activation="softmax"},{units=2,activation="softmax"}]',
    "printed=[]",
)
# Three layers with loops, the output one of them, over three time steps.
LOOPS = (
    "network.inputs=2",
    'network.layers=[{units=3,activation="tanh",recurrent=true},{units=2,activation="sigmoid",recurrent=true},'
    '{units=3,activation="sigmoid",recurrent=true}]',
    "data.inputs=[[[0,1],[1,0],[1,1]],[[1,0],[0,0],[0,1]]]",
    "data.targets=[[[0,1,0],[1,0,0],[0,1,1]],[[1,0,0],[1,1,0],[0,0,1]]]",
    'convention.through_time="full"',
    "printed=[]",
)
MANY = 50  # positions of one trace that are looked at
DERIVATIVES = {Kind.Z: Kind.DELTA, Kind.A: Kind.DE_DA}
DERIVATIVES |= {kinds.value: kinds.gradient for kinds in PARAMETER_KINDS.values()}
MATRICES = (Kind.DW, Kind.DW_H)


def koehn(grain: Grain = Grain.NEURON) -> Session:
    return start_session(load("koehn"), notation=load_notation("koehn-chain-rule"), grain=grain)


def at(
    session: Session, kind: Kind, layer: int | None = None, unit: int | None = None, source: int | None = None
) -> Session:
    """The session where a quantity, or one number of it, has just become known."""
    position = session.trace.find(Quantity(kind, layer, unit, source))
    assert position is not None
    return replace(session, position=position)


def box(picture: GraphPicture, kind: Kind, layer: int | None = None) -> GraphBox:
    return next(b for b in picture.boxes if (b.quantity.kind, b.quantity.layer) == (kind, layer))


def label(picture: GraphPicture, kind: Kind, layer: int) -> GraphLabel | None:
    found = (label for label in picture.labels if (label.quantity.kind, label.quantity.layer) == (kind, layer))
    return next(found, None)


def texts(rows: Rows) -> list[str]:
    return [figure.text for row in rows for figure in row]


def overlapping(rects: list[Rect]) -> list[tuple[Rect, Rect]]:
    pairs = ((a, b) for index, a in enumerate(rects) for b in rects[index + 1 :])
    return [
        (a, b)
        for a, b in pairs
        if min(a[0] + a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[1] + a[3], b[1] + b[3]) > max(a[1], b[1])
    ]


@pytest.mark.parametrize("units_first", [False, True])
@pytest.mark.parametrize("sizes", SIZES)
def test_boxes_and_labels_have_room(sizes: tuple[int, ...], units_first: bool) -> None:
    plan = graph_layout(sizes, units_first)
    rects = [plan.x, plan.target, plan.error, plan.output]
    rects += [rect for layer in plan.layers for rect in (layer.W, layer.b, layer.z, layer.a)]
    rects += [rect for layer in plan.layers for rect in (layer.slope, layer.carry, layer.dW, layer.db)]
    assert overlapping(rects) == []
    fused = [rect for rect in rects if rect not in (plan.layers[-1].slope, plan.output)]
    if sizes[-1] > 1:  # a softmax of one unit is always 1
        assert overlapping([*fused, plan.straight]) == []
    for left, top, width, height in rects:
        assert left >= 0
        assert left + width <= plan.width
        assert top >= 0
        assert top + height <= plan.height


@pytest.mark.parametrize("returns", [False, True])
@pytest.mark.parametrize("units_first", [False, True])
@pytest.mark.parametrize("which", ["all", "first", "last", "inner"])
@pytest.mark.parametrize("sizes", SIZES)
def test_loops_have_room(sizes: tuple[int, ...], which: str, units_first: bool, returns: bool) -> None:
    depth = len(sizes) - 1
    recurrent = tuple(
        {"all": True, "first": at == 0, "last": at == depth - 1, "inner": 0 < at < depth - 1}[which]
        for at in range(depth)
    )
    plan = graph_layout(sizes, units_first, recurrent, returns)
    loops = [layer.loop for layer in plan.layers if layer.loop is not None]
    assert [layer.loop is not None for layer in plan.layers] == list(recurrent)
    boxes = [plan.x, plan.target, plan.error]
    boxes += [rect for layer in plan.layers for rect in (layer.W, layer.b, layer.z, layer.a)]
    boxes += [rect for loop in loops for rect in (loop.past, loop.W_h, loop.b_h)]
    labels = [rect for layer in plan.layers for rect in (layer.slope, layer.carry, layer.dW, layer.db)]
    labels += [plan.output, *(loop.later for loop in loops if returns)]
    assert overlapping([*boxes, *labels]) == []
    fused = [plan.straight] if recurrent[-1] and sizes[-1] > 1 else []  # in the place of the last slope's label
    others = [rect for rect in labels if rect not in (plan.layers[-1].slope, plan.output)]
    assert overlapping([*boxes, *others, *fused]) == []
    for left, top, width, height in (*boxes, *labels):
        assert left >= 0
        assert left + width <= plan.width
        assert top >= 0
        assert top + height <= plan.height
    for layer in plan.layers:
        if layer.loop is not None:
            lines = [line for path in paths(layer.loop, layer.z[1] + layer.z[3]) for line in pairwise(path)]
            assert not [(line, rect) for line in lines for rect in (*boxes, *labels, *fused) if crosses(line, rect)]


def paths(loop: LoopPlaces, bottom: float) -> list[tuple[Point, ...]]:
    into = (loop.past_path(bottom), loop.weight_path(bottom), loop.bias_path(bottom))
    return [*into, loop.weight_path_back(bottom), loop.bias_path_back(bottom)]


def crosses(line: tuple[Point, Point], rect: Rect) -> bool:
    """Whether a line across or down goes through the inside of a box, by more than its own width."""
    (x1, y1), (x2, y2) = line
    assert x1 == x2 or y1 == y2
    left, top, width, height = rect
    return min(x1, x2) < left + width and max(x1, x2) > left and min(y1, y2) < top + height and max(y1, y2) > top


@pytest.mark.parametrize(
    "overrides",
    [
        LOOPS,
        (*LOOPS, 'network.layers=[{units=2,activation="tanh",recurrent=true},{units=3,activation="sigmoid"}]'),
        (*LOOPS, 'network.layers=[{units=1,activation="tanh"},{units=3,activation="tanh",recurrent=true}]'),
        (*LOOPS, 'network.layers=[{units=3,activation="softmax",recurrent=true}]', 'network.loss="cross_entropy"'),
    ],
)
def test_no_arrow_of_a_loop_goes_through_a_box_or_a_label(overrides: tuple[str, ...]) -> None:
    session = start_session(load("krzeminski-rnn", overrides), notation=load_notation("koehn-chain-rule"))
    for item in session.trace.at(Grain.LAYER):
        picture = graph_picture(replace(session, grain=Grain.LAYER, position=item.end))
        rects = [mark.rect for mark in (*picture.boxes, *picture.labels)]
        assert overlapping(rects) == []
        for arrow in picture.arrows:
            path = [arrow.ends[:2], *arrow.via, arrow.ends[2:]]
            straight = [(a, b) for a, b in pairwise(path) if a[0] == b[0] or a[1] == b[1]]
            assert len(straight) == len(path) - 1 or arrow.target.kind is Kind.DELTA  # from the error of a softmax
            assert not [(arrow, rect) for line in straight for rect in rects if crosses(line, rect)]


def test_a_layout_is_made_once() -> None:
    assert graph_layout((2, 2, 1)) is graph_layout((2, 2, 1))


def shown_numbers(session: Session, picture: GraphPicture) -> Iterator[tuple[Quantity, Figure]]:
    """Every figure of a small network's graph that the pass makes known, with the quantity it must be."""
    turned = voice_of(session).units_first
    for mark in picture.boxes:
        kind = mark.quantity.kind
        if kind in (Kind.Z, Kind.A):  # also what a loop remembers of an earlier time step
            yield from items(mark.quantity, mark.values, turned)
        if mark.derivative and kind in DERIVATIVES:
            yield from items(replace(mark.quantity, kind=DERIVATIVES[kind]), mark.derivative, turned)
        if kind is Kind.LOSS and mark.errors:
            yield from items(Quantity(Kind.ERROR, time=shown_time(session)), mark.errors, turned)
            yield Quantity(Kind.LOSS), mark.values[0][0]
    for beside in picture.labels:
        if beside.figures:
            yield from items(beside.quantity, beside.figures, turned)


def items(whole: Quantity, rows: Rows, turned: bool) -> Iterator[tuple[Quantity, Figure]]:
    if whole.kind not in MATRICES:
        for unit, figure in enumerate(figure for row in rows for figure in row):
            yield replace(whole, unit=unit), figure
        return
    for down, row in enumerate(rows):
        for across, figure in enumerate(row):
            unit, source = (down, across) if turned else (across, down)
            yield replace(whole, unit=unit, source=source), figure


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", lesson_names())
def test_every_figure_is_shown_from_its_step_on_and_not_before(name: str, notation: str) -> None:
    check_figures(start_session(load(name), notation=load_notation(notation)))


@pytest.mark.parametrize("notation", ["krzeminski", "koehn-chain-rule", "standard"])
@pytest.mark.parametrize("overrides", [LOOPS, (*LOOPS, 'convention.update="sequential"', 'training.optimizer="adam"')])
def test_every_figure_of_a_loop_is_shown_from_its_step_on(overrides: tuple[str, ...], notation: str) -> None:
    lesson = load("krzeminski-rnn", overrides)
    check_figures(start_session(lesson, notation=load_notation(notation)))


def check_figures(session: Session) -> None:
    end = session.trace.end
    small = max(session.record.architecture.sizes) <= 3
    for position in sorted({*np.linspace(0, end, min(end + 1, MANY)).astype(int).tolist()}):
        here = replace(session, position=position)
        picture = graph_picture(here)
        voice = voice_of(here)
        if small:
            for quantity, figure in shown_numbers(here, picture):
                known = here.trace.is_known(quantity, position)
                assert figure.text == (compact(voice.number(quantity)) if known else UNKNOWN), quantity
        for arrow in picture.arrows:
            # A share that has come one way waits for the one from the time step after.
            awaits = here.trace.step(Grain.TERM, position - 1) if position else None
            if awaits is not None and awaits.kind is Kind.DE_DA_LATER_TERM and arrow.target.kind is Kind.DE_DA:
                continue
            if arrow.backward and not arrow.active:
                assert here.trace.known(arrow.target.kind, arrow.target.layer, position, arrow.target.time) > 0


@pytest.mark.parametrize(("name", "overrides"), [*((name, ()) for name in lesson_names()), ("krzeminski-rnn", LOOPS)])
def test_something_is_lit_at_every_step(name: str, overrides: tuple[str, ...]) -> None:
    session = start_session(load(name, overrides), notation=load_notation("koehn-chain-rule"))
    for grain in Grain:
        steps = session.trace.at(grain)
        for index in sorted({*np.linspace(0, len(steps) - 1, min(len(steps), MANY)).astype(int).tolist()}):
            picture = graph_picture(replace(session, grain=grain, position=steps[index].end))
            assert picture.active_rect is not None
            assert picture.phase == steps[index].phase
            figures = [f for mark in picture.boxes for f in texts_active(mark)]
            figures += [f for mark in picture.labels for row in mark.figures for f in row if f.active]
            assert figures or any(mark.active for mark in picture.labels)


def texts_active(mark: GraphBox) -> list[Figure]:
    return [figure for row in (*mark.errors, *mark.values, *mark.derivative) for figure in row if figure.active]


# Koehn 5.7.4 on the example (1, 0) -> 1: h = sigmoid((1, -2)) = (0.731059, 0.119203), y = sigmoid(1.059278) = 0.742553.
# d_error_d_y = t - y = 0.257447, d_y_d_z = y (1 - y) = 0.191168, d_error_d_z = 0.049216, d_error_d_W2 = 0.049216 h,
# d_error_d_h = 0.049216 (5, -5), sigmoid'(s) = h (1 - h), d_error_d_s = d_error_d_h sigmoid'(s).
CHAIN: tuple[tuple[Kind, int, tuple[str, ...]], ...] = (
    (Kind.DE_DA, 1, ("0.2574",)),
    (Kind.DELTA, 1, ("0.0492",)),
    (Kind.DW, 1, ("0.0360", "0.0059")),
    (Kind.DB, 1, ("0.0492",)),
    (Kind.DE_DA, 0, ("0.2461", "-0.2461")),
    (Kind.DELTA, 0, ("0.0484", "-0.0258")),
    (Kind.DW, 0, ("0.0484", "0.0000", "-0.0258", "0.0000")),
    (Kind.DB, 0, ("0.0484", "-0.0258")),
)
HOLDER = {derivative: kind for kind, derivative in DERIVATIVES.items()}


@pytest.mark.parametrize(("kind", "layer", "figures"), CHAIN)
def test_koehns_chain_arrives_box_by_box(kind: Kind, layer: int, figures: tuple[str, ...]) -> None:
    session = koehn(Grain.LAYER)
    before = graph_picture(
        replace(session, position=session.trace.enclosing(Grain.LAYER, find(session, kind, layer)).start)
    )
    assert {UNKNOWN} == set(texts(box(before, HOLDER[kind], layer).derivative))
    picture = graph_picture(at(session, kind, layer))
    there = box(picture, HOLDER[kind], layer)
    assert texts(there.derivative) == [pretty(figure) for figure in figures]
    assert [mark for mark in picture.boxes if mark.active] == [there]
    assert there.active == "derivative"
    assert [(arrow.target.kind, arrow.target.layer) for arrow in picture.arrows if arrow.active] == [(kind, layer)]


def find(session: Session, kind: Kind, layer: int) -> int:
    position = session.trace.find(Quantity(kind, layer))
    assert position is not None
    return position


@pytest.mark.parametrize(
    ("kind", "layer", "tex", "figures"),
    [
        (Kind.SLOPE, 1, r"\partial y/\partial z", ["0.1912"]),
        (Kind.SLOPE, 0, r"\partial h/\partial s", ["0.1966", "0.1050"]),
        (Kind.DZ_DW, 1, r"\partial z/\partial W_2 = h", []),
        (Kind.DZ_DB, 1, r"\partial z/\partial b_2 = 1", []),
        (Kind.DZ_DA, 1, r"\partial z/\partial h = W_2", []),
        (Kind.DZ_DW, 0, r"\partial s/\partial W = x", []),
        (Kind.DZ_DB, 0, r"\partial s/\partial b = 1", []),
    ],
)
def test_local_derivatives_light_when_they_are_the_step(kind: Kind, layer: int, tex: str, figures: list[str]) -> None:
    session = at(koehn(Grain.LAYER), kind, layer)
    lit = label(graph_picture(session), kind, layer)
    assert lit is not None
    assert (lit.active, lit.tex, texts(lit.figures)) == (True, tex, figures)
    before = replace(session, position=session.trace.enclosing(Grain.LAYER, session.position).start)
    assert label(graph_picture(before), kind, layer) is None


def test_the_local_derivative_is_an_operand_where_it_is_multiplied() -> None:
    picture = graph_picture(at(koehn(), Kind.DELTA, 0, 1))
    slope = label(picture, Kind.SLOPE, 0)
    assert slope is not None
    assert (slope.active, slope.operand) == (False, True)
    assert [figure.operand for row in slope.figures for figure in row] == [False, True]
    assert box(picture, Kind.A, 0).operand


def test_a_term_lights_its_weight_and_its_input() -> None:
    session = koehn(Grain.TERM)
    picture = graph_picture(replace(session, position=2))  # W_12 x_2
    lit = [[figure.operand for figure in row] for row in box(picture, Kind.WEIGHT, 0).values]
    assert lit == [[False, True], [False, False]]
    assert [figure.operand for figure in box(picture, Kind.INPUT).values[0]] == [False, True]
    assert [(f.text, f.active) for f in box(picture, Kind.Z, 0).values[0]] == [(UNKNOWN, True), (UNKNOWN, False)]
    assert sum(arrow.active for arrow in picture.arrows) == 2


def test_boxes_name_operations_and_count_functions() -> None:
    picture = graph_picture(koehn())
    names = [(mark.tex, mark.number) for mark in picture.boxes if mark.number]
    assert names == [("x", "f_{0}"), ("s", "f_{1}"), ("h", "f_{2}"), ("z", "f_{3}"), ("y", "f_{4}"), ("E", "f_{5}")]
    assert box(picture, Kind.Z, 1).operation == r"W_2\,h + b_2"
    assert box(picture, Kind.A, 0).operation == r"\operatorname{sigmoid}\left(s\right)"
    assert texts(box(picture, Kind.WEIGHT, 0).values) == ["3", "4", "2", "3"]
    # Koehn's derivatives are minus the true ones.
    assert box(picture, Kind.Z, 0).symbols == (r"-\partial E/\partial s", r"-\partial f_{5}/\partial f_{1}")


@pytest.mark.parametrize(
    ("lesson", "notation", "sign"),
    [
        ("koehn", "koehn", "-"), ("koehn", "standard", ""), ("softmax", "softmax", ""), ("softmax", "standard", ""),
        ("krzeminski-sgd", "krzeminski", ""), ("from-scratch", "softmax", ""),
    ],
)  # fmt: skip
def test_a_derivative_of_the_chain_has_the_sign_of_its_figures(lesson: str, notation: str, sign: str) -> None:
    session = start_session(load(lesson), notation=load_notation(notation))
    session = replace(session, position=session.trace.end)
    voice, mark = voice_of(session), box(graph_picture(session), Kind.Z, 0)
    assert mark.symbols[1] == rf"{sign}\partial f_{{5}}/\partial f_{{1}}"
    # The figure is what it says: the sign of the error as told, times the sign written, times the true gradient.
    told_loss = voice.factor(Quantity(Kind.LOSS))
    assert voice.factor(Quantity(Kind.DELTA, 0)) == (-1.0 if sign else 1.0) * told_loss


def test_the_first_picture_knows_only_what_is_given() -> None:
    picture = graph_picture(koehn())
    assert picture.phase == ""
    assert picture.active_rect is None
    assert not any(arrow.backward for arrow in picture.arrows)
    assert picture.labels == ()
    assert texts(box(picture, Kind.LOSS).derivative) == [UNKNOWN]


def test_the_error_starts_the_way_back_with_one() -> None:
    session = koehn()
    assert texts(box(graph_picture(at(session, Kind.LOSS)), Kind.LOSS).derivative) == [UNKNOWN]
    assert texts(box(graph_picture(at(session, Kind.DE_DA, 1)), Kind.LOSS).derivative) == ["1"]


def test_updated_weights_take_the_place_of_the_old() -> None:
    mark = box(graph_picture(at(koehn(), Kind.W_NEW, 0, 0, 0)), Kind.WEIGHT, 0)
    assert mark.active == "value"
    assert [(figure.text, figure.changed) for row in mark.values for figure in row] == [
        ("3.0484", True), ("4", False), ("2", False), ("3", False),
    ]  # fmt: skip


def test_a_fused_softmax_goes_from_the_error_straight_to_z() -> None:
    session = start_session(load("from-scratch", (*SOFTMAX, 'network.loss="cross_entropy"')))
    picture = graph_picture(at(session, Kind.DELTA, 1))
    (arrow,) = (arrow for arrow in picture.arrows if arrow.backward)
    z, error = box(picture, Kind.Z, 1).rect, box(picture, Kind.LOSS).rect
    assert arrow.ends[1] == error[1]
    assert arrow.ends[3] == z[1] + z[3]
    assert box(picture, Kind.A, 1).derivative == ()
    assert label(picture, Kind.SLOPE, 1) is None
    straight = label(picture, Kind.DELTA, 1)
    assert straight is not None
    assert straight.tex == r"y - \hat{y}"
    assert overlapping([*(mark.rect for mark in picture.boxes), *(mark.rect for mark in picture.labels)]) == []


def test_a_softmax_of_squares_is_carried_by_its_jacobian() -> None:
    session = start_session(load("from-scratch", SOFTMAX))
    picture = graph_picture(replace(session, position=session.trace.end))
    for layer in (0, 1):
        jacobian = label(picture, Kind.DELTA, layer)
        assert jacobian is not None
        assert "J" in jacobian.tex
    assert box(picture, Kind.A, 1).derivative


def test_a_large_layer_shows_a_few_and_the_one_that_the_step_is_at() -> None:
    session = start_session(load("graph-20-50-10"))
    z = box(graph_picture(at(session, Kind.Z, 0, 30)), Kind.Z, 0)
    assert len(texts(z.values)) == 6
    assert [figure.active for row in z.values for figure in row] == [False, False, False, False, True, False]
    assert texts(z.values)[-1] == "… of 50"
    picture = graph_picture(at(session, Kind.DW, 1, 3, 40))
    weights = box(picture, Kind.WEIGHT, 1)
    assert [len(row) for row in weights.derivative] == [3, 3, 3]
    assert weights.derivative[2][2].active
    assert len(weights.values) == 3


def test_what_is_under_a_point() -> None:
    session = at(koehn(), Kind.DELTA, 1)
    picture = graph_picture(session)
    marks: tuple[GraphBox | GraphLabel, ...] = (*picture.boxes, *picture.labels)
    for mark in marks:
        left, top, width, height = mark.rect
        assert graph_hit(picture, left + width / 2, top + height / 2) == mark.quantity
        selected = graph_picture(replace(session, selection=mark.quantity))
        others: tuple[GraphBox | GraphLabel, ...] = (*selected.boxes, *selected.labels)
        assert [other.quantity for other in others if other.selected] == [mark.quantity]
    assert graph_hit(picture, 1.0, 1.0) is None


def test_details_have_all_digits_of_what_is_known() -> None:
    session = at(koehn(), Kind.DELTA, 1)
    assert dict(graph_details(session, Quantity(Kind.Z, 1)))["−∂E/∂z"].startswith("0.049215")
    assert graph_details(session, Quantity(Kind.A, 0))[-1] == ("−∂E/∂h", UNKNOWN)
    assert ("W₂₁", "2.0") in graph_details(session, Quantity(Kind.WEIGHT, 0))
    assert graph_details(session, Quantity(Kind.DZ_DB, 1)) == (("∂z/∂b₂", "1"),)
    large = start_session(load("graph-20-50-10"))
    rows = graph_details(large, Quantity(Kind.WEIGHT, 0))
    assert rows[8] == ("…", "992 more")
    assert len(rows) < 14


def test_details_tell_local_derivatives_only_once_they_are_known() -> None:
    session = start_session(load("krzeminski-sgd"))
    assert {value for _, value in graph_details(session, Quantity(Kind.DZ_DW, 1))} == {UNKNOWN}
    assert UNKNOWN not in {value for _, value in graph_details(at(session, Kind.DW, 1), Quantity(Kind.DZ_DW, 1))}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1.0, "1.0000"), (-0.123456, "-0.1235"), (1234.56789, "1234.568"), (-98765432.1, "-9.9e7"),
        (0.0000123456, "1.2e-5"), (float("nan"), "nan"), (float("-inf"), "-∞"), (0.0, "0.0000"), (1e300, "1.0e300"),
    ],
)  # fmt: skip
def test_figures_are_short(value: float, text: str) -> None:
    mantissa, mark, exponent = text.partition("e")
    assert compact(value) == pretty(f"{mantissa}e{exponent}" if mark else text)


def test_a_fraction_on_one_line() -> None:
    assert inline(r"\frac{\partial E}{\partial W_{2}}") == r"\partial E/\partial W_{2}"
    assert inline(r"\delta_2") == r"\delta_2"
    assert inline(r"\frac{1}{2}\frac{a}{b}") == r"\frac{1}{2}\frac{a}{b}"


def test_a_walk_never_moves_a_box() -> None:
    session = koehn()
    places = [mark.rect for mark in graph_picture(session).boxes]
    while not session.at_end:
        session = step(session)
        assert [mark.rect for mark in graph_picture(session).boxes] == places
