"""The stage as data: its regions, its type, what its layouts show, and the transition of a step."""

from __future__ import annotations

from itertools import combinations

import pytest

from nnviz.debugger.commands import last, step
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.timeline import next_epoch
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.places.label import Rect, crosses
from nnviz.present.runs.curve_axis import THIN_SPACE
from nnviz.present.stage.regions import (
    FORMULA_SIZE,
    HEADLINE_SIZE,
    LAYOUTS,
    PICTURE_TYPE,
    SENTENCE_SIZE,
    TITLE_SIZE,
    Regions,
    area,
    regions,
)
from nnviz.present.stage.spotlight import faded_part, lit_part, with_whole_texts
from nnviz.present.stage.stage import StageLook, StageRun, stage
from nnviz.present.stage.transition import ARRIVE, DEPART, ease, follows, travellers, without_result
from nnviz.tracing.steps import Grain

SIZES = ((1280, 720), (1366, 768), (1920, 1080), (3840, 2160), (1024, 768), (2560, 1080))


def rects(places: Regions) -> dict[str, Rect]:
    names = ("title", "line", "network", "graph", "code", "loss", "boundary", "band", "caption", "text")
    return {name: rect for name in names if (rect := getattr(places, name)) is not None}


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scale", [0.7, 1.0, 1.6])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_regions_are_inside_and_do_not_overlap(layout: str, size: tuple[int, int], scale: float) -> None:
    width, height = size
    found = rects(regions(layout, width, height, scale))
    for name, (left, top, wide, high) in found.items():
        assert min(wide, high) > 0, name
        assert min(left, top) >= 0, name
        assert max(left + wide - width, top + high - height) <= 0.01, name
    for (one, a), (other, b) in combinations(found.items(), 2):
        across = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
        down = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
        assert min(across, down) <= 0.01, f"{one} and {other}"


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layout", ["network", "graph"])
def test_the_network_has_most_of_the_stage(layout: str, size: tuple[int, int]) -> None:
    places = regions(layout, *size)
    assert area(places.network) + area(places.graph) >= 0.6 * size[0] * size[1]


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080), (3840, 2160)])
def test_type_is_legible_from_the_last_row(size: tuple[int, int]) -> None:
    height = size[1]
    places = regions("network", *size)
    assert places.picture_scale * PICTURE_TYPE >= 0.022 * height
    for points in (TITLE_SIZE, HEADLINE_SIZE, SENTENCE_SIZE):
        assert places.type_scale * points >= 0.026 * height
    assert places.type_scale * FORMULA_SIZE >= 0.045 * height


@pytest.mark.parametrize("name", lesson_names())
@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "text"])
def test_every_lesson_has_every_layout(name: str, layout: str) -> None:
    session = last(start_session(load(name)))
    made = stage(session, StageLook(layout=layout), 1280, 720)
    assert made.title == session.lesson.title
    assert (made.picture is not None) == (layout != "graph")
    assert (made.graph is not None) == (layout == "graph")
    assert (made.listing is not None) == (layout == "code")
    assert (made.plots is not None) == ("plots" in layout)
    assert (made.card is None) == ("plots" in layout)


def test_while_training_the_stage_shows_the_plots() -> None:
    session = start_session(load("koehn"))
    made = stage(session, StageLook(), 1280, 720, StageRun((), True, 1000))
    assert made.plots is not None
    assert made.where == f"training · epoch 0 of 1{THIN_SPACE}000"
    assert made.plots.accuracy
    beyond = stage(next_epoch(next_epoch(session)), StageLook(), 1280, 720, StageRun((), True, 1))
    assert beyond.where == "training · epoch 2", "of 1 would be no place in it"


def at(session: Session, steps: int) -> Session:
    for _ in range(steps):
        session = step(session)
    return session


def test_values_move_from_the_operands_to_the_result() -> None:
    before = at(start_session(load("koehn")), 2)
    after = step(before)
    assert follows(before, after)
    shown = stage(after, StageLook(), 1920, 1080)
    assert shown.picture is not None
    moving = travellers(after, shown.picture)
    assert {"1.0", "0.0", "3.0", "2.0"} & {mover.text for mover in moving} or moving
    ends = {mover.end for mover in moving}
    assert len(ends) == 1, "all of them arrive at the result"
    for mover in moving:
        assert mover.at(DEPART) == mover.start
        assert mover.at(ARRIVE) == pytest.approx(mover.end)


def test_the_result_is_not_shown_before_its_values_arrive() -> None:
    before = at(start_session(load("koehn")), 7)
    after = step(before)
    look = StageLook()
    early = without_result(stage(after, look, 1920, 1080), stage(before, look, 1920, 1080))
    old, masked, new = (
        stage(before, look, 1920, 1080).picture,
        early.picture,
        stage(after, look, 1920, 1080).picture,
    )
    assert old is not None
    assert masked is not None
    assert new is not None
    assert [mark.a for mark in masked.units] == [mark.a for mark in old.units]
    assert [mark.active for mark in masked.units] == [mark.active for mark in new.units]
    assert masked.error.value == old.error.value


def test_no_transition_leads_elsewhere() -> None:
    session = at(start_session(load("koehn")), 5)
    assert not follows(session, session)
    assert not follows(session, at(start_session(load("koehn")), 2))
    assert not follows(session, start_session(load("softmax")))


def test_easing_begins_and_ends_at_rest() -> None:
    assert (ease(-1.0), ease(0.0), ease(0.5), ease(1.0), ease(2.0)) == (0.0, 0.0, 0.5, 1.0, 1.0)
    assert ease(0.01) < 0.01


@pytest.mark.parametrize("name", ["koehn", "krzeminski-rnn", "softmax-deep", "graph-20-50-10"])
def test_beside_plots_the_network_has_no_small_numbers(name: str) -> None:
    session = last(start_session(load(name)))
    for layout, roles in (("network+plots", {"name", "a"}), ("plots", set())):
        shown = stage(session, StageLook(layout=layout), 1920, 1080).picture
        assert shown is not None
        assert {label.role for unit in shown.units for label in unit.labels} <= roles
        assert not any(edges.labels or edges.lit.any() for edges in shown.edges)
        assert not shown.captions
        assert max(unit.x + unit.radius for unit in shown.units) <= shown.width


def test_before_training_the_plot_has_the_loss_of_the_start() -> None:
    plots = stage(start_session(load("koehn")), StageLook(layout="plots"), 1280, 720).plots
    assert plots is not None
    assert [run.epochs.tolist() for run in plots.runs] == [[0]]
    assert f"{plots.runs[0].losses[0]:.5f}" == plots.value


def test_a_zoomed_network_has_only_whole_texts() -> None:
    shown = stage(step(start_session(load("koehn"))), StageLook(), 1280, 720).picture
    assert shown is not None
    first = shown.units[2]
    seen = (first.x - 90.0, first.y - 60.0, 180.0, 120.0)
    kept = with_whole_texts(shown, seen)
    texts = [label for unit in kept.units for label in unit.labels]
    texts += [text for edges in kept.edges for label in edges.labels for text in label.labels]
    assert 0 < len(texts) < len([label for unit in shown.units for label in unit.labels])
    for label in (*texts, *(caption.label for caption in kept.captions)):
        assert min(label.rect[0] - seen[0], label.rect[1] - seen[1]) >= 0
        assert label.rect[0] + label.rect[2] <= seen[0] + seen[2]
        assert label.rect[1] + label.rect[3] <= seen[1] + seen[3]


def test_no_lit_edge_crosses_a_faded_number() -> None:
    session, left_out = start_session(load("softmax-deep"), grain=Grain.LAYER), 0
    while not session.at_end:
        session = step(session)
        shown = stage(session, StageLook(), 1920, 1080).picture
        assert shown is not None
        lines = [ends for mark in shown.edges for ends in mark.lines.ends[mark.lit].tolist()]
        faded, lit = faded_part(shown), {label for mark in lit_part(shown).edges for label in mark.labels}
        rects = [
            text.rect for mark in faded.edges for label in mark.labels if label not in lit for text in label.labels
        ]
        assert not any(crosses(line, rect) for line in lines for rect in rects)
        left_out += sum(len(mark.labels) for mark in shown.edges) - sum(len(mark.labels) for mark in faded.edges)
    assert left_out


def test_a_line_crosses_a_rectangle_that_it_passes_through() -> None:
    rect = (10.0, 10.0, 20.0, 10.0)
    assert crosses((0.0, 0.0, 40.0, 30.0), rect)
    assert crosses((20.0, 0.0, 20.0, 30.0), rect)
    assert not crosses((0.0, 0.0, 9.0, 30.0), rect)  # beside it
    assert not crosses((5.0, 0.0, 5.0, 30.0), rect)
    assert not crosses((0.0, 0.0, 8.0, 6.0), rect)  # ends before it
