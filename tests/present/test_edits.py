"""Where numbers that can be edited stand, on the canvas and in the values, and what edits are called."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.choices import choose
from nnviz.debugger.edits import apply_edit, read_number, spot_of, value_at
from nnviz.debugger.state.edit import RATE
from nnviz.debugger.state.session import choose_notation, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.network.editable import editable_at, place_of
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.values.value_places import entry_at
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.edit_text import change_name, edit_name, edit_names, edits_text, number_text
from nnviz.tracing.steps import Kind, Quantity

W = Quantity(Kind.WEIGHT, 0, 0, 1)


@pytest.mark.parametrize("name", ["koehn", "graph", "softmax", "krzeminski-sgd", "krzeminski-rnn"])
def test_every_number_that_is_drawn_can_be_edited_where_it_stands(name):
    session = start_session(load(name))
    architecture = session.record.architecture
    drawn = unrolled_picture(session) if architecture.is_recurrent else picture(session)
    sizes, found = architecture.sizes, 0
    wanted = [Quantity(Kind.INPUT, unit=unit) for unit in range(sizes[0])]
    for edges in drawn.edges:
        kind = Kind.WEIGHT_H if edges.is_loop else Kind.WEIGHT
        wanted += [Quantity(kind, edges.layer, label.unit, label.source) for label in edges.labels]
    for quantity in dict.fromkeys(wanted):
        place = place_of(drawn, quantity)
        assert place is not None
        assert editable_at(drawn, architecture, *place) == quantity
        assert spot_of(session, quantity) is not None
        found += 1
    assert found >= sizes[0]
    bias = Quantity(Kind.BIAS, 0, 0)
    assert editable_at(drawn, architecture, *place_of(drawn, bias)) == bias
    target = Quantity(Kind.TARGET, unit=0)
    left, top, width, height = (drawn.step_errors or (drawn.error,))[0].rect
    assert editable_at(drawn, architecture, left + width / 100, top + height / 2) == target
    assert editable_at(drawn, architecture, -1000, -1000) is None


@pytest.mark.parametrize("name", ["koehn", "graph"])
def test_the_bias_beside_a_neuron_is_edited_where_it_stands(name):
    session = start_session(load(name))
    drawn = picture(session)
    found = [bias for mark in drawn.units for bias in mark.biases]
    assert len(found) == sum(session.record.architecture.sizes[1:])
    for bias in found:
        assert editable_at(drawn, session.record.architecture, *bias.label.middle) == bias.quantity
        assert place_of(drawn, bias.quantity) == bias.label.middle


@pytest.mark.parametrize("notation", notation_names())
@pytest.mark.parametrize("name", ["koehn", "krzeminski-sgd", "graph-20-50-10", "krzeminski-rnn"])
def test_a_place_in_the_text_of_the_values_is_the_number_written_there(name, notation):
    lesson = load(name)
    session = choose_notation(start_session(lesson), load_notation(notation))
    checked = 0
    for row in value_rows(session):
        if row.quantity.kind not in (Kind.INPUT, Kind.TARGET, Kind.WEIGHT, Kind.BIAS, Kind.WEIGHT_H, Kind.BIAS_H):
            assert entry_at(session, row, row.text, 0) is None
            continue
        text = f"± 0.1234  {row.text}"
        for at in range(10, len(text)):
            found = entry_at(session, row, text, at)
            assert found is not None
            if text[at] in "[], …":
                continue
            start = max(text.rfind(mark, 0, at) for mark in "[, ") + 1
            ends = [end for mark in "], " if (end := text.find(mark, at)) >= 0]
            written = read_number(text[start : min(ends, default=len(text))])
            spot = spot_of(session, found)
            assert spot is not None
            assert value_at(session, spot) == pytest.approx(written, abs=1e-5)
            checked += 1
    assert checked > 10


def test_what_edits_are_called():
    session = start_session(load("koehn"))
    spot = spot_of(session, W)
    assert edit_name(session, spot, -0.5) == "W₁₂ = −0.5"
    assert edit_name(session, RATE, 2.0) == "rate = 2"
    assert edits_text(session) == ""
    edited = apply_edit(session, spot, 0.5)
    for unit in (0, 1):
        edited = apply_edit(edited, spot_of(session, Quantity(Kind.BIAS, 0, unit)), 0.5)
    assert edits_text(edited) == "1 weight, 2 biases"
    assert edit_names(edited)[0] == "W₁₂ = 0.5"


def test_numbers_in_a_field_read_back_as_the_same_bits():
    for value in (0.1, -1 / 3, 1e-300, -5.0, 12345678.9, float(np.nextafter(1, 2))):
        assert read_number(number_text(value)) == value


def test_choices_are_called_by_what_they_change():
    session = start_session(load("koehn"))
    rates = replace(session.training.rates, learning_rate=0.25)
    assert change_name(session, apply_edit(session, RATE, 0.25)) == "rate 0.25"
    assert change_name(session, replace(session, training=replace(session.training, rates=rates))) == "rate 0.25"
    assert change_name(session, choose(session, "loss", "binary_cross_entropy")) == "binary cross entropy"
    assert change_name(session, session) == "choice"


def test_an_edited_weight_input_and_bias_are_marked_on_the_canvas_and_in_the_values():
    session = start_session(load("koehn"))
    edited = apply_edit(session, spot_of(session, W), 0.5)
    labels = picture(edited).edges[0].labels
    assert [label.moved for label in labels if (label.unit, label.source) == (0, 1)] == [("weight",)]
    assert not any(label.moved for label in labels if (label.unit, label.source) != (0, 1))
    row = next(row for row in value_rows(edited) if row.quantity == Quantity(Kind.WEIGHT, 0))
    assert row.change.startswith("±")
    assert row.before
    edited = apply_edit(session, spot_of(session, Quantity(Kind.INPUT, unit=1)), 0.5)
    assert [mark.unit for mark in picture(edited).units if mark.moved] == [1]
    edited = apply_edit(session, spot_of(session, Quantity(Kind.BIAS, 0, 1)), 0.5)
    biases = [bias for mark in picture(edited).units for bias in mark.biases]
    assert [bias.quantity for bias in biases if bias.moved] == [Quantity(Kind.BIAS, 0, 1)]
