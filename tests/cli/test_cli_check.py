"""`nnviz check`: verdicts on printed figures, gradients and traces, and its exit status."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from nnviz.cli import main
from nnviz.engine.activations import ACTIVATIONS, Constants
from nnviz.engine.arrays import FloatArray
from nnviz.formats import verdicts as verdicts_module
from nnviz.formats.verdicts import verdicts
from nnviz.lessons.catalog import lesson_names, load
from nnviz.resources import read_text
from nnviz.tracing.audit import Disagreement
from nnviz.tracing.steps import Grain

KOEHN = read_text("lessons", "koehn.toml")
FIGURE = """
[[printed]]
quantity = "{quantity}"
{place}
value = "{value}"
where = "p. 1"
"""


def lesson_file(folder: Path, text: str, name: str = "mine.toml") -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def with_figure(folder: Path, quantity: str, place: str, value: str) -> str:
    return lesson_file(folder, KOEHN + FIGURE.format(quantity=quantity, place=place, value=value))


def test_koehn_agrees_with_its_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "koehn"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "koehn: printed a 2,1 = 0.7425526 (5.7.2): exact",
        "koehn: printed dW 2,1,1 = 0.03597961 (5.7.3 and 5.7.4): exact",
        "koehn: printed dW 2,1,2 = 0.00586666 (5.7.3 and 5.7.4): exact",
    ]
    assert lines[3].startswith("koehn: gradients agree with central differences, worst relative error ")
    assert lines[3].endswith("(9 of 9 parameters)")
    assert lines[4:] == ["koehn: trace agrees with its operands (44 of 44 steps)", "koehn: ok"]


OPPOSED = """format = 1
title = "z is 0 for an input and for its negative"
[network]
inputs = 1
[[network.layers]]
units = 1
activation = "ACTIVATION"
W = [[0]]
b = [0]
[[network.layers]]
units = 1
activation = "linear"
W = [[1]]
b = [0]
[data]
inputs = [[1], [-1]]
targets = [[1], [-1]]
[training]
update_after = "batch"
"""


@pytest.mark.parametrize(("activation", "corners"), [("relu", 2), ("leaky_relu", 2), ("tanh", 0)])
def test_a_corner_is_not_a_wrong_gradient(
    activation: str, corners: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # relu: by w the loss falls with slope -1 on both sides of 0, while dE/dw = sum (y - t) f'(0) x = 0; b alike.
    assert main(["check", lesson_file(tmp_path, OPPOSED.replace("ACTIVATION", activation))]) == 0
    told = capsys.readouterr().out
    assert "gradients agree with central differences" in told
    assert ("; 2 parameters at a corner (such as relu at 0))" in told) == bool(corners)
    assert told.endswith("mine: ok\n")


def test_without_arguments_every_bundled_lesson_is_checked(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check"]) == 0
    told = capsys.readouterr().out.splitlines()
    assert [line for line in told if line.endswith(": ok")] == [f"{name}: ok" for name in lesson_names()]


def test_a_figure_that_differs_is_a_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = with_figure(tmp_path, "a", "layer = 2\nunit = 1\nexample = 1", "0.7425527")
    assert main(["check", path]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "mine: printed a 2,1 = 0.7425527 (p. 1): differs; the pass gives 0.7425526000982021" in lines
    assert lines[-1] == "mine: 1 failure"


def test_a_figure_of_another_convention_is_told_and_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_figure(tmp_path, "delta", "layer = 2\nunit = 1\nexample = 1", "-0.049216")
    assert main(["check", path]) == 0
    assert (
        "mine: printed delta 2,1 = -0.049216 (p. 1): equals the value with the opposite sign; "
        "the value itself is 0.04921576534979593" in capsys.readouterr().out
    )


def test_a_figure_of_another_example_is_compared_with_that_example(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = with_figure(tmp_path, "delta", "layer = 1\nunit = 2\nexample = 3", "0.07313915")
    assert main(["check", path]) == 0
    assert "mine: printed delta 1,2 example 3 = 0.07313915 (p. 1): exact" in capsys.readouterr().out


def test_a_figure_of_the_loss_has_no_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", with_figure(tmp_path, "loss", "", "0.0331396")]) == 0
    assert "mine: printed loss = 0.0331396 (p. 1): exact" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("choice", "why"),
    [
        ('slope = "derivative_of_a"', 'slope = "derivative_of_a"'),
        ('slope = "product_of_z"', 'slope = "product_of_z"'),
        ('update = "sequential"', 'update = "sequential"'),
    ],
)
def test_a_convention_that_is_not_exact_is_told_honestly_and_is_no_failure(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], choice: str, why: str
) -> None:
    text = KOEHN.split("[[printed]]")[0].replace("\n[convention]\n", f"\n[convention]\n{choice}\n")
    assert main(["check", lesson_file(tmp_path, text)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith(f"mine: gradients are not those of the loss, as expected with {why}: worst relative")
    assert lines[-1] == "mine: ok"


def test_a_wrong_derivative_is_a_failure(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def wrong(z: FloatArray, a: FloatArray, out: FloatArray, constants: Constants) -> None:
        np.multiply(a, 0.2, out)

    monkeypatch.setitem(ACTIVATIONS, "sigmoid", replace(ACTIVATIONS["sigmoid"], slope=wrong))
    assert main(["check", "krzeminski-sgd"]) == 1
    out = capsys.readouterr().out
    assert "krzeminski-sgd: gradients are not those of the loss: worst relative error " in out
    assert "krzeminski-sgd: trace: step " in out
    assert out.splitlines()[-1].startswith("krzeminski-sgd: ")
    assert out.splitlines()[-1].endswith("failures")


def test_steps_that_disagree_are_named_and_the_rest_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def disagree(trace: object, steps: object) -> tuple[Disagreement, ...]:
        return tuple(Disagreement(step, 1.0, 2.0) for step in list(steps)[:5])  # type: ignore[call-overload]

    monkeypatch.setattr(verdicts_module, "audit", disagree)
    told = [verdict.text for verdict in verdicts(load("koehn")) if verdict.failed]
    assert told == [
        "trace: step 0 (W_11 x_1) is 1.0, but its operands give 2.0",
        "trace: step 1 (W_12 x_2) is 1.0, but its operands give 2.0",
        "trace: step 2 (b_1) is 1.0, but its operands give 2.0",
        "trace: 2 more of 44 steps differ from their operands",
    ]


def test_a_large_network_is_checked_by_samples(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = KOEHN.split("[[network.layers]]")[0] + (
        '[network.init]\n[[network.layers]]\nunits = 5000\nactivation = "tanh"\n[[network.layers]]\nunits = 1\n'
        "[data]\ninputs = [[0, 1]]\ntargets = [[1]]\n"
    )
    assert main(["check", lesson_file(tmp_path, text)]) == 0
    out = capsys.readouterr().out
    assert "(400 of 20001 parameters" in out
    assert "(20000 of " in out


def test_an_audited_sample_is_evenly_spread(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def note(trace: object, steps: object) -> tuple[Disagreement, ...]:
        seen.extend(step.index for step in steps)  # type: ignore[attr-defined]
        return ()

    monkeypatch.setattr(verdicts_module, "audit", note)
    monkeypatch.setattr(verdicts_module, "MOST_STEPS", 11)
    list(verdicts(load("koehn")))
    assert seen == [0, 4, 8, 12, 16, 20, 24, 28, 32, 36, 40]
    assert Grain.TERM.word == "term"


def test_every_fault_of_a_file_is_told_and_the_other_lessons_still_checked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = lesson_file(tmp_path, KOEHN.replace('"sigmoid"', '"sigmoids"').replace("inputs = 2", "inputs = 0"))
    assert main(["check", path, "koehn"]) == 1
    told = capsys.readouterr()
    faults = told.err.splitlines()
    assert len(faults) == 3
    assert all(fault.startswith(f"{path}:") for fault in faults)
    assert "network.layers[1].activation: 'sigmoids' is not one of" in told.err
    assert "did you mean 'sigmoid'?" in told.err
    lines = told.out.splitlines()
    assert lines[0] == f"{path}: 3 faults"
    assert lines[-1] == "koehn: ok"


def test_an_unknown_lesson_is_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "koehm"]) == 1
    told = capsys.readouterr()
    assert "did you mean 'koehn'?" in told.err
    assert told.out == "koehm: 1 fault\n"


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xfe\x00", b"format = ", b"a = 1\na = 2", b"[" * 5000, b"format = 99999999999999999999"]
)
def test_malformed_files_are_never_a_traceback(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    for words in (["check"], ["trace"], ["train"]):
        command = [sys.executable, "-m", "nnviz", *words, str(path)]
        told = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert told.returncode == (1 if words == ["check"] else 2)
        assert told.stderr.startswith(f"{path}:")
        assert "Traceback" not in told.stderr


def test_a_folder_is_no_lesson(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path)]) == 1
    assert "this is a folder" in capsys.readouterr().err


def test_what_was_read_of_a_data_file_is_said(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    lesson = """format = 1
title = "Flowers"
[network]
inputs = 4
loss = "cross_entropy"
[[network.layers]]
units = 3
activation = "softmax"
[network.init]
[data]
file = "flowers.csv"
"""
    flowers = Path(__file__).parent.parent / "data" / "csv"
    (tmp_path / "l.toml").write_text(lesson, encoding="utf-8")
    (tmp_path / "flowers.csv").write_bytes((flowers / "d10-missing.csv").read_bytes())
    assert main(["check", str(tmp_path / "l.toml")]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("l: 12 rows; 4 inputs, 3 targets (a, b, c); 1 row left out: row 5 has no sepal_width\n")
    (tmp_path / "flowers.csv").write_bytes((flowers / "d34-unclosed-quote.csv").read_bytes())
    assert main(["check", str(tmp_path / "l.toml")]) == 1
    told = capsys.readouterr()
    assert told.err.startswith(f"{tmp_path}/l.toml:11: data.file: flowers.csv: row 4 has a quote that is not closed; ")


def test_a_printed_result_with_a_decimal_comma(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    cut = KOEHN[: KOEHN.index("[[printed]]")]
    for value in ("0,7426", "0·7426", "74,26%"):
        figure = f'[[printed]]\nquantity = "a"\nlayer = 2\nunit = 1\nexample = 1\nvalue = "{value}"\n'
        (tmp_path / "k.toml").write_text(cut + figure, encoding="utf-8")
        assert main(["check", str(tmp_path / "k.toml")]) == 0
        assert f"= {value}: exact" in capsys.readouterr().out


def test_a_momentum_above_1_is_taken_with_a_warning(tmp_path, capsys):
    rule = 'optimizer = "momentum"\nmomentum = {}\nlearning_rate'
    unusual, usual = (
        lesson_file(tmp_path, KOEHN.replace("learning_rate", rule.format(momentum), 1), name)
        for momentum, name in ((1.02, "unusual.toml"), (0.9, "usual.toml"))
    )
    warned = "momentum = 1.02 is 1 or more: earlier gradients do not decay, and the velocity may grow without limit"
    assert main(["check", unusual]) == 0
    assert warned in capsys.readouterr().out
    assert main(["train", unusual, "--epochs", "1"]) == 0
    assert warned in capsys.readouterr().err
    assert main(["check", usual]) == 0
    assert "or more" not in capsys.readouterr().out


def test_gradients_of_a_loss_that_is_not_finite_are_not_called_wrong(tmp_path, capsys):
    path = tmp_path / "huge.toml"
    path.write_text(
        'format = 1\ntitle = "huge"\n[network]\ninputs = 1\nloss = "half_squared"\n[[network.layers]]\nunits = 1\n'
        'activation = "linear"\nW = [[1e308]]\nb = [0]\n[data]\ninputs = [[10]]\ntargets = [[1]]\n',
        encoding="utf-8",
    )
    assert main(["check", str(path)]) == 1
    first = capsys.readouterr().out.splitlines()[0]
    assert first == "huge: gradients cannot be compared: a loss or a gradient is not finite (2 of 2 parameters)"
