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


def test_the_traceback_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    break_list(monkeypatch)
    monkeypatch.setenv("NNVIZ_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        cli.main(["list"])
