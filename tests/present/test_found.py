"""What the finder says: plain sentences in the notation's symbols."""

from __future__ import annotations

from functools import cache

import pytest

from nnviz.debugger.finder.cases import COSTS
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session, choose_notation, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation
from nnviz.present.finding.finder_phrases import COMPOSED, PLAIN
from nnviz.present.finding.finder_text import Report, example_of, report


@cache
def session_of(lesson: str, notation: str = "") -> Session:
    """The session of a lesson, the same in all searches."""
    session = start_session(load(lesson))
    return choose_notation(session, load_notation(notation)) if notation else session


def said(lesson: str, text: str, notation: str = "") -> Report:
    session = session_of(lesson, notation)
    return report(session, find(session, text))


def first(lesson: str, text: str, notation: str = "") -> str:
    return said(lesson, text, notation).answers[0].lines[0].text


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("0.7425526", "0.7425526 is the activation y to 7 decimals."),
        ("0.0360", "0.0360 is the change ΔW₂,₁ to 4 decimals."),
        ("74.26 %", "74.26 % is the activation y to 2 decimals of percent."),
        ("0.742", "0.742 is the activation y to 3 decimals (truncated, not rounded)."),
        (
            "-0.2574",
            "−0.2574 is the derivative ∂E/∂y to 4 decimals, with the opposite sign: "
            "from y − t, where this pass has t − y.",
        ),
        (
            "0.0663",
            "0.0663 is the error E to 4 decimals, if the error is the square, without the factor ½.",
        ),
        ("0.2689", "0.2689 is the activation h₂ to 4 decimals, in example 3, (0, 1) → 1."),
        ("0.1913", "It differs by 1 in the last digit: the derivative of the activation sigmoid′(z) is 0.1912."),
        (
            "0.04907",
            "It is the error term δ₂ with y rounded to 3 decimals; the exact value is 0.04922.",
        ),
        (
            "0.0491",
            "It is the error term δ₂ with y rounded to 3 decimals; the exact value is 0.0492.",
        ),
        ("0.7462", "Two digits are swapped: the activation y is 0.7426."),
    ],
)
def test_koehns_numbers_are_told_in_his_symbols(text, sentence):
    assert first("koehn", text) == sentence


def test_another_notation_has_its_own_symbols_and_sign():
    assert first("koehn", "-0.03597961", "standard").startswith("−0.03597961 is the gradient ∂E/∂W")
    assert "opposite sign" in first("koehn", "0.2574474", "standard")


def test_what_is_none_of_the_values_is_said_first():
    told = said("koehn", "0.1913")
    assert told.answers[0].note == "0.1913 is not a value of this pass."
    assert told.answers[0].lines[0].mark == "miss"
    assert not told.is_found


def test_numbers_that_share_an_explanation_are_told_together():
    assert said("koehn", "[0.03597961, 0.00586666]").verdict == "Together they form the matrix ΔW₂, in order."
    assert said("koehn", "[[3, 4], [2, 3]]").verdict == "Together they form the matrix W, in order."
    assert said("koehn", "[[3, 2], [4, 3]]").verdict == "Together they form the matrix W, transposed."
    told = said("koehn", "-0.2574 -0.0492 0.7426")
    assert told.verdict.startswith("All 3 are values of this pass, with the opposite sign: ")
    assert [line.mark for answer in told.answers for line in answer.lines][-1] == "match"
    assert said("koehn", "0.7311 0.7426").verdict == "Both are values of this pass, under the present conventions."


def test_few_digits_are_said_to_fit_many():
    told = said("koehn", "0")
    assert "too few digits to decide which" in told.answers[0].note


def test_every_change_has_its_words():
    assert {name for name, _ in PLAIN} | set(COMPOSED) >= COSTS.keys() - {"example", "update"}


@pytest.mark.parametrize("lesson", lesson_names())
def test_each_lessons_example_is_found_in_it(lesson):
    told = said(lesson, example_of(session_of(lesson)))
    assert told.is_found
    assert told.answers[0].lines[0].mark == "match"


@pytest.mark.parametrize("lesson", lesson_names())
def test_every_slip_and_change_can_be_told(lesson):
    session = session_of(lesson)
    number = float(session.record.z[0][0, session.record.row, 0])
    asked = (f"{number * 2:.6f}", f"{-number:.6f}", f"{number + 3e-6:.6f}", "0.31", "1.2 3.4 5", "-7e-5")
    is_large = session.record.architecture.parameter_count > 500  # its sentences are those of the small ones
    for text in asked[:1] if is_large else asked:
        told = said(lesson, text)
        assert told.text()
        assert all(line.text.endswith(".") for answer in told.answers for line in answer.lines)
