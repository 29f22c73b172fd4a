"""View ▸ Decimal comma: every number of the window, at once and after a restart; code and files keep their points."""

from __future__ import annotations

import re
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit

from nnviz.formats.script.pass_script import script_text
from nnviz.gui import panels
from nnviz.present.network.hover_details import unit_details
from nnviz.sessions.session_file import session_text

POINT = re.compile(r"\d\.\d")
STEPS = 14


def choose(window: Any) -> None:
    window.choose_in_menu("View", "Decimal comma")
    window.settle()


def painted(window: Any) -> dict[str, QImage]:
    """What is painted, view by view; where a page is scrolled to does not matter."""
    main = window.main
    views = {"canvas": main.canvas, "card": main.card, "values": main.values, "strip": main.strip, "bar": main.toolbar}
    return {name: view.grab().toImage() for name, view in views.items()}


def test_every_number_changes_at_once(open_window: Any) -> None:
    window = open_window()
    window.walk(STEPS)
    listing, script = window.listing, script_text(window.session)
    choose(window)
    assert window.mark("y", 1).a == "0,7426"
    assert window.edge(2, 1, 1).weight == "5,0"
    assert window.edge(2, 1, 1).gradient == "ΔW₂ 0,03598"
    assert window.result == "0,049216"
    assert window.card.formula.result == "0{,}049216"
    assert window.card.formula.texts() == ("Δb₂,₁", "Δb₂,₁ = μ δ₂", "1 · 0,049216", "0,049216")
    assert window.row("delta_W2").text == "[[0,035980; 0,005867]]"
    assert window.main.strip.rate.text() == "1,0"
    assert window.main.strip.loss.text == "0,03474"
    assert window.listing == listing
    assert script_text(window.session) == script
    choose(window)
    assert window.mark("y", 1).a == "0.7426"
    assert window.main.strip.rate.text() == "1.0"


def test_the_choice_is_remembered_and_a_window_that_starts_with_it_is_the_same(open_window: Any) -> None:
    first = open_window()
    first.resize(1440, 900)
    first.walk(STEPS)
    choose(first)
    at_once = painted(first)
    assert first.controller.actions["decimal_comma"].isChecked()
    first.main.close()
    second = open_window()
    second.resize(1440, 900)
    assert second.controller.actions["decimal_comma"].isChecked()
    second.walk(STEPS)
    second.settle()
    for name, pixels in painted(second).items():
        assert pixels == at_once[name], name


@pytest.mark.parametrize("lesson", ["koehn", "softmax", "krzeminski-rnn"])
def test_no_label_keeps_a_point(open_window: Any, lesson: str) -> None:
    window = open_window(lesson)
    for row in (panels.HEALTH, panels.GRADIENTS, panels.LESSON, panels.CONVENTIONS, panels.FIND):
        window.main.show_panel(row.id)
        window.settle()
    choose(window)
    for _ in range(6):
        window.press("Right", "Down")
        for kind in (QLabel, QLineEdit):
            for widget in window.main.card.findChildren(kind) + window.main.strip.findChildren(kind):
                assert not POINT.search(widget.text()), widget.text()
    session = window.session
    for layer in range(session.record.architecture.depth):
        for _, text in unit_details(session, layer, 0) or ():
            assert not POINT.search(text)


def test_the_session_file_does_not_depend_on_it(open_window: Any) -> None:
    window = open_window()
    window.press("Right", "F2")
    files = []
    for _ in range(2):
        files.append(session_text(window.controller.session_files.saved()))
        choose(window)
    assert files[0] == files[1]


def test_a_number_is_edited_with_a_comma(open_window: Any) -> None:
    window = open_window()
    choose(window)
    window.click_unit("y", 1)
    window.press("F2")
    field = window.controller.editing.editor.field
    assert field.text() == "−2"
    field.selectAll()
    QTest.keyClicks(field, "-0,25")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.session.edits[-1].value == -0.25
    assert window.controller.actions["undo"].text() == "&Undo: b₂,₁ = −0,25"
    assert window.controller.store.branches.here.history.done[-1].name == "b₂,₁ = −0.25"


def test_the_finder_takes_and_writes_commas(open_window: Any) -> None:
    window = open_window()
    choose(window)
    window.press("Ctrl+F")
    view = window.main.finder.view
    window.wait(lambda: any("0,7425526" in row.text for row in view.list.rows()))
    assert view.field.placeholderText() == "0,7426 or [0,036; 0,0059]"
    view.field.setPlainText("[0,036; 0,0059]")
    window.wait(lambda: not view.is_searching and any("matrix ΔW₂" in row.text for row in view.list.rows()))
    shown = " ".join(row.text for row in view.list.rows())
    assert "0,036 is the change ΔW₂,₁ to 3 decimals" in shown
    choose(window)
    assert "0.036 is the change ΔW₂,₁ to 3 decimals" in " ".join(row.text for row in view.list.rows())
    assert view.field.placeholderText() == "0.7426 or [0.036, 0.0059]"
