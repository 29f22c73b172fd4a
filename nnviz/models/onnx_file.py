"""ONNX files as models: a chain of Gemm, MatMul with Add, and activations; read with the onnx package, an extra."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.lessons.file_content import FileContentError, read_content
from nnviz.models.parts import ModelError, ModelLayer, ModelParts, check_chain, to_floats

FILE_LIMIT = 500_000_000  # bytes


@dataclass(frozen=True)
class OnnxActivation:
    """How an operator of ONNX is called in nnviz; its attributes with their defaults are constants of nnviz."""

    name: str
    constants: Mapping[str, tuple[str, float]]


ACTIVATION_OPERATORS: dict[str, OnnxActivation] = {
    "Sigmoid": OnnxActivation("sigmoid", {}),
    "Tanh": OnnxActivation("tanh", {}),
    "Relu": OnnxActivation("relu", {}),
    "LeakyRelu": OnnxActivation("leaky_relu", {"alpha": ("negative_slope", 0.01)}),
    "Elu": OnnxActivation("elu", {"alpha": ("alpha", 1.0)}),
    "Softplus": OnnxActivation("softplus", {}),
    "Softmax": OnnxActivation("softmax", {}),
    "LogSoftmax": OnnxActivation("softmax", {}),
    "Gelu": OnnxActivation("gelu", {}),
}
_PASSING = ("Identity", "Flatten", "Reshape", "Dropout", "Cast")


def onnx_parts(path: str | Path) -> ModelParts:
    """Return the parts of a model in an ONNX file. Raises ModelError."""
    try:
        import onnx
        from onnx import numpy_helper
    except ImportError:
        raise ModelError("an ONNX model needs onnx: pip install 'nnviz-debugger[onnx]'") from None
    try:
        model = onnx.load_model_from_string(read_content(path, FILE_LIMIT, "ONNX file"))
    except FileContentError as error:
        raise ModelError(str(error)) from None
    except Exception:  # of protobuf, which has its own
        raise ModelError("not an ONNX file") from None
    constants = {each.name: to_floats(numpy_helper.to_array(each)) for each in model.graph.initializer}
    walk = _Walk(constants)
    for node in model.graph.node:
        attributes = {each.name: onnx.helper.get_attribute_value(each) for each in node.attribute}
        if node.op_type == "Constant" and "value" in attributes:
            constants[node.output[0]] = to_floats(numpy_helper.to_array(attributes["value"]))
        else:
            walk.take(node, attributes)
    check_chain(walk.layers)
    loss = "cross_entropy" if model.graph.node[-1].op_type == "LogSoftmax" else ""
    answer = _answer(model, is_log=bool(loss))
    return ModelParts(name=Path(path).stem, layers=tuple(walk.layers), loss=loss, answer=answer)


class _Walk:
    """The layers found so far, in the order of the graph's nodes. Mutable: it takes one node after another."""

    def __init__(self, constants: Mapping[str, FloatArray]) -> None:
        self.layers: list[ModelLayer] = []
        self._constants = constants
        self._last = ""  # the value that the next node must take

    def take(self, node: Any, attributes: Mapping[str, Any]) -> None:
        """Add a node to the layers. Raises ModelError."""
        name = f"{node.name or node.output[0]}: {node.op_type}"
        computed = [each for each in node.input if each and each not in self._constants]
        if self._last and computed != [self._last]:
            raise ModelError(f"{name} does not follow the node before it; nnviz has layers one after another")
        self._last = node.output[0]
        given = [self._constants[each] for each in node.input if each in self._constants]
        if node.op_type == "Gemm":
            self._gemm(name, node, attributes)
        elif node.op_type == "MatMul" and len(given) == 1 and node.input[1] in self._constants:
            self.layers.append(ModelLayer(name=name, W=given[0], b=None))
        elif node.op_type == "Add" and len(given) == 1 and self._may_have_bias(given[0]):
            self.layers[-1] = replace(self.layers[-1], b=given[0].ravel())
        elif node.op_type in ACTIVATION_OPERATORS:
            self._activate(name, node, attributes)
        elif node.op_type not in _PASSING:
            raise ModelError(f"{name} is not in nnviz, which has Gemm, MatMul with Add, and activations")

    def _gemm(self, name: str, node: Any, attributes: Mapping[str, Any]) -> None:
        odd = [key for key in ("alpha", "beta") if attributes.get(key, 1.0) != 1.0]
        if odd or attributes.get("transA", 0) or node.input[1] not in self._constants:
            raise ModelError(f"{name} has {odd[0] if odd else 'no constant weights'}; nnviz has x W + b alone")
        weights = self._constants[node.input[1]]
        weights = weights.T.copy() if attributes.get("transB", 0) else weights
        bias = self._constants[node.input[2]].ravel() if len(node.input) > 2 else None
        bias = np.full(weights.shape[1], bias[0]) if bias is not None and bias.size == 1 else bias
        self.layers.append(ModelLayer(name=name, W=weights, b=bias))

    def _may_have_bias(self, values: FloatArray) -> bool:
        last = self.layers[-1] if self.layers else None
        return last is not None and last.b is None and not last.activation and values.size == last.units

    def _activate(self, name: str, node: Any, attributes: Mapping[str, Any]) -> None:
        if not self.layers or self.layers[-1].activation:
            what = "no layer with weights" if not self.layers else "another activation"
            raise ModelError(f"{name} follows {what}; nnviz has one activation for each layer")
        if node.op_type == "Gelu" and attributes.get("approximate", b"none") != b"none":
            raise ModelError(f"{name} is approximated by tanh; nnviz has the exact one")
        row = ACTIVATION_OPERATORS[node.op_type]
        constants = {own: float(attributes.get(key, default)) for key, (own, default) in row.constants.items()}
        self.layers[-1] = replace(self.layers[-1], activation=row.name, constants=constants)


def _answer(model: Any, *, is_log: bool) -> Callable[[FloatArray], FloatArray]:
    """Return the model's own output as a function of x, computed by onnx."""

    def answer(x: FloatArray) -> FloatArray:
        from onnx.helper import tensor_dtype_to_np_dtype
        from onnx.reference import ReferenceEvaluator

        entry = model.graph.input[0]
        kind = tensor_dtype_to_np_dtype(entry.type.tensor_type.elem_type)
        evaluator: Any = ReferenceEvaluator(model)  # its own types say less than it returns
        rows = [evaluator.run(None, {entry.name: example[np.newaxis].astype(kind)})[0].ravel() for example in x]
        values = np.array(rows, dtype=np.float64)
        return np.exp(values) if is_log else values

    return answer
