"""From one session to another: the lines of the debugger's language that lead there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from nnviz.debugger.branches import Branches
from nnviz.debugger.choices import frozen_names
from nnviz.debugger.conditions.grammar import Name
from nnviz.debugger.conditions.names import SPECIALS, Scope, scope_of, shape_of
from nnviz.debugger.edits import spot_of, value_at
from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import update_of_epoch
from nnviz.engine.arrays import FloatArray
from nnviz.engine.conventions import CHOICES
from nnviz.present.text.numbers import typed
from nnviz.shell.shell import ShellError
from nnviz.tracing.steps import PARAMETER_KINDS, Grain, Kind, Quantity
from nnviz.walks.playing import walk_shell

MOST_LINES = 60  # for one change
MOST_STEPS = 12  # that are recorded as steps; what is farther away is a jump
_MOVES = ("step", "back", "over", "next", "previous", "into", "out", "first", "last")
_CHANGES = ("undo", "redo", "reset", "set lesson")


@dataclass(frozen=True, eq=False)
class Way:
    """Lines of the debugger's language, the branches after them, and whether one of the lines trains."""

    lines: tuple[str, ...]
    branches: Branches
    has_trained: bool = False


def lines_to(branches: Branches, goal: Session) -> Way:
    """Return lines that lead from the current session to another of the same lesson.

    If no lines lead to all of it, they lead as near as they can: compare the result with `is_like`.
    """
    way = Way((), branches)
    while len(way.lines) < MOST_LINES and not is_like(way.branches.here.session, goal):
        more = _next_lines(way.branches, goal)
        if more is None:
            break
        way = Way((*way.lines, *more.lines), more.branches, way.has_trained or more.has_trained)
    return way


def is_like(session: Session, other: Session) -> bool:
    """Return whether two sessions show the same: pass, position, grain, notation and settings, bit for bit."""
    return _is_same_pass(session, other) and (session.position, session.grain) == (other.position, other.grain)


def _is_same_pass(session: Session, other: Session) -> bool:
    same = (
        _place(session) == _place(other)
        and _settings(session) == _settings(other)
        and _notation(session) == _notation(other)
    )
    return same and _has_same_numbers(session, other)


def _place(session: Session) -> tuple[int, int, int, int]:
    here = session.checkpoint
    return here.update, here.epoch, session.example, session.run.end


def _settings(session: Session) -> tuple[object, ...]:
    return session.training, session.convention, session.loss


def _notation(session: Session) -> tuple[object, ...]:
    return session.notation.name, session.notation.first_layer


def _has_same_numbers(session: Session, other: Session) -> bool:
    one, two, data, others = session.checkpoint, other.checkpoint, session.lesson.dataset, other.lesson.dataset
    pairs = (
        (one.parameters, two.parameters),
        (one.memory, two.memory),
        (data.inputs, others.inputs),
        (data.targets, others.targets),
    )
    return all(each is same or np.array_equal(each, same, equal_nan=True) for each, same in pairs)


def _next_lines(branches: Branches, goal: Session) -> Way | None:
    """Return lines that reach the goal, or the first of those that come nearer to it; None if there are none."""
    here = branches.here.session
    for lines in _at_once(here, goal):
        after = _run(branches, lines)
        if after is not None and is_like(after.branches.here.session, goal):
            return after
    for lines in _nearer(here, goal):
        after = _run(branches, lines)
        if after is not None and after.branches is not branches:
            return after
    return None


def _run(branches: Branches, lines: tuple[str, ...]) -> Way | None:
    """Return where some lines lead; None if one of them fails."""
    shell, has_trained = walk_shell(branches), False
    try:
        for line in lines:
            before = shell.session
            passed = shell.run(line)
            has_trained = has_trained or shell.has_trained(line, before, passed)
    except ShellError:
        return None
    return Way(lines, shell.branches, has_trained)


def _at_once(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    """Yield single commands that may lead to the goal, those that people use first."""
    by = goal.checkpoint.update - here.checkpoint.update
    has_same_settings = _settings(here) == _settings(goal)
    if _is_same_pass(here, goal):
        if here.grain != goal.grain:
            yield (f"grain {goal.grain.word}",)
        yield from ((move,) for move in _MOVES)
        return
    if by == 1:
        yield ("step",)
    if by == -1:
        yield ("back",)
    if by == 0 or not has_same_settings:
        yield from ((change,) for change in _CHANGES)
    if by and goal.checkpoint.update == goal.run.end and here.checkpoint.update < here.run.end:
        yield ("present",)


def _nearer(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    """Yield lines that make a difference smaller; the first that runs is taken."""
    if here.checkpoint.update != goal.checkpoint.update:
        yield from _travel(here, goal)
    yield from _notation_lines(here, goal)
    yield from _setting_lines(here, goal)
    yield from _number_lines(here, goal)
    if here.example != goal.example:
        yield (f"example {goal.example + 1}",)
    if here.grain == goal.grain and here.position != goal.position:
        yield from _step_lines(here, goal)
    if here.position != goal.position:
        yield _jump_lines(here, goal)
    if here.grain != goal.grain:
        yield (f"grain {goal.grain.word}",)


def _travel(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    update, epochs = goal.checkpoint.update, goal.checkpoint.epoch - here.checkpoint.epoch
    if epochs > 0 and update > here.run.end and update == update_of_epoch(here, goal.checkpoint.epoch):
        yield (f"train {epochs}",)
    yield (f"update {update}",)


def _notation_lines(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    if here.notation.name != goal.notation.name:
        yield (f"notation {goal.notation.name}",)
    elif here.notation.first_layer != goal.notation.first_layer:
        yield (f"set layers = {goal.notation.first_layer}",)


def _setting_lines(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    """Yield a line for each setting of the pass that differs."""
    for control in CHOICES:
        if getattr(here.convention, control) != getattr(goal.convention, control):
            yield (f"set {control} = {getattr(goal.convention, control)}",)
    architecture = here.record.architecture
    frozen = frozen_names(goal.convention, architecture)
    for name in sorted(frozen ^ frozen_names(here.convention, architecture)):
        yield (f"set frozen.{name} = {'on' if name in frozen else 'off'}",)
    if here.loss != goal.loss:
        yield (f"set loss = {goal.loss}",)
    for key in ("optimizer", "update_after", "reduce"):
        if getattr(here.training, key) != getattr(goal.training, key):
            yield (f"set {key} = {getattr(goal.training, key)}",)
    rates, others = here.training.rates, goal.training.rates
    if rates.learning_rate != others.learning_rate:
        yield (f"set rate = {typed(others.learning_rate)}",)
    if here.training.rate_schedule.name != goal.training.rate_schedule.name:
        yield (f"set schedule = {goal.training.rate_schedule.name}",)
    for constant in here.training.constants:
        wanted = goal.training.constant(constant)
        if here.training.constant(constant) != wanted:
            yield (f"set {constant.name} = {typed(wanted)}",)


def _number_lines(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    """Yield a line for the first number of weights and data that the learner changed."""
    scope = scope_of(here)
    data, others = here.lesson.dataset, goal.lesson.dataset
    for kind, one, two in ((Kind.INPUT, data.inputs, others.inputs), (Kind.TARGET, data.targets, others.targets)):
        place = _first_difference(one, two)
        if place is not None:
            time, example, unit = place
            if example != here.example:
                yield (f"example {example + 1}",)
            else:
                yield from _set_line(scope, Quantity(kind, unit=unit, time=time), float(two[place]))
            return
    if here.checkpoint.update != goal.checkpoint.update:
        return
    place = _first_difference(here.checkpoint.parameters, goal.checkpoint.parameters)
    if place is not None:
        quantity = _parameter_at(here, place[0])
        spot = None if quantity is None else spot_of(goal, quantity)
        if quantity is not None and spot is not None:
            yield from _set_line(scope, quantity, value_at(goal, spot))


def _first_difference(one: FloatArray, other: FloatArray) -> tuple[int, ...] | None:
    if one is other or one.shape != other.shape:
        return None
    places = np.argwhere((one != other) & ~(np.isnan(one) & np.isnan(other)))
    return tuple(int(at) for at in places[0]) if len(places) else None


def _parameter_at(session: Session, index: int) -> Quantity | None:
    """Return the weight or bias at a place of the vector of parameters."""
    architecture = session.record.architecture
    for layer, slots in enumerate(architecture.slots):
        units = architecture.sizes[layer + 1]
        for name, slot in slots.items():
            if slot.start <= index < slot.stop:
                kinds = PARAMETER_KINDS[name]
                source, unit = divmod(index - int(slot.start), units)
                return Quantity(kinds.value, layer, unit, source if kinds.is_matrix else None)
    return None


def _set_line(scope: Scope, quantity: Quantity, value: float) -> Iterator[tuple[str, ...]]:
    name = name_of(scope, quantity)
    if name:
        yield (f"set {name} = {typed(value)}",)


def name_of(scope: Scope, quantity: Quantity) -> str:
    """Return the name of a number with its indices, the document's if it has one; empty if it has none."""
    time = quantity.time + 1 if scope.dataset.time_steps > 1 and quantity.kind in (Kind.INPUT, Kind.TARGET) else None
    for word, entry in sorted(scope.entries.items(), key=lambda named: named[1].form is None):
        if entry.kind is not quantity.kind or entry.layer != quantity.layer or word in SPECIALS:
            continue
        places = [place + 1 for place in (quantity.source, quantity.unit) if place is not None]
        if entry.is_turned:
            places.reverse()
        if len(places) != len(shape_of(scope.architecture, entry)):
            continue
        if scope.leaf(Name(word, tuple(places), time, 1)).quantity == quantity:
            return f"{word}[{','.join(map(str, places))}]" + (f" @ {time}" if time is not None else "")
    return ""


def _step_lines(here: Session, goal: Session) -> Iterator[tuple[str, ...]]:
    """Yield the line that steps to a place that is near enough to be stepped to."""
    trace, grain = here.trace, here.grain
    by = trace.count(grain, goal.position) - trace.count(grain, here.position)
    if 0 < by <= MOST_STEPS and goal.position == trace.step(grain, trace.count(grain, goal.position) - 1).end:
        yield (f"step {by}" if by > 1 else "step",)
    elif -MOST_STEPS <= by < 0:
        yield (f"back {-by}" if by < -1 else "back",)


def _jump_lines(here: Session, goal: Session) -> tuple[str, ...]:
    """Return lines that go to any position of the pass: by phases, then layers, neurons and terms."""
    trace, at, lines = here.trace, 0, ["first"]
    goal_position = min(goal.position, trace.end)
    if goal_position == trace.end:
        return ("last",)
    for grain in Grain:
        steps = trace.count(grain, goal_position) - trace.count(grain, at)
        if steps > 0:
            lines += [f"grain {grain.word}", f"step {steps}"]
            at = trace.step(grain, trace.count(grain, goal_position) - 1).end
    return (*lines, f"grain {goal.grain.word}")
