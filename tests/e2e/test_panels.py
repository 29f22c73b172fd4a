"""The Lesson panel and the gradient check as they are used: keys, mouse, tabs, and the step that a click lands on."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTabBar

from nnviz.engine.gradcheck import sample_parameters
from nnviz.gui.docks import is_in_front
from nnviz.gui.views.panels import values_view
from nnviz.gui.views.panels.gradient_view import HINT, MOVING
from nnviz.present.core.palette import load_palette
from nnviz.present.core.voice import voice_of
from nnviz.present.words.gradient_check_text import parameter_quantity, parameter_text
from nnviz.resources import resource_path
from nnviz.tracing.steps import Grain, Kind, Quantity

LARGE = """format = 1
title = "large"
[network]
inputs = 40
[[network.layers]]
units = 60
activation = "tanh"
[[network.layers]]
units = 10
[network.init]
scheme = "xavier"
[data]
inputs = [{inputs}]
targets = [[1, 0, 0, 0, 0, 0, 0, 0, 0, 0]]
"""


def front(window, name: str) -> bool:
    return is_in_front(window.main.panels[name])


def row(window, start: str):
    """The row of the Lesson panel whose spoken text begins so."""
    return next(row for row in window.main.lesson.view.rows() if row.accessibleName().startswith(start))


def spoken(window) -> list[str]:
    return [row.accessibleName() for row in window.main.lesson.view.rows()]


def lit(window) -> list[str]:
    return [row.accessibleName() for row in window.main.lesson.view.rows() if row.lit]


def click_row(window, start: str) -> None:
    found = row(window, start)
    window.main.lesson.view.ensureWidgetVisible(found)
    window.settle()
    window.click(found)


def cells(window, column: int) -> list[str]:
    model = window.main.gradients.view.table.model()
    return [str(model.index(place, column).data()) for place in range(model.rowCount())]


def place_of(window, parameter: str) -> QPoint:
    """The middle of the table's row of a parameter, scrolled into sight."""
    table = window.main.gradients.view.table
    index = table.model().index(cells(window, 0).index(parameter), 0)
    table.scrollTo(index)
    return table.visualRect(index).center()


def checked(window) -> None:
    window.wait(lambda: not window.main.gradients.view.running and window.main.gradients.view.shown() is not None)


# The docks


@pytest.mark.parametrize(("key", "name"), [("Ctrl+H", "health"), ("Ctrl+G", "gradients")])
def test_a_key_brings_a_panel_to_the_front_and_puts_it_away(open_window, key, name):
    window = open_window("koehn")
    assert window.main.panels[name].isHidden()
    before = window.main.panels["numpy"].height()
    window.press(key)
    window.settle()
    assert front(window, name)
    assert not front(window, "values")
    assert window.main.panels[name].height() > 0.3 * window.main.height()
    window.press(key)
    window.settle()
    assert window.main.panels[name].isHidden()
    assert front(window, "lesson")
    assert abs(window.main.panels["numpy"].height() - before) <= 2


def test_the_panels_share_a_place_and_a_tab_brings_each_to_the_front(open_window):
    window = open_window("koehn")
    window.press("L", "Ctrl+G")
    window.settle()
    assert front(window, "gradients")
    assert not front(window, "lesson")
    tabs = next(bar for bar in window.main.findChildren(QTabBar) if bar.count() == 3)
    assert tabs.elideMode() == Qt.TextElideMode.ElideNone
    assert [tabs.tabText(index) for index in range(3)] == ["Values", "Lesson", "Gradient check"]
    window.click(tabs, tabs.tabRect(1).center())
    window.settle()
    assert front(window, "lesson")
    window.press("Ctrl+G")
    window.settle()
    assert front(window, "gradients"), "a panel behind another comes to the front, and is not put away"


def test_the_menu_shows_a_panel_in_front(open_window):
    window = open_window("koehn")
    window.choose_in_menu("View", "Panels", "Gradient check")
    window.settle()
    assert front(window, "gradients")
    checked(window)


@pytest.mark.parametrize("theme", ["light", "dark", "high-contrast"])
def test_the_tabs_stand_as_cards_on_the_windows_ground(open_window, theme):
    window = open_window("koehn", theme=theme)
    window.press("L")
    window.settle()
    palette = load_palette(theme)
    tabs = next(bar for bar in window.main.findChildren(QTabBar) if bar.count() == 2)
    image = tabs.grab().toImage()
    shown, behind = tabs.tabRect(1), tabs.tabRect(0)
    assert image.pixelColor(shown.left() + 12, shown.center().y()).name() == palette.card
    assert image.pixelColor(behind.left() + 4, behind.center().y()).name() == palette.window
    assert {palette.card} <= window.colors(window.main.lesson.view)


def test_nothing_is_compared_while_a_panel_is_not_seen(open_window, monkeypatch):
    window = open_window("koehn")
    window.walk(12)
    assert window.main.gradients.view.shown() is None
    notes = window.main.lesson.view.shown()
    assert notes is not None
    assert window.main.gradients.view.shown() is None
    window.walk(5)
    assert window.main.lesson.view.shown() is notes, "once for a lesson"


def test_the_values_behind_another_panel_are_told_when_they_are_seen(open_window, monkeypatch):
    window = open_window("koehn")
    assert front(window, "lesson"), "what a learner needs first"
    assert not front(window, "values")
    made: list[int] = []
    rows = values_view.value_rows
    monkeypatch.setattr(values_view, "value_rows", lambda session: made.append(session.position) or rows(session))
    window.walk(3)
    assert made == []
    window.main.show_panel("values")
    window.settle()
    assert made == [window.session.position]
    assert window.active_rows == ["h"]
    window.walk(1)
    assert made[-1] == window.session.position


def test_the_key_of_a_panel_in_front_gives_it_the_keyboard_before_it_puts_it_away(open_window):
    window = open_window("koehn")
    window.press("L")
    assert front(window, "lesson")
    assert window.main.panels["lesson"].isAncestorOf(QApplication.focusWidget())
    window.press("L")
    window.settle()
    assert window.main.panels["lesson"].isHidden()
    assert front(window, "values")
    window.press("L")
    window.settle()
    assert front(window, "lesson")


# The Lesson panel


def test_the_lesson_panel_tells_title_source_conventions_figures_and_errata(open_window):
    window = open_window("koehn")
    window.press("L")
    window.settle()
    notes = window.main.lesson.view.shown()
    assert (notes.title, notes.source) == ("XOR by hand", "Philipp Koehn, Neural Machine Translation, 5.7")
    assert spoken(window)[:3] == [
        "0.7425526, y, 5.7.2: matches every printed digit",
        "0.03597961, ΔW₂,₁, 5.7.3 and 5.7.4: matches every printed digit",
        "0.00586666, ΔW₂,₂, 5.7.3 and 5.7.4: matches every printed digit",
    ]
    assert len(spoken(window)) == 7
    assert spoken(window)[4].endswith("the equation has b. It appears at: Weighted sum into y")


def test_a_click_on_a_figure_lands_on_its_step_and_lights_it(open_window):
    window = open_window("koehn")
    window.press("N", "N", "L")
    window.settle()
    assert lit(window) == []
    click_row(window, "0.03597961")
    assert window.session.example == 1
    assert window.chips == ["printed 0.03597961 ✓, 5.7.3 and 5.7.4"]
    assert lit(window) == ["0.03597961, ΔW₂,₁, 5.7.3 and 5.7.4: matches every printed digit"]
    window.press("Right")
    assert lit(window) == ["0.00586666, ΔW₂,₂, 5.7.3 and 5.7.4: matches every printed digit"]
    window.press("N")
    assert lit(window) == []


def test_a_figure_of_the_first_pass_is_found_from_a_later_one_and_from_training(open_window):
    window = open_window("koehn")
    window.press("Ctrl+Down", "L")
    window.settle()
    assert window.session.checkpoint.update == 1
    click_row(window, "0.7425526")
    assert (window.session.checkpoint.update, window.result) == (0, "0.742553")
    window.press("T")
    window.wait(lambda: window.session.checkpoint.update > 0)
    click_row(window, "0.7425526")
    window.wait(lambda: not window.controller.training.running)
    window.wait(lambda: window.session.checkpoint.update == 0)
    assert window.chips == ["printed 0.7425526 ✓, 5.7.2"]


def test_what_is_lit_is_in_sight_when_the_panel_opens_and_when_it_is_resized(open_window):
    window = open_window("krzeminski-walkthrough")
    window.walk(22)
    for size in ((1440, 900), (1024, 700)):
        window.press("L")
        window.settle()
        view = window.main.lesson.view
        found = row(window, "order of the cells")
        assert found.lit == "backward"
        window.wait(lambda view=view, found=found: view.viewport().rect().contains(_middle(view, found)))
        window.press("L")
        window.resize(*size)


def _middle(view, found) -> QPoint:
    return found.mapTo(view.viewport(), found.rect().center())


def test_enter_goes_to_a_figure_and_up_and_down_move_among_them(open_window):
    window = open_window("koehn")
    window.press("L")
    window.settle()
    assert QApplication.focusWidget() is row(window, "0.7425526")
    window.press("Down", "Down", "Up", "Return")
    assert window.chips == ["printed 0.03597961 ✓, 5.7.3 and 5.7.4"]
    window.press("Right")
    assert window.step == 13
    window.press("Escape")
    assert QApplication.focusWidget() is window.main
    window.press("Down")
    assert window.session.grain is Grain.TERM, "the walk has its keys back"


def test_an_erratum_goes_to_the_step_where_it_shows_and_the_card_names_it_there(open_window):
    window = open_window("koehn")
    window.press("L")
    window.settle()
    click_row(window, "eq. 5.36")
    assert window.card.title == "Weighted sum into y"
    assert window.main.card.note.text() == "Known erratum (L)"
    assert lit(window) == [spoken(window)[4]]
    window.press("Right")
    assert window.main.card.note.text() == ""
    assert lit(window) == [spoken(window)[0]]


def test_an_erratum_without_a_place_is_told_without_a_link(open_window, tmp_path: Path):
    text = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    path.write_text(text + '\n[[errata]]\nwhere = "p. 1"\ntext = "A misprint."\n', encoding="utf-8")
    text = path.read_text(encoding="utf-8")
    captions = text.index("[captions]")
    errata = text.index('\n[[errata]]\nwhere = "p. 1"')
    path.write_text(text[:captions] + text[errata:] + "\n" + text[captions:errata], encoding="utf-8")
    window = open_window(path)
    window.walk(3)
    window.press("L")
    window.settle()
    last = row(window, "p. 1: A misprint.")
    assert not last.is_link
    assert last.focusPolicy() == Qt.FocusPolicy.NoFocus
    window.main.lesson.view.ensureWidgetVisible(last)
    window.click(last)
    assert window.step == 3


def test_a_lesson_without_figures_or_errata_says_so(open_window):
    window = open_window("krzeminski-sgd")
    window.press("L")
    window.settle()
    words = [label.text() for label, _ in window.main.lesson.view._labels]
    assert "This lesson has no printed results." in words
    assert "No known errata." in words


def test_a_printed_weight_is_lit_on_the_canvas(open_window):
    window = open_window("from-scratch-as-printed")
    window.press("L")
    window.settle()
    assert all(text.endswith("matches every printed digit") for text in spoken(window)[:17])
    click_row(window, "−0.75870339")
    assert window.session.selection == Quantity(Kind.WEIGHT, 0, 0, 1)
    assert window.card.title == "Weighted sum into a⁽²⁾₁"


def test_figures_of_another_convention_or_that_differ_are_told_with_what_is_right(open_window, tmp_path: Path):
    text = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
    path = tmp_path / "mine.toml"
    wrong = text.replace('value = "0.7425526"', 'value = "0.75"').replace('"0.00586666"', '"-0.00586666"')
    path.write_text(wrong, encoding="utf-8")
    window = open_window(path)
    window.press("L")
    window.settle()
    first, second, third = spoken(window)[:3]
    assert first.startswith("0.75, y, 5.7.2: differs: the correct value is 0.7425526")
    assert second.endswith("matches every printed digit")
    assert third.startswith(
        "−0.00586666, ΔW₂,₂, 5.7.3 and 5.7.4: the value with the opposite sign; the value itself is 0.0058666"
    )
    rows = window.main.lesson.view.rows()
    palette = load_palette("light")
    assert palette.differs in colors_of(rows[0])
    assert palette.matched in colors_of(rows[1])
    assert palette.convention in colors_of(rows[2])


def colors_of(widget) -> set[str]:
    image = widget.grab().toImage()
    return {image.pixelColor(x, y).name() for x in range(image.width()) for y in range(image.height())}


def test_another_lesson_is_told_when_it_is_opened(open_window):
    window = open_window("koehn")
    window.press("L")
    window.settle()
    window.choose("lesson", "XOR, the notebook as printed")
    window.settle()
    assert window.main.lesson.view.shown().title == "XOR, the notebook as printed"
    assert sum(row.is_link for row in window.main.lesson.view.rows()) == 3
    click_row(window, "order of the cells")
    assert window.card.title == "Negative gradient of the loss at lay1₁"


# The gradient check


def test_the_gradients_of_koehn_agree(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    view = window.main.gradients.view
    assert view.shown().headline == "All 9 gradients match the numerical gradients of E."
    assert sorted(cells(window, 0)) == sorted(["W₁₁", "W₁₂", "W₂₁", "W₂₂", "b₁", "b₂", "W₂,₁", "W₂,₂", "b₂,₁"])
    assert cells(window, 1) == cells(window, 2)
    assert not any("≠" in text for text in cells(window, 3))
    assert view.line() == HINT


@pytest.mark.parametrize(
    ("lesson", "headline", "reason"),
    [
        (
            "from-scratch-as-printed",
            "12 of 17 gradients do not match the numerical gradients of J.",
            "derivative is evaluated at the activation",
        ),
        (
            "krzeminski-walkthrough",
            "7 of 13 gradients do not match the numerical gradients of E.",
            "back-propagated through it",
        ),
    ],
)
def test_a_slip_of_the_page_makes_the_check_fail_and_is_named(open_window, lesson, headline, reason):
    window = open_window(lesson)
    window.press("Ctrl+G")
    checked(window)
    told = window.main.gradients.view.shown()
    assert told.headline == headline
    assert any(line.startswith("Why: ") and reason in line for line in told.lines)
    assert cells(window, 3)[0].startswith("≠"), "the worst first"
    assert sum(text.startswith("≠") for text in cells(window, 3)) == int(headline.split()[0])


def test_a_click_on_a_row_lights_the_weight_and_a_second_goes_to_its_step(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    table = window.main.gradients.view.table
    window.click(table.viewport(), place_of(window, "W₂,₁"))
    assert window.session.selection == Quantity(Kind.WEIGHT, 1, 0, 0)
    assert window.picture.edges[1].selected.tolist() == [True, False]
    assert window.main.gradients.view.line().startswith(
        "∂E/∂W₂,₁: gradient −0.035980 · central difference −0.035980 · relative error "
    )
    window.click(table.viewport(), place_of(window, "W₂,₁"))
    assert window.session.selection == Quantity(Kind.WEIGHT, 1, 0, 0), "a second click does not unlight it"
    QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place_of(window, "W₂,₁"))
    assert window.card.title == "Weight change on h₁ → y"
    window.click(table.viewport(), place_of(window, "b₂"))
    assert window.session.selection == Quantity(Kind.A, 0, 1)
    assert "∂E/∂b₂:" in window.main.gradients.view.line()


def test_the_table_by_keys(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    names = cells(window, 0)
    window.press("Down")
    assert window.main.gradients.view.line().startswith(f"∂E/∂{names[1]}:")
    window.press("Down", "Return")
    assert window.session.step.quantity.kind in (Kind.DW, Kind.DB)
    assert window.main.gradients.view.line().startswith(f"∂E/∂{names[2]}:")
    window.press("Escape")
    assert QApplication.focusWidget() is window.main


def test_the_parameter_of_the_step_is_the_one_told(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    window.walk(12)
    assert window.main.gradients.view.line().startswith("∂E/∂W₂,₁:")
    table = window.main.gradients.view.table
    assert table.model().index(table.currentIndex().row(), 0).data() == "W₂,₁"
    window.press("Right")
    assert window.main.gradients.view.line().startswith("∂E/∂W₂,₂:")


def test_the_columns_sort(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    header = window.main.gradients.view.table.horizontalHeader()

    def title(column: int) -> QPoint:
        return QPoint(header.sectionViewportPosition(column) + header.sectionSize(column) // 2, header.height() // 2)

    window.click(header.viewport(), title(1))
    numbers = [float(text.replace("\N{MINUS SIGN}", "-")) for text in cells(window, 1)]
    assert numbers == sorted(numbers, reverse=header.sortIndicatorOrder() == Qt.SortOrder.DescendingOrder)
    window.click(header.viewport(), title(0))
    assert cells(window, 0)[0] in ("W₁₁", "b₂,₁")


def test_another_pass_is_checked_anew_and_a_step_is_not(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    told, numbers = window.main.gradients.view.shown(), cells(window, 1)
    window.walk(7)
    assert window.main.gradients.view.shown() is told
    window.press("N")
    checked(window)
    assert window.main.gradients.view.shown() is not told
    assert cells(window, 1) != numbers


def test_while_the_weights_move_the_check_waits(open_window):
    window = open_window("koehn")
    window.press("Ctrl+G")
    checked(window)
    window.press("T")
    window.wait(lambda: window.main.gradients.view._headline.text() == MOVING)
    assert cells(window, 0) == []
    window.press("Right")  # a step pauses the training
    checked(window)
    assert not window.controller.training.running
    assert window.main.gradients.view.shown().headline == "All 9 gradients match the numerical gradients of E."


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "large.toml"
    path.write_text(LARGE.format(inputs=[round(0.01 * i, 2) for i in range(40)]), encoding="utf-8")
    return path


def test_of_a_large_network_a_sample_is_checked_and_all_on_request(open_window, large):
    window = open_window(large)
    window.press("Ctrl+G")
    checked(window)
    view = window.main.gradients.view
    assert len(cells(window, 0)) == 200
    assert view._count.text().replace("\N{NARROW NO-BREAK SPACE}", "") == "200 of 3070 compared"
    window.click(view.button)
    assert view.button.text() == "Cancel"
    window.press("Right")
    assert window.step == 1, "the window goes on"
    checked(window)
    assert len(cells(window, 0)) == 3070
    assert (
        view.shown().headline.replace("\N{NARROW NO-BREAK SPACE}", "")
        == "All 3070 gradients match the numerical gradients of E."
    )
    assert not view.button.isVisible()


def test_a_check_of_all_can_be_cancelled(open_window, large):
    window = open_window(large)
    window.press("Ctrl+G")
    checked(window)
    view = window.main.gradients.view
    window.click(view.button)
    window.click(view.button)
    assert not view.running
    assert 200 <= len(cells(window, 0)) < 3070
    assert view.button.text() == "Check all"


def test_a_weight_outside_the_sample_is_checked_when_its_step_is_reached(open_window, large):
    window = open_window(large)
    window.press("Ctrl+G")
    checked(window)
    view, session = window.main.gradients.view, window.session
    architecture = session.record.architecture
    outside = next(index for index in range(3070) if index not in sample_parameters(architecture, 200))
    name = parameter_text(voice_of(session), outside)
    assert name not in cells(window, 0)
    position = session.trace.find(parameter_quantity(architecture, outside))
    window.main.timeline.position_asked.emit(position)
    window.wait(lambda: view.line().startswith(f"∂E/∂{name}:"))
    assert name in cells(window, 0)
    assert len(cells(window, 0)) == 201


# Without eyes


def test_the_panels_speak(open_window):
    window = open_window("krzeminski-walkthrough")
    window.press("L")
    window.settle()
    window.press("Ctrl+G")
    checked(window)
    main = window.main
    assert (main.lesson.view.accessibleName(), main.gradients.view.accessibleName()) == ("Lesson", "Gradient check")
    assert main.gradients.view.accessibleDescription().startswith(
        "7 of 13 gradients do not match the numerical gradients of E. Worst at "
    )
    table = QAccessible.queryAccessibleInterface(main.gradients.view.table)
    spoken_cells = [table.child(index).text(QAccessible.Text.Name) for index in range(table.childCount())]
    assert any(text.startswith("∂E/∂b1₁: gradient 0.028546 · central") for text in spoken_cells)


@pytest.mark.parametrize("size", [(1024, 700), (1440, 900)], ids=["small", "usual"])
@pytest.mark.parametrize("lesson", ["krzeminski-walkthrough", "softmax"])
def test_no_text_of_the_panels_is_cut_off(open_window, size, lesson):
    window = open_window(lesson)
    window.resize(*size)
    window.press("L")
    window.settle()
    for note in window.main.lesson.view.rows():
        assert note.height() >= note.heightForWidth(note.width())
    window.press("Ctrl+G")
    checked(window)
    window.settle()
    view = window.main.gradients.view
    for label in (view._headline, view._reasons, view._line, view._remarks):
        assert label.height() >= label.heightForWidth(label.width())
    table = view.table
    assert sum(table.columnWidth(column) for column in range(4)) <= table.viewport().width()
    assert window.main.size().toTuple() == size
