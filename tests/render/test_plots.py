"""The plots of a stage: the curve goes where its numbers are, the boundary has the colors of its classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import Palette, load_palette
from nnviz.present.network.picture import picture
from nnviz.present.runs.boundary import UNDEFINED, BoundaryPicture, boundary_picture
from nnviz.present.runs.curve import LossRun, empty_run
from nnviz.present.runs.measures import ACCURACY
from nnviz.present.runs.responses import unit_responses
from nnviz.render.canvas.maps_item import map_images
from nnviz.render.canvas.network_scene import draw_network
from nnviz.render.plot_painter import code_image, draw_boundary, draw_curve, point_place
from nnviz.render.run_pens import run_color
from tests.render.images import image_of, pixels

SIZE = (600, 320)
LIGHT = load_palette("light")


def run(series: int = 0, faint: bool = False) -> LossRun:
    epochs = np.arange(1, 601)
    return LossRun("a", series, epochs, 0.5 * np.exp(-epochs / 150.0), faint=faint)


def curve(runs: tuple[LossRun, ...], **more: object) -> tuple[QImage, QRectF]:
    found: list[QRectF] = []

    def drawn(painter: QPainter, rect: QRectF) -> None:
        found.append(draw_curve(painter, rect, runs, LIGHT, 1.0, **more))  # type: ignore[arg-type]

    return image_of(SIZE, "light", drawn), found[0]


def columns_of(image: QImage, color: str) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """The columns of pixels that have a color."""
    same = (pixels(image)[:, :, 2::-1] == QColor(color).getRgb()[:3]).all(axis=2)
    return np.flatnonzero(same.any(axis=0))


def boundary(name: str = "koehn", size: int = 64) -> BoundaryPicture:
    session = start_session(load(name))
    network = session.lesson.network.with_vector(session.checkpoint.parameters)
    return boundary_picture(network, session.lesson.dataset, size)


def test_a_curve_spans_its_epochs(qapp: object) -> None:
    image, plot = curve((run(),), log=False, end=1000)
    color = run_color(LIGHT, 0)
    found = columns_of(image, color)
    assert found[0] == pytest.approx(plot.left(), abs=3)
    assert found[-1] == pytest.approx(plot.left() + 0.6 * plot.width() + 5, abs=3), "the dot is at the last epoch"
    heights = [
        np.flatnonzero((pixels(image)[:, x, 2::-1] == QColor(color).getRgb()[:3]).all(axis=1)).mean()
        for x in (found[4], found[len(found) // 2], found[-3])
    ]
    assert heights == sorted(heights), "the loss falls"
    assert plot.top() <= heights[0]
    assert heights[-1] <= plot.bottom() + 6


def test_the_marker_moves_the_dot_and_the_value(qapp: object) -> None:
    at_end, _ = curve((run(),))
    earlier, _ = curve((run(),), marker=100)
    assert at_end != earlier
    assert curve((run(),), value="0.1")[0] != at_end
    assert curve((run(),), marker=600)[0] == at_end


def test_several_runs_have_their_colors(qapp: object) -> None:
    image, _ = curve((run(), replace(run(2), losses=run().losses * 0.3)), log=True)
    for series in (0, 2):
        assert (
            len(columns_of(image, run_color(LIGHT, series))) > 30
        )  # a thin line in dashes has few pixels of its color


def test_a_curve_without_numbers_is_a_card_with_axes(qapp: object) -> None:
    for runs in ((), (empty_run("a"),)):
        image, plot = curve(runs)
        assert SIZE[0] * 0.7 < plot.width()
        assert len(columns_of(image, run_color(LIGHT, 0))) == 0
    gap = replace(run(), losses=np.full(600, np.nan))
    assert len(columns_of(curve((gap,))[0], run_color(LIGHT, 0))) == 0


def test_the_accuracy_is_a_curve_as_well(qapp: object) -> None:
    rated = replace(run(), rated=np.arange(0, 600, 10), rates=np.linspace(0.5, 1.0, 60))
    image, _ = curve((rated,), measure=ACCURACY, title="Accuracy")
    assert len(columns_of(image, run_color(LIGHT, 0))) > 100


@pytest.mark.parametrize("scale", [1.0, 2.0])
@pytest.mark.parametrize("rect", [QRectF(20, 20, 260, 150), QRectF(10, 10, 500, 260)], ids=["small", "large"])
def test_plots_stay_in_their_cards(qapp: object, rect: QRectF, scale: float) -> None:
    drawn = boundary()
    for draw in (
        lambda p, _: draw_curve(p, rect, (run(),), LIGHT, scale),
        lambda p, _: draw_boundary(p, rect, drawn, LIGHT, scale, example=1, value="4 / 4"),
    ):
        shown = pixels(image_of(SIZE, "dark", draw)).astype(int)
        ground = np.array(QColor(load_palette("dark").card).getRgb()[2::-1])
        outside = np.ones(shown.shape[:2], dtype=bool)
        outside[int(rect.top()) : int(rect.bottom()), int(rect.left()) : int(rect.right())] = False
        assert (shown[outside][:, :3] == ground).all()


def test_a_boundary_has_its_image_points_and_ring(qapp: object) -> None:
    drawn, rooms = boundary(), []
    plain = image_of(SIZE, "light", lambda p, r: rooms.append(draw_boundary(p, r, drawn, LIGHT)))
    room = rooms[0]
    image = code_image(drawn.codes, drawn.plane.kind, LIGHT)
    assert plain.pixelColor(room.center().toPoint()).name() != LIGHT.card
    for x, y in ((0.25, 0.8), (0.7, 0.4)):
        there = plain.pixelColor(int(room.left() + x * room.width()), int(room.top() + y * room.height()))
        expected = image.pixelColor(int(x * 64), int(y * 64))
        assert max(abs(a - b) for a, b in zip(there.getRgb(), expected.getRgb(), strict=True)) < 12
    colors = {0: LIGHT.negative, 1: LIGHT.positive}
    for index, kind in enumerate(drawn.classes.tolist()):
        assert plain.pixelColor(point_place(room, drawn, index).toPoint()).name() == colors[kind]
    ringed = image_of(SIZE, "light", lambda p, r: draw_boundary(p, r, drawn, LIGHT, example=2))
    edge = point_place(room, drawn, 2) + QPointF(12, 0)
    assert ringed.pixelColor(edge.toPoint()).name() == LIGHT.text
    assert plain.pixelColor(edge.toPoint()).name() != LIGHT.text


def test_a_boundary_that_cannot_be_drawn_says_why(qapp: object) -> None:
    words = image_of(SIZE, "light", lambda p, r: draw_boundary(p, r, None, LIGHT, obstacle="No boundary."))
    empty = image_of(SIZE, "light", lambda p, r: draw_boundary(p, r, None, LIGHT))
    assert words != empty
    drawn = boundary()
    undefined = replace(drawn, codes=np.full_like(drawn.codes, UNDEFINED))
    broken = image_of(SIZE, "light", lambda p, r: draw_boundary(p, r, undefined, LIGHT))
    assert len(columns_of(broken, LIGHT.differs)) > 0


def test_the_lowest_row_of_codes_is_at_the_foot(qapp: object) -> None:
    codes = np.zeros((4, 4), dtype=np.uint8)
    codes[0] = 254
    image = code_image(codes, "two", LIGHT)
    assert image.pixelColor(1, 3).name() == LIGHT.positive_region
    assert image.pixelColor(1, 0).name() == LIGHT.negative_region


def test_plots_are_the_same_each_time(qapp: object) -> None:
    def both(palette: Palette, size: tuple[int, int]) -> QImage:
        def drawn(painter: QPainter, rect: QRectF) -> None:
            draw_curve(painter, rect.adjusted(0, 0, -rect.width() / 2, 0), (run(),), palette)
            draw_boundary(painter, rect.adjusted(rect.width() / 2, 0, 0, 0), boundary(), palette, value="4 / 4")

        return image_of(size, palette.name, drawn)

    first = both(LIGHT, SIZE)
    both(load_palette("dark"), (1280, 720))
    assert both(LIGHT, SIZE) == first


def test_maps_are_inside_the_hidden_discs(qapp: object) -> None:
    session = start_session(load("krzeminski-sgd"))
    session = go_to(session, 20)
    network = session.lesson.network.with_vector(session.checkpoint.parameters)
    maps = map_images(unit_responses(network, session.lesson.dataset), LIGHT)
    drawn = picture(session)
    size = (round(drawn.width), round(drawn.height))
    plain, mapped = (
        image_of(size, "light", lambda p, r, maps=maps: draw_network(p, r, drawn, LIGHT, 1.0, maps=maps))
        for maps in ({}, maps)
    )
    changed = (pixels(plain) != pixels(mapped)).any(axis=2)
    assert changed.any()
    y, x = np.nonzero(changed)
    hidden = [unit for unit in drawn.units if unit.layer == 0]
    inside = np.zeros(len(x), dtype=bool)
    for unit in hidden:
        inside |= np.hypot(x + 0.5 - unit.x, y + 0.5 - unit.y) <= unit.radius + 1
    assert inside.all()
