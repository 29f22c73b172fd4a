"""Every rule in all that is shown and asked of a pass: canvases, values, why, breakpoints and the finder."""

from __future__ import annotations

from dataclasses import replace

import pytest
from rules.worlds import STRUCTURES, world

from nnviz.debugger.commands import go_to
from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.conditions.continuing import run
from nnviz.debugger.diagnosis.health import health
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.breakpoint import AtKind
from nnviz.debugger.state.trail import Direction
from nnviz.debugger.why import start_trail
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.picture import picture
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.present.words.why_text import why_card
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import value_of

RULES = [
    *(f"activation {name}" for name in ACTIVATIONS),
    *(f"optimizer {name}" for name in OPTIMIZERS),
    *(f"network {name}" for name in STRUCTURES),
]


@pytest.mark.parametrize("name", RULES)
def test_every_view_shows_every_step(name: str) -> None:
    session = replace(world(name), grain=Grain.TERM)
    for position in range(0, session.trace.end + 1, max(1, session.trace.end // 40)):
        here = go_to(session, position)
        assert picture(here).units
        assert graph_picture(here).boxes
        assert value_rows(here)
        assert card(here).title
    assert all(mark.layer >= 0 for mark in health(session.record, session.lesson.dataset))


@pytest.mark.parametrize("name", RULES)
def test_a_new_weight_and_a_slope_answer_why(name: str) -> None:
    session = go_to(world(name), world(name).trace.end)
    for quantity in (Quantity(Kind.W_NEW, 0, 0, 0), Quantity(Kind.A, 0, 0), Quantity(Kind.Z, 0, 0)):
        for direction in Direction:
            assert why_card(start_trail(session, quantity, direction)) is not None


@pytest.mark.parametrize("name", RULES)
def test_a_condition_on_a_rules_number_stops_there(name: str) -> None:
    session = add_breakpoint(go_to(world(name), 0), AtKind(Kind.A), "a1[1] < 1e9")
    stopped, stop = run(session)
    assert stop.breakpoint is not None
    assert stopped.record.count >= session.record.count


@pytest.mark.parametrize("name", RULES)
def test_the_finder_finds_an_activation_and_a_new_weight(name: str) -> None:
    session = world(name)
    for quantity in (Quantity(Kind.A, 0, 1), Quantity(Kind.W_NEW, 1, 0, 1)):
        wanted = value_of(session.record, quantity)
        found = find(session, f"{wanted:.9e}").answers[0].found
        near = [other for other in found if other.quantity.kind is quantity.kind or not other.changes]
        assert any(
            abs(float(value_of(session.record, other.quantity)) - float(wanted)) <= 1e-9 * abs(float(wanted))
            for other in near
        )
