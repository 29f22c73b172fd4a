"""Processes for jobs: answers in the order of the jobs, refusals, a process that dies, and an end at any time."""

from __future__ import annotations

import multiprocessing
import time

import pytest

from nnviz.process.job_pool import GONE, JobPool


@pytest.fixture
def pool():
    made = JobPool(eval, ["abs(-1)", "1 // 0", "__import__('os')._exit(3)", "2"], 1)
    yield made
    made.close()


def all_of(pool: JobPool) -> list:
    done = []
    while pool.is_busy:
        done += pool.finished(60.0)
    return done


def test_jobs_are_answered_and_a_process_that_ends_is_noticed(pool):
    done = all_of(pool)
    assert [(each.place, each.answer) for each in done] == [(0, 1), (1, None), (2, None)]
    assert [each.problem for each in done] == ["", "ZeroDivisionError: integer division or modulo by zero", GONE]
    assert not pool.is_done  # the last job has nobody who does it


def test_closing_ends_a_job_in_its_middle():
    pool = JobPool(time.sleep, [3600.0], 1)
    assert pool.finished() == []
    pool.close()
    assert multiprocessing.active_children() == []
