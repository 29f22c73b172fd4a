"""An error that nobody foresaw is one line, unless its traceback is asked for."""

from __future__ import annotations

import pytest

from nnviz import cli


def break_list(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("nnviz.lessons.summaries.lesson_summaries", broken)


def test_one_line_and_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    break_list(monkeypatch)
    assert cli.main(["list"]) == cli.FAILED
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "ZeroDivisionError: division by zero" in said


@pytest.mark.parametrize(
    "words",
    [
        ["check", "a\nb\x1b"],
        ["list", "a\nb\x1b"],
        ["find", "a\nb\x1b.toml", "1"],
        ["debug", "a\nb\x1b.nnviz"],
        ["train", "koehn", "--epochs", "1", "--out", "/no/such/a\nb\x1b.json"],
        ["train", "koehn", "--epochs", "1", "--set", "a\nb\x1b"],
        ["train", "koehn", "--epochs", "1", "--data", "a\nb\x1b.csv", "--target", "z"],
        ["a\nb\x1b"],
    ],
)
def test_a_control_character_in_a_name_does_not_split_a_line(
    words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(words) != cli.OK
    said = capsys.readouterr()
    lines = (said.out + said.err).splitlines()
    assert any("a\\nb\\x1b" in line for line in lines)
    assert not any(line.startswith("b") or "\x1b" in line for line in lines)


@pytest.mark.parametrize(
    "words",
    [
        ["train", "koehn", "--epochs", "1", "--out"],
        *(["export", "koehn", "--format", each, "-o"] for each in ("svg", "png", "pdf", "npz")),
        ["export", "koehn-walk", "--format", "pdf", "-o"],
    ],
)
def test_a_full_device_is_named(words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert cli.main([*words, "/dev/full"]) == cli.FAILED
    assert capfd.readouterr().err == "nnviz: /dev/full: cannot be written: No space left on device\n"


def test_the_traceback_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    break_list(monkeypatch)
    monkeypatch.setenv("NNVIZ_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["list"])
