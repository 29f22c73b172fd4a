"""Health and the first NaN or infinity, in words."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.commands import last, step
from nnviz.debugger.diagnosis.growth import growth
from nnviz.debugger.diagnosis.health import HealthMark, HealthProblem
from nnviz.debugger.diagnosis.nonfinite import first_nonfinite, go_to_nonfinite
from nnviz.debugger.state.session import Session, choose_checkpoint, start_session
from nnviz.lessons.catalog import load
from nnviz.present.network.edges import edge_sizes, largest_weight
from nnviz.present.network.hover_details import unit_details
from nnviz.present.network.picture import picture
from nnviz.present.words.card import card
from nnviz.present.words.health_text import health_of_step, known_marks, mark_place, mark_sentence, mark_word, marks_of
from nnviz.present.words.nonfinite_text import (
    grown_text,
    is_at_nonfinite,
    log_heights,
    nonfinite_line,
    nonfinite_note,
    story,
)
from nnviz.tracing.steps import Kind

RECORD = start_session(load("koehn")).record


def with_weights(session: Session, **changes: float) -> Session:
    """The session with some parameters, by their place in the flat vector (p0, p1, …), replaced."""
    weights = session.checkpoint.parameters.copy()
    for name, value in changes.items():
        weights[int(name[1:])] = value
    return choose_checkpoint(session, replace(session.checkpoint, parameters=weights))


@pytest.mark.parametrize(
    ("mark", "word", "place", "parts"),
    [
        (
            HealthMark(HealthProblem.DEAD, 0, 1, 1.0, 4),
            "dead",
            "hidden layer, neuron 2",
            ("any of the 4 examples", "leaky relu"),
        ),
        (
            HealthMark(HealthProblem.SATURATED, 0, 0, 1.0, 4, -1.0),
            "saturated",
            "hidden layer, neuron 1",
            ("For 100 % of the 4 examples it is within 0.01 of −1, where",),
        ),
        (
            HealthMark(HealthProblem.SATURATED, 1, 0, 0.5, 4, 1.0),
            "saturated",
            "output layer, neuron 1",
            ("For 50 %", "within 0.01 of 1, far from its target"),
        ),
        (
            HealthMark(HealthProblem.VANISHING, 0, ratio=0.0005, between="layers"),
            "vanishing gradient",
            "hidden layer",
            ("The error term here is 0.0005 times that of the next layer", "Xavier"),
        ),
        (
            HealthMark(HealthProblem.EXPLODING, 0, ratio=1600.0, between="times"),
            "exploding gradient",
            "hidden layer",
            ("The error term at the first time step is 1600 times that at the last",),
        ),
        (
            HealthMark(HealthProblem.EXPLODING, 1, ratio=2.5e30, between="update"),
            "update too large",
            "output layer",
            ("The size of this update is 2.5×10³⁰ times that of the weights", "smaller learning rate"),
        ),
        (
            HealthMark(HealthProblem.STUCK, 1, ratio=1e-9, between="update"),
            "weights barely change",
            "output layer",
            ("1.00×10⁻⁹ times that of the weights", "larger learning rate"),
        ),
    ],
)
def test_each_mark_says_what_it_is_and_what_to_try(mark: HealthMark, word: str, place: str, parts: tuple[str, ...]):
    assert (mark_word(mark), mark_place(RECORD, mark)) == (word, place)
    sentence = mark_sentence(RECORD, mark)
    assert all(part in sentence for part in parts), sentence
    assert sentence.endswith(".")


def test_a_mark_shows_from_its_number_on_and_not_before():
    # The first hidden bias of koehn is made 60: its sigmoid is 1 for every example.
    session = with_weights(start_session(load("koehn")), p4=60.0)
    assert [(mark.problem, mark.layer, mark.unit) for mark in marks_of(session) if mark.unit is not None] == [
        (HealthProblem.SATURATED, 0, 0)
    ]
    seen = False
    while not session.at_end:
        known = any(mark.unit == 0 for mark in known_marks(session))
        at = session.step
        if at is not None and at.kind is Kind.A and (at.quantity.layer, at.quantity.unit) == (0, 0):
            seen = True
            assert health_of_step(session) == ("saturated",)
            assert "saturated · Ctrl+H" in [chip.text for chip in card(session).chips]
        assert known == seen
        assert [mark.health for mark in picture(session).units if mark.layer >= 0] == [
            "saturated" if seen else "",
            "",
            "",
        ]
        assert (("health", "! saturated") in unit_details(session, 0, 0)) == seen
        session = step(session)
    assert seen


def test_the_story_of_a_product_that_overflows():
    # On (1, 1) the sum into h1 is 1.5e308 + 1.5e308 - 2, though each product is finite.
    session = with_weights(start_session(load("koehn"), example=3), p0=1.5e308, p2=1.5e308)
    told = story(session)
    assert told is not None
    assert told.line.endswith("= ∞")
    assert told.operands[0][1] == "1.50000×10³⁰⁸"
    assert "exceeds 1.8×10³⁰⁸" in told.reason
    assert nonfinite_line(session).startswith("first NaN or infinity: z of the hidden layer, unit 1: ")
    assert card(session).note == nonfinite_note(session) == "", "nothing is told ahead"
    assert not is_at_nonfinite(session)
    landed = go_to_nonfinite(session)
    assert is_at_nonfinite(landed)
    assert "first NaN or infinity · Ctrl+H" in [chip.text for chip in card(landed).chips]
    assert card(last(session)).note == nonfinite_note(last(session)) == "NaN or infinity since step 1 · Ctrl+Shift+N"
    grown = growth(landed, ())
    assert grown is not None
    assert grown_text(grown) == "The updates before this pass are not known."


def test_what_came_in_broken_is_named():
    session = with_weights(start_session(load("koehn")), p0=np.nan)
    told = story(session)
    assert told is not None
    assert told.reason.startswith("Already NaN or infinite at the start of the pass: ")
    found = first_nonfinite(session.trace)
    assert found is not None
    assert found.step.kind is Kind.PRODUCT
    assert is_at_nonfinite(go_to_nonfinite(session))


def test_a_finite_pass_has_no_story():
    session = start_session(load("koehn"))
    assert story(session) is None
    assert nonfinite_line(session) == nonfinite_note(session) == ""
    assert not is_at_nonfinite(last(session))
    assert growth(session, ()) is None


def test_heights_are_logarithmic_and_hold_every_number():
    assert log_heights((1.0, 10.0, 100.0)) == (0.0, 0.5, 1.0)
    assert log_heights((1.0, np.inf, np.nan, 0.0)) == (0.5, 1.0, 1.0, 0.0)
    assert log_heights((np.nan, np.nan)) == (1.0, 1.0)
    assert log_heights((0.0,)) == (0.0,)


def test_edges_of_weights_that_are_not_finite_have_a_width():
    assert edge_sizes(np.array([np.nan, np.inf, -np.inf, 2.0, -1.0, 1e308]), 4.0).tolist() == [0, 1, 1, 0.5, 0.25, 1]
    session = with_weights(start_session(load("koehn")), p0=np.nan, p1=np.inf)
    assert largest_weight(session.record) == 5.0  # koehn's largest that is finite
    assert largest_weight(with_weights(session, **{f"p{i}": np.nan for i in range(9)}).record) == 1.0


def test_a_strip_tells_which_of_its_units_are_not_finite():
    session = with_weights(start_session(load("graph-20-50-10")), p0=np.nan)
    assert [strip.broken for strip in picture(session).strips] == [()] * len(picture(session).strips)
    known = picture(last(session)).strips
    assert known
    assert [strip.broken for strip in known if strip.layer == 0] == [(0,)]
