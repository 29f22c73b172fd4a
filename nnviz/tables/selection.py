"""Which columns of a table are inputs and which the targets: as named, or as a network's sizes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from nnviz.tables.columns import DATE, EMPTY, INDEX, TEXT, Column
from nnviz.tables.table import Table, TableError

# Losses whose single output has two classes.
TWO_CLASS_LOSSES = frozenset(("binary_cross_entropy", "mean_binary_cross_entropy", "hinge"))
MOST_CODES = 10  # different words of an input column that is not named
_NAMED = 8
_LEFT_OUT = {
    DATE: "is left out: dates; write a number, such as days, to use it",
    EMPTY: "is left out: no value",
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

    `exclusive` where its outputs are shares of one whole, as softmax's are.
    """

    inputs: int | None = None
    outputs: int | None = None
    loss: str = ""
    exclusive: bool = False


@dataclass(frozen=True)
class Choice:
    """The columns chosen, and what is to be said of those left out."""

    inputs: tuple[Column, ...]
    targets: tuple[Column, ...]
    notes: list[str] = field(default_factory=list)


def choose_columns(
    table: Table, needs: Needs, columns: Sequence[str] | None = None, target: str | Sequence[str] | None = None
) -> Choice:
    """Return the input and target columns. Raises TableError where names are unknown or sizes do not fit."""
    named = None if columns is None else tuple(column_named(table, name) for name in columns)
    wanted = [target] if isinstance(target, str) else target
    targets = None if wanted is None else tuple(column_named(table, name) for name in wanted)
    _check_names(named, targets)
    usable = tuple(column for column in table.columns if column.kind not in _LEFT_OUT)
    used = (*(named or ()), *(targets or ()))
    unused = [column for column in table.columns if column.kind in _LEFT_OUT and column not in used]
    notes = [f"{column.name} {_LEFT_OUT[column.kind]}" for column in unused]
    if targets is not None:
        inputs = named or _inputs_beside(usable, targets, needs, notes)
        return Choice(inputs, targets, notes)
    return _proposed(table, usable, named, needs, notes)


def column_named(table: Table, name: str) -> Column:
    """Return a column by its name, or by its place where the table has no heading. Raises TableError."""
    places = {column.name: column for column in table.columns}
    if name in places:
        return places[name]
    if f"column {name}" in places:
        return places[f"column {name}"]
    folded = [column for column in table.columns if column.name.casefold() == name.strip().casefold()]
    if len(folded) == 1:
        return folded[0]
    close = get_close_matches(name[:60], list(places), n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    raise TableError(f"no column {name[:60]!r}; the columns are {listed(table.names)}{meant}")


def listed(names: Sequence[str], most: int = _NAMED) -> str:
    """Return the first names, parted by commas."""
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def width_of(column: Column) -> int:
    """Return how many inputs a column gives: a text column one for each of its words."""
    return len(column.classes) if column.kind == TEXT else 1


def _check_names(columns: tuple[Column, ...] | None, targets: tuple[Column, ...] | None) -> None:
    if columns is not None and not columns:
        raise TableError("no input column is named; name at least one")
    if targets is not None and not targets:
        raise TableError("no target column is named; name at least one")
    for group in (columns or (), targets or ()):
        twice = next((column for place, column in enumerate(group) if column in group[:place]), None)
        if twice is not None:
            raise TableError(f"{twice.name} is named twice; name each column once")
    both = next((column for column in columns or () if column in (targets or ())), None)
    if both is not None:
        raise TableError(f"{both.name} is named as input and as target; name it once")
    for column in (*(columns or ()), *(targets or ())):
        if column.kind in _UNUSABLE and not column.values.size:
            raise TableError(f"{column.name} holds {_UNUSABLE[column.kind]}")


def _inputs_beside(
    usable: tuple[Column, ...], targets: tuple[Column, ...], needs: Needs, notes: list[str]
) -> tuple[Column, ...]:
    """The input columns where the targets are known: all others, as far as the network takes them."""
    others = tuple(column for column in usable if column not in targets)
    chosen = _fitting(others, needs.inputs)
    if chosen is None:
        raise TableError(_misfit(others, targets, needs))
    notes += [_left_out(column) for column in others if column not in chosen]
    return chosen


def _fitting(columns: tuple[Column, ...], count: int | None) -> tuple[Column, ...] | None:
    """The columns that give so many inputs: without texts, else with them; without row numbers where that fits."""
    plain = tuple(column for column in columns if column.kind != TEXT)
    if count is None:
        few = [column for column in columns if column.kind != TEXT or len(column.classes) <= MOST_CODES]
        return tuple(few) or None
    for chosen in (plain, columns, *(tuple(c for c in group if not c.counts) for group in (plain, columns))):
        if chosen and sum(map(width_of, chosen)) == count:
            return chosen
    return None


def _left_out(column: Column) -> str:
    if column.counts:
        return f"{column.name} is left out: it numbers the rows"
    return f"{column.name} is left out: text" if column.kind == TEXT else f"{column.name} is left out"


def _proposed(
    table: Table, usable: tuple[Column, ...], named: tuple[Column, ...] | None, needs: Needs, notes: list[str]
) -> Choice:
    """The columns where no target is named: classes in a column, or the last columns."""
    free = tuple(column for column in usable if column not in (named or ()))
    for targets in _targets(free, needs):
        others = named or tuple(column for column in usable if column not in targets)
        chosen = _fitting(others, needs.inputs)
        if chosen is not None:
            notes += [_left_out(column) for column in (*others, *free) if column not in (*chosen, *targets)]
            return Choice(chosen, targets, list(dict.fromkeys(notes)))
    raise TableError(_misfit(named or usable, (), needs))


def _targets(columns: tuple[Column, ...], needs: Needs) -> list[tuple[Column, ...]]:
    """Groups of columns that may be the targets, the likeliest first."""
    if not columns:
        return []
    last, count = columns[-1], needs.outputs
    texts = [column for column in columns if column.kind == TEXT]
    groups: list[tuple[Column, ...]] = []
    if count is None:
        return [(last,)]
    if count == 1:
        groups.append((last,))
        if needs.loss in TWO_CLASS_LOSSES:
            groups += [(column,) for column in texts if len(texts) == 1]
        return groups
    groups += [(column,) for column in (last, *texts) if column.kind == TEXT and len(column.classes) == count]
    together = [columns[-count:]] if len(columns) >= count else []
    has_labels = last.has_whole_numbers and len(last.classes) == count
    # Where the inputs are known, their number decides between one column of labels and one for each class.
    return [*groups, *([(last,), *together] if needs.inputs is None and has_labels else [*together, (last,)])]


def _misfit(columns: tuple[Column, ...], targets: tuple[Column, ...], needs: Needs) -> str:
    """What is said where the columns do not give the inputs and targets that are needed."""
    has = f"{len(columns)} column{'s' * (len(columns) != 1)} of numbers or classes"
    texts = [column for column in columns if column.kind == TEXT]
    coded = f" ({', '.join(f'{c.name} with {len(c.classes)} different words' for c in texts[:3])})" if texts else ""
    wants = f"{needs.inputs} input{'s' * (needs.inputs != 1)}" if needs.inputs is not None else "at least one input"
    if targets:
        return f"{has} beside the target{coded}, but the network needs {wants}; name the inputs in columns"
    if needs.outputs is not None:
        wants += f" and {needs.outputs} target{'s' * (needs.outputs != 1)}"
    return f"{has}{coded}, but the network needs {wants}; name the inputs in columns and the target in target"
