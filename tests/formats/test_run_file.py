"""Saved runs read back: what was written comes back, and everything else is refused in one line."""

import json
from pathlib import Path

import pytest

from nnviz.debugger.training.headless import train_run
from nnviz.formats.runs.run_file import RunFileError, read_run
from nnviz.formats.runs.run_json import run_text
from nnviz.lessons.catalog import load


def test_a_run_comes_back(tmp_path: Path) -> None:
    run = train_run(load("krzeminski-batch"), 20)
    file = tmp_path / "run.json"
    file.write_text(run_text(run), encoding="utf-8")
    saved = read_run(file)
    assert (saved.lesson, saved.losses, saved.accuracy) == ("krzeminski-batch", run.loss, run.accuracy)


WHOLE = {"format": 1, "lesson": "koehn", "loss": [0.5, 0.25], "accuracy": None}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("no JSON", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not a run saved by nnviz train"),
        (json.dumps(WHOLE | {"format": 2}), "format: must be 1, not 2"),
        (json.dumps(WHOLE | {"lesson": 3}), "lesson: must be a text, not 3"),
        (json.dumps(WHOLE | {"loss": []}), "loss: must be a list of numbers, one for each epoch, and not empty"),
        (json.dumps(WHOLE | {"loss": [True]}), "loss: must be a list of numbers, one for each epoch, and not empty"),
        (json.dumps(WHOLE | {"loss": [float("nan")]}), "loss: must be a list of numbers"),
        (json.dumps(WHOLE | {"accuracy": "all"}), "accuracy: must be a number or null"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path: Path, text: str, fault: str) -> None:
    file = tmp_path / "run.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(RunFileError) as refused:
        read_run(file)
    assert str(refused.value).startswith(fault)
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_and_one_that_is_no_text(tmp_path: Path) -> None:
    with pytest.raises(RunFileError, match="cannot be read"):
        read_run(tmp_path / "none.json")
    (tmp_path / "bytes.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RunFileError, match="not JSON"):
        read_run(tmp_path / "bytes.json")


@pytest.mark.parametrize("number", ["1" + "0" * 400, "-1" + "0" * 400, "1e999", "NaN"])
@pytest.mark.parametrize("key", ["loss", "accuracy"])
def test_a_number_that_no_float_holds_is_refused_in_a_line(tmp_path, key, number):
    path = tmp_path / "run.json"
    values = {"loss": "[0.5]", "accuracy": "1"} | {key: f"[{number}]" if key == "loss" else number}
    path.write_text(
        f'{{"format": 1, "lesson": "x", "loss": {values["loss"]}, "accuracy": {values["accuracy"]}}}', encoding="utf-8"
    )
    with pytest.raises(RunFileError, match=f"{key}: must be"):
        read_run(path)
