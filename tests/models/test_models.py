"""Models as lessons: what PyTorch and scikit-learn compute for them, from stored figures, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models.make_figures import FIGURES
from models.stand_ins import Part, sklearn_model, torch_part, torch_sequential, without_metadata

from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.making.lesson_text import lesson_text
from nnviz.models.model_files import open_lesson
from nnviz.models.model_lesson import model_lesson
from nnviz.models.opening import is_model, open_model_file, read_model
from nnviz.models.parts import ModelError
from nnviz.models.safetensors_file import read_safetensors, safetensors_bytes

STORED = json.loads(FIGURES.read_text(encoding="utf-8"))
BATCH = {"update_after": "batch"}


def assert_computes(lesson: Any, stored: dict[str, Any]) -> None:
    """Loss and gradients of the whole batch are those that the other program computed."""
    record = start_session(lesson).record
    assert record.loss.mean() == pytest.approx(stored["value"], rel=1e-12)
    for layer, (dW, db) in enumerate(zip(stored["dW"], stored["db"], strict=True)):
        np.testing.assert_allclose(record.gradients.W[layer], dW, rtol=1e-11, atol=1e-15)
        np.testing.assert_allclose(record.gradients.b[layer], db, rtol=1e-11, atol=1e-15)


@pytest.mark.parametrize("stored", STORED["torch"], ids=lambda stored: stored["name"])
def test_gradients_are_those_of_pytorch(stored: dict[str, Any]) -> None:
    parts = read_model(torch_sequential(stored["modules"]))
    loss = torch_part(stored["loss"], reduction="mean")
    assert_computes(model_lesson(parts, stored["x"], stored["t"], loss=loss, training=BATCH), stored)


@pytest.mark.parametrize("stored", STORED["sklearn"], ids=lambda stored: stored["name"])
def test_gradients_are_those_of_scikit_learn(stored: dict[str, Any]) -> None:
    arrays = {key: [np.array(part) for part in stored[key]] for key in ("coefs_", "intercepts_")}
    names = ("activation", "out_activation_", *(("classes_",) if stored["classes_"] else ()))
    model = sklearn_model(stored["class"], alpha=0.0, **arrays, **{name: stored[name] for name in names})
    answers = "predict_proba" if stored["classes_"] else "predict"
    model.__dict__[answers] = lambda x: start_session(
        model_lesson(read_model(torch_like(model)), x, training=BATCH)
    ).record.a[-1][0]
    assert_computes(model_lesson(read_model(model), stored["x"], stored["t"], training=BATCH), stored)


def torch_like(model: Any) -> list[Part]:
    """Return the same layers as modules, to ask for their output."""
    names = {"relu": "ReLU", "tanh": "Tanh", "logistic": "Sigmoid", "softmax": "Softmax", "identity": "Identity"}
    layers = []
    for index, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        activation = model.out_activation_ if index == len(model.coefs_) - 1 else model.activation
        layers += [torch_part("Linear", weight=W.T, bias=b), torch_part(names[activation])]
    return layers


LINEAR = {"class": "Linear", "weight": [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "bias": [0.1, 0.2, 0.3]}


def linear(outputs: int = 3) -> Part:
    return torch_part("Linear", weight=np.arange(2.0 * outputs).reshape(outputs, 2), bias=np.ones(outputs))


@pytest.mark.parametrize(
    ("modules", "message"),
    [
        (
            [linear(), torch_part("BatchNorm1d")],
            "1: BatchNorm1d is not in nnviz, which has Linear, RNN and activations",
        ),
        ([torch_part("Conv2d")], "0: Conv2d is not in nnviz"),
        ([torch_part("GRU")], "0: GRU is not in nnviz"),
        ([linear(), torch_part("Dropout", training=True, p=0.5)], "1: Dropout drops units at random in training; call"),
        ([torch_part("ReLU"), linear()], "0: ReLU follows no Linear layer"),
        ([linear(), torch_part("ReLU"), torch_part("Tanh")], "2: Tanh follows another activation"),
        ([linear(), linear()], "1: Linear takes 2 inputs, but 0: Linear has 3 units"),
        ([linear(), torch_part("GELU", approximate="tanh")], "1: GELU has approximate='tanh'; nnviz has only 'none'"),
        ([torch_part("Flatten")], "the model has no layer with weights"),
        ([torch_part("RNN", bidirectional=True)], "0: RNN is bidirectional"),
    ],
)
def test_what_nnviz_has_not_is_refused_with_the_layers_name(modules: list[Part], message: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_model(modules)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_dropout_that_is_not_training_is_passed_by() -> None:
    parts = read_model([linear(), torch_part("Dropout", training=False, p=0.5), torch_part("ReLU")])
    assert [layer.activation for layer in parts.layers] == ["relu"]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (sklearn_model("MLPClassifier"), "MLPClassifier has no weights yet; call fit(X, y) first"),
        (sklearn_model("SVC"), "SVC is not a network that nnviz steps; it reads MLPClassifier and MLPRegressor"),
        (3, "int is no model that nnviz knows"),
    ],
)
def test_an_object_that_is_no_network_is_refused(model: object, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        read_model(model)
    assert message in str(caught.value)
    assert is_model(model) == (model != 3)


def test_without_data_there_is_one_example_with_the_models_own_output() -> None:
    lesson = model_lesson(read_model([linear(), torch_part("Sigmoid")]))
    assert lesson.dataset.inputs.shape == (1, 1, 2)
    assert lesson.network.architecture.loss == "binary_cross_entropy"
    record = start_session(lesson).record
    assert np.array_equal(record.a[-1], record.t)
    again = model_lesson(read_model([linear(), torch_part("Sigmoid")]))
    assert np.array_equal(lesson.dataset.inputs, again.dataset.inputs)


@pytest.mark.parametrize(
    ("loss", "t", "activation"),
    [("cross_entropy", [0, 2], "softmax"), ("half_squared", np.ones((2, 3)), "linear"), (None, [0, 2], "softmax")],
)
def test_weighted_sums_get_the_activation_of_their_loss(loss: str | None, t: Any, activation: str) -> None:
    lesson = model_lesson(read_model([linear()]), [[0, 1], [1, 0]], t, loss=loss)
    assert lesson.network.architecture.layers[-1].activation == activation


@pytest.mark.parametrize(
    ("t", "expected"),
    [
        ([0, 2], [[1, 0, 0], [0, 0, 1]]),
        (["b", "a", "c"], [[0, 1, 0], [1, 0, 0], [0, 0, 1]]),
        ([10, 30, 20], [[1, 0, 0], [0, 0, 1], [0, 1, 0]]),
        ([[0.2, 0.3, 0.5]], [[0.2, 0.3, 0.5]]),
    ],
)
def test_labels_are_coded_as_scikit_learn_codes_them(t: Any, expected: list[list[float]]) -> None:
    lesson = model_lesson(read_model([linear()]), np.ones((len(t), 2)), t, loss="cross_entropy")
    assert lesson.dataset.targets[0].tolist() == expected


@pytest.mark.parametrize(
    ("x", "t", "message"),
    [
        (np.ones((3, 4)), [0, 1, 2], "x has the shape (3, 4), but the model takes (examples, 2)"),
        (np.ones((3, 2)), [0, 1], "t has 2 targets for 3 examples"),
        (np.ones((3, 2)), ["a", "b", "a"], "t has 2 classes, but the model has 3 outputs"),
        (np.ones((2, 2)), np.ones((2, 2)), "t has the shape (2, 2), but the model gives (2, 3)"),
        (["a"], [0], "x holds no numbers"),
    ],
)
def test_examples_that_do_not_fit_are_refused(x: Any, t: Any, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        model_lesson(read_model([linear()]), x, t, loss="cross_entropy")
    assert message in str(caught.value)


def test_a_layer_without_biases_has_none() -> None:
    model = [torch_part("Linear", weight=np.array([[0.5, -2.0]]), bias=None), torch_part("Tanh"), linear(1)]
    model[2].weight = np.array([[3.0]])
    lesson = model_lesson(read_model(model), [[1.0, 0.5]], [[4.0]], loss="half_squared")
    assert [layer.bias for layer in lesson.network.architecture.layers] == [False, True]
    record = start_session(lesson).record
    h = np.tanh(0.5 - 1.0)
    error = 3 * h + 1.0 - 4.0
    np.testing.assert_allclose(record.gradients.W[0].ravel(), error * 3 * (1 - h * h) * np.array([1.0, 0.5]))
    assert record.gradients.b[0].size == 0
    assert record.gradients.b[1] == pytest.approx(error)
    assert not record.convention.frozen


# Recurrent models


X = np.array([[[0.5], [-1.0]], [[2.0], [0.25]]])  # two examples of two time steps
IN, BACK, OUT = 0.75, -0.5, 2.0


def recurrent(outputs: int = 1) -> list[Part]:
    """A recurrent layer of one unit and a linear one, both without biases."""
    weights = {"weight_ih_l0": np.array([[IN]]), "weight_hh_l0": np.array([[BACK]]), "bias": False}
    kind = {"bidirectional": False, "dropout": 0.0, "num_layers": 1, "nonlinearity": "tanh"}
    return [
        torch_part("RNN", **weights, **kind),
        torch_part("Linear", weight=OUT * np.arange(1.0, outputs + 1)[:, np.newaxis], bias=None),
    ]


def outputs_at_last(x: Any) -> Any:
    """The outputs (examples, 1) at the second time step, by hand."""
    return OUT * np.tanh(IN * x[:, 1] + BACK * np.tanh(IN * x[:, 0]))


def test_a_target_of_each_example_is_that_of_the_last_time_step() -> None:
    lesson = model_lesson(read_model(recurrent()), X, [0.5, 1.0], example=1)
    assert np.isnan(lesson.dataset.targets[0]).all()
    record = start_session(lesson).record
    x1, x2 = X[1].ravel()
    h1 = np.tanh(IN * x1)
    h2 = np.tanh(IN * x2 + BACK * h1)
    error = OUT * h2 - 1.0
    assert record.loss.sum() == pytest.approx(error**2 / 2)
    slope = 1 - h2 * h2
    assert record.gradients.W[1].item() == pytest.approx(error * h2)
    assert record.gradients.W_h[0] is not None
    assert record.gradients.W_h[0].item() == pytest.approx(error * OUT * slope * h1)
    assert record.gradients.W[0].item() == pytest.approx(error * OUT * slope * (x2 + BACK * (1 - h1 * h1) * x1))


def test_a_model_that_answers_at_its_last_time_step_is_recognized() -> None:
    parts = replace(read_model(recurrent()), answer=outputs_at_last)
    lesson = model_lesson(parts, X)
    assert np.isnan(lesson.dataset.targets[0]).all()
    np.testing.assert_allclose(lesson.dataset.targets[1], outputs_at_last(X))
    with pytest.raises(ModelError, match=r"the model answers at the last time step alone: \(2, 1\)"):
        model_lesson(parts, X, np.ones((2, 2)))
    with pytest.raises(ModelError, match="is not that of its layers one after another"):
        model_lesson(replace(parts, answer=lambda x: outputs_at_last(x) + 0.01), X)


def test_labels_of_sequences_are_those_of_the_last_time_step(tmp_path: Path) -> None:
    lesson = model_lesson(read_model(recurrent(2)), X, ["c", "a"], loss="cross_entropy")
    assert lesson.dataset.targets[1].tolist() == [[0, 1], [1, 0]]
    path = tmp_path / "last.toml"
    path.write_text(lesson_text(lesson), encoding="utf-8")
    again = load(path)
    assert again.dataset.targets.tobytes() == lesson.dataset.targets.tobytes()
    assert again.network.parameters.vector.tobytes() == lesson.network.parameters.vector.tobytes()


def test_targets_of_a_sequence_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ModelError, match=r"give a target for each time step, \(2, 2, 1\), or for the last, \(2, 1\)"):
        model_lesson(read_model(recurrent()), X, np.ones((2, 3)))
    with pytest.raises(LessonError, match="an example has no target at any time step"):
        model_lesson(read_model(recurrent()), X, [1.0, np.nan])


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("mse", "loss: 'mse' is not one of half_squared"),
        (torch_part("HuberLoss", reduction="mean"), "HuberLoss is not in nnviz, which has CrossEntropyLoss"),
        (torch_part("CrossEntropyLoss", reduction="mean", weight=np.ones(3)), "CrossEntropyLoss has weight"),
        (3, "loss: int is neither the name of a loss nor a loss of PyTorch"),
    ],
)
def test_a_loss_that_nnviz_has_not_is_refused(loss: object, message: str) -> None:
    with pytest.raises(ModelError) as caught:
        model_lesson(read_model([linear()]), [[0, 1]], [0], loss=loss)
    assert message in str(caught.value)


# Files


def test_safetensors_come_back_bit_for_bit_with_their_activations(tmp_path: Path) -> None:
    lesson = model_lesson(read_model([linear(4), torch_part("ELU", alpha=1.0)]), [[0, 1]], [[1.0, 2.0, 3.0, 4.0]])
    path = tmp_path / "w.safetensors"
    path.write_bytes(safetensors_bytes(lesson.network))
    again = open_model_file(path)
    assert again.network.parameters.vector.tobytes() == lesson.network.parameters.vector.tobytes()
    assert again.network.architecture.layers[0].activation == "elu"
    tensors, _ = read_safetensors(path)
    assert tensors["0.weight"].shape == (4, 2)


def test_a_shared_bias_is_written_for_each_unit_and_no_bias_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(safetensors_bytes(load("mazur").network))
    tensors, _ = read_safetensors(path)
    assert tensors["0.bias"].tolist() == [0.35, 0.35]
    path.write_bytes(safetensors_bytes(load("eleven-lines").network))
    assert sorted(read_safetensors(path)[0]) == ["0.weight", "2.weight"]
    assert [layer.bias for layer in open_model_file(path).network.architecture.layers] == [False, False]


def test_weights_without_activations_ask_for_them(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    lesson = model_lesson(
        read_model([linear(4), torch_part("Tanh"), torch_part("Linear", weight=np.ones((1, 4)), bias=None)])
    )
    path.write_bytes(without_metadata(safetensors_bytes(lesson.network)))
    with pytest.raises(LessonError, match="the file holds no activations for the 2 layers of 2-4-1; say them"):
        open_lesson(path)
    lesson = open_lesson(path, activations=("relu",))
    assert [layer.activation for layer in lesson.network.architecture.layers] == ["relu", "linear"]


@pytest.mark.parametrize(
    "content",
    [b"", b"12345678", b"\xff" * 40, (2).to_bytes(8, "little") + b"[]", (2).to_bytes(8, "little") + b"{}"],
)
def test_a_file_that_is_no_model_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    path.write_bytes(content)
    with pytest.raises(LessonError) as caught:
        open_model_file(path)
    assert len(str(caught.value).splitlines()) == 1


def test_a_tensor_that_claims_more_than_there_is_is_refused(tmp_path: Path) -> None:
    header = json.dumps(
        {"0.weight": {"dtype": "F64", "shape": [10**6, 10**6], "data_offsets": [0, 8 * 10**12]}}
    ).encode()
    path = tmp_path / "w.safetensors"
    path.write_bytes(len(header).to_bytes(8, "little") + header + b"\0" * 8)
    with pytest.raises(LessonError, match=r"the numbers of 0\.weight do not fit"):
        open_model_file(path)


def test_onnx_without_its_extra_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "onnx", None)
    (tmp_path / "m.onnx").write_bytes(b"")
    with pytest.raises(LessonError, match="an ONNX model needs onnx: pip install"):
        open_model_file(tmp_path / "m.onnx")
