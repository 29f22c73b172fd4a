"""Fields for numbers read them as people write them, or refuse them with the reason and keep what they had."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from nnviz.gui.dialogs.go_to_dialog import GoToDialog
from nnviz.gui.dialogs.seed_dialog import SeedDialog
from nnviz.gui.kit.whole_number_box import WholeNumberBox
from nnviz.gui.views.chrome.controls import RateField

GAP = "\N{NARROW NO-BREAK SPACE}"
READ = [
    ("1 000", 1000),
    ("1'000", 1000),
    ("1e3", 1000),
    (f"1{GAP}000", 1000),
    ("９", 9),
    ("12.0", 12),
]
REFUSED = [
    "0,5",
    "0·332",
    "0.332f",
    "1,234.5",
    "5_1",
    "1.000",
    "1,000",
    "",
    "x",
    "-3",
    "0x10",
    "1e",
    "∞",
    "99999999999",
]


@pytest.fixture
def box(qtbot: QtBot) -> Iterator[WholeNumberBox]:
    page = QWidget()
    made, other = WholeNumberBox(), QLineEdit()
    for widget in (made, other):
        widget.setParent(page)
    column = QVBoxLayout(page)
    column.addWidget(made)
    column.addWidget(other)
    made.setRange(1, 1_000_000)
    made.setValue(7)
    made.setKeyboardTracking(False)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitExposed(page)
    made.setFocus()
    made.selectAll()
    yield made
    page.hide()


@pytest.mark.parametrize(("text", "number"), READ)
def test_a_whole_number_is_read_as_it_is_written(box: WholeNumberBox, text: str, number: int) -> None:
    box.lineEdit().insert(text)
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert (box.value(), box.text(), box.reason) == (number, str(number), "")


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_refused_with_the_reason(box: WholeNumberBox, text: str, qtbot: QtBot) -> None:
    reasons: list[str] = []
    box.judged.connect(reasons.append)
    box.lineEdit().setText(text)
    box.lineEdit().textEdited.emit(text)
    assert box.reason
    QTest.keyClick(box, Qt.Key.Key_Return)
    assert box.value() == 7
    assert box.text() == text  # it can be mended
    assert reasons == [box.reason]
    box.clearFocus()
    assert (box.value(), box.text()) == (7, "7")


def test_the_arrows_still_count(box: WholeNumberBox) -> None:
    QTest.keyClick(box, Qt.Key.Key_Up)
    assert box.value() == 8


def test_the_go_to_dialog_is_not_accepted_with_a_refused_text(qtbot: QtBot) -> None:
    dialog = GoToDialog("update", 0, 3, 9000)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.show()
    QTest.keyClicks(dialog.field, "1.000")
    assert not dialog.accepting.isEnabled()
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.isVisible()
    dialog.field.selectAll()
    QTest.keyClicks(dialog.field, "1 000")
    QTest.keyClick(dialog.field, Qt.Key.Key_Return)
    assert dialog.number == 1000
    assert not dialog.isVisible()


@pytest.mark.parametrize(("text", "seed"), [("1 000", 1000), ("1e3", 1000), ("007", 7)])
def test_a_seed_is_read(qtbot: QtBot, text: str, seed: int) -> None:
    dialog = SeedDialog(1, with_data=False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.field.setText(text)
    assert dialog.reset.isEnabled()
    assert dialog.seed == seed


@pytest.mark.parametrize("text", ["0,5", "5_1", "-1", "1.000", "4294967296", ""])
def test_a_seed_is_refused_with_the_reason(qtbot: QtBot, text: str) -> None:
    dialog = SeedDialog(1, with_data=False)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    hint = dialog.words.text()
    dialog.field.setText(text)
    assert not dialog.reset.isEnabled()
    assert dialog.words.text() not in ("", hint)
    dialog.field.setText("5")
    assert dialog.words.text() == hint


@pytest.mark.parametrize(("text", "rate"), [("0,5", 0.5), ("0·332", 0.332), ("1e-3", 0.001), ("1/4", 0.25)])
def test_a_rate_is_read(qtbot: QtBot, text: str, rate: float) -> None:
    field = RateField()
    qtbot.addWidget(field)
    changed: list[float] = []
    field.changed.connect(changed.append)
    field.setText(text)
    field.setModified(True)
    field.editingFinished.emit()
    assert changed == [rate]


def test_a_refused_rate_says_why(qtbot: QtBot) -> None:
    field = RateField()
    qtbot.addWidget(field)
    field.setText("5_1")
    field.setModified(True)
    field.editingFinished.emit()
    assert field.is_wrong
    assert field.toolTip() == (
        "“5_1” is not a number: an underscore is no part of a number; write the digits without it. "
        "The learning rate is still 1.0."
    )
