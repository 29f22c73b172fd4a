"""The player stops where a step does: at whichever breakpoint stops first, those that are ignored only counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.conditions.breakpoints import add_breakpoint
from nnviz.debugger.state.breakpoint import AtKind, AtUnit
from nnviz.debugger.state.session import start_session
from nnviz.gui.control.player import Player
from nnviz.gui.control.store import Store
from nnviz.lessons.catalog import load
from nnviz.tracing.steps import Grain, Kind


@pytest.mark.parametrize("grain", Grain)
def test_an_ignored_breakpoint_does_not_hide_another_at_the_same_place(qtbot, grain: Grain) -> None:
    session = replace(start_session(load("koehn")), grain=grain)
    session = add_breakpoint(session, AtKind(Kind.Z, 0), ignore=1000)
    store = Store(add_breakpoint(session, AtUnit(0, 0, Kind.Z)))
    player = Player(store)
    with qtbot.waitSignal(player.stopped) as stopped:
        for _ in range(10):
            player.toggle()
            if not player.playing:
                break
            player.pause()
    assert stopped.args[0].id == 2
    end = store.session.trace.step(Grain.NEURON, 0).end
    assert (store.session.checkpoint.update, store.session.position) == (0, end)
    assert store.session.breakpoints[1].hits == 1
