"""The data file of a lesson: its columns and settings, where it may be, and another one from the command line."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nnviz.lessons.catalog import load
from nnviz.lessons.data_file import OwnData
from nnviz.lessons.faults import LessonError
from nnviz.lessons.loader import load_lesson, parse_lesson

FLOWERS = Path(__file__).parent.parent / "data" / "csv"
LESSON = """format = 1
title = "Flowers"
[network]
inputs = 4
loss = "cross_entropy"
[[network.layers]]
units = 3
activation = "softmax"
[network.init]
seed = 3
[data]
file = "d01-text-class.csv"
"""


def read(more: str = "", text: str = LESSON):
    return parse_lesson(text + more, FLOWERS / "l.toml")


def faults(more: str = "", text: str = LESSON, **settings: object) -> list[str]:
    with pytest.raises(LessonError) as refused:
        parse_lesson(text + more, FLOWERS / "l.toml", **settings)  # type: ignore[arg-type]
    return str(refused.value).replace(f"{FLOWERS}{os.sep}", "").splitlines()


def test_a_class_in_words_becomes_one_output_each():
    lesson = read()
    assert lesson.dataset.inputs.shape == (1, 12, 4)
    assert lesson.dataset.targets[0, [0, 4, 11]].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert lesson.held_out is None
    assert lesson.report == "12 rows; 4 inputs, 3 classes of species (setosa, versicolor, virginica)"
    assert lesson.points == (FLOWERS / "d01-text-class.csv").read_text(encoding="utf-8")


def test_columns_target_scale_and_a_part_held_out():
    text = LESSON.replace("inputs = 4", "inputs = 2")
    lesson = read(
        'columns = ["petal_width", "sepal_length"]\ntarget = "species"\nscale = "minmax"\nheld_out = 0.25\nseed = 5\n',
        text,
    )
    assert lesson.held_out is not None
    assert (len(lesson.dataset), len(lesson.held_out)) == (9, 3)
    assert lesson.dataset.inputs.min(axis=(0, 1)).tolist() == [0, 0]
    assert lesson.dataset.inputs.max(axis=(0, 1)).tolist() == [1, 1]
    other = read('columns = ["petal_width", "sepal_length"]\nheld_out = 0.25\nseed = 6\n', text)
    assert other.held_out is not None
    assert other.held_out.targets.tolist() != lesson.held_out.targets.tolist()


def test_missing_numbers():
    text = LESSON.replace("d01-text-class", "d10-missing")
    assert len(read('missing = "leave_out"\n', text).dataset) == 11
    lesson = read('missing = "mean"\n', text)
    assert len(lesson.dataset) == 12
    assert "1 missing value set to the mean: row 5 sepal_width" in lesson.report


def test_several_target_columns():
    text = LESSON.replace("d01-text-class", "d03-onehot-header")
    assert read('target = ["a", "b", "c"]\n', text).dataset.targets.shape == (1, 12, 3)


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (
            'target = "kind"\n',
            "l.toml:13: data.target: d01-text-class.csv: no column 'kind'; "
            "the columns are sepal_length, sepal_width, petal_length, petal_width, species",
        ),
        (
            'columns = ["sepal_length", "petals", "petal_width", "sepal_width"]\n',
            "l.toml:13: data.columns: d01-text-class.csv: no column 'petals'; the columns are sepal_length, "
            "sepal_width, petal_length, petal_width, species",
        ),
        ("columns = []\n", "l.toml:13: data.columns: empty; at least one is needed"),
        ("target = 4\n", "l.toml:13: data.target: 4 is neither the name of a column nor an array of names"),
        ("target = [4]\n", "l.toml:13: data.target: an array is neither the name of a column nor an array of names"),
        ("held_out = 1\n", "l.toml:13: data.held_out: 1.0 is not from 0 up to, but not including, 1"),
        ("held_out = -0.5\n", "l.toml:13: data.held_out: -0.5 is not from 0 up to, but not including, 1"),
        ('scale = "log"\n', "l.toml:13: data.scale: 'log' is not one of none, standard, minmax"),
        ('missing = "zero"\n', "l.toml:13: data.missing: 'zero' is not one of leave_out, mean"),
        (
            'target = "sepal_width"\n',
            "l.toml:12: data.file: d01-text-class.csv: 4 columns of numbers or classes beside the target "
            "(sepal_length, petal_length, petal_width, species: 3 words), but the network needs 4 inputs; "
            "name the inputs in columns",
        ),
    ],
)
def test_settings_that_do_not_fit(more: str, expected: str):
    (fault,) = faults(more)
    assert fault == expected


def test_settings_of_a_file_without_one():
    text = LESSON.replace('file = "d01-text-class.csv"\n', "inputs = [[1, 2, 3, 4]]\ntargets = [[1, 0, 0]]\n")
    assert faults('scale = "none"\nheld_out = 0.5\n', text) == [
        "l.toml:14: data.scale: only used with a data file",
        "l.toml:15: data.held_out: only used with a data file or a generator",
    ]
    assert faults("seed = 3\n", text) == ["l.toml:14: data.seed: only used with a data file or a generator"]


def test_a_file_elsewhere_is_not_opened(tmp_path: Path):
    (tmp_path / "lesson" / "data").mkdir(parents=True)
    secret = "root:x:0:0:secret,1,2\n"
    (tmp_path / "secret.csv").write_text(secret, encoding="utf-8")
    (tmp_path / "lesson" / "link.csv").symlink_to(tmp_path / "secret.csv")
    (tmp_path / "lesson" / "data" / "fine.csv").write_bytes((FLOWERS / "d01-text-class.csv").read_bytes())
    for name in ("../secret.csv", str(tmp_path / "secret.csv"), "link.csv", "data/../../secret.csv", "/etc/passwd"):
        path = tmp_path / "lesson" / "l.toml"
        path.write_text(LESSON.replace("d01-text-class.csv", name), encoding="utf-8")
        with pytest.raises(LessonError) as refused:
            load_lesson(path)
        message = str(refused.value)
        assert "outside the lesson's folder; copy the file there, or name it on the command line" in message
        assert "root:x" not in message
    for name in ("data/fine.csv", "data/../data/fine.csv", str(tmp_path / "lesson" / "data" / "fine.csv")):
        path.write_text(LESSON.replace("d01-text-class.csv", name), encoding="utf-8")
        assert len(load_lesson(path).dataset) == 12
    # Whoever names a file on the command line may have it anywhere.
    named = load_lesson(path, [f"data.file={FLOWERS / 'd04-index-col.csv'}"])
    assert len(named.dataset) == 12


def test_pipes_and_devices_are_refused_at_once(tmp_path: Path):
    os.mkfifo(tmp_path / "pipe.csv")
    path = tmp_path / "l.toml"
    path.write_text(LESSON.replace("d01-text-class.csv", "pipe.csv"), encoding="utf-8")
    with pytest.raises(LessonError, match=r"pipe\.csv: not a regular file"):
        load_lesson(path)


FITTING = (
    "network.inputs=4",
    'network.loss="cross_entropy"',
    'network.layers=[{units=3, activation="softmax"}]',
    "network.init={seed=1}",
)


def test_other_data_from_the_command_line():
    one = ("network.layers=[{units=1}]", "network.inputs=6", 'network.loss="half_squared"')
    lesson = load("koehn", (*FITTING, *one), OwnData(str(FLOWERS / "d01-text-class.csv"), ("sepal_width",)))
    assert lesson.report == (
        "12 rows; 6 inputs, 1 target (sepal_width); species as 3 inputs (setosa, versicolor, virginica)"
    )


def test_other_data_replace_inputs_generator_and_printed_results():
    own = OwnData(str(FLOWERS / "d05-quoted.csv"))
    for name in ("koehn", "softmax", "softmax-deep"):
        lesson = load(name, FITTING, own)
        assert len(lesson.dataset) == 12
        assert lesson.printed == lesson.errata == ()
        assert lesson.report.startswith("12 rows; 4 inputs, 3 classes of Species")


def test_faults_of_other_data_name_the_option():
    with pytest.raises(LessonError) as refused:
        load("koehn", own=OwnData("/dev/zero"))
    assert str(refused.value) == "--data: data.file: /dev/zero: not a regular file; name a file with the table"
    with pytest.raises(LessonError) as refused:
        load("koehn", FITTING, own=OwnData(str(FLOWERS / "d05-quoted.csv"), ("kind",)))
    assert str(refused.value).startswith("--target: data.target: ")


def test_the_same_lesson_comes_back_from_its_texts():
    lesson = read('held_out = 0.3\nseed = 2\nscale = "standard"\n')
    again = parse_lesson(lesson.text, "elsewhere.toml", (), lesson.points)
    assert again.dataset.inputs.tolist() == lesson.dataset.inputs.tolist()
    assert again.held_out is not None
    assert lesson.held_out is not None
    assert again.held_out.targets.tolist() == lesson.held_out.targets.tolist()
    assert again.report == lesson.report
