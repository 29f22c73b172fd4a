"""No two texts of the network canvas overlap and none leaves it: every lesson, every step, the rooms of all windows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import Session, start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.places.label import LEAST_SIZE, Label, Room
from nnviz.tracing.steps import Grain, Kind, Quantity

# The canvas of the window at 1024x700, 1280x720, 1366x768, 1440x900, 1920x1080 and 2560x1440, and without plots.
ROOMS: tuple[Room, ...] = (
    *((629, 272), (793, 322), (859, 350), (933, 426), (1413, 605), (2053, 965)),
    *((629, 460), (793, 520)),
)
SMALLEST: Room = (629, 255)
# Of these rooms all steps are looked at, and of the others some.
EVERY_STEP = ROOMS[::3]
FEW_TERMS, MOST_STEPS, FEW_STEPS = 80, 45, 12


def steps(session: Session, most: int = MOST_STEPS) -> Iterator[Session]:
    """The session at the steps of a pass, of a long one at some of them: neurons, and terms of small networks."""
    for grain in (Grain.NEURON, Grain.TERM):
        at = replace(session, grain=grain)
        ends = [step.end for step in at.trace.at(grain)] if at.trace.end < 20000 else []
        if grain is Grain.TERM and (len(ends) > FEW_TERMS or most == FEW_STEPS):
            return
        if not ends:
            ends = [at.trace.step(grain, int(index)).end for index in np.linspace(0, at.trace.length(grain) - 1, 24)]
        for position in (0, *ends[:: max(1, len(ends) // most)], at.trace.end):
            yield replace(at, position=position)


def pictures(session: Session, room: Room) -> Iterator[tuple[str, Picture]]:
    yield "folded", picture(session, room)
    if session.record.architecture.is_recurrent:
        yield "unrolled", unrolled_picture(session, room)


def overlapping(labels: tuple[Label, ...]) -> list[tuple[Label, Label]]:
    """The pairs of labels whose rectangles overlap."""
    rects = np.array([label.rect for label in labels])
    starts, stops = rects[:, :2], rects[:, :2] + rects[:, 2:]
    common = np.minimum(stops[:, None], stops) - np.maximum(starts[:, None], starts)
    found = np.argwhere((common > 1e-6).all(axis=-1))
    return [(labels[i], labels[j]) for i, j in found.tolist() if i < j]


def outside(drawn: Picture) -> list[Label]:
    return [
        label
        for label in drawn.labels
        if min(label.rect[:2]) < 0.0
        or label.rect[0] + label.rect[2] > drawn.width + 1e-6
        or label.rect[1] + label.rect[3] > drawn.height + 1e-6
    ]


@pytest.mark.parametrize("name", lesson_names())
def test_every_network_fits_the_smallest_window(name: str) -> None:
    """It has fewer and smaller parts there, with legible type, and is not scrolled."""
    for view, drawn in pictures(start_session(load(name)), SMALLEST):
        assert drawn.width <= SMALLEST[0] + 0.01, view
        assert drawn.height <= SMALLEST[1] + 0.01, view


def test_a_network_of_pictures_fits_it_too() -> None:
    drawn = picture(sized(784, 128, 10), SMALLEST)
    assert drawn.width <= SMALLEST[0] + 0.01
    assert drawn.height <= SMALLEST[1] + 0.01


@pytest.mark.parametrize("name", lesson_names())
def test_no_two_texts_overlap_at_any_step_in_any_room(name: str) -> None:
    session = start_session(load(name))
    checked: set[tuple[tuple[float, ...], ...]] = set()
    for room in ROOMS:
        places: dict[str, set[tuple[tuple[float, float, float], ...]]] = {}
        for at in steps(session, MOST_STEPS if room in EVERY_STEP else FEW_STEPS):
            for view, drawn in pictures(at, room):
                discs = tuple((mark.x, mark.y, mark.radius) for mark in drawn.units)
                places.setdefault(view, set()).add(discs)
                rects = tuple(label.rect for label in drawn.labels)
                if rects in checked:
                    continue
                checked.add(rects)
                assert not overlapping(drawn.labels), (room, view, at.position)
                assert not outside(drawn), (room, view, at.position)
                assert all(label.size >= LEAST_SIZE for label in drawn.labels), (room, view)
        assert all(len(found) == 1 for found in places.values()), "discs keep their places at all steps"


def sized(*sizes: int) -> Session:
    """A session of a network of these sizes."""
    layers = ", ".join(f'{{units={units}, activation="sigmoid"}}' for units in sizes[1:])
    settings = [
        f"network.inputs={sizes[0]}",
        f"network.layers=[{layers}]",
        f"data.inputs={[[0.5] * sizes[0]]}",
        f"data.targets={[[1] * sizes[-1]]}",
        "printed=[]",
    ]
    return start_session(load("from-scratch", settings))


@pytest.mark.parametrize("sizes", [(1, 1), (4, 4, 4), (2, 8, 8, 3), (5, 6, 5), (10, 10), (784, 128, 10), (3, 40, 2)])
def test_neither_do_those_of_other_networks(sizes: tuple[int, ...]) -> None:
    session = sized(*sizes)
    for room in ROOMS:
        for at in (go_to(session, position) for position in np.linspace(0, session.trace.end, 5).astype(int).tolist()):
            drawn = picture(at, room)
            assert not overlapping(drawn.labels), room
            assert not outside(drawn), room
            assert all(label.size >= LEAST_SIZE for label in drawn.labels)


@pytest.mark.parametrize(
    "name", ["koehn", "graph", "softmax-deep", "krzeminski-sgd", "krzeminski-batch", "from-scratch"]
)
def test_the_weight_of_the_step_has_its_number_in_every_room(name: str) -> None:
    session = start_session(load(name))
    for room in ROOMS:
        for step in session.trace.at(Grain.NEURON):
            quantity = step.quantity
            if step.kind is not Kind.DW or quantity.layer is None or quantity.source is None:
                continue
            drawn = picture(replace(session, position=step.end), room)
            assert quantity.unit is not None
            assert drawn.edges[quantity.layer].label_of(quantity.unit, quantity.source) is not None, (room, quantity)


def test_numbers_with_large_powers_fit_their_neuron() -> None:
    session = start_session(load("koehn", ["network.layers[2].W=[[5e204], [-5e300]]", "network.layers[2].b=[1e-204]"]))
    for room in ROOMS:
        for at in steps(session, FEW_STEPS):
            drawn = picture(at, room)
            assert not overlapping(drawn.labels)
            assert not outside(drawn)
            for mark in drawn.units:
                for label in mark.labels:
                    if label.role in ("z", "a"):
                        left, _, width, _ = label.rect
                        edge = mark.plate or (mark.x - mark.radius, 0.0, 2 * mark.radius, 0.0)
                        assert edge[0] <= left
                        assert left + width <= edge[0] + edge[2]


def test_a_gradient_of_zero_has_no_tag() -> None:
    session = start_session(load("koehn"))  # the second input is 0
    drawn = picture(go_to(session, session.trace.end))
    gradients = {(label.unit, label.source): label.gradient for label in drawn.edges[0].labels}
    assert gradients[0, 0]
    assert gradients[1, 0]
    assert gradients[0, 1] == gradients[1, 1] == ""


def test_the_numbers_of_recurrent_weights_are_shown_once_from_the_first_step_on() -> None:
    session = start_session(load("krzeminski-rnn"))
    drawn = unrolled_picture(session)
    shown = [(mark.layer, mark.is_loop, label.unit, label.source) for mark in drawn.edges for label in mark.labels]
    assert len(shown) == len(set(shown)) == 15
    assert sum(is_loop for _, is_loop, *_ in shown) == 9
    step = go_to(session, session.trace.find(Quantity(Kind.DW_H, 0, 0, 1)) or 0)
    lit = [label for mark in unrolled_picture(step).edges if mark.is_loop for label in mark.labels if label.lit]
    assert len(lit) == 2, "in every copy"
