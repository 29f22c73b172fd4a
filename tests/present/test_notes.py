"""What is said about a lesson as a whole."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine.conventions import Convention
from nnviz.lessons.catalog import lesson_names, load
from nnviz.present.words import lesson_notes as notes_module
from nnviz.present.words.lesson_notes import convention_lines, lesson_notes


def test_koehn_tells_how_it_counts_its_figures_and_its_errata() -> None:
    notes = lesson_notes(load("koehn"))
    assert (notes.title, notes.source) == ("XOR by hand", "Philipp Koehn, Neural Machine Translation, 5.7")
    assert notes.conventions == (
        "The error is half the squared difference between target and output, summed over the outputs.",
        "Error terms are minus the derivatives of the error, and changes are added.",
        "A matrix has a row for each neuron: (units, inputs).",
        "The weights are updated after each example.",
    )
    assert [(figure.value, figure.name, figure.where, figure.verdict) for figure in notes.figures] == [
        ("0.7425526", "y", "5.7.2", "matches every printed digit"),
        ("0.03597961", "ΔW₂,₁", "5.7.3 and 5.7.4", "matches every printed digit"),
        ("0.00586666", "ΔW₂,₂", "5.7.3 and 5.7.4", "matches every printed digit"),
    ]
    assert [(erratum.where, erratum.step) for erratum in notes.errata] == [
        ("5.7.4, derivative of the error", "Negative gradient of the loss at y"),
        ("eq. 5.36", "Weighted sum into y"),
        ("5.7.3, formula for delta_1", "Error term of h₁"),
        ("5.7.3, formula for Delta W", "Weight change on x₁ → h₁"),
    ]


def test_the_walkthrough_names_its_three_slips() -> None:
    lines = lesson_notes(load("krzeminski-walkthrough")).conventions
    assert sum("As printed" in line for line in lines) == 3
    assert not any("are added" in line for line in lines), "its cells subtract"


def test_no_lesson_has_a_figure_that_differs_and_every_erratum_of_a_lesson_has_its_step() -> None:
    for name in lesson_names():
        lesson = load(name)
        notes = lesson_notes(lesson)
        states = ["later" if figure.update or figure.convention else "exact" for figure in lesson.printed]
        assert [figure.state for figure in notes.figures] == states, name
        assert all(erratum.place is not None and erratum.step for erratum in notes.errata), name


def test_a_figure_of_another_convention_and_one_that_is_wrong_tell_the_right_value() -> None:
    lesson = load("koehn")
    y, *_ = lesson.printed
    gradient = replace(lesson.printed[1], value="-0.03597961")
    changed = replace(lesson, printed=(replace(y, value="0.75"), gradient))
    figures = lesson_notes(changed).figures
    assert [figure.state for figure in figures] == ["differs", "convention"]
    assert figures[0].verdict == "differs: the correct value is 0.7425526000982021"
    assert figures[1].verdict.startswith("the value with the opposite sign; the value itself is 0.0359796074")


def test_a_figure_of_another_example_says_so() -> None:
    lesson = load("koehn")
    changed = replace(lesson, printed=(replace(lesson.printed[0], example=3, value="0.1"),))
    (figure,) = lesson_notes(changed).figures
    assert figure.name == "y, example 4"


def test_the_figures_of_one_example_share_one_pass(monkeypatch) -> None:
    started = []
    real = notes_module.start_session
    monkeypatch.setattr(notes_module, "start_session", lambda *a, **k: started.append(k["example"]) or real(*a, **k))
    notes = lesson_notes(load("from-scratch"))
    assert len(notes.figures) == 17
    assert len(started) == len(set(started)) == 1 + len({f.example for f in load("from-scratch").printed} - {None, 0})


def test_a_reward_is_told_as_one_and_what_is_frozen_by_name() -> None:
    lines = lesson_notes(load("softmax-as-printed")).conventions
    assert "Error terms are the derivatives of the reward, and changes are added." in lines
    assert "W2 is frozen." in lines
    assert convention_lines(Convention(frozen=("W1", "biases"))) == ("W1, biases are frozen.",)
