"""The start page as data: drawings, cards, filters, search, scores, and the line about the last session."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import pytest

from nnviz.debugger.choices import choose
from nnviz.debugger.commands import first, set_grain, step
from nnviz.debugger.conditions.breakpoints import add_watch
from nnviz.debugger.state.prediction import Tally
from nnviz.debugger.state.session import start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.summaries import lesson_summaries
from nnviz.present.runs.curve import grouped
from nnviz.present.start.last_session import last_session_text, was_used, when_text
from nnviz.present.start.lesson_cards import (
    ALL,
    RECENT,
    bundled_cards,
    card_of_file,
    card_of_lesson,
    faulty_card,
    matching,
    score_note,
    topics_of,
    with_scores,
)
from nnviz.present.start.lesson_drawing import HEIGHT, MOST_DISCS, WIDTH, draw_network, drawing_of, shown_units
from nnviz.tracing.steps import Grain

NOW = datetime(2026, 11, 29, 14, 30)


def test_a_drawing_has_a_disc_for_each_unit_and_the_signs_of_the_weights() -> None:
    lesson = load("koehn")
    drawing = drawing_of(lesson)
    assert len(drawing.discs) == 5
    assert [edge.sign for edge in drawing.edges] == [1, 1, 1, 1, 1, -1]
    assert (drawing.loops, drawing.gaps) == ((), ())


def test_a_recurrent_layer_has_a_loop_over_it() -> None:
    drawing = drawing_of(load("krzeminski-rnn"))
    (loop,) = drawing.loops
    middle = [disc for disc in drawing.discs if disc.x == loop.x]
    assert len(middle) == 3
    assert loop.y < min(disc.y for disc in middle)


def test_a_large_layer_is_thinned() -> None:
    assert shown_units(MOST_DISCS) == tuple(range(MOST_DISCS))
    assert shown_units(50) == (0, 1, 48, 49)
    drawing = draw_network((784, 128, 10), (False, False))
    assert (len(drawing.discs), len(drawing.gaps), len(drawing.edges)) == (12, 3, 32)
    assert {edge.sign for edge in drawing.edges} == {0}


@pytest.mark.parametrize(
    "sizes", [(1, 1), (2, 3, 1), (5, 5, 5), (6, 1), (784, 128, 10), (2, *[3] * 12, 1), (1, 100, 1)]
)
def test_a_drawing_stays_in_its_box_and_no_discs_overlap(sizes: tuple[int, ...]) -> None:
    drawing = draw_network(sizes, [True] * (len(sizes) - 1))
    r = drawing.radius
    for disc in drawing.discs:
        assert r <= disc.x <= WIDTH - r
        assert r <= disc.y <= HEIGHT - r
    for loop in drawing.loops:
        assert loop.y >= drawing.loop_radius
    places = np.array([(disc.x, disc.y) for disc in (*drawing.discs, *drawing.gaps)])
    apart = np.linalg.norm(places[:, None] - places[None, :], axis=2) + 100 * np.eye(len(places))
    assert apart.min() > 2 * r


def test_signs_of_weights_that_are_nothing_are_drawn_as_unknown() -> None:
    drawing = draw_network((1, 2), (False,), [np.array([[0.0, -2.0]])])
    assert [edge.sign for edge in drawing.edges] == [0, -1]


def test_every_bundled_lesson_has_a_card_and_the_first_is_the_easiest() -> None:
    cards = bundled_cards(lesson_summaries())
    assert sorted(card.opens for card in cards) == sorted(lesson_names())
    assert cards[0].opens == "koehn"
    for card in cards:
        loaded = card_of_lesson(card, load(card.opens))
        assert loaded.drawing is not None
        assert card.drawing is not None
        assert loaded.drawing.discs == card.drawing.discs
        assert (loaded.title, loaded.topics, loaded.summary) == (card.title, card.topics, card.summary)
        assert {edge.sign for edge in loaded.drawing.edges} <= {1, -1}


def test_filters_are_the_topics_in_their_order() -> None:
    cards = bundled_cards(lesson_summaries())
    topics = (
        *(ALL, "First steps", "Classic examples", "Backward pass", "Training"),
        *("Recurrent", "Softmax", "As printed", "Large networks"),
    )
    assert topics_of(cards) == topics
    own = card_of_lesson(card_of_file("/a/mine.toml", False), load("koehn"))
    assert topics_of((*cards, own)) == (ALL, RECENT, *topics[1:])
    assert topics_of(()) == (ALL,)


def test_topics_and_words_filter_the_cards() -> None:
    cards = bundled_cards(lesson_summaries())
    assert matching(cards, ALL, "") == cards
    assert {card.opens for card in matching(cards, "Recurrent", "")} == {"krzeminski-rnn", "two-step-rnn"}
    assert {card.opens for card in matching(cards, ALL, " KOEHN ")} == {"koehn"}
    assert {card.opens for card in matching(cards, ALL, "printed softmax")} == {"softmax-as-printed"}
    assert matching(cards, "Recurrent", "koehn") == ()


def test_the_card_of_a_file_names_it_until_it_is_read() -> None:
    card = card_of_file("/a/b/mine.toml", False)
    assert (card.title, card.source, card.summary, card.topics) == ("mine.toml", "/a/b", "", (RECENT,))
    read = card_of_lesson(card, load("koehn"))
    assert (read.opens, read.title, read.source) == ("/a/b/mine.toml", "XOR by hand", "/a/b")
    assert read.topics == (RECENT, "First steps", "Backward pass")
    faulty = faulty_card(card, "Line 3: what is wrong")
    assert (faulty.title, faulty.drawing, faulty.topics) == ("mine.toml", None, (RECENT,))
    assert faulty.spoken == "mine.toml. /a/b. Line 3: what is wrong."
    assert card_of_file("/a/walk.nnviz", True).summary == "A saved session."


def test_the_score_is_that_of_all_kinds_of_steps() -> None:
    assert score_note(()) == ""
    assert score_note((("z", Tally(5, 3, 1)), ("a", Tally(7, 7)))) == "11 / 12 predicted"
    cards = with_scores(bundled_cards(lesson_summaries()), {"koehn": (("z", Tally(2, 2)),)})
    assert [card.opens for card in cards if card.note] == ["koehn"]
    assert cards[0].spoken.endswith("2 / 2 predicted.")


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=-5), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(minutes=59), "59 minutes ago"),
        (timedelta(hours=3), "today at 11:30"),
        (timedelta(hours=20), "yesterday"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=30), "2026-10-30"),
    ],
)
def test_when(ago: timedelta, text: str) -> None:
    assert when_text(NOW - ago, NOW) == text


def test_the_last_session_in_a_line() -> None:
    session = start_session(load("koehn"))
    yesterday = NOW - timedelta(days=1)
    assert last_session_text(step(step(session)), NOW, NOW) == "XOR by hand · step 2 · just now"
    later = go_to_update(session, 1200)
    assert last_session_text(later, yesterday, NOW) == f"XOR by hand · update {grouped(1200)} · yesterday"
    back = go_to_update(later, 400)
    line = f"XOR by hand · update 400 of {grouped(1200)} · yesterday"
    assert last_session_text(back, yesterday, NOW) == line


def test_a_session_was_used_if_anything_was_done_in_it() -> None:
    session = start_session(load("krzeminski-sgd"))
    assert not was_used(session)
    assert not was_used(first(step(session)))
    assert not was_used(set_grain(Grain.TERM)(session))
    assert was_used(step(session))
    assert was_used(add_watch(session, "loss"))
    assert was_used(go_to_update(go_to_update(session, 3), 0))
    assert was_used(choose(session, "slope", "product_of_z"))
