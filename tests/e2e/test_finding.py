"""Find a number, by keys and mouse: paste, read where it comes from, and go to the step."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from nnviz.debugger.state.session import choose_loss
from nnviz.tracing.steps import Kind, Quantity


def opened(window):
    """The panel, by its key, with the keys in its field."""
    window.press("Ctrl+F")
    view = window.main.finder.view
    window.wait(lambda: QApplication.focusWidget() is view.field)
    return view


def paste(window, view, text: str) -> list[str]:
    """Paste over what stands in the field, as a person does; the sentences, when all has been searched."""
    QGuiApplication.clipboard().setText(text)
    window.press("Ctrl+A", "Ctrl+V")
    return sentences(window, view)


def sentences(window, view) -> list[str]:
    window.wait(lambda: not view.is_searching)
    return [row.text for row in view.list.rows()]


def click_row(window, view, place: int) -> None:
    index = view.list.model().index(place, 0)
    view.list.scrollTo(index)
    window.click(view.list.viewport(), view.list.visualRect(index).center())


def test_a_pasted_number_is_named_and_enter_goes_to_its_step(open_window):
    window = open_window("koehn")
    view = opened(window)
    assert paste(window, view, "0.7425526")[0] == "0.7425526 is the activation y to 7 decimals."
    window.press("Return")
    step = window.session.step
    assert step is not None
    assert step.quantity == Quantity(Kind.A, 1, 0)
    assert window.session.selection == Quantity(Kind.A, 1, 0)
    assert window.result == "0.742553"


def test_what_is_typed_is_looked_for_and_no_key_of_the_walk_is_taken(open_window):
    window = open_window("koehn")
    view = opened(window)
    before = window.session
    QTest.keyClicks(view.field, "t e n p 0.2689")
    assert sentences(window, view) == ["0.2689 is the activation h₂ to 4 decimals, in example 3, (0, 1) → 1."]
    assert window.session is before


def test_a_click_goes_to_another_example(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.2689")
    click_row(window, view, 0)
    window.wait(lambda: window.session.example == 2)
    step = window.session.step
    assert step is not None
    assert step.quantity == Quantity(Kind.A, 0, 1)
    assert sentences(window, view) == ["0.2689 is the activation h₂ to 4 decimals."]  # of the session as it now stands


def test_the_list_is_walked_with_the_keys(open_window):
    window = open_window("koehn")
    view = opened(window)
    rows = paste(window, view, "−0.2574 −0.0492")
    assert rows[0].startswith("Both are values of this pass, with the opposite sign: ")
    window.press("Down", "Down", "Return")
    step = window.session.step
    assert step is not None
    assert step.quantity == Quantity(Kind.DELTA, 1, 0)
    window.press("Up", "Up")
    assert QApplication.focusWidget() is view.field


def test_the_empty_panel_invites_and_its_example_works(open_window):
    window = open_window("koehn")
    view = opened(window)
    rows = sentences(window, view)
    assert rows[-1] == "Try 0.7425526"
    click_row(window, view, 1)
    assert sentences(window, view)[0] == "0.7425526 is the activation y to 7 decimals."


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("nothing here", "The text has no number; paste one or several, such as 0.7426 or [0.036, 0.0059]."),
        ("0.7462", "0.7462 is not a value of this pass."),
    ],
)
def test_what_is_not_found_is_said(open_window, text, line):
    window = open_window("koehn")
    view = opened(window)
    assert paste(window, view, text)[0] == line


def test_a_pasted_matrix_keeps_its_rows(open_window):
    window = open_window("koehn")
    view = opened(window)
    assert paste(window, view, "3 2\n4 3")[0] == "Together they form the matrix W, transposed."


def test_a_new_paste_gives_up_the_search_before(open_window):
    window = open_window("graph-20-50-10")
    view = opened(window)
    QGuiApplication.clipboard().setText("0.123456")
    window.press("Ctrl+V")
    assert view.is_searching
    number = f"{float(window.session.record.z[0][0, 0, 3]):.9f}"
    QGuiApplication.clipboard().setText(number)
    window.press("Ctrl+A", "Ctrl+V")
    shown = number.replace("-", "\N{MINUS SIGN}")
    # what is found is shown before everything has been searched, which takes long on a busy machine
    window.wait(lambda: any(row.text.startswith(shown) for row in view.list.rows()))
    assert not any("0.123456" in row.text for row in view.list.rows())


def test_escape_empties_the_field_and_then_goes_back_to_the_walk(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.7425526")
    window.press("Esc")
    assert view.field.toPlainText() == ""
    assert sentences(window, view)[-1] == "Try 0.7425526"
    window.press("Esc", "Right")
    assert window.session.position > 0


def test_another_lesson_is_searched_for_the_same_number(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.7425526")
    window.controller.open_lesson("krzeminski-batch")
    window.wait(lambda: "is not a value of this pass" in sentences(window, view)[0])


def test_a_number_is_found_while_the_panel_is_behind_another(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.2689")
    window.main.panels["values"].raise_()
    window.settle()
    window.choose("example", "(0, 1)")
    assert not view.is_searching
    opened(window)
    assert sentences(window, view) == ["0.2689 is the activation h₂ to 4 decimals."]


def test_the_mouse_shows_what_can_be_clicked(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.7462")
    viewport = view.list.viewport()
    shapes = []
    for place in range(2):
        QTest.mouseMove(viewport, view.list.visualRect(view.list.model().index(place, 0)).center() + QPoint(1, 0))
        shapes.append(viewport.cursor().shape())
    assert shapes[0] != shapes[1]


def test_the_key_puts_the_panel_away_from_its_field_alone(open_window):
    window = open_window("koehn")
    view = opened(window)
    paste(window, view, "0.7425526")
    window.press("Down", "Ctrl+F")  # from the list back into the field
    assert QApplication.focusWidget() is view.field
    window.press("Ctrl+F")
    assert window.main.panels["find"].isHidden()
    window.press("Right")
    assert window.session.position > 0


def test_a_chosen_convention_is_the_one_that_counts(open_window):
    window = open_window("koehn")
    view = opened(window)
    assert paste(window, view, "0.0662792")[0].endswith("if the error is the square, without the factor ½.")
    window.controller.store.apply(lambda session: choose_loss(session, "squared"))
    assert sentences(window, view)[0] == "0.0662792 is the error E to 7 decimals."
