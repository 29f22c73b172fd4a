"""`nnviz train`: Krzemiński's curves, overrides, the file it writes, and a run that overflows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from vocabulary import RUNAWAY

from nnviz.cli import main

# Computed by an independent program from the document's formulas: the loss of some epochs (from 0), the last weights.
KRZEMINSKI: list[tuple[str, int, dict[int, float], list[Any], list[Any]]] = [
    (
        "krzeminski-sgd",
        0,
        {
            0: 0.1583221757153639,
            1: 0.15652620969420755,
            10: 0.142762090134487,
            100: 0.1266536131568952,
            1000: 0.12657584742752628,
            9999: 0.1262259618326062,
        },
        [
            [
                [-0.08542729888063486, -0.15274558226658952, -0.20540702566418065],
                [0.02694329093887094, -0.25919222931180286, 0.09946787097083046],
            ],
            [[-0.24635163871949056], [0.3018062213095144], [0.4560335928583663]],
        ],
        [[-0.5562555262092066, 0.13184577124957597, -0.35107492137911406], [-0.24016585822452804]],
    ),
    (
        "krzeminski-batch",
        0,
        {
            0: 0.15808948930740957,
            1: 0.15622162235729448,
            10: 0.14178356318621066,
            100: 0.12506316079223584,
            1000: 0.12501048996550446,
            9999: 0.0026529776520114513,
        },
        [
            [
                [3.411644683779143, 0.7507574597961295, 5.542848955697687],
                [3.5193847938523355, 0.3717281768885331, 5.491662250956053],
            ],
            [[-7.2910890378728945], [-1.893542099681315], [7.344014639665802]],
        ],
        [[-5.299927935902866, 0.154282480715979, -2.1935652783071435], [-2.2408031154838772]],
    ),
    (
        "krzeminski-sgd",
        1,
        {
            0: 0.15575836957780523,
            1: 0.1544357230040205,
            10: 0.14395145484124125,
            100: 0.12622244488913956,
            1000: 0.12462336072668678,
            9999: 0.002145413484237489,
        },
        [
            [
                [-4.522831785532374, 2.8712751614529477, -5.85416755592632],
                [-0.8703630969578022, -5.3187250328761415, -6.230957852205463],
            ],
            [[6.451909857616363], [5.890557221671942], [-8.33432153896948]],
        ],
        [[3.066109692320582, -1.2012396979978113, 2.15233438114233], [-3.10027971178787]],
    ),
    (
        "krzeminski-batch",
        1,
        {
            0: 0.15554372396173488,
            1: 0.15417854889129937,
            10: 0.14330708725274516,
            100: 0.12501735347166723,
            1000: 0.1236720161434682,
            9999: 0.0019537260802162952,
        },
        [
            [
                [-4.308150361765522, 2.45801412486333, -5.816767444085725],
                [-1.5400810210484737, -5.038006064322521, -6.285103254646245],
            ],
            [[6.639644315553907], [5.207879297004056], [-8.42139869051956]],
        ],
        [[3.736143890544349, -1.0987504442611251, 2.1935986045192752], [-3.273091468583619]],
    ),
]


def trained(capsys: pytest.CaptureFixture[str], *words: str, status: int = 0) -> Any:
    assert main(["train", *words, "--format", "json"]) == status
    return json.loads(capsys.readouterr().out)


def flat(values: Any) -> list[float]:
    return [number for value in values for number in flat(value)] if isinstance(values, list) else [values]


@pytest.mark.parametrize(("lesson", "seed", "losses", "W", "b"), KRZEMINSKI)
def test_krzeminskis_runs_come_out(
    capsys: pytest.CaptureFixture[str], lesson: str, seed: int, losses: dict[int, float], W: list[Any], b: list[Any]
) -> None:
    run = trained(capsys, lesson, "--set", f"network.init.seed={seed}")
    assert (run["format"], run["lesson"], run["epochs"], len(run["loss"])) == (1, lesson, 10000, 10000)
    for epoch, loss in losses.items():
        assert run["loss"][epoch] == pytest.approx(loss, rel=0, abs=1e-9)
    assert flat(run["parameters"]["W"]) == pytest.approx(flat(W), rel=0, abs=1e-7)
    assert flat(run["parameters"]["b"]) == pytest.approx(flat(b), rel=0, abs=1e-7)
    assert run["accuracy"] == (0.5 if losses[9999] > 0.1 else 1.0)
    assert run["seconds"] > 0
    assert "stopped" not in run


def test_the_lesson_says_how_long_unless_told_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    assert trained(capsys, "koehn")["epochs"] == 1000
    assert trained(capsys, "koehn", "--set", "training.epochs=3")["epochs"] == 3
    assert trained(capsys, "koehn", "--set", "training.epochs=3", "--epochs", "4")["epochs"] == 4


def test_no_epochs_leave_everything_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    run = trained(capsys, "koehn", "--epochs", "0")
    assert run["loss"] == []
    assert run["epochs"] == 0
    assert run["parameters"] == {"W": [[[3.0, 2.0], [4.0, 3.0]], [[5.0], [-5.0]]], "b": [[-2.0, -4.0], [-2.0]]}
    assert run["accuracy"] == 1.0


@pytest.mark.parametrize("epochs", ["-1", "two", "1.5", "1e3", "99999999999"])
def test_what_is_no_number_of_epochs_is_refused(capsys: pytest.CaptureFixture[str], epochs: str) -> None:
    assert main(["train", "koehn", "--epochs", epochs]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "--epochs" in told.err
    assert told.err.count("\n") == 1


def test_settings_are_set_one_by_one(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["koehn", "--epochs", "2", "--set", "training.optimizer=adam", "--set", "training.learning_rate=0.5"]
    run = trained(capsys, *words)
    assert run["loss"] != trained(capsys, "koehn", "--epochs", "2")["loss"]


@pytest.mark.parametrize(
    ("assignment", "said"),
    [
        ("training.learning_rte=1", "--set: training.learning_rte: unknown key"),
        ("training.learning_rate=fast", "--set: training.learning_rate: 'fast' is not a number"),
        ("nonsense", "--set: nonsense: not KEY=VALUE"),
    ],
)
def test_a_wrong_setting_is_a_fault(capsys: pytest.CaptureFixture[str], assignment: str, said: str) -> None:
    assert main(["train", "koehn", "--set", assignment]) == 2
    told = capsys.readouterr()
    assert told.err.startswith(said)
    assert told.out == ""


def test_the_table_tells_some_epochs_and_the_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "koehn", "--epochs", "12"]) == 0
    told = capsys.readouterr()
    lines = told.out.splitlines()
    assert lines[0].startswith("koehn: 12 epochs in ")
    assert [line.split()[0] for line in lines[2:6]] == ["epoch", "1", "10", "12"]
    assert lines[3] == "    1  0.040471"
    assert "accuracy 100.0 %" in lines
    assert lines[-4].startswith("W1 = [[3.383718, 2.406226], ")
    assert lines[-1] == "b2 = [−2.087472]"
    assert told.err == ""


@pytest.mark.parametrize("form", ["table", "json"])
def test_the_run_is_written_to_a_file_too(tmp_path: Path, capsys: pytest.CaptureFixture[str], form: str) -> None:
    path = tmp_path / "run.json"
    assert main(["train", "koehn", "--epochs", "3", "--out", str(path), "--format", form]) == 0
    told = capsys.readouterr()
    assert told.err == f"nnviz: wrote the run to {path}\n"
    run = json.loads(path.read_text(encoding="utf-8"))
    assert run["lesson"] == "koehn"
    assert len(run["loss"]) == 3
    if form == "json":
        assert json.loads(told.out) == run
    assert os.listdir(tmp_path) == ["run.json"]


def test_a_file_that_cannot_be_written_is_told_before_training(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # A billion epochs would take hours: the refusal must come first.
    for path, reason in (
        (tmp_path / "missing" / "run.json", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        assert main(["train", "koehn", "--epochs", "1000000000", "--out", str(path)]) == 1
        assert capsys.readouterr().err == f"nnviz: {path}: cannot be written: {reason}\n"
    assert os.listdir(tmp_path) == []


def test_a_run_that_overflows_stops_and_keeps_its_epochs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "away.toml", tmp_path / "run.json"
    path.write_text(RUNAWAY, encoding="utf-8")
    assert main(["train", str(path), "--format", "json", "--out", str(out)]) == 1
    told = capsys.readouterr()
    said = "update 15 (epoch 15): the loss is not finite"
    assert told.err.splitlines()[:2] == [
        f"nnviz: away: training stopped: {said}",
        "nnviz: away: first NaN or infinity: error of output 1: E = ½(t − a⁽¹⁾)² = ½(1 − 6.01039×10¹⁶⁰)² = ∞",
    ]
    run = json.loads(told.out)
    assert run["epochs"] == 14
    assert len(run["loss"]) == 14
    assert run["loss"][0] == 21.25
    assert run["stopped"] == said
    assert json.loads(out.read_text(encoding="utf-8")) == run
    assert main(["train", str(path)]) == 1
    assert capsys.readouterr().out.endswith(f"\nstopped: {said}\n")


def test_parameters_that_are_not_finite_are_still_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "away.toml"
    path.write_text(RUNAWAY.replace("1e10", "1e308"), encoding="utf-8")
    run = trained(capsys, str(path), status=1)
    assert run["loss"] == []
    assert run["parameters"]["W"] == [[["-inf"]]]
    assert "update 1 (epoch 1): a parameter is not finite" in run["stopped"]


def test_an_interrupted_run_is_status_130(tmp_path: Path) -> None:
    code = (
        "import _thread; from nnviz.cli import main; from nnviz.engine.training import Trainer\n"
        "run_epoch = Trainer.run_epoch\n"
        "def interrupted(self):\n"
        "    if self.epoch == 50: _thread.interrupt_main()\n"
        "    return run_epoch(self)\n"
        "Trainer.run_epoch = interrupted\n"
        "raise SystemExit(main(['train', 'koehn', '--epochs', '1000000000', '--out', 'run.json']))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, timeout=60, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (130, "", "")
    assert os.listdir(tmp_path) == []


FLOWERS = Path(__file__).parent.parent / "data" / "csv"
FITTING = (
    *("--set", "network.inputs=4", "--set", 'network.loss="cross_entropy"', "--set", "network.init={seed=1}"),
    *("--set", 'network.layers=[{units=3, activation="softmax"}]', "--epochs", "5"),
)


def test_another_table_is_trained_on_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["koehn", "--data", str(FLOWERS / "d05-quoted.csv"), "--target", "Species", *FITTING]
    assert main(["train", *words, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err == (
        "nnviz: koehn: 12 rows; 4 inputs, 3 classes of Species (setosa, versicolor, virginica); "
        "column 1 is left out: it numbers the rows\n"
    )
    run = json.loads(told.out)
    assert "held_out" not in run
    assert len(run["loss"]) == 5


def test_the_part_held_out_has_a_loss_and_an_accuracy(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["koehn", "--data", str(FLOWERS / "d01-text-class.csv"), *FITTING, "--set", "data.held_out=0.25"]
    assert main(["train", *words, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err.endswith("; 3 rows held out\n")
    held_out = json.loads(told.out)["held_out"]
    assert set(held_out) == {"loss", "accuracy"}
    assert held_out["loss"] > 0
    assert round(3 * held_out["accuracy"], 9) in (0, 1, 2, 3)
    assert main(["train", *words]) == 0
    assert f"held out: loss {held_out['loss']:.6f}, accuracy " in capsys.readouterr().out


def test_a_held_out_loss_is_that_of_a_pass(capsys: pytest.CaptureFixture[str]) -> None:
    from nnviz.engine.training import loss_of
    from nnviz.lessons.catalog import load

    lesson = load("koehn")
    y = 1 / (1 + np.exp(-(lesson_hidden(lesson) @ lesson.network.parameters.W[1] + lesson.network.parameters.b[1])))
    expected = 0.5 * ((y - lesson.dataset.targets[0]) ** 2).sum() / len(lesson.dataset)
    assert loss_of(lesson.network, lesson.dataset) == pytest.approx(expected, rel=1e-12)


def lesson_hidden(lesson: Any) -> Any:
    parameters = lesson.network.parameters
    return 1 / (1 + np.exp(-(lesson.dataset.inputs[0] @ parameters.W[0] + parameters.b[0])))


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--data", "none.csv"], "--data: data.file: none.csv: cannot be read: No such file or directory"),
        (["--data", "/dev/zero"], "--data: data.file: /dev/zero: not a regular file; name a file with the table"),
        (
            ["--data", str(FLOWERS / "d14-label-first.csv")],
            "row 1, the heading, has 5 names, but the rows below it have",
        ),
        (["--data", str(FLOWERS / "d05-quoted.csv"), "--target", "kind", *FITTING], "--target: data.target: "),
        (["--target", "kind"], "--target: data.target: only used with a data file"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused_in_one_line(
    capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["train", "koehn", *words]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1


@pytest.mark.parametrize(
    ("value", "note", "rate"),
    [
        ("0,5", "0,5 is read as 0.5", 0.5),
        ("1,234", "1,234 is read as 1.234; write 1234 for thousands", 1.234),
        ("0·332", "0·332 is read as 0.332", 0.332),
        ("0.332f", "0.332f is read as 0.332", 0.332),
        ("1.000,5", "1.000,5 is read as 1000.5", 1000.5),
        ("½", "½ is read as 0.5", 0.5),
        ("5_1", "5_1 is read as 51", 51.0),  # so TOML has it
    ],
)
def test_a_number_is_set_as_people_write_it_and_said_in_one_line(
    capsys: pytest.CaptureFixture[str], value: str, note: str, rate: float
) -> None:
    words = ["train", "koehn", "--epochs", "1", "--format", "json"]
    assert main([*words, "--set", f"training.learning_rate={value}"]) == 0
    said = capsys.readouterr()
    assert said.err == f"nnviz: --set training.learning_rate: {note}\n"
    assert main([*words, "--set", f"training.learning_rate={rate!r}"]) == 0
    plain = capsys.readouterr()
    assert plain.err == ""
    assert json.loads(said.out)["loss"] == json.loads(plain.out)["loss"]


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("training.learning_rate=0,5,1", "training.learning_rate: “0,5,1” is not a number: its points and commas are"),
        ("training.learning_rate=0.3 5", "training.learning_rate: “0.3 5” is not a number: write one number"),
        ("training.epochs=0,5", "training.epochs: “0,5” is not a whole number"),
        ("training.epochs=1,000", "training.epochs: “1,000” may be 1 or 1000; write 1000 without marks"),
        ("training.update_after=1,5", "training.update_after: “1,5” is not a whole number"),
        ("network.layers[1].b[1]=0,2,5", "network.layers[1].b[1]: “0,2,5” is not a number"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(
    capsys: pytest.CaptureFixture[str], assignment: str, message: str
) -> None:
    assert main(["train", "koehn", "--epochs", "1", "--set", assignment]) == 2
    assert capsys.readouterr().err.startswith(f"--set: {message}")


@pytest.mark.parametrize("assignment", ["title=0,5", "source=1/4", "printed[1].value=0.5"])
def test_a_text_that_looks_like_a_number_stays_a_text(capsys: pytest.CaptureFixture[str], assignment: str) -> None:
    main(["train", "koehn", "--epochs", "1", "--set", assignment])
    assert "is read as" not in capsys.readouterr().err


@pytest.mark.parametrize("text", ["5_1", "1.000", "1,000", "0,5", "1 0", "0·332"])
def test_a_number_of_epochs_is_never_read_as_another(capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["train", "koehn", "--epochs", text]) == 2
    assert "argument --epochs: “" in capsys.readouterr().err


def test_thousands_of_epochs_may_be_parted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "koehn", "--epochs", "1 000"]) == 0
    assert capsys.readouterr().out.startswith("koehn: 1000 epochs")
