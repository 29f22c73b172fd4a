"""A format of another JSON type is told as what it is, in a run file and a score file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnviz.formats.runs.run_file import RunFileError, read_run
from nnviz.formats.score_file import ScoreError, read_scores

WRONG = [(None, "null"), (True, "true"), ("1", "'1'"), ([1], "an array"), ({}, "a table"), (1.0, "1.0"), (2, "2")]


@pytest.mark.parametrize(("value", "told"), WRONG)
def test_a_wrong_format_is_told(value: object, told: str, tmp_path: Path) -> None:
    path = tmp_path / "file.json"
    path.write_text(json.dumps({"format": value, "lesson": "koehn", "loss": [1.0], "lessons": {}}), encoding="utf-8")
    with pytest.raises(RunFileError, match=f"^format: must be 1, not {told}$"):
        read_run(path)
    with pytest.raises(ScoreError, match=f"^its format is not 1, but {told}$"):
        read_scores(path)
