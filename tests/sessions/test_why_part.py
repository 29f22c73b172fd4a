"""Session files in which a number was asked about: the trail comes back, and what is no number of it is refused."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import assert_refused

from nnviz.debugger import why
from nnviz.debugger.branches import one_branch, open_branch
from nnviz.debugger.state.session import Session, next_pass, start_session
from nnviz.debugger.state.trail import Direction
from nnviz.lessons.catalog import load
from nnviz.present.words.why_text import why_card
from nnviz.sessions.save import ALL_PARTS
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import PARTS, session_data, session_from, session_of_text, session_text
from nnviz.sessions.why_part import MOST_ENTRIES
from nnviz.tracing.steps import Grain, Kind, Quantity


def again(session: Session) -> Session:
    saved = session_of_text(session_text(Saved(session), ALL_PARTS), ALL_PARTS)
    assert saved.notes == ()
    return saved.session


@settings(max_examples=60, deadline=None)
@given(st.data(), st.sampled_from(["koehn", "softmax", "krzeminski-rnn", "krzeminski-batch"]))
def test_a_trail_comes_back_wherever_it_leads(data, name):
    session = next_pass(start_session(load(name)))
    session = replace(session, position=data.draw(st.integers(0, session.trace.end)), grain=Grain.NEURON)
    session = why.start_trail_here(session, data.draw(st.sampled_from(Direction)))
    for _ in range(data.draw(st.integers(0, 6))):
        listed = why.factors(session)
        if listed:
            session = why.extend_trail(session, data.draw(st.sampled_from(listed[:20])))
        session = why.set_direction(session, data.draw(st.sampled_from(Direction)))
    session = why.select_factor(session, data.draw(st.integers(0, 3)))
    opened_again = again(session)
    assert opened_again.why.entries == session.why.entries
    assert opened_again.why.picked == session.why.picked
    assert why_card(opened_again) == why_card(session)
    assert why_card(why.go_back(opened_again)) == why_card(why.go_back(session))


def test_the_followed_branch_has_the_trail():
    session = why.start_trail_here(replace(start_session(load("koehn")), position=3))
    branches = open_branch(one_branch(session), "a")
    saved = Saved(session, parts={"branches": branches})
    read = session_of_text(session_text(saved, ALL_PARTS), ALL_PARTS)
    assert read.parts["branches"].here.session is read.session
    assert read.session.why is not None


def test_without_a_trail_there_is_no_part_and_of_a_long_one_its_end():
    session = start_session(load("koehn"))
    assert "why" not in session_data(Saved(session), ALL_PARTS)
    session = why.start_trail_here(session)
    trail = replace(session.why, entries=session.why.entries * 300)
    assert len(again(replace(session, why=trail)).why.entries) == MOST_ENTRIES


def test_an_nnviz_that_does_not_know_the_part_keeps_it():
    session = why.start_trail_here(replace(start_session(load("koehn")), position=3))
    older = session_from(json.loads(session_text(Saved(session), ALL_PARTS)), PARTS)
    assert older.notes == ("kept but not shown, because this version of nnviz does not know it: why",)
    found = session_from(json.loads(session_text(older, PARTS)), ALL_PARTS).session
    assert found.why.entries == session.why.entries


FAULTS = [
    (("asked",), [], "why.asked: must have"),
    (("picked",), -1, "why.picked: must be from 0"),
    (("asked", 0, "direction"), "how", "why.asked[1].direction: 'how' is not one of why, feeds"),
    (("asked", 0, "quantity", "unit"), 9, "why.asked[1].quantity.unit: must be from 0 to 1, not 9"),
    (("asked", 0, "quantity"), {"kind": "W_h", "layer": 0}, "why.asked[1].quantity: is not a quantity of this lesson"),
    (("asked", 0, "quantity"), {"kind": "dz_db"}, "why.asked[1].quantity: is not a number that can be explained"),
    (("asked", 0, "quantity"), {"kind": "dE_da_term", "layer": 0, "unit": 0}, "why.asked[1].quantity: is not a number"),
    (("more",), 1, "why.more: unknown"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_a_mistake_is_one_clear_line(path, value, message):
    session = why.start_trail(start_session(load("koehn")), Quantity(Kind.Z, 0, 1))
    data = json.loads(session_text(Saved(session), ALL_PARTS))
    assert_refused(data, ("why", *path), value, message, ALL_PARTS)
