"""How each optimizer is written: its memory and its step as formulas, as NumPy and in words, one row a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nnviz.engine.optimizers import WEIGHT_DECAY, Rates
from nnviz.present.text.formula_pieces import TIMES, Piece, literal, square_of
from nnviz.present.text.numbers import tex_number


class MemoryOperand(Protocol):
    """Writes one operand into a formula; a negative number is in parentheses unless it stands alone (`bare`)."""

    def __call__(self, bare: bool = False) -> Piece:
        """The piece of it."""


@dataclass(frozen=True)
class MemoryText:
    """One vector that an optimizer remembers: its title, and what it becomes, as a formula and as code.

    `tex` and `code` are its symbol and variable where a notation has none of its own. `formula` is given the operands
    of what it held and of the gradient, `update` its variable and the gradient's.
    """

    title: str
    tex: str
    code: str
    formula: Callable[[MemoryOperand, MemoryOperand, Rates], list[Piece]]
    update: Callable[[str, str, Rates], str]


@dataclass(frozen=True)
class OptimizerText:
    """One optimizer as it is presented; its row in the engine's table has the same name, and as many vectors.

    `title` is its name in lists, `called` within a sentence. `sentence` says why a parameter moves, with the parameter
    as `{noun}`; empty for plain descent, which is told by its sign. `formula`, `whole` and `code` write what the
    learning rate is multiplied by, from the gradient and the vectors as they are now: operands, TeX of whole vectors,
    or variables. The number of the update counts from 1. `decay` and `decay_code` are what a parameter is multiplied by
    before its step, from the learning rate; None where it is not.
    """

    name: str
    title: str
    called: str
    formula: Callable[[MemoryOperand, Sequence[MemoryOperand], Rates, int], list[Piece]]
    whole: Callable[[str, Sequence[str], Rates], str]
    code: Callable[[str, Sequence[str], Rates, int], str]
    memories: tuple[MemoryText, ...] = ()
    sentence: str = "The {noun} moves by the learning rate times what the optimizer makes of its gradients so far."
    decay: Callable[[Piece, Rates], Piece] | None = None
    decay_code: Callable[[str, Rates], str] | None = None


def digits(value: float) -> str:
    """A constant in as few digits as hold all but its last bits: 0.01 for 1 - 0.99, which is a little more."""
    texts = (f"{value:.{count}g}" for count in range(1, 17))
    return next((text for text in texts if abs(float(text) - value) <= 2e-15 * abs(value)), repr(value))


def _mean(title: str, tex: str, code: str, decay: Callable[[Rates], float], *, squared: bool) -> MemoryText:
    """A running mean of gradients or of their squares, which keeps a share of what it held."""

    def formula(held: MemoryOperand, g: MemoryOperand, rates: Rates) -> list[Piece]:
        kept = decay(rates)
        before = [literal(f"{kept:g}"), TIMES, held(), literal(" + ")]
        gradient = g()
        return [*before, literal(f"{1 - kept:.6g}"), TIMES, square_of(gradient) if squared else gradient]

    def update(name: str, gradient: str, rates: Rates) -> str:
        kept = decay(rates)
        return f"{digits(kept)} * {name} + {digits(1 - kept)} * {gradient}{'**2' if squared else ''}"

    return MemoryText(title, tex, code, formula, update)


def _add_to_velocity(held: MemoryOperand, g: MemoryOperand, rates: Rates) -> list[Piece]:
    return [literal(f"{rates.momentum:g}"), TIMES, held(), literal(" + "), g()]


_VELOCITY = MemoryText(
    "Velocity",
    "v",
    "v",
    _add_to_velocity,
    lambda name, gradient, rates: f"{digits(rates.momentum)} * {name} + {gradient}",
)
_MOMENTS = (
    _mean("First moment", "m", "m", lambda rates: rates.beta1, squared=False),
    _mean("Second moment", "v", "v", lambda rates: rates.beta2, squared=True),
)


def _quotient(above: Piece, below: Piece, rates: Rates) -> Piece:
    """The step of RMSprop and Adam: an average over the root of a mean square, kept from zero."""
    eps = tex_number(f"{rates.eps:.0e}")
    return Piece(
        rf"\frac{{{above.symbols}}}{{\sqrt{{{below.symbols}}} + \epsilon}}",
        rf"\frac{{{above.numbers}}}{{\sqrt{{{below.numbers}}} + {eps}}}",
    )


def _rmsprop(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    g = gradient(bare=True)
    return [_quotient(g, memory[0](bare=True), rates)]


def _corrected(piece: Piece, beta: float, count: int) -> Piece:
    """Corrected for a start from zero, as Adam does."""
    below = rf"1 - {beta:g}^{{{count}}}"
    return Piece(rf"{piece.symbols} / \left({below}\right)", rf"{piece.numbers} / \left({below}\right)")


def _adam(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    m, v = (part(bare=True) for part in memory)
    return [_quotient(_corrected(m, rates.beta1, count), _corrected(v, rates.beta2, count), rates)]


def _whole_adam(gradient: str, memory: Sequence[str], rates: Rates) -> str:
    first, second = memory
    return rf"\frac{{\hat{{{first}}}}}{{\sqrt{{\hat{{{second}}}}} + \epsilon}}"


def _adam_code(gradient: str, memory: Sequence[str], rates: Rates, count: int) -> str:
    m, v = memory
    first, second = f"{m} / (1 - {digits(rates.beta1)}**{count})", f"{v} / (1 - {digits(rates.beta2)}**{count})"
    return f"({first}) / (np.sqrt({second}) + {digits(rates.eps)})"


def _nesterov(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    ahead = [literal(f"{rates.momentum:g}"), TIMES, memory[0]()]
    return [literal(r"\left("), gradient(bare=True), literal(" + "), *ahead, literal(r"\right)")]


def _kept(rate: Piece, rates: Rates) -> Piece:
    """What weight decay leaves of a parameter: 1 - eta lambda."""
    decay = tex_number(f"{rates.constant(WEIGHT_DECAY):.6g}")
    return Piece(rf"\left(1 - {rate.symbols}\,\lambda\right)", rf"\left(1 - {rate.numbers} \cdot {decay}\right)")


_ROWS = (
    OptimizerText(
        "sgd",
        "SGD",
        "SGD",
        formula=lambda gradient, memory, rates, count: [gradient()],
        whole=lambda gradient, memory, rates: gradient,
        code=lambda gradient, memory, rates, count: gradient,
        sentence="",
    ),
    OptimizerText(
        "momentum",
        "Momentum",
        "momentum",
        formula=lambda gradient, memory, rates, count: [memory[0]()],
        whole=lambda gradient, memory, rates: memory[0],
        code=lambda gradient, memory, rates, count: memory[0],
        memories=(_VELOCITY,),
    ),
    OptimizerText(
        "rmsprop",
        "RMSprop",
        "RMSprop",
        formula=_rmsprop,
        whole=lambda gradient, memory, rates: rf"\frac{{{gradient}}}{{\sqrt{{{memory[0]}}} + \epsilon}}",
        code=lambda gradient, memory, rates, count: f"{gradient} / (np.sqrt({memory[0]}) + {digits(rates.eps)})",
        memories=(_mean("Mean square", "s", "s", lambda rates: rates.alpha, squared=True),),
    ),
    OptimizerText("adam", "Adam", "Adam", formula=_adam, whole=_whole_adam, code=_adam_code, memories=_MOMENTS),
    OptimizerText(
        "nesterov",
        "Nesterov",
        "Nesterov momentum",
        formula=_nesterov,
        whole=lambda gradient, memory, rates: rf"\left({gradient} + {rates.momentum:g}\,{memory[0]}\right)",
        code=lambda gradient, memory, rates, count: f"({gradient} + {digits(rates.momentum)} * {memory[0]})",
        memories=(_VELOCITY,),
        sentence="The {noun} moves by its gradient and, looking ahead, by what the next update keeps of its velocity.",
    ),
    OptimizerText(
        "adamw",
        "AdamW",
        "AdamW",
        formula=_adam,
        whole=_whole_adam,
        code=_adam_code,
        memories=_MOMENTS,
        sentence="The {noun} first loses a small share of itself, the weight decay λ times the learning rate. "
        "Then it moves by the learning rate times what the optimizer makes of its gradients so far.",
        decay=_kept,
        decay_code=lambda rate, rates: f"(1 - {rate} * {digits(rates.constant(WEIGHT_DECAY))})",
    ),
)
OPTIMIZER_TEXTS: dict[str, OptimizerText] = {row.name: row for row in _ROWS}
