"""What is said about a lesson as a whole."""

from __future__ import annotations

from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.notes import lesson_notes


def test_koehn_tells_its_conventions_figures_and_errata() -> None:
    notes = lesson_notes(load("koehn"))
    assert len(notes.conventions) == 2
    assert notes.figures[0] == "0.7425526, 5.7.2: exact to its digits"
    assert all(line.endswith("exact to its digits") for line in notes.figures)
    assert len(notes.errata) == len(load("koehn").errata)
    assert "Where the page is wrong" in notes.text()


def test_the_walkthrough_names_its_three_slips() -> None:
    lines = lesson_notes(load("krzeminski-walkthrough")).conventions
    assert sum("As printed" in line for line in lines) == 3


def test_every_lesson_has_notes_without_a_figure_that_differs() -> None:
    for name in lesson_names():
        assert "differs" not in lesson_notes(load(name)).text(), name
