"""The texts of what changes an update of any optimizer: clipping, weight decay, L1, and the rate's schedule."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from nnviz.engine.optimizers import CLIP_EPS, UpdateRule
from nnviz.engine.schedule import RateSchedule
from nnviz.present.rules.optimizers import digits
from nnviz.present.text.formula_pieces import TIMES, Piece, literal
from nnviz.present.text.numbers import tex_number

CLIP_TEX = "c"


@dataclass(frozen=True)
class PenaltyText:
    """One term of the regularization's part of a gradient: its factor, what it multiplies, and its name.

    `words` say what the factor multiplies, `of` writes it in TeX, from the parameter, and `code` with NumPy.
    """

    title: str
    strength: Callable[[UpdateRule], float]
    tex: str
    words: str
    of: Callable[[str], str]
    code: Callable[[str], str]


_PENALTIES = (
    PenaltyText("Weight decay (L2)", lambda rule: rule.decay, r"\lambda", "parameter", lambda w: w, lambda w: w),
    PenaltyText(
        "L1",
        lambda rule: rule.rates.l1,
        r"\lambda_1",
        "sign of the parameter",
        lambda w: rf"\operatorname{{sign}}\left({w}\right)",
        lambda w: f"np.sign({w})",
    ),
)


def _times(schedule: RateSchedule, epoch: int) -> str:
    """Return the epochs completed, over the number of epochs in which decay acts once."""
    return str(epoch) if schedule.decay_every == 1.0 else f"({epoch} / {schedule.decay_every:g})"


# The learning rate of an epoch from that of the first, by the name of the schedule.
SCHEDULE_TEXTS: dict[str, Callable[[RateSchedule, str, int], str]] = {
    "constant": lambda schedule, first, epoch: first,
    "step": lambda schedule, first, epoch: f"{first} · {schedule.decay:g}^{math.floor(epoch / schedule.decay_every)}",
    "exponential": lambda schedule, first, epoch: f"{first} · {schedule.decay:g}^{_times(schedule, epoch)}",
    "inverse": lambda schedule, first, epoch: f"{first} / (1 + {schedule.decay:g} · {_times(schedule, epoch)})",
}


def penalties_of(rule: UpdateRule) -> tuple[PenaltyText, ...]:
    """Return the terms that a rule adds to each gradient."""
    return tuple(row for row in _PENALTIES if row.strength(rule))


def penalty_pieces(rule: UpdateRule, parameter: Callable[[bool], Piece], *, negative: bool) -> Iterator[Piece]:
    """Yield the terms with the operand of the parameter, which gets no parentheses if it is passed True."""
    for at, row in enumerate(penalties_of(rule)):
        sign = " - " if at and negative else " + " if at else "-" if negative else ""
        is_argument = row.of("") != ""
        held, strength = parameter(is_argument), tex_number(f"{row.strength(rule):.6g}")
        if sign:
            yield literal(sign)
        yield Piece(row.tex, strength)
        yield TIMES
        yield Piece(row.of(held.symbols), row.of(held.numbers))


def penalty_tex(rule: UpdateRule, parameter: str, *, negative: bool) -> str:
    """Return the terms in TeX."""
    pieces = penalty_pieces(rule, lambda bare: literal(parameter), negative=negative)
    return "".join(piece.symbols for piece in pieces)


def penalty_code(rule: UpdateRule, parameter: str, *, negative: bool) -> str:
    """Return the terms as code."""
    terms = [f"{digits(row.strength(rule))} * {row.code(parameter)}" for row in penalties_of(rule)]
    return f"-{' - '.join(terms)}" if negative else " + ".join(terms)


def clip_pieces(rule: UpdateRule, norm: Piece) -> list[Piece]:
    """Return the formula of the clip factor, from the operand of the gradient's norm."""
    largest, eps = tex_number(f"{rule.rates.clip:.6g}"), tex_number(f"{CLIP_EPS:.0e}")

    def factor(norm: str) -> str:
        return rf"\min\left(1,\ \frac{{{largest}}}{{{norm} + {eps}}}\right)"

    return [Piece(factor(norm.symbols), factor(norm.numbers))]


def clip_code(rule: UpdateRule, norm: str) -> str:
    """Return the clip factor as code."""
    return f"min(1.0, {digits(rule.rates.clip)} / ({norm} + {digits(CLIP_EPS)}))"


def adjusted_tex(rule: UpdateRule, gradient: str, parameter: str, *, negative: bool) -> str:
    """Return the gradient that the optimizer gets, in TeX; a sum is in parentheses."""
    clipped = rf"{CLIP_TEX}\,{gradient}" if rule.rates.clip else gradient
    if not rule.penalizes:
        return clipped
    added = penalty_tex(rule, parameter, negative=negative)
    return rf"\left({clipped}{'' if negative else ' + '}{added}\right)"


def adjusted_code(rule: UpdateRule, gradient: str, clip: str, penalty: str) -> str:
    """Return the gradient that the optimizer gets, from variables."""
    clipped = f"{clip} * {gradient}" if rule.rates.clip else gradient
    return f"{clipped} + {penalty}" if rule.penalizes else clipped


def adjustment_notes(rule: UpdateRule) -> Iterator[str]:
    """Yield a sentence for each change of the gradients, with its number."""
    if rule.rates.clip:
        yield f"The whole gradient is scaled down to the norm {rule.rates.clip:g} where it is larger."
    for row in penalties_of(rule):
        added = f"{row.strength(rule):g} times the {row.words}"
        yield f"{row.title}: {added} is added to the gradient of each weight and bias."


def regularization_sentence(rule: UpdateRule, noun: str) -> str:
    """Return what is added to the gradient of a weight or bias."""
    titles = [row.title for row in penalties_of(rule)]
    return f"{' and '.join(titles)}: the regularization's part of the gradient, which pulls the {noun} towards 0."


def clip_sentence(rule: UpdateRule, factor: float) -> str:
    """Return what a clip factor means for the gradients."""
    if factor < 1.0:
        return f"The norm is larger than {rule.rates.clip:g}: every gradient is scaled down by this factor."
    return f"The norm is not larger than {rule.rates.clip:g}, so no gradient is scaled down."


def adjusted_sentence(rule: UpdateRule) -> str:
    """Return what the gradient is made of that the optimizer gets."""
    clipped = " times the clip factor" if rule.rates.clip else ""
    added = " plus the regularization's part" if rule.penalizes else ""
    return f"The optimizer gets the gradient of the loss{clipped}{added}."
