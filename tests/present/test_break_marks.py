"""Breakpoints on the canvas: a dot at each unit and edge that has any, filled while one of them is on."""

from __future__ import annotations

import pytest

from nnviz.debugger.breakpoints import AtEdge, AtUnit, add_breakpoint, change_breakpoint
from nnviz.debugger.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.break_marks import break_dots
from nnviz.present.picture import picture


@pytest.mark.parametrize("where", [AtEdge(0, 0, 0), AtUnit(0, 0)], ids=str)
@pytest.mark.parametrize("off", [(), (1,), (2,), (1, 2)])
def test_a_dot_is_filled_while_any_breakpoint_there_is_on(where: AtEdge | AtUnit, off: tuple[int, ...]) -> None:
    session = start_session(load("koehn"))
    for condition in ("", "loss < 1"):
        session = add_breakpoint(session, where, condition)
    for number in off:
        session = change_breakpoint(session, number, enabled=False)
    (dot,) = break_dots(session, picture(session))
    assert dot.enabled == (len(off) < 2)
