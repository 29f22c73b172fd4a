"""The targets of a table: numbers as they are, or classes as one output for each, and whether they fit a loss."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnviz.engine.arrays import FloatArray
from nnviz.tables.cells import shown
from nnviz.tables.columns import MIXED, NUMBER, TEXT, TRUTH, TableColumn
from nnviz.tables.selection import Needs, listed
from nnviz.tables.table import Table, TableError

_SUM_TOLERANCE = 1e-6
_SHOWN_CLASSES = 5


@dataclass(frozen=True, eq=False)
class Coded:
    """Targets as numbers (rows, outputs), NaN where missing, with a name for each output.

    `classes` are the names of the classes, empty where the targets are numbers; `words` is what the report says.
    """

    values: FloatArray
    names: tuple[str, ...]
    classes: tuple[str, ...]
    words: str


def code_targets(columns: tuple[TableColumn, ...], needs: Needs, table: Table) -> Coded:
    """Return the target columns as numbers that fit the loss. Raises TableError."""
    for column in columns:
        if column.kind == MIXED:
            raise TableError(column.problem)
    coded = _one_column(columns[0], needs) if len(columns) == 1 else _several(columns, needs)
    _check_loss(coded, needs, table)
    return coded


def _several(columns: tuple[TableColumn, ...], needs: Needs) -> Coded:
    text = next((column for column in columns if column.kind == TEXT), None)
    if text is not None:
        raise TableError(f"{text.name} holds text, and is one of several targets; name it alone, for its classes")
    if needs.outputs not in (None, len(columns)):
        raise TableError(f"{len(columns)} target columns, but the network has {_outputs(needs)}; name as many")
    names = tuple(column.name for column in columns)
    values = np.stack([column.values for column in columns], axis=1)
    classes = names if _are_one_hot(values) else ()
    return Coded(values, names, classes, f"{len(columns)} targets ({listed(names, _SHOWN_CLASSES)})")


def _are_one_hot(values: FloatArray) -> bool:
    rows = values[~np.isnan(values).any(axis=1)]
    return bool(((rows == 0.0) | (rows == 1.0)).all() and (rows.sum(axis=1) == 1.0).all())


def _one_column(column: TableColumn, needs: Needs) -> Coded:
    classes = column.classes
    if column.kind == TEXT or (column.kind == TRUTH and needs.outputs not in (None, 1)):
        if needs.outputs == 1 or (needs.outputs is None and needs.has_two_classes):
            return _two_classes(column, needs)
        return _one_hot(column, classes, needs)
    if column.kind == NUMBER and needs.outputs not in (None, 1):
        return _labels(column, needs)
    if column.kind == NUMBER and needs.outputs is None and needs.exclusive:
        return _one_hot(column, classes, needs)
    if needs.has_two_classes and (column.kind == TRUTH or classes == ("1", "2")):
        return _two_classes(column, needs)
    return Coded(column.values[:, np.newaxis], (column.name,), (), f"1 target ({column.name})")


def _labels(column: TableColumn, needs: Needs) -> Coded:
    """Whole numbers as classes; with fewer than outputs where they count from 0."""
    outputs, classes = needs.outputs or 0, column.classes
    if not column.has_whole_numbers:
        raise TableError(_not_labels(column, needs))
    present = column.values[~np.isnan(column.values)]
    if len(classes) < outputs and present.size and present.min() == 0.0 and present.max() < outputs:
        classes = tuple(str(label) for label in range(outputs))
    return _one_hot(column, classes, needs)


def _not_labels(column: TableColumn, needs: Needs) -> str:
    value = next(value for value in column.values if value != np.floor(value) and not np.isnan(value))
    return (
        f"{column.name} is not the label of a class: {value:.15g} is no whole number; "
        f"the network has {_outputs(needs)}: name the target in target"
    )


def _one_hot(column: TableColumn, classes: tuple[str, ...], needs: Needs) -> Coded:
    if needs.outputs is not None and len(classes) != needs.outputs:
        raise TableError(
            f"{column.name} has {len(classes)} class{'es' * (len(classes) != 1)} ({_classes(classes)}), "
            f"but the network has {_outputs(needs)}; give it one output for each class, or name another target"
        )
    if len(classes) < 2:
        raise TableError(f"{column.name} has one class alone ({_classes(classes)}); name another target")
    values = np.full((len(column.missing), len(classes)), np.nan)
    for row, word in enumerate(_words(column)):
        if word:
            values[row] = [float(word == label) for label in classes]
    return Coded(values, classes, classes, f"{len(classes)} classes of {column.name} ({_classes(classes)})")


def _two_classes(column: TableColumn, needs: Needs) -> Coded:
    """One output for two classes: 0 and 1, or −1 and 1 for the hinge loss."""
    classes = column.classes
    if len(classes) != 2:
        raise TableError(
            f"{column.name} has {len(classes)} class{'es' * (len(classes) != 1)} ({_classes(classes)}), "
            "but the network has 1 output; give it one output for each class, or name another target"
        )
    low = needs.low if needs.has_two_classes else 0.0
    numbers = {"": float("nan"), classes[0]: low, classes[1]: 1.0}
    values = np.array([[numbers[word]] for word in _words(column)])
    words = f"2 classes of {column.name} ({classes[0]} is {low:g}, {classes[1]} is 1)"
    return Coded(values, (column.name,), classes, words)


def _words(column: TableColumn) -> tuple[str, ...]:
    """The class of each row, "" where it is missing."""
    if column.words:
        return column.words
    names = {1.0: "true", 0.0: "false"} if column.kind == TRUTH else {}
    return tuple("" if np.isnan(value) else names.get(value, f"{value:.15g}") for value in column.values.tolist())


def _classes(classes: tuple[str, ...]) -> str:
    return listed([shown(name)[1:-1] for name in classes], _SHOWN_CLASSES)


def _outputs(needs: Needs) -> str:
    return f"{needs.outputs} output{'s' * (needs.outputs != 1)}"


def _check_loss(coded: Coded, needs: Needs, table: Table) -> None:
    """Raise TableError for the first row whose targets do not fit the loss."""
    values = coded.values
    high = 1.0 if needs.exclusive else needs.high
    outside = (values < needs.low) | (values > high)
    if _is_signed(needs):
        outside = ~np.isnan(values) & (np.abs(values) != 1.0)
    if outside.any():
        row, output = (int(place) for place in np.argwhere(outside)[0])
        where = f"row {table.lines[row]}, {coded.names[output]}"
        wrong = f"{where}: the target {values[row, output]:.15g} does not fit"
        raise TableError(f"{wrong}: {_wanted(needs)}{_advice(coded, table)}")
    sums = values.sum(axis=1)
    wrong_sums = np.abs(sums - 1.0) > _SUM_TOLERANCE
    if needs.exclusive and wrong_sums.any():
        row = int(np.argmax(wrong_sums))
        where = f"row {table.lines[row]}: the targets {listed(coded.names, _SHOWN_CLASSES)}"
        raise TableError(f"{where} add to {sums[row]:.6g}, not to 1: {_wanted(needs)}{_advice(coded, table)}")


def _is_signed(needs: Needs) -> bool:
    return (needs.low, needs.high) == (-1.0, 1.0)


def _wanted(needs: Needs) -> str:
    """The targets that a loss needs, in words."""
    if needs.exclusive:
        return f"{needs.loss} needs 1 for the class and 0 for the others"
    if _is_signed(needs):
        return f"{needs.loss} needs targets of -1 and 1"
    bounds = f"from {needs.low:g} to {needs.high:g}" if needs.has_two_classes else f"of at least {needs.low:g}"
    return f"{needs.loss} needs targets {bounds}"


def _advice(coded: Coded, table: Table) -> str:
    """Which columns may have been meant as the target, for the end of a refusal."""
    width = len(coded.names)
    if width == 1:
        return "; correct it, or name another target in target"
    hot = [column for column in table.columns if column.kind in (NUMBER, TRUTH)]
    for start in range(len(hot) - width + 1):
        group = hot[start : start + width]
        if _are_one_hot(np.stack([column.values for column in group], axis=1)):
            return f"; name the target columns in target, as {listed([column.name for column in group])}"
    likely = [column for column in table.columns if column.name not in coded.names and _may_be_classes(column, width)]
    return f"; name the target in target{f', as {likely[0].name}' if likely else ''}"


def _may_be_classes(column: TableColumn, count: int) -> bool:
    return (column.kind == TEXT or column.has_whole_numbers) and len(column.classes) == count
