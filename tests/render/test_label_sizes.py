"""Every text of the canvas fits into the rectangle that its picture reserves for it, in the real typefaces."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont
from pytestqt.qtbot import QtBot

from nnviz.debugger.commands import last
from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.network.marks import Picture
from nnviz.present.network.picture import picture
from nnviz.present.network.unrolled import unrolled_picture
from nnviz.present.places.label import FORMULAS, WORDS, Label, mono_width, tex_width, ui_width
from nnviz.render.fonts import mono_font, ui_font
from nnviz.render.formula_paths import typeset
from nnviz.render.paint import text_width

ROOMS = (None, (629.0, 272.0), (1413.0, 605.0))


def overflows(label: Label) -> bool:
    """Whether a text is wider or higher than its rectangle."""
    _, _, width, height = label.rect
    if label.role in FORMULAS:
        formula = typeset(label.text)
        return formula.width * label.size > width or (formula.ascent + formula.descent) * label.size > height
    font = ui_font(label.size) if label.role in WORDS else mono_font(label.size, QFont.Weight.Medium)
    return text_width(font, label.text) > width + 0.5 or label.size > height


def pictures(name: str, notation: str | None = None) -> list[Picture]:
    session = start_session(load(name), notation=None if notation is None else load_notation(notation))
    drawn = [picture(at, room) for at in (session, last(session)) for room in ROOMS]
    if session.record.architecture.is_recurrent:
        drawn += [unrolled_picture(at, room) for at in (session, last(session)) for room in ROOMS]
    return drawn


@pytest.mark.parametrize("name", lesson_names())
def test_every_text_fits_into_its_rectangle(qtbot: QtBot, name: str) -> None:
    labels = {label for drawn in pictures(name) for label in drawn.labels}
    assert [label for label in labels if overflows(label)] == []


@pytest.mark.parametrize("notation", notation_names())
def test_so_does_every_notation(qtbot: QtBot, notation: str) -> None:
    for name in ("koehn", "graph"):
        labels = {label for drawn in pictures(name, notation) for label in drawn.labels}
        assert [label for label in labels if overflows(label)] == []


@pytest.mark.parametrize("size", [11.0, 12.0, 13.0, 15.0])
def test_widths_are_those_of_the_typefaces_or_a_little_more(qtbot: QtBot, size: float) -> None:
    assert mono_width(9, size) == pytest.approx(text_width(mono_font(size), "−0.1×10⁻²"), rel=0.01)
    for text in ("Hidden 1 · leaky relu", "Output · softmax", "784 units", "time 1 of 2", "Error"):
        exact = text_width(ui_font(size), text)
        assert exact <= ui_width(text, size) <= 1.25 * exact
    for tex in (r"E = \frac{1}{2}\left(t - y\right)^2", "x_{1}", r"\mathrm{lay1}_{2}", "a^{(2)}_{1}", r"\hat{Y}_{10}"):
        exact = typeset(tex).width * size
        assert exact <= tex_width(tex, size) <= 1.7 * exact
