"""How each activation is written: its value and slope as formulas, as NumPy and in words, one row a rule."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, literal, raised, square_of

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


def _leaky(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    below = [literal(f"{constants[0]:g}"), TIMES, factor]
    return [z, literal(r" \text{ if } "), z, literal(r" > 0\text{, else }"), *below]


def _logistic_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [factor, Piece(r"\left(1 - ", r"\cdot\left(1 - "), factor, literal(r"\right)")]


def _tanh_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [literal("1 - "), square_of(factor)]


def _corner(v: Piece, below: str) -> list[Piece]:
    """1 where the argument is above 0, else something else."""
    return [literal(r"1 \text{ if } "), v, literal(rf" > 0\text{{, else }}{below}")]


def _whole_corner(v: str, below: str) -> str:
    return rf"1 \text{{ where }} {v} > 0\text{{, else }}{below}"


def _logistic_of(v: Piece, factor: Piece) -> Piece:
    """The fraction 1 / (1 + e^-v)."""
    return Piece(rf"\frac{{1}}{{1 + e^{{-{v.symbols}}}}}", rf"\frac{{1}}{{1 + e^{{-{factor.numbers}}}}}")


def _softplus(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"\ln\left(1 + "), Piece(f"e^{{{z.symbols}}}", f"e^{{{z.numbers}}}"), literal(r"\right)")]


def _softplus_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [_logistic_of(v, factor)]


def _times(constant: float) -> str:
    """A constant before what it is multiplied by; none where it is 1."""
    return "" if constant == 1.0 else rf"{constant:g}\,"


def _elu(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    power = Piece(f"e^{{{z.symbols}}}", f"e^{{{z.numbers}}}")
    below = [power, literal(" - 1")]
    if constants[0] != 1.0:
        below = [Piece(rf"{constants[0]:g}\left(", rf"{constants[0]:g} \cdot \left("), *below, literal(r"\right)")]
    return [z, literal(r" \text{ if } "), z, literal(r" > 0\text{, else }"), *below]


def _elu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    alpha, times = _times(constants[0]), _times(constants[0]).replace(r"\,", r" \cdot ")
    power = Piece(f"{alpha}e^{{{v.symbols}}}", f"{times}e^{{{v.numbers}}}")
    return [literal(r"1 \text{ if } "), v, literal(r" > 0\text{, else }"), power]


def _gelu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    shares = [literal(r"\Phi\left("), v, literal(r"\right)")]
    return [*shares, PLUS, factor, TIMES, literal(r"\varphi\left("), v, literal(r"\right)")]


def _silu(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    symbols = rf"\frac{{{z.symbols}}}{{1 + e^{{-{z.symbols}}}}}"
    return [Piece(symbols, rf"\frac{{{z.numbers}}}{{1 + e^{{-{factor.numbers}}}}}")]


def _silu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    share = [literal(r"\sigma\left("), v, literal(r"\right)")]
    return [
        *share, Piece(r"\left(1 + ", r" \cdot \left(1 + "), factor, Piece(r"\left(1 - ", r" \cdot \left(1 - "), *share,
        literal(r"\right)\right)"),
    ]  # fmt: skip


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
        value=_leaky,
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
        "softplus",
        tex=r"\operatorname{softplus}",
        code="softplus",
        value_body=(
            "return np.where(z > 20, z, np.log1p(np.exp(np.minimum(z, 20))))  # above 20 the two are all but the same",
        ),
        value=_softplus,
        slope=_softplus_slope,
        whole_slope=lambda v, constants: rf"\frac{{1}}{{1 + e^{{-{v}}}}}",
        slope_of_z=("return np.where(z > 20, 1.0, 1 / (1 + np.exp(-z)))",),
        note="It is a relu without the corner, and its slope is the sigmoid.",
    ),
    ActivationText(
        "elu",
        tex=r"\operatorname{elu}",
        code="elu",
        value_body=("return np.where(z > 0, z, {alpha} * np.expm1(np.minimum(z, 0)))",),
        value=_elu,
        slope=_elu_slope,
        whole_slope=lambda v, constants: _whole_corner(v, rf"{_times(constants[0])}e^{{{v}}}"),
        slope_of_z=("return np.where(z > 0, 1.0, {alpha} * np.exp(np.minimum(z, 0)))",),
    ),
    ActivationText(
        "gelu",
        tex=r"\operatorname{gelu}",
        code="gelu",
        value_body=(
            "below = (1 + np.vectorize(math.erf, otypes=[float])(z / np.sqrt(2))) / 2",
            "return z * below",
        ),
        value=lambda z, factor, function, constants: [z, TIMES, literal(r"\Phi\left("), z, literal(r"\right)")],
        slope=_gelu_slope,
        whole_slope=lambda v, constants: rf"\Phi\left({v}\right) + {v} \odot \varphi\left({v}\right)",
        slope_of_z=(
            "below = (1 + np.vectorize(math.erf, otypes=[float])(z / np.sqrt(2))) / 2",
            "return below + z * np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)",
        ),
        note="Φ is the share of the normal distribution that lies below its argument, and φ its density there.",
    ),
    ActivationText(
        "silu",
        tex=r"\operatorname{silu}",
        code="silu",
        value_body=("return z / (1 + np.exp(-z))",),
        value=_silu,
        slope=_silu_slope,
        whole_slope=lambda v, constants: (
            rf"\sigma\left({v}\right) \odot \left(1 + {v} \odot \left(1 - \sigma\left({v}\right)\right)\right)"
        ),
        slope_of_z=("share = 1 / (1 + np.exp(-z))", "return share * (1 + z * (1 - share))"),
        note="It is the weighted sum times its sigmoid σ.",
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
