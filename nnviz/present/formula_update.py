"""The formulas of the update: what an optimizer remembers, and each new weight and bias by the rule in use."""

from __future__ import annotations

from nnviz.engine.conventions import is_frozen
from nnviz.present.formula_pieces import TIMES, Piece, Writer, literal, square_of
from nnviz.present.numbers import tex_number
from nnviz.trace.steps import Quantity


def memory_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """A running average of the optimizer: momentum, or a first or second moment."""
    rule = writer.voice.record.rule
    rates = rule.rates
    held, g = writer.parts
    if is_frozen(writer.voice.record.convention, q.of, q.layer or 0):
        return [writer.operand(held, bare=True)]
    decay, squared = {
        ("momentum", 0): (rates.momentum, False),
        ("rmsprop", 0): (rates.alpha, True),
        ("adam", 0): (rates.beta1, False),
        ("adam", 1): (rates.beta2, True),
    }[rule.optimizer, q.slot or 0]
    before = [literal(f"{decay:g}"), TIMES, writer.operand(held), literal(" + ")]
    gradient = writer.operand(g)
    if rule.optimizer == "momentum":
        return [*before, gradient]
    return [*before, literal(f"{1 - decay:.6g}"), TIMES, square_of(gradient) if squared else gradient]


def new_value_rule(writer: Writer, q: Quantity) -> list[Piece]:
    """The old value, moved by the optimizer's rule; a frozen one stays."""
    voice, rule, count = writer.voice, writer.voice.record.rule, writer.voice.record.count
    held = writer.operand(writer.parts[0], bare=True)
    if len(writer.parts) == 1:
        return [held, Piece(r"\quad\text{(frozen)}", "")]
    _, rate_part, gradient_part, *memory = writer.parts
    sign = literal(f" {voice.update_sign} ")
    if voice.tells_change:
        return [held, sign, writer.operand(gradient_part)]
    rate = writer.operand(rate_part)
    if rule.optimizer == "sgd":
        return [held, sign, rate, TIMES, writer.operand(gradient_part)]
    if rule.optimizer == "momentum":
        return [held, sign, rate, TIMES, writer.operand(memory[0])]
    eps = tex_number(f"{rule.rates.eps:.0e}")
    if rule.optimizer == "rmsprop":
        g, s = writer.operand(gradient_part, bare=True), writer.operand(memory[0], bare=True)
        return [held, sign, rate, TIMES, _quotient(g, s, r"\epsilon", eps)]
    m, v = (writer.operand(part, bare=True) for part in memory)
    first = _over(m, rf"1 - {rule.rates.beta1:g}^{{{count}}}")
    second = _over(v, rf"1 - {rule.rates.beta2:g}^{{{count}}}")
    return [held, sign, rate, TIMES, _quotient(first, second, r"\epsilon", eps)]


def _over(piece: Piece, below: str) -> Piece:
    """Corrected for a start from zero, as Adam does."""
    return Piece(rf"{piece.symbols} / \left({below}\right)", rf"{piece.numbers} / \left({below}\right)")


def _quotient(above: Piece, below: Piece, symbol: str, number: str) -> Piece:
    """The step of RMSprop and Adam: an average over the root of a mean square, kept from zero."""
    return Piece(
        rf"\frac{{{above.symbols}}}{{\sqrt{{{below.symbols}}} + {symbol}}}",
        rf"\frac{{{above.numbers}}}{{\sqrt{{{below.numbers}}} + {number}}}",
    )
