"""Convert the learner's edits to the plain data of a session file and back, and apply edits of the data."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from nnviz.debugger.edits import DATA_KINDS, PARAMETER_VALUES
from nnviz.debugger.state.absent import absent_text
from nnviz.debugger.state.edit import Edit, Spot
from nnviz.engine.arrays import frozen_array
from nnviz.engine.datasets import Dataset
from nnviz.lessons.lesson import Lesson
from nnviz.sessions.fields import Field, number_data
from nnviz.tracing.steps import PARAMETER_OF, Kind, Quantity

MOST_EDITS = 100_000
_VALUES = ("value", "old", "update")


def edit_data(edit: Edit) -> dict[str, Any]:
    """Return the data of an edit: the kind, place and value of its number, the first old value, and its update."""
    quantity, data = edit.spot.quantity, edit.is_data
    assert quantity is not None
    place: dict[str, Any] = {"layer": quantity.layer, "unit": quantity.unit, "source": quantity.source}
    if data:
        place |= {"time": quantity.time, "example": edit.spot.example}
    given = {name: number for name, number in place.items() if number is not None}
    values = {"value": number_data(edit.value), "old": number_data(edit.old), "update": edit.update}
    return {"kind": quantity.kind.value, **given, **values}


def edits_from(field: Field, lesson: Lesson) -> tuple[Edit, ...]:
    """Read the edits of a lesson as its file has it. Raises SessionError."""
    edits: dict[tuple[Spot, int | None], Edit] = {}
    for item in field.items(MOST_EDITS):
        edit = _edit_from(item, lesson)
        where = edit.spot, None if edit.is_data else edit.update
        if where in edits:
            item.refuse("edits the same number twice")
        edits[where] = edit
    return tuple(edits.values())


def data_edits_from(field: Field, lesson: Lesson) -> tuple[Edit, ...]:
    """Read edits of data only. Raises SessionError."""
    edits = edits_from(field, lesson)
    if not all(edit.is_data for edit in edits):
        field.refuse("contains an edit that is not of the data")
    return edits


def with_data_edits(lesson: Lesson, edits: tuple[Edit, ...]) -> Lesson:
    """Return the lesson with the learner's inputs and targets; the same lesson if there are none."""
    arrays = {Kind.INPUT: np.array(lesson.dataset.inputs), Kind.TARGET: np.array(lesson.dataset.targets)}
    own = [edit for edit in edits if edit.is_data]
    for edit in own:
        quantity = edit.spot.quantity
        assert quantity is not None
        arrays[quantity.kind][quantity.time, edit.spot.example, quantity.unit] = edit.value
    inputs, targets = (frozen_array(array) for array in arrays.values())
    return replace(lesson, dataset=Dataset(inputs, targets)) if own else lesson


def data_edits_between(own: Dataset, dataset: Dataset) -> tuple[Edit, ...]:
    """Return the edits that turn one dataset into another of the same shape."""
    found = []
    for kind, name in ((Kind.INPUT, "inputs"), (Kind.TARGET, "targets")):
        old, new = getattr(own, name), getattr(dataset, name)
        for time, example, unit in np.argwhere(old.view(np.int64) != new.view(np.int64)).tolist():
            spot = Spot(Quantity(kind, unit=unit, time=time), example)
            place = time, example, unit
            found.append(Edit(spot, float(new[place]), float(old[place]), 0))
    return tuple(found)


def data_edits_of(edits: tuple[Edit, ...]) -> frozenset[tuple[Spot, str]]:
    """Return the places and values, bit for bit, that the edits give to the data."""
    return frozenset((edit.spot, edit.value.hex()) for edit in edits if edit.is_data)


def _edit_from(field: Field, lesson: Lesson) -> Edit:
    kind = Kind(field.entries().get("kind", Field("")).choice(sorted(DATA_KINDS | PARAMETER_VALUES)))
    spot = _data_spot(field, kind, lesson) if kind in DATA_KINDS else _parameter_spot(field, kind, lesson)
    table = field.entries()
    old = table["old"].number() if spot.example is None else table["old"].finite()
    return Edit(spot, table["value"].finite(), old, table["update"].whole())


def _data_spot(field: Field, kind: Kind, lesson: Lesson) -> Spot:
    table = field.table(("kind", "unit", "time", "example", *_VALUES))
    dataset = lesson.dataset
    array = dataset.inputs if kind is Kind.INPUT else dataset.targets
    time, example, unit = (
        table[name].whole(0, count - 1) for name, count in zip(("time", "example", "unit"), array.shape, strict=True)
    )
    return Spot(Quantity(kind, unit=unit, time=time), example)


def _parameter_spot(field: Field, kind: Kind, lesson: Lesson) -> Spot:
    kinds, architecture = PARAMETER_OF[kind], lesson.network.architecture
    places = ("layer", "unit", "source") if kinds.is_matrix else ("layer", "unit")
    table = field.table(("kind", *places, *_VALUES))
    layer = table["layer"].whole(0, architecture.depth - 1)
    shape = architecture.shape(kinds.name, layer)
    if shape is None:
        table["layer"].refuse(f"layer {layer} has no {kinds.name}")
    unit = table["unit"].whole(0, shape[-1] - 1)
    source = table["source"].whole(0, shape[0] - 1) if kinds.is_matrix else None
    quantity = Quantity(kind, layer, unit, source)
    if absent := absent_text(architecture, quantity):
        table["source"].refuse(absent)
    return Spot(quantity)
