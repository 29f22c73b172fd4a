"""A lesson as the text of a lesson file, which opens as the same lesson: network, data, settings, bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields
from typing import Any

import numpy as np
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from nnviz.engine.arrays import FloatArray
from nnviz.engine.datasets import Dataset
from nnviz.engine.initializers import draw_parameters
from nnviz.engine.network import PARAMETER_NAMES
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import DEFAULT_NOTATION
from nnviz.lessons.making.toml_writing import toml_file
from nnviz.lessons.notation import load_notation, notation_names, notation_table
from nnviz.lessons.schema import (
    LAYER_CONSTANTS,
    TRAINING_CONSTANTS,
    ConventionTable,
    ErratumTable,
    InitTable,
    LayerTable,
    NetworkTable,
    PrintedTable,
    TrainingTable,
)


def lesson_text(lesson: Lesson, *, file: str = "") -> str:
    """Return the text of a lesson file. Raises ValueError if a number of the lesson is NaN or infinite.

    Parameters are written as numbers, unless the initializer draws the same; examples too, unless a preset does.
    `file` is the name of the data file from where the text is saved; without it the numbers of the file are written.
    """
    return toml_file(lesson_tables(lesson, file=file))


def text_of(lesson: Lesson) -> str:
    """Return the text of the lesson's file; of a lesson made from values, the text that is written of it."""
    return lesson.text or lesson_text(lesson)


def lesson_tables(lesson: Lesson, *, file: str = "") -> dict[str, Any]:
    """Return the tables of a lesson file; what has its default is left out."""
    tables: dict[str, Any] = {"format": 1, "title": lesson.title}
    tables |= {key: value for key in ("source", "summary") if (value := getattr(lesson, key))}
    tables |= {"topics": list(lesson.topics)} if lesson.topics else {}
    notation = _notation(lesson)
    tables |= {} if notation == DEFAULT_NOTATION else {"notation": notation}
    tables["network"] = _network(lesson)
    tables["data"] = _data(lesson, file)
    tables["convention"] = dict(_changed(ConventionTable, lesson.convention))
    tables["training"] = _training(lesson)
    tables["printed"] = [_figure(figure) for figure in lesson.printed]
    tables["errata"] = [dict(_changed(ErratumTable, erratum)) for erratum in lesson.errata]
    tables["captions"] = dict(lesson.captions)
    return {key: value for key, value in tables.items() if value not in ({}, [])}


def _changed(table: type[BaseModel], value: object) -> Iterator[tuple[str, Any]]:
    """Yield the keys of a table whose value, the field of that name, is not the default."""
    for name, field in table.model_fields.items():
        own = getattr(value, name, None)
        own = list(own) if isinstance(own, tuple) else own
        if own not in (None, []) and own != _default(field):
            yield name, own


def _default(field: FieldInfo) -> Any:
    return None if field.is_required() else field.get_default(call_default_factory=True)


def _notation(lesson: Lesson) -> str | dict[str, Any]:
    """Return the name of the notation, or the table of the lesson's own."""
    name = lesson.notation.name
    if name in notation_names() and load_notation(name) == lesson.notation:
        return name
    return notation_table(lesson.notation)


def _network(lesson: Lesson) -> dict[str, Any]:
    architecture = lesson.network.architecture
    is_drawn = _is_drawn(lesson)
    tables: dict[str, Any] = {"inputs": architecture.inputs, "loss": architecture.loss}
    tables |= {key: value for key, value in _changed(NetworkTable, architecture) if key not in (*tables, "layers")}
    if is_drawn:
        tables["init"] = dict(_changed(InitTable, lesson.initializer)) | {"seed": _seed(lesson)}
    tables["layers"] = [_layer(lesson, index, is_drawn) for index in range(architecture.depth)]
    return tables


def _seed(lesson: Lesson) -> int:
    return 0 if lesson.initializer is None else lesson.initializer.seed


def _is_drawn(lesson: Lesson) -> bool:
    """Return whether the initializer draws exactly the lesson's parameters, so that they need not be written."""
    if lesson.initializer is None:
        return False
    drawn = draw_parameters(lesson.network.architecture, lesson.initializer, {})
    return drawn.tobytes() == lesson.network.parameters.vector.tobytes()


def _layer(lesson: Lesson, index: int, is_drawn: bool) -> dict[str, Any]:
    architecture = lesson.network.architecture
    layer = architecture.layers[index]
    table: dict[str, Any] = {"units": layer.units, "activation": layer.activation}
    table |= {key: value for key, value in _changed(LayerTable, layer) if key not in (*table, *PARAMETER_NAMES)}
    table |= {key: value for key, value in layer.constants if key in LAYER_CONSTANTS}
    table |= {"mask": architecture.mask(index).tolist()} if layer.missing else {}
    if not is_drawn:
        names = [name for name in PARAMETER_NAMES if name in architecture.slots[index]]
        table |= {name: lesson.network.parameters.part(name, index).tolist() for name in names}
    return table


def _data(lesson: Lesson, file: str) -> dict[str, Any]:
    source = lesson.data_source
    example = {"example": lesson.example} if lesson.example else {}
    if source is not None and source.dataset is lesson.dataset and source.held_out is lesson.held_out:
        if "file" not in source.keys:
            return {**source.keys, **example}
        if file:
            return {**source.keys, "file": file, **example}
    data: dict[str, Any] = {}
    is_timed = lesson.network.architecture.is_recurrent
    pairs: tuple[tuple[str, Dataset | None], ...] = (("", lesson.dataset), ("held_out_", lesson.held_out))
    for prefix, dataset in pairs:
        if dataset is not None:
            data[f"{prefix}inputs"] = _rows(dataset.inputs, is_timed)
            if not np.isnan(dataset.targets).all():  # or else the loss needs none
                data[f"{prefix}targets"] = [_given(row) for row in _rows(dataset.targets, is_timed)]
    return data | example


def _given(row: list[Any]) -> list[Any]:
    """Return a row of targets, or those of all time steps; a step without a target is an empty list."""
    if row and isinstance(row[0], list):
        return [_given(step) for step in row]
    return [] if np.isnan(row).any() else row


def _rows(values: FloatArray, is_timed: bool) -> list[Any]:
    """Return examples (time, examples, units) as rows, or in a recurrent lesson as lists of time steps."""
    rows: list[Any] = (np.swapaxes(values, 0, 1) if is_timed else values[0]).tolist()
    return rows


def _training(lesson: Lesson) -> dict[str, Any]:
    training, rates = lesson.training, lesson.training.rates
    constants = {name: getattr(rates, name) for name in TRAINING_CONSTANTS}
    values = {field.name: getattr(training, field.name) for field in fields(training)}
    values |= {**constants, "learning_rate": rates.learning_rate}
    values |= {"negative_slope": lesson.network.architecture.leaky_slope}
    return dict(_changed(TrainingTable, _Values(values)))


class _Values:
    """Values by name, as attributes."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)


def _figure(figure: object) -> dict[str, Any]:
    table = {key: value for key, value in _changed(PrintedTable, figure) if key != "convention" and value != 0}
    choices = dict(getattr(figure, "convention", ()))
    example = getattr(figure, "example", None)
    table |= {} if example is None else {"example": example}
    return table | ({"convention": choices} if choices else {})
