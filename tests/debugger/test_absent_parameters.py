"""Biases and connections that a network does not have: edits, conditions, breakpoints, sessions and the finder."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from lessons.test_biases_and_masks import MIXED
from rules.worlds import world

from nnviz.debugger.choices import choose_frozen
from nnviz.debugger.commands import go_to
from nnviz.debugger.conditions.breakpoints import stop_positions
from nnviz.debugger.conditions.expressions import evaluate, known_at, read_condition, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.edits import apply_edit, spot_of, value_at
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.breakpoint import AtEdge
from nnviz.debugger.state.session import Session, next_pass, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.loader import parse_lesson
from nnviz.present.finding.finder_text import conditions
from nnviz.present.start.lesson_drawing import drawing_of
from nnviz.present.words.convention_choices import frozen_marks
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_of_text, session_text
from nnviz.tracing.steps import Grain, Kind, Quantity


def masked() -> Session:
    return world("network with masks")


def shared() -> Session:
    return world("network with shared biases")


def bare() -> Session:
    return world("network without biases")


def test_what_is_not_there_is_said_in_one_line():
    architecture = masked().record.architecture
    assert absent_text(architecture, Quantity(Kind.BIAS, 2, 0)) == "Layer 3 has no biases"
    wanted = "There is no connection from input 1 to neuron 3 of layer 1"
    assert absent_text(architecture, Quantity(Kind.WEIGHT, 0, 2, 0)) == wanted
    wanted = "There is no connection from neuron 1 of layer 1 to neuron 2 of layer 2"
    assert absent_text(architecture, Quantity(Kind.DW, 1, 1, 0)) == wanted
    assert absent_text(architecture, Quantity(Kind.WEIGHT, 1, 0, 0)) == ""
    assert absent_text(architecture, Quantity(Kind.A, 2, 0)) == ""


def test_only_numbers_that_are_there_are_edited():
    assert spot_of(masked(), Quantity(Kind.WEIGHT, 0, 2, 0)) is None
    assert spot_of(bare(), Quantity(Kind.BIAS, 0, 0)) is None
    # the bias of any neuron of a layer that shares one is that one
    spot = spot_of(shared(), Quantity(Kind.BIAS, 0, 2))
    assert spot == spot_of(shared(), Quantity(Kind.BIAS, 0, 0))
    assert spot is not None
    edited = apply_edit(shared(), spot, 0.75)
    assert value_at(edited, spot) == 0.75
    assert edited.record.parameters.b[0].tolist() == [0.75]
    before, after = shared().record, edited.record
    gap = 0.75 - before.parameters.b[0][0]
    assert after.z[0] == pytest.approx(before.z[0] + gap)


@pytest.mark.parametrize(
    ("session", "text", "message"),
    [
        (bare, "b1[1] > 0", "column 1: layer 1 has no biases"),
        (bare, "db2[1] > 0", "column 1: layer 2 has no biases"),
        (masked, "W1[1, 3] > 0", "column 1: there is no connection from input 1 to neuron 3 of layer 1"),
        (shared, "b1[2] > 0", "column 1: index 2 is out of range: b1 has 1 to 1"),
    ],
)
def test_conditions_on_what_is_not_there_are_refused(session, text: str, message: str):
    with pytest.raises(ExpressionError) as caught:
        read_condition(text, session())
    assert str(caught.value) == message


def test_expressions_on_rows_and_columns_of_a_masked_matrix():
    session = go_to(masked(), masked().trace.end)
    dW = session.record.gradients.W[0]
    row = evaluate(read_expression("dW1[1]", session), session)
    assert row is not None
    assert np.ravel(row) == pytest.approx(dW[0])
    # input 2 is not connected to neuron 2: what is known of it ends with its weight to neuron 3
    assert known_at(read_expression("dW1[2]", session), session.trace) == session.trace.find(Quantity(Kind.DW, 0, 2, 1))
    assert read_expression("b1", shared()).shape == ()


def test_breakpoints_on_an_edge_stop_at_its_product():
    session = replace(masked(), grain=Grain.TERM)
    for unit, source in ((0, 0), (2, 1)):
        found = stop_positions(AtEdge(0, unit=unit, source=source), session.trace, Grain.TERM)
        kinds = {session.trace.step(Grain.TERM, end - 1).quantity for end in found}
        assert Quantity(Kind.PRODUCT, 0, unit, source) in kinds
        assert Quantity(Kind.DW, 0, unit, source) in kinds
    assert stop_positions(AtEdge(0, unit=2, source=0), session.trace, Grain.TERM) == ()


def test_a_session_opens_again_bit_for_bit():
    session = next_pass(start_session(parse_lesson(MIXED, "mixed.toml")))
    session = go_to(session, session.trace.end)
    opened = session_of_text(session_text(Saved(session))).session
    assert opened.position == session.position
    assert opened.record.updated.vector.tobytes() == session.record.updated.vector.tobytes()
    assert opened.record.architecture == session.record.architecture


def test_no_missing_connection_is_found():
    session = masked()
    for answer in find(session, "0 0.25").answers:
        for found in answer.found:
            assert not absent_text(session.record.architecture, found.quantity)


def test_a_shared_gradient_is_found_where_each_neuron_has_its_own_bias():
    equal = "network.layers=[{units=2,W=[[0.2,-0.5],[-0.3,0.1],[0.4,0.2]],b=[0.5,0.5]},"
    lesson = load(
        "from-scratch",
        (
            'network.loss="cross_entropy"',
            "network.inputs=3",
            f'{equal}{{units=2,activation="softmax",W=[[0.3,-0.1],[0.4,0.2]],b=[0.1,0.1]}}]',
            "data.inputs=[[1,2,-1]]",
            "data.targets=[[1,0]]",
            'training.update_after="example"',
            "printed=[]",
        ),
    )
    session = start_session(lesson, example=0)
    assert np.ptp(session.record.parameters.b[0]) == 0.0
    result = find(session, "-0.063968")
    first = result.answers[0].found[0]
    assert [(change.name, change.value) for change in first.changes] == [("bias", "shared")]
    assert "one bias" in conditions(session, first)


def test_a_network_without_biases_has_none_to_freeze():
    session = start_session(load("eleven-lines"))
    assert [mark.name for mark in frozen_marks(session)] == ["weights", "W1", "W2"]
    assert choose_frozen(session, "W1", True).convention.frozen == ("W1",)
    assert choose_frozen(session, "weights", True).convention.frozen == ("weights",)
    mixed = start_session(parse_lesson(MIXED, "mixed.toml"))
    assert choose_frozen(mixed, "b1", True).convention.frozen == ("biases",)


def test_the_small_drawing_has_no_missing_connections():
    drawn = drawing_of(parse_lesson(MIXED, "mixed.toml"))
    assert len(drawn.edges) == 6 + 4
