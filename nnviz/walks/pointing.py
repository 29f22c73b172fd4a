"""The names in a scene that point: rings around numbers, and the target of a zoom."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from nnviz.debugger.conditions.grammar import ExpressionError, Name, parse
from nnviz.debugger.conditions.names import Scope, scope_of, shape_of
from nnviz.debugger.state.session import Session
from nnviz.tracing.steps import Kind, Quantity
from nnviz.walks.walk import WHOLE

MOST_RINGS = 400
LAYER = "layer"  # followed by its number


def rings_of(session: Session, text: str) -> tuple[Quantity, ...]:
    """Return the numbers that a name denotes: of a vector or matrix, all of them. Raises ExpressionError."""
    scope, name = scope_of(session), _name(text)
    leaf = scope.leaf(name)
    if not leaf.shape:
        return (leaf.quantity,)
    found = tuple(scope.leaf(each).quantity for each in _numbers(scope, name))
    if len(found) > MOST_RINGS:
        raise ExpressionError(f"{text} has {len(found)} numbers; at most {MOST_RINGS} can be ringed", name.column)
    return found


def zoom_of(session: Session, text: str) -> Quantity | None:
    """Return the neuron or layer that a text names; None for the whole network. Raises ExpressionError."""
    if text in ("", WHOLE):
        return None
    word, _, number = text.partition(" ")
    depth = session.record.architecture.depth
    if word == LAYER and number.strip().isdecimal():
        if not 1 <= int(number) <= depth:
            raise ExpressionError(f"there is no layer {number.strip()}; the network has {depth}", 1)
        return Quantity(Kind.A, int(number) - 1)
    quantity = scope_of(session).leaf(_name(text)).quantity
    if quantity.layer is None and quantity.kind not in (Kind.INPUT, Kind.TARGET):
        raise ExpressionError(f"{text} is not in a layer; name a neuron, a layer, or {WHOLE}", 1)
    return replace(quantity, source=None)


def _name(text: str) -> Name:
    node = parse(text)
    if not isinstance(node, Name):
        raise ExpressionError(f"{text} is not the name of a value, as in y or W1[2,1]", 1)
    return node


def _numbers(scope: Scope, name: Name) -> Iterator[Name]:
    """Yield the name with every index that it leaves open."""
    shape = shape_of(scope.architecture, scope.entries[name.word])
    given = (*(name.places or ()), *(None for _ in shape))[: len(shape)]
    ranges = (range(1, size + 1) if place is None else (place,) for place, size in zip(given, shape, strict=True))
    yield from (replace(name, places=places) for places in product(*ranges))
