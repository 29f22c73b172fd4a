"""The observer: evaluate conditions pass by pass on a trainer's own buffers, without recording the pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from nnviz.debugger.conditions.expressions import program_of
from nnviz.debugger.conditions.pass_values import Pass, Predictor
from nnviz.debugger.state.expression import OF_BATCH, Expression
from nnviz.engine.network import Parameters, view_parameters
from nnviz.engine.optimizers import UpdateRule
from nnviz.engine.record import PassRecord
from nnviz.engine.training import Trainer
from nnviz.engine.workspace import Workspace
from nnviz.tracing.steps import Kind

Truths = tuple[bool, ...]
# An observer's state after a pass: the truth of its conditions, and the values that they check for changes.
Carry = tuple[Truths, tuple[Sequence[Any] | None, ...]]


class _Held:
    """The part of a record that exists before a pass: its initial parameters, and the rule."""

    def __init__(self, parameters: Parameters, rule: UpdateRule) -> None:
        self.parameters = parameters
        self.rule = rule


class Observer:
    """Conditions over the passes of one trainer. Mutable: it holds the present pass and the previous one.

    Call `begin` before each update and `end` after it; then `now` and `before` hold the truth of each condition
    in this pass and in the previous one. `example` (from 0) is the one stepped if a batch contains it.
    """

    def __init__(
        self, trainer: Trainer, conditions: Sequence[Expression], example: int, carry: Carry | None = None
    ) -> None:
        self._trainer = trainer
        self._programs = [program_of(condition) for condition in conditions]
        self._early = [
            i for i, condition in enumerate(conditions) if condition.is_given and not _needs_batch(condition)
        ]
        self._late = [i for i in range(len(conditions)) if i not in set(self._early)]
        self._needs_batch = any(map(_needs_batch, conditions))
        self._needs_loss = any(map(_needs_loss, conditions))
        self._example = example
        architecture = trainer.architecture
        self._held = view_parameters(architecture, np.empty(architecture.parameter_count))
        self._loss = np.zeros(0)
        self._row = 0
        self._made_of: object = None  # the buffers of the record: workspaces of several batches may share them
        self._before = _Held(self._held, trainer.rule)
        self._early_record = cast(PassRecord, self._before)
        self._pass = Pass(self._early_record, 0, 0, 0, None, Predictor(architecture, trainer.dataset))
        self.now: list[bool] = [False] * len(conditions)
        self._values: list[Sequence[Any] | None] = [None] * len(conditions)
        if carry is not None:
            self.now, self._values = list(carry[0]), list(carry[1])
        self.before: list[bool] = list(self.now)

    @property
    def carry(self) -> Carry:
        """The state that an observer of the next pass needs."""
        return tuple(self.now), tuple(self._values)

    @np.errstate(all="ignore")
    def begin(self) -> None:
        """Evaluate, before an update, the conditions on values given to its pass."""
        trainer, here = self._trainer, self._pass
        self.before, self.now = self.now, [False] * len(self.now)
        np.copyto(self._held.vector, trainer.parameters.vector)
        due = trainer.next_examples
        row = 0
        if len(due) > 1:
            found = np.flatnonzero(due == self._example)
            row = int(found[0]) if len(found) else 0
        if row != self._row:
            self._row, self._made_of = row, None
        if trainer.rule is not self._before.rule:  # the learning rate of another epoch
            self._before.rule, self._made_of = trainer.rule, None
        here.update, here.epoch, here.example = trainer.update_count, trainer.epoch, int(due[row])
        here.record, here.epoch_loss = self._early_record, None
        for index in self._early:
            self._evaluate(index)

    @np.errstate(all="ignore")
    def end(self, epoch_loss: float | None) -> None:
        """Evaluate the other conditions after the update, with the epoch's mean loss if it ended one."""
        if not self._late:
            return
        here, work = self._pass, self._trainer.workspace
        assert work is not None
        if self._made_of is not work.places or self._needs_batch:
            self._record = self._record_of(work)
            self._made_of = work.places
        if self._needs_loss:
            np.sum(work.error, axis=(0, 2), out=self._loss)
        here.record, here.epoch_loss = self._record, epoch_loss
        for index in self._late:
            self._evaluate(index)

    def _evaluate(self, index: int) -> None:
        value, self._values[index] = self._programs[index].run(self._pass, self._values[index])
        self.now[index] = bool(value)

    def _record_of(self, work: Workspace) -> PassRecord:
        """Return a record whose arrays are the trainer's buffers: it always shows the last pass."""
        trainer = self._trainer
        self._loss = np.zeros(work.error.shape[1])
        return PassRecord(
            architecture=trainer.architecture,
            convention=trainer.convention,
            rule=self._before.rule,
            examples=tuple(range(len(self._loss))),
            row=self._row,
            x=work.x,
            t=work.t,
            z=tuple(work.z),
            a=tuple(work.a),
            dE_da=tuple(work.dE_da),
            slope=tuple(work.slope),
            delta=tuple(work.delta),
            error=work.error,
            loss=self._loss,
            parameters=self._held,
            gradients=work.gradients,
            used=work.used,
            updated=trainer.parameters,
            memory=trainer.memory,
            memory_after=trainer.memory,
            count=trainer.update_count,
        )


def _needs_batch(condition: Expression) -> bool:
    """Return whether a condition needs a new record of each pass: for its batch, or for the number of its update."""
    return any(quantity.kind in (*OF_BATCH, Kind.DZ_DW, Kind.CORRECTED) for quantity in condition.quantities)


def _needs_loss(condition: Expression) -> bool:
    return "mean_loss" in condition.specials or any(q.kind is Kind.LOSS for q in condition.quantities)
