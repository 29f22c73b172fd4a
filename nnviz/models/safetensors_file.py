"""Safetensors files, read and written without their package: a header in JSON, then the numbers of each tensor."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import BIAS_NAMES, Network
from nnviz.lessons.file_content import FileContentError, read_content
from nnviz.models.parts import ModelError, ModelLayer, ModelParts, check_chain

FILE_LIMIT = 500_000_000  # bytes
HEADER_LIMIT = 10_000_000
ACTIVATIONS_KEY, LOSS_KEY = "nnviz.activations", "nnviz.loss"
_TYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"}
_DIGITS = re.compile(r"([0-9]+)")
# A layer's matrix, as PyTorch names it in Linear and RNN, and its other tensors.
_WEIGHT = re.compile(r"(?P<layer>.*?)\.?(?P<kind>weight|weight_ih_l(?P<number>[0-9]+))")


def read_safetensors(path: str | Path) -> tuple[dict[str, FloatArray], dict[str, str]]:
    """Return the tensors of a file by name, as float64, and its metadata. Raises ModelError."""
    try:
        content = read_content(path, FILE_LIMIT, "safetensors file")
    except FileContentError as error:
        raise ModelError(str(error)) from None
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or not 2 <= length <= min(HEADER_LIMIT, len(content) - 8):
        raise ModelError("not a safetensors file: its header does not fit")
    try:
        header = json.loads(content[8 : 8 + length])
    except (ValueError, RecursionError):
        raise ModelError("not a safetensors file: its header is not JSON") from None
    if not isinstance(header, dict):
        raise ModelError("not a safetensors file: its header is not a table")
    metadata = header.pop("__metadata__", {})
    data = memoryview(content)[8 + length :]
    tensors = {name: _tensor(name, entry, data) for name, entry in header.items()}
    return tensors, metadata if isinstance(metadata, dict) else {}


def _tensor(name: str, entry: Any, data: memoryview) -> FloatArray:
    try:
        kind, shape, (start, end) = _TYPES.get(entry["dtype"]), tuple(entry["shape"]), entry["data_offsets"]
        size = prod(shape)
    except (TypeError, KeyError, ValueError):
        raise ModelError(f"not a safetensors file: the entry of {name!r} is not a tensor") from None
    if kind is None:
        raise ModelError(f"{name} holds {entry['dtype']}; nnviz reads {', '.join(_TYPES)}")
    width = np.dtype(kind).itemsize
    is_whole = all(isinstance(number, int) and number >= 0 for number in (*shape, start, end))
    if not is_whole or not start <= end <= len(data) or end - start != size * width:
        raise ModelError(f"not a safetensors file: the numbers of {name} do not fit")
    values = np.frombuffer(data[start:end], dtype=kind).reshape(shape)
    if kind == _TYPES["BF16"]:
        values = (values.astype(np.uint32) << 16).view(np.float32)
    return values.astype(np.float64)


def safetensors_parts(path: str | Path, activations: Sequence[str] = ()) -> ModelParts:
    """Return the parts of a model whose layers are named as in PyTorch: weight and bias. Raises ModelError.

    The file holds no activations, unless nnviz wrote it; `activations` are those of all layers, or one for the hidden.
    """
    layers, metadata = _read_layers(path)
    words = tuple(activations) or _own_activations(metadata)
    chosen = _spread(words, layers)
    named = [replace(layer, activation=word) for layer, word in zip(layers, chosen, strict=True)]
    return ModelParts(name=Path(path).stem, layers=tuple(named), loss=str(metadata.get(LOSS_KEY, "")))


def sizes_without_activations(path: str | Path) -> tuple[int, ...]:
    """Return the sizes of a network whose file holds no activations, from the inputs on; none if it holds them.

    Raises ModelError.
    """
    layers, metadata = _read_layers(path)
    return () if _own_activations(metadata) else _sizes(layers)


def _read_layers(path: str | Path) -> tuple[list[ModelLayer], Mapping[str, Any]]:
    """Return the layers of a file, and its metadata. Raises ModelError."""
    tensors, metadata = read_safetensors(path)
    layers = _layers(tensors)
    check_chain(layers)
    return layers, metadata


def _own_activations(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(filter(None, str(metadata.get(ACTIVATIONS_KEY, "")).split(",")))


def _sizes(layers: Sequence[ModelLayer]) -> tuple[int, ...]:
    return (layers[0].W.shape[0], *(layer.units for layer in layers))


def _spread(words: Sequence[str], layers: Sequence[ModelLayer]) -> tuple[str, ...]:
    """Return an activation for each layer, "" for an output that is left to the loss. Raises ModelError."""
    count = len(layers)
    if len(words) == count:
        return tuple(words)
    if len(words) == count - 1:
        return (*words, "")
    if len(words) == 1:
        return (words[0],) * (count - 1) + ("",)
    sizes = "-".join(map(str, _sizes(layers)))
    said = f"{len(words)} activations are given for" if words else "the file holds no activations for"
    raise ModelError(f"{said} the {count} layers of {sizes}; say them, as --activation relu or relu,linear")


def _layers(tensors: Mapping[str, FloatArray]) -> list[ModelLayer]:
    """Return the layers that the names of tensors make, in the order of their numbers. Raises ModelError."""
    layers, used = [], set()
    for name in sorted(tensors, key=_natural):
        match = _WEIGHT.fullmatch(name)
        if match is None:
            continue
        if tensors[name].ndim != 2:
            raise ModelError(f"{name} has {tensors[name].ndim} axes; nnviz has layers with a matrix of weights")
        prefix = f"{match['layer']}." if match["layer"] else ""
        number = match["number"]
        names = {"W": name, "b": f"{prefix}bias"}
        if number is not None:
            kinds = {"W": "weight_ih", "b": "bias_ih", "W_h": "weight_hh", "b_h": "bias_hh"}
            names = {key: f"{prefix}{kind}_l{number}" for key, kind in kinds.items()}
        found = {key: tensors[each] for key, each in names.items() if each in tensors}
        used |= {each for each in names.values() if each in tensors}
        layers.append(_layer(match["layer"] or "layer", found, is_recurrent=number is not None))
    left = sorted(set(tensors) - used, key=_natural)
    if left:
        raise ModelError(f"{left[0]} belongs to no layer that nnviz has")
    return layers


def _layer(name: str, found: Mapping[str, FloatArray], *, is_recurrent: bool) -> ModelLayer:
    units = found["W"].shape[0]
    wanted = {"b": (units,), "b_h": (units,), "W_h": (units, units)}
    for key, shape in wanted.items():
        if key in found and found[key].shape != shape:
            # Four or three times the units are the gates of an LSTM or a GRU.
            raise ModelError(f"{name} has {key} of the shape {found[key].shape}, not {shape}; nnviz has no such layer")
    if is_recurrent and "W_h" not in found:
        raise ModelError(f"{name} has no weight_hh")
    return ModelLayer(
        name=name,
        W=found["W"].T.copy(),
        b=found.get("b"),
        W_h=found["W_h"].T.copy() if "W_h" in found else None,
        b_h=found.get("b_h"),
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key by which l2 comes before l10."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in _DIGITS.split(name)]


def safetensors_bytes(network: Network) -> bytes:
    """Return a network as a safetensors file whose names and shapes are those of torch.nn.Sequential: 0.weight."""
    architecture, tensors = network.architecture, {}
    for index, layer in enumerate(architecture.layers):
        kinds = {"W": "weight", "b": "bias"}
        if layer.recurrent:
            kinds = {"W": "weight_ih_l0", "b": "bias_ih_l0", "W_h": "weight_hh_l0", "b_h": "bias_hh_l0"}
        for key in architecture.slots[index]:
            part = network.parameters.part(key, index)
            each = np.broadcast_to(part, (layer.units,)) if key in BIAS_NAMES else part  # a shared bias, for each unit
            tensors[f"{2 * index}.{kinds[key]}"] = np.ascontiguousarray(each.T)
    header: dict[str, Any] = {
        "__metadata__": {
            ACTIVATIONS_KEY: ",".join(layer.activation for layer in architecture.layers),
            LOSS_KEY: architecture.loss,
        }
    }
    start = 0
    for name, tensor in tensors.items():
        header[name] = {"dtype": "F64", "shape": list(tensor.shape), "data_offsets": [start, start + tensor.nbytes]}
        start += tensor.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(tensor.astype("<f8").tobytes() for tensor in tensors.values())
    return len(text).to_bytes(8, "little") + text + data
