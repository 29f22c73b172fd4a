"""Folded layers unfold around what is selected or active and where the view is zoomed, never too much nor jumping."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import load
from nnviz.present.core.voice import voice_of
from nnviz.present.network.hit import hit
from nnviz.present.network.layout import layout
from nnviz.present.network.marks import LensMark, Picture
from nnviz.present.network.picture import picture, words_of
from nnviz.present.network.unfold import FEWEST, MOST, MOST_UNFOLDED, Unfolding, lens, unfolding_of
from nnviz.present.places.label import Rect
from nnviz.present.text.numbers import UNKNOWN
from nnviz.tracing.steps import Grain, Kind, Quantity

LARGE = (784, 128, 10)


def sized(*sizes: int, grain: Grain = Grain.NEURON) -> Session:
    layers = ", ".join(f'{{units={units}, activation="sigmoid"}}' for units in sizes[1:])
    lesson = load(
        "from-scratch",
        [
            f"network.inputs={sizes[0]}",
            f"network.layers=[{layers}]",
            f"data.inputs={[[0.5] * sizes[0]]}",
            f"data.targets={[[1] * sizes[-1]]}",
            "printed=[]",
        ],
    )
    return start_session(lesson, grain=grain)


@pytest.fixture(scope="module")
def large() -> Session:
    return sized(*LARGE)


def at(session: Session, kind: Kind, layer: int, unit: int | None = None, source: int | None = None) -> Session:
    position = session.trace.find(Quantity(kind, layer, unit, source))
    assert position is not None
    return replace(session, position=position)


def lens_of(shown: Picture, layer: int) -> LensMark:
    return next(mark for mark in shown.lenses if mark.layer == layer)


def shown_units(mark: LensMark) -> list[int]:
    return [unit.unit for unit in mark.units]


def overlap(a: Rect, b: Rect) -> bool:
    return min(a[0] + a[2], b[0] + b[2]) > max(a[0], b[0]) and min(a[1] + a[3], b[1] + b[3]) > max(a[1], b[1])


def test_nothing_unfolds_before_the_first_step_or_of_small_networks(large: Session) -> None:
    assert picture(large).lenses == ()
    small = start_session(load("koehn"))
    for position in range(small.trace.end + 1):
        shown = picture(replace(small, position=position), unfolding=Unfolding(0.01, 10.0))
        assert shown.lenses == ()
        assert not shown.lens_edges.edges


def test_the_steps_unit_is_found_with_its_neighbours(large: Session) -> None:
    session = at(large, Kind.Z, 0, 60)
    shown = picture(session)
    assert [mark.layer for mark in shown.lenses] == [0]
    mark = lens_of(shown, 0)
    assert [unit.unit for unit in mark.units if unit.active] == [60]
    assert FEWEST <= len(mark.units) <= MOST
    number = voice_of(session).number(Quantity(Kind.Z, 0, 60))
    assert float(mark.units[60 - mark.window.first].z_number.replace("\N{MINUS SIGN}", "-")) == pytest.approx(
        number, abs=6e-5
    )


def test_only_what_is_known_stands_in_the_discs(large: Session) -> None:
    shown = picture(at(large, Kind.Z, 0, 60))
    for unit in lens_of(shown, 0).units:
        assert (unit.z_number == UNKNOWN) == (unit.unit > 60)
        assert unit.a == UNKNOWN
        assert unit.delta == ""


def test_nothing_jumps_from_step_to_step(large: Session) -> None:
    places = []
    for unit in range(128):
        window = lens_of(picture(at(large, Kind.Z, 0, unit)), 0).window
        assert window.first <= unit < window.stop
        places.append((window.first, window.rect, window.x))
    pages = len(set(places))
    assert pages <= 128 / FEWEST + 1
    assert sum(a != b for a, b in pairwise(places)) == pages - 1


def test_a_weights_step_unfolds_both_its_ends_and_lights_it_between(large: Session) -> None:
    session = at(large, Kind.DW, 0, 40, 300)
    shown = picture(session)
    assert [unit.unit for unit in lens_of(shown, -1).units if unit.operand] == [300]
    hidden = lens_of(shown, 0)
    assert 40 in shown_units(hidden)
    edges = shown.lens_edges
    assert edges.edges == ((0, 40, 300),)
    assert edges.lit.tolist() == [True]
    assert edges.weights[0] == session.record.parameters.W[0][300, 40]
    disc = next(unit for unit in lens_of(shown, -1).units if unit.unit == 300)
    x, y = edges.ends[0][:2]
    assert np.hypot(x - disc.x, y - disc.y) == pytest.approx(disc.radius)


def test_what_a_lens_lights_is_not_lit_a_second_time(large: Session) -> None:
    weights = large.record.parameters.W[1]
    source = int(np.abs(weights[:, 3]).argmax())
    shown = picture(at(large, Kind.DW, 1, 3, source))
    assert shown.lens_edges.edges == ((1, 3, source),)
    assert not shown.edges[1].lit.any()


def test_whole_layers_unfold_nothing() -> None:
    session = sized(*LARGE, grain=Grain.LAYER)
    for kind in (Kind.Z, Kind.A, Kind.DELTA, Kind.DW):
        assert picture(at(session, kind, 0)).lenses == ()


@pytest.mark.parametrize("unit", [0, 1, 64, 126, 127])
def test_a_selected_unit_unfolds_with_its_busiest_edges(large: Session, unit: int) -> None:
    shown = picture(replace(large, selection=Quantity(Kind.A, 0, unit)))
    mark = lens_of(shown, 0)
    assert [disc.unit for disc in mark.units if disc.selected] == [unit]
    assert len({edge for edge in shown.lens_edges.edges if edge[0] == 0}) == 8
    into = {source for layer, _, source in shown.lens_edges.edges if layer == 0}
    weights = np.abs(large.record.parameters.W[0][:, unit])
    assert into == set(np.argsort(-weights)[:8].tolist())
    assert not shown.lens_edges.lit.any()
    assert 0 <= mark.window.first < mark.window.stop <= 128


def test_the_selection_holds_while_the_walk_goes_on(large: Session) -> None:
    selected = replace(large, selection=Quantity(Kind.A, 0, 100))
    windows = {lens_of(picture(at(selected, Kind.Z, 0, unit)), 0).window.rect for unit in range(0, 128, 9)}
    assert len(windows) == 1


@pytest.mark.parametrize("sizes", [LARGE, (20, 50, 10), (50, 60, 70), (2, 400), (300, 300, 300, 300)])
@pytest.mark.parametrize("pixel", [0.05, 0.4, 1.0, 2.3, 6.0])
def test_a_lens_keeps_clear_of_strips_and_the_next_column(sizes: tuple[int, ...], pixel: float) -> None:
    plan = layout(sizes)
    for index, column in enumerate(plan.columns):
        if not column.is_strip:
            continue
        for unit in (0, sizes[index] // 2, sizes[index] - 1):
            for around in (True, False):
                window = lens(plan, index, unit, Unfolding(pixel, 440 * pixel), around)
                assert window.first <= unit < window.stop <= sizes[index]
                _, top, _, height = window.rect
                assert column.top - 1 <= top
                assert top + height <= column.bottom + 1
                for other, beside in enumerate(plan.columns):
                    half = max(13.0, beside.radius)
                    assert not overlap(window.rect, (beside.x - half, beside.top, 2 * half, 1e4)), other
                assert not overlap(window.rect, plan.error)
                assert window.y[1] - window.y[0] >= 2 * window.radius if len(window.y) > 1 else True


def test_a_zoomed_strip_unfolds_what_is_in_sight_and_no_more(large: Session) -> None:
    plan = layout(LARGE, words=words_of(large))
    column = plan.columns[1]
    pitch = (column.bottom - column.top) / 128
    whole = (0.0, 0.0, plan.width, plan.height)
    assert unfolding_of(plan, 0.4, whole).ranges == ()
    view = (column.x - 100, column.y[50] - 5 * pitch, 200.0, 10 * pitch)
    assert unfolding_of(plan, 11.0 / pitch, view).ranges == ()
    unfolding = unfolding_of(plan, 30.0 / pitch, view)
    assert [index for index, _, _ in unfolding.ranges] == [1]
    mark = lens_of(picture(at(large, Kind.A, 0), unfolding=unfolding), 0)
    assert mark.window.in_place
    assert 45 in shown_units(mark)
    assert 54 in shown_units(mark)
    assert len(mark.units) <= 12
    assert [unit.y for unit in mark.units] == column.y[mark.window.first : mark.window.stop].tolist()
    beside = (column.x + 100, view[1], 200.0, view[3])
    assert unfolding_of(plan, 30.0 / pitch, beside).ranges == ()


def test_a_huge_view_unfolds_at_most_so_many() -> None:
    plan = layout((50, 60, 70, 80, 90))
    everything = unfolding_of(plan, 5.0, (0.0, 0.0, plan.width, plan.height))
    assert sum(stop - first for _, first, stop in everything.ranges) <= MOST_UNFOLDED


def test_the_discs_of_a_lens_are_hit(large: Session) -> None:
    shown = picture(at(large, Kind.DW, 0, 40, 300))
    for mark, kind in ((lens_of(shown, 0), Kind.A), (lens_of(shown, -1), Kind.INPUT)):
        for unit in mark.units:
            found = hit(shown, unit.x, unit.y)
            assert found is not None
            assert (found.kind, found.unit) == (kind, unit.unit)


def test_edges_of_an_unfolded_last_layer_enter_its_discs() -> None:
    session = sized(3, 60)
    shown = picture(replace(session, selection=Quantity(Kind.A, 0, 30)))
    mark = lens_of(shown, 0)
    left, _, width, _ = mark.window.rect
    assert left + width < layout((3, 60)).columns[1].x
    disc = next(unit for unit in mark.units if unit.unit == 30)
    for end in shown.lens_edges.ends:
        assert np.hypot(end[2] - disc.x, end[3] - disc.y) == pytest.approx(disc.radius)
    assert shown.lens_edges.over.all()
