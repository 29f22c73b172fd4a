"""A quantity written as an expression, in the names used in conditions and watches."""

from __future__ import annotations

from nnviz.debugger.conditions.expressions import ExpressionError, read_expression
from nnviz.debugger.conditions.names import scope_of, shape_of
from nnviz.debugger.state.session import Session
from nnviz.tracing.steps import Quantity


def expression_text(session: Session, quantity: Quantity) -> str:
    """Return the expression of one number, or of a whole vector or matrix; empty if no name denotes it.

    The document's name is preferred.
    """
    scope = scope_of(session)
    entries = sorted(scope.entries.values(), key=lambda entry: entry.form is None)
    for entry in entries:
        if entry.kind is not quantity.kind or entry.layer != quantity.layer:
            continue
        shape = shape_of(scope.architecture, entry)
        places = [place for place in (quantity.source, quantity.unit) if place is not None]
        if entry.is_turned:
            places.reverse()
        inside = ",".join(str(place + 1) for place in places)
        text = entry.name + (f"[{inside}]" if inside and shape and shape != (1,) else "")
        steps = scope.dataset.time_steps
        if steps > 1 and quantity.time != steps - 1:
            text += f" @ {quantity.time + 1}"
        try:
            read_expression(text, session)
        except ExpressionError:
            continue
        return text
    return ""
