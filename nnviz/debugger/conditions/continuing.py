"""Continue forwards or backwards over steps, passes and epochs to a breakpoint, in slices that can be interrupted.

Forward, a condition stops where it becomes true: in a pass in which it holds, after one in which it did not. Backward,
a condition stops at the last earlier step at which it held; if it holds at the present step, it stops at the step at
which it became true. A breakpoint at a place stops there in every pass in which its condition holds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.conditions.breakpoints import change_breakpoint, describe_breakpoint, stop_positions
from nnviz.debugger.conditions.expressions import known_at
from nnviz.debugger.conditions.observer import Carry, Observer
from nnviz.debugger.diagnosis.nonfinite import step_troubled_example, stop_at_nonfinite
from nnviz.debugger.state.breakpoint import HERE, AtCondition, AtNonFinite, Breakpoint, Where
from nnviz.debugger.state.expression import NOT_FINITE, Expression, Special
from nnviz.debugger.state.run import Run, add_mark, end_run_at, needs_mark, next_segment, segment_at, trainer_for
from nnviz.debugger.state.session import Session, add_pass_to_run, go_to_pass, leave_pass, look_at_example
from nnviz.debugger.timeline import Progress, run_to_end, slice_of
from nnviz.engine.training import NonFiniteError, Trainer
from nnviz.lessons.lesson import Lesson
from nnviz.tracing.steps import Kind, Quantity

CHUNK = 200  # the least number of passes examined at once on the way back


@dataclass(frozen=True)
class Stop:
    """Why a run stopped: the breakpoint's number, None if it was none, and the reason in a few words.

    `is_failure` is true if training stopped at the first NaN or infinity, also if a breakpoint waited for it.
    """

    breakpoint: int | None
    message: str
    is_failure: bool = False


Way = Generator[Progress, None, tuple[Session, Stop]]


def run(
    session: Session, forward: bool = True, should_stop: Callable[[], bool] = lambda: False
) -> tuple[Session, Stop]:
    """Continue until a breakpoint or the first NaN or infinity stops, or training ends, or `should_stop` returns true.

    Backwards, NaN and infinity do not stop, and the start of the run is the end.
    """
    return run_to_end(run_in_slices(session, forward, should_stop))


def run_in_slices(session: Session, forward: bool = True, should_stop: Callable[[], bool] = lambda: False) -> Way:
    """Continue in slices: yield the progress every few milliseconds; return the session and why it stopped.

    `should_stop` is called after each yield; the session is then before the pass that was reached.
    """
    return _forward(session, should_stop, is_training=True) if forward else _backward(session, should_stop)


def run_until(
    session: Session,
    update: int,
    position: int = 0,
    should_stop: Callable[[], bool] = lambda: False,
    is_training: bool = False,
) -> Way:
    """Continue to a position of a later pass at most, regardless of the number of epochs of the training.

    With `is_training`, the first NaN or infinity stops it.
    """
    return _forward(session, should_stop, (update, position), is_training)


def run_to(session: Session, where: Where, should_stop: Callable[[], bool] = lambda: False) -> Way:
    """Run to the next step at a place, in this pass or a later one, unless a breakpoint stops before it.

    The stop's number is `HERE` if the place was reached.
    """
    bound = replace(session, breakpoints=(Breakpoint(HERE, where), *session.breakpoints))
    found, stop = yield from _forward(bound, should_stop)
    return replace(found, breakpoints=tuple(b for b in found.breakpoints if b.id != HERE)), stop


def stop_between(before: Session, after: Session) -> tuple[Session, Stop | None]:
    """Return where a breakpoint stops a command, forward or back; otherwise `after`, with its hits counted.

    Breakpoints at the start of the way do not stop it; those at its end do.
    """
    here, there = ((s.checkpoint.update, s.position) for s in (before, after))
    if here == there or not any(breakpoint.enabled for breakpoint in before.breakpoints):
        return after, None
    plan = _Plan(before)
    if here[0] == there[0] and not plan.conditions:
        return _stop_within(plan, before, after)
    way = run_until(before, *there) if there > here else _backward(before, lambda: False, there[0])
    stopped, stop = run_to_end(way)
    place = stopped.checkpoint.update, stopped.position
    if stop.breakpoint is None:
        return replace(after, breakpoints=stopped.breakpoints) if there > here else after, None
    if there < here and place < there:
        return after, None
    if place[0] == here[0]:  # within a pass the run does not change
        seen = look_at_example(before, stopped.example)
        stopped = replace(seen, position=place[1], breakpoints=stopped.breakpoints)
    return replace(stopped, grain=after.grain), stop


def _stop_within(plan: _Plan, before: Session, after: Session) -> tuple[Session, Stop | None]:
    """Find the stop within one pass, where no condition has to be tested: by position alone."""
    here, there = before.position, after.position
    forward = there > here
    of = _Truths(before.checkpoint.update, len(before.record.examples), (), ())
    for position, index in sorted(plan.candidates(before.run, of), reverse=not forward):
        is_on_the_way = here < position <= there if forward else there <= position < here
        if is_on_the_way and plan.met(plan.breakpoints[index]):
            stopped, stop = _stop_at(plan, before.run, of.update, position, index)
            return replace(stopped, grain=after.grain), stop
    return plan.counted(after) if forward else after, None


@dataclass(frozen=True)
class _Truths:
    """One examined pass: its update and number of examples; each condition's truth in it and in the pass before.

    `failure` is the trainer's message if its update made the first NaN or infinity: none was in the pass before.
    """

    update: int
    size: int
    now: tuple[bool, ...]
    before: tuple[bool, ...]
    failure: str = ""


class Scan:
    """Examines the passes of a run, and trains on after its present. Mutable: it trains."""

    def __init__(self, run: Run, lesson: Lesson, conditions: tuple[Expression, ...], update: int) -> None:
        self.run = run
        self._lesson = lesson
        self._conditions = conditions
        self._has_failed = False  # in the pass before
        # Two earlier passes are examined first: a condition must be known to have been false, and a value that is
        # checked for changes must have an earlier value.
        self._enter(max(update - 2, run.first), None)
        while self.update < update:
            self.advance()

    @property
    def update(self) -> int:
        """The update of the next pass."""
        return self.trainer.update_count

    @property
    def carry(self) -> Carry:
        """The state of the observer before the next pass."""
        return self._observer.carry

    def _enter(self, update: int, carry: Carry | None) -> None:
        segment = segment_at(self.run, update)
        self.trainer: Trainer = trainer_for(self.run, self._lesson, update)
        self._observer = Observer(self.trainer, self._conditions, segment.example, carry)
        following = next_segment(self.run, update)
        self._until = -1 if following is None else following.start.update

    def advance(self) -> _Truths:
        """Examine the next pass."""
        if self.update == self._until:
            self._enter(self.update, self._observer.carry)
        trainer, observer = self.trainer, self._observer
        update, size = trainer.update_count, len(trainer.next_examples)
        observer.begin()
        failure = ""
        try:
            mean = trainer.update()
        except NonFiniteError as error:
            mean, failure = error.mean, str(error)
        observer.end(mean)
        if trainer.update_count > self.run.end and needs_mark(self.run, trainer.update_count):
            self.run = add_mark(self.run, trainer.checkpoint())
        is_first, self._has_failed = not self._has_failed, bool(failure)
        return _Truths(update, size, tuple(observer.now), tuple(observer.before), failure if is_first else "")


class _Plan:
    """The enabled breakpoints, and where they may stop. Mutable: it counts hits, and caches positions."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.breakpoints = [b for b in session.breakpoints if b.enabled]
        self.conditions = tuple(_condition_of(b) for b in self.breakpoints if _is_tested(b))
        numbers = iter(range(len(self.conditions)))
        self.tests = [next(numbers) if _is_tested(b) else None for b in self.breakpoints]
        self.hits = {b.id: b.hits for b in self.breakpoints}
        self._places: dict[tuple[int, int, bool], tuple[list[tuple[int, ...]], list[int | None]]] = {}

    def places(self, run: Run, of: _Truths) -> tuple[list[tuple[int, ...]], list[int | None]]:
        """Return for each breakpoint the positions where it may stop, and where its condition becomes known."""
        # Passes of a segment with as many examples have the same steps; the current one may have been changed.
        key = of.size, segment_at(run, of.update).start.update, of.update == self._session.checkpoint.update
        if key not in self._places:
            trace = self.at(run, of.update).trace
            known = [None if b.condition is None else known_at(b.condition, trace) for b in self.breakpoints]
            grain = self._session.grain
            found = [stop_positions(b.where, trace, grain) for b in self.breakpoints]
            self._places[key] = found, known
        return self._places[key]

    def at(self, run: Run, update: int) -> Session:
        """Return the session at a pass of a run that has reached it."""
        here = self._session
        if update == here.checkpoint.update and run is here.run:
            return here
        # The present is where the run stops, although the scan may have gone on.
        end = max(here.run.end, update)
        reached = end_run_at(run, end, run.position if end == here.run.end else 0)
        return go_to_pass(replace(here, run=reached), update)

    def met(self, breakpoint: Breakpoint) -> bool:
        """Count a hit; return whether it stops."""
        self.hits[breakpoint.id] += 1
        return self.hits[breakpoint.id] > breakpoint.ignore

    def counted(self, session: Session) -> Session:
        """Return the session with the hits counted."""
        for number, hits in self.hits.items():
            session = change_breakpoint(session, number, hits=hits)
        return session

    def candidates(self, run: Run, of: _Truths, holds: list[bool] | None = None) -> Iterator[tuple[int, int]]:
        """Yield each position at which a breakpoint is met in a pass, with the breakpoint's index; in no order.

        `holds` is, on the way back, whether each condition held later on.
        """
        if not any(test is None or of.now[test] for test in self.tests):
            return
        places, known = self.places(run, of)
        for index, breakpoint in enumerate(self.breakpoints):
            test = self.tests[index]
            if test is None:
                yield from ((position, index) for position in places[index])
            elif not of.now[test]:
                continue
            elif isinstance(breakpoint.where, AtNonFinite):
                if not of.before[test]:
                    yield stop_at_nonfinite(self.at(run, of.update)).position, index
            elif isinstance(breakpoint.where, AtCondition):
                when = known[index]
                is_last = holds is not None and not holds[index]
                if when is not None and (is_last or not of.before[test]):
                    yield when, index
            else:
                when = known[index]
                yield from ((p, index) for p in places[index] if when is not None and when <= p)

    def look_back(self, run: Run, of: _Truths, holds: list[bool], ceiling: int | None) -> None:
        """Store which conditions hold in a pass, up to a position in it, for the previous pass."""
        for index, test in enumerate(self.tests):
            if test is None or (ceiling is not None and not of.now[test]):
                continue
            when = 0 if ceiling is None else self.places(run, of)[1][index]
            holds[index] = of.now[test] and (ceiling is None or (when is not None and when <= ceiling))


def _is_tested(breakpoint: Breakpoint) -> bool:
    return breakpoint.condition is not None or isinstance(breakpoint.where, AtNonFinite)


def _condition_of(breakpoint: Breakpoint) -> Expression:
    return non_finite_condition() if breakpoint.condition is None else breakpoint.condition


def non_finite_condition() -> Expression:
    """Return an expression that is true if any number of a pass, of its whole batch, is NaN or infinity."""
    return Expression(
        text="nonfinite",
        notation="",
        root=Special(NOT_FINITE),
        changes=(),
        shape=(),
        is_truth=True,
        quantities=(Quantity(Kind.UPDATE_PASS),),  # it is known once the pass is over
        specials=(NOT_FINITE,),
    )


def _forward(
    session: Session,
    should_stop: Callable[[], bool],
    until: tuple[int, int] | None = None,
    is_training: bool = False,
) -> Way:
    session = add_pass_to_run(session)
    plan, start = _Plan(session), session.checkpoint.update
    scan = Scan(session.run, session.lesson, plan.conditions, start)
    limit = session.training.epochs if session.checkpoint.epoch < session.training.epochs and until is None else None
    while True:
        of = scan.advance()
        floor = session.position if of.update == start else -1
        candidates = sorted(plan.candidates(scan.run, of))
        if is_training and of.failure:
            failed = stop_at_nonfinite(plan.at(scan.run, of.update))
            candidates = sorted([*candidates, (failed.position, len(plan.breakpoints))])
        for position, index in candidates:
            if until is not None and (of.update, position) > until:
                break
            if position <= floor:
                continue
            if index == len(plan.breakpoints):
                return plan.counted(failed), Stop(None, of.failure, is_failure=True)
            if plan.met(plan.breakpoints[index]):
                stopped, stop = _stop_at(plan, scan.run, of.update, position, index)
                at_nonfinite = isinstance(plan.breakpoints[index].where, AtNonFinite)
                return stopped, replace(stop, is_failure=is_training and at_nonfinite)
        if until is not None and of.update == until[0]:
            return plan.counted(replace(plan.at(scan.run, of.update), position=until[1])), Stop(None, "arrived")
        if limit is not None and scan.trainer.epoch >= limit:
            return _end_run(plan, scan, Stop(None, f"all {limit} epochs are trained"))
        if of.update % slice_of(scan.trainer) == 0:
            yield Progress(scan.update, None if until is None else until[0])
            if should_stop():
                return _end_run(plan, scan, Stop(None, "stopped"))


def _stop_at(plan: _Plan, run: Run, update: int, position: int, index: int) -> tuple[Session, Stop]:
    breakpoint = plan.breakpoints[index]
    there = plan.at(run, update)
    if isinstance(breakpoint.where, AtNonFinite):
        there = step_troubled_example(there)
    there = plan.counted(replace(there, position=position))
    return there, Stop(breakpoint.id, describe_breakpoint(breakpoint))


def _end_run(plan: _Plan, scan: Scan, stop: Stop) -> tuple[Session, Stop]:
    run = scan.run if scan.update <= scan.run.end else add_mark(scan.run, scan.trainer.checkpoint())
    return plan.counted(replace(plan.at(run, scan.update), position=0)), stop


def _backward(session: Session, should_stop: Callable[[], bool], lowest: int = 0) -> Way:
    session = leave_pass(session)
    run, start = session.run, session.checkpoint.update
    session = (
        session if session.checkpoint is session.recorded_checkpoint else go_to_pass(session, start, session.position)
    )
    plan = _Plan(session)
    holds = [False] * len(plan.breakpoints)
    last = start
    while last >= max(run.first, lowest):
        nearest = segment_at(run, last).nearest(max(last - CHUNK, run.first, segment_at(run, last).start.update)).update
        scan = Scan(run, session.lesson, plan.conditions, nearest)
        passes = []
        while scan.update <= last:
            passes.append(scan.advance())
            if scan.update % slice_of(scan.trainer) == 0:
                yield Progress(last)
                if should_stop():
                    return plan.counted(replace(plan.at(run, last), position=0)), Stop(None, "stopped")
        for of in reversed(passes):
            ceiling = session.position if of.update == start else None
            for position, index in sorted(plan.candidates(run, of, holds), reverse=True):
                below = ceiling is None or position < ceiling
                if below and plan.met(plan.breakpoints[index]):
                    return _stop_at(plan, run, of.update, position, index)
            plan.look_back(run, of, holds, ceiling)
        last = nearest - 1
    return plan.counted(replace(plan.at(run, run.first), position=0)), Stop(None, "the start of the run")
