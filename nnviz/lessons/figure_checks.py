"""Checks of printed results and errata: a quantity of the network, at a place that exists."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from nnviz.engine.data_measures import MEASURES
from nnviz.engine.network import SHARED
from nnviz.engine.optimizers import MEMORY_NAMES, OPTIMIZERS
from nnviz.lessons.draft import Draft, data_key, size_path
from nnviz.lessons.faults import FieldPath, Issue, count_of, toml_text
from nnviz.lessons.lesson import PrintedFigure
from nnviz.lessons.schema import QUANTITIES, ErratumTable, PrintedTable

RECURRENT_WEIGHT_QUANTITIES = ("dW_h", "W_h_new", "W_h")
RECURRENT_QUANTITIES = (*RECURRENT_WEIGHT_QUANTITIES, "db_h", "b_h_new", "b_h")
WEIGHT_QUANTITIES = ("dW", "W_new", "W", *RECURRENT_WEIGHT_QUANTITIES)
BIAS_QUANTITIES = ("db", "b_new", "b", "db_h", "b_h_new", "b_h")
UNIT_QUANTITIES = ("z", "a", "dE_da", "slope", "delta", *BIAS_QUANTITIES)
OUTPUT_QUANTITIES = ("error", "loss")
INPUT_QUANTITIES = ("dE_dx",)


def _check_printed(draft: Draft) -> Iterator[Issue]:
    for index, figure in enumerate(draft.document.printed):
        for key, message, needs in _check_figure(draft, figure):
            yield Issue(("printed", index, key), message, (("printed", index, "quantity"), *needs))


def _check_errata(draft: Draft) -> Iterator[Issue]:
    for index, erratum in enumerate(draft.document.errata):
        for key, message, needs in _check_erratum(draft, erratum):
            yield Issue(("errata", index, key), message, (("errata", index, "quantity"), *needs))


def _check_erratum(draft: Draft, erratum: ErratumTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    """Yield the faults in the place of an erratum: key, message, and the fields that the check used.

    A key that the erratum leaves out means every layer, unit or source.
    """
    place = {key: getattr(erratum, key) for key in ("layer", "unit", "source", "example", "time")}
    given = {key: value for key, value in place.items() if value is not None}
    formulas = [key for key in ("formula", "correct") if getattr(erratum, key)]
    if "correct" in formulas and not erratum.formula:
        yield "correct", "given without the wrong formula; give `formula` as well", ()
    if erratum.quantity is None:
        for key in (*given, *formulas):
            yield key, f"given without a quantity; name one of {', '.join(QUANTITIES)}", ()
        return
    for key, wanted in (("unit", "layer"), ("source", "unit")):
        if key in given and wanted not in given and erratum.quantity not in OUTPUT_QUANTITIES + INPUT_QUANTITIES:
            yield key, f"given without a {wanted}; give the {wanted} as well, or leave it out", ()
            given.pop(key)
    # The place is checked like that of a printed result.
    figure = PrintedTable(quantity=erratum.quantity, value="0", **place)
    yield from (fault for fault in _check_figure(draft, figure) if fault[0] in given)


def _check_figure(draft: Draft, figure: PrintedTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    """Yield the faults in the place of a printed result: key, message, and the fields that the check used."""
    if figure.epoch is not None and figure.update is not None:
        yield "epoch", "given beside `update`; give one of them", ()
    if figure.quantity in MEMORY_NAMES:
        optimizer = draft.document.training.optimizer
        vector, _ = MEMORY_NAMES[figure.quantity]
        if vector not in OPTIMIZERS[optimizer].memory:
            takers = " or ".join(toml_text(row.name) for row in OPTIMIZERS.values() if vector in row.memory)
            message = f"{figure.quantity} needs optimizer = {takers}, not {toml_text(optimizer)}"
            yield "quantity", message, (("training", "optimizer"),)
    elif figure.of is not None:
        yield "of", f"{figure.quantity} is not a number of an optimizer's memory; leave this out", ()
    if figure.quantity in MEASURES:
        for key in ("layer", "unit", "source", "example", "time"):
            if getattr(figure, key) is not None:
                yield key, f"{figure.quantity} is a number of all examples and has no {key}; leave it out", ()
        return
    yield from _check_figure_layer(draft, figure)
    layer = _layer_of(draft, figure)
    if figure.quantity in INPUT_QUANTITIES:
        yield from _check_figure_input(draft, figure)
    elif layer is not None:
        yield from _check_figure_unit(draft, figure, layer)
    count = draft.examples
    data: tuple[FieldPath, ...] = (("data", data_key(draft.document.data)), ("data", "centers"))
    if figure.example is not None and count and figure.example >= count:
        message = f"{figure.example} is not in the range 0 to {count - 1}; the lesson has {count_of(count, 'example')}"
        yield "example", message, data
    steps = draft.time_steps or 1
    if figure.time is not None and figure.time > steps:
        allowed = f"in the range 1 to {steps}" if steps > 1 else "1"
        yield "time", f"{figure.time} is not {allowed}; an example has {count_of(steps, 'time step')}", data


def memory_of(figure: PrintedTable | PrintedFigure) -> str:
    """Return the parameter that a number of an optimizer's memory belongs to."""
    return figure.of or ("b" if figure.source is None else "W")


def _placed_as(figure: PrintedTable) -> str:
    """Return the quantity that has the same places: of a number of a memory, its parameter."""
    return memory_of(figure) if figure.quantity in MEMORY_NAMES else figure.quantity


def _layer_of(draft: Draft, figure: PrintedTable) -> int | None:
    """Return the layer (from 0) of a printed result: the last one for error and loss, None if unknown."""
    if figure.quantity in OUTPUT_QUANTITIES:
        return draft.depth - 1
    return None if figure.layer is None or figure.layer > draft.depth else figure.layer - 1


def _check_figure_layer(draft: Draft, figure: PrintedTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    depth, placed = draft.depth, _placed_as(figure)
    needs: tuple[FieldPath, ...] = (("network", "layers"),)
    if figure.quantity in INPUT_QUANTITIES:
        if figure.layer is not None:
            yield "layer", f"{figure.quantity} belongs to the inputs and has no layer; leave it out", ()
    elif figure.layer is None:
        if figure.quantity not in OUTPUT_QUANTITIES:
            yield "layer", f"missing; {figure.quantity} needs a layer from 1 to {depth}", needs
    elif figure.layer > depth:
        yield "layer", f"{figure.layer} is not in the range 1 to {depth}", needs
    elif placed in RECURRENT_QUANTITIES and figure.layer - 1 not in draft.recurrent:
        yield "layer", f"layer {figure.layer} is not recurrent and has no {placed}", needs
    elif placed in BIAS_QUANTITIES and not draft.document.network.layers[figure.layer - 1].bias:
        yield "layer", f"layer {figure.layer} has bias = false and no {placed}", needs
    elif figure.quantity in OUTPUT_QUANTITIES and figure.layer != depth:
        yield "layer", f"{figure.layer} is not {depth}; {figure.quantity} belongs to the last layer", needs


def _check_figure_input(draft: Draft, figure: PrintedTable) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    """Yield the faults in the number of an input."""
    inputs, path = draft.sizes[0], size_path(-1)
    if figure.source is not None:
        yield "source", f"{figure.quantity} has no source; leave it out", ()
    if figure.unit is None:
        yield "unit", f"missing; {figure.quantity} needs a unit from 1 to {inputs}, the number of the input", (path,)
    elif figure.unit > inputs:
        yield "unit", f"{figure.unit} is not in the range 1 to {inputs}", (path,)


def _check_figure_unit(
    draft: Draft, figure: PrintedTable, layer: int
) -> Iterator[tuple[str, str, tuple[FieldPath, ...]]]:
    quantity, (sources, units) = _placed_as(figure), draft.sizes[layer : layer + 2]
    is_recurrent = quantity in RECURRENT_QUANTITIES
    sources = units if is_recurrent else sources
    is_shared = quantity in BIAS_QUANTITIES and draft.document.network.layers[layer].bias == SHARED
    units = 1 if is_shared else units
    for key, place, size, is_wanted, is_needed, path in (
        (
            "unit",
            figure.unit,
            units,
            quantity != "loss",
            (quantity in WEIGHT_QUANTITIES + UNIT_QUANTITIES and not is_shared) or (quantity == "error" and units > 1),
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
            yield key, f"{place} is not in the range 1 to {size}", (path,)
    mask = None if is_recurrent or quantity not in WEIGHT_QUANTITIES else draft.document.network.layers[layer].mask
    if mask is not None and _cell(mask, figure) == 0:
        yield "source", f"the mask of layer {layer + 1} has no connection from {figure.source} to {figure.unit}", ()


def _cell(mask: Sequence[Sequence[float]], figure: PrintedTable) -> float | None:
    """Return what a mask has at the place of a printed result; None outside of it."""
    source, unit = (figure.source or 0) - 1, (figure.unit or 0) - 1
    return mask[source][unit] if 0 <= source < len(mask) and 0 <= unit < len(mask[source]) else None


FIGURE_CHECKS: Sequence[Callable[[Draft], Iterator[Issue]]] = (_check_printed, _check_errata)
