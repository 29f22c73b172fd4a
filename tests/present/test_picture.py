"""The picture of a network: nothing on top of anything else, nothing shown before it is known, nothing that jumps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.present.core.voice import voice_of
from nnviz.present.network.hit import hit
from nnviz.present.network.hover_details import edge_details, unit_details
from nnviz.present.network.layout import STRIP_WIDTH
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import picture, shade
from nnviz.present.network.scene import place_of
from nnviz.present.places.label import Rect, intersect
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Quantity

SIZES = [(2, 2, 1), (2, 3, 1), (2, 3, 2), (3, 5, 4, 2), (2, 8, 8, 3), (20, 10, 4)]
LESSONS = ("koehn", "from-scratch", "krzeminski-sgd", "krzeminski-batch")


def sized(*sizes: int, notation: str = "standard") -> Session:
    """A session of a network of these sizes, its weights drawn."""
    layers = ", ".join(f'{{units={units}, activation="sigmoid"}}' for units in sizes[1:])
    lesson = load(
        "from-scratch",
        [
            f"network.inputs={sizes[0]}",
            f"network.layers=[{layers}]",
            f"data.inputs={[[0.5] * sizes[0]]}",
            f"data.targets={[[1] * sizes[-1]]}",
            "printed=[]",
        ],
    )
    return start_session(lesson, notation=load_notation(notation))


def positions(session: Session) -> list[Session]:
    """The session at some hundred positions from the start to the end."""
    step = -(-session.trace.end // 120)
    stops = {*range(0, session.trace.end, step), session.trace.end}
    return [replace(session, position=position) for position in sorted(stops)]


def number(text: str) -> float:
    """The number at the end of a text: z₁ −0.25."""
    return float(text.split(" ")[-1].replace("\N{MINUS SIGN}", "-"))


def owned(shown: Picture) -> list[tuple[str, Rect]]:
    """The rectangles of all texts and plates, each with the unit that it belongs to, or else its text."""
    found = []
    for mark in shown.units:
        own = f"unit {mark.layer} {mark.unit} {mark.time}"
        rects = [label.rect for label in mark.labels if label.role in ("name", "delta")]
        found += [(own, rect) for rect in (*rects, *(bias.label.rect for bias in mark.biases))]
    ours = {id(label) for mark in shown.units for label in mark.labels}
    ours |= {id(bias.label) for mark in shown.units for bias in mark.biases}
    return found + [(label.text, label.rect) for label in shown.labels if id(label) not in ours]


def covers(rect: Rect, x: float, y: float, radius: float) -> bool:
    """Whether a rectangle reaches into a disc by more than a pixel."""
    nearest = min(max(x, rect[0]), rect[0] + rect[2]), min(max(y, rect[1]), rect[1] + rect[3])
    return float(np.hypot(nearest[0] - x, nearest[1] - y)) < radius - 1.0


def assert_apart(shown: Picture) -> None:
    labels = shown.labels
    for i, label in enumerate(labels):
        for other in labels[i + 1 :]:
            assert not intersect(label.rect, other.rect), (label, other)
    for name, rect in owned(shown):
        for mark in shown.units:
            if name == f"unit {mark.layer} {mark.unit} {mark.time}":
                continue  # a bias is at the rim of its own disc
            assert mark.plate is None or not intersect(rect, mark.plate), (name, mark.layer, mark.unit)
            assert mark.plate is not None or not covers(rect, mark.x, mark.y, mark.radius), (
                name,
                mark.layer,
                mark.unit,
            )


@pytest.mark.parametrize("name", [*LESSONS, "krzeminski-rnn"])
def test_a_disc_has_the_shade_of_its_activation_once_that_is_known(name: str) -> None:
    for at in positions(start_session(load(name))):
        for mark in picture(at).units:
            of = Kind.INPUT if mark.layer < 0 else Kind.A
            q = Quantity(of, None if mark.layer < 0 else mark.layer, mark.unit, time=mark.time)
            if mark.layer < 0 or at.trace.is_known(q, at.position):
                assert mark.shade == pytest.approx(float(np.clip(voice_of(at).number(q), -1.0, 1.0)), abs=5.1e-5)
            else:
                assert mark.shade is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((0.25, 0.25), (-0.25, -0.25), (3.0, 1.0), (-1e12, -1.0), (0.12345, 0.1235), (0.0, 0.0)),
        *((float("nan"), None), (float("inf"), None), (float("-inf"), None)),
    ],
)
def test_a_shade_is_a_number_from_minus_one_to_one(value: float, expected: float | None) -> None:
    assert shade(value) == expected


def test_the_number_of_z_is_there_without_its_symbol() -> None:
    for at in positions(start_session(load("koehn"))):
        for mark in picture(at).units:
            assert mark.z_number == mark.z.split(" ")[-1]
            assert (mark.z_number == "") == (mark.layer < 0)


@pytest.mark.parametrize("name", [*LESSONS, "krzeminski-rnn", "graph", "softmax"])
def test_every_bias_stands_beside_its_neuron(name: str) -> None:
    for session in positions(start_session(load(name))):
        voice = voice_of(session)
        for mark in picture(session).units:
            kinds = [bias.quantity.kind for bias in mark.biases]
            loops = mark.layer >= 0 and session.record.architecture.layers[mark.layer].recurrent
            assert kinds == ([] if mark.layer < 0 else [Kind.BIAS, Kind.BIAS_H] if loops else [Kind.BIAS])
            for bias in mark.biases:
                _, text = bias.label.text.split(" ")
                new = replace(bias.quantity, kind=PARAMETER_OF[bias.quantity.kind].new)
                known = session.trace.is_known(new, session.position)
                assert number(text) == pytest.approx(voice.number(new if known else bias.quantity), abs=6e-5)
                assert (bias.quantity.layer, bias.quantity.unit) == (mark.layer, mark.unit)
                left, top, width, height = bias.label.rect
                assert np.hypot(left + width / 2 - mark.x, top + height / 2 - mark.y) < 2 * mark.radius + width / 2


@pytest.mark.parametrize("notation", ["standard", "koehn", "krzeminski"])
@pytest.mark.parametrize("sizes", SIZES, ids=str)
def test_nothing_stands_on_top_of_anything_else(sizes: tuple[int, ...], notation: str) -> None:
    session = sized(*sizes, notation=notation)
    for at in (0, session.trace.end):
        assert_apart(picture(replace(session, position=at)))


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_does_at_any_step_of_a_lesson(name: str) -> None:
    for session in positions(start_session(load(name))):
        assert_apart(picture(session))


@pytest.mark.parametrize("grain", [Grain.LAYER, Grain.NEURON, Grain.TERM])
@pytest.mark.parametrize("name", LESSONS)
def test_only_what_is_known_is_shown(name: str, grain: Grain) -> None:
    session = replace(start_session(load(name)), grain=grain)
    voice, trace = voice_of(session), session.trace
    for at in positions(session):
        shown = picture(at)
        for mark in shown.units:
            if mark.layer < 0:
                assert mark.a != UNKNOWN
                continue
            for kind, text, unknown in (
                (Kind.Z, mark.z, UNKNOWN),
                (Kind.A, mark.a, UNKNOWN),
                (Kind.DELTA, mark.delta, ""),
            ):
                q = Quantity(kind, mark.layer, mark.unit)
                if trace.is_known(q, at.position):
                    assert number(text) == pytest.approx(voice.number(q), abs=6e-5)
                else:
                    assert text.split(" ")[-1] == unknown
        for edges in shown.edges:
            for label in edges.labels:
                q = Quantity(Kind.DW, edges.layer, label.unit, label.source)
                known = trace.is_known(q, at.position)
                is_alone = bool(label.weight) and trace.is_known(replace(q, kind=Kind.W_NEW), at.position)
                assert bool(label.gradient) == (known and voice.number(q) != 0.0) or is_alone
                written = bool(label.gradient) and "×" not in label.gradient
                assert not written or abs(number(label.gradient) - voice.number(q)) < 6e-6
                new = replace(q, kind=Kind.W_NEW)
                changed = trace.is_known(new, at.position)
                assert label.changed == changed
                weight = voice.number(new if changed else replace(q, kind=Kind.WEIGHT))
                assert not label.weight or number(label.weight) == pytest.approx(weight, abs=6e-5)
                assert label.negative == (weight < 0)
        known = trace.is_known(Quantity(Kind.LOSS), at.position)
        one = len(session.record.t[0, 0]) == 1 and trace.is_known(Quantity(Kind.ERROR, None, 0), at.position)
        assert (shown.error.value != UNKNOWN) == (known or one)


@pytest.mark.parametrize("name", LESSONS)
def test_nothing_jumps_between_steps(name: str) -> None:
    places = {
        (
            tuple((mark.x, mark.y, mark.radius) for mark in shown.units),
            tuple((label.x, label.y) for edges in shown.edges for label in edges.labels),
            tuple((caption.x, caption.y, caption.role) for caption in shown.captions),
            shown.error.rect,
        )
        for shown in map(picture, positions(start_session(load(name))))
    }
    assert len(places) == 1


@pytest.mark.parametrize("grain", [Grain.NEURON, Grain.TERM])
@pytest.mark.parametrize("name", LESSONS)
def test_the_step_and_its_operands_are_lit(name: str, grain: Grain) -> None:
    session = replace(start_session(load(name)), grain=grain)
    for step in session.trace.at(grain):
        at = replace(session, position=step.end)
        if at.step != step:
            continue  # the last term of a sum ends where the sum does
        shown = picture(at)
        active = place_of(step.quantity)
        wanted = {place_of(operand.quantity) for operand in operands(session.trace, step)} - {None}
        for mark in shown.units:
            own = ("unit", mark.layer, mark.unit, 0)
            assert mark.active == (active in (own, ("bias", mark.layer, mark.unit, 0)))
            assert mark.operand == (own in wanted)
        for edges in shown.edges:
            ends = zip(edges.lines.units.tolist(), edges.lines.sources.tolist(), strict=True)
            lit = [("edge", edges.layer, unit, source) in wanted | {active} for unit, source in ends]
            assert edges.lit.tolist() == lit
        assert shown.error.active == (active == ("error", 0, 0, 0))
        assert shown.phase == step.phase


def test_a_whole_layer_is_lit() -> None:
    session = replace(start_session(load("koehn")), grain=Grain.LAYER)
    shown = picture(replace(session, position=session.trace.step(Grain.LAYER, 0).end))
    assert [mark.active for mark in shown.units] == [False, False, True, True, False]
    assert [mark.operand for mark in shown.units] == [True, True, False, False, False]
    assert [edges.lit.all() for edges in shown.edges] == [True, False]


def test_before_the_first_step_nothing_is_lit() -> None:
    shown = picture(start_session(load("koehn")))
    assert shown.phase == ""
    assert not any(mark.active or mark.operand for mark in shown.units)
    assert not any(edges.lit.any() for edges in shown.edges)
    assert [caption.text for caption in shown.captions if caption.role == "title"] == [
        "Input", "Hidden · sigmoid", "Output · sigmoid", "Error",
    ]  # fmt: skip
    assert (shown.error.target, shown.error.value) == ("t = 1", UNKNOWN)


def test_what_is_selected_is_marked() -> None:
    session = start_session(load("koehn"))
    unit = picture(replace(session, selection=Quantity(Kind.A, 0, 1)))
    assert [(mark.layer, mark.unit) for mark in unit.units if mark.selected] == [(0, 1)]
    edge = picture(replace(session, selection=Quantity(Kind.WEIGHT, 0, 1, 0)))
    assert [edges.selected.tolist() for edges in edge.edges] == [[False, False, True, False], [False, False]]


def test_large_layers_are_strips_that_fill_as_they_are_known() -> None:
    session = sized(784, 128, 10)
    start = picture(session)
    assert [strip.layer for strip in start.strips] == [-1, 0]
    assert [strip.caption for strip in start.strips] == ["784 units", "128 units"]
    assert not np.isnan(start.strips[0].values).any()
    assert np.isnan(start.strips[1].values).all()
    known = session.trace.find(Quantity(Kind.A, 0, 4))
    assert known is not None
    middle = picture(replace(session, position=known))
    assert np.flatnonzero(~np.isnan(middle.strips[1].values)).tolist() == [0, 1, 2, 3, 4]
    assert middle.strips[1].active == 4
    assert {mark.layer for mark in start.units} == {1}
    assert sum(len(edges.weights) for edges in start.edges) < 10_000


def test_the_center_of_each_unit_and_label_hits_it() -> None:
    for sizes in SIZES:
        shown = picture(sized(*sizes))
        for mark in shown.units:
            place = (
                Quantity(Kind.A, mark.layer, mark.unit) if mark.layer >= 0 else Quantity(Kind.INPUT, None, mark.unit)
            )
            assert hit(shown, mark.x, mark.y) == place
            assert hit(shown, mark.x + 0.9 * mark.radius, mark.y) == place
        for edges in shown.edges:
            for label in edges.labels:
                weight = Quantity(Kind.WEIGHT, edges.layer, label.unit, label.source)
                assert hit(shown, label.x, label.y) == weight
    assert hit(shown, 1.0, 1.0) is None


def test_an_edge_is_hit_near_its_ends_and_a_strip_in_its_cells() -> None:
    shown = picture(start_session(load("koehn")))
    x1, y1, x2, y2 = shown.edges[1].lines.ends[0]
    assert hit(shown, x1 + 0.1 * (x2 - x1), y1 + 0.1 * (y2 - y1) + 3) == Quantity(Kind.WEIGHT, 1, 0, 0)
    large = picture(sized(784, 128, 10))
    strip = large.strips[1]
    y = strip.top + (strip.bottom - strip.top) * 64.5 / 128
    assert hit(large, strip.x + STRIP_WIDTH / 4, y) == Quantity(Kind.A, 0, 64)


def test_hovering_tells_all_digits_that_are_known() -> None:
    session = start_session(load("koehn"))
    before = dict(unit_details(session, 0, 1))
    assert before.pop("b₂") == "\N{MINUS SIGN}4.0"
    assert set(before.values()) == {UNKNOWN}
    assert dict(unit_details(session, -1, 0)) == {"x₁": "1.0"}
    done = replace(session, position=session.trace.end)
    after = dict(unit_details(done, 1, 0))
    assert float(after["y"]) == voice_of(done).number(Quantity(Kind.A, 1, 0))
    assert UNKNOWN not in after.values()
    edge = dict(edge_details(done, Quantity(Kind.WEIGHT, 1, 0, 1)))
    assert edge["W₂,₂"] == "\N{MINUS SIGN}5.0"
    assert float(edge["ΔW₂,₂"]) == pytest.approx(0.00586666, abs=5e-9)
    assert edge["W₂,₂ (new)"].startswith("\N{MINUS SIGN}4.994133")
