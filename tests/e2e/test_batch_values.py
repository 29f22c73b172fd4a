"""A batch in the values panel, used as a person uses it: rows are clicked, opened and copied while the walk goes on."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from nnviz.present.values.value_lines import LineKind

EXAMPLE, MORE, FEWER, TERM = LineKind.EXAMPLE, LineKind.MORE, LineKind.FEWER, LineKind.TERM


def place_of(window, name, kind, item=None):
    """The line of a quantity in the table."""
    lines = window.main.values.lines()
    for at in range(len(lines)):
        line = lines.line(at)
        if lines.rows[line.row].name == name and line.kind is kind and item in (None, line.item):
            return at
    raise AssertionError((name, kind, item))


def point(window, name, kind, item=None) -> QPoint:
    window.main.show_panel("values")
    window.settle()
    values = window.main.values
    index = values.model().index(place_of(window, name, kind, item), 2)
    values.scrollTo(index)
    return values.visualRect(index).center()


def click_line(window, name, kind, item=None) -> None:
    at = point(window, name, kind, item)
    window.click(window.main.values.viewport(), at)


def told(window, name, kind, item=None) -> str:
    values = window.main.values
    return str(values.model().index(place_of(window, name, kind, item), 2).data())


def test_a_click_on_a_row_steps_that_example_from_the_same_place(open_window):
    window = open_window("krzeminski-batch")
    window.walk(14)
    place, record = window.session.position, window.session.record
    row = told(window, "act1", EXAMPLE, 2)
    click_line(window, "act1", EXAMPLE, 2)
    assert window.session.example == 2
    assert window.session.position == place
    assert window.step == 14
    assert window.session.record.z is record.z  # the same pass, looked at elsewhere
    assert told(window, "act1", EXAMPLE, 2) == row
    assert window.main.values.lines().is_stepped(window.main.values.lines().line(place_of(window, "act1", EXAMPLE, 2)))
    assert window.main.toolbar.example.text().startswith("Example 3")
    window.press("Right")
    assert window.step == 15


def test_the_stepped_row_is_marked_and_the_mark_moves(open_window):
    window = open_window("krzeminski-batch")
    window.walk(6)
    values = window.main.values

    def ringed(item: int) -> bool:
        rect = values.visualRect(values.model().index(place_of(window, "act1", EXAMPLE, item), 0))
        image = values.viewport().grab(rect).toImage()
        above = image.height() // 2 - 9  # the number does not reach so high
        return any(image.pixelColor(x, y).lightness() < 120 for x in range(40) for y in (above, above - 1))

    point(window, "act1", EXAMPLE, 0)
    assert [ringed(item) for item in (0, 1)] == [True, False]
    click_line(window, "act1", EXAMPLE, 1)
    point(window, "act1", EXAMPLE, 0)
    assert [ringed(item) for item in (0, 1)] == [False, True]


def test_the_row_click_pauses_the_player(open_window):
    window = open_window("krzeminski-batch")
    window.walk(5)
    window.press("Space")
    window.wait(lambda: window.controller.player.playing)
    click_line(window, "x", EXAMPLE, 3)
    assert not window.controller.player.playing
    assert window.session.example == 3


def test_a_large_batch_opens_and_closes(open_window):
    window = open_window("softmax")
    window.walk(6)
    values = window.main.values
    count = values.model().rowCount()
    assert told(window, "X", MORE) == "… 1\N{NARROW NO-BREAK SPACE}495 more"
    click_line(window, "X", MORE)
    assert values.model().rowCount() > count + 1490
    click_line(window, "X", EXAMPLE, 1200)
    assert window.session.example == 1200
    assert window.step == 6
    window.press("Right")
    assert window.step == 7
    click_line(window, "X", FEWER)
    assert values.model().rowCount() < 100
    assert told(window, "X", EXAMPLE, 1200)


def test_ctrl_c_copies_the_whole_matrix(open_window):
    window = open_window("krzeminski-batch")
    window.walk(12)
    click_line(window, "act1", LineKind.QUANTITY)
    window.press("Ctrl+C")
    copied = [[float(cell) for cell in line.split("\t")] for line in QGuiApplication.clipboard().text().split("\n")]
    assert copied == window.session.record.z[0][0].tolist()
    click_line(window, "w2", LineKind.QUANTITY)
    values, picked = window.main.values, []

    def pick(menu: QMenu) -> None:
        picked.append(menu.actions()[0].text())
        menu.actions()[0].trigger()
        menu.close()

    at = point(window, "w2", LineKind.QUANTITY)
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, values.viewport().mapToGlobal(at))
    window.during(QApplication.activePopupWidget, pick, lambda: QApplication.sendEvent(values.viewport(), event))
    assert picked[0].startswith("Copy w2 (3, 1)")
    text = QGuiApplication.clipboard().text()
    assert [float(line) for line in text.split("\n")] == window.session.record.parameters.W[1][:, 0].tolist()


def test_enter_steps_the_selected_row(open_window):
    window = open_window("krzeminski-batch")
    window.walk(3)
    values = window.main.values
    values.setFocus()
    values.setCurrentIndex(values.model().index(place_of(window, "y", EXAMPLE, 1), 0))
    window.press("Return")
    assert window.session.example == 1
    assert window.step == 3


def test_a_gradients_terms_come_and_go_with_its_step(open_window):
    window = open_window("krzeminski-batch")
    window.click_grain("Term")
    kinds = set()
    while not window.session.at_end:
        window.press("Shift+Right")
        lines = window.main.values.lines()
        kinds |= {lines.line(at).kind for at in range(len(lines))}
        if any(row.name == "corr_w2" and row.active for row in lines.rows):
            assert place_of(window, "corr_w2", TERM, 0)
    assert {TERM, LineKind.TOTAL, EXAMPLE} <= kinds
    assert MORE not in kinds


def test_the_table_is_read_by_a_screen_reader(open_window):
    window = open_window("krzeminski-batch")
    window.walk(3)
    model, role = window.main.values.model(), Qt.ItemDataRole.AccessibleTextRole
    spoken = [model.index(row, 0).data(role) for row in range(model.rowCount())]
    assert "act1, 4 examples" in spoken
    assert any(words.startswith("act1, example 1, stepped, [0.0776") for words in spoken), spoken
    assert any(words.startswith("act1, example 4, [") for words in spoken)
    assert "lay1, not known yet" in spoken


def test_a_row_click_while_training_pauses_it_first(open_window):
    window = open_window("krzeminski-batch")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.epoch >= 5)
    click_line(window, "x", EXAMPLE, 2)
    window.wait(lambda: window.session.example == 2)
    assert not window.controller.training.running
    assert window.session.checkpoint is window.controller.training.client.checkpoint
