"""The recurrent lesson: its first pass and its runs, both ways through time, against an independent program."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nnviz.cli import main
from nnviz.debugger.state.session import start_session
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load
from nnviz.lessons.lesson import Lesson

# Computed by an independent program from the document's formulas, seed 0, the first sequence 0, 0, 1.
FORWARD: dict[str, Any] = {
    "hidden_z": [
        [0.6151987190190233, 1.7407826860296876, 1.5256426494355058],
        [0.9299605154132573, 1.5947886587414737, 1.3683900554453436],
    ],
    "hidden": [
        [0.6491257861275547, 0.850786453853901, 0.82136788706383],
        [0.7170672748576723, 0.8312887675408801, 0.7971199182701459],
    ],
    "output": [[0.4837335559467982], [0.4842332172345224]],
    "delta_output": [[0.12080539444121675], [-0.12881348048477]],
    "w2": [[-0.013950034781041828], [-0.004301606291771107], [-0.003454119458018143]],
    "b2": [-0.008008086043553256],
}

# What differs between the cut after one step, as printed, and all the way back: the hidden deltas of the first time
# step, the gradients that they enter, the error of some epochs (from 0), and where 10000 epochs lead.
THROUGH_TIME: dict[str, dict[str, Any]] = {
    "one_step": {
        "delta_hidden": [
            [0.002469905208062642, -0.002341676418717823, 0.0051719146116972516],
            [-0.0023459461793997392, 0.002758474424723977, -0.0060784402376895304],
        ],
        "w1": [[0.0, 0.0, 0.0]],
        "b1": [0.00012395902866290266, 0.0004167980060061538, -0.0009065256259922789],
        "wh": [
            [-0.001522814157915789, 0.0017905968794617055, -0.003945672297719576],
            [-0.0019958992309036115, 0.0023468726738575915, -0.005171454614786739],
            [-0.0019268848565390285, 0.002265722309755147, -0.004992635614674814],
        ],
        "bh": [0.00012395902866290266, 0.0004167980060061538, -0.0009065256259922789],
        "errors": {
            0: 0.12343739888952088,
            1: 0.12197876073776309,
            10: 0.11808118285777013,
            100: 0.11758114248946198,
            1000: 0.09987557685928158,
            9999: 0.0693001279707998,
        },
    },
    "full": {
        "delta_hidden": [
            [0.002006059739490502, -0.0022584241136317717, 0.005275297163896249],
            [-0.0023459461793997392, 0.002758474424723977, -0.0060784402376895304],
        ],
        "w1": [[0.0, 0.0, 0.0]],
        "b1": [-0.00033988643990923726, 0.0005000503110922051, -0.0008031430737932815],
        "wh": [
            [-0.001522814157915789, 0.0017905968794617055, -0.003945672297719576],
            [-0.0019958992309036115, 0.0023468726738575915, -0.005171454614786739],
            [-0.0019268848565390285, 0.002265722309755147, -0.004992635614674814],
        ],
        "bh": [-0.00033988643990923726, 0.0005000503110922051, -0.0008031430737932815],
        "errors": {
            0: 0.12343737228983463,
            1: 0.12197867163098138,
            10: 0.11808122732670959,
            100: 0.11758017210209282,
            1000: 0.0969730135082,
            9999: 0.06424906788216711,
        },
    },
}


FINAL: dict[str, dict[str, list[Any]]] = {
    "one_step": {
        "W": [
            [[0.028688598404337132, 0.5596607837772857, -2.425660768506905]],
            [[-9.116802552897099], [-0.18538431833266747], [9.590073809809642]],
        ],
        "b": [[0.9776139301089957, 0.5770115759255159, 3.6236307982772837], [-0.7442537551412278]],
        "W_h": [
            [
                [0.26005789388754463, 0.0586921340934589, -2.4419505124148118],
                [5.525870146419726, -0.7799217371497641, -9.270334362759272],
                [-7.781369398887449, -0.2848188587878925, 3.2322185888096544],
            ]
        ],
        "b_h": [[1.8424638040772503, 0.7507022588268843, 3.2946224057086786]],
    },
    "full": {
        "W": [
            [[3.4541498303575664, 3.836610431089667, -3.0029078915583898]],
            [[-5.300374025665344], [1.474674548051494], [5.715484443249195]],
        ],
        "b": [[0.6010262358201024, -0.8751888784175255, 2.7860967773566734], [-1.2126418518511775]],
        "W_h": [
            [
                [0.5395202255320872, 0.9238209672437121, -2.951452911673069],
                [2.4751316229649865, -0.9413825695989431, -4.196993544381376],
                [-4.13395514413416, 1.6131056865002322, -0.28330406973149946],
            ]
        ],
        "b_h": [[1.4658761097883601, -0.7014981955161583, 2.457088384788053]],
    },
}


def lesson(through_time: str) -> Lesson:
    return load("krzeminski-rnn", ("network.init.seed=0", f'convention.through_time="{through_time}"'))


def close(found: Any, wanted: Any) -> None:
    np.testing.assert_allclose(np.asarray(found), np.asarray(wanted), rtol=0, atol=1e-12)


@pytest.mark.parametrize("through_time", sorted(THROUGH_TIME))
def test_the_first_pass(through_time: str) -> None:
    record, differs = start_session(lesson(through_time)).record, THROUGH_TIME[through_time]
    close(record.z[0][:, 0], FORWARD["hidden_z"])
    close(record.a[0][:, 0], FORWARD["hidden"])
    close(record.a[1][:, 0], FORWARD["output"])
    close(record.delta[1][:, 0], FORWARD["delta_output"])
    close(record.delta[0][:, 0], differs["delta_hidden"])
    gradients = record.gradients
    close(gradients.W[1], FORWARD["w2"])
    close(gradients.b[1], FORWARD["b2"])
    for name, key in (("W", "w1"), ("b", "b1"), ("W_h", "wh"), ("b_h", "bh")):
        close(gradients.part(name, 0), differs[key])


@pytest.mark.parametrize("through_time", sorted(THROUGH_TIME))
def test_the_runs(through_time: str) -> None:
    opened, wanted = lesson(through_time), THROUGH_TIME[through_time]
    trainer = Trainer(opened.network, opened.dataset, opened.training, opened.convention)
    errors = [trainer.run_epoch() for _ in range(10000)]
    for epoch, error in wanted["errors"].items():
        assert errors[epoch] == pytest.approx(error, rel=1e-9), epoch
    parameters = trainer.network().parameters
    for name, layers in FINAL[through_time].items():
        for layer, values in enumerate(layers):
            np.testing.assert_allclose(parameters.part(name, layer), values, rtol=1e-7)


def test_the_lesson_goes_back_one_step_as_printed() -> None:
    opened = load("krzeminski-rnn")
    assert opened.convention.through_time == "one_step"
    assert opened.dataset.inputs[..., 0].T.tolist() == [[0, 0], [1, 1], [1, 0], [0, 1]]
    assert opened.dataset.targets[..., 0].T.tolist() == [[0, 1], [1, 0], [0, 0], [1, 0]]


def test_the_trace_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "krzeminski-rnn", "--format", "json"]) == 0
    told = json.loads(capsys.readouterr().out)
    arrays = told["arrays"]
    assert [np.shape(layer) for layer in arrays["z"]] == [(2, 3), (2, 1)]  # [layer][time][unit]
    close(arrays["a"][0], FORWARD["hidden"])
    close(arrays["delta"][0], THROUGH_TIME["one_step"]["delta_hidden"])
    close(arrays["dW_h"][0], THROUGH_TIME["one_step"]["wh"])
    close(arrays["db_h"][0], THROUGH_TIME["one_step"]["bh"])
    assert arrays["dW_h"][1] is None
    times = [step["time"] for step in told["steps"] if step["kind"] == "delta"]
    assert times == [2, 2, 2, 2, 1, 1, 1, 1]


def test_check_says_why_the_gradients_of_the_printed_lesson_differ(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "krzeminski-rnn"]) == 0
    assert "one_step" in capsys.readouterr().out.replace(" ", "_")
