"""Finding lessons by name or file, and overriding what they say."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nnviz.lessons.catalog import find_lesson, lesson_names, load, override
from nnviz.lessons.faults import LessonError


def faults(name: str, *assignments: str) -> list[str]:
    with pytest.raises(LessonError) as caught:
        load(name, assignments)
    return str(caught.value).split("\n")


def test_bundled_lessons_are_found_by_name() -> None:
    assert {"koehn", "from-scratch", "krzeminski-sgd", "krzeminski-batch"} <= set(lesson_names())
    assert find_lesson("koehn").name == "koehn.toml"
    assert load("koehn").name == "koehn"


def test_a_file_is_found_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(find_lesson("koehn").read_text(encoding="utf-8"), encoding="utf-8")
    assert find_lesson(path) == path
    assert load(str(path)).name == "mine"


@pytest.mark.parametrize("name", ["koen", "", "a\0b", pytest.param("x" * 5000, id="long"), "no/such/file.toml"])
def test_what_is_neither_names_the_lessons(name: str) -> None:
    (fault,) = faults(name)
    assert (
        "no lesson or file has this name; the lessons are eleven-lines, from-scratch, from-scratch-as-printed, "
        in fault
    )
    assert fault.endswith("; did you mean 'koehn'?") == (name == "koen")


def test_a_folder_is_no_lesson(tmp_path: Path) -> None:
    assert faults(str(tmp_path)) == [f"{tmp_path}: this is a folder; name a lesson file"]


def test_overrides_change_the_lesson() -> None:
    lesson = load(
        "koehn",
        [
            "training.learning_rate=0.5",
            "training.update_after=batch",
            "network.layers[1].activation = tanh",
            "data.inputs[2]=[1, 0.5]",
            'title="two words"',
            "network.init.seed=4",
        ],
    )
    assert lesson.training.rates.learning_rate == 0.5
    assert lesson.training.update_after == "batch"
    assert [layer.activation for layer in lesson.network.architecture.layers] == ["tanh", "sigmoid"]
    assert lesson.dataset.inputs[0, 1].tolist() == [1.0, 0.5]
    assert lesson.title == "two words"
    assert lesson.initializer is not None
    assert lesson.initializer.seed == 4


def test_later_overrides_win() -> None:
    assert load("koehn", ["training.epochs=3", "training.epochs=4"]).training.epochs == 4


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.learning_rate=fast", "training.learning_rate: 'fast' is not a number"),
        ("training.learning_rate=-1", "training.learning_rate: -1.0 is not above 0"),
        ("training.learning_rate=", "training.learning_rate: '' is not a number"),
        ("training.epochs=1\nseed=2", "training.epochs: '1\\nseed=2' is not a whole number"),
        ("training=3", "training: 3 is not a table"),
        ("data.example=4", "data.example: 4 is not in the range 0 to 3; the lesson has 4 examples"),
        ("network.layers[2].W=[[1]]", "network.layers[2].W: W is 1 row of 1, but (inputs, units) = (2, 1) is needed"),
        ("network.layers[1].W[1]=[1]", "network.layers[1].W: row 2 has 2 numbers and row 1 has 1"),
        ("network.layers[3].units=2", "network.layers[3].units: there is no item 3; the lesson has 2 of them"),
        ("none[1]=2", "none[1]: the lesson has no none"),
        ("title.x=1", "title.x: x cannot be set in 'XOR by hand'"),
        ("title[1]=1", "title[1]: there is no item 1; the lesson has 'XOR by hand'"),
        ("title", "title: not KEY=VALUE, such as"),
        ("=1", "not KEY=VALUE, such as"),
        ("a b=1", "a b: not KEY=VALUE, such as"),
        ("a[0]=1", "a[0]: not KEY=VALUE, such as"),
    ],
)
def test_bad_overrides_are_told_of_set(assignment: str, message: str) -> None:
    (fault,) = faults("koehn", assignment)
    if assignment.startswith("network.layers[1].W[1]"):
        # What is wrong is the matrix, of which the override set one row only.
        assert f"network.layers[1].W: {message.partition(': ')[2]}" in fault
    else:
        assert fault.startswith(f"--set: {message}")


def test_unknown_override_is_told_what_may_be_meant() -> None:
    (fault,) = faults("koehn", "training.lerning_rate=1")
    assert fault.startswith("--set: training.lerning_rate: unknown key; known keys are learning_rate, ")
    assert fault.endswith("did you mean 'learning_rate'?")


def test_overrides_that_break_something_else_name_the_files_line() -> None:
    found = faults("koehn", "network.layers[1].units=3")
    assert [text.rpartition("koehn.toml:")[2].split(": ")[1] for text in found] == [
        "network.layers[1].W",
        "network.layers[1].b",
        "network.layers[2].W",
    ]


def test_override_of_text_and_of_tables() -> None:
    text = "a = 1\n[b]\nc = [1, 2]\n"
    tables = tomllib.loads(text)
    expected = {"a": 1, "b": {"c": [1, True], "d": "word"}}
    assert override(text, ["b.c[2]=true", "b.d=word"]) == expected
    assert override(tables, ["b.c[2]=true", "b.d=word"]) == expected
    assert tables == tomllib.loads(text)


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(("training.epochs", "data", "network.layers[1].W", "notation", "data.inputs[1][1]", "x.y")),
    st.text(max_size=20) | st.sampled_from(("[" * 3000, "{}", "[]", "0x" + "f" * 5000, "nan", "1979-05-27")),
)
def test_no_override_gives_a_traceback(key: str, value: str) -> None:
    with suppress(LessonError):
        load("koehn", [f"{key}={value}"])
