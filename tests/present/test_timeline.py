"""The timeline: every step stands in one cell, and as much is done as is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nnviz.debugger.commands import first, last
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.core.timeline_cells import MOST_CELLS, timeline
from nnviz.tracing.steps import Grain

DIGITS = (
    "network.inputs=784",
    'network.layers=[{units=128,activation="relu"},{units=10,activation="softmax"}]',
    'network.loss="cross_entropy"',
    f"data.inputs={[[0.5] * 784]}",
    f"data.targets={[[1] + [0] * 9]}",
    "printed=[]",
)


@pytest.mark.parametrize("grain", Grain)
@pytest.mark.parametrize("name", lesson_names())
def test_cells_hold_every_step_once(name: str, grain: Grain) -> None:
    session = replace(start_session(load(name)), grain=grain)
    shown = timeline(session)
    held = [index for cell in shown.cells for index in range(cell.first, cell.last + 1)]
    assert held == list(range(session.trace.length(grain)))
    assert shown.steps == session.trace.length(grain)
    assert shown.cells[0].start == 0
    assert shown.cells[-1].end == session.trace.end
    for cell, following in zip(shown.cells, shown.cells[1:], strict=False):
        assert cell.end == following.start
    for cell in shown.cells:
        for index in {cell.first, cell.last}:
            assert session.trace.step(grain, index).phase == cell.phase


@pytest.mark.parametrize("grain", Grain)
def test_phases_span_the_cells(grain: Grain) -> None:
    shown = timeline(replace(start_session(load("koehn")), grain=grain))
    assert [span.phase for span in shown.spans] == ["forward", "error", "backward", "update"]
    assert [cell for span in shown.spans for cell in range(span.first, span.last + 1)] == list(range(len(shown.cells)))


@pytest.mark.parametrize("grain", Grain)
def test_what_is_done_grows_from_nothing_to_all(grain: Grain) -> None:
    session = replace(start_session(load("koehn")), grain=grain)
    assert timeline(first(session)).done == 0.0
    assert timeline(last(session)).done == len(timeline(session).cells)
    done = [timeline(replace(session, position=position)).done for position in range(session.trace.end + 1)]
    assert done == sorted(done)
    assert len(set(done)) == len(done)
    for step in session.trace.at(grain):
        assert done[step.end] == step.index + 1


def test_a_cell_in_progress_is_done_in_part() -> None:
    session = replace(start_session(load("koehn")), grain=Grain.NEURON)
    assert timeline(replace(session, position=2)).done == 0.5  # two of the four terms of the first sum


@pytest.mark.parametrize("grain", Grain)
def test_many_steps_share_cells(grain: Grain) -> None:
    session = replace(start_session(load("from-scratch", DIGITS)), grain=grain)
    shown = timeline(session)
    assert len(shown.cells) <= MOST_CELLS + 4
    assert sum(cell.last - cell.first + 1 for cell in shown.cells) == session.trace.length(grain)
    half = timeline(replace(session, position=session.trace.end // 2))
    assert 0 < half.done < len(half.cells)
