"""Breakpoints in live training: the training process tests their conditions in each update."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnviz.debugger.conditions.breakpoints import describe_breakpoint, stop_positions
from nnviz.debugger.conditions.continuing import Scan, non_finite_condition
from nnviz.debugger.conditions.expressions import known_at
from nnviz.debugger.conditions.observer import Carry, Observer
from nnviz.debugger.diagnosis.nonfinite import is_finite, stop_at_nonfinite
from nnviz.debugger.state.breakpoint import AtCondition, AtNonFinite, Breakpoint
from nnviz.debugger.state.expression import Expression
from nnviz.debugger.state.run import end_run_at, segment_at
from nnviz.debugger.state.session import Session, add_pass_to_run, go_to_next_batch, go_to_pass, with_run
from nnviz.debugger.timeline import extend_run_to
from nnviz.engine.training import Checkpoint, Trainer
from nnviz.process.watcher import Halt


@dataclass(frozen=True)
class LiveTest:
    """One breakpoint as the training process sees it.

    `is_edge` is true if it stops where its condition becomes true, not wherever it holds. `is_early` is true if the
    condition is known before the pass. The first `ignore` hits are skipped.
    """

    number: int
    message: str
    condition: Expression
    is_edge: bool
    is_early: bool
    ignore: int


@dataclass(eq=False)
class LiveBreakpoints:
    """The breakpoints that can stop live training: a `Watcher` of the engine. Mutable: it counts hits once attached.

    `carry` is what is known of the pass before the first one. `passed` are the tests already met in the first pass.
    """

    tests: tuple[LiveTest, ...]
    example: int
    carry: Carry | None
    passed: frozenset[int]
    _observer: Observer | None = field(default=None, init=False)
    _hits: list[int] = field(default_factory=list, init=False)
    _update: int = field(default=0, init=False)
    _trainer: Trainer | None = field(default=None, init=False)

    def attach(self, trainer: Trainer) -> None:
        """Watch this trainer from its present state."""
        self._trainer = trainer
        self._observer = Observer(trainer, [test.condition for test in self.tests], self.example, self.carry)
        self._hits = [0] * len(self.tests)

    def begin(self) -> Halt | None:
        """Return a halt if a condition becomes true before the next update is made."""
        assert self._observer is not None
        assert self._trainer is not None
        self._update = self._trainer.update_count
        self._observer.begin()
        return self._found(early=True)

    def end(self, epoch_loss: float | None) -> Halt | None:
        """Return a halt if a condition became true in the update just made."""
        assert self._observer is not None
        self._observer.end(epoch_loss)
        halt = self._found(early=False)
        self.passed = frozenset()
        return halt

    def _found(self, early: bool) -> Halt | None:
        observer = self._observer
        assert observer is not None
        halt = None
        for index, test in enumerate(self.tests):
            if test.is_early is not early or not observer.now[index] or index in self.passed:
                continue
            if test.is_edge and observer.before[index]:
                continue
            self._hits[index] += 1
            if self._hits[index] > test.ignore and halt is None:
                halt = Halt(test.number, self._update, test.message)
        return halt


def live_breakpoints(session: Session) -> LiveBreakpoints | None:
    """Return the breakpoints of a run that is trained from a session's present pass; None if none can stop it.

    A breakpoint at a place stops live training only with a condition; without one it would stop in every pass.
    """
    session = add_pass_to_run(go_to_next_batch(session))
    segment = segment_at(session.run, session.checkpoint.update)
    tests: list[LiveTest] = []
    passed: set[int] = set()
    for breakpoint in session.breakpoints:
        position = _position(session, breakpoint) if breakpoint.enabled else None
        if position is None:
            continue
        if position <= session.position:
            passed.add(len(tests))
        tests.append(_test(session, breakpoint))
    if not tests:
        return None
    scan = Scan(session.run, session.lesson, tuple(test.condition for test in tests), session.checkpoint.update)
    return LiveBreakpoints(tuple(tests), segment.example, scan.carry, frozenset(passed))


def at_halt(session: Session, checkpoint: Checkpoint, halt: Halt) -> Session:
    """Return the session in the pass, and at the step, in which a breakpoint halted live training.

    `checkpoint` is the last one of the trainer, in a run that began at the session's.
    """
    run = end_run_at(
        extend_run_to(session, checkpoint), halt.update
    )  # the trainer may have made the update of that pass
    there = go_to_pass(with_run(session, run), halt.update)
    breakpoint = next((b for b in session.breakpoints if b.id == halt.number), None)
    if breakpoint is not None and isinstance(breakpoint.where, AtNonFinite):
        return stop_at_nonfinite(there)
    position = None if breakpoint is None else _position(there, breakpoint)
    return there if position is None else replace(there, position=position)


def _test(session: Session, breakpoint: Breakpoint) -> LiveTest:
    is_edge = isinstance(breakpoint.where, AtCondition | AtNonFinite)
    condition = breakpoint.condition or non_finite_condition()
    is_early = isinstance(breakpoint.where, AtCondition) and condition.is_early
    remaining = max(0, breakpoint.ignore - breakpoint.hits)
    return LiveTest(breakpoint.id, describe_breakpoint(breakpoint), condition, is_edge, is_early, remaining)


def _position(session: Session, breakpoint: Breakpoint) -> int | None:
    """Return where in the session's pass a breakpoint can stop live training; None if it cannot."""
    if isinstance(breakpoint.where, AtNonFinite):
        return session.trace.end if is_finite(session.record) else stop_at_nonfinite(session).position
    known = None if breakpoint.condition is None else known_at(breakpoint.condition, session.trace)
    if known is None or isinstance(breakpoint.where, AtCondition):
        return known
    return next((p for p in stop_positions(breakpoint.where, session.trace, session.grain) if p >= known), None)
