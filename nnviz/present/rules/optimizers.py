"""The texts of the optimizers, one row each: memory and step as formulas, as NumPy code, and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nnviz.engine.optimizers import WEIGHT_DECAY, Rates
from nnviz.present.text.formula_pieces import TIMES, Piece, literal, square_of
from nnviz.present.text.numbers import tex_number


class MemoryOperand(Protocol):
    """Write one operand into a formula; a negative number gets parentheses unless it is alone or first (`bare`)."""

    def __call__(self, bare: bool = False) -> Piece:
        """Return the piece of the operand."""


@dataclass(frozen=True)
class MemoryText:
    """One vector of an optimizer's memory: its title and meaning, and its new value as a formula and as code.

    `tex` and `code` are its symbol and variable if the notation has none. `formula` takes the operands of the old value
    and of the gradient, `update` the variables of both.
    """

    title: str
    sentence: str
    tex: str
    code: str
    formula: Callable[[MemoryOperand, MemoryOperand, Rates], list[Piece]]
    update: Callable[[str, str, Rates], str]


@dataclass(frozen=True)
class OptimizerText:
    """The presentation of one optimizer; its row in the engine's table has the same name and as many memory vectors.

    `title` is its name in lists, `noun` within a sentence. `sentence` explains an update, with the parameter as
    `{noun}`; it is empty for plain gradient descent, whose sentence depends on the sign. `formula`, `vector` and `code`
    write the step, which the learning rate multiplies, from the gradient and the new memory vectors: from operands,
    from the TeX of whole vectors, or from variables. The number of the update counts from 1. `decay` and `decay_code`
    write the factor of a parameter before its step, from the learning rate; None if there is no weight decay.
    """

    name: str
    title: str
    noun: str
    formula: Callable[[MemoryOperand, Sequence[MemoryOperand], Rates, int], list[Piece]]
    vector: Callable[[str, Sequence[str], Rates], str]
    code: Callable[[str, Sequence[str], Rates, int], str]
    memories: tuple[MemoryText, ...] = ()
    sentence: str = (
        "The {noun} moves by the learning rate times the step that the optimizer computes from all gradients so far."
    )
    decay: Callable[[Piece, Rates], Piece] | None = None
    decay_code: Callable[[str, Rates], str] | None = None


def digits(value: float) -> str:
    """Return a constant in the fewest digits that agree up to its last bits: 0.01 for 1 - 0.99."""
    texts = (f"{value:.{count}g}" for count in range(1, 17))
    return next((text for text in texts if abs(float(text) - value) <= 2e-15 * abs(value)), repr(value))


def _tex(constant: float) -> str:
    """Return a constant of an optimizer in TeX."""
    return tex_number(f"{constant:.6g}")


def _mean(title: str, tex: str, code: str, decay: Callable[[Rates], float], *, squared: bool) -> MemoryText:
    """Return the texts of a running mean of gradients or of their squares."""

    def formula(old: MemoryOperand, g: MemoryOperand, rates: Rates) -> list[Piece]:
        factor = decay(rates)
        first = [literal(_tex(factor)), TIMES, old(), literal(" + ")]
        gradient = g()
        return [*first, literal(_tex(1 - factor)), TIMES, square_of(gradient) if squared else gradient]

    def update(name: str, gradient: str, rates: Rates) -> str:
        factor = decay(rates)
        return f"{digits(factor)} * {name} + {digits(1 - factor)} * {gradient}{'**2' if squared else ''}"

    sentence = f"A running mean of the {'squared gradients' if squared else 'gradients'} so far."
    return MemoryText(title, sentence, tex, code, formula, update)


def _new_velocity(old: MemoryOperand, g: MemoryOperand, rates: Rates) -> list[Piece]:
    return [literal(_tex(rates.momentum)), TIMES, old(), literal(" + "), g()]


_VELOCITY = MemoryText(
    "Velocity",
    "The velocity is a sum of all gradients so far, in which earlier gradients decay.",
    "v",
    "v",
    _new_velocity,
    lambda name, gradient, rates: f"{digits(rates.momentum)} * {name} + {gradient}",
)
_SQUARE_SUM = MemoryText(
    "Sum of squares",
    "The sum of all squared gradients so far, which never becomes smaller.",
    "s",
    "s",
    lambda old, g, rates: [old(), literal(" + "), square_of(g())],
    lambda name, gradient, rates: f"{name} + {gradient}**2",
)
_MOMENTS = (
    _mean("First moment", "m", "m", lambda rates: rates.beta1, squared=False),
    _mean("Second moment", "v", "v", lambda rates: rates.beta2, squared=True),
)


def _quotient(above: Piece, below: Piece, rates: Rates) -> Piece:
    """Return the step of RMSprop and Adam: a gradient or its mean, over the root of a mean square plus epsilon."""
    eps = tex_number(f"{rates.eps:.0e}")
    return Piece(
        rf"\frac{{{above.symbols}}}{{\sqrt{{{below.symbols}}} + \epsilon}}",
        rf"\frac{{{above.numbers}}}{{\sqrt{{{below.numbers}}} + {eps}}}",
    )


def _rmsprop(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    g = gradient(bare=True)
    return [_quotient(g, memory[0](bare=True), rates)]


def _corrected(piece: Piece, beta: float, count: int) -> Piece:
    """Return a moment of Adam with its bias correction for the start from zero."""
    below = rf"1 - {_tex(beta)}^{{{count}}}"
    return Piece(rf"{piece.symbols} / \left({below}\right)", rf"{piece.numbers} / \left({below}\right)")


def _adam(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    m, v = (part(bare=True) for part in memory)
    return [_quotient(_corrected(m, rates.beta1, count), _corrected(v, rates.beta2, count), rates)]


def _vector_adam(gradient: str, memory: Sequence[str], rates: Rates) -> str:
    first, second = memory
    return rf"\frac{{\hat{{{first}}}}}{{\sqrt{{\hat{{{second}}}}} + \epsilon}}"


def _adam_code(gradient: str, memory: Sequence[str], rates: Rates, count: int) -> str:
    m, v = memory
    first, second = f"{m} / (1 - {digits(rates.beta1)}**{count})", f"{v} / (1 - {digits(rates.beta2)}**{count})"
    return f"({first}) / (np.sqrt({second}) + {digits(rates.eps)})"


def _nesterov(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates, count: int) -> list[Piece]:
    ahead = [literal(_tex(rates.momentum)), TIMES, memory[0]()]
    return [literal(r"\left("), gradient(bare=True), literal(" + "), *ahead, literal(r"\right)")]


def _decay_factor(rate: Piece, rates: Rates) -> Piece:
    """Return the factor of a parameter under weight decay: 1 - eta lambda."""
    decay = _tex(rates.constant(WEIGHT_DECAY))
    return Piece(rf"\left(1 - {rate.symbols}\,\lambda\right)", rf"\left(1 - {rate.numbers} \cdot {decay}\right)")


_ROWS = (
    OptimizerText(
        "sgd",
        "SGD",
        "SGD",
        formula=lambda gradient, memory, rates, count: [gradient()],
        vector=lambda gradient, memory, rates: gradient,
        code=lambda gradient, memory, rates, count: gradient,
        sentence="",
    ),
    OptimizerText(
        "momentum",
        "Momentum",
        "momentum",
        formula=lambda gradient, memory, rates, count: [memory[0]()],
        vector=lambda gradient, memory, rates: memory[0],
        code=lambda gradient, memory, rates, count: memory[0],
        memories=(_VELOCITY,),
    ),
    OptimizerText(
        "rmsprop",
        "RMSprop",
        "RMSprop",
        formula=_rmsprop,
        vector=lambda gradient, memory, rates: rf"\frac{{{gradient}}}{{\sqrt{{{memory[0]}}} + \epsilon}}",
        code=lambda gradient, memory, rates, count: f"{gradient} / (np.sqrt({memory[0]}) + {digits(rates.eps)})",
        memories=(_mean("Mean square", "s", "s", lambda rates: rates.alpha, squared=True),),
    ),
    OptimizerText("adam", "Adam", "Adam", formula=_adam, vector=_vector_adam, code=_adam_code, memories=_MOMENTS),
    OptimizerText(
        "nesterov",
        "Nesterov",
        "Nesterov momentum",
        formula=_nesterov,
        vector=lambda gradient, memory, rates: rf"\left({gradient} + {_tex(rates.momentum)}\,{memory[0]}\right)",
        code=lambda gradient, memory, rates, count: f"({gradient} + {digits(rates.momentum)} * {memory[0]})",
        memories=(_VELOCITY,),
        sentence="The {noun} moves by the learning rate times the sum of its gradient and its decayed velocity, which "
        "looks one update ahead.",
    ),
    OptimizerText(
        "adamw",
        "AdamW",
        "AdamW",
        formula=_adam,
        vector=_vector_adam,
        code=_adam_code,
        memories=_MOMENTS,
        sentence="Weight decay first multiplies the {noun} by 1 − ηλ, with the learning rate η. "
        "Then it moves by the learning rate times the step that the optimizer computes from all gradients so far.",
        decay=_decay_factor,
        decay_code=lambda rate, rates: f"(1 - {rate} * {digits(rates.constant(WEIGHT_DECAY))})",
    ),
    OptimizerText(
        "adagrad",
        "Adagrad",
        "Adagrad",
        formula=_rmsprop,
        vector=lambda gradient, memory, rates: rf"\frac{{{gradient}}}{{\sqrt{{{memory[0]}}} + \epsilon}}",
        code=lambda gradient, memory, rates, count: f"{gradient} / (np.sqrt({memory[0]}) + {digits(rates.eps)})",
        memories=(_SQUARE_SUM,),
        sentence="The {noun} moves by the learning rate times its gradient, divided by the root of all its squared "
        "gradients so far: the more it has moved, the smaller its step.",
    ),
)
OPTIMIZER_TEXTS: dict[str, OptimizerText] = {row.name: row for row in _ROWS}
