"""scikit-learn's MLPClassifier and MLPRegressor, recognized by their class names; they bring their loss."""

from __future__ import annotations

import warnings
from typing import Any

from nnviz.engine.arrays import FloatArray
from nnviz.models.parts import ModelError, ModelLayer, ModelParts, to_floats

_ACTIVATIONS = {"identity": "linear", "logistic": "sigmoid", "tanh": "tanh", "relu": "relu", "softmax": "softmax"}
# scikit-learn's squared error has a factor 1/2; its gradient is that of the sum over the outputs.
_LOSSES = {"softmax": "cross_entropy", "logistic": "binary_cross_entropy", "identity": "half_squared"}


def is_sklearn(model: object) -> bool:
    """Return whether an object is an estimator of scikit-learn."""
    return any(kind.__module__.startswith("sklearn.") for kind in type(model).__mro__)


def read_sklearn(model: Any) -> ModelParts:
    """Return the parts of a fitted network. Raises ModelError."""
    kind = type(model).__name__
    if not any(parent.__name__ in ("MLPClassifier", "MLPRegressor") for parent in type(model).__mro__):
        raise ModelError(f"{kind} is not a network that nnviz steps; it reads MLPClassifier and MLPRegressor")
    if not hasattr(model, "coefs_"):
        raise ModelError(f"{kind} has no weights yet; call fit(X, y) first")
    last = len(model.coefs_) - 1
    layers = tuple(
        ModelLayer(
            name=f"layer {index + 1} of {kind}",
            W=to_floats(W),
            b=to_floats(b),
            activation=_ACTIVATIONS[model.out_activation_ if index == last else model.activation],
        )
        for index, (W, b) in enumerate(zip(model.coefs_, model.intercepts_, strict=True))
    )
    loss = _LOSSES.get(model.out_activation_)
    if loss is None or getattr(model, "loss", "") == "poisson":
        raise ModelError(f"{kind} has the loss {model.loss!r}, which nnviz has not")
    note = f"its L2 penalty alpha={model.alpha:g} is no part of the loss here" if model.alpha else ""

    def answer(x: FloatArray) -> FloatArray:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of columns that had names when the model was fitted
            output = to_floats(model.predict_proba(x) if hasattr(model, "classes_") else model.predict(x))
        output = output.reshape(len(x), -1)
        return output[:, -layers[-1].units :]

    return ModelParts(
        name=kind,
        layers=layers,
        loss=loss,
        classes=tuple(getattr(model, "classes_", ())),
        notes=(note,) if note else (),
        answer=answer,
    )
