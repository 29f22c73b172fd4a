"""Weights and biases that a network does not have: layers without biases, and missing connections."""

from __future__ import annotations

from nnviz.engine.network import Architecture
from nnviz.tracing.steps import PARAMETER_OF, Quantity


def absent_text(architecture: Architecture, quantity: Quantity) -> str:
    """Return in one line that the network lacks a weight or bias, or a number that belongs to it; else empty."""
    kinds = PARAMETER_OF.get(quantity.kind)
    if kinds is None or quantity.layer is None:
        return ""
    layer, unit, source = quantity.layer, quantity.unit, quantity.source
    if not kinds.is_matrix:
        return "" if architecture.layers[layer].biases else f"Layer {layer + 1} has no biases"
    if kinds.is_recurrent or unit is None or source is None or architecture.is_connected(layer, unit, source):
        return ""
    start = f"neuron {source + 1} of layer {layer}" if layer else f"input {source + 1}"
    return f"There is no connection from {start} to neuron {unit + 1} of layer {layer + 1}"
