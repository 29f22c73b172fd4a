"""The transition of a step on the stage: a pure function of the step and a time from 0 to 1.

The operands light up, their values move to where the result appears, and the result is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import voice_of
from nnviz.present.network.marks import EdgesMark, Picture, UnitMark
from nnviz.present.network.scene import DECIMALS
from nnviz.present.network.why_rings import LINE, places_of
from nnviz.present.places.label import Rect
from nnviz.present.stage.stage import Stage
from nnviz.present.text.numbers import pretty, short
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import Grain, Quantity

DEPART, ARRIVE = 0.25, 0.85  # when values begin to move, and when the result is shown
MOST_TRAVELLERS = 16  # a step with more operands shows its result at once
SECONDS = 0.45

Point = tuple[float, float]


@dataclass(frozen=True)
class Traveller:
    """A value that moves from an operand to the result, in units of the picture."""

    text: str
    start: Point
    end: Point

    def at(self, time: float) -> Point:
        """Return the place at a time from 0 to 1 of the transition."""
        share = ease((time - DEPART) / (ARRIVE - DEPART))
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )


def ease(time: float) -> float:
    """Return the share of a movement at a time from 0 to 1: slow, fast, slow."""
    time = min(max(time, 0.0), 1.0)
    return time * time * (3.0 - 2.0 * time)


def travellers(session: Session, picture: Picture) -> tuple[Traveller, ...]:
    """Return the values that move in the transition to a session's step; none for whole vectors and long sums."""
    step = session.step
    if step is None or step.grain < Grain.NEURON or session.asked is not None:
        return ()
    ends = _centers(picture, step.quantity)
    parts = operands(session.trace, step)
    if not ends or len(parts) > MOST_TRAVELLERS:
        return ()
    voice, found = voice_of(session), []
    for part in dict.fromkeys(operand.quantity for operand in parts):
        starts = _centers(picture, part)
        if starts and starts[-1] != ends[-1]:
            text = pretty(short(voice.number(part), DECIMALS))
            found.append(Traveller(text, starts[-1], ends[-1]))
    return tuple(found)


def follows(before: Session, after: Session) -> bool:
    """Return whether one session is the other's next step, so that a transition leads to it."""
    return before.record is after.record and before.grain == after.grain and 0 < after.position - before.position < 64


def without_result(after: Stage, before: Stage) -> Stage:
    """Return a stage whose numbers are those before its step, while the step's places are lit."""
    if after.picture is None or before.picture is None:
        return after
    return replace(after, picture=_masked(after.picture, before.picture))


def _masked(after: Picture, before: Picture) -> Picture:
    if len(after.units) != len(before.units) or len(after.edges) != len(before.edges):
        return after
    return replace(
        after,
        units=tuple(map(_masked_unit, after.units, before.units)),
        edges=tuple(map(_masked_edges, after.edges, before.edges)),
        error=replace(after.error, value=before.error.value),
    )


def _masked_unit(after: UnitMark, before: UnitMark) -> UnitMark:
    return replace(after, z=before.z, z_number=before.z_number, a=before.a, delta=before.delta, shade=before.shade)


def _masked_edges(after: EdgesMark, before: EdgesMark) -> EdgesMark:
    if after.labels == before.labels:
        return after
    old = {(label.unit, label.source): label for label in before.labels}
    labels = tuple(
        replace(label, weight=old[key].weight, gradient=old[key].gradient, changed=old[key].changed)
        if (key := (label.unit, label.source)) in old
        else label
        for label in after.labels
    )
    return replace(after, labels=labels)


def _centers(picture: Picture, quantity: Quantity) -> list[Point]:
    """Return where a number is shown: the centers of its boxes, or else the middle of its edge."""
    return [_center(shape, rect) for shape, rect in places_of(picture, quantity)]


def _center(shape: str, rect: Rect) -> Point:
    x, y, width, height = rect
    if shape == LINE:
        return (x + width) / 2, (y + height) / 2
    return x + width / 2, y + height / 2
