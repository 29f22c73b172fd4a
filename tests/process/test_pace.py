"""A run at a pace: only what is due is trained, and the run is the same to the last bit."""

from __future__ import annotations

import pytest
from process.test_worker_rates import run_of

from nnviz.lessons.catalog import load
from nnviz.process import worker_run


def test_a_pace_counts_updates_by_the_clock_and_changes_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    lesson = load("krzeminski-sgd")
    free, paced = run_of(lesson, 6), run_of(lesson, 6)
    while free.state == "running":
        free.train(0.005)
    now = worker_run.time.perf_counter()

    def clock() -> float:
        nonlocal now
        now += 1e-6
        return now

    monkeypatch.setattr(worker_run.time, "perf_counter", clock)
    paced.set_pace(2.0)
    paced.train(0.0)
    paced.train(0.0)
    assert paced.trainer.update_count == 1  # the first at once
    for count in range(2, 9):
        now += 0.5
        paced.train(0.0)
        assert paced.trainer.update_count == count
    paced.set_pace(None)
    while paced.state == "running":
        paced.train(0.0)
    assert paced.trainer.update_count == free.trainer.update_count
    assert paced.trainer.checkpoint().parameters.tobytes() == free.trainer.checkpoint().parameters.tobytes()
