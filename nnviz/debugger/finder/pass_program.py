"""A pass as a program: each number from its operands, so that one step can be changed and the others follow.

Of a large pass the program has every number of the units, but only the first corner of each matrix, which is what pages
print: the work is bounded, not the size of the pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from itertools import islice

from nnviz.debugger.finder.number_table import GIVEN
from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.groups import groups_of
from nnviz.tracing.provenance import Operand, operands_of
from nnviz.tracing.steps import PARAMETER_KINDS, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

NODE_LIMIT = 1_500  # numbers of a pass that is in the program as a whole
MOST_NODES = 6_000  # numbers of a larger pass, with those that they are computed from
MOST_OPERANDS = 40_000
PARAMETERS = 40  # of each kind and layer of a larger pass
WIDE = 300  # operands: the sums of that many inputs are taken as given
_GIVEN = GIVEN | {Kind.STATE, Kind.MEMORY}
OF_EXAMPLE = frozenset({Kind.Z, Kind.A, Kind.ERROR, Kind.LOSS, Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DE_DX})
_WITH_EXAMPLE = OF_EXAMPLE | {Kind.INPUT, Kind.TARGET, Kind.STATE}


@dataclass(frozen=True, eq=False)
class Node:
    """One computed number: its quantity, its operands, and those operands as quantities of the whole program.

    `quantity` has `example` set if the number belongs to another row of the batch than the stepped one. `own` is the
    same quantity in the trace of that row.
    """

    quantity: Quantity
    own: Quantity
    trace: Trace
    parts: tuple[Operand, ...]
    operands: tuple[Quantity, ...]

    def compute(self, values: Sequence[float]) -> float:
        """Return the number for other values of its operands."""
        return recompute_from(self.trace, self.own, self.parts, values)


Look = Callable[[Quantity], float]
# The value of a changed step: from the numbers so far, the step, and the values of its operands.
StepEdit = Callable[[Look, Node, list[float]], float]


def constant_step(value: float) -> StepEdit:
    """Return the change of a step that gives one value, whatever its operands."""
    return lambda look, node, values: value


@dataclass(frozen=True, eq=False)
class PassProgram:
    """The numbers of a pass in the order in which they are computed; `index` finds a quantity."""

    record: PassRecord
    nodes: tuple[Node, ...]
    index: dict[Quantity, int]
    values: tuple[float, ...]
    sources: tuple[tuple[int, ...], ...]
    given: tuple[tuple[float, ...], ...]

    def changed(self, edits: Mapping[int, StepEdit]) -> dict[int, float]:
        """Return the numbers that differ if some steps are computed by other formulas, and all others follow."""
        now: dict[int, float] = {}

        def look(quantity: Quantity) -> float:
            place = self.index.get(quantity)
            return self.value_of(quantity) if place is None else now.get(place, self.values[place])

        waiting = list(edits)
        operands = {place: list(self.given[place]) for place in edits}
        heapify(waiting)
        while waiting:
            place = heappop(waiting)
            edit, node, values = edits.get(place), self.nodes[place], operands.pop(place)
            value = node.compute(values) if edit is None else edit(look, node, values)
            if abs(value - self.values[place]) > 1e-13 * abs(value):
                now[place] = value
                for user, at in self.users[place]:
                    theirs = operands.get(user)
                    if theirs is None:
                        theirs = operands[user] = list(self.given[user])
                        heappush(waiting, user)
                    for each in at:
                        theirs[each] = value
        return now

    @cached_property
    def users(self) -> tuple[tuple[tuple[int, tuple[int, ...]], ...], ...]:
        """For each number those that are computed from it, with its places among their operands."""
        found: list[dict[int, list[int]]] = [{} for _ in self.nodes]
        for place, sources in enumerate(self.sources):
            for at, source in enumerate(sources):
                if source >= 0:
                    found[source].setdefault(place, []).append(at)
        return tuple(tuple((user, tuple(at)) for user, at in users.items()) for users in found)

    def recorded(self, quantity: Quantity) -> float:
        """Return a number of the pass, computed or given."""
        place = self.index.get(quantity)
        return self.value_of(quantity) if place is None else self.values[place]

    def value_of(self, quantity: Quantity) -> float:
        """Return a number of the record."""
        return _number(self.record, quantity)


def program_of(record: PassRecord) -> PassProgram | None:
    """Return the program of a pass with all examples of its batch; None if even its units have too many numbers."""
    builder = _Builder(record)
    return builder.program() if builder.add_all() else None


def programs_of(record: PassRecord) -> Iterator[PassProgram]:
    """Yield the program of a pass; of a large one first that of the stepped example's units alone."""
    builder = _Builder(record)
    if not builder.is_whole:
        builder.add_stepped()
        yield builder.program()
    if builder.add_all():
        yield builder.program()


def is_whole(record: PassRecord) -> bool:
    """Return whether a pass has so few numbers that all of them are in its program."""
    return Trace(record).length(Grain.NEURON) * len(record.examples) <= NODE_LIMIT


def _units(record: PassRecord) -> Iterator[Quantity]:
    """Yield the numbers of the units of the stepped example, and its loss."""
    for group in groups_of(record, chain_rule=False):
        if group.kind in OF_EXAMPLE and not _is_wide(record, group.kind, group.layer):
            for unit in (None,) if group.kind is Kind.LOSS else range(group.units):
                yield Quantity(group.kind, group.layer, unit, None, group.time)


def _first_parameters(record: PassRecord) -> Iterator[Quantity]:
    """Yield the gradients and new values in the first corner of each matrix, and of the first biases."""
    for layer, slots in enumerate(record.architecture.slots):
        for name in slots:
            kinds, shape = PARAMETER_KINDS[name], record.architecture.shape(name, layer)
            assert shape is not None
            places = _diagonals(*shape) if kinds.is_matrix else ((None, unit) for unit in range(shape[-1]))
            for source, unit in islice(places, PARAMETERS):
                yield Quantity(kinds.gradient, layer, unit, source)
                yield Quantity(kinds.new, layer, unit, source)


def _diagonals(rows: int, columns: int) -> Iterator[tuple[int, int]]:
    """Yield the places of a matrix from its first corner on, diagonal by diagonal."""
    for both in range(rows + columns - 1):
        for row in range(max(0, both - columns + 1), min(rows, both + 1)):
            yield row, both - row


def _is_wide(record: PassRecord, kind: Kind, layer: int | None) -> bool:
    """Return whether a number is the sum of very many inputs."""
    return kind is Kind.Z and layer == 0 and 2 * record.architecture.sizes[0] > WIDE


def _number(record: PassRecord, quantity: Quantity) -> float:
    value = value_of(record, quantity)
    assert isinstance(value, float)
    return value


def _of_row(quantity: Quantity, row: int, stepped: int) -> Quantity:
    """Return a quantity of the trace of one row as a quantity of the program."""
    if quantity.kind not in _WITH_EXAMPLE or (quantity.example is None and row == stepped):
        return quantity
    at = row if quantity.example is None else quantity.example
    return _with_example(quantity, None if at == stepped else at)


def _with_example(q: Quantity, example: int | None) -> Quantity:
    return Quantity(q.kind, q.layer, q.unit, q.source, q.time, example, slot=q.slot, of=q.of)


class _Builder:
    """The numbers of a program, each after those that it is computed from. Mutable: `add` adds one with these."""

    def __init__(self, record: PassRecord) -> None:
        self.is_whole = is_whole(record)
        self._nodes: dict[Quantity, Node] = {}
        self._record = record
        self._stepped = record.row
        self._traces: dict[int, Trace] = {}
        self._operands = 0

    def add_stepped(self) -> None:
        """Add the numbers of the stepped example; of a large pass those of its units."""
        for quantity in self._asked(self._stepped):
            self._add(quantity)

    def add_all(self) -> bool:
        """Add the numbers of all examples, and of a large pass some of the parameters; False if they are too many."""
        self.add_stepped()
        if self._will_be_full():
            return False
        for row in (row for row in range(len(self._record.examples)) if row != self._stepped):
            for quantity in self._asked(row):
                if quantity.kind in OF_EXAMPLE:
                    self._add(_of_row(quantity, row, self._stepped))
        if self._is_full:
            return False
        for quantity in () if self.is_whole else _first_parameters(self._record):
            self._add(quantity)
        return True

    def _asked(self, row: int) -> Iterator[Quantity]:
        """Yield the numbers of one row of the batch."""
        return (step.quantity for step in self._trace(row).at(Grain.NEURON)) if self.is_whole else _units(self._record)

    def _will_be_full(self) -> bool:
        """Whether the numbers are too many, or will be when each row has as many as the stepped one."""
        rows = len(self._record.examples)
        sizes = [
            len(node.parts)
            for node in self._nodes.values()
            if node.own is node.quantity and node.quantity.kind in OF_EXAMPLE
        ]
        is_regular = self._record.without_target is None
        return self._is_full or (is_regular and (rows * len(sizes) > MOST_NODES or rows * sum(sizes) > MOST_OPERANDS))

    def program(self) -> PassProgram:
        """Return the program of the numbers that were added."""
        ordered = tuple(self._nodes.values())
        index = {node.quantity: place for place, node in enumerate(ordered)}
        return PassProgram(
            self._record,
            ordered,
            index,
            tuple(_number(node.trace.record, node.own) for node in ordered),
            tuple(tuple(index.get(part, -1) for part in node.operands) for node in ordered),
            tuple(tuple(part.value for part in node.parts) for node in ordered),
        )

    @property
    def _is_full(self) -> bool:
        """Whether the numbers are too many."""
        return len(self._nodes) > MOST_NODES or self._operands > MOST_OPERANDS

    def _add(self, asked: Quantity) -> None:
        """Add a number after those that it is computed from, unless the program is full."""
        if asked in self._nodes or self._is_full:
            return
        found = self._node(asked)
        waiting = [(asked, iter(found.operands), found)]
        while waiting and not self._is_full:
            quantity, operands, node = waiting[-1]
            following = next((part for part in operands if self._is_missing(part)), None)
            if following is None:
                self._nodes.setdefault(quantity, node)
                waiting.pop()
            else:
                found = self._node(following)
                waiting.append((following, iter(found.operands), found))

    def _is_missing(self, part: Quantity) -> bool:
        return part.kind not in _GIVEN and part not in self._nodes and not _is_wide(self._record, part.kind, part.layer)

    def _trace(self, row: int) -> Trace:
        found = self._traces.get(row)
        if found is None:
            record = self._record
            found = Trace(record) if row == self._stepped else copy(self._trace(self._stepped))
            if row != self._stepped:
                found.record = replace(record, row=row)  # the steps of all rows are the same
            self._traces[row] = found
        return found

    def _node(self, quantity: Quantity) -> Node:
        row = self._stepped if quantity.example is None else quantity.example
        is_other = quantity.example is not None and quantity.kind in OF_EXAMPLE
        own = _with_example(quantity, None) if is_other else quantity
        trace = self._trace(row)
        parts = operands_of(trace, own)
        self._operands += len(parts)
        return Node(quantity, own, trace, parts, tuple(_of_row(part.quantity, row, self._stepped) for part in parts))
