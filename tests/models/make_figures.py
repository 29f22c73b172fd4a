"""Writes figures.json: what PyTorch and scikit-learn compute for small models; run it with the extra `bench`."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np

FIGURES = Path(__file__).with_name("figures.json")


def torch_figures() -> list[dict[str, Any]]:
    """Return losses and gradients of PyTorch, in float64."""
    import torch
    from torch import nn

    torch.manual_seed(0)
    torch.set_default_dtype(torch.float64)
    generator = np.random.default_rng(0)
    cases: list[tuple[str, list[nn.Module], nn.Module, Any, Any]] = [
        ("classes", [nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 3)], nn.CrossEntropyLoss(), (5, 3), [0, 2, 1, 1, 0]),
        ("curve", [nn.Linear(2, 3), nn.GELU(), nn.Linear(3, 2)], nn.MSELoss(), (4, 2), (4, 2)),
        ("two", [nn.Linear(2, 3), nn.ELU(0.7), nn.Linear(3, 1)], nn.BCEWithLogitsLoss(), (4, 2), [1, 0, 0, 1]),
        ("shares", [nn.Linear(2, 2), nn.SiLU(), nn.Linear(2, 2), nn.Sigmoid()], nn.BCELoss(), (2, 2), [[1, 0], [1, 1]]),
        ("leaky", [nn.Linear(2, 3), nn.LeakyReLU(0.2), nn.Linear(3, 1)], nn.L1Loss(), (4, 2), (4, 1)),
    ]  # fmt: skip
    figures = []
    for name, modules, loss, x_shape, t in cases:
        model = nn.Sequential(*modules)
        x = generator.standard_normal(x_shape)
        targets = generator.standard_normal(t) if isinstance(t, tuple) else np.array(t)
        is_label = isinstance(loss, nn.CrossEntropyLoss)
        wanted = torch.tensor(targets if is_label else targets.astype(float).reshape(len(x), -1))
        value = loss(model(torch.tensor(x)), wanted)
        value.backward()
        linear = [module for module in modules if isinstance(module, nn.Linear)]
        figures.append(
            {
                "name": name,
                "modules": [_module(module) for module in modules],
                "loss": type(loss).__name__,
                "x": x.tolist(),
                "t": targets.tolist(),
                "value": value.item(),
                "dW": [module.weight.grad.numpy().T.tolist() for module in linear],
                "db": [module.bias.grad.numpy().tolist() for module in linear],
            }
        )
    return figures


def _module(module: Any) -> dict[str, Any]:
    """Return a module as its class name and the attributes that nnviz reads."""
    names = ("negative_slope", "alpha", "approximate")
    table = {name: getattr(module, name) for name in names if hasattr(module, name)}
    if hasattr(module, "weight"):
        table |= {name: getattr(module, name).detach().numpy().tolist() for name in ("weight", "bias")}
    return {"class": type(module).__name__, **table}


def sklearn_figures() -> list[dict[str, Any]]:
    """Return fitted networks of scikit-learn with their outputs, losses and gradients."""
    from sklearn.neural_network import MLPClassifier, MLPRegressor

    generator = np.random.default_rng(1)
    x = generator.standard_normal((12, 3)).round(3)
    words = np.array(["lily", "rose", "tulip"])[np.arange(12) % 3]
    options: dict[str, Any] = {"hidden_layer_sizes": (4,), "max_iter": 5, "random_state": 1, "alpha": 0.0}
    models = [
        ("classes", MLPClassifier(activation="tanh", **options), words),
        ("two", MLPClassifier(activation="logistic", **options), words != "rose"),
        ("curve", MLPRegressor(activation="relu", **options), x[:, 0] ** 2),
    ]
    figures = []
    for name, model, t in models:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # five epochs are not enough to converge
            model.fit(x, t)
        coded = model._label_binarizer.transform(t) if hasattr(model, "classes_") else t[:, np.newaxis]
        sizes = [W.shape[1] for W in model.coefs_]
        empty = [x, *(np.empty((12, size)) for size in sizes)]
        deltas = [np.empty((12, size)) for size in sizes]
        dW, db = ([np.empty_like(part) for part in parts] for parts in (model.coefs_, model.intercepts_))
        value, dW, db = model._backprop(x, coded.astype(float), np.ones(12), empty, deltas, dW, db)
        classes = [each.item() for each in getattr(model, "classes_", ())]
        figures.append(
            {
                "name": name,
                "class": type(model).__name__,
                "activation": model.activation,
                "out_activation_": model.out_activation_,
                "classes_": classes,
                "coefs_": [W.tolist() for W in model.coefs_],
                "intercepts_": [b.tolist() for b in model.intercepts_],
                "x": x.tolist(),
                "t": t.tolist(),
                "value": float(value),
                "dW": [part.tolist() for part in dW],
                "db": [part.tolist() for part in db],
            }
        )
    return figures


if __name__ == "__main__":
    FIGURES.write_text(json.dumps({"torch": torch_figures(), "sklearn": sklearn_figures()}) + "\n", encoding="utf-8")
