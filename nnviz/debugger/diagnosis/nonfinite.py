"""The first NaN or infinity of a pass: the step that computed it, and its operands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import isfinite

import numpy as np

from nnviz.debugger.state.session import Session, look_at_example
from nnviz.engine.arrays import FloatArray
from nnviz.engine.network import BIAS_NAMES
from nnviz.engine.record import PassRecord, batch_loss
from nnviz.tracing.groups import Group, update_terms
from nnviz.tracing.provenance import Operand, operands
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Quantity, Step
from nnviz.tracing.trace import Trace
from nnviz.tracing.values import value_of


@dataclass(frozen=True, eq=False)
class NonFinite:
    """The first step of a pass, at grain term, whose value is NaN or infinity, and its operands."""

    step: Step
    value: float
    operands: tuple[Operand, ...]

    @property
    def position(self) -> int:
        """The number of steps of grain term that are known once this one is."""
        return self.step.end


@lru_cache(maxsize=4)  # the card, the canvas and a panel need the same result
def first_nonfinite(trace: Trace) -> NonFinite | None:
    """Return the first step of a pass at grain term that is not finite, in trace order; None if all are finite.

    The record's arrays are scanned group by group; only items that may have such a term are examined term by term.
    """
    with np.errstate(all="ignore"):
        for index, group in enumerate(trace.groups):
            bad = ~np.isfinite(_items(trace.record, group))
            for item in np.flatnonzero(bad | ~np.isfinite(_reach(trace.record, group))):
                found = _first_of_item(trace, index, int(item))
                if found is not None:
                    return found
    return None


def nonfinite_end(trace: Trace) -> int | None:
    """Return the position after the first step of grain neuron whose value or one of its terms is not finite."""
    found = first_nonfinite(trace)
    return None if found is None else trace.enclosing(Grain.NEURON, found.position).end


def is_finite_so_far(session: Session) -> bool:
    """Return whether every number known at a session's step is finite."""
    found = first_nonfinite(session.trace)
    return found is None or session.position < found.position


def go_to_nonfinite(session: Session) -> Session:
    """Go to the first step of the pass that is not finite; return the same session if there is none.

    If only another example of the batch has such a number, step that example. If only the sum over the batch is not
    finite, go to the loss.
    """
    session = step_troubled_example(session)
    found = first_nonfinite(session.trace)
    if found is None:
        return session if is_finite(session.record) else replace(session, position=_loss_end(session.trace))
    at_item = session.trace.enclosing(Grain.NEURON, found.position)
    is_term = found.position < at_item.end  # only at grain term does a step end there
    return replace(session, position=found.position, grain=Grain.TERM if is_term else Grain(max(session.grain, 2)))


def stop_at_nonfinite(session: Session) -> Session:
    """Return the session after the first step of grain neuron that is not finite, in a pass that has such a number.

    If only another example of the batch has one, that is stepped. If each number of the pass is finite, so that only a
    sum of losses is not, stop at the loss.
    """
    session = step_troubled_example(session)
    return replace(session, position=nonfinite_end(session.trace) or _loss_end(session.trace))


def step_troubled_example(session: Session) -> Session:
    """Step the first example of the batch whose own numbers are not finite, unless the stepped one is of these."""
    row = nonfinite_row(session.record)
    if row is None or row == session.record.row:
        return session
    return look_at_example(session, session.record.examples[row])


def is_finite(record: PassRecord) -> bool:
    """Return whether every number of a pass is finite: of all examples of its batch, their sum, and the update."""
    vectors = (record.gradients.vector, record.updated.vector, *record.memory_after)
    arrays = (*_own_numbers(record), *vectors)
    return all(np.isfinite(array).all() for array in arrays) and isfinite(batch_loss(record))


def nonfinite_row(record: PassRecord) -> int | None:
    """Return the row of the batch to examine: the stepped one, or else the first whose own numbers are not finite."""
    bad = ~np.all([np.isfinite(array).all(axis=(0, 2)) for array in _own_numbers(record)], axis=0)
    if not bad.any():
        return None
    return record.row if bad[record.row] else int(np.argmax(bad))


def _own_numbers(record: PassRecord) -> Iterator[FloatArray]:
    """Yield the arrays of units, whose numbers belong to one example each.

    With a fused output, its dE/da and slope are no part of the pass; the former may be infinite.
    """
    yield from (*record.z, *record.a, record.error, *record.delta)
    last = len(record.z) - 1 if record.fused else len(record.z)
    yield from (*record.dE_da[:last], *record.slope[:last])


def _loss_end(trace: Trace) -> int:
    return trace.find(Quantity(Kind.LOSS)) or trace.end


def _first_of_item(trace: Trace, index: int, item: int) -> NonFinite | None:
    """Return the first of an item's terms, or the item itself, that is not finite."""
    group = trace.groups[index]
    start = trace.step(Grain.LAYER, index).start + group.start_of(item)
    for position in range(start, start + group.terms_of(item) + 1):
        step = trace.step(Grain.TERM, position)
        value = value_of(trace.record, step.quantity)
        assert isinstance(value, float)
        if not np.isfinite(value):
            return NonFinite(step, value, operands(trace, step))
    return None


def _items(record: PassRecord, group: Group) -> FloatArray:
    """Return the values of a group's items in the order of its steps."""
    values = np.asarray(value_of(record, Quantity(group.kind, group.layer, time=group.time)))
    return _existing(group, np.ravel(values.T if group.matrix else values))


def _existing(group: Group, cells: FloatArray) -> FloatArray:
    """Return the numbers of the cells of a group that are items, from those of all cells."""
    return cells if group.cells is None else cells[list(group.cells)]


def _reach(record: PassRecord, group: Group) -> FloatArray:
    """Return one number per item that is not finite if one of its terms may not be; computed from whole arrays."""
    nothing = np.zeros(group.items)
    if group.kind is Kind.CLIP:
        return np.full(1, value_of(record, Quantity(Kind.NORM, group.layer)), dtype=np.float64)
    if not group.terms or group.layer is None or group.kind is Kind.A:  # exponentials of a finite z are at most 1
        return nothing
    layer, time = group.layer, group.time
    if group.kind is Kind.Z:
        return _most([_largest(part, 0) for part in _products(record, layer, time)])
    if group.kind is Kind.DE_DA:
        return _most([_largest(part, 1) for part in _shares(record, layer, time)])
    if group.kind is Kind.DELTA:  # a row of a softmax's Jacobian, whose entries are of two outputs each
        output = np.maximum(_largest(record.z[layer][time, record.row]), 1.0)
        return nothing + _largest(record.dE_da[layer][time, record.row]) * output * 2.0 * output
    kinds = PARAMETER_OF[group.kind]
    if group.kind is kinds.new:
        terms = [
            Quantity(kind, layer, slot=slot, of=kinds.name) for kind, slot in update_terms(record, kinds.name, layer)
        ]
        vectors = [np.asarray(value_of(record, term)) for term in terms]
        return _most([_existing(group, np.abs(v.T if group.matrix else v).ravel()) for v in vectors])
    ends = _largest(record.delta[layer], (0, 1))
    if not kinds.is_matrix:
        return ends if group.units == ends.size else _largest(ends)[None]
    starts = _largest(record.a[layer] if kinds.is_recurrent else record.source(layer), (0, 1))
    return _existing(group, np.asarray(np.outer(ends, starts).ravel()))


def _products(record: PassRecord, layer: int, time: int) -> Iterator[FloatArray]:
    """Yield the summands of a layer's z, (sources, units) or (1, units)."""
    held = record.parameters
    yield held.W[layer] * record.source(layer)[time, record.row][:, None]
    for name in BIAS_NAMES:
        if name in record.architecture.slots[layer]:
            yield np.broadcast_to(held.part(name, layer), (1, record.architecture.sizes[layer + 1]))
    if record.architecture.layers[layer].recurrent:
        yield held.part("W_h", layer) * record.previous_state(layer, time)[record.row][:, None]


def _shares(record: PassRecord, layer: int, time: int) -> list[FloatArray]:
    """Return the shares that make up a layer's dE/da, (units, shares)."""
    found = []
    is_last = layer == record.architecture.depth - 1
    if is_last and record.is_measured(time):
        of_loss = value_of(record, Quantity(Kind.DE_DA_LOSS_TERM, layer, time=time))
        found.append(np.asarray(of_loss)[:, None])
    if not is_last:
        found.append(record.weights_carried_back(layer + 1) * record.delta[layer + 1][time, record.row])
    if record.has_later_terms(layer, time):
        found.append(record.parameters.part("W_h", layer) * record.delta[layer][time + 1, record.row])
    return found


def _most(parts: Sequence[FloatArray]) -> FloatArray:
    """Return the largest of several arrays, element by element; NaN if any is NaN."""
    return np.asarray(np.max(parts, axis=0))


def _largest(array: FloatArray, axis: int | tuple[int, ...] | None = None) -> FloatArray:
    return np.asarray(np.abs(array).max(axis=axis))
