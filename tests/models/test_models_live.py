"""Models of the real PyTorch, scikit-learn and onnx, where they are installed (the extras bench and onnx)."""

from __future__ import annotations

import ast
import contextlib
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import nnviz
from nnviz.debugger.state.session import start_session
from nnviz.formats.script.torch_rules import TORCH_ACTIVATIONS, TORCH_LOSSES, TORCH_OPTIMIZERS
from nnviz.formats.script.torch_script import torch_script
from nnviz.lessons.catalog import load
from nnviz.models.parts import ModelError


def test_autograd_gives_the_same_gradients() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(1)
    model = torch.nn.Sequential(torch.nn.Linear(2, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3)).double()
    x, y = torch.randn(6, 2).double(), torch.tensor([0, 1, 2, 2, 1, 0])
    loss = torch.nn.CrossEntropyLoss()
    loss(model(x[3:4]), y[3:4]).backward()
    pass_ = nnviz.trace(model, x, y, example=3, loss=loss)
    for layer, module in enumerate((model[0], model[2])):
        np.testing.assert_allclose(pass_.arrays["dW"][layer], module.weight.grad.numpy().T, atol=4e-16)
    assert nnviz.check(model, x, y, example=3, loss=loss, dW1=model[0].weight.grad, db2=model[2].bias.grad).is_right


def test_a_recurrent_network_is_stepped_through_time() -> None:
    torch = pytest.importorskip("torch")
    torch.manual_seed(2)

    class Net(torch.nn.Module):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__()
            self.rnn = torch.nn.RNN(2, 3, batch_first=True)
            self.out = torch.nn.Linear(3, 1)

        def forward(self, x: Any) -> Any:
            return self.out(self.rnn(x)[0])

    class Last(Net):
        def forward(self, x: Any) -> Any:
            return self.out(self.rnn(x)[0][:, -1])

    class Doubled(Net):
        def forward(self, x: Any) -> Any:
            return 2 * self.out(self.rnn(x)[0][:, -1])

    model = Net().double()
    x, t = torch.randn(2, 4, 2).double(), torch.randn(2, 4, 1).double()
    (0.5 * (model(x[1:2]) - t[1:2]) ** 2).sum().backward()
    pass_ = nnviz.trace(model, x, t, example=1, loss="half_squared")
    np.testing.assert_allclose(pass_.arrays["dW_h"][0], model.rnn.weight_hh_l0.grad.numpy().T, atol=1e-14)
    np.testing.assert_allclose(pass_.arrays["dW"][1], model.out.weight.grad.numpy().T, atol=1e-14)
    last, t = Last().double(), torch.randn(2, 1).double()
    (0.5 * (last(x[1:2]) - t[1:2]) ** 2).sum().backward()
    pass_ = nnviz.trace(last, x, t, example=1, loss="half_squared")
    np.testing.assert_allclose(pass_.arrays["dW_h"][0], last.rnn.weight_hh_l0.grad.numpy().T, atol=1e-14)
    with pytest.raises(ModelError, match="the output of Doubled is not that of its layers one after another"):
        nnviz.trace(Doubled().double(), x, t)


@pytest.mark.parametrize("name", ["koehn", "softmax", "krzeminski-batch", "two-step-rnn", "mazur"])
def test_the_pytorch_script_prints_the_numbers_of_the_pass(name: str) -> None:
    pytest.importorskip("torch")
    session = start_session(load(name))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(torch_script(session), name, "exec"), {})
    arrays = nnviz.trace(name).arrays
    for line in printed.getvalue().splitlines():
        called, value = line.split(" = ")
        if called == "batch_loss":
            assert float(value) == pytest.approx(session.record.loss.sum(), rel=1e-12)
            continue
        base = called.removesuffix("_new").rstrip("0123456789")
        layer = int(called.removesuffix("_new").removeprefix(base)) - 1
        own = arrays[base + ("_new" if called.endswith("_new") else "")][layer]
        np.testing.assert_allclose(ast.literal_eval(value), own, rtol=1e-9, atol=1e-12, err_msg=called)


def test_the_rows_of_pytorch_are_its_functions() -> None:
    """Every rule's row computes what the rule does; the bundled lessons use only some of them."""
    torch = pytest.importorskip("torch")
    from nnviz.engine.datasets import make_dataset
    from nnviz.lessons.making.from_values import make_lesson

    x = np.array([[0.3, -0.7], [0.9, 0.2]])
    cases = [(name, "half_squared", "sgd") for name in TORCH_ACTIVATIONS]
    cases += [("sigmoid", name, "sgd") for name in TORCH_LOSSES]
    cases += [("tanh", "half_squared", name) for name in TORCH_OPTIMIZERS]
    for activation, loss, optimizer in cases:
        training = {"optimizer": optimizer, "learning_rate": 0.1, "update_after": "batch", "reduce": "mean"}
        data = make_dataset(x, [[1, 0], [0, 1]])
        lesson = make_lesson((2, 3, 2), data, activations=(activation, activation), loss=loss, training=training)
        session, printed = start_session(lesson), io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(torch_script(session), "script", "exec"), {"torch": torch})
        values = dict(line.split(" = ") for line in printed.getvalue().splitlines())
        for name, wanted in (("dW1", session.record.gradients.W[0]), ("W1_new", session.record.updated.W[0])):
            np.testing.assert_allclose(
                ast.literal_eval(values[name]),
                wanted,
                rtol=1e-9,
                atol=1e-12,
                err_msg=f"{activation} {loss} {optimizer}",
            )


def test_weights_are_loaded_by_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    load_file = pytest.importorskip("safetensors.torch").load_file
    nnviz.export("koehn", tmp_path / "w.safetensors")
    model = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Sigmoid(), torch.nn.Linear(2, 1), torch.nn.Sigmoid())
    model.load_state_dict(load_file(tmp_path / "w.safetensors"))
    output = model(torch.tensor([[1.0, 0.0]])).item()
    assert output == pytest.approx(nnviz.trace("koehn", example=1)["y"], abs=1e-6)


def test_a_fitted_classifier_is_debugged() -> None:
    network = pytest.importorskip("sklearn.neural_network")
    generator = np.random.default_rng(3)
    x = generator.standard_normal((30, 2))
    y = np.where(x[:, 0] > 0, "right", "left")
    options = {"max_iter": 400, "random_state": 0, "solver": "lbfgs"}
    model = network.MLPClassifier((4,), **options).fit(x, y)
    pass_ = nnviz.trace(model, x, y, example=2)
    np.testing.assert_allclose(pass_["y"], model.predict_proba(x[2:3])[0, 1], atol=1e-12)
    assert "alpha" in pass_.session.lesson.report


def test_an_onnx_file_is_opened(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    from onnx import TensorProto, helper, numpy_helper

    generator = np.random.RandomState(0)
    arrays = {name: generator.randn(*shape).astype(np.float32)
              for name, shape in (("W1", (2, 4)), ("b1", (4,)), ("W2", (3, 4)), ("b2", (3,)))}  # fmt: skip

    def model(*middle: Any) -> Any:
        nodes = [
            helper.make_node("MatMul", ["x", "W1"], ["m"]),
            helper.make_node("Add", ["m", "b1"], ["z1"]),
            *middle,
            helper.make_node("Gemm", ["a1", "W2", "b2"], ["z2"], transB=1),
            helper.make_node("Softmax", ["z2"], ["y"]),
        ]
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, n]) for name, n in (("x", 2), ("y", 3))]
        tensors = [numpy_helper.from_array(array, name) for name, array in arrays.items()]
        return helper.make_model(helper.make_graph(nodes, "g", ends[:1], ends[1:], tensors))

    path = tmp_path / "m.onnx"
    onnx.save(model(helper.make_node("LeakyRelu", ["z1"], ["a1"], alpha=0.1)), path)
    lesson = nnviz.trace(path).session.lesson
    assert [layer.activation for layer in lesson.network.architecture.layers] == ["leaky_relu", "softmax"]
    assert lesson.network.architecture.constants(0) == (pytest.approx(0.1),)
    np.testing.assert_array_equal(lesson.network.W[1], arrays["W2"].T)
    onnx.save(model(helper.make_node("Selu", ["z1"], ["a1"], name="act")), path)
    with pytest.raises(ValueError, match="act: Selu is not in nnviz, which has Gemm"):
        nnviz.trace(path)
