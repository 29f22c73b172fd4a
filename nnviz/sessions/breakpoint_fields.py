"""Convert quantities, breakpoints and watches to plain data of a session file and back; indices are from 0."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from nnviz.debugger.conditions.expressions import Expression, ExpressionError, read_condition, read_expression
from nnviz.debugger.state.breakpoint import (
    AtCondition,
    AtEdge,
    AtKind,
    AtLine,
    AtNonFinite,
    AtPhase,
    AtUnit,
    Breakpoint,
    Watch,
    Where,
)
from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import CHOICES
from nnviz.engine.network import PARAMETER_NAMES
from nnviz.lessons.notation import Notation, load_notation, notation_names
from nnviz.sessions.fields import Field
from nnviz.tracing.steps import Kind, Phase, Quantity
from nnviz.tracing.values import has_quantity

MOST_PLACES = 1000  # breakpoints, and watches
MOST_LAYER_NUMBER = 1000
WHERES: dict[str, type[Where]] = {
    "kind": AtKind,
    "unit": AtUnit,
    "edge": AtEdge,
    "line": AtLine,
    "phase": AtPhase,
    "condition": AtCondition,
    "non_finite": AtNonFinite,
}
_WORDS = {where: word for word, where in WHERES.items()}
Read = Callable[[str, Session], Expression]


def quantity_data(quantity: Quantity) -> dict[str, Any]:
    """Return the data of a quantity: its kind and the fields that differ from the defaults."""
    usual = Quantity(quantity.kind)
    named = {field.name: getattr(quantity, field.name) for field in fields(Quantity)}
    return {name: value for name, value in named.items() if name == "kind" or value != getattr(usual, name)}


def quantity_from(field: Field, session: Session) -> Quantity:
    """Read a quantity that the pass has. Raises SessionError."""
    names = [each.name for each in fields(Quantity) if each.name != "kind"]
    table = field.table(("kind",), names)
    quantity = Quantity(Kind(table.pop("kind").choice([*Kind])), **_places(table, session))
    if not has_quantity(session.record, quantity):
        field.refuse("is not a quantity of this lesson")
    return quantity


def _places(table: dict[str, Field], session: Session) -> dict[str, Any]:
    """Read the keys layer, unit, source, time, example, slot and of, within the network and the data."""
    architecture, dataset = session.lesson.network.architecture, session.lesson.dataset
    most = {
        "layer": architecture.depth,
        "unit": max(architecture.sizes),
        "source": max(architecture.sizes),
        "time": dataset.time_steps,
        "example": len(dataset),
        "slot": 2,
    }
    read: dict[str, Any] = {}
    for name, field in table.items():
        if name in ("of", "name"):
            read[name] = field.choice(PARAMETER_NAMES)
        elif not field.is_none():
            read[name] = field.whole(0, most[name] - 1)
    return read


def breakpoint_data(breakpoint: Breakpoint, session: Session) -> dict[str, Any]:
    """Return the data of a breakpoint: its place, its condition, and its hits."""
    where = breakpoint.where
    data: dict[str, Any] = {"id": breakpoint.id, "at": _WORDS[type(where)]}
    for field in fields(where):
        value = getattr(where, field.name)
        if value is not None:
            data[field.name] = value
    if breakpoint.condition is not None:
        data["condition"] = expression_data(breakpoint.condition, session, read_condition)
    return data | {"enabled": breakpoint.enabled, "hits": breakpoint.hits, "ignore": breakpoint.ignore}


def breakpoint_from(field: Field, session: Session) -> Breakpoint:
    """Read a breakpoint. Raises SessionError."""
    kind = WHERES[field.entries().get("at", Field(None, (*field.path, "at"))).choice(tuple(WHERES))]
    names = [each.name for each in fields(kind)]
    table = field.table(("id", "at", "enabled", "hits", "ignore"), ("condition", *names))
    condition = None
    if "condition" in table:
        condition = expression_from(table["condition"], session, read_condition)
    elif kind is AtCondition:
        field.refuse("needs a condition")
    where = _where(field, kind, {name: table[name] for name in names if name in table}, session)
    return Breakpoint(
        table["id"].whole(1), where, condition, table["enabled"].flag(), table["hits"].whole(), table["ignore"].whole()
    )


def _where(field: Field, kind: type[Where], table: dict[str, Field], session: Session) -> Where:
    words: dict[str, Any] = {"layer": None} if kind is AtLine else {}
    if "kind" in table:
        words["kind"] = Kind(table.pop("kind").choice([*Kind]))
    if "phase" in table:
        words["phase"] = Phase(table.pop("phase").choice([*Phase]))
    try:
        where = kind(**words | _places(table, session))
    except TypeError:
        field.refuse(f"is incomplete: {_WORDS[kind]} needs {', '.join(each.name for each in fields(kind))}")
    architecture = session.lesson.network.architecture
    if isinstance(where, (AtUnit, AtEdge)) and where.unit >= architecture.sizes[where.layer + 1]:
        field.refuse(f"layer {where.layer} has no unit {where.unit}")
    if isinstance(where, AtEdge):
        shape = architecture.shape(where.name, where.layer)
        if shape is None or len(shape) != 2 or where.source >= shape[0]:
            field.refuse(f"layer {where.layer} has no such weight")
    return where


def watch_data(watch: Watch, session: Session) -> dict[str, Any]:
    """Return the data of a watch."""
    return {"id": watch.id, "expression": expression_data(watch.expression, session, read_expression)}


def watch_from(field: Field, session: Session) -> Watch:
    """Read a watch. Raises SessionError."""
    table = field.table(("id", "expression"))
    return Watch(table["id"].whole(1), expression_from(table["expression"], session, read_expression))


def expression_data(expression: Expression, session: Session, read: Read) -> dict[str, Any]:
    """Return the text of an expression, and the sign, orientation and numbering in which it was read if they differ.

    A name keeps the meaning that it had when it was typed, in whatever notation is chosen since. The expression does
    not store that notation's choices, so they are found by reading the text in each.
    """
    for telling in _variants(expression, session):
        try:
            if read(expression.text, _written_in(session, **telling)) == expression:
                return {"text": expression.text} | telling
        except ExpressionError:
            continue
    return {"text": expression.text}


def _variants(expression: Expression, session: Session) -> Iterator[dict[str, Any]]:
    """Yield the session's own sign, orientation and numbering, then all others in the expression's notation."""
    yield {}
    own = {"notation": expression.notation}
    first = dict.fromkeys((session.notation.first_layer, session.lesson.notation.first_layer, 1, 2, 0))
    for number in first:
        for weights in CHOICES["weights"]:
            for delta in CHOICES["delta"]:
                yield own | {"first_layer": number, "delta": delta, "weights": weights}


def expression_from(field: Field, session: Session, read: Read) -> Expression:
    """Read an expression. Raises SessionError."""
    table = field.table(("text",), ("notation", "first_layer", "delta", "weights"))
    telling: dict[str, Any] = {}
    if "notation" in table:
        telling["notation"] = table["notation"].choice(known_notations(session.lesson.notation))
    if "first_layer" in table:
        telling["first_layer"] = table["first_layer"].whole(0, MOST_LAYER_NUMBER)
    for name in ("delta", "weights"):
        if name in table:
            telling[name] = table[name].choice(CHOICES[name])
    try:
        return read(table["text"].text(), _written_in(session, **telling))
    except ExpressionError as error:
        table["text"].refuse(str(error))


def _written_in(
    session: Session,
    notation: str | None = None,
    first_layer: int | None = None,
    delta: str | None = None,
    weights: str | None = None,
) -> Session:
    """Return the session in another notation, sign or orientation; no value is computed."""
    written = session.notation if notation is None else notation_of(session.lesson.notation, notation)
    if first_layer is not None and first_layer != written.first_layer:
        written = replace(written, first_layer=first_layer)
    own = session.convention
    convention = replace(own, delta=delta or own.delta, weights=weights or own.weights)
    return replace(session, notation=written, convention=convention)


def known_notations(own: Notation) -> tuple[str, ...]:
    """Return the names of the notations, and of the lesson's own, which may be a table of its file."""
    return tuple(dict.fromkeys((own.name, *notation_names())))


def notation_of(own: Notation, name: str) -> Notation:
    """Return a notation by name; the lesson's own takes precedence."""
    return own if name == own.name else load_notation(name)
