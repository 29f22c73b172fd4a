"""Explain a wrong answer: slips at the step itself first, then an explanation of the finder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice

from nnviz.debugger.finder.pasted import Paste, Pasted
from nnviz.debugger.quiz.answers import judge, significant_digits
from nnviz.debugger.state.prediction import LEAST_DIGITS, Slip, State
from nnviz.debugger.state.session import Session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.tracing.audit import recompute_from
from nnviz.tracing.provenance import operands_of
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_OF, UNIT_KINDS, Kind, Quantity
from nnviz.tracing.values import value_of

Guess = tuple[Slip, float]  # and the record's value that the slip would give

MOST_UNITS = 8  # of a layer whose other units are tried
# For a network with more parameters only this many passes are searched: the learner waits for the answer.
SMALL, FEW_CASES = 500, 4
# Fewer digits too often fit a far-fetched explanation by chance.
MANY_DIGITS = 3
_BIASES = (Kind.BIAS, Kind.BIAS_H)
_GIVEN = (Kind.RATE, Kind.TARGET, Kind.INPUT)
_PAIRED = (Kind.Z, Kind.DE_DA, Kind.DW, Kind.DW_H)


def explain(session: Session, asked: Quantity, number: Pasted) -> Slip | None:
    """Return the slip in a wrong answer for a quantity; None if none is found.

    The explanation never reveals the value: a number near it is only called near.
    """
    factor = session.form.factor(asked)
    own = _number(session, asked) * factor
    for slip, value in _local(session, asked):
        wrong = value if slip.name == "other" else value * factor
        if wrong != own and _fits(wrong, number):
            return slip
    return _search_with_finder(session, asked, number) or _near(own, number)


def _number(session: Session, quantity: Quantity) -> float:
    value = value_of(session.record, quantity)
    assert isinstance(value, float)
    return value


def _fits(value: float, number: Pasted) -> bool:
    state = judge(value, number)
    return state in (State.RIGHT, State.CUT)


def _local(session: Session, asked: Quantity) -> Iterator[Guess]:
    """Yield slips at the step itself, the likeliest first: record values, those of `other` as in the document."""
    value = _number(session, asked)
    parts = operands_of(session.trace, asked)
    values = [part.value for part in parts]

    def again(changed: list[float]) -> float:
        return recompute_from(session.trace, asked, parts, changed)

    yield Slip("sign"), -value
    for at, part in enumerate(parts):
        if part.quantity.kind in _BIASES:
            yield Slip("bias", part.quantity), again([*values[:at], 0.0, *values[at + 1 :]])
            yield Slip("bias_sign", part.quantity), again([*values[:at], -values[at], *values[at + 1 :]])
    if asked.kind in NEW_KINDS:
        yield from _of_update(parts[0].quantity, values, value, again)
    for other in (part.quantity for part in parts):
        if other.kind not in _GIVEN:
            yield Slip("other", other), _number(session, other) * session.form.factor(other)
    if asked.kind in _PAIRED:
        for at in range(0, len(values) - 1, 2):
            left_out = [0.0 if place in (at, at + 1) else each for place, each in enumerate(values)]
            yield Slip("product", parts[at + 1].quantity), again(left_out)
    for other in _neighbours(session, asked):
        yield Slip("other", other), _number(session, other) * session.form.factor(other)
    yield Slip("factor", amount=2.0), 2.0 * value
    yield Slip("factor", amount=0.5), 0.5 * value
    yield Slip("factor", amount=10.0), 10.0 * value
    yield Slip("factor", amount=0.1), 0.1 * value
    for digits in (4, 3, 2, 1):
        rounded = [
            each if session.trace.find(part.quantity) is None else round(each, digits)
            for part, each in zip(parts, values, strict=True)
        ]
        yield Slip("rounded", amount=digits), again(rounded)


def _of_update(
    held: Quantity, values: list[float], value: float, again: Callable[[list[float]], float]
) -> Iterator[Guess]:
    yield Slip("uphill", held), 2.0 * values[0] - value
    yield Slip("change", held), value - values[0]
    yield Slip("change", held), values[0] - value
    if len(values) > 1:
        yield Slip("rate"), again([values[0], 1.0, *values[2:]])


def _neighbours(session: Session, asked: Quantity) -> Iterator[Quantity]:
    """Yield the related quantities: those of the same unit, of the other end of a weight, and of other units."""
    found = []
    sizes, layer = session.record.architecture.sizes, asked.layer
    if asked.kind in (Kind.ERROR, Kind.LOSS) or layer is None:
        return
    if asked.source is None:
        found += [replace(asked, kind=kind) for kind in UNIT_KINDS]
    if asked.unit is None:
        return
    if asked.source is not None and asked.kind in PARAMETER_OF and asked.source < sizes[layer + 1]:
        if asked.unit < sizes[layer]:
            found.append(replace(asked, unit=asked.source, source=asked.unit))
        found += [replace(asked, source=source) for source in range(min(sizes[layer], MOST_UNITS))]
    found += [replace(asked, unit=unit) for unit in range(min(sizes[layer + 1], MOST_UNITS))]
    yield from (each for each in found if each != asked and _is_traced(session, each))


def _is_traced(session: Session, quantity: Quantity) -> bool:
    kinds = PARAMETER_OF.get(quantity.kind)
    is_term = kinds is not None and quantity.kind in (kinds.term, kinds.gradient_term)
    return is_term or session.trace.find(quantity) is not None


def _search_with_finder(session: Session, asked: Quantity, number: Pasted) -> Slip | None:
    """Return the finder's explanation: the quantity under another convention, or surely another value of this pass."""
    from nnviz.debugger.finder.search import search  # imported late to keep the start-up fast
    from nnviz.debugger.state.found import NEAR

    if significant_digits(number) < LEAST_DIGITS:
        return None
    small = session.record.architecture.parameter_count <= SMALL
    findings = list(islice(search(session, Paste((number,))), None if small else FEW_CASES))
    digits = significant_digits(number)
    answers = findings[-1].result(is_finished=True).answers[0].found if findings else ()
    for found in answers:
        same = found.quantity == asked
        if found.miss is not None or (digits < MANY_DIGITS and found.cost > NEAR):
            continue
        if same and (found.changes or found.update or found.example != session.example):
            return Slip("finder", found.quantity, found=found)
        if not same and found.certainty == "certain" and digits >= MANY_DIGITS:
            return Slip("finder", found.quantity, found=found)
    return None


def _near(value: float, number: Pasted) -> Slip | None:
    """Return a slip if the last digit is wrong or the number is near, without the direction."""
    off = abs(value - number.value)
    if off <= 5.0 * number.unit and off <= 0.05 * abs(value):
        return Slip("last_digit")
    return Slip("near") if value and off <= 0.02 * abs(value) else None


def is_trivial(session: Session, asked: Quantity) -> bool:
    """Return whether a value needs no arithmetic: a copy of a known number, a product with 0, a frozen value."""
    if asked.kind in (Kind.DZ_DB, Kind.DZ_DW, Kind.DZ_DA, Kind.BIAS_TERM, Kind.BIAS_H_TERM):
        return True
    parts = operands_of(session.trace, asked)
    value = _number(session, asked)
    if asked.kind in NEW_KINDS:
        return value == parts[0].value
    if asked.kind is Kind.LOSS:
        return len(parts) == 1
    if asked.kind is Kind.SLOPE:
        assert asked.layer is not None
        return ACTIVATIONS[session.record.architecture.layers[asked.layer].activation].is_identity
    if value == 0.0 and asked.kind in PARAMETER_OF | dict.fromkeys((Kind.DE_DA_TERM, Kind.DE_DA_LATER_TERM)):
        return len(parts) <= 2 and any(part.value == 0.0 for part in parts)
    return False
