"""A lesson is read back before it replaces a file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nnviz.formats import write_lesson as writing
from nnviz.formats.write_lesson import lesson_difference, write_lesson
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson
from nnviz.lessons.making.lesson_text import lesson_text


@pytest.fixture(scope="module")
def lesson() -> Lesson:
    return load("koehn")


@pytest.mark.parametrize("name", ["softmax", "mazur"])  # mazur has a notation of its own
def test_a_lesson_is_written_and_opens_as_the_same(tmp_path: Path, name: str) -> None:
    path, lesson = tmp_path / "mine.toml", load(name)
    path.write_text("old", encoding="utf-8")
    write_lesson(path, lesson, lesson_text(lesson))
    assert lesson_difference(lesson, load_lesson(path)) == ""
    assert [each.name for each in tmp_path.iterdir()] == ["mine.toml"]


def test_what_does_not_open_as_the_same_replaces_nothing(
    tmp_path: Path, lesson: Lesson, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, text = tmp_path / "mine.toml", lesson_text(lesson)
    path.write_text("old", encoding="utf-8")
    for wrong, reason in (
        (text.replace("[data]", "[dat]"), "data: missing"),
        (text.replace("W = [[", "W = [[1", 1), "its weights differ"),
        ("format =", "Invalid value"),
    ):
        with pytest.raises(OSError, match=reason) as caught:
            write_lesson(path, lesson, wrong)
        assert str(caught.value.filename) == str(path)
        assert "\n" not in str(caught.value)
    monkeypatch.setattr(writing, "load_lesson", lambda _: 1 // 0)
    with pytest.raises(OSError, match="ZeroDivisionError"):
        write_lesson(path, lesson, text)
    assert [each.read_text(encoding="utf-8") for each in tmp_path.iterdir()] == ["old"]


def test_a_difference_is_named(lesson: Lesson) -> None:
    network, data = lesson.network, lesson.dataset
    for other, named in (
        (replace(lesson, title="other"), "its title differs"),
        (replace(lesson, network=network.with_vector(network.parameters.vector * 2)), "its weights differ"),
        (replace(lesson, dataset=replace(data, inputs=data.inputs + 1.0)), "its examples differ"),
        (replace(lesson, held_out=data), "its examples differ"),
        (replace(lesson, notation=load("softmax").notation), "its notation differs"),
        (load("softmax"), "its network differs"),
    ):
        assert lesson_difference(lesson, other) == named
    assert lesson_difference(lesson, replace(lesson, name="other", text="")) == ""
