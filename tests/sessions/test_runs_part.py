"""Session files with the runs of the loss plot: names and curves come back, thinned, or one clear line."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import assert_refused

from nnviz.debugger.edits import apply_edit
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import Session, start_session
from nnviz.engine.optimizers import Rates
from nnviz.lessons.catalog import load
from nnviz.present.runs.curve import LossRun, empty_run
from nnviz.present.runs.run_book import (
    MOST_RUNS,
    PlotRuns,
    Recipe,
    RunBook,
    add_run,
    begin_run,
    change_run,
    continue_run,
    grow_run,
    open_book,
    problem_of,
    recipe_of,
    resume_run,
)
from nnviz.present.runs.run_names import drawn_runs
from nnviz.sessions.fields import SessionError
from nnviz.sessions.runs_part import MOST_POINTS, runs_data
from nnviz.sessions.save import ALL_PARTS, read_session, write_session
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import PARTS, session_data, session_from, session_of_text, session_text
from nnviz.tracing.steps import Kind, Quantity

NONE = np.zeros(0, dtype=np.int64), np.zeros(0)
X = Spot(Quantity(Kind.INPUT, unit=1), 2)


def trained(book: RunBook, losses: object, first: int = 1, rates: object = ()) -> RunBook:
    values, shares = np.asarray(losses, dtype=np.float64), np.asarray(rates, dtype=np.float64)
    return grow_run(book, np.arange(first, first + len(values)), values, np.arange(len(shares)) * 2 + 2, shares)


def again(session: Session, book: RunBook, *of_branches: tuple[int, int]) -> PlotRuns:
    saved = Saved(session, parts={"runs": PlotRuns(book, of_branches)})
    read = session_of_text(session_text(saved, ALL_PARTS), ALL_PARTS)
    assert read.notes == ()
    found = read.parts["runs"]
    assert isinstance(found, PlotRuns)
    return found


def curve(run: LossRun) -> tuple[object, ...]:
    arrays = (run.epochs, run.losses, run.rated, run.rates)
    return (run.name, run.series, run.faint, run.number, run.shown, run.made, *(array.tobytes() for array in arrays))


@pytest.fixture(scope="module")
def session() -> Session:
    return start_session(load("krzeminski-sgd"))


def assert_same(one: RunBook, other: RunBook) -> None:
    assert [curve(run) for run in drawn_runs(one)] == [curve(run) for run in drawn_runs(other)]
    assert [run.recipe for run in one.runs] == [run.recipe for run in other.runs]
    assert [run.given for run in one.runs] == [run.given for run in other.runs]


def test_runs_come_back_with_their_names_curves_and_recipes(session):
    lesson = session.lesson
    book = trained(open_book(lesson, lesson.training), [0.3, 0.1 + 0.2, 1 / 3], rates=[0.5, 0.75])
    faster = replace(lesson.training, rates=Rates(2.0))
    book = continue_run(book, recipe_of(lesson, faster), 3)
    book = trained(book, [0.1, np.nan, np.inf], 4)
    batch = load("krzeminski-batch")
    book = begin_run(book, recipe_of(batch, batch.training), problem_of(batch))
    book = change_run(trained(book, [0.4, 0.3]), 1, given="by hand", shown=False)
    book = add_run(book, LossRun("", 0, np.array([1, 2]), np.array([0.5, 0.25])), Recipe("elsewhere"), "saved")
    assert [run.name for run in drawn_runs(book)] == ["batch", "saved", "by hand"]
    found = again(session, book).book
    assert_same(book, found)
    assert found.present.problem is found.kept[1].problem
    # what goes on from there is told from the same
    assert_same(trained(book, [0.2], 3), trained(found, [0.2], 3))
    assert_same(resume_run(book, 1), resume_run(found, 1))


def test_runs_on_edited_data_come_back_and_those_on_other_examples_do_not(session):
    edited = apply_edit(session, X, 0.5)
    book = trained(open_book(session.lesson, session.training), [0.3, 0.2])
    other = load("from-scratch")
    book = trained(begin_run(book, recipe_of(other, other.training), problem_of(other)), [0.9])
    book = begin_run(book, recipe_of(edited.lesson, edited.training), problem_of(edited.lesson))
    book = trained(book, [0.25])
    found = again(edited, book).book
    assert [run.number for run in found.runs] == [3, 1]
    assert found.present.problem.dataset.inputs.tobytes() == edited.lesson.dataset.inputs.tobytes()
    assert len(drawn_runs(found)) == 1
    back = resume_run(found, 1)
    assert begin_run(back, book.runs[2].recipe, problem_of(session.lesson)).present.problem is back.present.problem


def test_the_runs_of_other_branches_are_known(session):
    book = trained(open_book(session.lesson, session.training), [0.3])
    book = trained(begin_run(book, recipe_of(session.lesson, session.training), problem_of(session.lesson)), [0.2])
    assert again(session, book, (1, 1), (2, 9)).of_branches == ((1, 1),)


def test_a_long_curve_is_thinned_and_the_file_is_bounded(session):
    values = np.abs(np.sin(np.arange(50_000) / 50)) / (1 + np.arange(50_000))
    book = open_book(session.lesson, session.training)
    for rate in range(MOST_RUNS):
        recipe = recipe_of(session.lesson, replace(session.training, rates=Rates(1.0 + rate)))
        book = trained(begin_run(book, recipe, problem_of(session.lesson)), values, rates=values[:9000])
    data = runs_data(Saved(session, parts={"runs": PlotRuns(book)}))
    assert len(data["lines"]) == MOST_RUNS
    assert len(json.dumps(data)) < MOST_RUNS * MOST_POINTS * 80
    found = again(session, book).book.present.curve
    assert len(found.epochs) <= MOST_POINTS
    assert (found.epochs[0], found.last_epoch) == (1, 50_000)
    assert found.losses.max() == book.present.curve.losses.max()
    kept = dict(zip(book.present.curve.epochs.tolist(), book.present.curve.losses.tolist(), strict=True))
    assert all(kept[epoch] == loss for epoch, loss in zip(found.epochs.tolist(), found.losses.tolist(), strict=True))


def test_an_empty_plot_is_no_part(session):
    book = open_book(session.lesson, session.training)
    assert runs_data(Saved(session, parts={"runs": PlotRuns(book)})) is None
    assert runs_data(Saved(session)) is None


def test_the_same_initial_weights_are_told_at_every_start():
    program = (
        "from nnviz.lessons.catalog import load; from nnviz.present.runs.run_book import recipe_of; "
        "lesson = load('koehn'); print(recipe_of(lesson, lesson.training).start)"
    )
    told = {
        subprocess.run(
            [sys.executable, "-c", program], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout
        for seed in ("1", "2")
    }
    lesson = load("koehn")
    assert told == {f"{recipe_of(lesson, lesson.training).start}\n"}


def test_an_nnviz_that_does_not_know_the_part_keeps_it(session, tmp_path):
    book = trained(open_book(session.lesson, session.training), [0.3, 0.2])
    data = session_data(Saved(session, parts={"runs": PlotRuns(book)}), ALL_PARTS)
    older = session_from(json.loads(json.dumps(data)), PARTS)
    assert older.notes == ("kept but not shown, because this version of nnviz does not know it: runs",)
    path = tmp_path / "walk.nnviz"
    path.write_text(session_text(older, PARTS), encoding="utf-8")
    assert_same(read_session(path).parts["runs"].book, book)
    write_session(path, Saved(session, parts={"runs": PlotRuns(book)}))
    assert_same(read_session(path).parts["runs"].book, book)


numbers = st.one_of(st.floats(allow_nan=False), st.sampled_from([np.nan, -np.nan, -0.0, 5e-324]))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.lists(numbers, max_size=12), st.lists(numbers, max_size=4), st.text(max_size=70))),
    st.sampled_from(["krzeminski-sgd", "krzeminski-rnn"]),
)
def test_any_book_comes_back(made, name):
    session = start_session(load(name))
    book = open_book(session.lesson, session.training)
    for losses, rates, given_name in made:
        recipe = recipe_of(session.lesson, replace(session.training, rates=Rates(1.0 + len(book.kept))))
        book = trained(begin_run(book, recipe, problem_of(session.lesson)), losses, rates=rates)
        book = change_run(book, book.present.number, given=given_name)
    if runs_data(Saved(session, parts={"runs": PlotRuns(book)})) is None:
        assert not any(len(run.curve.epochs) for run in book.runs)
        return
    found = again(session, book).book
    assert [curve(run)[1:] for run in drawn_runs(found)] == [curve(run)[1:] for run in drawn_runs(book)]
    printable = ["".join(sign if sign.isprintable() else " " for sign in run.given) for run in book.runs]
    assert [run.given for run in found.runs] == printable


FAULTS = [
    (("problems",), [], "runs.problems: must have 1 to 8 entries, not 0"),
    (("problems", 0, "loss"), "l2", "runs.problems[1].loss: 'l2' is not one of"),
    (("problems", 0, "edits"), [{"kind": "W"}], "runs.problems[1].edits[1].layer: missing"),
    (("lines", 0, "number"), 0, "runs.lines[1].number: must be from 1"),
    (("lines", 0, "slot"), 8, "runs.lines[1].slot: must be from 0 to 7, not 8"),
    (("lines", 0, "problem"), 1, "runs.lines[1].problem: must be from 0 to 0, not 1"),
    (("lines", 0, "name"), "a\nb", "runs.lines[1].name: is not a valid name"),
    (("lines", 0, "shown"), 1, "runs.lines[1].shown: must be true or false"),
    (("lines", 0, "epochs"), [2, 2], "runs.lines[1].epochs: must be increasing"),
    (("lines", 0, "losses"), [0.5], "runs.lines[1].losses: must have 2 entries, not 1"),
    (("lines", 0, "losses"), [0.5, "x"], "runs.lines[1].losses[2]: must be a number"),
    (("lines", 0, "rated"), [1], "runs.lines[1].rates: must have 1 entries, not 0"),
    (("lines", 0, "training", "reduce"), 3, "runs.lines[1].training.reduce: must be a text"),
    (("lines", 0, "convention", "frozen"), ["W0x"], "runs.lines[1].convention.frozen[1]: is not a parameter"),
    (("lines", 0, "changes"), [{"epoch": 1}], "runs.lines[1].changes[1].training: missing"),
    (("lines", 0, "edits"), [1], "runs.lines[1].edits[1]: must be a text"),
    (("lines", 0, "more"), 1, "runs.lines[1].more: unknown"),
    (("branches",), [[1, 7]], "runs.branches[1][2]: is not the number of a run"),
    (("branches",), [1], "runs.branches[1]: must be a list"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_a_mistake_is_one_clear_line(session, path, value, message):
    book = trained(open_book(session.lesson, session.training), [0.3, 0.2])
    data = json.loads(session_text(Saved(session, parts={"runs": PlotRuns(book)}), ALL_PARTS))
    assert_refused(data, ("runs", *path), value, message, ALL_PARTS)


def test_two_runs_of_one_number_are_refused(session):
    book = trained(open_book(session.lesson, session.training), [0.3, 0.2])
    data = session_data(Saved(session, parts={"runs": PlotRuns(book)}), ALL_PARTS)
    data["runs"]["lines"] *= 2
    with pytest.raises(SessionError, match=r"^runs.lines: two of them have the same number$"):
        session_from(json.loads(json.dumps(data)), ALL_PARTS)


def test_an_empty_present_run_beside_a_kept_one_comes_back(session):
    book = trained(open_book(session.lesson, session.training), [0.3, 0.2])
    book = begin_run(book, recipe_of(session.lesson, session.training), problem_of(session.lesson))
    found = again(session, book).book
    assert found.present.curve.last_epoch == empty_run("").last_epoch == 0
    assert_same(book, found)
