"""`nnviz train --sweep … --seeds N`: every combination, in processes, as table, CSV and JSON, and Ctrl-C."""

from __future__ import annotations

import csv
import io
import json
import multiprocessing
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from nnviz.cli import OK, REFUSED, main
from nnviz.cli.common import INTERRUPTED
from nnviz.debugger.training.headless import train_run
from nnviz.lessons.catalog import load

pytest.importorskip("joblib")
SWEEP = ["train", "krzeminski-batch", "--epochs", "3", "--sweep", "training.learning_rate=0.1,1", "--seeds", "2"]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_a_sweep_is_the_runs_that_one_would_make_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "sweep.json"
    assert main([*SWEEP, "--jobs", "2", "--format", "csv", "--out", str(out)]) == OK
    told = rows(capsys.readouterr().out)
    assert [(row["training.learning_rate"], row["seed"]) for row in told] == [
        ("0.1", "1"),
        ("0.1", "2"),
        ("1", "1"),
        ("1", "2"),
    ]
    alone = train_run(load("krzeminski-batch", ("training.learning_rate=1", "network.init.seed=2")), 3)
    assert float(told[-1]["loss"]) == alone.loss[-1]
    sweep = json.loads(out.read_text(encoding="utf-8"))
    assert sweep["planned"] == len(sweep["runs"]) == 4
    assert sweep["runs"][3]["settings"] == {"training.learning_rate": "1"}
    assert sweep["runs"][3]["losses"] == list(alone.loss)
    assert multiprocessing.active_children() == []


def test_the_table_has_a_line_for_each_setting(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--jobs", "1", "--until", "epoch == 2", "--sweep", "training.optimizer=sgd,adam", "--out"]
    assert main([*SWEEP, *words, str(tmp_path / "sweep.csv")]) == OK
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split()[:4] == ["training.learning_rate", "training.optimizer", "runs", "median_loss"]
    assert [line.split()[:3] for line in lines] == [
        [rate, name, "2"] for rate in ("0.1", "1") for name in ("sgd", "adam")
    ]
    assert {row["epochs"] for row in rows((tmp_path / "sweep.csv").read_text(encoding="utf-8"))} == {"2"}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["koehn", "--seeds", "3"], "nnviz: --seeds: nothing of koehn is drawn, so that seeds change nothing"),
        (["koehn", "--seeds", "0"], "nnviz: --seeds 0: give at least one seed"),
        (["koehn", "--sweep", "rate"], "nnviz: --sweep 'rate' is not KEY=VALUE,VALUE"),
        (["koehn", "--sweep", "training.learning_rate=1,x"], "--sweep: training.learning_rate: 'x' is not a number"),
    ],
)
def test_a_sweep_of_nothing_is_refused(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", *words]) == REFUSED
    told = capsys.readouterr().err
    assert said in told
    assert len(told.splitlines()) == 1


def test_a_missing_extra_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    assert main(SWEEP) == REFUSED
    assert capsys.readouterr().err == "nnviz: a sweep needs joblib: pip install 'nnviz-debugger[sweep]'\n"


def test_interrupting_keeps_the_runs_that_are_done(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(items: Iterator[object], **_: object) -> Iterator[object]:
        yield next(iter(items))
        raise KeyboardInterrupt

    monkeypatch.setattr("nnviz.cli.sweep_option.with_count", interrupted)
    assert main([*SWEEP, "--jobs", "1", "--format", "csv"]) == INTERRUPTED
    told = capsys.readouterr()
    assert len(rows(told.out)) == 1
    assert told.err == "nnviz: krzeminski-batch: interrupted; 1 of 4 runs are done\n"


def test_a_cluster_of_dask_gives_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    distributed = pytest.importorskip("distributed")
    assert main([*SWEEP, "--jobs", "1", "--format", "csv"]) == OK
    here = [row["loss"] for row in rows(capsys.readouterr().out)]
    with distributed.LocalCluster(n_workers=1, dashboard_address=None) as cluster:
        assert main([*SWEEP, "--cluster", cluster.scheduler_address, "--format", "csv"]) == OK
    assert [row["loss"] for row in rows(capsys.readouterr().out)] == here
