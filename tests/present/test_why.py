"""What is shown while the learner asks why: the card, the rings, and which number stands at a point."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import go_to, last
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.state.trail import Direction
from nnviz.debugger.why import extend_trail, factors, select_factor, start_trail
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.graph.graph_marks import GraphPicture
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.graph.why_graph import graph_marks, graph_number_at
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.network.why_rings import canvas_marks, number_at
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.values.value_places import number_in_row
from nnviz.present.values.values_table import ValueRow, value_rows
from nnviz.present.words.why_text import MOST_LISTED, Factor, WhyCard, listed_factors, question, why_card
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of

H1, DELTA1 = Quantity(Kind.A, 0, 0), Quantity(Kind.DELTA, 0, 0)
REACHED, DELTA2 = Quantity(Kind.DE_DA, 0, 0), Quantity(Kind.DELTA, 1, 0)


def koehn() -> Session:
    return last(start_session(load("koehn")))


def shown(session: Session) -> WhyCard:
    card = why_card(session)
    assert card is not None
    return card


def told(factor: Factor) -> tuple[str, str, str]:
    return factor.symbol, factor.value, factor.where


def test_the_card_of_a_change_by_hand():
    card = shown(start_trail(koehn(), Quantity(Kind.DW, 0, 0, 0)))
    assert (card.title, card.value, card.where) == ("Weight change on x₁ → h₁", "0.048382", "step 21")
    assert card.text == "Computed from"
    assert [told(factor) for factor in card.factors] == [
        ("δ₁,₁", "0.048382", "step 19"),
        ("x₁", "1", "given"),
        ("μ", "1", "given"),  # the document tells the change, with the rate in it
    ]
    assert card.formula is not None
    assert card.formula.texts()[1:3] == ("ΔW₁₁ = μ δ₁,₁ x₁", "1 · 0.048382 · 1")


def test_the_breadcrumb_has_an_arrow_for_each_way():
    session = extend_trail(extend_trail(start_trail(koehn(), Quantity(Kind.DW, 0, 0, 0)), DELTA1), REACHED)
    assert [(crumb.arrow, crumb.text) for crumb in shown(session).crumbs] == [
        *(("", "ΔW₁₁"), ("←", "δ₁,₁"), ("←", "−∂E/∂h₁")),
    ]
    fed = extend_trail(start_trail(koehn(), DELTA2, Direction.FEEDS), REACHED)
    assert [crumb.arrow for crumb in shown(fed).crumbs] == ["", "→"]


def test_what_is_given_was_made_of_nothing():
    card = shown(start_trail(koehn(), Quantity(Kind.WEIGHT, 1, 0, 0)))
    assert (card.title, card.value, card.where, card.factors) == ("Weight W₂,₁", "5", "given", ())
    assert (card.formula, card.position) == (None, None)
    assert card.text.startswith("It is given")


def test_after_updates_a_weight_says_which_update_it_comes_from():
    session = start_session(load("koehn"), update=3)
    assert shown(start_trail(session, Quantity(Kind.WEIGHT, 1, 0, 0))).where == "after update 3"
    assert shown(start_trail(session, Quantity(Kind.INPUT, None, 0))).where == "given"


def test_no_number_is_shown_that_is_not_known():
    session = start_trail(go_to(start_session(load("koehn")), 1), Quantity(Kind.DELTA, 0, 0))
    card = shown(session)
    assert (card.value, card.formula) == (UNKNOWN, None)
    assert card.where == "not known yet: step 19"
    assert [factor.value for factor in card.factors] == [UNKNOWN, UNKNOWN]
    assert question(session, DELTA1, Direction.WHY) == "Why δ₁,₁? (not known yet)"


def test_a_menu_asks_with_the_value():
    assert question(koehn(), DELTA1, Direction.WHY) == "Why is δ₁,₁ = 0.0484?"
    assert question(koehn(), DELTA1, Direction.FEEDS) == "Where is δ₁,₁ used?"


def test_what_a_number_feeds_is_grouped():
    card = shown(start_trail(koehn(), DELTA2, Direction.FEEDS))
    assert [(factor.group, factor.symbol) for factor in card.factors] == [
        *(("Gradients of the loss at activations", "−∂E/∂h₁"), ("Gradients of the loss at activations", "−∂E/∂h₂")),
        *(("Gradients", "ΔW₂,₁"), ("Gradients", "ΔW₂,₂"), ("Gradients", "Δb₂,₁")),
    ]
    new = shown(start_trail(koehn(), Quantity(Kind.RATE), Direction.FEEDS)).factors[0]
    assert (new.group, new.symbol) == ("New weights and biases", "W₁₁ (new)")
    nothing = shown(start_trail(koehn(), Quantity(Kind.LOSS), Direction.FEEDS))
    assert (nothing.factors, nothing.text) == ((), "It is not used again in this pass.")


def test_of_many_factors_the_largest_are_listed():
    session = last(start_session(load("graph-20-50-10")))
    session = start_trail(session, Quantity(Kind.Z, 1, 0))  # 50 weights, 50 activations, a bias
    card = shown(session)
    assert (len(card.factors), card.more) == (MOST_LISTED, "… 89 more")
    sizes = sorted((abs(value) for value in values(session)), reverse=True)
    listed = [abs(float(factor.value.replace("\N{MINUS SIGN}", "-"))) for factor in card.factors]
    assert min(listed) == pytest.approx(sizes[MOST_LISTED - 1], abs=1e-6)
    assert listed_factors(session) == tuple(factor.quantity for factor in card.factors)
    order = factors(session)
    assert [order.index(factor.quantity) for factor in card.factors] == sorted(
        order.index(factor.quantity) for factor in card.factors
    )


def values(session: Session) -> list[float]:
    return [float(value_of(session.record, part)) for part in factors(session)]


def test_the_picked_factor_stays_within_the_list():
    session = select_factor(start_trail(koehn(), DELTA1), 99)
    assert shown(session).picked == 1


def test_without_a_trail_there_is_no_card_and_no_ring():
    session = koehn()
    assert why_card(session) is None
    assert canvas_marks(session, picture(session)) == ()
    assert graph_marks(session, graph_picture(session)) == ()


def unit(drawn: Picture, layer: int, number: int, time: int = 0):
    return next(mark for mark in drawn.units if (mark.layer, mark.unit, mark.time) == (layer, number, time))


def test_the_canvas_rings_the_number_and_its_factors():
    session = start_trail(koehn(), REACHED)  # made of W2 from h1, and delta of y
    drawn = picture(session)
    marks = canvas_marks(session, drawn)
    h1, y = unit(drawn, 0, 0), unit(drawn, 1, 0)
    (asked,) = (mark for mark in marks if mark.asked)
    assert asked.shape == "disc"
    assert asked.rect[0] + asked.rect[2] / 2 == pytest.approx(h1.x)
    lines = [mark for mark in marks if mark.shape == "line"]
    assert len(lines) == 1
    boxes = [mark.rect for mark in marks if mark.shape == "box"]
    assert any(top > y.y + y.radius and left < y.x < left + width for left, top, width, _ in boxes)
    assert not any(mark.operand for mark in drawn.units)  # what the step was made of is not lit meanwhile


def test_a_weight_that_has_been_changed_is_not_ringed_where_the_new_one_stands():
    at_end, before = koehn(), go_to(koehn(), koehn().trace.find(Quantity(Kind.DB, 0)) or 0)
    for kind in (Kind.WEIGHT, Kind.BIAS):
        quantity = Quantity(kind, 1, 0, 0 if kind is Kind.WEIGHT else None)
        new = replace(quantity, kind=Kind.W_NEW if kind is Kind.WEIGHT else Kind.B_NEW)
        for session, number, ringed in (
            *((before, quantity, True), (before, new, False)),
            *((at_end, quantity, False), (at_end, new, True)),
        ):
            marks = canvas_marks(start_trail(session, number), picture(session))
            assert any(mark.asked and mark.shape == "box" for mark in marks) == ringed
            (on_graph,) = (
                mark for mark in graph_marks(start_trail(session, number), graph_picture(session)) if mark.asked
            )
            assert (on_graph.rect[3] < 30) == ringed  # its cell, or its box


def test_a_point_of_the_canvas_is_the_number_there():
    session = koehn()
    drawn = picture(session)
    h1 = unit(drawn, 0, 0)
    at = {
        (h1.x, h1.y - 12): Quantity(Kind.Z, 0, 0),
        (h1.x, h1.y + 13): H1,
        (h1.x, h1.y + h1.radius + 16): DELTA1,
        (unit(drawn, -1, 1).x, unit(drawn, -1, 1).y): Quantity(Kind.INPUT, None, 1),
        (drawn.error.rect[0] + 20, drawn.error.rect[1] + 20): Quantity(Kind.LOSS),
    }
    label = drawn.edges[1].labels[0]
    at[label.x, label.y] = Quantity(Kind.W_NEW, 1, label.unit, label.source)  # the pass is at its end
    at[label.x, label.y + 18] = Quantity(Kind.DW, 1, label.unit, label.source)
    for place, quantity in at.items():
        assert number_at(session, drawn, *place) == quantity
    before = go_to(session, 1)
    assert number_at(before, picture(before), label.x, label.y) == Quantity(Kind.WEIGHT, 1, label.unit, label.source)
    assert number_at(session, drawn, 2.0, 2.0) is None


def test_each_bias_of_the_canvas_is_a_number():
    session = go_to(koehn(), 1)
    drawn = picture(session)
    biases = [bias for mark in drawn.units for bias in mark.biases]
    assert [bias.quantity for bias in biases] == [
        Quantity(Kind.BIAS, layer, unit) for layer, unit in ((0, 0), (0, 1), (1, 0))
    ]
    for bias in biases:
        assert number_at(session, drawn, *bias.label.middle) == bias.quantity


def test_unrolled_in_time_a_number_is_ringed_at_its_own_step():
    session = last(start_session(load("krzeminski-rnn")))
    session = start_trail(session, Quantity(Kind.Z, 0, 0, None, 1))
    drawn = unrolled_picture(session)
    marks = canvas_marks(session, drawn)
    asked = [mark for mark in marks if mark.asked]
    later = unit(drawn, 0, 0, 1)
    assert all(abs(mark.rect[0] + mark.rect[2] / 2 - later.x) < 1 for mark in asked)
    discs = {round(mark.rect[0] + mark.rect[2] / 2) for mark in marks if mark.shape == "disc"}
    assert round(unit(drawn, 0, 1, 0).x) in discs  # what the layer gave one time step before
    assert round(unit(drawn, 0, 1, 1).x) not in discs
    bias = next(caption for caption in drawn.captions if caption.role == "bias")
    held = go_to(session, 1)
    row = {number_at(held, unrolled_picture(held), bias.x + aside, bias.y) for aside in range(-200, 200, 4)} - {None}
    assert row == {Quantity(kind, 0, unit) for kind in (Kind.BIAS, Kind.BIAS_H) for unit in range(3)}


def cell(drawn: GraphPicture, session: Session, quantity: Quantity) -> tuple[float, float, float, float]:
    (mark,) = (mark for mark in graph_marks(start_trail(session, quantity), drawn) if mark.asked)
    return mark.rect


@pytest.mark.parametrize("kind", [Kind.INPUT, Kind.WEIGHT, Kind.Z, Kind.A, Kind.DE_DA, Kind.DELTA, Kind.DW, Kind.DB])
def test_a_cell_of_the_graph_is_its_number(kind: Kind):
    session = go_to(koehn(), koehn().trace.find(Quantity(Kind.DB, 0)) or 0)
    drawn = graph_picture(session)
    layer = None if kind is Kind.INPUT else 0
    source = 0 if kind in (Kind.WEIGHT, Kind.DW) else None
    quantity = Quantity(kind, layer, 1, source)
    left, top, width, height = cell(drawn, session, quantity)
    assert graph_number_at(drawn, left + width / 2, top + height / 2) == quantity


@pytest.mark.parametrize("name", lesson_names())
def test_every_kind_of_number_of_every_lesson_can_be_asked_about(name: str):
    session = last(start_session(load(name)))
    quantities = [step.quantity for step in session.trace.at(Grain.TERM)]
    last_ones = {(quantity.kind, quantity.layer): quantity for quantity in quantities}
    first_ones = {(quantity.kind, quantity.layer): quantity for quantity in reversed(quantities)}
    for quantity in dict.fromkeys((*first_ones.values(), *last_ones.values())):
        for direction in Direction:
            asked = start_trail(session, quantity, direction)
            card = shown(asked)
            assert card.value != UNKNOWN
            assert all(factor.value != UNKNOWN for factor in card.factors)
            for factor in card.factors[:2]:
                shown(extend_trail(asked, factor.quantity))
            if asked.record.architecture.is_recurrent:
                canvas_marks(asked, unrolled_picture(asked))
            canvas_marks(asked, picture(asked))
            graph_marks(asked, graph_picture(asked))


def row(session: Session, name: str) -> ValueRow:
    return next(row for row in value_rows(session) if row.name == name)


def test_a_character_of_the_values_is_the_number_there():
    session = koehn()
    found = row(session, "delta_W")  # [[0.048382, 0.000000], [-0.025837, …
    places = {number: found.text.index(number) + 1 for number in ("0.048382", "0.025837")}
    assert number_in_row(session, found, found.text, places["0.048382"]) == Quantity(Kind.DW, 0, 0, 0)
    assert number_in_row(session, found, found.text, places["0.025837"]) == Quantity(Kind.DW, 0, 1, 0)
    assert number_in_row(session, found, found.text, 0) is None
    changed = f"▲ 0.1  {found.text}"  # by how much the last choice changed it
    assert number_in_row(session, found, changed, places["0.048382"] + 7) == Quantity(Kind.DW, 0, 0, 0)


def test_the_dots_between_figures_are_no_number():
    session = replace(last(start_session(load("graph-20-50-10"))))
    found = next(row for row in value_rows(session) if row.quantity == Quantity(Kind.BIAS, 0))
    assert number_in_row(session, found, found.text, found.text.index("…")) is None
    assert number_in_row(session, found, found.text, len(found.text) - 2) == Quantity(Kind.BIAS, 0, 49)
