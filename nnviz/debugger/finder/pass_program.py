"""A pass as a program: each number from its operands, so that one step can be changed and the others follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from nnviz.engine.record import PassRecord
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.provenance import Operand, operands_of
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Quantity
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of

NODE_LIMIT = 1_500  # numbers of a pass that a person may work out by hand
ROW_LIMIT = 16
_GIVEN = frozenset(
    (
        *(Kind.INPUT, Kind.TARGET, Kind.RATE, Kind.STATE, Kind.MEMORY),
        *(kinds.value for kinds in {id(kinds): kinds for kinds in PARAMETER_OF.values()}.values()),
    )
)
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
            if place is None:
                return self.value_of(quantity)
            return now.get(place, self.values[place])

        for place in range(min(edits, default=len(self.nodes)), len(self.nodes)):
            edit, sources = edits.get(place), self.sources[place]
            if edit is None and now.keys().isdisjoint(sources):
                continue
            values = [
                now.get(source, value) if source >= 0 else value
                for source, value in zip(sources, self.given[place], strict=True)
            ]
            node = self.nodes[place]
            value = node.compute(values) if edit is None else edit(look, node, values)
            if abs(value - self.values[place]) > 1e-13 * abs(value):
                now[place] = value
        return now

    def recorded(self, quantity: Quantity) -> float:
        """Return a number of the pass, computed or given."""
        place = self.index.get(quantity)
        return self.value_of(quantity) if place is None else self.values[place]

    def value_of(self, quantity: Quantity) -> float:
        """Return a number of the record."""
        value = value_of(self.record, quantity)
        assert isinstance(value, float)
        return value


def program_of(record: PassRecord) -> PassProgram | None:
    """Return the program of a pass; None if it is too large to be worked out by hand."""
    rows = len(record.examples)
    if rows > ROW_LIMIT or Trace(record).length(Grain.NEURON) * rows > NODE_LIMIT:
        return None
    traces = {row: Trace(record if row == record.row else replace(record, row=row)) for row in range(rows)}
    nodes: dict[Quantity, Node] = {}
    for row in (record.row, *(row for row in range(rows) if row != record.row)):
        for step in traces[row].at(Grain.NEURON):
            if row == record.row or step.quantity.kind in OF_EXAMPLE:
                _add(nodes, traces, record.row, _of_row(step.quantity, row, record.row))
    ordered = tuple(nodes.values())
    index = {node.quantity: place for place, node in enumerate(ordered)}
    return PassProgram(
        record,
        ordered,
        index,
        tuple(_value(node.trace, node.own) for node in ordered),
        tuple(tuple(index.get(part, -1) for part in node.operands) for node in ordered),
        tuple(tuple(part.value for part in node.parts) for node in ordered),
    )


def _value(trace: Trace, quantity: Quantity) -> float:
    value = value_of(trace.record, quantity)
    assert isinstance(value, float)
    return value


def _of_row(quantity: Quantity, row: int, stepped: int) -> Quantity:
    """Return a quantity of the trace of one row as a quantity of the program."""
    if quantity.kind not in _WITH_EXAMPLE:
        return quantity
    at = row if quantity.example is None else quantity.example
    return replace(quantity, example=None if at == stepped else at)


def _add(nodes: dict[Quantity, Node], traces: dict[int, Trace], stepped: int, asked: Quantity) -> None:
    """Add a number after those that it is computed from."""
    waiting: list[tuple[Quantity, Iterator[Quantity], Node]] = []
    found = _node(traces, stepped, asked)
    waiting.append((asked, iter(found.operands), found))
    while waiting:
        quantity, operands, node = waiting[-1]
        following = next((part for part in operands if part.kind not in _GIVEN and part not in nodes), None)
        if following is None:
            nodes.setdefault(quantity, node)
            waiting.pop()
        else:
            found = _node(traces, stepped, following)
            waiting.append((following, iter(found.operands), found))


def _node(traces: dict[int, Trace], stepped: int, quantity: Quantity) -> Node:
    row = stepped if quantity.example is None else quantity.example
    own = replace(quantity, example=None) if quantity.kind in OF_EXAMPLE else quantity
    parts = operands_of(traces[row], own)
    return Node(quantity, own, traces[row], parts, tuple(_of_row(part.quantity, row, stepped) for part in parts))
