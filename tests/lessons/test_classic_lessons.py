"""The classic worked examples: each prints what its page prints, and trains to where the page arrives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from vocabulary import trainer_of

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import choose_convention, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.data_measures import MEASURES
from nnviz.engine.passes import predict
from nnviz.engine.training import train_epochs
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.present.core.printed import EXACT, LATER, matches
from nnviz.present.words.lesson_notes import lesson_notes
from nnviz.present.words.printed_places import go_to_place

CLASSICS = ("mazur", "two-step-rnn", "nine-lines", "eleven-lines", "micrograd-neuron")


@pytest.mark.parametrize("name", CLASSICS)
def test_every_printed_figure_is_the_pass(name: str) -> None:
    lesson = load(name)
    found = list(verdicts(lesson))
    assert len(found) == len(lesson.printed) + 2
    assert [verdict.text for verdict in found if verdict.failed] == []
    assert all(verdict.text.endswith(": exact") for verdict in found[: len(lesson.printed)])
    assert "Classic examples" in lesson.topics


def test_a_figure_of_another_run_says_which_and_where_it_is_shown() -> None:
    lesson = load("mazur")
    figure = next(each for each in lesson.printed if each.value == "0.291027924")
    assert (figure.update, figure.convention) == (1, (("update", "sequential"),))
    found = 'loss after 1 update, with update = "sequential" = 0.291027924 (the first round): exact'
    assert any(found in verdict.text for verdict in verdicts(lesson))
    note = next(each for each in lesson_notes(lesson).figures if each.value == figure.value)
    assert (note.state, note.verdict) == (LATER, 'holds after 1 update, with update = "sequential"')
    there = go_to_place(start_session(lesson), note.place)
    assert (there.checkpoint.update, there.convention.update) == (1, "sequential")
    assert there.step is not None
    (match,) = matches(there, there.step)
    assert (match.figure, match.state) == (figure, EXACT)
    # A pass that is reached in another order is not the page's.
    other = go_to_update(start_session(lesson), 1)
    changed = choose_convention(other, other.convention.with_choices(figure.convention))
    for session in (other, changed):
        step = go_to(session, there.position).step
        assert step is not None
        assert figure not in [each.figure for each in matches(session, step)]


def test_an_epoch_is_a_number_of_updates() -> None:
    lesson = load("koehn", ('printed=[{quantity="rmse",epoch=3,value="0.4"},{quantity="mean_loss",value="0.4"}]',))
    assert [each.update for each in lesson.printed] == [12, 0]


def test_measures_are_those_of_all_examples() -> None:
    lesson = load("softmax-deep")
    network, data = lesson.network, lesson.dataset
    y, t = predict(network, data.inputs), data.targets
    measured = {name: measure(network, data) for name, measure in MEASURES.items()}
    assert measured["mean_absolute_error"] == pytest.approx(np.abs(y - t).sum() / t.size, abs=1e-15)
    assert measured["rmse"] == pytest.approx(math.sqrt(float(((y - t) ** 2).sum()) / t.size), abs=1e-15)
    assert measured["mean_loss"] == pytest.approx(-float((t * np.log(y)).sum()) / len(data), rel=1e-12)
    assert measured["accuracy"] == np.mean(y.argmax(-1) == t.argmax(-1))


@pytest.mark.parametrize(
    ("figure", "field", "message"),
    [
        ('quantity="loss",epoch=1,update=1', "epoch", "given beside `update`; give one of them"),
        ('quantity="rmse",unit=1', "unit", "rmse is a number of all examples and has no unit; leave it out"),
        ('quantity="loss",update=-1', "update", "-1 is not in the range 0 to 1000000"),
        ('quantity="loss",convention={update="x"}', "convention.update", "'x' is not one of simultaneous, sequential"),
    ],
)
def test_a_figure_of_no_run_is_refused(figure: str, field: str, message: str) -> None:
    with pytest.raises(LessonError) as caught:
        load("koehn", (f'printed=[{{{figure},value="0.4"}}]',))
    assert f"printed[1].{field}: {message}" in str(caught.value)


def test_the_nine_lines_arrive_at_the_weights_of_the_page() -> None:
    trainer = trainer_of(load("nine-lines"))
    for _ in train_epochs(trainer, 10_000):
        pass
    network = trainer.network()
    assert [f"{weight:.8f}" for weight in network.W[0][:, 0]] == ["9.67299303", "-0.20784350", "-4.62963669"]
    assert f"{predict(network, np.array([[[1.0, 0.0, 0.0]]])).item():.8f}" == "0.99993704"


@pytest.mark.parametrize(
    ("order", "after_one", "outputs"),
    [
        ("simultaneous", "0.291027774", ["0.015913620", "0.984064274"]),
        ("sequential", "0.291027924", ["0.015912196", "0.984065734"]),
    ],
)
def test_mazurs_page_has_figures_of_two_update_orders(order: str, after_one: str, outputs: list[str]) -> None:
    lesson = load("mazur", (f'convention.update="{order}"',))
    assert f"{start_session(lesson, update=1).record.loss.item():.9f}" == after_one
    a = start_session(lesson, update=10_000).record.a[-1]
    assert [f"{each:.9f}" for each in a[0, 0]] == outputs


def test_mazurs_last_error_is_that_of_the_ten_thousandth_pass() -> None:
    losses = [start_session(load("mazur"), update=update).record.loss.item() for update in (9_999, 10_000)]
    assert [f"{loss:.10f}" for loss in losses] == ["0.0000351085", "0.0000351019"]
