"""Networks of a few words: `nnviz train --network`, `--until`, and `nnviz new`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nnviz.cli import FAILED, OK, REFUSED, main
from nnviz.lessons.catalog import load

CSV = Path(__file__).parents[1] / "data" / "csv"
FLOWERS = "petal;sepal;kind\n" + "".join(
    f"{1 + i % 3},{i % 7};{4 + i % 3},{i % 5};{('rose', 'tulip', 'lily')[i % 3]}\n" for i in range(30)
)


@pytest.fixture
def flowers(tmp_path: Path) -> Path:
    """A table with semicolons, decimal commas and classes in words."""
    path = tmp_path / "flowers.csv"
    path.write_text(FLOWERS, encoding="utf-8")
    return path


def test_a_table_is_trained_on_with_what_is_left_out_chosen(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "--network", "2-6-3", "--data", str(flowers), "--epochs", "40", "--set", "data.held_out=0.2"]
    assert main([*words, "--set", "data.scale=standard", "--format", "json"]) == OK
    told = capsys.readouterr()
    run = json.loads(told.out)
    assert (run["epochs"], run["lesson"]) == (40, "flowers")
    assert run["loss"][-1] < 0.2 < run["loss"][0]
    assert set(run["held_out"]) == {"loss", "accuracy"}
    assert run["held_out"]["accuracy"] == 1.0
    assert "30 rows; 2 inputs, 3 classes of kind" in told.err
    assert "2-6-3, tanh softmax; cross_entropy; xavier weights, seed 1; adam at 0.03, batches of 10, 40" in told.err


def test_a_table_with_commas_and_classes_in_words_is_trained_on(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "--network", "4-3", "--data", str(CSV / "d01-text-class.csv"), "--until", "accuracy == 1"]
    assert main([*words, "--format", "json"]) == OK
    told = capsys.readouterr()
    assert json.loads(told.out)["accuracy"] == 1.0
    assert "12 rows; 4 inputs, 3 classes of species (setosa, versicolor, virginica)" in told.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("2-4-1",), "tanh sigmoid; binary_cross_entropy"),
        (("1-4-1", "--data", "sine"), "tanh linear; half_squared"),
        (("2-3", "--data", "spiral"), "2-3, softmax; cross_entropy"),
        (("2-4-4-1", "--activation", "relu"), "relu relu sigmoid; binary_cross_entropy"),
        (("2-4-4-1", "--activation", "relu,sine"), "relu sine sigmoid; binary"),
        (("2-4-1", "--activation", "relu,tanh", "--loss", "hinge"), "relu tanh; hinge"),
        (("3-4-2",), "tanh softmax; cross_entropy"),
    ],
)
def test_what_is_chosen_is_said(words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--network", *words, "--epochs", "1"]) == OK
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train"], "nnviz: name a lesson to train, or the sizes of a network: --network 2-8-1"),
        (["train", "koehn", "--network", "2-1"], "nnviz: --network makes a network of its own, without 'koehn'"),
        (["train", "koehn", "--loss", "hinge"], "nnviz: --loss belongs to --network; in a lesson, use --set network"),
        (["train", "--network", "2"], "nnviz train: argument --network: '2' is not the sizes of a network"),
        (
            ["train", "--network", "2-4-1", "--activation", "tanhh"],
            "--activation: network.layers[1].activation: 'tanhh'",
        ),
        (["train", "--network", "2-4-1", "--activation", "relu,relu,relu"], "--activation: 3 activations for 2 layers"),
        (["train", "--network", "2-4-1", "--loss", "mse"], "--loss: network.loss: 'mse' is not one of"),
        (["train", "--network", "3-4-1", "--data", "spiral"], "--data: data.generator: spiral has 2 inputs"),
        (
            ["train", "--network", "2-4-1", "--data", "spirl"],
            "--data: no file or preset of data has this name",
        ),
        (["train", "--network", "2-1", "--data", "none.csv"], "--data: none.csv: cannot be read"),
        (
            ["train", "koehn", "--until", "los < 1"],
            "nnviz: --until 'los < 1': column 1: unknown name 'los'",
        ),
        (["train", "koehn", "--jobs", "2"], "nnviz: --jobs belongs to a sweep: add --sweep"),
        (["new", "--network", "2-1"], "nnviz new: the following arguments are required: -o/--out"),
        (["new", "-o", "x.tml", "--network", "2-1"], "nnviz: -o x.tml: a lesson file is named NAME.toml"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == REFUSED
    told = capsys.readouterr()
    assert said in told.err
    assert len(told.err.splitlines()) == 1


def test_a_column_that_is_not_there_is_refused(flowers: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--network", "2-6-3", "--data", str(flowers), "--target", "kid"]) == REFUSED
    said = capsys.readouterr().err
    assert "--target" in said
    assert "no column 'kid'; the columns are petal, sepal, kind; did you mean kind?" in said


def test_a_rule_ends_the_run_and_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", "--network", "2-4-1", "--epochs", "2000", "--format", "json"]
    assert main([*words, "--until", "loss < 0.2 and accuracy == 1"]) == OK
    told = capsys.readouterr()
    run = json.loads(told.out)
    assert run["loss"][-1] < 0.2 <= run["loss"][-2]
    assert run["until"] == {"rule": "loss < 0.2 and accuracy == 1", "reached": True}
    assert f"loss < 0.2 and accuracy == 1 holds after {run['epochs']} epochs" in told.err
    assert main(["train", "--network", "2-4-1", "--epochs", "2", "--until", "loss < 0.001"]) == OK
    assert "loss < 0.001 does not hold after 2 epochs" in capsys.readouterr().err


def test_a_run_as_csv_has_a_row_for_each_epoch(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "krzeminski-batch", "--epochs", "2", "--set", "network.init.seed=0", "--format", "csv"]) == OK
    head, first, _ = capsys.readouterr().out.splitlines()
    assert (head, first) == ("epoch,loss", "1,0.15808948930740957")


def test_a_new_lesson_is_checked_and_opens(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "my.toml"
    assert main(["new", "-o", str(path), "--network", "2-4-1", "--activation", "relu", "--title", "Mine"]) == OK
    assert f"wrote the lesson to {path}" in capsys.readouterr().err
    lesson = load(path)
    assert (lesson.title, lesson.network.architecture.sizes) == ("Mine", (2, 4, 1))
    assert lesson.dataset.targets.ravel().tolist() == [0, 1, 1, 0]
    assert main(["check", str(path)]) == OK


def test_a_new_lesson_replaces_a_file_only_if_that_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "my.toml"
    path.write_text("old", encoding="utf-8")
    words = ["new", "-o", str(path), "--network", "2-1"]
    assert main(words) == REFUSED
    assert capsys.readouterr().err == f"nnviz: -o {path}: there is a file of this name; --force replaces it\n"
    assert path.read_text(encoding="utf-8") == "old"
    assert main([*words, "--force"]) == OK
    assert load(path).network.architecture.sizes == (2, 1)


def test_a_new_lesson_has_drawn_examples_where_no_preset_fits(tmp_path: Path) -> None:
    path = tmp_path / "my.toml"
    assert main(["new", "-o", str(path), "--network", "3-4-2"]) == OK
    assert load(path).dataset.inputs.shape == (1, 8, 3)
    assert main(["check", str(path)]) == OK


def test_a_new_lesson_names_a_table_beside_it_and_holds_the_numbers_of_another(flowers: Path, tmp_path: Path) -> None:
    words = ["--network", "2-6-3", "--data", str(flowers), "--set", "data.held_out=0.2", "--set", "data.seed=3"]
    beside, elsewhere = tmp_path / "beside.toml", tmp_path / "other" / "elsewhere.toml"
    elsewhere.parent.mkdir()
    for path in (beside, elsewhere):
        assert main(["new", "-o", str(path), *words]) == OK
    assert 'file = "flowers.csv"' in beside.read_text(encoding="utf-8")
    assert "file" not in elsewhere.read_text(encoding="utf-8").split("[data]")[1]
    one, other = load(beside), load(elsewhere)
    assert one.dataset.inputs.tobytes() == other.dataset.inputs.tobytes()
    assert one.held_out is not None
    assert other.held_out is not None
    assert one.held_out.targets.tobytes() == other.held_out.targets.tobytes()


def test_a_new_lesson_that_cannot_be_written_leaves_the_table(flowers: Path) -> None:
    assert main(["new", "-o", str(flowers.parent / "no" / "my.toml"), "--network", "2-1"]) == FAILED
