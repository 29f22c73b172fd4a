"""Drawings of networks and graphs: the same data at the same size gives the same pixels, whatever was drawn before."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGraphicsScene
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import go_to, last
from nnviz.debugger.state.session import Session, start_session
from nnviz.gui.views.canvas.graph_canvas import GraphCanvas
from nnviz.gui.views.canvas.network_canvas import NetworkCanvas
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.breakpoint_dots import BreakDot
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.render.canvas.graph_drawing import GraphItems, draw_graph
from nnviz.render.canvas.network_scene import NetworkItems, draw_network
from nnviz.tracing.steps import Grain
from tests.render.images import image_of, pixels

LESSONS = ("koehn", "krzeminski-sgd", "krzeminski-rnn", "softmax-deep")
Draw = Callable[[Session, str, tuple[int, int]], QImage]


def at(name: str, part: float) -> Session:
    """A session of a lesson, a part of the way through its pass."""
    session = start_session(load(name))
    return go_to(session, int(part * session.trace.length(Grain.TERM)))


def network(session: Session, theme: str, size: tuple[int, int]) -> QImage:
    recurrent = session.record.architecture.is_recurrent
    drawn = unrolled_picture(session) if recurrent else picture(session)
    return image_of(size, theme, lambda painter, rect: draw_network(painter, rect, drawn, load_palette(theme)))


def graph(session: Session, theme: str, size: tuple[int, int]) -> QImage:
    drawn = graph_picture(session)
    return image_of(size, theme, lambda painter, rect: draw_graph(painter, rect, drawn, load_palette(theme)))


@pytest.mark.parametrize("draw", [network, graph])
@pytest.mark.parametrize("name", LESSONS)
def test_a_drawing_depends_on_its_data_and_size_alone(qapp: object, draw: Draw, name: str) -> None:
    first = draw(at(name, 0.6), "dark", (900, 560))
    for other, theme, size in (("koehn", "light", (1280, 720)), ("softmax-deep", "dark", (320, 200))):
        draw(at(other, 0.9), theme, size)
    draw(at(name, 0.6), "light", (901, 561))
    assert draw(at(name, 0.6), "dark", (900, 560)) == first
    assert draw(at(name, 0.2), "dark", (900, 560)) != first


@pytest.mark.parametrize("name", LESSONS)
def test_items_forget_what_they_have_shown(qapp: object, name: str) -> None:
    """The items of a canvas, which are kept from step to step, paint what new ones paint."""
    kept = NetworkItems(QGraphicsScene())
    kept.set_palette(load_palette("light"))
    for other in (at("softmax-deep", 1.0), at("koehn", 0.5), at("krzeminski-rnn", 0.8), at(name, 0.9), at(name, 0.1)):
        recurrent = other.record.architecture.is_recurrent
        kept.show_picture(unrolled_picture(other) if recurrent else picture(other))
    kept.set_palette(load_palette("dark"))
    session = at(name, 0.6)
    drawn = unrolled_picture(session) if session.record.architecture.is_recurrent else picture(session)
    kept.show_picture(drawn)
    fresh = NetworkItems()
    fresh.set_palette(load_palette("dark"))
    fresh.show_picture(drawn)
    first, second = (
        image_of((900, 560), "dark", lambda painter, _, items=items: items.paint(painter)) for items in (fresh, kept)
    )
    assert first == second


@pytest.mark.parametrize("name", LESSONS)
def test_items_of_a_graph_forget_what_they_have_shown(qapp: object, name: str) -> None:
    kept, fresh = GraphItems(QGraphicsScene()), GraphItems()
    for items in (kept, fresh):
        items.set_palette(load_palette("dark"))
    for other in (at("softmax-deep", 1.0), at("koehn", 0.5), at(name, 0.9), at(name, 0.1), at(name, 0.6)):
        kept.show_picture(graph_picture(other))
    fresh.show_picture(graph_picture(at(name, 0.6)))
    first, second = (
        image_of((900, 560), "dark", lambda painter, _, items=items: items.paint(painter)) for items in (fresh, kept)
    )
    assert first == second


@pytest.mark.parametrize("make", [NetworkCanvas, GraphCanvas])
@pytest.mark.parametrize("name", LESSONS)
def test_a_canvas_that_was_zoomed_and_resized_draws_as_a_new_one(
    qtbot: QtBot, make: type[NetworkCanvas] | type[GraphCanvas], name: str
) -> None:
    def canvas(width: int, height: int) -> NetworkCanvas | GraphCanvas:
        view = make()
        qtbot.addWidget(view)
        view.set_theme(load_palette("light"), 1.0)
        view.resize(width, height)
        with qtbot.waitExposed(view):
            view.show()
        return view

    used = canvas(1000, 320)
    for session in (at(name, 0.3), last(start_session(load("koehn"))), at(name, 0.6)):
        used.render_session(session)
        used.grab()
        for _ in range(6):
            used.zoom(1.3)
        used.resize(500, 700)
        used.grab()
    used.resize(840, 520)
    used.fit()
    fresh = canvas(840, 520)
    fresh.render_session(at(name, 0.6))
    fresh.fit()
    QApplication.processEvents()  # scroll bars are hidden with the next events
    assert used.grab().toImage() == fresh.grab().toImage()


@pytest.mark.parametrize("name", ["koehn", "krzeminski-sgd", "krzeminski-rnn"])
def test_a_canvas_shows_what_is_drawn_without_one(qtbot: QtBot, name: str) -> None:
    view = NetworkCanvas()
    qtbot.addWidget(view)
    view.set_theme(load_palette("dark"), 1.0)
    view.resize(840, 520)
    with qtbot.waitExposed(view):
        view.show()
    view.render_session(at(name, 0.6))
    drawn = view.shown()
    assert drawn is not None
    grabbed = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    corner = view.mapFromScene(QPointF(0, 0))
    scale = view.transform().m11()
    rect = QRectF(corner, view.mapFromScene(QPointF(drawn.width, drawn.height)))
    alone = image_of((840, 520), "dark", lambda p, _: draw_network(p, rect, drawn, load_palette("dark"), scale))
    difference = np.abs(pixels(grabbed).astype(int) - pixels(alone).astype(int))
    assert (difference.max(axis=2) > 40).mean() < 0.02  # a view begins at whole pixels


def test_a_drawing_fits_its_rectangle_or_has_its_scale(qapp: object) -> None:
    palette, drawn = load_palette("light"), picture(at("koehn", 0.6))
    image = QImage(2000, 1200, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    room = QRectF(100, 50, 1600, 1000)
    fitting = draw_network(painter, room, drawn, palette)
    assert fitting == pytest.approx(min(1600 / drawn.width, 1000 / drawn.height))
    assert draw_network(painter, room, drawn, palette, 0.5) == 0.5
    assert draw_network(painter, room, drawn, palette, 99.0) == pytest.approx(fitting)
    assert draw_network(painter, room, drawn, palette, 3.0, center=QPointF(0, 0)) == 3.0
    painter.end()


def test_nothing_is_painted_outside_the_rectangle(qapp: object) -> None:
    session, palette = at("softmax-deep", 0.5), load_palette("dark")
    room = QRectF(200, 100, 300, 200)

    def drawn(painter: QPainter, _: QRectF) -> None:
        draw_network(painter, room, picture(session), palette, 4.0, center=QPointF(300, 200))
        draw_graph(painter, room, graph_picture(session), palette, 2.0)

    shown = pixels(image_of((700, 500), "dark", drawn)).astype(int)
    background = np.array(QColor(palette.card).getRgb()[2::-1])
    outside = np.ones(shown.shape[:2], dtype=bool)
    outside[99:301, 199:501] = False
    assert (np.abs(shown[outside][:, :3] - background) <= 1).all()
    assert (np.abs(shown[~outside][:, :3] - background) > 1).any()


def test_the_part_around_a_point_reaches_the_edge_of_the_picture(qapp: object) -> None:
    """A center near a corner shows the corner, and nothing beyond it."""
    session, palette = at("koehn", 0.6), load_palette("light")
    drawn = picture(session)
    centers = (QPointF(0, 0), QPointF(-500, -80), QPointF(drawn.width / 2, drawn.height / 2))
    images = [
        image_of((300, 200), "light", lambda p, r, c=c: draw_network(p, r, drawn, palette, 2.0, center=c))
        for c in centers
    ]
    assert images[0] == images[1]
    assert images[1] != images[2]


def test_rings_and_breakpoints_are_drawn(qapp: object) -> None:
    session, palette = at("koehn", 0.6), load_palette("light")
    drawn = picture(session)
    dots = (BreakDot(drawn.units[0].x, drawn.units[0].y, 9.0, True),)
    plain, dotted = (
        image_of((800, 500), "light", lambda p, r, d=d: draw_network(p, r, drawn, palette, dots=d)) for d in ((), dots)
    )
    assert plain != dotted


def test_a_graph_at_a_scale_shows_its_step(qapp: object) -> None:
    session, palette = at("softmax-deep", 0.9), load_palette("light")
    drawn = graph_picture(session)
    moved = [replace(drawn, phase="update"), drawn]
    assert drawn.active_rect is not None
    images = [image_of((500, 300), "light", lambda p, r, m=m: draw_graph(p, r, m, palette, 1.0)) for m in moved]
    assert images[0] != images[1]  # what the step computes has the colors of its phase, and is in sight


def test_drawing_needs_no_widgets() -> None:
    """A film is drawn by a program that has no windows."""
    import subprocess

    code = """
import os
os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QRectF
from PySide6.QtGui import QGuiApplication, QImage, QPainter
app = QGuiApplication([])
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.core.palette import load_palette
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.picture import picture
from nnviz.render.canvas.graph_drawing import draw_graph
from nnviz.render.canvas.network_scene import draw_network
session = start_session(load("koehn"))
image = QImage(800, 600, QImage.Format.Format_RGB32)
image.fill(0)
painter = QPainter(image)
draw_network(painter, QRectF(0, 0, 800, 300), picture(session), load_palette("dark"))
draw_graph(painter, QRectF(0, 300, 800, 300), graph_picture(session), load_palette("dark"))
painter.end()
print(len({image.pixel(x, y) for x in range(800) for y in range(600)}) > 50)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "True"
