"""The way to the step of a printed figure or an erratum."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import go_to, next_pass, step
from nnviz.debugger.state.session import Session, choose_example, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import Erratum
from nnviz.lessons.loader import parse_lesson
from nnviz.present.core.printed import EXACT, matches
from nnviz.present.words.card import card
from nnviz.present.words.printed_places import PrintedPlace, go_to_place, is_reached, place_of_erratum, place_of_figure
from nnviz.tracing.steps import Grain, Kind, Quantity

RECURRENT = """format = 1
title = "an echo"
[network]
inputs = 1
[[network.layers]]
units = 2
recurrent = true
W = [[0.3, -0.2]]
b = [0.1, 0.2]
W_h = [[0.5, -0.4], [0.3, 0.6]]
b_h = [-0.1, 0.2]
[data]
inputs = [[[0], [1]]]
targets = [[[1, 0], [1, 1]]]
[[printed]]
quantity = "z"
layer = 1
unit = 2
time = 2
value = "0.5"
[[printed]]
quantity = "W_h"
layer = 1
unit = 2
source = 1
value = "-0.4"
"""


def told(session: Session) -> Quantity:
    assert session.step is not None
    return session.step.quantity


@pytest.mark.parametrize("name", lesson_names())
def test_every_figure_and_erratum_is_reached_at_its_place(name: str) -> None:
    lesson = load(name)
    start = start_session(lesson)
    places = [place_of_figure(figure) for figure in lesson.printed]
    places += [place for erratum in lesson.errata if (place := place_of_erratum(erratum))]
    trained: dict[object, Session] = {}  # by the pass that a place is in, since it may be 50,000 updates away
    for place in places:
        there = trained.setdefault((place.update, place.convention), go_to_place(start, place))
        for grain in Grain:
            begun = replace(there if place.update else start, grain=grain, position=0)
            assert not is_reached(begun, place)
            assert is_reached(go_to_place(begun, place), place), (grain, place)


def test_a_figure_is_reached_on_the_first_pass_of_its_example_from_anywhere() -> None:
    figure = load("koehn").printed[0]
    place = place_of_figure(figure)
    for away in (choose_example(start_session(load("koehn")), 3), next_pass(start_session(load("koehn")))):
        there = go_to_place(away, place)
        assert (there.example, there.checkpoint.update, told(there)) == (1, 0, Quantity(Kind.A, 1, 0))
        assert [match.state for match in matches(there, there.step)] == [EXACT]  # type: ignore[arg-type]


def test_a_printed_weight_shows_where_it_is_used_first_and_is_selected() -> None:
    lesson = load("from-scratch")
    figure = next(f for f in lesson.printed if (f.quantity, f.layer, f.unit, f.source) == ("W", 2, 2, 3))
    there = go_to_place(start_session(lesson), place_of_figure(figure))
    assert told(there) == Quantity(Kind.Z, 1, 1)
    assert there.selection == Quantity(Kind.WEIGHT, 1, 1, 2)


def test_an_erratum_keeps_the_pass_and_the_example() -> None:
    session = choose_example(next_pass(start_session(load("koehn"))), 2)
    place = place_of_erratum(load("koehn").errata[1])
    assert place is not None
    there = go_to_place(session, place)
    assert (there.example, there.checkpoint, told(there)) == (2, session.checkpoint, Quantity(Kind.Z, 1, 0))


def test_what_a_place_leaves_out_stands_for_all_of_it() -> None:
    session = start_session(load("krzeminski-walkthrough"))
    place = PrintedPlace(Kind.SLOPE)
    seen = []
    for _ in range(session.trace.length(Grain.NEURON)):
        session = step(session)
        if is_reached(session, place):
            seen.append((told(session).layer, told(session).unit))
    assert seen == [(1, 0), (0, 0), (0, 1), (0, 2)]


def test_an_erratum_without_a_quantity_has_no_place_and_one_that_is_never_told_changes_nothing() -> None:
    assert place_of_erratum(Erratum("p. 1", "…")) is None
    softmax = start_session(load("softmax"))
    assert go_to_place(softmax, PrintedPlace(Kind.SLOPE, 1)) is softmax  # softmax with cross entropy tells no slope


def test_the_card_says_where_the_page_errs() -> None:
    session = start_session(load("koehn"))
    noted = []
    for index in range(1, 36):
        session = step(session)
        if card(session).note:
            noted.append((index, told(session).kind))
    kinds = [Kind.Z, Kind.DE_DA, Kind.DELTA, Kind.DELTA, *[Kind.DW] * 4]
    assert [kind for _, kind in noted] == kinds
    assert card(replace(session, position=0)).note == ""


def test_a_figure_of_a_time_step_and_of_the_loop_of_a_recurrent_network() -> None:
    lesson = parse_lesson(RECURRENT, "echo.toml")
    start = start_session(lesson)
    z, loop = (go_to_place(start, place_of_figure(figure)) for figure in lesson.printed)
    assert told(z) == Quantity(Kind.Z, 0, 1, None, 1)
    assert (told(loop).kind, told(loop).layer, told(loop).unit) == (Kind.Z, 0, 1)
    assert is_reached(z, place_of_figure(lesson.printed[0]))
    assert not is_reached(go_to(z, z.position + 1), place_of_figure(lesson.printed[0]))
