"""The rules in PyTorch's words, one row each; a rule without a row has none there, and its pass is refused."""

from __future__ import annotations

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Architecture
from nnviz.engine.optimizers import OPTIMIZERS, UpdateRule

# An activation of z, with its constants by name; {z} is z, or z times the gain.
TORCH_ACTIVATIONS: dict[str, str] = {
    "sigmoid": "torch.sigmoid({z})",
    "tanh": "torch.tanh({z})",
    "relu": "torch.relu({z})",
    "leaky_relu": "F.leaky_relu({z}, {negative_slope!r})",
    "linear": "{z}",
    "softmax": "torch.softmax({z}, dim=1)",
    "softplus": "F.softplus({z})",
    "elu": "F.elu({z}, {alpha!r})",
    "gelu": "F.gelu({z})",
    "silu": "F.silu({z})",
    "sine": "torch.sin({z})",
    "bipolar_sigmoid": "2 * torch.sigmoid({z}) - 1",
}
# The loss of a batch, summed over its examples, of outputs {y} with targets {t}.
TORCH_LOSSES: dict[str, str] = {
    "half_squared": "0.5 * (({t} - {y}) ** 2).sum()",
    "squared": "(({t} - {y}) ** 2).sum()",
    "mean_squared": "(({t} - {y}) ** 2).mean(dim=1).sum()",
    "cross_entropy": "-torch.xlogy({t}, {y}).sum()",
    "binary_cross_entropy": 'F.binary_cross_entropy({y}, {t}, reduction="sum")',
    "mean_binary_cross_entropy": 'F.binary_cross_entropy({y}, {t}, reduction="none").mean(dim=1).sum()',
    "absolute": "({t} - {y}).abs().sum()",
    "mean_absolute": "({t} - {y}).abs().mean(dim=1).sum()",
    "hinge": "torch.relu(1 - {t} * {y}).sum()",
}
# With the output activation that belongs to them, from z, as PyTorch computes them without overflow.
TORCH_FUSED: dict[str, str] = {
    "cross_entropy": "-({t} * torch.log_softmax({z}, dim=1)).sum()",
    "binary_cross_entropy": 'F.binary_cross_entropy_with_logits({z}, {t}, reduction="sum")',
}
TORCH_OPTIMIZERS: dict[str, str] = {
    "sgd": "SGD({parameters}, lr={learning_rate!r}{more})",
    "momentum": "SGD({parameters}, lr={learning_rate!r}, momentum={momentum!r}{more})",
    "nesterov": "SGD({parameters}, lr={learning_rate!r}, momentum={momentum!r}, nesterov=True{more})",
    "rmsprop": "RMSprop({parameters}, lr={learning_rate!r}, alpha={alpha!r}, eps={eps!r}{more})",
    "adam": "Adam({parameters}, lr={learning_rate!r}, betas=({beta1!r}, {beta2!r}), eps={eps!r}{more})",
    "adamw": (
        "AdamW({parameters}, lr={learning_rate!r}, betas=({beta1!r}, {beta2!r}), eps={eps!r}, "
        "weight_decay={weight_decay!r}{more})"
    ),
    "adagrad": "Adagrad({parameters}, lr={learning_rate!r}, eps={eps!r}{more})",
}


def activation_source(architecture: Architecture, layer: int, z: str) -> str:
    """Return the activation of a layer (from 0) as an expression of z. Raises ValueError."""
    name = architecture.layers[layer].activation
    row = ACTIVATIONS[name]
    numbers = {
        constant.name: float(value)
        for constant, value in zip(row.constants, architecture.constants(layer), strict=True)
    }
    gain = numbers.get("gain", 1.0)
    return _row(TORCH_ACTIVATIONS, name, "activation").format(z=z if gain == 1.0 else f"{gain!r} * {z}", **numbers)


def loss_source(architecture: Architecture, y: str, z: str, t: str) -> str:
    """Return the summed loss of a batch as an expression. Raises ValueError."""
    fused = TORCH_FUSED.get(architecture.loss) if architecture.is_fusible else None
    return (fused or _row(TORCH_LOSSES, architecture.loss, "loss")).format(y=y, z=z, t=t)


def optimizer_source(rule: UpdateRule, parameters: str, *, uphill: bool) -> str:
    """Return the optimizer as an expression. Raises ValueError."""
    numbers = {constant.name: rule.rates.constant(constant) for constant in OPTIMIZERS[rule.optimizer].constants}
    numbers["learning_rate"] = rule.rates.learning_rate
    row = _row(TORCH_OPTIMIZERS, rule.optimizer, "optimizer")
    return "torch.optim." + row.format(parameters=parameters, more=", maximize=True" if uphill else "", **numbers)


def _row(table: dict[str, str], name: str, noun: str) -> str:
    if name not in table:
        raise ValueError(f"PyTorch has no {noun} {name}, so that no script can be written for it")
    return table[name]
