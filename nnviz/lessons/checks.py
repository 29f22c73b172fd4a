"""Checks of a lesson file before and beyond its format: its size; shapes, ranges and references between tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import is_frozen_name
from nnviz.engine.datasets import Dataset
from nnviz.engine.losses import LOSSES
from nnviz.engine.network import BIAS_NAMES, PARAMETER_LIMIT, Architecture
from nnviz.engine.schedule import RATE_SCHEDULES, RateSchedule
from nnviz.lessons.data_checks import DATA_CHECKS
from nnviz.lessons.draft import Draft, make_layer, size_path, size_paths
from nnviz.lessons.faults import MOST_FAULTS, FieldPath, Issue, count_of, did_you_mean, toml_text
from nnviz.lessons.figure_checks import FIGURE_CHECKS
from nnviz.lessons.schema import COLUMN_LIMIT, LAYER_CONSTANTS, Document

# What no lesson needs: each of these would be checked, and could be a fault.
MOST_KEYS = 1000  # of a table
MOST_LAYERS = 200
MOST_ENTRIES = 2000  # of any other array that is not of numbers
LONGEST_TEXT = 10_000  # characters
_MOST: dict[FieldPath, int] = {
    ("network", "layers"): MOST_LAYERS,
    ("data", "columns"): COLUMN_LIMIT,
    ("data", "target"): COLUMN_LIMIT,
}
_NUMERIC = tuple(("data", name) for name in ("inputs", "targets", "held_out_inputs", "held_out_targets", "centers"))

_NAME_LENGTH = 20
_SHOWN_NAMES = 4


def excessive(tables: dict[str, Any]) -> tuple[Issue, ...]:
    """Return what is too long or too much for any lesson, and arrays with many wrong entries, by their paths.

    What these tables would give is not checked further, since each of their entries could be a fault.
    """
    return tuple(issue for path, value in _values(tables) if (issue := _excess(path, value)) is not None)


def _values(value: object, path: FieldPath = ()) -> Iterator[tuple[FieldPath, object]]:
    """Yield the tables below a value and the values in them, with their paths."""
    yield path, value
    if isinstance(value, dict) and len(value) <= MOST_KEYS:
        for key, inner in value.items():
            yield from _values(inner, (*path, key))
    elif isinstance(value, list) and value and isinstance(value[0], dict) and len(value) <= MOST_ENTRIES:
        for index, inner in enumerate(value):
            yield from _values(inner, (*path, index))


def _excess(path: FieldPath, value: object) -> Issue | None:
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return Issue(path, f"longer than {LONGEST_TEXT} characters")
    if isinstance(value, dict) and len(value) > MOST_KEYS:
        return Issue(path, f"has more than {MOST_KEYS} keys")
    if not isinstance(value, list):
        return None
    most = _MOST.get(path, MOST_ENTRIES)
    if value and not isinstance(value[0], (list, int, float)) and len(value) > most:
        return Issue(path, f"has {len(value)} entries; at most {most} are allowed")
    is_numeric = path in _NUMERIC or (len(path) == 4 and path[:2] == ("network", "layers"))
    wrong = list(islice(_wrong_entries(value), MOST_FAULTS + 1)) if is_numeric else []
    if len(wrong) <= MOST_FAULTS:
        return None
    return Issue(path, f"more than {MOST_FAULTS} entries are not numbers; the first is {toml_text(wrong[0])}")


def _wrong_entries(values: Iterable[object], depth: int = 0) -> Iterator[object]:
    """Yield the entries of nested arrays that are neither numbers nor arrays that may be there."""
    for value in values:
        if isinstance(value, list) and depth < 3:
            yield from _wrong_entries(value, depth + 1)
        elif not isinstance(value, (int, float)) or isinstance(value, bool):
            yield value


def check_document(document: Document, points: Dataset | None) -> Iterator[Issue]:
    """Yield the faults of a document in the right format; `points` is the content of its data file, if any."""
    draft = Draft(document, points)
    for check in CHECKS:
        yield from check(draft)


def _check_size(draft: Draft) -> Iterator[Issue]:
    sizes = draft.sizes
    network = draft.document.network
    layers = tuple(map(make_layer, network.layers))
    count = Architecture(network.inputs, layers, network.loss).parameter_count
    if count > PARAMETER_LIMIT:
        message = f"the network would have {count} parameters; at most {PARAMETER_LIMIT} are allowed"
        yield Issue(size_path(sizes.index(max(sizes)) - 1), message, size_paths(draft.depth))


def _check_parameters(draft: Draft) -> Iterator[Issue]:
    for index, layer in enumerate(draft.document.network.layers):
        inputs, units = draft.sizes[index : index + 2]
        path: FieldPath = ("network", "layers", index)
        needs = (size_path(index - 1), size_path(index))
        biases = make_layer(layer).biases
        for name, value in (("W", layer.W), ("b", layer.b), ("W_h", layer.W_h), ("b_h", layer.b_h)):
            is_recurrent = name in ("W_h", "b_h")
            if name in BIAS_NAMES and not biases:
                if value:
                    message = "the layer has bias = false; leave this out, or write bias = true"
                    yield Issue((*path, name), message, ((*path, "bias"),))
            elif value is None:
                if draft.document.network.init is None and (layer.recurrent or not is_recurrent):
                    none = ", or bias = false," if name in BIAS_NAMES else ""
                    message = f"missing; give {name}{none or ','} or say in [network.init] how to draw it"
                    yield Issue((*path, name), message, (("network", "init"), (*path, "recurrent"), (*path, "bias")))
            elif is_recurrent and not layer.recurrent:
                message = "only a recurrent layer has this; write recurrent = true, or leave it out"
                yield Issue((*path, name), message, ((*path, "recurrent"),))
            else:
                message = _shape_problem(name, value, units if is_recurrent else inputs, units, biases)
                if message:
                    own = (*needs[1:], (*path, "bias"))
                    yield Issue((*path, name), message, own if is_recurrent or name == "b" else needs)


def _shape_problem(
    name: str, value: Sequence[float] | Sequence[Sequence[float]], sources: int, units: int, biases: int
) -> str:
    """Return what is wrong with the shape of a given parameter or mask, or an empty text."""
    rows = [row for row in value if isinstance(row, Sequence)]
    if name in BIAS_NAMES:
        wanted = f"units = {units} are" if biases == units else "one shared bias is"
        right = len(value) == biases
        return "" if right else f"{name} is {count_of(len(value), 'number')}, but {wanted} needed"
    shape = (len(value), len(rows[0]) if rows else 0)
    if shape == (sources, units):
        return ""
    words = "(units, units)" if name == "W_h" else "(inputs, units)"
    hint = "; it looks transposed" if shape == (units, sources) else ""
    return f"{name} is {count_of(shape[0], 'row')} of {shape[1]}, but {words} = ({sources}, {units}) is needed{hint}"


def _check_masks(draft: Draft) -> Iterator[Issue]:
    """Masks of another shape, with a neuron that leads nowhere, or with a weight where a connection is missing."""
    for index, layer in enumerate(draft.document.network.layers):
        path: FieldPath = ("network", "layers", index)
        inputs, units = draft.sizes[index : index + 2]
        if layer.mask is None:
            continue
        problem = _shape_problem("mask", layer.mask, inputs, units, 0)
        if problem:
            yield Issue((*path, "mask"), problem, (size_path(index - 1), size_path(index)))
            continue
        for source, row in enumerate(layer.mask, start=1):
            if index and not any(row):
                message = f"neuron {source} of layer {index} leads nowhere; row {source} needs a 1"
                yield Issue((*path, "mask"), message)
        if layer.W is None or _shape_problem("W", layer.W, inputs, units, 0):
            continue
        for source, (weights, row) in enumerate(zip(layer.W, layer.mask, strict=True), start=1):
            for unit, (weight, cell) in enumerate(zip(weights, row, strict=True), start=1):
                if weight and not cell:
                    message = f"row {source} has {weight:g} for neuron {unit}, where mask has 0; write 0 or mask 1"
                    yield Issue((*path, "W"), message, ((*path, "mask"),))


def _check_constants(draft: Draft) -> Iterator[Issue]:
    """Constants that no rule in use takes: one of a layer's activation, or of a schedule of the learning rate."""
    for index, layer in enumerate(draft.document.network.layers):
        path: FieldPath = ("network", "layers", index)
        for name, _ in layer.constants:
            if name not in {constant.name for constant in ACTIVATIONS[layer.activation].constants}:
                takers = [row.name for row in ACTIVATIONS.values() if LAYER_CONSTANTS[name] in row.constants]
                needed = " or ".join(map(toml_text, takers))
                message = f"only used with activation = {needed}, not {toml_text(layer.activation)}"
                yield Issue((*path, name), message, ((*path, "activation"),))
    training = draft.document.training
    if RateSchedule(training.schedule).is_constant:
        takers = [name for name in RATE_SCHEDULES if not RateSchedule(name).is_constant]
        for name in training.schedule_constants:
            message = f"only used with a schedule; write schedule = {' or '.join(map(toml_text, takers))}"
            yield Issue(("training", name), message, (("training", "schedule"),))


def _check_seed_gradient(draft: Draft) -> Iterator[Issue]:
    network, outputs = draft.document.network, draft.sizes[-1]
    seed, path = network.seed_gradient, ("network", "seed_gradient")
    if seed is None:
        return
    if LOSSES[network.loss].has_targets:
        takers = " or ".join(toml_text(row.name) for row in LOSSES.values() if not row.has_targets)
        message = f"only used with loss = {takers}, not {toml_text(network.loss)}"
        yield Issue(path, message, (("network", "loss"),))
    elif len(seed) != outputs:
        message = f"{count_of(len(seed), 'number')}, but the network has {count_of(outputs, 'output')}"
        yield Issue(path, message, (size_path(draft.depth - 1), ("network", "layers")))


def _check_frozen(draft: Draft) -> Iterator[Issue]:
    depth = draft.depth
    shown = range(1, min(depth, _SHOWN_NAMES) + 1)
    recurrent = [n + 1 for n in draft.recurrent][:_SHOWN_NAMES]
    known = ("weights", "biases", *(f"{name}{n}" for name in "Wb" for n in shown))
    known += tuple(f"{name}{n}" for name in ("W_h", "b_h") for n in recurrent)
    layers = enumerate(draft.document.network.layers, start=1)
    bare = {f"{name}{n}": n for n, layer in layers if not layer.bias for name in BIAS_NAMES}
    for index, name in enumerate(draft.document.convention.frozen):
        if len(name) > _NAME_LENGTH or not is_frozen_name(name, depth, draft.recurrent):
            more = f" (up to W{depth}, b{depth})" if depth > _SHOWN_NAMES else ""
            message = f"{toml_text(name)} is not one of {', '.join(known)}{more}{did_you_mean(name, known)}"
            yield Issue(("convention", "frozen", index), message, (("network", "layers"),))
        elif name in bare:
            message = f"{toml_text(name)} does not exist: layer {bare[name]} has bias = false"
            yield Issue(("convention", "frozen", index), message, (("network", "layers"),))


def check_settings(document: Document) -> Iterator[Issue]:
    """Yield the faults of a document whose parameters and examples are given as arrays, not as numbers of a text."""
    draft = Draft(document, None)
    for check in (_check_size, _check_constants, _check_frozen):
        yield from check(draft)


CHECKS: Sequence[Callable[[Draft], Iterator[Issue]]] = (
    _check_size,
    _check_parameters,
    _check_masks,
    _check_constants,
    _check_seed_gradient,
    _check_frozen,
    *DATA_CHECKS,
    *FIGURE_CHECKS,
)
