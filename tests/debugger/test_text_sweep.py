"""A sweep of a lesson's text: what is planned, what is refused, and that each run is the one of the command line."""

from __future__ import annotations

import pytest

from nnviz.debugger.training.headless import train_run
from nnviz.debugger.training.text_sweep import LessonSource, SweepWish, plan_sweep, problem_mark, run_text_job
from nnviz.lessons.catalog import load
from nnviz.lessons.making.lesson_text import lesson_text
from nnviz.process.job_pool import JobError


def jobs_of(name: str, **wish: object):
    lesson = load(name)
    return plan_sweep(SweepWish(**{"epochs": 3, **wish}), lesson, LessonSource(text=lesson_text(lesson), path=name))


def test_a_run_is_the_one_of_the_command_line_in_any_process():
    jobs = jobs_of("krzeminski-batch", key="training.learning_rate", values="0.1, 1, 0.1", seeds=2)
    assert [job.is_check for job in jobs] == [True, True, False, False, False, False]
    found = run_text_job(jobs[-1])
    alone = train_run(load("krzeminski-batch", ("training.learning_rate=1", "network.init.seed=2")), 3)
    assert found.run.loss == alone.loss
    assert (found.seed, found.settings.rates.learning_rate, found.updates) == (2, 1.0, 1)
    assert found.problem == problem_mark(load("krzeminski-batch"))


@pytest.mark.parametrize(
    ("name", "wish", "said"),
    [
        ("koehn", {}, "choose a setting with values, or a number of seeds"),
        ("koehn", {"seeds": 2}, "nothing of this lesson is drawn"),
        ("koehn", {"key": "training.learning_rate", "values": "1,,2"}, "training.learning_rate: a value is missing"),
        (
            "koehn",
            {"key": "training.learning_rate", "values": "1", "until": "los < 1"},
            "stop when los < 1: column 1",
        ),
        ("krzeminski-batch", {"seeds": 1001}, "these are 1001 runs; a sweep has at most 1000"),
    ],
)
def test_a_sweep_that_is_none_is_refused_in_one_line(name, wish, said):
    with pytest.raises(ValueError, match=said) as error:
        jobs_of(name, **wish)
    assert "\n" not in str(error.value)


def test_a_setting_that_the_lesson_does_not_have_is_found_by_its_check():
    check = jobs_of("koehn", key="training.learning_rate", values="1; 0,5; x")[2]
    assert check.choice.settings == (("training.learning_rate", "x"),)
    with pytest.raises(JobError, match=r"^training\.learning_rate: 'x' is not a number"):
        run_text_job(check)
    (unknown, *_) = jobs_of("koehn", key="training.momentu", values="0.5")
    with pytest.raises(JobError, match=r"^training\.momentu: unknown key; did you mean 'momentum'\?$"):
        run_text_job(unknown)
