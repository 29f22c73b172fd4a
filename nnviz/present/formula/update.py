"""The formulas of the update: the memory of the optimizer, and each new weight and bias."""

from __future__ import annotations

from functools import partial

from nnviz.engine.conventions import is_frozen
from nnviz.present.formula.sums import Writer
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS
from nnviz.present.text.formula_pieces import TIMES, Piece
from nnviz.tracing.steps import Quantity


def memory_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the new value of a memory vector: a velocity, or a first or second moment."""
    rule = writer.voice.record.rule
    held, g = (partial(writer.operand, part) for part in writer.parts)
    if is_frozen(writer.voice.record.convention, q.of, q.layer or 0):
        return [held(bare=True)]
    return OPTIMIZER_TEXTS[rule.optimizer].memories[q.slot or 0].formula(held, g, rule.rates)


def new_value_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the old value plus or minus the optimizer's step; a frozen one stays the same."""
    voice, rule, count = writer.voice, writer.voice.record.rule, writer.voice.record.count
    if len(writer.parts) == 1:
        return [writer.operand(writer.parts[0], bare=True), Piece(r"\quad\text{(frozen)}", "")]
    held_part, rate_part, gradient_part, *memory_parts = writer.parts
    row = OPTIMIZER_TEXTS[rule.optimizer]
    sign = Piece(f" {voice.update_sign} ", f" {voice.update_sign} ", breakable=row.decay is not None)
    held = writer.operand(held_part, bare=row.decay is None)
    if voice.gradients_as_changes:
        return [held, sign, writer.operand(gradient_part)]
    rate = writer.operand(rate_part)
    before = [held] if row.decay is None else [row.decay(rate, rule.rates), TIMES, held]
    gradient, *memory = (partial(writer.operand, part) for part in (gradient_part, *memory_parts))
    return [*before, sign, rate, TIMES, *row.formula(gradient, memory, rule.rates, count)]
