"""The Why card: the breadcrumb, the selected number with its formula, and its operands or uses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.debugger.state.trail import Direction, TrailEntry
from nnviz.debugger.why import GIVEN_KINDS, factors, is_known, position_of, step_of, trace_of
from nnviz.present.core.voice import Voice, new_mark, voice_of
from nnviz.present.formula.step_formula import StepFormula, formula
from nnviz.present.formula.sums import DECIMALS
from nnviz.present.text.numbers import UNKNOWN, fixed, pretty, short
from nnviz.present.words.captions import headline, parameters_noun
from nnviz.present.words.erratum_formula import with_wrong_formula
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_KINDS, PARAMETER_OF, Kind, Quantity, Step

# The most factors that are listed, the largest ones; beyond LOOKED_AT the first ones, to save time.
MOST_LISTED, LOOKED_AT = 12, 2000

_ARROWS = {Direction.WHY: "\N{LEFTWARDS ARROW}", Direction.FEEDS: "\N{RIGHTWARDS ARROW}"}
_GIVEN_NAMES: dict[Kind, str] = {
    Kind.INPUT: "Input",
    Kind.TARGET: "Target",
    Kind.STATE: "Initial hidden state",
    Kind.RATE: "Learning rate",
    Kind.MEMORY: "Optimizer's memory",
    Kind.WEIGHT: "Weight",
    Kind.BIAS: "Bias",
    Kind.WEIGHT_H: "Recurrent weight",
    Kind.BIAS_H: "Recurrent bias",
}
_GROUPS: dict[Kind, str] = {
    Kind.Z: "Weighted sums",
    Kind.EXPONENTIAL_SUM: "Sums of exponentials",
    Kind.A: "Activations",
    Kind.ERROR: "Errors",
    Kind.LOSS: "Total error",
    Kind.DE_DA: "Gradients of the loss at activations",
    Kind.SLOPE: "Derivatives of the activation",
    Kind.DELTA: "Error terms",
    Kind.DZ_DW: "Local derivatives",
    Kind.DZ_DA: "Local derivatives",
    Kind.MOVING: "Optimizer's memory",
    **{kinds.gradient: "Gradients" for kinds in PARAMETER_KINDS.values()},
}


@dataclass(frozen=True)
class Crumb:
    """One number of the trail; `arrow` leads from the previous one, empty for the first."""

    text: str
    arrow: str


@dataclass(frozen=True)
class Factor:
    """One operand or use of a number: `value` is a dash while it is not known.

    `where` says where it was computed; `group` heads the uses of one kind.
    """

    quantity: Quantity
    symbol: str
    value: str
    where: str
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class WhyCard:
    """The content of the Why card. `formula` is None for given numbers, for uses, and while the value is not known.

    `value` is a dash while the number is not known. `position` is that of its step, None if it has none. `more` counts
    the factors that are not listed.
    """

    crumbs: tuple[Crumb, ...]
    direction: Direction
    title: str
    symbol: str
    value: str
    where: str
    formula: StepFormula | None
    position: int | None
    phase: str
    factors: tuple[Factor, ...]
    more: str
    text: str
    picked: int


def why_card(session: Session) -> WhyCard | None:
    """Return the Why card of a session; None without a trail. It shows no number that is not known yet."""
    trail = session.why
    if trail is None:
        return None
    voice, (quantity, direction) = voice_of(session), (trail.last.quantity, trail.last.direction)
    step, known = step_of(session.trace, quantity), is_known(session, quantity)
    shown = direction is Direction.WHY and known and step is not None
    listed, count = _listed(session)
    made = tuple(_factor(session, part, direction) for part in listed)
    return WhyCard(
        crumbs=_crumbs(voice, trail.entries),
        direction=direction,
        title=title_of(voice, quantity, step),
        symbol=voice.text(quantity),
        value=value_text(session, quantity, DECIMALS),
        where=origin_text(session, quantity),
        formula=_formula(session, step) if shown and step is not None else None,
        position=position_of(session.trace, quantity),
        phase="forward" if step is None else step.phase,
        factors=made,
        more=f"… {count - len(made):,} more".replace(",", "\N{NARROW NO-BREAK SPACE}") if count > len(made) else "",
        text=_words(direction, quantity, count),
        picked=min(trail.picked, max(0, len(made) - 1)),
    )


def listed_factors(session: Session) -> tuple[Quantity, ...]:
    """Return the listed factors, in order."""
    return _listed(session)[0]


def question(session: Session, quantity: Quantity, direction: Direction) -> str:
    """Return the menu entry for a number."""
    voice = voice_of(session)
    symbol = menu_name(voice, quantity)
    if direction is Direction.FEEDS:
        return f"Where is {symbol} used?"
    value = value_text(session, quantity, 4)
    return f"Why is {symbol} = {value}?" if value != UNKNOWN else f"Why {symbol}? (not known yet)"


def menu_name(voice: Voice, quantity: Quantity) -> str:
    """Return a number's symbol in a menu, where a new weight and the old one would look the same."""
    return f"{voice.text(quantity)}{' (new value)' if quantity.kind in NEW_KINDS else ''}"


def title_of(voice: Voice, quantity: Quantity, step: Step | None) -> str:
    """Return the name of a number."""
    if quantity.kind in _GIVEN_NAMES:
        return f"{_GIVEN_NAMES[quantity.kind]} {voice.text(quantity)}"
    title = voice.text(quantity) if step is None else headline(voice, step)
    example = quantity.example
    return title if example in (None, voice.record.row) else f"{title} · example {voice.record.examples[example] + 1}"


def value_text(session: Session, quantity: Quantity, decimals: int) -> str:
    """Return a number as text, a dash while it is not known; given numbers in their shortest form."""
    if not is_known(session, quantity):
        return UNKNOWN
    write: Callable[[float, int], str] = short if quantity.kind in GIVEN_KINDS else fixed
    return pretty(write(voice_of(session).number(quantity), decimals))


def origin_text(session: Session, quantity: Quantity) -> str:
    """Return where a number comes from: given, or the step at the present grain that computes it."""
    position = position_of(session.trace, quantity)
    if position is None:
        update = session.checkpoint.update
        is_held = quantity.kind in {kinds.value for kinds in PARAMETER_KINDS.values()} | {Kind.MEMORY}
        return f"after update {update}" if is_held and update else "given"
    index = session.trace.enclosing(session.grain, position).index
    return f"step {index + 1}" if position <= session.position else f"not known yet: step {index + 1}"


def _formula(session: Session, step: Step) -> StepFormula:
    """Return the formula of a number; for another example of the batch, as if that were stepped."""
    trace, voice = trace_of(session.trace, step.quantity), voice_of(session)
    if trace is session.trace:
        return with_wrong_formula(session, step, formula(trace, step, voice))
    own = replace(step, quantity=replace(step.quantity, example=None))
    return formula(trace, own, voice.of(trace.record))


def _crumbs(voice: Voice, asked: Sequence[TrailEntry]) -> tuple[Crumb, ...]:
    arrows = ["", *(_ARROWS[one.direction] for one in asked[:-1])]
    return tuple(Crumb(voice.text(one.quantity), arrow) for one, arrow in zip(asked, arrows, strict=True))


def _listed(session: Session) -> tuple[tuple[Quantity, ...], int]:
    """Return the factors to list and their total: of many, the largest known ones, in the order of the formula."""
    every = (*factors(session), *_rate_factor(session))
    if len(every) <= MOST_LISTED:
        return every, len(every)
    if len(every) > LOOKED_AT:
        return every[:MOST_LISTED], len(every)
    voice = voice_of(session)
    sizes = [abs(voice.number(part)) if is_known(session, part) else -1.0 for part in every]
    largest = sorted(range(len(every)), key=lambda place: -sizes[place])[:MOST_LISTED]
    return tuple(every[place] for place in sorted(largest)), len(every)


def _rate_factor(session: Session) -> tuple[Quantity, ...]:
    """Return the learning rate if the document shows the change of a weight instead of the gradient."""
    trail = session.why
    if trail is None or trail.last.direction is Direction.FEEDS or not voice_of(session).gradients_as_changes:
        return ()
    of = PARAMETER_OF.get(trail.last.quantity.kind)
    is_shown = of is not None and trail.last.quantity.kind in (of.gradient, of.gradient_term)
    return (Quantity(Kind.RATE),) if is_shown else ()


def _factor(session: Session, quantity: Quantity, direction: Direction) -> Factor:
    value, where = value_text(session, quantity, DECIMALS), origin_text(session, quantity)
    new = f"New {parameters_noun(session.record)}" if quantity.kind in NEW_KINDS else ""
    group = new or _GROUPS.get(quantity.kind, "") if direction is Direction.FEEDS else ""
    return Factor(quantity, _symbol(voice_of(session), quantity), value, where, group)


def _symbol(voice: Voice, quantity: Quantity) -> str:
    """Return a number's symbol; a new weight is marked as new."""
    return f"{voice.text(quantity)}{new_mark(quantity.kind)}"


def _words(direction: Direction, quantity: Quantity, count: int) -> str:
    """Return the heading of the list, or why there is no list."""
    if direction is Direction.FEEDS:
        return "Used in" if count else "It is not used again in this pass."
    if quantity.kind in GIVEN_KINDS:
        return "It is given to the pass, not computed in it."
    return "Computed from" if count else "It is a constant: it depends on no other number."
