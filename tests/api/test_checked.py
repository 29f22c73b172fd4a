"""`nnviz.check`: own arrays, the first wrong one, what it is instead, and what follows from it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from models.stand_ins import torch_part

import nnviz
from nnviz.api.checked import CheckReport
from nnviz.engine.datasets import make_dataset
from nnviz.lessons.making.from_values import make_lesson

# One pass of Koehn's network by hand: x = (1, 0), target 1, learning rate 1.
X, T = np.array([1.0, 0.0]), 1.0
W, B = np.array([[3.0, 4.0], [2.0, 3.0]]), np.array([-2.0, -4.0])  # (units, inputs), as he writes it
W2, B2 = np.array([5.0, -5.0]), -2.0


def sigmoid(z: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-z))


def worked_out(*, slope_out: bool = True, slope_hidden: bool = True, forward: Any = W) -> dict[str, Any]:
    """Return the learner's own arrays, in his orientation and with his sign: delta is descent."""
    h = sigmoid(forward @ X + B)
    y = sigmoid(W2 @ h + B2)
    delta_2 = (T - y) * (y * (1 - y) if slope_out else 1.0)
    delta_1 = delta_2 * W2 * (h * (1 - h) if slope_hidden else 1.0)
    return {"h": h, "y": y, "delta_2": delta_2, "delta_W2": delta_2 * h, "delta_1": delta_1}


def statuses(report: CheckReport) -> dict[str, str]:
    return {row.name: row.status for row in report.rows}


def test_what_is_right_is_right_in_any_shape_and_to_the_digits_of_a_text() -> None:
    own = worked_out()
    pass_ = nnviz.trace("koehn", example=1)
    report = nnviz.check(
        "koehn",
        example=1,
        **own,
        delta_W=np.transpose(pass_["delta_W"]),
        W2=[[5.0], [-5.0]],
        W1=pass_["W1"].ravel(),
        z1=["1", "-2.0"],
        error="0.0331396",
    )
    assert report.is_right
    assert report.first is None
    assert str(report).startswith(f"koehn, example 1: all {len(own) + 5} arrays are right.")
    assert "right (transposed), exactly" in str(report)
    assert [row.name for row in report.rows][-1] in ("delta_W", "delta_1")  # the order of the pass


def test_the_first_wrong_array_the_slip_and_what_follows_are_named() -> None:
    report = nnviz.check("koehn", example=1, **worked_out(slope_out=False))
    assert statuses(report) == {
        "h": "right",
        "y": "right",
        "delta_2": "wrong",
        "delta_W2": "follows",
        "delta_1": "follows",
    }
    assert report.first == "delta_2"
    assert report.explanation == (
        "This is what comes out if the derivative of the activation of the output layer is left out."
    )
    assert "delta_W2  wrong only because of delta_2" in str(report)
    row = next(row for row in report.rows if row.name == "delta_2")
    assert row.difference == pytest.approx(0.2082317, abs=1e-6)
    assert "wrong: 0.257447, where the pass has 0.049216" in row.text


def test_a_value_that_is_another_one_is_said_to_be_it() -> None:
    report = nnviz.check("koehn", example=1, **worked_out(slope_hidden=False))
    assert report.first == "delta_1"
    assert report.explanation == "Together they form the vector −∂E/∂h, in order."


def test_a_wrong_forward_pass_explains_all_behind_it() -> None:
    report = nnviz.check("koehn", example=1, **worked_out(forward=W.T))
    assert report.first == "h"
    assert statuses(report)["y"] == "follows"
    assert "if W is used transposed" in report.explanation


def test_two_slips_are_two_wrong_arrays() -> None:
    own = worked_out(slope_out=False)
    own["h"] = own["h"] + np.array([0.0, 0.25])
    report = nnviz.check("koehn", example=1, h=own["h"], delta_2=own["delta_2"])
    assert statuses(report) == {"h": "wrong", "delta_2": "wrong"}
    assert "h[" not in str(report)
    assert "[2] is 0.369203, where the pass has 0.119203; 1 of 2 differ" in str(report)


def test_in_a_large_network_what_follows_is_told() -> None:
    generator = np.random.default_rng(0)
    data = make_dataset(generator.random((3, 64)), np.eye(10)[:3])
    lesson = make_lesson((64, 32, 10), data)
    pass_ = nnviz.trace(lesson, example=1)
    z1 = pass_["z1"]
    report = nnviz.check(lesson, example=1, z1=z1, a1=z1, z2=z1 @ pass_["W2"])
    assert report.first == "a1"
    assert "is the weighted sum" in report.explanation
    assert "wrong only because of a1" in str(report)


def test_small_differences_are_accepted_and_larger_ones_not() -> None:
    h = nnviz.trace("koehn", example=1)["h"]
    assert nnviz.check("koehn", example=1, h=h + 0.9e-5).is_right
    assert not nnviz.check("koehn", example=1, h=h + 1.1e-5).is_right
    assert nnviz.check("koehn", example=1, y="0.7426").is_right
    assert not nnviz.check("koehn", example=1, y="0.7427").is_right


def test_a_shape_that_does_not_fit_is_said() -> None:
    report = nnviz.check("koehn", example=1, h=[1.0, 2.0, 3.0], y=0.5)
    assert statuses(report) == {"h": "shape", "y": "wrong"}
    assert "has the shape (3,), but h has the shape (2,)" in str(report)


def test_rows_of_all_examples_and_values_over_time_are_found() -> None:
    each = np.stack([nnviz.trace("koehn", example=index)["h"] for index in range(4)])
    report = nnviz.check("koehn", example=2, h=each)
    assert report.is_right
    assert "(row 2 of 4)" in str(report)
    states = [[0.53704957, 0.46211716], [0.85973818, 0.88366641]]
    assert nnviz.check("two-step-rnn", a1=states).is_right
    assert nnviz.check("two-step-rnn", a1=states[1]).is_right


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"hh": 1.0}, "hh: unknown name 'hh'"),
        ({"h": "no number"}, "h: the text has no number"),
        ({"h": None}, "h: NoneType holds no numbers"),
        ({"accuracy_": 1.0}, "accuracy_: unknown name"),
        ({}, "name at least one value to check"),
    ],
)
def test_what_cannot_be_checked_is_refused(values: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=r".") as caught:
        nnviz.check("koehn", **values)
    assert message in str(caught.value)


def test_a_model_is_checked_with_its_data_and_loss() -> None:
    weight = np.array([[1.0, -1.0], [0.5, 0.25], [0.0, 2.0]])
    model = [torch_part("Linear", weight=weight, bias=np.zeros(3))]
    x, y = np.array([[1.0, 2.0], [0.0, 1.0]]), np.array([2, 0])
    z = weight @ x[1]
    shares = np.exp(z) / np.exp(z).sum()
    delta = shares - np.eye(3)[0]
    report = nnviz.check(
        model, x=x, t=y, example=1, loss="cross_entropy", z1=z, delta1=delta, dW1=np.outer(x[1], delta)
    )
    assert report.is_right
    assert nnviz.check(model, x, y, example=1, loss=-np.log(shares[0])).is_right
