"""The formulas of the update: the gradient that the optimizer gets, its memory, and each new weight and bias."""

from __future__ import annotations

from functools import partial

from nnviz.engine.conventions import is_frozen
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.present.formula.sums import MOST_TERMS, Writer
from nnviz.present.rules.adjustments import clip_pieces, penalty_pieces
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS, power_tex
from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, literal, square_of
from nnviz.tracing.steps import Kind, Quantity


def norm_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the root of the sum of all squared gradients, of many only the first two and the last."""
    parts = writer.parts
    shown = parts if len(parts) <= MOST_TERMS else (*parts[:2], parts[-1])
    squares = [square_of(writer.operand(part)) for part in shown]
    if len(shown) < len(parts):
        squares[-1:] = [literal(r"\cdots"), squares[-1]]
    return [
        Piece(
            rf"\sqrt{{{' + '.join(square.symbols for square in squares)}}}",
            rf"\sqrt{{{' + '.join(square.numbers for square in squares)}}}",
        )
    ]


def clip_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the factor that scales the whole gradient down to the largest norm."""
    return clip_pieces(writer.voice.record.rule, writer.operand(writer.parts[0], bare=True))


def penalty_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the regularization's part of a gradient."""
    (held,) = writer.parts
    rule, negative = writer.voice.record.rule, writer.voice.factor(q) < 0
    return list(penalty_pieces(rule, partial(writer.operand, held), negative=negative))


def adjusted_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the gradient that the optimizer gets: clipped, and with the regularization's part."""
    pieces: list[Piece] = []
    for at, part in enumerate(writer.parts):
        is_factor = at > 0 and writer.parts[at - 1].quantity.kind is Kind.CLIP
        pieces += [TIMES if is_factor else PLUS] * bool(at)
        pieces.append(writer.operand(part, bare=at == 0))
    return pieces


def memory_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the new value of a memory vector: a velocity, or a first or second moment."""
    record = writer.voice.record
    held, g = (partial(writer.operand, part) for part in writer.parts)
    if is_frozen(record.convention, q.of, q.layer or 0):
        return [held(bare=True)]
    row = OPTIMIZER_TEXTS[record.rule.optimizer].memories[q.slot or 0]
    return row.formula(held, g, record.rule.rates, record.count)


def corrected_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write a number of the optimizer's memory, divided by what corrects its start from 0."""
    record = writer.voice.record
    held = writer.operand(writer.parts[0], bare=True)
    beta = record.rule.rates.constant(OPTIMIZERS[record.rule.optimizer].corrections[q.slot or 0])
    below = f"1 - {power_tex(beta, record.count)}"
    return [Piece(rf"\frac{{{held.symbols}}}{{{below}}}", rf"\frac{{{held.numbers}}}{{{below}}}")]


def new_value_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """Write the old value plus or minus the optimizer's step; a frozen one stays the same."""
    voice, rule = writer.voice, writer.voice.record.rule
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
    return [*before, sign, rate, TIMES, *row.step.formula(gradient, memory, rule.rates)]
