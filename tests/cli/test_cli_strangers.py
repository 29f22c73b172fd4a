"""Lesson files as a stranger would write them: every activation, loss and optimizer passes `nnviz check`."""

from __future__ import annotations

from itertools import cycle
from pathlib import Path

import pytest

from nnviz.cli import main
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS

LESSON = """\
format = 1
title = "Five layers of {hidden}, {output} at the end"
source = "a stranger"

[notation]
title = "mine"
delta = "{sign}"
weights = "{orientation}"
[notation.tex]
W = '\\Theta^{{(<l>)}}'
a = ["p", "q", "r", "s", 'y']
delta = '\\varepsilon_<l>'
[notation.code]
W = "Theta<l>"

[network]
inputs = 2
loss = "{loss}"
[network.init]
scheme = "xavier"
seed = 3
generator = "pcg64"
order = "by_layer"
[[network.layers]]
units = 3
activation = "{hidden}"
[[network.layers]]
units = 2
activation = "tanh"
W = [[0.1, -0.2], [0.4, 0.5], [-1, 1.1]]
[[network.layers]]
units = 2
activation = "{hidden}"
b = [0.1, -0.3]
[[network.layers]]
units = 2
activation = "leaky_relu"
[[network.layers]]
units = 2
activation = "{output}"

[data]
file = "points.csv"
example = 4

[convention]
delta = "{sign}"
weights = "{orientation}"
frozen = ["b1", "W3"]

[training]
learning_rate = 0.05
update_after = 3
reduce = "{reduce}"
optimizer = "{optimizer}"
epochs = 4
seed = 7
shuffle = true
momentum = 0.8
beta1 = 0.85
negative_slope = 0.02
"""
POINTS = """\
x1,x2,t1,t2
0.25,-1.5,1,0
1.75,0.5,0,1
-0.5,0.75,1,0
2,-0.25,0,1
0.125,1,0,1
-1,-1,1,0
1.5,2,1,0
"""
# What a logarithm is taken of must be above 0, and for binary cross entropy below 1 too.
SHARES = tuple(name for name, row in ACTIVATIONS.items() if row.limits and set(row.limits) <= {0.0, 1.0})
OUTPUTS = {name: SHARES for name, loss in LOSSES.items() if loss.logarithmic}
COMBINATIONS = [
    (hidden, loss, output) for hidden in ACTIVATIONS for loss in LOSSES for output in OUTPUTS.get(loss, ACTIVATIONS)
]
OPTIMIZER_NAMES = cycle(OPTIMIZERS)
CASES = [(*combination, next(OPTIMIZER_NAMES)) for combination in COMBINATIONS]


def write_lesson(folder: Path, **choices: str) -> Path:
    points = POINTS
    if LOSSES[choices["loss"]].low == -1.0:  # classes of -1 and 1
        points = POINTS.replace(",1,0\n", ",1,-1\n").replace(",0,1\n", ",-1,1\n")
    (folder / "points.csv").write_text(points, encoding="utf-8")
    path = folder / "mine.toml"
    defaults = {"sign": "gradient", "orientation": "inputs_first", "reduce": "mean", "optimizer": "sgd"}
    path.write_text(LESSON.format(**defaults | choices), encoding="utf-8")
    return path


def test_every_combination_is_met_with_every_optimizer() -> None:
    assert {optimizer for *_, optimizer in CASES} == set(OPTIMIZERS)
    assert {output for _, _, output, _ in CASES} == set(ACTIVATIONS)


@pytest.mark.parametrize(("hidden", "loss", "output", "optimizer"), CASES)
def test_a_strangers_lesson_passes_every_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], hidden: str, loss: str, output: str, optimizer: str
) -> None:
    path = write_lesson(tmp_path, hidden=hidden, loss=loss, output=output, optimizer=optimizer)
    status = main(["check", str(path)])
    told = capsys.readouterr()
    assert (status, told.err) == (0, ""), told.out
    assert told.out.splitlines()[-1] == "mine: ok"
    assert "mine: gradients agree" in told.out
    assert "mine: trace agrees" in told.out


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("orientation", ["inputs_first", "units_first"])
@pytest.mark.parametrize("sign", ["gradient", "descent"])
def test_every_format_tells_a_strangers_lesson(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], optimizer: str, orientation: str, sign: str
) -> None:
    choices = {"optimizer": optimizer, "orientation": orientation, "sign": sign, "reduce": "sum"}
    path = write_lesson(tmp_path, hidden="relu", loss="mean_squared", output="linear", **choices)
    for grain in ("pass", "layer", "neuron", "term"):
        for form in ("table", "json", "csv", "markdown", "latex"):
            assert main(["trace", str(path), "--grain", grain, "--format", form, "--update", "5"]) == 0
            told = capsys.readouterr()
            assert told.out
            assert told.err == ""


def test_training_a_strangers_lesson_is_repeatable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_lesson(tmp_path, hidden="sigmoid", loss="cross_entropy", output="softmax", optimizer="adam")
    texts = []
    for _ in range(2):
        assert main(["train", str(path)]) == 0
        texts.append([line for line in capsys.readouterr().out.splitlines() if "epochs in" not in line])
    assert texts[0] == texts[1]
    assert texts[0][2].split()[0] == "1"


def test_a_notation_that_cannot_be_written_is_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_lesson(tmp_path, hidden="relu", loss="squared", output="linear")
    path.write_text(path.read_text(encoding="utf-8").replace("'\\Theta^{(<l>)}'", r'"W\n"'), encoding="utf-8")
    assert main(["trace", str(path)]) == 2
    assert "notation.tex.W: 'W\\n' must be on one line" in capsys.readouterr().err
