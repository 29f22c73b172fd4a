"""A lesson of a model: its layers and weights, its loss, and the examples that are given or drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset, given_targets, make_dataset, make_sequences
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import Network, make_network
from nnviz.engine.passes import predict
from nnviz.lessons.faults import not_one_of
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.making.defaults import TRAINING, loss_for
from nnviz.lessons.making.from_values import LayerWish, lesson_of_layers
from nnviz.models.model_data import at_last, drawn_inputs, model_dataset, model_inputs
from nnviz.models.parts import DataShape, ModelError, ModelLayer, ModelParts
from nnviz.models.torch_models import is_torch, loss_of_torch

# A pass of a model is of one example, so that its gradients are those of this example.
STEPPED: Mapping[str, Any] = {**TRAINING, "update_after": "example", "shuffle": False}
COMPARED = 5  # examples, of which the model's own output is compared
TOLERANCE = 1e-4  # of a model's own output, which may be computed in float32


def model_lesson(
    parts: ModelParts,
    x: object = None,
    t: object = None,
    *,
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
    example: int = 0,
    name: str = "",
) -> Lesson:
    """Return the lesson of a model. Without x it has one drawn example, without t its own output as target.

    `loss` is a loss of nnviz by its name, one of PyTorch, or None for that of the model, or of the targets. Raises
    ModelError and LessonError.
    """
    chosen, reduce = _chosen_loss(loss, parts)
    inputs = drawn_inputs(parts.shape) if x is None else model_inputs(parts.shape, x)
    answer = _own_answer(parts, inputs[:COMPARED])
    shape = replace(parts.shape, answers_last=parts.is_recurrent and answer is not None and answer.ndim == 2)
    if t is None:
        dataset = _with_outputs(shape, inputs, np.full((*inputs.shape[:-1], parts.outputs), 1.0 / parts.outputs))
        chosen = chosen or _own_loss(parts)
    else:
        dataset = model_dataset(shape, inputs, t, chosen)
        chosen = chosen or _own_loss(parts) or loss_for(given_targets(dataset.targets))
    chosen = chosen or "half_squared"
    settings = {**STEPPED, **({"reduce": reduce} if reduce else {}), **(training or {})}
    wishes = [_wish(layer, chosen if layer is parts.layers[-1] else "") for layer in parts.layers]
    frozen = _frozen(parts)
    lesson = lesson_of_layers(
        parts.inputs,
        wishes,
        dataset,
        loss=chosen,
        parameters=_parameters(parts),
        training=settings,
        convention={"frozen": frozen} if frozen else None,
        example=example,
        name=name or parts.name,
    )
    if answer is not None:
        _check_answer(parts, lesson, answer)
    if t is None:
        outputs = _by_example(parts, predict(lesson.network, dataset.inputs))
        lesson = replace(lesson, dataset=_with_outputs(shape, inputs, outputs))
    return replace(lesson, report="; ".join(parts.notes))


def _chosen_loss(loss: Any, parts: ModelParts) -> tuple[str, str]:
    """Return the loss that is asked for, or "", and how it reduces a batch, or "". Raises ModelError."""
    if loss is None:
        return "", ""
    if isinstance(loss, str):
        if loss not in LOSSES:
            raise ModelError(f"loss: {not_one_of(loss, tuple(LOSSES))}")
        return loss, ""
    if is_torch(loss):
        return loss_of_torch(loss, parts.outputs)
    raise ModelError(f"loss: {type(loss).__name__} is neither the name of a loss nor a loss of PyTorch")


def _own_loss(parts: ModelParts) -> str:
    """Return the loss that a model brings, or that belongs to its output activation; "" if neither says one."""
    last = parts.layers[-1].activation
    return parts.loss or next((row.name for row in LOSSES.values() if last and row.fused == last), "")


def _with_outputs(shape: DataShape, inputs: FloatArray, outputs: FloatArray) -> Dataset:
    """Return examples whose targets are outputs (examples, outputs), or (examples, time, outputs)."""
    if not shape.is_recurrent:
        return make_dataset(inputs, outputs)
    return make_sequences(inputs, at_last(outputs[:, -1], inputs.shape[1]) if shape.answers_last else outputs)


def _by_example(parts: ModelParts, values: FloatArray) -> FloatArray:
    """Return values (time, examples, units) as (examples, time, units), or (examples, units) without time."""
    return np.swapaxes(values, 0, 1) if parts.is_recurrent else values[0]


def _wish(layer: ModelLayer, loss: str) -> LayerWish:
    """Return a layer for the lesson; the output of a model that ends in weighted sums gets that of its loss."""
    ending = LOSSES[loss].fused if loss else ""
    keys: dict[str, Any] = dict(layer.constants)
    if layer.W_h is not None:
        keys["recurrent"] = True
    if not layer.has_biases:
        keys["bias"] = False
    return LayerWish(units=layer.units, activation=layer.activation or ending or "linear", keys=keys)


def _parameters(parts: ModelParts) -> FloatArray:
    """Return the flat vector (P,): W, b, and of a recurrent layer W_h, b_h; no biases of a layer without any."""
    vectors: list[FloatArray] = []
    for layer in parts.layers:
        none = np.zeros(layer.units if layer.has_biases else 0)
        vectors += [layer.W.ravel(), none if layer.b is None else layer.b]
        if layer.W_h is not None:
            vectors += [layer.W_h.ravel(), none if layer.b_h is None else layer.b_h]
    return np.concatenate(vectors)


def _frozen(parts: ModelParts) -> list[str]:
    """Return the biases that stay 0: one vector of a recurrent layer that has the other alone."""
    return [
        f"{name}{number}"
        for number, layer in enumerate(parts.layers, start=1)
        for name, values in (("b", layer.b), ("b_h", layer.b_h))
        if layer.W_h is not None and layer.has_biases and values is None
    ]


def _own_answer(parts: ModelParts, x: FloatArray) -> FloatArray | None:
    """Return the model's own output for x, or None if it cannot be asked. Raises ModelError if it fails."""
    if parts.answer is None:
        return None
    try:
        return parts.answer(x)
    except Exception as error:  # of the other program, whatever it is
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise ModelError(f"{parts.name} cannot be run on x: {reason}") from error


def _check_answer(parts: ModelParts, lesson: Lesson, answer: FloatArray) -> None:
    """Raise ModelError if the model's own output is not that of its layers one after another."""
    outputs = predict(_as_given(parts, lesson.network), lesson.dataset.inputs[:, : len(answer)])
    own = _by_example(parts, outputs)
    own = own[:, -1] if parts.is_recurrent and answer.ndim == 2 else own
    if answer.shape != own.shape or not np.allclose(answer, own, rtol=TOLERANCE, atol=TOLERANCE):
        raise ModelError(
            f"the output of {parts.name} is not that of its layers one after another: its forward does more; "
            "give the layers as a list, or as torch.nn.Sequential"
        )


def _as_given(parts: ModelParts, network: Network) -> Network:
    """Return a lesson's network without the output activation that only its loss has added."""
    if parts.layers[-1].activation:
        return network
    *before, last = network.architecture.layers
    plain = replace(network.architecture, layers=(*before, replace(last, activation="linear", constants=())))
    return make_network(plain, network.parameters.vector)
