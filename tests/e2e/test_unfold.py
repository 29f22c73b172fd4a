"""A large network in the window: its strips unfold with the wheel, the keys, a click and the walk, and fold again."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from nnviz.tracing.steps import Grain, Kind, Quantity

HIDDEN = 0


@pytest.fixture
def window(open_window):
    """The 20-50-10 of the graph's document, whose hidden layer folds to a strip."""
    return open_window("graph-20-50-10")


def cell(window, unit: int) -> QPoint:
    """Where on the screen a unit of the strip is, counted from 1."""
    strip = next(strip for strip in window.picture.strips if strip.layer == HIDDEN)
    y = strip.top + (unit - 0.5) * (strip.bottom - strip.top) / len(strip.values)
    return window.main.canvas.place_on_screen(strip.x, y)


def unfolded(window) -> list[int]:
    """The units of the hidden layer that are shown one by one, counted from 1."""
    return [unit.unit + 1 for lens in window.picture.lenses if lens.layer == HIDDEN for unit in lens.units]


def lens_of(window):
    """What the hidden layer is unfolded to."""
    return next(lens for lens in window.picture.lenses if lens.layer == HIDDEN)


def wheel(window, at: QPoint, notches: int) -> None:
    canvas = window.main.canvas
    for _ in range(abs(notches)):
        turn = QPoint(0, 120 if notches > 0 else -120)
        where = QPointF(canvas.viewport().mapToGlobal(at))
        event = QWheelEvent(
            QPointF(at), where, QPoint(), turn, Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(canvas.viewport(), event)
    window.settle()


def test_a_click_on_a_strip_unfolds_its_unit_and_escape_folds_it(window):
    assert unfolded(window) == []
    window.click(window.main.canvas.viewport(), cell(window, 30))
    assert window.session.selection == Quantity(Kind.A, HIDDEN, 29)
    assert 30 in unfolded(window)
    assert 3 <= len(unfolded(window)) <= 7
    window.press("Esc")
    assert window.session.selection is None
    assert unfolded(window) == []


def test_a_click_beside_the_network_folds_it_too(window):
    window.click(window.main.canvas.viewport(), cell(window, 30))
    assert unfolded(window)
    window.click(window.main.canvas.viewport(), QPoint(4, 4))
    assert unfolded(window) == []


def test_a_click_in_the_lens_goes_on_to_a_neighbour(window):
    window.click(window.main.canvas.viewport(), cell(window, 30))
    lens = lens_of(window)
    neighbour = lens.units[-1]
    window.click(window.main.canvas.viewport(), window.main.canvas.place_on_screen(neighbour.x, neighbour.y))
    assert window.session.selection == Quantity(Kind.A, HIDDEN, neighbour.unit)
    assert next(unit for unit in lens_of(window).units if unit.selected).unit == neighbour.unit


def test_the_walk_unfolds_where_it_is(window):
    pages = []
    for unit in range(1, 21):
        window.press("Right")
        active = [mark.unit + 1 for lens in window.picture.lenses for mark in lens.units if mark.active]
        assert active == [unit]
        pages.append(lens_of(window).window.rect)
    assert len(set(pages)) <= 7
    window.press("Home")
    assert unfolded(window) == []


def test_terms_unfold_what_they_are_of(window):
    window.click_grain("Term")
    window.press("Right", "Right")
    assert 1 in unfolded(window)
    assert window.picture.lens_edges.edges == ((0, 0, 1),)
    window.click_grain("Layer")
    window.press("Right")
    assert unfolded(window) == []


def test_the_wheel_unfolds_what_is_in_sight_and_folds_it(window):
    at = cell(window, 25)
    wheel(window, at, 6)
    shown = unfolded(window)
    assert 25 in shown
    assert lens_of(window).window.in_place
    view = window.main.canvas.viewport().rect()
    for unit in lens_of(window).units[1:-1]:
        assert view.contains(window.main.canvas.place_on_screen(unit.x, unit.y))
    wheel(window, at, 4)
    assert len(unfolded(window)) < len(shown)
    wheel(window, at, -10)
    assert unfolded(window) == []


def test_the_keys_unfold_it_too_and_fit_folds_it(window):
    window.press(*["+"] * 6)
    assert len(unfolded(window)) > 5
    window.press("0")
    assert unfolded(window) == []


def test_dragging_shows_other_units(window):
    at = cell(window, 25)
    wheel(window, at, 9)
    before = unfolded(window)
    viewport = window.main.canvas.viewport()
    middle = viewport.rect().center()
    window.drag(viewport, middle, middle - QPoint(0, 40), middle - QPoint(0, 120))
    assert unfolded(window) != before
    assert min(unfolded(window)) > min(before)


def test_a_step_in_a_zoomed_strip_is_lit_in_place(window):
    window.walk(25)
    wheel(window, cell(window, 25), 6)
    lens = lens_of(window)
    assert lens.window.in_place
    assert [unit.unit for unit in lens.units if unit.active] == [24]
    window.press("Right")
    assert [unit.unit for unit in lens_of(window).units if unit.active] == [25]


def test_hovering_a_disc_of_a_lens_tells_all_digits(window):
    window.press("Right")
    disc = lens_of(window).units[0]
    tip = window.hover(window.main.canvas.viewport(), window.main.canvas.place_on_screen(disc.x, disc.y))
    number = window.session.record.z[0][0, window.session.record.row, 0]
    assert repr(float(number)).replace("-", "\N{MINUS SIGN}") in tip


@pytest.mark.parametrize("grain", [Grain.NEURON, Grain.TERM])
def test_the_lens_is_painted_over_the_strip(window, grain):
    window.click_grain(grain.name.capitalize())
    before = window.main.canvas.grab().toImage()
    window.press("Right")
    after = window.main.canvas.grab().toImage()
    disc = window.picture.lenses[-1].units[0]
    at = window.main.canvas.place_on_screen(disc.x, disc.y - 1.25 * disc.radius)
    assert before != after
    assert after.pixelColor(at) == after.pixelColor(2, 2)  # the card's color, and no edge
