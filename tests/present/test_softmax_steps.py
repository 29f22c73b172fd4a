"""How the steps of a softmax are told: formulas, words, the lit line, the values table, the canvas and the graph."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace

import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.formats.trace_json import step_tables
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation, parse_notation
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula, role_of
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.listing.listing import listing
from nnviz.present.network.hover_details import unit_details
from nnviz.present.network.picture import picture
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.captions import headline, sentence
from nnviz.tracing.steps import Grain, Kind, Quantity, Step

# One input of 1 and weights ln 6, ln 3 and ln 1: the exponentials are 1, 1/2 and 1/6, their sum 5/3, and so
# y = (0.6, 0.3, 0.1); the second class is meant, so y - t = (0.6, -0.7, 0.1).
SHARES = (
    "network.inputs=1",
    f'network.layers=[{{units=3,activation="softmax",W=[[{math.log(6)!r},{math.log(3)!r},0]],b=[0,0,0]}}]',
    "data.inputs=[[1]]",
    "data.targets=[[0,1,0]]",
    "data.example=0",
    "printed=[]",
)
CROSS_ENTROPY = 'network.loss="cross_entropy"'


def shares(notation: str, *overrides: str) -> Session:
    lesson = load("from-scratch", (*SHARES, *overrides))
    return start_session(lesson, notation=load_notation(notation), grain=Grain.TERM)


def at(session: Session, kind: Kind, unit: int, source: int | None = None, layer: int = 0) -> Session:
    """The session at one step of a softmax layer."""
    position = session.trace.find(Quantity(kind, layer, unit, source))
    assert position is not None
    return replace(session, position=position)


def the_step(session: Session) -> Step:
    assert session.step is not None
    return session.step


def told(session: Session) -> str:
    """The formula as people read it; whether 0.6 is written with all its zeros depends on its last bit."""
    _, line, numbers, result = formula(session.trace, the_step(session), voice_of(session)).texts()
    text = " = ".join(part for part in (line, numbers, result) if part)
    return re.sub(r"\d+\.\d+", lambda match: match[0].rstrip("0").rstrip("."), text)


def words(session: Session) -> tuple[str, str]:
    voice, step = voice_of(session), the_step(session)
    return headline(voice, step), sentence(voice, step)


def test_the_document_reads_exponential_sum_and_quotient() -> None:
    session = shares("softmax", CROSS_ENTROPY)
    assert [told(at(session, *step)) for step in ((Kind.EXPONENTIAL, 1, 0), (Kind.EXPONENTIAL, 1, 1))] == [
        "e^(a₁ − max a) = e^(1.791759 − 1.791759) = 1",
        "e^(a₂ − max a) = e^(1.098612 − 1.791759) = 0.5",
    ]
    assert told(at(session, Kind.EXPONENTIAL_SUM, 1)) == (
        "Σₖ e^(aₖ − max a) = e^(a₁ − max a) + e^(a₂ − max a) + e^(a₃ − max a) = 1 + 0.5 + 0.166667 = 1.666667"
    )
    assert told(at(session, Kind.A, 1)) == "y₂ = e^(a₂ − max a)/Σₖ e^(aₖ − max a) = 0.5/1.666667 = 0.3"
    assert told(replace(at(session, Kind.A, 1), grain=Grain.NEURON)).startswith(
        "y₂ = e^a₂/(e^a₁ + e^a₂ + e^a₃) = e^1.098612/"
    )


def test_the_document_climbs_by_its_own_jacobian() -> None:
    session = shares("softmax", CROSS_ENTROPY)
    assert told(at(session, Kind.DELTA_TERM, 0, 1)) == (
        "∂J/∂y₂ · ∂y₂/∂a₁ = t₂/y₂ · y₂(δ₁₂ − y₁) = t₂(δ₁₂ − y₁) = 1 · (0 − 0.6) = −0.6"
    )
    assert told(at(session, Kind.DELTA_TERM, 1, 1)).endswith("= t₂(δ₂₂ − y₂) = 1 · (1 − 0.3) = 0.7")
    assert told(at(session, Kind.DELTA, 1)) == (
        "∂J/∂a₂ = t₁(δ₂₁ − y₂) + t₂(δ₂₂ − y₂) + t₃(δ₂₃ − y₂) = t₂ − y₂ = 0 + 0.7 + 0 = 0.7"
    )
    assert told(replace(at(session, Kind.DELTA, 1), grain=Grain.NEURON)) == ("∂J/∂a₂ = t₂ − y₂ = 1 − 0.3 = 0.7")


def test_a_gradient_has_the_other_sign() -> None:
    session = shares("standard", CROSS_ENTROPY)
    a, b = "a⁽¹⁾₁", "a⁽¹⁾₂"
    assert told(at(session, Kind.DELTA_TERM, 0, 1)) == (
        f"∂E/∂{b} · ∂{b}/∂z⁽¹⁾₁ = −t₂/{b} · {b}(I₁₂ − {a}) = t₂({a} − I₁₂) = 1 · (0.6 − 0) = 0.6"
    )
    assert told(at(session, Kind.DELTA, 0)).startswith(
        f"δ⁽¹⁾₁ = t₁({a} − I₁₁) + t₂({a} − I₁₂) + t₃({a} − I₁₃) = {a} − t₁"
    )


def test_targets_that_do_not_add_up_to_one_are_told() -> None:
    session = shares("softmax", CROSS_ENTROPY, "data.targets=[[1,1,0]]")
    shown = at(session, Kind.DELTA, 0)
    assert told(shown).endswith("= t₁ − y₁ Σₖ tₖ = 0.4 + (−0.6) + 0 = −0.2")
    assert words(shown)[1] == "The sum of the terms of all outputs."


def test_another_loss_goes_through_the_same_jacobian() -> None:
    session = shares("standard", 'network.loss="half_squared"')
    a, b = "a⁽¹⁾₁", "a⁽¹⁾₂"
    # dE/dy_2 = 0.3 - 1; times y_2 (I_12 - y_1) = 0.3 (0 - 0.6)
    assert told(at(session, Kind.DELTA_TERM, 0, 1)) == (
        f"∂E/∂{b} · ∂{b}/∂z⁽¹⁾₁ = ∂E/∂{b} {b}(I₁₂ − {a}) = −0.7 · 0.3 · (0 − 0.6) = 0.126"
    )
    assert told(at(session, Kind.DELTA, 0)).endswith("= 0.144 + 0.126 + (−0.006) = 0.264")
    assert "terms of all outputs" in words(at(session, Kind.DELTA, 0))[1]


def test_a_slope_taken_of_the_activation_is_put_in_as_it_is() -> None:
    session = shares("standard", 'network.loss="half_squared"', 'convention.slope="derivative_of_a"')
    y = (0.6, 0.3, 0.1)
    v = [math.exp(each) / sum(map(math.exp, y)) for each in y]
    whole = told(replace(at(session, Kind.DELTA, 0), grain=Grain.NEURON))
    assert whole.count("softmax(a⁽¹⁾)") == 4
    assert f"{v[0]:.6g} · (0.6 − [0.6 · {v[0]:.6g} + (−0.7) · {v[1]:.6g} + 0.1 · {v[2]:.6g}])" in whole
    line = told(at(session, Kind.DELTA_TERM, 0, 1))
    assert "softmax(a⁽¹⁾)₂(I₁₂ − softmax(a⁽¹⁾)₁)" in line
    assert line.endswith(f"= −0.7 · {v[1]:.6g} · (0 − {v[0]:.6g}) = {-0.7 * v[1] * -v[0]:.5g}")


def test_a_wide_layer_cuts_its_sums() -> None:
    wide = (
        'network.layers=[{units=7,activation="softmax"}]',
        "network.inputs=1",
        "data.inputs=[[1]]",
        "data.targets=[[0,0,1,0,0,0,0]]",
        "data.example=0",
        "printed=[]",
        CROSS_ENTROPY,
    )
    session = start_session(load("from-scratch", wide), notation=load_notation("softmax"), grain=Grain.TERM)
    total, delta = told(at(session, Kind.EXPONENTIAL_SUM, 0)), told(at(session, Kind.DELTA, 0))
    assert total.startswith("Σₖ e^(aₖ − max a) = ")
    assert total.count("Σ") == 1, "a sum that is its own symbol is not written twice"
    assert " + ⋯ + " in total
    assert "tₖ(δ₁ₖ − y₁) = t₁ − y₁ = " in delta


def test_words_say_what_and_why() -> None:
    session = shares("softmax", CROSS_ENTROPY)
    steps = ((Kind.EXPONENTIAL, 0, 1), (Kind.EXPONENTIAL_SUM, 0), (Kind.A, 0), (Kind.DELTA_TERM, 0, 1), (Kind.DELTA, 0))
    titles = [words(at(session, *step))[0] for step in steps]
    assert titles == [
        "Exponential of a₂, for y₁",
        "Sum of the exponentials",
        "Activation of y₁",
        "Error term of y₁ via y₂",
        "Error term of y₁",
    ]
    why = [words(at(session, *step))[1] for step in steps]
    assert "The largest one is subtracted first" in why[0]
    assert "add up to 1" in why[2]
    assert why[3].startswith("The chain rule: how the reward changes with y₂, times how y₂ changes with a₁. δ₁₂ is 1")
    assert "targets add up to 1" in why[4]
    assert "Step into it" in words(replace(at(session, Kind.DELTA, 0), grain=Grain.NEURON))[1]
    sigmoid = start_session(load("koehn"))
    assert "add up to 1" not in words(replace(sigmoid, position=sigmoid.trace.find(Quantity(Kind.A, 0, 0)) or 0))[1]


def test_each_line_of_the_listing_lights_with_its_steps() -> None:
    session = shares("softmax", CROSS_ENTROPY)

    def lit(session: Session) -> str:
        shown = listing(session)
        assert shown.current is not None
        return shown.lines[shown.current].code

    exponentials, quotients = "expA = np.exp(A - A.max())", "Y = expA / expA.sum()"
    assert [lit(at(session, Kind.EXPONENTIAL, unit, 2)) for unit in range(3)] == [exponentials] * 3
    assert lit(at(session, Kind.EXPONENTIAL_SUM, 0)) == quotients
    assert lit(at(session, Kind.A, 0)) == lit(replace(at(session, Kind.A, 2), grain=Grain.LAYER)) == quotients
    assert lit(at(session, Kind.DELTA_TERM, 0, 1)) == "dA = T - Y"


def test_a_batch_keeps_the_axis_of_its_examples() -> None:
    codes = [line.code for line in listing(start_session(load("softmax"))).lines]
    assert "expA = np.exp(A - A.max(axis=-1, keepdims=True))" in codes
    assert "Y = expA / expA.sum(axis=-1, keepdims=True)" in codes


def test_exponentials_stand_among_the_values_once_they_are_known() -> None:
    session = shares("softmax", CROSS_ENTROPY)

    def rows(session: Session) -> dict[str, tuple[str, bool]]:
        return {row.name: (row.text, row.active) for row in value_rows(session)}

    before = session.trace.find(Quantity(Kind.Z, 0, 2)) or 0
    assert "expA" not in rows(replace(session, position=before))
    first = rows(at(session, Kind.EXPONENTIAL, 0, 0))
    assert first["expA"] == ("[1.000000, —, —]", True)
    assert "expA.sum()" not in first
    assert first["Y"] == ("—", False)
    total = rows(at(session, Kind.EXPONENTIAL_SUM, 0))
    assert total["expA"] == ("[1.000000, 0.500000, 0.166667]", False)
    assert total["expA.sum()"] == ("1.666667", True)
    assert rows(at(session, Kind.A, 0))["Y"] == ("[0.600000, —, —]", True)
    again = rows(at(session, Kind.EXPONENTIAL, 1, 0))
    assert again["expA"] == ("[1.000000, 0.500000, 0.166667]", True), "told again on the way to the second share"
    for position in range(1, session.trace.end + 1):
        assert sum(active for _, active in rows(replace(session, position=position)).values()) == 1
    standard = start_session(load("from-scratch", SHARES), notation=load_notation("standard"))
    assert "e1" in rows(replace(standard, position=standard.trace.end))


def test_the_canvas_lights_the_units_of_each_step() -> None:
    session = shares("softmax", CROSS_ENTROPY)

    def lit(session: Session) -> tuple[list[int], list[int]]:
        units = [mark for mark in picture(session).units if mark.layer == 0]
        return [m.unit for m in units if m.active], [m.unit for m in units if m.operand and not m.active]

    assert lit(at(session, Kind.EXPONENTIAL, 0, 2)) == ([2], [0]), "its own unit, and that of the largest sum"
    assert lit(at(session, Kind.EXPONENTIAL_SUM, 0)) == ([0, 1, 2], [])
    assert lit(at(session, Kind.A, 1)) == ([1], [0, 2])
    assert lit(at(session, Kind.DELTA_TERM, 0, 2)) == ([0], [2])
    assert lit(at(session, Kind.DELTA, 1)) == ([1], [0, 2])
    details = dict(unit_details(at(session, Kind.A, 0), 0, 1))
    assert details["e^(a₂ − max a)"].startswith("0.5")
    assert details["y₂"] == "—"


def test_the_graph_lights_the_numbers_of_each_step() -> None:
    session = shares("softmax", CROSS_ENTROPY)

    def lit(session: Session, kind: Kind, part: str) -> list[bool]:
        box = next(box for box in graph_picture(session).boxes if box.quantity.kind is kind)
        assert box.active == part
        return [figure.active for row in (box.values if part == "value" else box.derivative) for figure in row]

    assert lit(at(session, Kind.EXPONENTIAL, 0, 2), Kind.A, "value") == [False, False, True]
    assert lit(at(session, Kind.EXPONENTIAL_SUM, 1), Kind.A, "value") == [True, True, True]
    assert lit(at(session, Kind.DELTA_TERM, 1, 2), Kind.Z, "derivative") == [False, True, False]


def test_json_names_them_and_keeps_the_coarser_grains() -> None:
    session = shares("softmax", CROSS_ENTROPY)
    steps = json.loads(json.dumps(list(step_tables(session))))
    (second,) = (s for s in steps if (s["kind"], s["unit"], s["source"]) == ("exponential", 1, 2))
    assert (second["symbol"], second["numbers"]) == ("e^{a_2 - max a}", "e^{1.098612 - 1.791759}")
    assert second["value"] == pytest.approx(0.5)
    (total,) = (s for s in steps if (s["kind"], s["unit"]) == ("exponential_sum", 3))
    assert total["value"] == pytest.approx(5 / 3)
    (term,) = (s for s in steps if (s["kind"], s["unit"], s["source"]) == ("delta_term", 1, 2))
    assert term["symbol"] == "∂J/∂y_2 · ∂y_2/∂a_1"
    assert term["value"] == pytest.approx(-0.6)
    for grain in (Grain.NEURON, Grain.LAYER):
        coarse = {step["kind"] for step in step_tables(replace(session, grain=grain))}
        assert coarse == {"z", "a", "error", "loss", "delta", "dW", "db", "W_new", "b_new"}


def test_their_colors_are_those_of_their_phase() -> None:
    assert role_of(Quantity(Kind.EXPONENTIAL, 0, 0, 0), 1.0) == role_of(Quantity(Kind.EXPONENTIAL_SUM, 0, 0), 1.0)
    assert role_of(Quantity(Kind.EXPONENTIAL, 0, 0, 0), 1.0) == "forward"
    assert role_of(Quantity(Kind.DELTA_TERM, 0, 0, 0), 1.0) == "backward"


def test_a_notation_may_write_its_exponentials_and_its_kronecker_delta() -> None:
    table = {"tex": {"exponential": "p", "exponential_sum": "S", "kronecker": r"\epsilon"}}
    session = replace(shares("standard", CROSS_ENTROPY), notation=parse_notation(table, "own"))
    voice = voice_of(session)
    texts = [
        voice.text(Quantity(kind, 0, 1, source))
        for kind, source in ((Kind.EXPONENTIAL, 2), (Kind.EXPONENTIAL_SUM, None))
    ]
    assert texts == ["p₃", "S"]
    assert "ε₂₃" in told(at(session, Kind.DELTA_TERM, 1, 2))


@pytest.mark.parametrize(
    ("notation", "symbols"), [("standard", "δ⁽¹⁾ = a⁽¹⁾ − t = 1 − 0 = 1"), ("koehn", "δ₁ = t − h₁ = 0 − 1 = −1")]
)
def test_a_saturated_sigmoid_with_cross_entropy_is_told_by_its_difference(notation: str, symbols: str) -> None:
    # z = 800: the output has rounded to 1, so dE/da = 1/0 and the slope is 0; their product is no number, but y - t is.
    lesson = load(
        "from-scratch",
        (
            "network.inputs=1",
            'network.layers=[{units=1,activation="sigmoid",W=[[800]],b=[0]}]',
            'network.loss="binary_cross_entropy"',
            "data.inputs=[[1]]",
            "data.targets=[[0]]",
            "data.example=0",
            "printed=[]",
        ),
    )
    session = start_session(lesson, notation=load_notation(notation))
    assert told(at(session, Kind.DELTA, 0)) == symbols
