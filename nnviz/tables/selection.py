"""Which columns of a table are inputs and which the targets: as named, or as a network's sizes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, isfinite

from nnviz.tables.columns import DATE, EMPTY, INDEX, NUMBER, TEXT, TableColumn
from nnviz.tables.synonyms import nearest
from nnviz.tables.table import Table, TableError

MOST_CODES = 10  # different words of an input column that is not named
_NAMED = 8
_LEFT_OUT = {
    DATE: "is left out: it holds dates (write days or years to use them)",
    EMPTY: "is left out: it has no value",
    INDEX: "is left out: it numbers the rows",
}
_UNUSABLE = {
    DATE: "dates; write numbers, such as days",
    EMPTY: "no value; leave it out",
    INDEX: "names of rows; leave it out",
}


@dataclass(frozen=True)
class Needs:
    """What a network takes: how many inputs and outputs, None where that is open, and its loss.

    Targets are from `low` to `high`; where these are -1 and 1, they are one of both. `exclusive` where the targets are
    shares of one whole, as softmax's outputs are.
    """

    inputs: int | None = None
    outputs: int | None = None
    loss: str = ""
    low: float = -inf
    high: float = inf
    exclusive: bool = False

    @property
    def has_two_classes(self) -> bool:
        """Whether an output says which of two classes an example has."""
        return isfinite(self.low) and isfinite(self.high)


@dataclass(frozen=True)
class ColumnChoice:
    """The columns chosen, and what is to be said of those left out."""

    inputs: tuple[TableColumn, ...]
    targets: tuple[TableColumn, ...]
    notes: list[str] = field(default_factory=list)


def choose_columns(
    table: Table, needs: Needs, columns: Sequence[str] | None = None, target: str | Sequence[str] | None = None
) -> ColumnChoice:
    """Return the input and target columns. Raises TableError where names are unknown or sizes do not fit."""
    named = None if columns is None else tuple(column_named(table, name, "columns") for name in columns)
    wanted = [target] if isinstance(target, str) else target
    targets = None if wanted is None else tuple(column_named(table, name, "target") for name in wanted)
    _check_names(named, targets)
    usable = tuple(column for column in table.columns if column.kind not in _LEFT_OUT)
    used = (*(named or ()), *(targets or ()))
    unused = [column for column in table.columns if column.kind in _LEFT_OUT and column not in used]
    notes = [f"{column.name} {_why_unused(column)}" for column in unused]
    if targets is not None:
        inputs = named or _inputs_beside(usable, targets, needs, notes)
        return ColumnChoice(inputs, targets, notes)
    return _proposed(table, usable, named, needs, notes)


def _why_unused(column: TableColumn) -> str:
    return "is left out: it names the rows" if column.kind == INDEX and column.words else _LEFT_OUT[column.kind]


def column_named(table: Table, name: str, key: str = "file") -> TableColumn:
    """Return a column by its name, or by its place where the table has no heading. Raises TableError about a key."""
    places = {column.name: column for column in table.columns}
    if name in places:
        return places[name]
    if f"column {name}" in places:
        return places[f"column {name}"]
    folded = [column for column in table.columns if column.name.casefold() == name.strip().casefold()]
    if len(folded) == 1:
        return folded[0]
    meant = nearest(name, list(places))
    hint = "" if meant is None else f"; did you mean {meant}?"
    raise TableError(f"no column {name[:60]!r}; the columns are {listed(table.names)}{hint}", key)


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """Return the first names, parted by commas."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def width_of(column: TableColumn) -> int:
    """Return how many inputs a column gives: a text column one for each of its words."""
    return len(column.classes) if column.kind == TEXT else 1


def _check_names(columns: tuple[TableColumn, ...] | None, targets: tuple[TableColumn, ...] | None) -> None:
    if columns is not None and not columns:
        raise TableError("no input column is named; name at least one", "columns")
    if targets is not None and not targets:
        raise TableError("no target column is named; name at least one", "target")
    for key, group in (("columns", columns or ()), ("target", targets or ())):
        twice = next((column for place, column in enumerate(group) if column in group[:place]), None)
        if twice is not None:
            raise TableError(f"{twice.name} is named twice; name each column once", key)
        unusable = next((column for column in group if column.kind in _UNUSABLE and not column.values.size), None)
        if unusable is not None:
            raise TableError(f"{unusable.name} holds {_UNUSABLE[unusable.kind]}", key)
    both = next((column for column in columns or () if column in (targets or ())), None)
    if both is not None:
        raise TableError(f"{both.name} is named as input and as target; name it once", "target")


def _inputs_beside(
    usable: tuple[TableColumn, ...], targets: tuple[TableColumn, ...], needs: Needs, notes: list[str]
) -> tuple[TableColumn, ...]:
    """The input columns where the targets are known: all others, as far as the network takes them."""
    others = tuple(column for column in usable if column not in targets)
    chosen = _fitting(others, needs.inputs)
    if chosen is None:
        raise TableError(_misfit(others, targets, needs, notes))
    notes += [_left_out(column) for column in others if column not in chosen]
    return chosen


def _fitting(columns: tuple[TableColumn, ...], count: int | None) -> tuple[TableColumn, ...] | None:
    """The columns that give a number of inputs: without texts, else with them; without row numbers where that fits."""
    plain = tuple(column for column in columns if column.kind != TEXT)
    if count is None:
        few = [column for column in columns if column.kind != TEXT or len(column.classes) <= MOST_CODES]
        return tuple(few) or None
    for chosen in (plain, columns, *(tuple(c for c in group if not c.counts) for group in (plain, columns))):
        if chosen and sum(map(width_of, chosen)) == count:
            return chosen
    return None


def _left_out(column: TableColumn) -> str:
    if column.counts:
        return f"{column.name} is left out: it numbers the rows"
    return f"{column.name} is left out: text" if column.kind == TEXT else f"{column.name} is left out"


def _proposed(
    table: Table, usable: tuple[TableColumn, ...], named: tuple[TableColumn, ...] | None, needs: Needs, notes: list[str]
) -> ColumnChoice:
    """The columns where no target is named: classes in a column, or the last columns."""
    free = tuple(column for column in usable if column not in (named or ()))
    for targets in _targets(free, needs):
        others = named or tuple(column for column in usable if column not in targets)
        chosen = _fitting(others, needs.inputs)
        if chosen is not None:
            _check_labels(targets, free, needs)
            notes += [_left_out(column) for column in (*others, *free) if column not in (*chosen, *targets)]
            return ColumnChoice(chosen, targets, list(dict.fromkeys(notes)))
    raise TableError(_misfit(named or usable, (), needs, notes))


def _check_labels(targets: tuple[TableColumn, ...], columns: tuple[TableColumn, ...], needs: Needs) -> None:
    """Refuse whole numbers as classes by their place alone, where another column has labels 0, 1, 2, …"""
    if len(targets) > 1 or needs.outputs in (None, 1) or targets[0].kind != NUMBER or _are_labels(targets[0]):
        return
    likelier = [column for column in columns if _are_labels(column) and len(column.classes) == needs.outputs]
    if likelier:
        both = f"{targets[0].name} and {likelier[0].name} may both be the classes"
        if not targets[0].has_whole_numbers:
            both = f"{targets[0].name} holds no classes, but {likelier[0].name} may"
        raise TableError(f"{both}; name the target in target, as {likelier[0].name}")


def _are_labels(column: TableColumn) -> bool:
    """Whether a column's values are 0, 1, 2, … or 1, 2, 3, …"""
    if not column.has_whole_numbers:
        return False
    numbers = [float(name) for name in column.classes]
    return numbers[0] in (0.0, 1.0) and numbers == [numbers[0] + place for place in range(len(numbers))]


def _targets(columns: tuple[TableColumn, ...], needs: Needs) -> list[tuple[TableColumn, ...]]:
    """Groups of columns that may be the targets, the likeliest first."""
    if not columns:
        return []
    last, count = columns[-1], needs.outputs
    texts = [column for column in columns if column.kind == TEXT]
    groups: list[tuple[TableColumn, ...]] = []
    if count is None:
        return [(last,)]
    if count == 1:
        groups.append((last,))
        if needs.has_two_classes:
            groups += [(column,) for column in texts if len(texts) == 1]
        return groups
    groups += [(column,) for column in (last, *texts) if column.kind == TEXT and len(column.classes) == count]
    together = [columns[-count:]] if len(columns) >= count else []
    has_labels = last.has_whole_numbers and len(last.classes) == count
    # Where the inputs are known, their number decides between one column of labels and one for each class.
    return [*groups, *([(last,), *together] if needs.inputs is None and has_labels else [*together, (last,)])]


def _misfit(columns: tuple[TableColumn, ...], targets: tuple[TableColumn, ...], needs: Needs, notes: list[str]) -> str:
    """What is said where the columns do not give the inputs and targets that are needed."""
    count = len(columns)
    has = f"{count} column{'s' * (count != 1)} of numbers or classes"
    words = [f"{c.name}: {len(c.classes)} words" if c.kind == TEXT else c.name for c in columns]
    coded = f" ({listed(words)})" if words else ""
    wants = f"{needs.inputs} input{'s' * (needs.inputs != 1)}" if needs.inputs is not None else "at least one input"
    said = f"; {'; '.join(notes[:2])}" if notes else ""
    if targets:
        return f"{has} beside the target{coded}, but the network needs {wants}; name the inputs in columns{said}"
    if needs.outputs is not None:
        wants += f" and {needs.outputs} target{'s' * (needs.outputs != 1)}"
    fix = "name the inputs in columns and the target in target"
    if needs.inputs is not None and sum(map(width_of, columns)) < needs.inputs + 1:
        fix = "add columns, or change the network"
    return f"{has}{coded}, but the network needs {wants}; {fix}{said}"
