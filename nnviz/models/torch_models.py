"""PyTorch modules: Sequential, Linear, RNN and activations, recognized by their class names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.models.parts import ModelError, ModelLayer, ModelParts, check_chain, to_array, to_floats


@dataclass(frozen=True)
class TorchActivation:
    """How an activation of PyTorch is called in nnviz, its constants, and attributes that must have one value."""

    name: str
    constants: Mapping[str, str]  # attribute of the module → constant of nnviz
    needs: Mapping[str, Any]


def _row(name: str, constants: Mapping[str, str] | None = None, **needs: object) -> TorchActivation:
    return TorchActivation(name, constants or {}, needs)


ACTIVATION_MODULES: dict[str, TorchActivation] = {
    "Sigmoid": _row("sigmoid"),
    "Tanh": _row("tanh"),
    "ReLU": _row("relu"),
    "LeakyReLU": _row("leaky_relu", {"negative_slope": "negative_slope"}),
    "Softplus": _row("softplus", beta=1.0, threshold=20.0),
    "ELU": _row("elu", {"alpha": "alpha"}),
    "GELU": _row("gelu", approximate="none"),
    "SiLU": _row("silu"),
    "Softmax": _row("softmax"),
    "LogSoftmax": _row("softmax"),
    "Identity": _row("linear"),
}
# Modules that only pass their input on: Dropout where the model is not in training.
_PASSING = ("Flatten", "Identity", "Dropout")


def is_torch(model: object) -> bool:
    """Return whether an object is a module of PyTorch, or a list of such."""
    parts = model if isinstance(model, list | tuple) and model else [model]
    return all(any(kind.__module__.startswith("torch.nn") for kind in type(part).__mro__) for part in parts)


def read_torch(model: Any) -> ModelParts:
    """Return the parts of a module, or of a list of modules that follow one another. Raises ModelError."""
    layers: list[ModelLayer] = []
    for name, module in _leaves(model, ""):
        _add(layers, name, module)
    check_chain(layers)
    is_list = isinstance(model, list | tuple)
    name = "model" if is_list else type(model).__name__
    last_module = list(_leaves(model, ""))[-1][1]
    loss = "cross_entropy" if type(last_module).__name__ == "LogSoftmax" else ""
    answer = None if is_list else _answer(model, isinstance(layers[0].W_h, np.ndarray), loss)
    return ModelParts(name=name, layers=tuple(layers), loss=loss, answer=answer)


def _leaves(model: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield the modules that hold no others, in order, with their names: 0.linear."""
    is_list = isinstance(model, list | tuple)
    children = [(str(i), part) for i, part in enumerate(model)] if is_list else list(model.named_children())
    if not children:
        yield path, model
    for name, child in children:
        yield from _leaves(child, f"{path}.{name}" if path else name)


def _add(layers: list[ModelLayer], path: str, module: Any) -> None:
    """Add a module to the layers: a new one, or the activation of the last one. Raises ModelError."""
    kind = type(module).__name__
    name = f"{path}: {kind}" if path else kind
    if kind in _READERS:
        layers.extend(_READERS[kind](name, module))
    elif kind in _PASSING:
        if kind == "Dropout" and module.training and module.p:
            raise ModelError(f"{name} drops units at random in training; call model.eval() first")
    elif kind in ACTIVATION_MODULES:
        _activate(layers, name, module)
    else:
        raise ModelError(f"{name} is not in nnviz, which has {', '.join(_READERS)} and activations")


def _activate(layers: list[ModelLayer], name: str, module: Any) -> None:
    row = ACTIVATION_MODULES[type(module).__name__]
    if not layers or layers[-1].activation:
        what = "no Linear layer" if not layers else "another activation"
        raise ModelError(f"{name} follows {what}; nnviz has one activation for each layer")
    for attribute, needed in row.needs.items():
        if getattr(module, attribute, needed) != needed:
            raise ModelError(f"{name} has {attribute}={getattr(module, attribute)!r}; nnviz has only {needed!r}")
    constants = {constant: float(getattr(module, attribute)) for attribute, constant in row.constants.items()}
    layers[-1] = replace(layers[-1], activation=row.name, constants=constants)


def _linear(name: str, module: Any) -> list[ModelLayer]:
    bias = None if module.bias is None else to_floats(module.bias)
    return [ModelLayer(name=name, W=to_floats(module.weight).T.copy(), b=bias)]


def _rnn(name: str, module: Any) -> list[ModelLayer]:
    """Return a layer for each one of an RNN."""
    if module.bidirectional:
        raise ModelError(f"{name} is bidirectional; nnviz goes through time in one direction")
    if module.dropout and module.training and module.num_layers > 1:
        raise ModelError(f"{name} drops units at random in training; call model.eval() first")

    def part(kind: str, layer: int) -> FloatArray:
        return to_floats(getattr(module, f"{kind}_l{layer}"))

    return [
        ModelLayer(
            name=name,
            W=part("weight_ih", layer).T.copy(),
            b=part("bias_ih", layer) if module.bias else None,
            activation=module.nonlinearity,
            W_h=part("weight_hh", layer).T.copy(),
            b_h=part("bias_hh", layer) if module.bias else None,
        )
        for layer in range(module.num_layers)
    ]


_READERS: dict[str, Callable[[str, Any], list[ModelLayer]]] = {"Linear": _linear, "RNN": _rnn}


def _answer(model: Any, is_recurrent: bool, loss: str) -> Callable[[FloatArray], FloatArray]:
    """Return the model's own output as a function of x: nnviz compares it with the layers' one after another."""
    takes_batch_first = any(getattr(module, "batch_first", False) for _, module in _leaves(model, ""))

    def answer(x: FloatArray) -> FloatArray:
        parameter = next(iter(model.parameters()))
        swap = is_recurrent and not takes_batch_first
        output = model(parameter.new_tensor(np.swapaxes(x, 0, 1) if swap else x))
        output = output[0] if isinstance(output, tuple) else output
        values = np.asarray(to_array(output), dtype=np.float64)
        values = np.swapaxes(values, 0, 1) if swap and values.ndim == 3 else values
        return np.exp(values) if loss else values

    return answer


@dataclass(frozen=True)
class TorchLoss:
    """A loss of PyTorch: what it is in nnviz for one output and for several; its batch is averaged or summed."""

    one: str
    several: str


LOSS_MODULES: dict[str, TorchLoss] = {
    "CrossEntropyLoss": TorchLoss("cross_entropy", "cross_entropy"),
    "NLLLoss": TorchLoss("cross_entropy", "cross_entropy"),
    "BCELoss": TorchLoss("binary_cross_entropy", "mean_binary_cross_entropy"),
    "BCEWithLogitsLoss": TorchLoss("binary_cross_entropy", "mean_binary_cross_entropy"),
    "MSELoss": TorchLoss("squared", "mean_squared"),
    "L1Loss": TorchLoss("absolute", "mean_absolute"),
}


def loss_of_torch(loss: Any, outputs: int) -> tuple[str, str]:
    """Return what a loss of PyTorch is in nnviz, and how it reduces a batch, mean or sum. Raises ModelError."""
    kind = type(loss).__name__
    row = LOSS_MODULES.get(kind)
    if row is None:
        raise ModelError(f"{kind} is not in nnviz, which has {', '.join(LOSS_MODULES)}")
    for attribute in ("weight", "pos_weight"):
        if getattr(loss, attribute, None) is not None:
            raise ModelError(f"{kind} has {attribute}; nnviz has no weighted losses")
    if getattr(loss, "label_smoothing", 0.0):
        raise ModelError(f"{kind} smooths labels; give the smoothed targets instead")
    return (row.one if outputs == 1 else row.several), "sum" if loss.reduction == "sum" else "mean"
