"""`nnviz trace`: Koehn's four rows figure by figure, and the command's choices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from nnviz.cli import main

Row = dict[str, Any]

# Computed by an independent program from the document's formulas, in its signs: delta and the changes point downhill,
# and W is (units, inputs).
KOEHN: list[Row] = [
    {
        "example": 1,
        "x": [1.0, 0.0],
        "t": 1.0,
        "s": [1.0, -2.0],
        "h": [0.7310585786300049, 0.11920292202211755],
        "z": [1.0592782830394367],
        "y": [0.7425526000982021],
        "error": 0.03313958185809812,
        "slope_z": [0.19116823618560164],
        "slope_s": [0.19661193324148185, 0.1049935854035065],
        "delta_2": [0.04921576534979593],
        "delta_W2": [[0.035979607462809655, 0.005866663039250559]],
        "delta_b2": [0.04921576534979593],
        "d_error_d_h": [0.24607882674897966, -0.24607882674897966],
        "delta_1": [0.04838203385691257, -0.02583669831226368],
        "delta_W": [[0.04838203385691257, 0.0], [-0.02583669831226368, 0.0]],
        "delta_b": [0.04838203385691257, -0.02583669831226368],
        "W": [[3.0483820338569125, 4.0], [1.9741633016877362, 3.0]],
        "b": [-1.9516179661430875, -4.025836698312264],
        "W2": [[5.03597960746281, -4.99413333696075]],
        "b2": [-1.950784234650204],
    },
    {
        "example": 0,
        "x": [0.0, 0.0],
        "t": 0.0,
        "s": [-2.0, -4.0],
        "h": [0.11920292202211755, 0.01798620996209156],
        "z": [-1.4939164396998699],
        "y": [0.1833346187937938],
        "error": 0.016805791224132848,
        "slope_z": [0.1497230363455281],
        "slope_s": [0.1049935854035065, 0.017662706213291118],
        "delta_2": [-0.027449415793056733],
        "delta_W2": [[-0.0032720505703324235, -0.0004937109557906704]],
        "delta_b2": [-0.027449415793056733],
        "d_error_d_h": [-0.13724707896528365, 0.13724707896528365],
        "delta_1": [-0.01441006290672331, 0.0024241548343961724],
        "delta_W": [[0.0, 0.0], [0.0, 0.0]],
        "delta_b": [-0.01441006290672331, 0.0024241548343961724],
        "W": [[3.0, 4.0], [2.0, 3.0]],
        "b": [-2.014410062906723, -3.997575845165604],
        "W2": [[4.996727949429667, -5.000493710955791]],
        "b2": [-2.0274494157930567],
    },
    {
        "example": 2,
        "x": [0.0, 1.0],
        "t": 1.0,
        "s": [2.0, -1.0],
        "h": [0.8807970779778823, 0.2689414213699951],
        "z": [1.0592782830394363],
        "y": [0.742552600098202],
        "error": 0.03313958185809815,
        "slope_z": [0.1911682361856017],
        "slope_s": [0.10499358540350662, 0.19661193324148185],
        "delta_2": [0.04921576534979597],
        "delta_W2": [[0.0433491023105454, 0.013236157886986283]],
        "delta_b2": [0.04921576534979597],
        "d_error_d_h": [0.24607882674897985, -0.24607882674897985],
        "delta_1": [0.025836698312263724, -0.04838203385691261],
        "delta_W": [[0.0, 0.025836698312263724], [0.0, -0.04838203385691261]],
        "delta_b": [0.025836698312263724, -0.04838203385691261],
        "W": [[3.0, 4.025836698312264], [2.0, 2.9516179661430875]],
        "b": [-1.9741633016877362, -4.048382033856913],
        "W2": [[5.043349102310545, -4.986763842113014]],
        "b2": [-1.950784234650204],
    },
    {
        "example": 3,
        "x": [1.0, 1.0],
        "t": 0.0,
        "s": [5.0, 1.0],
        "h": [0.9933071490757153, 0.7310585786300049],
        "z": [-0.6887571477714483],
        "y": [0.334309608920932],
        "error": 0.05588145730843324,
        "slope_z": [0.22254669430406548],
        "slope_s": [0.006648056670790033, 0.19661193324148185],
        "delta_2": [-0.07439949833943833],
        "delta_W2": [[-0.0739015535882109, -0.0543903915068152]],
        "delta_b2": [-0.07439949833943833],
        "d_error_d_h": [-0.37199749169719165, 0.37199749169719165],
        "delta_1": [-0.002473060406194675, 0.07313914600356694],
        "delta_W": [[-0.002473060406194675, -0.002473060406194675], [0.07313914600356694, 0.07313914600356694]],
        "delta_b": [-0.002473060406194675, 0.07313914600356694],
        "W": [[2.997526939593805, 3.997526939593805], [2.073139146003567, 3.073139146003567]],
        "b": [-2.002473060406195, -3.926860853996433],
        "W2": [[4.926098446411789, -5.054390391506815]],
        "b2": [-2.0743994983394383],
    },
]
ROWS = pytest.mark.parametrize("row", KOEHN, ids=lambda row: f"example {row['example']}")


def traced(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["trace", *words, "--format", "json"]) == 0
    told = capsys.readouterr()
    assert told.err == ""
    return json.loads(told.out)


def close(told: Any, expected: Any) -> bool:
    """Whether two nested lists of numbers have one shape and agree to 1e-12."""
    if isinstance(expected, list):
        return len(told) == len(expected) and all(close(a, b) for a, b in zip(told, expected, strict=True))
    return abs(told - expected) <= 1e-12


def turned(matrix: list[list[float]]) -> list[list[float]]:
    return [list(row) for row in zip(*matrix, strict=True)]


def minus(value: Any) -> Any:
    return [minus(item) for item in value] if isinstance(value, list) else -value


@ROWS
def test_the_arrays_of_koehns_rows_are_true_gradients(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "koehn", "--example", str(row["example"]))
    arrays = told["arrays"]
    assert told["example"] == row["example"]
    assert set(arrays) == {"x", "t", "z", "a", "delta", "dW", "db", "W", "b", "W_new", "b_new", "loss"}
    expected = {
        "x": row["x"],
        "t": [row["t"]],
        "z": [row["s"], row["z"]],
        "a": [row["h"], row["y"]],
        "delta": [minus(row["delta_1"]), minus(row["delta_2"])],
        "dW": [minus(turned(row["delta_W"])), minus(turned(row["delta_W2"]))],
        "db": [minus(row["delta_b"]), minus(row["delta_b2"])],
        "W": [[[3.0, 2.0], [4.0, 3.0]], [[5.0], [-5.0]]],
        "b": [[-2.0, -4.0], [-2.0]],
        "W_new": [turned(row["W"]), turned(row["W2"])],
        "b_new": [row["b"], row["b2"]],
        "loss": row["error"],
    }
    for name, value in expected.items():
        assert close(arrays[name], value), name


@ROWS
def test_the_steps_of_koehns_rows_speak_his_language(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    steps = traced(capsys, "koehn", "--example", str(row["example"]), "--grain", "layer")["steps"]
    told = {(step["kind"], step["layer"]): step["value"] for step in steps}
    expected = {
        ("z", 1): row["s"],
        ("a", 1): row["h"],
        ("z", 2): row["z"],
        ("a", 2): row["y"],
        ("error", None): [row["error"]],
        ("loss", None): row["error"],
        ("slope", 2): row["slope_z"],
        ("delta", 2): row["delta_2"],
        ("dW", 2): row["delta_W2"],
        ("db", 2): row["delta_b2"],
        ("dE_da", 1): row["d_error_d_h"],
        ("slope", 1): row["slope_s"],
        ("delta", 1): row["delta_1"],
        ("dW", 1): row["delta_W"],
        ("db", 1): row["delta_b"],
        ("W_new", 1): row["W"],
        ("b_new", 1): row["b"],
        ("W_new", 2): row["W2"],
        ("b_new", 2): row["b2"],
    }
    assert set(told) == {*expected, ("dE_da", 2)}
    for place, value in expected.items():
        assert close(told[place], value), place


@ROWS
def test_koehns_neurons_say_what_his_layers_say(row: Row, capsys: pytest.CaptureFixture[str]) -> None:
    steps = traced(capsys, "koehn", "--example", str(row["example"]))["steps"]
    told = {(step["kind"], step["layer"], step["unit"], step["source"]): step["value"] for step in steps}
    assert len(told) == len(steps) == 35
    for unit in (1, 2):
        assert close(told["delta", 1, unit, None], row["delta_1"][unit - 1])
        assert close(told["dW", 2, 1, unit], row["delta_W2"][0][unit - 1])
        for source in (1, 2):
            assert close(told["W_new", 1, unit, source], row["W"][unit - 1][source - 1])
    assert close(told["delta", 2, 1, None], row["delta_2"][0])


def test_a_step_names_itself_in_machine_text(capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "koehn")
    assert told["format"] == 1
    assert told["lesson"] == "koehn"
    assert told["network"] == {"sizes": [2, 2, 1], "activations": ["sigmoid", "sigmoid"], "loss": "half_squared"}
    assert told["steps"][1] == {
        "index": 1,
        "phase": "forward",
        "kind": "z",
        "layer": 1,
        "unit": 2,
        "source": None,
        "time": None,
        "symbol": "s_2",
        "formula": "s_2 = W_21 x_1 + W_22 x_2 + b_2",
        "numbers": "2 · 1 + 3 · 0 + (-4)",
        "value": -2.0,
        "printed": None,
    }
    printed = [step for step in told["steps"] if step["printed"]]
    assert [step["printed"] for step in printed] == [
        {"value": "0.7425526", "where": "5.7.2", "match": "exact"},
        {"value": "0.03597961", "where": "5.7.3 and 5.7.4", "match": "exact"},
        {"value": "0.00586666", "where": "5.7.3 and 5.7.4", "match": "exact"},
    ]


@pytest.mark.parametrize(("grain", "count"), [("pass", 4), ("layer", 20), ("neuron", 35), ("term", 44)])
def test_each_grain_counts_its_steps(grain: str, count: int, capsys: pytest.CaptureFixture[str]) -> None:
    steps = traced(capsys, "koehn", "--grain", grain)["steps"]
    assert [step["index"] for step in steps] == list(range(count))


def test_another_notation_has_its_own_sign_and_orientation(capsys: pytest.CaptureFixture[str]) -> None:
    own = traced(capsys, "koehn", "--grain", "layer")
    other = traced(capsys, "koehn", "--grain", "layer", "--notation", "standard")
    assert own["arrays"] == other["arrays"]
    own_dW, other_dW = ([s for s in told["steps"] if s["kind"] == "dW"][1] for told in (own, other))
    assert own_dW["symbol"] == "ΔW"
    assert other_dW["symbol"] == "∂E/∂W^{(1)}"
    assert other_dW["value"] == minus(turned(own_dW["value"]))


def test_the_lessons_own_notation_may_be_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert traced(capsys, "koehn", "--notation", "koehn") == traced(capsys, "koehn")


def test_the_chain_rule_notation_tells_every_local_derivative(capsys: pytest.CaptureFixture[str]) -> None:
    kinds = {step["kind"] for step in traced(capsys, "koehn", "--notation", "koehn-chain-rule")["steps"]}
    assert {"dz_dW", "dz_db", "dz_da"} <= kinds


def test_a_pass_after_training_has_no_printed_figures(capsys: pytest.CaptureFixture[str]) -> None:
    told = traced(capsys, "koehn", "--update", "4")
    assert told["example"] == 1
    assert told["arrays"]["W"] != [[[3.0, 2.0], [4.0, 3.0]], [[5.0], [-5.0]]]
    assert not any(step["printed"] for step in told["steps"])


@pytest.mark.parametrize("seed", [0, 4])
def test_an_update_traced_is_the_update_trained(seed: int, capsys: pytest.CaptureFixture[str]) -> None:
    # One epoch of the batch run is one update.
    before = traced(capsys, "krzeminski-batch", "--update", str(seed))["arrays"]["W_new"]
    assert main(["train", "krzeminski-batch", "--epochs", str(seed + 1), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["parameters"]["W"] == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--example", "4"], "nnviz: --example 4: koehn has examples 0 to 3\n"),
        (
            ["--example", "-1"],
            "nnviz trace: argument --example: -1 is not in the range 0 to 1000000000; see nnviz trace --help\n",
        ),
        (["--update", "x"], "nnviz trace: argument --update: 'x' is not a whole number; see nnviz trace --help\n"),
    ],
)
def test_what_is_out_of_range_is_one_line(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "koehn", *words]) == 2
    assert capsys.readouterr() == ("", said)


def test_an_unknown_notation_is_one_line_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "koehn", "--notation", "koen"]) == 2
    told = capsys.readouterr()
    assert told.err.startswith("nnviz: --notation: 'koen' is not one of ")
    assert told.err.endswith("did you mean 'koehn'?\n")


def test_training_that_overflows_before_the_pass_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "away.toml"
    path.write_text(
        'format = 1\ntitle = "away"\n[network]\ninputs = 1\n[[network.layers]]\nunits = 1\nactivation = "linear"\n'
        "W = [[2]]\nb = [1]\n[data]\ninputs = [[3]]\ntargets = [[1]]\n[training]\nlearning_rate = 1e200\n",
        encoding="utf-8",
    )
    assert main(["trace", str(path), "--update", "9"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == f"nnviz: {path}: training stops before the pass: update 2 (epoch 2): the loss is not finite\n"
    # The pass that overflows can itself be looked at, and is JSON still.
    steps = traced(capsys, str(path), "--update", "1")["steps"]
    assert [step["value"] for step in steps if step["kind"] == "loss"] == ["inf"]


def test_standard_output_is_json_alone_and_utf_8() -> None:
    command = [sys.executable, "-m", "nnviz", "trace", "koehn", "--format", "json"]
    told = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, timeout=60, check=False)
    assert told.stderr == b""
    assert json.loads(told.stdout.decode("utf-8"))["steps"][10]["symbol"] == "δ_2"
