"""Runs on the loss plot: which are kept, what they are called, and what is never lost without need."""

from dataclasses import replace

import numpy as np
import pytest

from nnviz.engine.optimizers import Rates
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.present.runs.curve import MOST_KEPT, LossRun
from nnviz.present.runs.measures import ACCURACY, LOSS, REWARD, measure_axis, measure_text, measured, value_at
from nnviz.present.runs.run_book import (
    MOST_RUNS,
    Recipe,
    RunBook,
    add_run,
    begin_run,
    branched,
    change_run,
    clear_runs,
    continue_run,
    grow_run,
    open_book,
    problem_of,
    recipe_of,
    remove_run,
)
from nnviz.present.runs.run_names import OPTIMIZER_TITLES, drawn_runs
from nnviz.present.runs.variants import variants

SGD, BATCH = load("krzeminski-sgd"), load("krzeminski-batch")
NONE = np.zeros(0, dtype=np.int64), np.zeros(0)


def trained(book: RunBook, losses: object, first: int = 1) -> RunBook:
    values = np.asarray(losses, dtype=np.float64)
    return grow_run(book, np.arange(first, first + len(values)), values, *NONE)


def begun(book: RunBook, lesson: Lesson = SGD, settings: TrainingSettings | None = None, upto: int = 0) -> RunBook:
    return begin_run(book, recipe_of(lesson, settings or lesson.training), problem_of(lesson), upto)


def rate(value: float, lesson: Lesson = SGD) -> TrainingSettings:
    return replace(lesson.training, rates=Rates(value))


def names(book: RunBook) -> list[str]:
    return [run.name for run in sorted(drawn_runs(book), key=lambda run: run.number)]


def test_the_documents_two_lessons_are_named_by_what_they_differ_in():
    book = trained(open_book(SGD, SGD.training), [0.3, 0.2])
    assert names(book) == ["after each example"]
    book = trained(begun(book, BATCH), [0.3, 0.1])
    assert names(book) == ["after each example", "batch"]
    assert [run.faint for run in drawn_runs(book)] == [False, True], "the present run is the first"
    assert len({run.series for run in drawn_runs(book)}) == 2


@pytest.mark.parametrize(
    ("lesson", "settings", "name"),
    [
        (SGD, rate(0.5), "rate 0.5"),
        (SGD, rate(1.0), "rate 1"),
        (BATCH, rate(0.5, BATCH), "batch, rate 0.5"),
        (SGD, replace(SGD.training, update_after=3, optimizer="adam"), "after 3 examples, Adam"),
        (SGD, replace(SGD.training, shuffle=True), "shuffled"),
        (load("krzeminski-sgd", ["network.init.seed=7"]), SGD.training, "seed 7"),
        (load("krzeminski-sgd", ['convention.step="uphill"']), SGD.training, "step uphill"),
        (load("krzeminski-sgd", ['convention.frozen=["b1"]']), SGD.training, "b1 frozen"),
        (load("koehn"), SGD.training, "koehn"),
        (SGD, SGD.training, "after each example (2)"),
    ],
)
def test_a_run_is_named_after_its_difference_to_the_first(lesson: Lesson, settings: TrainingSettings, name: str):
    book = trained(open_book(SGD, SGD.training), [0.3, 0.2])
    book = trained(begun(book, lesson, settings), [0.9])
    assert names(book) == ["after each example", name]


def test_settings_changed_on_the_way_are_told():
    book = trained(open_book(SGD, SGD.training), [0.3, 0.2])
    book = trained(continue_run(book, recipe_of(SGD, rate(0.5)), 2), [0.1], first=3)
    assert names(book) == ["after each example, then rate 0.5 from epoch 2"]
    assert drawn_runs(book)[0].losses.tolist() == [0.3, 0.2, 0.1]
    assert continue_run(book, recipe_of(SGD, rate(0.5)), 3).present.recipe == book.present.recipe


def test_a_branch_begins_with_the_curve_that_it_leaves():
    book = trained(open_book(SGD, SGD.training), [0.4, 0.3, 0.2, 0.1])
    book = trained(begun(book, SGD, rate(0.5), upto=2), [0.25], first=3)
    assert [run.losses.tolist() for run in drawn_runs(book)] == [[0.4, 0.3, 0.25], [0.4, 0.3, 0.2, 0.1]]
    assert names(book) == ["after each example", "after each example, then rate 0.5 from epoch 2"]


def test_a_branch_that_changes_nothing_is_the_same_run():
    recipe = recipe_of(SGD, SGD.training)
    changed = replace(recipe, changes=((5, rate(0.5)),))
    assert branched(recipe, SGD.training, 3) == recipe
    assert branched(changed, SGD.training, 3) == recipe
    assert branched(changed, rate(0.5), 5) == changed


def test_the_same_run_again_takes_the_place_of_the_old_one_when_it_is_as_long():
    book = trained(open_book(SGD, SGD.training), [0.3, 0.2, 0.1])
    book = trained(begun(book), [0.3, 0.2])
    assert len(drawn_runs(book)) == 2
    book = trained(book, [0.1], first=3)
    assert [run.losses.tolist() for run in drawn_runs(book)] == [[0.3, 0.2, 0.1]]


def test_a_run_that_only_claims_to_be_the_same_stays():
    book = trained(open_book(SGD, SGD.training), [0.3, 0.2])
    book = trained(begun(book), [0.3, np.nextafter(0.2, 1.0)])
    assert len(drawn_runs(book)) == 2
    named = change_run(trained(open_book(SGD, SGD.training), [0.3]), 1, given="mine")
    assert len(drawn_runs(trained(begun(named), [0.3]))) == 2, "what the user named is not taken away"


def test_the_oldest_run_without_a_name_goes_first():
    book = trained(open_book(SGD, SGD.training), [0.5])
    book = change_run(book, 1, given="  the   first ")
    for count in range(2, MOST_RUNS + 3):
        book = trained(begun(book, SGD, rate(count)), [1.0 / count])
    held = sorted(run.number for run in book.runs)
    assert held == [1, *range(4, MOST_RUNS + 3)]
    assert names(book)[0] == "the first"
    slots = [run.slot for run in book.runs]
    assert sorted(slots) == list(range(MOST_RUNS)), "no two look alike"


def test_runs_on_other_data_are_off_the_plot_and_come_back():
    book = trained(open_book(SGD, SGD.training), [0.5])
    softmax = load("softmax")
    book = begun(book, softmax)
    assert names(trained(book, [1.0])) == ["batch"]
    assert names(trained(begun(book, load("krzeminski-batch")), [0.4])) == ["after each example", "batch"]


def test_renaming_hiding_removing_clearing():
    book = trained(begun(trained(open_book(SGD, SGD.training), [0.5]), BATCH), [0.4])
    assert [run.shown for run in drawn_runs(change_run(book, 1, shown=False))] == [True, False]
    assert names(change_run(change_run(book, 2, given="x"), 2, given="")) == names(book)
    assert names(remove_run(book, 1)) == ["batch"]
    assert remove_run(book, 2).present is book.present
    assert clear_runs(book).kept == ()


def test_a_saved_run_is_kept_under_its_own_name():
    saved = LossRun("", 0, np.arange(1, 4), np.array([3.0, 2.0, 1.0]))
    book = add_run(trained(open_book(SGD, SGD.training), [0.5]), saved, Recipe("koehn"), "overnight")
    assert names(book) == ["after each example", "overnight"]
    assert drawn_runs(book)[1].made == "koehn"


def test_memory_stays_bounded_over_many_epochs():
    book = open_book(SGD, SGD.training)
    for first in range(1, 400_000, 2000):
        epochs = np.arange(first, first + 2000)
        book = grow_run(book, epochs, 1.0 / epochs, epochs, np.full(2000, 0.5))
    curve = book.present.curve
    assert curve.last_epoch == 400_000
    assert len(curve.epochs) <= MOST_KEPT
    assert len(curve.rated) <= MOST_KEPT
    assert (curve.losses == 1.0 / curve.epochs).all()


def test_rates_are_told_once_each():
    book = trained(open_book(SGD, SGD.training), [0.5, 0.4])
    for rated in ([0, 1], [1, 2]):
        book = grow_run(book, *NONE, np.array(rated), np.array(rated) / 4)
    assert book.present.curve.rated.tolist() == [0, 1, 2]
    assert begun(book, upto=1).present.curve.rates.tolist() == [0.0, 0.25]


def test_measures_of_a_run():
    run = LossRun("run", 0, np.array([1, 2]), np.array([0.5, 0.25]), examples=4)
    assert measured(run, REWARD)[1].tolist() == [-2.0, -1.0]
    assert value_at(run, LOSS) == 0.25
    assert value_at(run, REWARD, 1) == -2.0
    assert value_at(run, LOSS, 3) is None
    assert value_at(run, ACCURACY) is None
    assert len(measured(replace(run, examples=0), REWARD)[0]) == 0, "a saved run does not tell how many examples"
    assert [tick.text for tick in measure_axis((run,), REWARD, True).ticks] == [
        "−2.0",
        "−1.8",
        "−1.6",
        "−1.4",
        "−1.2",
        "−1.0",
    ]
    assert [measure_text(LOSS, value, True) for value in (0.12649, 3.27e-6, 0.0, None)] == ["0.126", "3×10⁻⁶", "0", "—"]
    assert [measure_text(REWARD, value, short) for value in (-2346.13,) for short in (False, True)] == [
        "−2346.1",
        "−2346",
    ]


def test_variants_change_one_thing():
    settings = SGD.training
    updates, optimizers, rates = variants(settings, 4)
    assert updates == (("Batch size 4 (all)", replace(settings, update_after="batch")),)
    assert [title for title, _ in optimizers] == [title for name, title in OPTIMIZER_TITLES.items() if name != "sgd"]
    assert [title for title, _ in rates] == ["Learning rate 1", "Learning rate 0.01"]
    assert variants(settings, 1)[0] == (), "one example is the batch"
    assert [title for title, _ in variants(replace(settings, update_after=2), 4)[0]] == [
        "Batch size 1",
        "Batch size 4 (all)",
    ]
