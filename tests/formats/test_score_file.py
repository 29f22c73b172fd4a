"""The score file: written and read alike, the other lessons kept, and a spoilt file refused and set aside."""

import json
import sys
from pathlib import Path

import pytest

from nnviz.debugger.state.prediction import Tally
from nnviz.formats.score_file import (
    ScoreError,
    load_score,
    read_scores,
    rename_damaged,
    save_score,
    scores_path,
    write_score,
)

SCORE = (("z", Tally(5, 3, 1, 1)), ("delta", Tally(3, 1, 0, 2)))


def test_no_file_is_no_score(tmp_path):
    assert read_scores(tmp_path / "scores.json") == {}


def test_what_is_written_is_read_and_other_lessons_stay(tmp_path):
    path = tmp_path / "new" / "scores.json"
    write_score(path, "koehn", SCORE)
    write_score(path, "größer", SCORE[:1])
    assert read_scores(path) == {"koehn": SCORE, "größer": SCORE[:1]}
    write_score(path, "koehn", ())
    assert read_scores(path) == {"größer": SCORE[:1]}
    assert json.loads(path.read_text(encoding="utf-8"))["format"] == 1


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "it is not JSON"),
        ("[" * 100_000, "it is not JSON"),
        ("[]", "its format is not 1"),
        ('{"format": 2, "lessons": {}}', "its format is not 1, but 2"),
        ('{"format": 1}', "it has no lessons"),
        ('{"format": 1, "lessons": {"koehn": 3}}', "the score of koehn is not a table"),
        ('{"format": 1, "lessons": {"koehn": {"q": {}}}}', "koehn: q is not a kind of step"),
        ('{"format": 1, "lessons": {"koehn": {"z": {"asked": 1}}}}', "koehn: the counts of z cannot be read"),
        (
            '{"format": 1, "lessons": {"koehn": {"z": {"asked": 1, "first": -1, "later": 1, "revealed": 1}}}}',
            "koehn: the counts of z cannot be read",
        ),
        (
            '{"format": 1, "lessons": {"koehn": {"z": {"asked": 1, "first": 1, "later": 1, "revealed": 1}}}}',
            "koehn: the counts of z do not add up",
        ),
    ],
)
def test_a_spoilt_file_is_refused_in_one_line_and_left_as_it_is(tmp_path, text, reason):
    path = tmp_path / "scores.json"
    path.write_text(text, encoding="utf-8")
    for touch in (lambda: read_scores(path), lambda: write_score(path, "koehn", SCORE)):
        with pytest.raises(ScoreError) as caught:
            touch()
        assert str(caught.value) == reason
    assert path.read_text(encoding="utf-8") == text


def test_bytes_that_are_no_text_are_refused(tmp_path):
    path = tmp_path / "scores.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ScoreError):
        read_scores(path)


def test_a_file_is_set_aside_under_a_name_that_is_free(tmp_path):
    path = tmp_path / "scores.json"
    kept = []
    for text in ("one", "two"):
        path.write_text(text, encoding="utf-8")
        kept.append(rename_damaged(path))
    assert [each.name for each in kept] == ["scores.unread-1.json", "scores.unread-2.json"]
    assert [each.read_text(encoding="utf-8") for each in kept] == ["one", "two"]
    assert not path.exists()


def test_what_goes_wrong_with_the_file_is_told_in_a_line_each(tmp_path):
    path, told = tmp_path / "scores.json", []
    save_score(path, "koehn", SCORE, told.append)
    assert load_score(path, "koehn", told.append) == SCORE
    assert load_score(path, "graph", told.append) == ()
    assert told == []
    path.write_text("{", encoding="utf-8")
    assert load_score(path, "koehn", told.append) == ()
    path.write_text("}", encoding="utf-8")
    save_score(path, "koehn", SCORE, told.append)
    assert read_scores(path) == {"koehn": SCORE}
    (tmp_path / "folder").mkdir()
    save_score(tmp_path / "folder", "koehn", SCORE, told.append)
    assert [line.partition(". ")[2] or line.partition(": ")[0] for line in told] == [
        "It was renamed to scores.unread-1.json.",
        "It was renamed to scores.unread-2.json.",
        "The score cannot be saved",
    ]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems have folders of their own")
def test_scores_are_kept_where_the_system_keeps_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert scores_path() == tmp_path / "nnviz" / "scores.json"
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for no_folder in ("", "relative"):
        monkeypatch.setenv("XDG_CONFIG_HOME", no_folder)
        assert scores_path() == Path(tmp_path, "home", ".config", "nnviz", "scores.json")
