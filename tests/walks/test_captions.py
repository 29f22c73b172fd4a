"""Captions: numbers of the finished pass in braces, TeX between dollars, and what a scene points at."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Kind, Quantity
from nnviz.walks.caption import CaptionError, CaptionNumber, caption_text, read_caption
from nnviz.walks.pointing import rings_of, zoom_of


@pytest.fixture(scope="module")
def session() -> Session:
    return start_session(load("koehn"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{y:.4f}", "0.7426"),
        ("{y}", "0.7426"),
        ("{s[2]:d}", "−2"),
        ("{s[1]:+d}", "+1"),
        ("{s[2]:.1f}", "−2.0"),
        ("{accuracy:.0%}", "100\N{NARROW NO-BREAK SPACE}%"),
        ("{h}", "[0.7311, 0.1192]"),
        ("{W}", "[[3, 4], [2, 3]]"),
        ("{W[1,:]:d}", "[3, 4]"),
        ("{y > 0.5}", "true"),
        ("{h > 0.5}", "[true, false]"),
        ("{1234567:d}", "1\N{NARROW NO-BREAK SPACE}234\N{NARROW NO-BREAK SPACE}567"),
        ("{delta_2 * 0 - 0:.2f}", "0.00"),
        ("{0.00001:.1e}", "1.0×10⁻⁵"),
        ("{1 / 0}", "∞"),
        ("{{{y:.1f}}}", "{0.7}"),
        ("a $\\frac{1}{2}$ b", "a $\\frac{1}{2}$ b"),
        ("\\$ {y:.1f}", "\\$ 0.7"),
        ("two\n  lines ", "two lines"),
    ],
)
def test_a_caption_has_the_numbers_of_the_finished_pass(session: Session, text: str, expected: str) -> None:
    assert session.position == 0
    assert caption_text(text, session) == expected


def test_the_numbers_do_not_depend_on_the_cursor(session: Session) -> None:
    text = "{y} {delta_2} {b2_new}"
    places = (replace(session, position=at) for at in (0, 3, session.trace.end))
    assert {caption_text(text, place) for place in places} == {"0.7426 0.0492 −1.9508"}


def test_a_caption_is_divided_into_texts_and_numbers() -> None:
    assert read_caption("a {y:.2f} b") == ("a ", CaptionNumber("y", ".2f"), " b")
    assert read_caption("{W1[2,:]}") == (CaptionNumber("W1[2,:]"),)
    assert read_caption("{W1[2,:]:.1f}") == (CaptionNumber("W1[2,:]", ".1f"),)


@pytest.mark.parametrize("text", ["}", "{y", "{}", "{y:.3q}", "{y:03d}", "$a", "{import os}", "{__class__()}"])
def test_what_is_no_caption_is_refused(text: str, session: Session) -> None:
    with pytest.raises((CaptionError, ExpressionError)):
        caption_text(text, session)


def test_a_number_that_the_pass_does_not_have_is_refused(session: Session) -> None:
    with pytest.raises(ExpressionError, match="epoch_loss is not known in this pass"):
        caption_text("{epoch_loss}", session)


def test_a_name_rings_its_number_or_all_its_numbers(session: Session) -> None:
    assert rings_of(session, "W[1,2]") == (Quantity(Kind.WEIGHT, 0, 0, 1),)  # written [unit, source] as in the book
    assert rings_of(session, "h") == (Quantity(Kind.A, 0, 0), Quantity(Kind.A, 0, 1))
    assert len(rings_of(session, "W")) == 4
    assert rings_of(session, "W[2,:]") == (Quantity(Kind.WEIGHT, 0, 1, 0), Quantity(Kind.WEIGHT, 0, 1, 1))
    with pytest.raises(ExpressionError, match="is not the name of a value"):
        rings_of(session, "h + 1")
    with pytest.raises(ExpressionError, match="at most 400"):
        rings_of(start_session(load("graph-20-50-10")), "w_1")


def test_a_zoom_names_a_neuron_a_layer_or_everything(session: Session) -> None:
    assert zoom_of(session, "") is None
    assert zoom_of(session, "all") is None
    assert zoom_of(session, "h[2]") == Quantity(Kind.A, 0, 1)
    assert zoom_of(session, "h") == Quantity(Kind.A, 0)
    assert zoom_of(session, "layer 2") == Quantity(Kind.A, 1)
    assert zoom_of(session, "x[1]") == Quantity(Kind.INPUT, None, 0)
    for text, words in (("layer 3", "there is no layer 3"), ("loss", "is not in a layer"), ("q", "unknown name")):
        with pytest.raises(ExpressionError, match=words):
            zoom_of(session, text)
