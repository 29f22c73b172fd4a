"""The picture of a network unrolled in time: nothing shown before it is known, and the right copy lit at every step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from vocabulary import at

from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.present.core.voice import voice_of
from nnviz.present.network.hit import hit
from nnviz.present.network.marks import Picture, UnitMark
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import times, unrolled_picture
from nnviz.present.network.unrolled_layout import MOST_COPIES, unrolled_layout
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Quantity

FULL = 'convention.through_time="full"'


def opened(*settings: str, grain: Grain = Grain.NEURON) -> Session:
    return replace(start_session(load("krzeminski-rnn", settings)), grain=grain)


def lit_units(shown: Picture) -> set[tuple[int, int, int]]:
    """(layer, unit, time) of every unit that the step is at or works with."""
    return {(mark.layer, mark.unit, mark.time) for mark in shown.units if mark.active or mark.operand}


def lit_edges(shown: Picture) -> list[tuple[bool, int, int, int]]:
    """(loop, index among the marks, unit, source) of every lit edge."""
    return [
        (mark.is_loop, index, int(mark.lines.units[i]), int(mark.lines.sources[i]))
        for index, mark in enumerate(shown.edges)
        for i in np.flatnonzero(mark.lit)
    ]


def test_every_figure_is_shown_from_its_step_on() -> None:
    session = opened()
    voice, trace = voice_of(session), session.trace
    for position in range(trace.end + 1):
        shown = unrolled_picture(replace(session, position=position))
        for mark in shown.units:
            if mark.layer < 0 or mark.is_before:
                continue
            for kind, text, unknown in (
                (Kind.A, mark.a, UNKNOWN),
                (Kind.Z, mark.z, UNKNOWN),
                (Kind.DELTA, mark.delta, ""),
            ):
                quantity = Quantity(kind, mark.layer, mark.unit, None, mark.time)
                if trace.is_known(quantity, position):
                    figure = float(text.split(" ")[-1].replace("\N{MINUS SIGN}", "-"))
                    assert figure == pytest.approx(voice.number(quantity), abs=5.1e-5)
                else:
                    assert text.endswith(unknown)
        for time, box in enumerate(shown.step_errors):
            known = trace.is_known(Quantity(Kind.ERROR, None, 0, None, time), position)
            assert (box.value != UNKNOWN) == known


def test_the_footer_knows_where_each_bias_is_written_and_a_disc_from_before_has_a_shade() -> None:
    session = opened()
    voice = voice_of(session)
    for position in (0, session.trace.end):
        shown = unrolled_picture(replace(session, position=position))
        spans = [(caption, bias) for caption in shown.captions for bias in caption.biases]
        held = Counter(bias.quantity.kind for _, bias in spans)
        assert held == {Kind.BIAS: 4, Kind.BIAS_H: 3}
        for caption, bias in spans:
            new = replace(bias.quantity, kind=PARAMETER_OF[bias.quantity.kind].new)
            figure = float(caption.text[bias.start : bias.stop].replace("\N{MINUS SIGN}", "-"))
            assert figure == pytest.approx(voice.number(new if position else bias.quantity), abs=5.1e-5)
        before = [mark for mark in shown.units if mark.is_before]
        assert {mark.shade for mark in before} == {0.0}


def test_a_weighted_sum_lights_its_own_copy_and_the_past_that_enters_it() -> None:
    session = opened()
    first = unrolled_picture(at(session, Quantity(Kind.Z, 0, 1, None, 0)))
    assert lit_units(first) == {(0, 1, 0), (-1, 0, 0), (0, 0, -1), (0, 1, -1), (0, 2, -1)}
    second = unrolled_picture(at(session, Quantity(Kind.Z, 0, 1, None, 1)))
    assert lit_units(second) == {(0, 1, 1), (-1, 0, 1), (0, 0, 0), (0, 1, 0), (0, 2, 0)}
    loops = [(unit, source) for is_loop, _, unit, source in lit_edges(second) if is_loop]
    assert loops == [(1, 0), (1, 1), (1, 2)]
    assert [panel.active for panel in second.panels] == [False, True]


def test_an_error_comes_back_through_the_loop_from_the_next_copy() -> None:
    session = opened(FULL)
    shown = unrolled_picture(at(session, Quantity(Kind.DE_DA, 0, 2, None, 0)))
    # From the output of the same time step, and from all hidden units one time step later.
    assert lit_units(shown) == {(0, 2, 0), (1, 0, 0), (0, 0, 1), (0, 1, 1), (0, 2, 1)}
    lit = lit_edges(shown)
    assert [(unit, source) for is_loop, _, unit, source in lit if is_loop] == [(0, 2), (1, 2), (2, 2)]
    assert len({index for is_loop, index, _, _ in lit if is_loop}) == 1
    term = replace(session, grain=Grain.TERM)
    share = next(s for s in term.trace.at(Grain.TERM) if s.kind is Kind.DE_DA_LATER_TERM)
    shown = unrolled_picture(replace(term, position=share.end))
    assert [(unit, source) for is_loop, _, unit, source in lit_edges(shown) if is_loop] == [(0, 0)]


def test_cut_after_one_step_nothing_comes_back_through_the_loop() -> None:
    shown = unrolled_picture(at(opened(), Quantity(Kind.DE_DA, 0, 2, None, 0)))
    assert lit_units(shown) == {(0, 2, 0), (1, 0, 0)}
    assert not any(is_loop for is_loop, *_ in lit_edges(shown))


def test_a_gradient_over_time_is_lit_in_every_copy() -> None:
    shown = unrolled_picture(at(opened(), Quantity(Kind.DW_H, 0, 0, 1)))
    assert [(unit, source) for is_loop, _, unit, source in lit_edges(shown) if is_loop] == [(0, 1), (0, 1)]
    labels = [label for mark in shown.edges if mark.is_loop for label in mark.labels if label.lit]
    assert {label.gradient for label in labels} == {"∂ \N{MINUS SIGN}0.00200"}


def test_what_is_clicked_is_what_stands_there() -> None:
    session = opened()
    shown = unrolled_picture(session)

    def at_mark(mark: UnitMark) -> Quantity | None:
        return hit(shown, mark.x, mark.y)

    for mark in shown.units:
        found = at_mark(mark)
        assert found is not None
        if mark.is_before:
            assert found == Quantity(Kind.STATE, mark.layer, mark.unit)
        else:
            assert (found.unit, found.time) == (mark.unit, mark.time)
    loop = next(mark for mark in shown.edges if mark.is_loop)
    x1, y1, x2, y2 = loop.lines.ends[0]
    assert hit(shown, (3 * x1 + x2) / 4, (3 * y1 + y2) / 4) == Quantity(Kind.WEIGHT_H, 0, 0, 0)


SIZES = [
    ((1, 3, 1), (True, False)),
    ((2, 3, 4, 2), (True, True, False)),
    ((2, 8, 3), (True, True)),
    ((1, 20, 1), (True, False)),
]


@pytest.mark.parametrize(("sizes", "loops"), SIZES, ids=str)
def test_no_disc_stands_on_another_and_no_loop_passes_over_one(sizes: tuple[int, ...], loops: tuple[bool, ...]) -> None:
    plan = unrolled_layout(sizes, loops, (0, 1, 2))
    discs = [
        (column.x, float(y), max(column.radius, 2.0))
        for copy in plan.copies
        for column in copy.plan.columns
        for y in column.y
    ]
    for i, (x, y, radius) in enumerate(discs):
        for other_x, other_y, other in discs[i + 1 :]:
            assert np.hypot(x - other_x, y - other_y) > radius + other
    for layer, loop in enumerate(loops):
        if not loop:
            continue
        left, right = (copy.plan.columns[layer + 1] for copy in plan.copies[:2])
        for start in left.y:
            for end in right.y:
                for x, y, radius in discs:
                    if left.x < x < right.x:
                        passing = start + (x - left.x) / (right.x - left.x) * (end - start)
                        assert abs(passing - y) > radius


def test_of_many_time_steps_those_around_the_step_are_drawn() -> None:
    sequence = [[0], [1]] * 5
    session = opened(f"data.inputs={[sequence]}", f"data.targets={[sequence]}", "data.example=0", "errata=[]")
    assert times(session) == (0, 1, 2, 3)
    later = at(session, Quantity(Kind.A, 0, 0, None, 6))
    assert times(later) == (5, 6, 7, 8)
    assert len(unrolled_picture(later).panels) == MOST_COPIES
    last = replace(session, position=session.trace.end)
    assert times(last)[0] == 0


def test_folded_it_is_drawn_once_with_its_loop() -> None:
    session = opened()
    shown = picture(at(session, Quantity(Kind.Z, 0, 1, None, 1)))
    assert len(shown.units) == 5
    (loop,) = shown.loops
    assert loop.active
    assert loop.text == "wh · lay1⟨1⟩ + bh"
    assert {mark.time for mark in shown.units} == {1}
    assert not picture(at(session, Quantity(Kind.A, 0, 1, None, 1))).loops[0].active
