"""What a lesson file must keep beyond its format: shapes, ranges and references between its tables."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard, cast

from nnviz.engine.conventions import is_frozen_name
from nnviz.engine.datasets import Dataset
from nnviz.engine.network import PARAMETER_LIMIT
from nnviz.lessons.faults import FieldPath, Issue, count_of, did_you_mean, show
from nnviz.lessons.schema import (
    EXAMPLE_LIMIT,
    QUANTITIES,
    DataTable,
    Document,
    ErratumTable,
    PrintedTable,
    Rows,
    Sequences,
)

VALUE_LIMIT = 50_000_000

_NAME_LENGTH = 20
_SHOWN_NAMES = 4

RECURRENT_WEIGHT_QUANTITIES = ("dW_h", "W_h_new", "W_h")
RECURRENT_QUANTITIES = (*RECURRENT_WEIGHT_QUANTITIES, "db_h", "b_h_new", "b_h")
WEIGHT_QUANTITIES = ("dW", "W_new", "W", *RECURRENT_WEIGHT_QUANTITIES)
UNIT_QUANTITIES = ("z", "a", "dE_da", "slope", "delta", "db", "b_new", "b", "db_h", "b_h_new", "b_h")
OUTPUT_QUANTITIES = ("error", "loss")

# The lowest and highest target that a loss is defined for, and how that is said.
TARGET_RANGES: dict[str, tuple[float, float, str]] = {
    "cross_entropy": (0.0, float("inf"), "cross_entropy needs targets of at least 0"),
    "binary_cross_entropy": (0.0, 1.0, "binary_cross_entropy needs targets from 0 to 1"),
}


@dataclass(frozen=True)
class Draft:
    """A document with what the checks ask of it; `points` is the data file's content, where it has one."""

    document: Document
    points: Dataset | None

    @property
    def sizes(self) -> tuple[int, ...]:
        """Inputs, then the units of each layer."""
        network = self.document.network
        return (network.inputs, *(layer.units for layer in network.layers))

    @property
    def depth(self) -> int:
        """How many layers have weights."""
        return len(self.document.network.layers)

    @property
    def recurrent(self) -> tuple[int, ...]:
        """The recurrent layers, from 0."""
        return tuple(i for i, layer in enumerate(self.document.network.layers) if layer.recurrent)

    @property
    def time_steps(self) -> int | None:
        """How many time steps the examples have, None where they are not given as sequences."""
        inputs = self.document.data.inputs
        return len(inputs[0]) if inputs and is_sequence(inputs[0]) else None

    @property
    def examples(self) -> int | None:
        """How many examples there are, None where that is not known."""
        data = self.document.data
        if self.points is not None:
            return len(self.points)
        if data.centers is not None and data.per_class is not None:
            return len(data.centers) * data.per_class
        return None if data.inputs is None else len(data.inputs)


Example = list[float] | list[list[float]]


def is_sequence(example: Example) -> TypeGuard[list[list[float]]]:
    """Whether an example is a list of time steps, and not one row of numbers."""
    return any(isinstance(cell, list) for cell in example)


def rows_of(examples: Rows | Sequences) -> Iterator[tuple[tuple[int, ...], list[float]]]:
    """Every row of numbers with its place: the example's, and the time step's where examples are sequences."""
    for index, example in enumerate(cast(list[Example], examples)):
        if is_sequence(example):
            yield from (((index, time), row) for time, row in enumerate(example))
        else:
            yield (index,), cast(list[float], example)


def size_path(layer: int) -> FieldPath:
    """The field that says how many units enter (-1) or stand in a layer, from 0."""
    return ("network", "inputs") if layer < 0 else ("network", "layers", layer, "units")


def size_paths(depth: int) -> tuple[FieldPath, ...]:
    """The fields that make the network's shape."""
    return tuple(size_path(layer) for layer in range(-1, depth))


def check_document(document: Document, points: Dataset | None) -> Iterator[Issue]:
    """Every fault of a document that keeps the format; `points` is what its data file holds, if it has one."""
    draft = Draft(document, points)
    for check in CHECKS:
        yield from check(draft)


def _check_size(draft: Draft) -> Iterator[Issue]:
    sizes = draft.sizes
    count = sum((sizes[i] + 1 + (sizes[i + 1] + 1) * (i in draft.recurrent)) * sizes[i + 1] for i in range(draft.depth))
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
                message = "only a recurrent layer has it; write recurrent = true, or leave it out"
                yield Issue((*path, name), message, ((*path, "recurrent"),))
            else:
                message = _shape_problem(name, value, units if is_recurrent else inputs, units)
                if message:
                    yield Issue((*path, name), message, needs[1:] if is_recurrent or name == "b" else needs)


def _shape_problem(name: str, value: Sequence[float] | Sequence[Sequence[float]], sources: int, units: int) -> str:
    """What is wrong with the shape of a parameter as given; empty where nothing is."""
    rows = [row for row in value if isinstance(row, Sequence)]
    if name in ("b", "b_h"):
        right = len(value) == units
        return "" if right else f"{name} is {count_of(len(value), 'number')}, but units = {units} are needed"
    shape = (len(value), len(rows[0]) if rows else 0)
    if shape == (sources, units):
        return ""
    words = "(units, units)" if name == "W_h" else "(inputs, units)"
    turned = "; it looks transposed" if shape == (units, sources) else ""
    return f"{name} is {count_of(shape[0], 'row')} of {shape[1]}, but {words} = ({sources}, {units}) is needed{turned}"


def _check_frozen(draft: Draft) -> Iterator[Issue]:
    depth = draft.depth
    shown = range(1, min(depth, _SHOWN_NAMES) + 1)
    past = [n + 1 for n in draft.recurrent][:_SHOWN_NAMES]
    known = ("weights", "biases", *(f"{name}{n}" for name in "Wb" for n in shown))
    known += tuple(f"{name}{n}" for name in ("W_h", "b_h") for n in past)
    for index, name in enumerate(draft.document.convention.frozen):
        if len(name) > _NAME_LENGTH or not is_frozen_name(name, depth, draft.recurrent):
            more = f" (up to W{depth}, b{depth})" if depth > _SHOWN_NAMES else ""
            message = f"{show(name)} is not one of {', '.join(known)}{more}{did_you_mean(name, known)}"
            yield Issue(("convention", "frozen", index), message, (("network", "layers"),))


def _check_data_choice(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    ways = ", or ".join(("inputs and targets", "file", 'generator = "clusters"'))
    given = [name for name in ("inputs", "file", "generator") if getattr(data, name) is not None]
    needs: tuple[FieldPath, ...] = tuple(
        ("data", name) for name in ("inputs", "targets", "file", "generator", "centers", "per_class")
    )
    if len(given) > 1:
        yield Issue(("data", given[1]), f"given beside {given[0]}; give {ways}", needs)
    if not given:
        missing = "inputs" if data.targets is not None else "generator" if data.centers is not None else ""
        yield Issue(("data", missing) if missing else ("data",), f"missing; give {ways}", needs)
    if data.inputs is not None and data.targets is None:
        yield Issue(("data", "targets"), "missing; give one row for each row of inputs", needs)
    if data.targets is not None and given and data.inputs is None:
        yield Issue(("data", "targets"), f"given beside {given[0]}, which brings its own targets", needs)


def _check_clusters(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    if data.generator is None:
        for name in ("centers", "per_class", "seed", "shared_generator"):
            if name in data.model_fields_set and (data.inputs is not None or data.file is not None):
                yield Issue(("data", name), 'only used with generator = "clusters"', (("data", "generator"),))
        return
    for name, wanted in (
        ("centers", "give one center, a list of numbers, for each class"),
        ("per_class", "say how many examples each class has"),
    ):
        if getattr(data, name) is None:
            yield Issue(("data", name), f"missing; {wanted}")
    yield from _check_seed(draft)
    yield from _check_centers(draft)


def _check_seed(draft: Draft) -> Iterator[Issue]:
    data, init = draft.document.data, draft.document.network.init
    if not data.shared_generator:
        return
    needs: tuple[FieldPath, ...] = (("network", "init"), ("network", "init", "seed"))
    if init is None:
        message = "needs [network.init], whose generator is to draw the data first"
        yield Issue(("data", "shared_generator"), message, needs)
    elif data.seed is not None and data.seed != init.seed:
        message = f"{data.seed} is not the seed of [network.init], {init.seed}, whose generator is shared"
        yield Issue(("data", "seed"), message, needs)


def _check_centers(draft: Draft) -> Iterator[Issue]:
    data, inputs, outputs = draft.document.data, draft.sizes[0], draft.sizes[-1]
    for index, center in enumerate(data.centers or ()):
        if len(center) != inputs:
            message = f"{count_of(len(center), 'number')}, but the network has {count_of(inputs, 'input')}"
            yield Issue(("data", "centers", index), message, (size_path(-1),))
    if data.centers is not None and len(data.centers) != outputs:
        has = count_of(len(data.centers), "center")
        message = f"{has}, but the network has {count_of(outputs, 'output')}; each class needs one of each"
        yield Issue(("data", "centers"), message, (size_path(draft.depth - 1), ("network", "layers")))


def _check_rows(draft: Draft) -> Iterator[Issue]:
    data = draft.document.data
    if data.inputs is None or data.targets is None:
        return
    if len(data.targets) != len(data.inputs):
        message = f"{count_of(len(data.targets), 'row')}, but inputs has {len(data.inputs)}; one for each is needed"
        yield Issue(("data", "targets"), message, (("data", "inputs"),))
    for name, rows, size, path in (
        ("input", data.inputs, draft.sizes[0], size_path(-1)),
        ("output", data.targets, draft.sizes[-1], size_path(draft.depth - 1)),
    ):
        field = "inputs" if name == "input" else "targets"
        for place, row in rows_of(rows):
            if len(row) != size:
                message = f"{count_of(len(row), 'number')}, but the network has {count_of(size, name)}"
                yield Issue(("data", field, *place), message, (path, ("network", "layers")))


def _check_time_steps(draft: Draft) -> Iterator[Issue]:
    """Sequences where a layer is recurrent, all of one length, and single rows where none is."""
    data = draft.document.data
    flags = tuple(("network", "layers", index, "recurrent") for index in range(draft.depth))
    if draft.recurrent and (data.file is not None or data.generator is not None):
        source = "file" if data.file is not None else "generator"
        message = "gives single rows, but a layer is recurrent; give inputs and targets as lists of time steps"
        yield Issue(("data", source), message, flags)
    for field, examples in (("inputs", data.inputs), ("targets", data.targets)):
        for index, example in enumerate(cast(list[Example], examples or [])):
            problem = _time_problem(draft, example)
            if problem:
                yield Issue(("data", field, index), problem, (*flags, ("data", "inputs")))
                break  # the others are most likely written alike


def _time_problem(draft: Draft, example: Example) -> str:
    if not draft.recurrent:
        if not is_sequence(example):
            return ""
        return "a list of time steps, but no layer is recurrent; write recurrent = true for one, or give one row"
    if not is_sequence(example):
        return "a layer is recurrent: each example is a list of time steps, such as [[0], [1]]"
    if draft.time_steps is not None and len(example) != draft.time_steps:
        steps = count_of(len(example), "time step")
        return f"{steps}, but the first example of inputs has {draft.time_steps}; all must have as many"
    return ""


def _check_example_count(draft: Draft) -> Iterator[Issue]:
    count, data = draft.examples, draft.document.data
    if count is None:
        return
    path = ("data", _source_of(data))
    needs: tuple[FieldPath, ...] = (path, ("data", "centers"), ("data", "per_class"), ("data", "file"))
    values = count * (draft.sizes[0] + draft.sizes[-1]) * (draft.time_steps or 1)
    if count == 0:
        yield Issue(path, "empty; at least one example is needed")
    elif count > EXAMPLE_LIMIT:
        yield Issue(path, f"{count} examples; at most {EXAMPLE_LIMIT} are allowed", needs)
    elif values > VALUE_LIMIT:
        yield Issue(path, f"{values} numbers in all; at most {VALUE_LIMIT} are allowed", needs)
    if draft.document.data.example >= count > 0:
        message = f"{data.example} is not from 0 to {count - 1}; the lesson has {count_of(count, 'example')}"
        yield Issue(("data", "example"), message, needs)


def _source_of(data: DataTable) -> str:
    """The key of [data] that says how many examples there are."""
    return "inputs" if data.inputs is not None else "file" if data.file is not None else "per_class"


def _check_targets(draft: Draft) -> Iterator[Issue]:
    loss = draft.document.network.loss
    if loss not in TARGET_RANGES:
        return
    low, high, wanted = TARGET_RANGES[loss]
    data = draft.document.data
    needs = (("network", "loss"),)
    for place, row in rows_of(data.targets or []):
        wrong = next((target for target in row if not low <= target <= high), None)
        if wrong is not None:
            yield Issue(("data", "targets", *place), f"{wrong} is out of range; {wanted}", needs)
    if draft.points is not None:
        targets = draft.points.targets
        outside = targets[(targets < low) | (targets > high)]
        if outside.size:
            message = f"{show(data.file)[1:-1]}: a target of {float(outside[0])} is out of range; {wanted}"
            yield Issue(("data", "file"), message, needs)


def _check_printed(draft: Draft) -> Iterator[Issue]:
    for index, figure in enumerate(draft.document.printed):
        for key, message, needs in _check_figure(draft, figure):
            yield Issue(("printed", index, key), message, (("printed", index, "quantity"), *needs))


def _check_errata(draft: Draft) -> Iterator[Issue]:
    for index, erratum in enumerate(draft.document.errata):
        for key, message, needs in _check_erratum(draft, erratum):
            yield Issue(("errata", index, key), message, (("errata", index, "quantity"), *needs))


def _check_erratum(draft: Draft, erratum: ErratumTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    """What the place of an erratum points at in vain; what it leaves out stands for every layer, unit and source."""
    place = {key: getattr(erratum, key) for key in ("layer", "unit", "source", "example", "time")}
    given = {key: value for key, value in place.items() if value is not None}
    if erratum.quantity is None:
        for key in given:
            yield key, f"given without a quantity; name one of {', '.join(QUANTITIES)}", ()
        return
    for key, wanted in (("unit", "layer"), ("source", "unit")):
        if key in given and wanted not in given and erratum.quantity not in OUTPUT_QUANTITIES:
            yield key, f"given without a {wanted}; say which {wanted}, or leave it out", ()
            given.pop(key)
    # Such a figure would stand at the same place.
    figure = PrintedTable(quantity=erratum.quantity, value="0", **place)
    yield from (fault for fault in _check_figure(draft, figure) if fault[0] in given)


def _check_figure(draft: Draft, figure: PrintedTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    """What one printed figure points at in vain: the key, what is wrong, and the fields that this rests on."""
    yield from _check_figure_layer(draft, figure)
    layer = _layer_of(draft, figure)
    if layer is not None:
        yield from _check_figure_unit(draft, figure, layer)
    count = draft.examples
    data: tuple[FieldPath, ...] = (("data", _source_of(draft.document.data)), ("data", "centers"))
    if figure.example is not None and count and figure.example >= count:
        message = f"{figure.example} is not from 0 to {count - 1}; the lesson has {count_of(count, 'example')}"
        yield "example", message, data
    steps = draft.time_steps or 1
    if figure.time is not None and figure.time > steps:
        allowed = f"from 1 to {steps}" if steps > 1 else "1"
        yield "time", f"{figure.time} is not {allowed}; an example has {count_of(steps, 'time step')}", data


def _layer_of(draft: Draft, figure: PrintedTable) -> int | None:
    """The layer, from 0, of a printed figure; the last one for the error and the loss, None where unknown."""
    if figure.quantity in OUTPUT_QUANTITIES:
        return draft.depth - 1
    return None if figure.layer is None or figure.layer > draft.depth else figure.layer - 1


def _check_figure_layer(draft: Draft, figure: PrintedTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    depth = draft.depth
    needs: tuple[FieldPath, ...] = (("network", "layers"),)
    if figure.layer is None:
        if figure.quantity not in OUTPUT_QUANTITIES:
            yield "layer", f"missing; {figure.quantity} needs a layer from 1 to {depth}", needs
    elif figure.layer > depth:
        yield "layer", f"{figure.layer} is not from 1 to {depth}", needs
    elif figure.quantity in RECURRENT_QUANTITIES and figure.layer - 1 not in draft.recurrent:
        yield "layer", f"layer {figure.layer} is not recurrent and has no {figure.quantity}", needs
    elif figure.quantity in OUTPUT_QUANTITIES and figure.layer != depth:
        yield "layer", f"{figure.layer} is not {depth}; {figure.quantity} belongs to the last layer", needs


def _check_figure_unit(
    draft: Draft, figure: PrintedTable, layer: int
) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    quantity, (sources, units) = figure.quantity, draft.sizes[layer : layer + 2]
    is_recurrent = quantity in RECURRENT_QUANTITIES
    sources = units if is_recurrent else sources
    for key, place, size, is_wanted, is_needed, path in (
        (
            "unit",
            figure.unit,
            units,
            quantity != "loss",
            quantity in WEIGHT_QUANTITIES + UNIT_QUANTITIES or (quantity == "error" and units > 1),
            size_path(layer),
        ),
        (
            "source",
            figure.source,
            sources,
            quantity in WEIGHT_QUANTITIES,
            quantity in WEIGHT_QUANTITIES,
            size_path(layer if is_recurrent else layer - 1),
        ),
    ):
        if place is None:
            if is_needed:
                yield key, f"missing; {quantity} needs a {key} from 1 to {size}", (path,)
        elif not is_wanted:
            yield key, f"{quantity} has no {key}; leave it out", ()
        elif place > size:
            yield key, f"{place} is not from 1 to {size}", (path,)


CHECKS: Sequence[Callable[[Draft], Iterator[Issue]]] = (
    _check_size,
    _check_parameters,
    _check_frozen,
    _check_data_choice,
    _check_clusters,
    _check_rows,
    _check_time_steps,
    _check_example_count,
    _check_targets,
    _check_printed,
    _check_errata,
)
