"""The texts of the optimizers, one row each: memory and step as formulas, as NumPy code, and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from nnviz.engine.constants import Constant
from nnviz.engine.optimizers import ADAGRAD_EPS, DECOUPLED_DECAY, EPS, Rates, velocity_gain
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
    and of the gradient, `update` the variables of both. The number of the update counts from 1.
    """

    title: str
    sentence: str
    tex: str
    code: str
    formula: Callable[[MemoryOperand, MemoryOperand, Rates, int], list[Piece]]
    update: Callable[[str, str, Rates, int], str]


@dataclass(frozen=True)
class StepText:
    """The step that the learning rate multiplies, from the gradient and the new memory, corrected if the rule does so.

    It is written from operands, from the TeX of whole vectors, and from variables.
    """

    formula: Callable[[MemoryOperand, Sequence[MemoryOperand], Rates], list[Piece]]
    vector: Callable[[str, Sequence[str], Rates], str]
    code: Callable[[str, Sequence[str], Rates], str]


@dataclass(frozen=True)
class OptimizerText:
    """The presentation of one optimizer; its row in the engine's table has the same name and as many memory vectors.

    `title` is its name in lists, `noun` within a sentence. `sentence` explains an update, with the parameter as
    `{noun}`; it is empty for plain gradient descent, whose sentence depends on the sign. `decay` and `decay_code` write
    the factor of a parameter before its step, from the learning rate; None if there is no decoupled weight decay.
    """

    name: str
    title: str
    noun: str
    step: StepText
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


def power_tex(beta: float, count: int) -> str:
    """Return a power of a constant in TeX."""
    return f"{_tex(beta)}^{{{count}}}"


def corrected_code(variable: str, beta: float, count: int) -> str:
    """Return a memory vector corrected for its start from 0, as code."""
    return f"{variable} / (1 - {digits(beta)}**{count})"


def _mean(title: str, tex: str, code: str, decay: Callable[[Rates], float], *, squared: bool) -> MemoryText:
    """Return the texts of a running mean of gradients or of their squares."""

    def formula(old: MemoryOperand, g: MemoryOperand, rates: Rates, count: int) -> list[Piece]:
        factor = decay(rates)
        first = [literal(_tex(factor)), TIMES, old(), literal(" + ")]
        gradient = g()
        return [*first, literal(_tex(1 - factor)), TIMES, square_of(gradient) if squared else gradient]

    def update(name: str, gradient: str, rates: Rates, count: int) -> str:
        factor = decay(rates)
        return f"{digits(factor)} * {name} + {digits(1 - factor)} * {gradient}{'**2' if squared else ''}"

    sentence = f"A running mean of the {'squared gradients' if squared else 'gradients'} so far."
    return MemoryText(title, sentence, tex, code, formula, update)


def _new_velocity(old: MemoryOperand, g: MemoryOperand, rates: Rates, count: int) -> list[Piece]:
    gain = velocity_gain(rates, count)
    damped = [] if gain == 1.0 else [literal(_tex(gain)), TIMES]
    return [literal(_tex(rates.momentum)), TIMES, old(), literal(" + "), *damped, g()]


def _new_velocity_code(name: str, gradient: str, rates: Rates, count: int) -> str:
    gain = velocity_gain(rates, count)
    return f"{digits(rates.momentum)} * {name} + {'' if gain == 1.0 else f'{digits(gain)} * '}{gradient}"


_VELOCITY = MemoryText(
    "Velocity",
    "The velocity is a sum of all gradients so far, in which earlier gradients decay.",
    "v",
    "v",
    _new_velocity,
    _new_velocity_code,
)
_SQUARE_SUM = MemoryText(
    "Sum of squares",
    "The sum of all squared gradients so far, which never becomes smaller.",
    "s",
    "s",
    lambda old, g, rates, count: [old(), literal(" + "), square_of(g())],
    lambda name, gradient, rates, count: f"{name} + {gradient}**2",
)
_MOMENTS = (
    _mean("First moment", "m", "m", lambda rates: rates.beta1, squared=False),
    _mean("Second moment", "v", "v", lambda rates: rates.beta2, squared=True),
)


def _over_root(constant: Constant = EPS) -> StepText:
    """Return the step of several rules: a gradient or its mean, over the root of its squares plus epsilon."""

    def formula(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates) -> list[Piece]:
        above, below = (part(bare=True) for part in (gradient, *memory)[-2:])
        eps = tex_number(f"{rates.constant(constant):.0e}")
        return [
            Piece(
                rf"\frac{{{above.symbols}}}{{\sqrt{{{below.symbols}}} + \epsilon}}",
                rf"\frac{{{above.numbers}}}{{\sqrt{{{below.numbers}}} + {eps}}}",
            )
        ]

    def vector(gradient: str, memory: Sequence[str], rates: Rates) -> str:
        above, below = (gradient, *memory)[-2:]
        return rf"\frac{{{above}}}{{\sqrt{{{below}}} + \epsilon}}"

    def code(gradient: str, memory: Sequence[str], rates: Rates) -> str:
        above, below = (gradient, *memory)[-2:]
        return f"{above} / (np.sqrt({below}) + {digits(rates.constant(constant))})"

    return StepText(formula, vector, code)


def _nesterov(gradient: MemoryOperand, memory: Sequence[MemoryOperand], rates: Rates) -> list[Piece]:
    ahead = [literal(_tex(rates.momentum)), TIMES, memory[0]()]
    return [literal(r"\left("), gradient(bare=True), literal(" + "), *ahead, literal(r"\right)")]


def _decay_factor(rate: Piece, rates: Rates) -> Piece:
    """Return the factor of a parameter under weight decay: 1 - eta lambda."""
    decay = _tex(rates.constant(DECOUPLED_DECAY))
    return Piece(rf"\left(1 - {rate.symbols}\,\lambda\right)", rf"\left(1 - {rate.numbers} \cdot {decay}\right)")


_ROWS = (
    OptimizerText(
        "sgd",
        "SGD",
        "SGD",
        StepText(
            lambda gradient, memory, rates: [gradient()],
            lambda gradient, memory, rates: gradient,
            lambda gradient, memory, rates: gradient,
        ),
        sentence="",
    ),
    OptimizerText(
        "momentum",
        "Momentum",
        "momentum",
        StepText(
            lambda gradient, memory, rates: [memory[0]()],
            lambda gradient, memory, rates: memory[0],
            lambda gradient, memory, rates: memory[0],
        ),
        memories=(_VELOCITY,),
    ),
    OptimizerText(
        "rmsprop",
        "RMSprop",
        "RMSprop",
        _over_root(),
        memories=(_mean("Mean square", "s", "s", lambda rates: rates.alpha, squared=True),),
    ),
    OptimizerText("adam", "Adam", "Adam", _over_root(), memories=_MOMENTS),
    OptimizerText(
        "nesterov",
        "Nesterov",
        "Nesterov momentum",
        StepText(
            _nesterov,
            lambda gradient, memory, rates: rf"\left({gradient} + {_tex(rates.momentum)}\,{memory[0]}\right)",
            lambda gradient, memory, rates: f"({gradient} + {digits(rates.momentum)} * {memory[0]})",
        ),
        memories=(_VELOCITY,),
        sentence="The {noun} moves by the learning rate times the sum of its gradient and its decayed velocity, which "
        "looks one update ahead.",
    ),
    OptimizerText(
        "adamw",
        "AdamW",
        "AdamW",
        _over_root(),
        memories=_MOMENTS,
        sentence="Weight decay first multiplies the {noun} by 1 − ηλ, with the learning rate η. "
        "Then it moves by the learning rate times the step that the optimizer computes from all gradients so far.",
        decay=_decay_factor,
        decay_code=lambda rate, rates: f"(1 - {rate} * {digits(rates.constant(DECOUPLED_DECAY))})",
    ),
    OptimizerText(
        "adagrad",
        "Adagrad",
        "Adagrad",
        _over_root(ADAGRAD_EPS),
        memories=(_SQUARE_SUM,),
        sentence="The {noun} moves by the learning rate times its gradient, divided by the root of all its squared "
        "gradients so far: the more it has moved, the smaller its step.",
    ),
)
OPTIMIZER_TEXTS: dict[str, OptimizerText] = {row.name: row for row in _ROWS}
