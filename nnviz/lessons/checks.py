"""Checks of a lesson file beyond its format: shapes, ranges and references between its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen_name
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import PARAMETER_LIMIT, Architecture, Layer
from nnviz.engine.optimizers import OPTIMIZERS, WEIGHT_DECAY
from nnviz.lessons.data_checks import DATA_CHECKS
from nnviz.lessons.draft import Draft, size_path, size_paths
from nnviz.lessons.faults import FieldPath, Issue, count_of, did_you_mean, toml_text
from nnviz.lessons.figure_checks import FIGURE_CHECKS
from nnviz.lessons.schema import LAYER_CONSTANTS, Document

_NAME_LENGTH = 20
_SHOWN_NAMES = 4


def check_document(document: Document, points: Dataset | None) -> Iterator[Issue]:
    """Yield the faults of a document in the right format; `points` is the content of its data file, if any."""
    draft = Draft(document, points)
    for check in CHECKS:
        yield from check(draft)


def _check_size(draft: Draft) -> Iterator[Issue]:
    sizes = draft.sizes
    network = draft.document.network
    layers = tuple(Layer(layer.units, layer.activation, layer.recurrent) for layer in network.layers)
    count = Architecture(network.inputs, layers, network.loss).parameter_count
    if count > PARAMETER_LIMIT:
        message = f"the network would have {count} parameters; at most {PARAMETER_LIMIT} are allowed"
        yield Issue(size_path(sizes.index(max(sizes)) - 1), message, size_paths(draft.depth))


def _check_parameters(draft: Draft) -> Iterator[Issue]:
    for index, layer in enumerate(draft.document.network.layers):
        inputs, units = draft.sizes[index : index + 2]
        path: FieldPath = ("network", "layers", index)
        needs = (size_path(index - 1), size_path(index))
        for name, value in (("W", layer.W), ("b", layer.b), ("W_h", layer.W_h), ("b_h", layer.b_h)):
            is_recurrent = name in ("W_h", "b_h")
            if value is None:
                if draft.document.network.init is None and (layer.recurrent or not is_recurrent):
                    message = f"missing; give {name}, or say in [network.init] how to draw it"
                    yield Issue((*path, name), message, (("network", "init"), (*path, "recurrent")))
            elif is_recurrent and not layer.recurrent:
                message = "only a recurrent layer has this; write recurrent = true, or leave it out"
                yield Issue((*path, name), message, ((*path, "recurrent"),))
            else:
                message = _shape_problem(name, value, units if is_recurrent else inputs, units)
                if message:
                    yield Issue((*path, name), message, needs[1:] if is_recurrent or name == "b" else needs)


def _shape_problem(name: str, value: Sequence[float] | Sequence[Sequence[float]], sources: int, units: int) -> str:
    """Return what is wrong with the shape of a given parameter, or an empty text."""
    rows = [row for row in value if isinstance(row, Sequence)]
    if name in ("b", "b_h"):
        right = len(value) == units
        return "" if right else f"{name} is {count_of(len(value), 'number')}, but units = {units} are needed"
    shape = (len(value), len(rows[0]) if rows else 0)
    if shape == (sources, units):
        return ""
    words = "(units, units)" if name == "W_h" else "(inputs, units)"
    hint = "; it looks transposed" if shape == (units, sources) else ""
    return f"{name} is {count_of(shape[0], 'row')} of {shape[1]}, but {words} = ({sources}, {units}) is needed{hint}"


def _check_constants(draft: Draft) -> Iterator[Issue]:
    """Constants that no rule in use takes: one of a layer's activation, or the weight decay of an optimizer."""
    for index, layer in enumerate(draft.document.network.layers):
        path: FieldPath = ("network", "layers", index)
        for name, _ in layer.constants:
            if name not in {constant.name for constant in ACTIVATIONS[layer.activation].constants}:
                takers = [row.name for row in ACTIVATIONS.values() if LAYER_CONSTANTS[name] in row.constants]
                needed = " or ".join(map(toml_text, takers))
                message = f"only used with activation = {needed}, not {toml_text(layer.activation)}"
                yield Issue((*path, name), message, ((*path, "activation"),))
    training, decay = draft.document.training, WEIGHT_DECAY.name
    if decay in training.constants and WEIGHT_DECAY not in OPTIMIZERS[training.optimizer].constants:
        takers = [row.name for row in OPTIMIZERS.values() if WEIGHT_DECAY in row.constants]
        message = (
            f"only used with optimizer = {' or '.join(map(toml_text, takers))}, not {toml_text(training.optimizer)}"
        )
        yield Issue(("training", decay), message, (("training", "optimizer"),))


def _check_frozen(draft: Draft) -> Iterator[Issue]:
    depth = draft.depth
    shown = range(1, min(depth, _SHOWN_NAMES) + 1)
    recurrent = [n + 1 for n in draft.recurrent][:_SHOWN_NAMES]
    known = ("weights", "biases", *(f"{name}{n}" for name in "Wb" for n in shown))
    known += tuple(f"{name}{n}" for name in ("W_h", "b_h") for n in recurrent)
    for index, name in enumerate(draft.document.convention.frozen):
        if len(name) > _NAME_LENGTH or not is_frozen_name(name, depth, draft.recurrent):
            more = f" (up to W{depth}, b{depth})" if depth > _SHOWN_NAMES else ""
            message = f"{toml_text(name)} is not one of {', '.join(known)}{more}{did_you_mean(name, known)}"
            yield Issue(("convention", "frozen", index), message, (("network", "layers"),))


CHECKS: Sequence[Callable[[Draft], Iterator[Issue]]] = (
    _check_size,
    _check_parameters,
    _check_constants,
    _check_frozen,
    *DATA_CHECKS,
    *FIGURE_CHECKS,
)
