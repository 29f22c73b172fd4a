"""The step card: where we are, what is told, and how it agrees with the document's printed figures."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from vocabulary import at

from nnviz.debugger.commands import go_to, last, next_pass
from nnviz.debugger.state.session import Session, choose_notation, choose_training, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import PrintedFigure
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.printed import agrees
from nnviz.present.words.card import Card, Chip, card
from nnviz.tracing.steps import Grain, Kind, Quantity

Y = Quantity(Kind.A, 1, 0)
CHANGE = Quantity(Kind.DW, 1, 0, 0)


def card_at(session: Session, quantity: Quantity) -> Card:
    return card(at(session, quantity))


def koehn(**figure: str) -> Session:
    """Koehn's lesson, its figure of the first output weight's change printed otherwise."""
    lesson = load("koehn")
    printed = tuple(replace(old, **figure) if old.source == 1 else old for old in lesson.printed)
    return start_session(replace(lesson, printed=printed))


def test_before_the_first_step_the_lesson_is_told() -> None:
    told = card(start_session(load("koehn")))
    assert told.title == "XOR by hand"
    assert told.where == "35 steps ahead"
    assert told.formula is None
    assert told.chips == ()
    assert told.text.startswith("Philipp Koehn, Neural Machine Translation, 5.7. Press →")


def test_after_an_update_the_next_pass_is_told() -> None:
    told = card(next_pass(start_session(load("koehn"))))
    assert told.title == "Next pass"
    assert told.where == "After 1 update · 35 steps ahead"
    assert card(start_session(load("koehn"), update=1200)).where.startswith("After 1\N{NO-BREAK SPACE}200 updates · ")


def test_a_step_is_told() -> None:
    told = card_at(start_session(load("koehn")), Quantity(Kind.Z, 0, 0))
    assert told.where == "Step 1 of 35 · forward · hidden layer, neuron 1"
    assert told.title == "Weighted sum into h₁"
    assert told.formula is not None
    assert told.formula.value == 1.0
    assert told.phase == "forward"


def test_printed_figures_are_exact() -> None:
    session = start_session(load("koehn"))
    assert card_at(session, Y).chips == (Chip("printed 0.7425526 ✓, 5.7.2", "exact"),)
    assert card_at(session, CHANGE).chips == (Chip("printed 0.03597961 ✓, 5.7.3 and 5.7.4", "exact"),)
    assert card_at(session, replace(CHANGE, source=1)).chips[0].state == "exact"
    assert card_at(session, Quantity(Kind.Z, 0, 0)).chips == ()


@pytest.mark.parametrize("notation", notation_names())
def test_they_are_exact_in_every_notation(notation: str) -> None:
    session = choose_notation(start_session(load("koehn")), load_notation(notation))
    assert [chip.state for chip in (*card_at(session, Y).chips, *card_at(session, CHANGE).chips)] == ["exact"] * 2


def test_a_wrong_figure_differs() -> None:
    assert card_at(koehn(value="0.03597962"), CHANGE).chips[0] == Chip(
        "printed 0.03597962, 5.7.3 and 5.7.4: differs", "differs"
    )


@pytest.mark.parametrize(
    ("value", "explanation"),
    [
        ("-0.03597961", "with the opposite sign"),
        ("0.0719592", "without the factor ½ of the error"),
        ("0.0179898", "with the factor ½ of the error"),
    ],
)
def test_a_figure_of_another_convention_says_which(value: str, explanation: str) -> None:
    (chip,) = card_at(koehn(value=value), CHANGE).chips
    assert chip.state == "convention"
    assert chip.text.endswith(f": the value {explanation}")


def test_no_figure_is_of_another_example_or_update_or_setting() -> None:
    lesson = load("koehn")
    session = start_session(lesson)
    assert card_at(start_session(lesson, example=0), Y).chips == ()
    assert card_at(start_session(lesson, update=1), Y).chips == ()
    assert card_at(next_pass(session), Y).chips == ()
    half = replace(lesson.training, rates=replace(lesson.training.rates, learning_rate=0.5))
    assert card_at(choose_training(session, half), Y).chips == ()


def test_digits_count() -> None:
    assert agrees(0.74255, "0.7425")
    assert agrees(0.74255, "0.7426")
    assert not agrees(0.74256, "0.7425")
    assert agrees(1e-7, "0.")
    assert agrees(1234.0, "1.2e3")


def test_the_true_gradient_is_told_where_the_document_turns_it() -> None:
    session = start_session(load("koehn"))
    flipped = "the document adds the change, so its sign is flipped."
    assert card_at(session, CHANGE).text.endswith(f"True gradient ∂E/∂W₂,₁ = −0.035980: {flipped}")
    assert card_at(session, Quantity(Kind.DELTA, 0, 1)).text.endswith(f"True gradient ∂E/∂s₂ = 0.025837: {flipped}")
    plain = start_session(load("krzeminski-sgd"))
    assert "True gradient" not in card_at(plain, Quantity(Kind.DELTA, 0, 1)).text


def test_an_uphill_update_is_called_a_slip() -> None:
    session = start_session(load("koehn", ['convention.step="uphill"']))
    assert "not against it: a sign error" in card_at(session, Quantity(Kind.W_NEW, 0, 0, 0)).text


def test_a_reward_is_climbed_and_an_error_is_not() -> None:
    softmax = load_notation("softmax")
    lesson = replace(load("koehn"), captions={})
    slip = replace(load("koehn", ['convention.step="uphill"']), captions={})
    error, reward = start_session(lesson), start_session(lesson, notation=softmax)
    new = Quantity(Kind.W_NEW, 0, 0, 0)
    assert "moves against the gradient of the loss" in card_at(error, new).text
    assert "moves along the gradient of the reward" in card_at(reward, new).text
    assert (
        "against the gradient of the reward, not along it" in card_at(start_session(slip, notation=softmax), new).text
    )
    assert (
        "Gradient ascent: the weights and biases move along the gradient of the reward"
        in card(last(replace(reward, grain=Grain.PASS))).text
    )


def test_the_error_reaches_a_layer() -> None:
    session = replace(start_session(load("koehn")), grain=Grain.LAYER)
    titles = [card(replace(session, position=step.end)).title for step in session.trace.at(Grain.LAYER)]
    assert [title for title in titles if "of the loss at" in title] == [
        "Negative gradient of the loss at the output layer",
        "Negative gradient of the loss at the hidden layer",
    ]


@pytest.mark.parametrize("name", lesson_names())
def test_every_step_of_every_grain_has_a_card(name: str) -> None:
    session = start_session(load(name))
    for grain in Grain:
        steps = session.trace.at(grain)
        for step in steps[:: -(-len(steps) // 150)]:
            told = card(replace(session, grain=grain, position=step.end))
            assert told.title
            assert told.text.endswith((".", "!"))
            assert told.formula is not None
            assert told.phase == step.phase
            assert told.where.startswith("Step ")
    assert card(last(session)).formula is not None


def test_a_figure_without_a_place_is_told_without_one() -> None:
    session = koehn(where="")
    assert card_at(session, CHANGE).chips == (Chip("printed 0.03597961 ✓", "exact"),)
    assert isinstance(session.lesson.printed[0], PrintedFigure)


def test_the_walkthrough_does_not_say_that_its_change_is_added() -> None:
    session = start_session(load("krzeminski-walkthrough"))
    end = session.trace.find(Quantity(Kind.DE_DA, 1, 0))
    assert end is not None
    text = card(go_to(session, end)).text
    assert "With the sign of a gradient, ∂E/∂lay2" in text
    assert "takes target minus output" in text
    assert "adds" not in text


def test_with_updates_in_sequence_a_phase_tells_no_layer_ahead() -> None:
    session = start_session(load("krzeminski-walkthrough"))
    steps = session.trace.at(Grain.PASS)
    sizes = []
    for step in steps:
        formula = card(replace(session, grain=Grain.PASS, position=step.end)).formula
        assert formula is not None
        sizes.append((step.kind, np.size(formula.value)))
    output, parameters = 4, session.record.gradients.vector.size
    assert session.convention.update == "sequential"
    assert sizes[2:] == [
        (Kind.BACKWARD_PASS, output),
        (Kind.UPDATE_PASS, output),
        (Kind.BACKWARD_PASS, parameters),
        (Kind.UPDATE_PASS, parameters),
    ]


@pytest.mark.parametrize("name", lesson_names())
def test_cards_can_be_compared_whatever_their_values_are(name: str) -> None:
    session = start_session(load(name))
    for grain in Grain:
        for step in range(min(session.trace.length(grain), 12)):
            there = go_to(replace(session, grain=grain), session.trace.step(grain, step).end)
            one, same = card(there), card(there)
            assert one == same
            assert hash(one) == hash(same)
            assert one != card(session)
