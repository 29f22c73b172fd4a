"""How each activation is written: its value and slope as formulas, as NumPy and in words, one row a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz.present.rules.pieces import Piece, literal, raised, square_of

# Each is given z, or what is put into the slope's formula, once as it is and once as a factor, in parentheses where it
# is negative; then the layer's function in the notation (of the value alone), and the constants.
ValueFormula = Callable[[Piece, Piece, str, Sequence[float]], list[Piece]]
SlopeFormula = Callable[[Piece, Piece, Sequence[float]], list[Piece]]


@dataclass(frozen=True)
class ActivationText:
    """One activation as it is presented; its row in the engine's table has the same name.

    `tex` and `code` are the names of its function where a notation has none of its own. `value` and `slope` write the
    formula of one number, `whole_slope` the slope of a layer from the TeX of its argument.
    The others are bodies of NumPy functions of `z`, or of `a` for the slope that is written of it; `{f}` is the
    function's own name there, and a constant stands by its name in braces. `slope_of_a` is empty where the slope is no
    formula in a. `of_z` is the slope in a line where the formula in a is fed z (`{v}`), empty where a formula in z is
    written. `note` is a sentence that a learner needs for its formulas.
    An activation whose units depend on each other has formulas of its own (formula_softmax.py) and no slope function.
    """

    name: str
    tex: str
    code: str
    value_body: tuple[str, ...]
    value: ValueFormula | None = None
    slope: SlopeFormula | None = None
    whole_slope: Callable[[str, Sequence[float]], str] | None = None
    slope_of_z: tuple[str, ...] = ()
    slope_of_a: tuple[str, ...] = ()
    of_z: str = ""
    note: str = ""


def _called(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    """The function of z, by its name alone."""
    return [literal(rf"{function}\left("), z, literal(r"\right)")]


def _as_it_is(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [z]


def _maximum(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"\max\left(0,\ "), z, literal(r"\right)")]


def _logistic_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [factor, Piece(r"\left(1 - ", r"\cdot\left(1 - "), factor, literal(r"\right)")]


def _tanh_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [literal("1 - "), square_of(factor)]


def _corner(v: Piece, below: str) -> list[Piece]:
    """1 where the argument is above 0, else something else."""
    return [literal(r"1 \text{ if } "), v, literal(rf" > 0\text{{, else }}{below}")]


def _whole_corner(v: str, below: str) -> str:
    return rf"1 \text{{ where }} {v} > 0\text{{, else }}{below}"


_ROWS = (
    ActivationText(
        "sigmoid",
        tex=r"\sigma",
        code="sigmoid",
        value_body=("return 1 / (1 + np.exp(-z))",),
        value=_called,
        slope=_logistic_slope,
        whole_slope=lambda v, constants: rf"{v} \odot \left(1 - {v}\right)",
        slope_of_z=("a = {f}(z)", "return a * (1 - a)"),
        slope_of_a=("return a * (1 - a)",),
        of_z="{v} * (1 - {v})",
    ),
    ActivationText(
        "tanh",
        tex=r"\tanh",
        code="tanh",
        value_body=("return np.tanh(z)",),
        value=_called,
        slope=_tanh_slope,
        whole_slope=lambda v, constants: f"1 - {raised(v, '2')}",
        slope_of_z=("return 1 - {f}(z)**2",),
        slope_of_a=("return 1 - a**2",),
        of_z="(1 - {v}**2)",
    ),
    ActivationText(
        "relu",
        tex=r"\operatorname{relu}",
        code="relu",
        value_body=("return np.maximum(z, 0)",),
        value=_maximum,
        slope=lambda v, factor, constants: _corner(v, "0"),
        whole_slope=lambda v, constants: _whole_corner(v, "0"),
        slope_of_z=("return np.where(z > 0, 1.0, 0.0)",),
        slope_of_a=("return np.where(a > 0, 1.0, 0.0)",),
    ),
    ActivationText(
        "leaky_relu",
        tex=r"\operatorname{leaky}",
        code="leaky_relu",
        value_body=("return np.where(z > 0, z, {negative_slope} * z)",),
        value=_called,
        slope=lambda v, factor, constants: _corner(v, f"{constants[0]:g}"),
        whole_slope=lambda v, constants: _whole_corner(v, f"{constants[0]:g}"),
        slope_of_z=("return np.where(z > 0, 1.0, {negative_slope})",),
        slope_of_a=("return np.where(a > 0, 1.0, {negative_slope})",),
    ),
    ActivationText(
        "linear",
        tex=r"\operatorname{id}",
        code="identity",
        value_body=("return z",),
        value=_as_it_is,
        slope=lambda v, factor, constants: [literal("1")],
        whole_slope=lambda v, constants: "1",
        slope_of_z=("return np.ones_like(z)",),
        slope_of_a=("return np.ones_like(a)",),
    ),
    ActivationText(
        "softmax",
        tex=r"\operatorname{softmax}",
        code="softmax",
        value_body=(
            "e = np.exp(z - z.max(axis=-1, keepdims=True))  # the shift changes no quotient, and nothing overflows",
            "return e / e.sum(axis=-1, keepdims=True)",
        ),
    ),
)
ACTIVATION_TEXTS: dict[str, ActivationText] = {row.name: row for row in _ROWS}
