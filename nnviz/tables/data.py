"""Examples from a table: chosen columns as inputs and targets, missing values, scaling, and a part held out.

Scaling and means are fitted on the training part alone. One line reports what was read and what was left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nnviz.engine.arrays import FloatArray, frozen_array
from nnviz.tables.columns import MIXED, NUMBER, TEXT, TableColumn
from nnviz.tables.selection import Needs, choose_columns, listed
from nnviz.tables.table import Table, TableError
from nnviz.tables.targets import code_targets

VALUE_LIMIT = 50_000_000
_SHOWN_ROWS = 3


@dataclass(frozen=True, eq=False)
class Scaling:
    """How inputs are scaled: x becomes (x - shift) / factor; shift and factor are (inputs,)."""

    kind: str
    shift: FloatArray
    factor: FloatArray

    def apply(self, inputs: FloatArray) -> FloatArray:
        """Return inputs (rows, inputs) scaled."""
        return (inputs - self.shift) / self.factor


@dataclass(frozen=True, eq=False)
class DataPart:
    """Some rows as examples, read-only: inputs (rows, inputs), targets (rows, outputs), and each row's line."""

    inputs: FloatArray
    targets: FloatArray
    lines: tuple[int, ...]


@dataclass(frozen=True, eq=False, kw_only=True)
class Data:
    """The examples of a table: those to train on, and those held out, None where none are.

    `class_names` is empty where the targets are numbers. `report` says in one line what was read and left out.
    """

    training: DataPart
    held_out: DataPart | None
    input_names: tuple[str, ...]
    target_names: tuple[str, ...]
    class_names: tuple[str, ...]
    scaling: Scaling | None
    report: str

    @property
    def inputs(self) -> FloatArray:
        """The inputs to train on, (rows, inputs)."""
        return self.training.inputs

    @property
    def targets(self) -> FloatArray:
        """The targets to train on, (rows, outputs)."""
        return self.training.targets


def select(
    table: Table,
    *,
    columns: Sequence[str] | None = None,
    target: str | Sequence[str] | None = None,
    needs: Needs = Needs(),  # noqa: B008 - a frozen value
    scale: str = "none",
    held_out: float = 0.0,
    seed: int = 0,
    missing: str = "leave_out",
) -> Data:
    """Return the examples of a table. Raises TableError, in one line that names row, column or key and the fix.

    The target, if not named, is the column of classes or the last columns, as many as `needs` has outputs. Classes are
    sorted, numbers by size, and become one output each; two of them share one output where there is but one.
    """
    choice = choose_columns(table, needs, columns, target)
    for column in choice.inputs:
        if column.kind == MIXED:
            raise TableError(column.problem)
    coded = code_targets(choice.targets, needs, table)
    inputs, names, is_number = _code_inputs(choice.inputs)
    if needs.inputs is not None and len(names) != needs.inputs:
        wanted = f"{needs.inputs} input{'s' * (needs.inputs != 1)}"
        raise TableError(
            f"the columns give {_count(len(names), 'input')}, but the network has {wanted}; name others in columns"
        )
    if inputs.shape[0] * (inputs.shape[1] + coded.values.shape[1]) > VALUE_LIMIT:
        raise TableError(f"more than {VALUE_LIMIT} numbers; keep fewer rows")
    gaps = _gaps((*choice.inputs, *choice.targets), table, () if missing == "leave_out" else choice.inputs)
    kept = np.array([row for row in range(len(table)) if row not in gaps], dtype=np.intp)
    if not kept.size:
        raise TableError(f"no row is complete: {_gap_words(gaps, table)}; name other columns, or set missing to mean")
    training, aside = _parts(kept, held_out, seed)
    inputs, filled = _filled(inputs, training, choice.inputs, table, kept)
    scaling = _fit(scale, inputs[training], is_number, names)
    scaled = inputs if scaling is None else scaling.apply(inputs)
    if not np.isfinite(scaled[kept]).all():
        raise TableError("numbers are too far apart to be scaled; leave their column out")
    report = [f"{_count(len(names), 'input')}, {coded.words}"]
    report += [_left_out_words(gaps, table)] if gaps else []
    report += [*filled, *_held_out_words(aside), *table.notes, *choice.notes]
    report += [_code_words(column) for column in choice.inputs if column.kind == TEXT]
    report += [f"inputs scaled ({scale})"] if scaling is not None else []
    return Data(
        training=_part(training, scaled, coded.values, table),
        held_out=_part(aside, scaled, coded.values, table) if aside.size else None,
        input_names=names,
        target_names=coded.names,
        class_names=coded.classes,
        scaling=scaling,
        report=f"{_count(len(table), 'row')}; " + "; ".join(report),
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'s' * (number != 1)}"


def _part(rows: NDArray[np.intp], inputs: FloatArray, targets: FloatArray, table: Table) -> DataPart:
    lines = tuple(table.lines[row] for row in rows.tolist())
    return DataPart(frozen_array(inputs[rows]), frozen_array(targets[rows]), lines)


def _code_inputs(columns: tuple[TableColumn, ...]) -> tuple[FloatArray, tuple[str, ...], NDArray[np.bool_]]:
    """The inputs as numbers (rows, inputs), their names, and which are numbers as written: those are scaled."""
    parts: list[FloatArray] = []
    names: list[str] = []
    numbers: list[bool] = []
    for column in columns:
        if column.kind != TEXT:
            parts.append(column.values)
            names.append(column.name)
            numbers.append(column.kind == NUMBER)
            continue
        words = np.array(column.words)
        for word in column.classes:
            parts.append((words == word).astype(np.float64))
            names.append(f"{column.name}={word}")
            numbers.append(False)
    return np.stack(parts, axis=1), tuple(names), np.array(numbers)


def _code_words(column: TableColumn) -> str:
    names = listed(column.classes, _SHOWN_ROWS + 2)
    return f"{column.name} as {_count(len(column.classes), 'input')} ({names})"


def _gaps(columns: tuple[TableColumn, ...], table: Table, filled: tuple[TableColumn, ...]) -> dict[int, str]:
    """The rows to leave out, with the first column that has no value there; a number that is filled in is no gap."""
    gaps: dict[int, str] = {}
    for column in columns:
        if column in filled and column.kind != TEXT:
            continue
        for row in np.flatnonzero(column.missing).tolist():
            gaps.setdefault(row, column.name)
    return dict(sorted(gaps.items()))


def _gap_words(gaps: dict[int, str], table: Table) -> str:
    shown = [f"{table.lines[row]} has no {_value_of(name)}" for row, name in list(gaps.items())[:_SHOWN_ROWS]]
    return "row " + ", row ".join(shown) + (", …" if len(gaps) > _SHOWN_ROWS else "")


def _value_of(name: str) -> str:
    return f"value in {name}" if name.startswith("column ") else name


def _left_out_words(gaps: dict[int, str], table: Table) -> str:
    return f"{_count(len(gaps), 'row')} left out: {_gap_words(gaps, table)}"


def _parts(kept: NDArray[np.intp], share: float, seed: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The rows to train on and those held out, drawn by the seed; both in the order of the file."""
    if not share:
        return kept, kept[:0]
    count = min(max(1, round(share * len(kept))), len(kept) - 1)
    if len(kept) < 2:
        raise TableError("one complete row, of which none can be held out; leave held_out away", "held_out")
    order = np.random.RandomState(seed).permutation(len(kept))
    return kept[np.sort(order[count:])], kept[np.sort(order[:count])]


def _held_out_words(rows: NDArray[np.intp]) -> list[str]:
    return [f"{_count(len(rows), 'row')} held out"] if rows.size else []


def _filled(
    inputs: FloatArray,
    training: NDArray[np.intp],
    columns: tuple[TableColumn, ...],
    table: Table,
    kept: NDArray[np.intp],
) -> tuple[FloatArray, list[str]]:
    """The inputs with means for missing numbers, and what is said of that. Raises TableError without any number."""
    gaps = np.argwhere(np.isnan(inputs))
    gaps = gaps[np.isin(gaps[:, 0], kept)]
    if not gaps.size:
        return inputs, []
    names = [name for column in columns for name in ([column.name] if column.kind != TEXT else column.classes)]
    inputs = inputs.copy()
    for place in np.unique(gaps[:, 1]).tolist():
        known = inputs[training, place]
        known = known[~np.isnan(known)]
        if not known.size:
            raise TableError(f"{names[place]} has no value in the training part; leave it out")
        with np.errstate(over="ignore"):
            inputs[np.isnan(inputs[:, place]), place] = known.mean()
    shown = [f"row {table.lines[row]} {names[place]}" for row, place in gaps[:_SHOWN_ROWS].tolist()]
    more = ", …" if len(gaps) > _SHOWN_ROWS else ""
    return inputs, [f"{_count(len(gaps), 'missing value')} set to the mean: {', '.join(shown)}{more}"]


def _fit(scale: str, inputs: FloatArray, is_number: NDArray[np.bool_], names: tuple[str, ...]) -> Scaling | None:
    """The scaling of the training part's numbers; columns of classes and constant ones keep their size."""
    if scale == "none":
        return None
    with np.errstate(over="ignore", invalid="ignore"):
        if scale == "standard":
            shift, factor = inputs.mean(axis=0), inputs.std(axis=0)
        else:
            shift, factor = inputs.min(axis=0), np.ptp(inputs, axis=0)
    large = np.flatnonzero(is_number & ~(np.isfinite(shift) & np.isfinite(factor)))
    if large.size:
        raise TableError(f"{names[int(large[0])]} has numbers too large to be scaled; leave it out, or scale it there")
    shift = np.where(is_number, shift, 0.0)
    factor = np.where(is_number & (factor > 0.0), factor, 1.0)
    return Scaling(scale, frozen_array(shift), frozen_array(factor))
