"""The values table: a dash for what is not known yet, and never a stale number."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.commands import next_pass
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.values.values_table import ValueRow, value_rows
from nnviz.tracing.steps import Grain, Kind

GIVEN = (Kind.INPUT, Kind.TARGET, Kind.WEIGHT, Kind.BIAS)
PLAIN = str.maketrans("\N{MINUS SIGN}⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "-0123456789-")
LESSONS = ("koehn", "from-scratch", "krzeminski-sgd", "krzeminski-batch")


def rows_at(session: Session, position: int) -> dict[str, ValueRow]:
    rows = value_rows(replace(session, position=position))
    assert len({row.name for row in rows}) == len(rows)
    return {row.name: row for row in rows}


def digits(row: ValueRow) -> list[float | None]:
    """All digits of a row, None for a dash."""
    cells = row.full.removesuffix(" …").split(", ")
    return [None if cell == UNKNOWN else float(cell.replace("×10", "e").translate(PLAIN)) for cell in cells]


def test_before_the_first_step_only_what_is_given_is_known() -> None:
    rows = rows_at(start_session(load("koehn")), 0)
    assert [name for name, row in rows.items() if row.known == "whole"] == ["x", "t", "W", "b", "W2", "b2"]
    assert rows["W"].text == "[[3, 4], [2, 3]]"
    assert rows["x"].text == "[1, 0]"
    assert rows["b"].shape == "(2,)"
    assert all(row.text == row.full == UNKNOWN for row in rows.values() if row.known != "whole")


def test_matrices_stand_as_the_document_has_them() -> None:
    standard = start_session(load("koehn"), notation=load_notation("standard"))
    assert rows_at(standard, 0)["W1"].text == "[[3, 2], [4, 3]]"
    koehn = start_session(load("koehn"))
    end = koehn.trace.end
    assert rows_at(koehn, end)["delta_W2"].text == "[[0.035980, 0.005867]]"
    assert rows_at(standard, end)["dW2"].text == "[[\N{MINUS SIGN}0.035980], [\N{MINUS SIGN}0.005867]]"


@pytest.mark.parametrize("notation", ["koehn", "koehn-chain-rule", "standard"])
@pytest.mark.parametrize("name", LESSONS)
def test_what_is_not_known_is_a_dash_at_every_position(name: str, notation: str) -> None:
    session = start_session(load(name), notation=load_notation(notation))
    voice, trace = voice_of(session), session.trace
    known_before: dict[str, int] = {}
    for position in range(trace.end + 1):
        rows = rows_at(session, position)
        for row in rows.values():
            q = row.quantity
            if q.kind in GIVEN:
                assert row.known == "whole"
                continue
            group = next(g for g in trace.groups if (g.kind, g.layer) == (q.kind, q.layer))
            value = np.ravel(np.asarray(voice.value(q)))
            if row.known == "none":
                assert row.text == row.full == UNKNOWN
                count = 0
            else:
                shown = digits(row)
                assert len(shown) == len(value)
                for number, true in zip(shown, value, strict=True):
                    assert number is None or number == true
                count = sum(number is not None for number in shown)
                assert len(re.findall(rf"{UNKNOWN}(?=[,\]])", row.text)) == len(shown) - count
            assert count == trace.known(q.kind, q.layer, position) or q.kind is Kind.LOSS
            assert row.known == ("none" if count == 0 else "whole" if count == group.items else "part")
            assert count >= known_before.get(row.name, 0)
            known_before[row.name] = count
        active = [row for row in rows.values() if row.active]
        assert len(active) == (1 if position else 0)
        if active:
            here = trace.groups[trace.group_at(position) or 0]
            assert active[0].quantity.layer == here.layer
            assert active[0].quantity.kind in (here.kind, Kind.ERROR, Kind.LOSS)
    assert all(row.known == "whole" for row in rows.values())


@pytest.mark.parametrize("notation", ["koehn", "standard"])
def test_a_matrix_becomes_known_unit_by_unit(notation: str) -> None:
    session = start_session(load("koehn"), notation=load_notation(notation))
    voice = voice_of(session)
    for position in range(session.trace.end + 1):
        step = session.trace.current(Grain.TERM, position)
        if step is None or step.kind is not Kind.DW:
            continue
        q = step.quantity
        row = next(row for row in rows_at(session, position).values() if row.active)
        shown = np.array([np.nan if n is None else n for n in digits(row)]).reshape(eval(row.shape))
        place = (q.unit, q.source) if voice.units_first else (q.source, q.unit)
        assert shown[place] == voice.number(q)


def test_the_next_pass_forgets_the_last_one() -> None:
    session = next_pass(start_session(load("koehn"), example=0))
    rows = rows_at(session, 0)
    assert sum(row.known == "whole" for row in rows.values()) == 6
    assert rows["b2"].text != "[\N{MINUS SIGN}2]"


def test_a_large_matrix_is_cut() -> None:
    wide = ('network.layers=[{units=90,activation="tanh"},{units=2,activation="sigmoid"}]', "printed=[]")
    session = start_session(load("from-scratch", wide))
    row = rows_at(session, 0)["w_1"]
    assert row.shape == "(2, 90)"
    assert row.text.count("…") == 2
    assert row.full.endswith(" …")
    assert row.full.count(",") == 63
