"""Diagnostics in words: the name, meaning and remedy of each mark, and which marks are known at a step."""

from __future__ import annotations

from nnviz.debugger.diagnosis.findings import course_of
from nnviz.debugger.diagnosis.health import FEWEST_EXAMPLES, HealthMark, HealthProblem, examples_looked_at, health
from nnviz.debugger.diagnosis.remedies import class_of_examples
from nnviz.debugger.state.session import Session
from nnviz.engine.record import PassRecord
from nnviz.lessons.faults import count_of
from nnviz.present.text.numbers import brief, fixed, marked, pretty
from nnviz.present.words.captions import layer_name
from nnviz.tracing.steps import Kind, Quantity

HEALTH_KEY = "Ctrl+H"
ALL_FINITE = "Every number of this pass is finite."
MOST_MARKS = 40  # the most that are listed

# The name of each problem, and its remedy.
_WORDS = {
    HealthProblem.DEAD: ("dead", "Try a smaller learning rate, other initial weights, or leaky relu."),
    HealthProblem.SATURATED: ("saturated", "Try smaller initial weights, or inputs scaled to about 1."),
    HealthProblem.VANISHING: (
        "vanishing gradient",
        "Try larger initial weights (Xavier or He), relu instead of sigmoid, or fewer layers.",
    ),
    HealthProblem.EXPLODING: ("exploding gradient", "Try a smaller learning rate or smaller initial weights."),
    HealthProblem.STUCK: ("weights barely change", "If the loss is still high, try a larger learning rate."),
}
_COMPARED = {
    "ends": "The error term of the first layer is {ratio} times that of the last",
    "layers": "The error term here is {ratio} times that of the next layer",
    "times": "The error term at the first time step is {ratio} times that at the last",
    "update": "The size of this update is {ratio} times that of the weights",
}
_MEANING = {
    HealthProblem.VANISHING: "small derivatives and weights shrink it on the way back, so this layer hardly learns.",
    HealthProblem.EXPLODING: "each update overshoots more than the last, until the numbers overflow.",
    HealthProblem.STUCK: "the weights barely change. Training is complete here, or no gradient reaches this layer.",
}


def marks_of(session: Session) -> tuple[HealthMark, ...]:
    """Return every mark of a session's pass."""
    return health(session.record, session.lesson.dataset)


def known_marks(session: Session) -> tuple[HealthMark, ...]:
    """Return the marks known at a session's step; none appears before its number."""
    return tuple(mark for mark in marks_of(session) if session.trace.is_known(place_of_mark(mark), session.position))


def place_of_mark(mark: HealthMark) -> Quantity:
    """Return the quantity at whose step a mark shows: a unit's a, a layer's delta, or its new weights."""
    if mark.unit is not None:
        return Quantity(Kind.A, mark.layer, mark.unit)
    return Quantity(Kind.W_NEW if mark.between == "update" else Kind.DELTA, mark.layer)


def mark_word(mark: HealthMark) -> str:
    """Return the name of a mark: dead, saturated, vanishing gradient …"""
    if mark.between == "update" and mark.problem is HealthProblem.EXPLODING:
        return "update too large"
    return _WORDS[mark.problem][0]


def mark_place(record: PassRecord, mark: HealthMark) -> str:
    """Return where a mark is: hidden layer, neuron 3."""
    where = layer_name(record, mark.layer)
    return where if mark.unit is None else f"{where}, neuron {mark.unit + 1}"


def mark_sentence(record: PassRecord, mark: HealthMark) -> str:
    """Return the meaning of a mark and what to try, in plain sentences."""
    advice = _WORDS[mark.problem][1]
    if mark.problem is HealthProblem.DEAD:
        return (
            f"Its weighted sum is not above 0 for {_all_of(mark.examples)}, so activation and derivative "
            f"are 0: no gradient reaches its weights, and training cannot revive it. {advice}"
        )
    if mark.problem is HealthProblem.SATURATED:
        share, limit = f"{100 * mark.share:.0f} %", pretty(f"{mark.limit:.0f}")
        target = ", far from its target" if mark.layer == record.architecture.depth - 1 else ""
        return (
            f"For {share} of the {mark.examples} examples it is within {marked('0.01')} of {limit}{target}, where the "
            f"derivative is near 0: hardly any gradient passes. {advice}"
        )
    if mark.between == "ends":
        first, last = (brief(size) for size in mark.gradients)
        return (
            f"{_COMPARED['ends'].format(ratio=brief(mark.ratio))}, and the gradients of their weights are "
            f"{first} and {last}: {_MEANING[mark.problem]} {advice}"
        )
    ratio = pretty(fixed(mark.ratio, 4)) if 0.0 < mark.ratio < 1 else _whole(mark)
    compared = _COMPARED[mark.between].format(ratio=ratio)
    return f"{compared}: {_MEANING[mark.problem]} {advice}"


def _all_of(examples: int) -> str:
    return f"any of the {examples} examples" if examples > 1 else "the only example"


def mark_text(record: PassRecord, mark: HealthMark) -> str:
    """Return a mark in a line: place, name, meaning and remedy."""
    return f"{mark_place(record, mark)}: {mark_word(mark)}. {mark_sentence(record, mark)}"


def unlisted_text(marks: tuple[HealthMark, ...]) -> str:
    """Return how many marks are not listed; empty if all are."""
    return f"And {len(marks) - MOST_MARKS} more." if len(marks) > MOST_MARKS else ""


def health_of_units(session: Session) -> dict[tuple[int, int], str]:
    """Return the known problems of each unit that has any, by layer and unit, in a word or two."""
    words: dict[tuple[int, int], list[str]] = {}
    for mark in known_marks(session):
        if mark.unit is not None:
            words.setdefault((mark.layer, mark.unit), []).append(mark_word(mark))
    return {unit: ", ".join(names) for unit, names in words.items()}


def health_of_step(session: Session) -> tuple[str, ...]:
    """Return the problems of the unit or layer of the step just taken, in a few words each."""
    step = session.step
    if step is None or step.quantity.layer is None:
        return ()
    found = []
    for mark in known_marks(session):
        place, quantity = place_of_mark(mark), step.quantity
        at_unit = mark.unit is not None and (quantity.layer, quantity.unit) == (mark.layer, mark.unit)
        at_layer = mark.unit is None and (quantity.kind, quantity.layer) == (place.kind, place.layer)
        if at_layer or (at_unit and quantity.kind in _OF_UNITS):
            found.append(mark_word(mark))
    return tuple(found)


# The numbers of a unit at which the card shows its mark.
_OF_UNITS = (Kind.Z, Kind.A, Kind.SLOPE, Kind.DELTA)


def no_marks_text(session: Session) -> str:
    """Return what was looked at where nothing was found: it does not say that all is well."""
    record, dataset = session.record, session.lesson.dataset
    course = course_of(session)
    examples = examples_looked_at(record, dataset)
    looked = [
        f"units dead or saturated for {count_of(examples, 'example')}",
        "error terms from the last layer to the first",
        "the size of this update",
        "neurons that are copies of each other",
        "the scale of the inputs",
    ]
    if class_of_examples(dataset.targets).min() >= 0:
        looked.append("the shares of the classes")
    if examples < FEWEST_EXAMPLES:
        looked[0] = f"units dead for {count_of(examples, 'example')}"
    if len(course.updates) > 1:
        losses = f"{brief(course.losses[0])} to {brief(course.losses[-1])}"
        of_held = " and on the examples held out" if course.held_out else ""
        looked.append(f"the loss at {len(course.updates)} places of the run, from {losses}{of_held}")
    untrained = "" if len(course.updates) > 1 else " The run has no update yet, so nothing is known of training."
    return f"No problem was found. Looked at: {', '.join(looked)}.{untrained}"


def _whole(mark: HealthMark) -> str:
    return f"{mark.ratio:.0f}" if mark.ratio < 1e6 else pretty(f"{mark.ratio:.1e}")
