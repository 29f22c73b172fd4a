"""While a value is asked for nothing shows it: no text of picture, graph, values, card or details."""

import dataclasses
from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest

from nnviz.debugger.quiz import predict
from nnviz.debugger.state.prediction import MOST_HINTS, Tally
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.core.voice import voice_of
from nnviz.present.graph.graph_picture import graph_details, graph_picture
from nnviz.present.listing.listing import listing
from nnviz.present.network.hover_details import edge_details, unit_details
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.values.value_lines import Lines
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.present.words.quiz_text import KINDS, asking, score_line
from nnviz.tracing.steps import PARAMETER_KINDS, Grain, Kind, Quantity

MOST_QUESTIONS = 60


def asked_all(name, grain, hints=MOST_HINTS):
    """Every question of a lesson's first pass, with all hints taken."""
    session = predict.start(start_session(load(name), grain=grain))
    trace = session.trace
    while session.trace is trace and session.asked is not None:
        shown = session
        for _ in range(hints):
            shown = predict.hint(shown)
        yield shown
        session = predict.next_question(session)


def texts(thing) -> Iterator[str]:
    """Every text and number in some data, to be searched."""
    if isinstance(thing, str):
        yield thing
    elif dataclasses.is_dataclass(thing) and not isinstance(thing, type):
        for field in dataclasses.fields(thing):
            yield from texts(getattr(thing, field.name))
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from texts(each)


def shown_texts(session):
    yield from texts(card(session))
    yield from texts(asking(session))
    yield from texts(picture(session))
    yield from texts(listing(session))
    if session.record.architecture.is_recurrent:
        yield from texts(unrolled_picture(session))
    rows = value_rows(session)
    yield from texts(rows)
    lines = Lines(session, rows, frozenset())
    for index in range(len(lines)):
        line = lines.line(index)
        yield from (lines.text(line), lines.full(line), lines.spoken(line))
    graph = graph_picture(session)
    yield from texts(graph)
    for box in (*graph.boxes, *graph.labels):
        yield from texts(graph_details(session, box.quantity))
    sizes = session.record.architecture.sizes
    for layer in range(len(sizes) - 1):
        for unit in range(sizes[layer + 1]):
            yield from texts(unit_details(session, layer, unit))
            for source in range(sizes[layer]):
                yield from texts(edge_details(session, Quantity(Kind.WEIGHT, layer, unit, source)))


def given_numbers(session) -> list[float]:
    """What is given: a hidden value may be the same as one of these."""
    voice, numbers = voice_of(session), [0.0, 1.0]
    for layer in range(session.record.architecture.depth):
        for held in PARAMETER_KINDS:
            if held in session.record.architecture.slots[layer]:
                numbers += np.ravel(voice.value(Quantity(PARAMETER_KINDS[held].value, layer))).tolist()
    return numbers + session.lesson.dataset.inputs.ravel().tolist() + session.lesson.dataset.targets.ravel().tolist()


@pytest.mark.parametrize("grain", [Grain.NEURON, Grain.LAYER, Grain.TERM])
@pytest.mark.parametrize("name", ["koehn", "softmax", "krzeminski-walkthrough", "krzeminski-rnn"])
def test_nothing_shows_the_hidden_value(name, grain):
    compared, given, steps = 0, given_numbers(start_session(load(name))), []
    for session in islice(asked_all(name, grain), MOST_QUESTIONS):
        voice = voice_of(session)
        steps += [voice.number(step.quantity) for step in session.trace.at(Grain.TERM)[len(steps) : session.position]]
        known = np.abs(given + steps)
        hidden = [abs(voice.number(item)) for item in predict.question(session).items]
        # Four decimals on the canvas are the fewest that any view shows; a batch has too many numbers to go by four.
        decimals = 4 if len(session.record.examples) == 1 else 6
        hidden = [value for value in hidden if not np.any(np.abs(known - value) < 2e-4) and value >= 1e-3]
        if not hidden:
            continue
        shown = "\n".join(shown_texts(session))
        for value in hidden:
            compared += 1
            assert f"{value:.{decimals}f}" not in shown, (predict.question(session), value)
    assert compared > 3


def test_a_question_mark_stands_in_its_place():
    sessions = {session.asked.quantity: session for session in asked_all("koehn", Grain.NEURON)}
    z = sessions[Quantity(Kind.Z, 1, 0)]
    unit = next(mark for mark in picture(z).units if (mark.layer, mark.unit) == (1, 0))
    assert (unit.z, unit.a, unit.active) == ("z ?", "—", True)
    assert next(row for row in value_rows(z) if row.active).text == "?"
    half = sessions[Quantity(Kind.Z, 0, 1)]
    assert next(row for row in value_rows(half) if row.active).text == "[1.000000, ?]"
    delta = sessions[Quantity(Kind.DELTA, 1, 0)]
    assert next(mark for mark in picture(delta).units if mark.layer == 1).delta == "?"
    gradient = sessions[Quantity(Kind.DW, 1, 0, 1)]
    labels = [label for edges in picture(gradient).edges for label in edges.labels if label.gradient.endswith("?")]
    assert [(label.unit, label.source) for label in labels] == [(0, 1)]
    assert picture(sessions[Quantity(Kind.ERROR, None, 0)]).error.value == "?"
    assert listing(z).lines[listing(z).current].code.startswith("z =")


def test_the_card_goes_as_far_as_the_hints():
    found = []
    for hints in (0, 1, 2):
        session = next(s for s in asked_all("koehn", Grain.NEURON, hints) if s.asked.quantity == Quantity(Kind.Z, 1, 0))
        told = card(session).formula
        found.append((told.symbol_rows, bool(told.number_rows), told.texts()[3], asking(session).more_hints))
    assert found[0] == (("z = {}?",), False, "?", True)
    assert [rows for rows, *_ in found[1:]] == [(told.symbols_line,)] * 2
    assert [rest for _, *rest in found[1:]] == [[False, "?", True], [True, "?", False]]


def said(text, kind, layer=None, unit=0, source=None):
    """What is said of an answer in Koehn's network."""
    for session in asked_all("koehn", Grain.NEURON, 0):
        if session.asked.quantity == Quantity(kind, layer, unit, source):
            return asking(predict.answer(session, text))
    raise AssertionError("not asked")


@pytest.mark.parametrize(
    ("place", "text", "sentence"),
    [
        ((Kind.A, 1), "1.06", "1.06 is z. Apply the activation function to it."),
        ((Kind.Z, 1), "-1.06", "Only the sign of z is wrong."),
        ((Kind.Z, 1), "3.06", "3.06 leaves out the bias b₂,₁."),
        ((Kind.Z, 1), "0.742", "0.742 is y, not z. It is computed later."),
        ((Kind.A, 1), "0.7", "Correct so far. Give at least 2 significant digits of y."),
        ((Kind.A, 1), "0.9", "No, 0.9 is not y. Try again, or take a hint."),
        ((Kind.A, 1), "0.74 0.75", "Expected one number, found 2."),
        (
            (Kind.W_NEW, 1, 0, 0),
            "0.03598",
            "0.03598 is only the change of W₂,₁. Apply it to the old value.",
        ),
    ],
)
def test_what_is_said_of_an_answer(place, text, sentence):
    assert said(text, *place).text == sentence


def test_the_sentence_of_the_finder_tells_no_value():
    assert said("0.35888", Kind.Z, 1).text == "0.35888 would be z, if the biases are left out."


def test_a_right_answer_is_told_with_all_digits():
    told = said("0.74", Kind.A, 1)
    assert (told.text, told.mood, told.is_open) == ("✓ Correct: y = 0.7425526000982021", "right", False)
    assert said("0.742", Kind.A, 1).text.startswith("✓ Correct (truncated, not rounded): y = 0.74255")


def test_the_score_is_one_line_and_every_kind_has_a_sign():
    assert score_line((("z", Tally(5, 3, 1, 1)), ("delta", Tally(3, 1, 0, 2)))) == "z 4/5 · δ 1/3"
    given = {Kind.INPUT, Kind.TARGET, Kind.RATE, Kind.MEMORY, Kind.STATE} | {
        kinds.value for kinds in PARAMETER_KINDS.values()
    }
    assert {kind for kind in Kind if not kind.endswith("_pass")} - given == set(KINDS)
