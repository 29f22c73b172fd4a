"""The texts of the activations, one row each: value and derivative as formulas, as NumPy code, and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, literal, raised, square_of
from nnviz.present.text.numbers import tex_number

# The arguments are z, or the argument of the derivative, once as it is and once as a factor, in parentheses if it is
# negative; then, for the value only, the name of the layer's function in the notation; and the constants.
ValueFormula = Callable[[Piece, Piece, str, Sequence[float]], list[Piece]]
SlopeFormula = Callable[[Piece, Piece, Sequence[float]], list[Piece]]


@dataclass(frozen=True)
class ActivationText:
    """The presentation of one activation; its row in the engine's table has the same name.

    `tex` and `code` are the names of its function if the notation has none. `value` and `slope` write the formula of
    one number, `vector_slope` the derivative of a layer from the TeX of its argument.
    `value_body`, `slope_of_z` and `slope_of_a` are the bodies of NumPy functions of `z`, or of `a`. In them `{f}` is
    the name of the function itself, and the name of a constant in braces its value. `slope_of_a` is empty if the
    derivative is no formula in a. `of_z` is the expression of the formula in a with z (`{v}`) instead of a; it is empty
    if the derivative is a formula in z. `note` is a sentence that explains the formulas.
    An activation whose units depend on each other has its formulas in formula/softmax.py, and no derivative function.
    """

    name: str
    tex: str
    code: str
    value_body: tuple[str, ...]
    value: ValueFormula | None = None
    slope: SlopeFormula | None = None
    vector_slope: Callable[[str, Sequence[float]], str] | None = None
    slope_of_z: tuple[str, ...] = ()
    slope_of_a: tuple[str, ...] = ()
    of_z: str = ""
    note: str = ""


def _called(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    """Return the function applied to z, by its name."""
    return [literal(rf"{function}\left("), z, literal(r"\right)")]


def _identity(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [z]


def _tex(constant: float) -> str:
    """Return a constant of an activation in TeX."""
    return tex_number(f"{constant:g}")


def _maximum(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"\max\left(0,\ "), z, literal(r"\right)")]


def _leaky(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    below = [literal(_tex(constants[0])), TIMES, factor]
    return [z, literal(r" \text{ if } "), z, literal(r" > 0\text{, else }"), *below]


def _logistic_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [factor, Piece(r"\left(1 - ", r"\cdot\left(1 - "), factor, literal(r"\right)")]


def _tanh_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [literal("1 - "), square_of(factor)]


def _corner(v: Piece, below: str) -> list[Piece]:
    """Return the formula that is 1 if the argument is positive, else `below`."""
    return [literal(r"1 \text{ if } "), v, literal(rf" > 0\text{{, else }}{below}")]


def _vector_corner(v: str, below: str) -> str:
    return rf"1 \text{{ where }} {v} > 0\text{{, else }}{below}"


def _logistic_of(v: Piece, factor: Piece) -> Piece:
    """Return the fraction 1 / (1 + e^-v)."""
    return Piece(rf"\frac{{1}}{{1 + e^{{-{v.symbols}}}}}", rf"\frac{{1}}{{1 + e^{{-{factor.numbers}}}}}")


def _softplus(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"\ln\left(1 + "), Piece(f"e^{{{z.symbols}}}", f"e^{{{z.numbers}}}"), literal(r"\right)")]


def _softplus_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [_logistic_of(v, factor)]


def _times(constant: float) -> str:
    """Return a constant as the first factor of a product; nothing if it is 1."""
    return "" if constant == 1.0 else rf"{_tex(constant)}\,"


def _elu(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    power = Piece(f"e^{{{z.symbols}}}", f"e^{{{z.numbers}}}")
    below = [power, literal(" - 1")]
    if constants[0] != 1.0:
        alpha = _tex(constants[0])
        below = [Piece(rf"{alpha}\left(", rf"{alpha} \cdot \left("), *below, literal(r"\right)")]
    return [z, literal(r" \text{ if } "), z, literal(r" > 0\text{, else }"), *below]


def _elu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    alpha, times = _times(constants[0]), _times(constants[0]).replace(r"\,", r" \cdot ")
    power = Piece(f"{alpha}e^{{{v.symbols}}}", f"{times}e^{{{v.numbers}}}")
    return [literal(r"1 \text{ if } "), v, literal(r" > 0\text{, else }"), power]


def _gelu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    distribution = [literal(r"\Phi\left("), v, literal(r"\right)")]
    return [*distribution, PLUS, factor, TIMES, literal(r"\varphi\left("), v, literal(r"\right)")]


def _silu(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    symbols = rf"\frac{{{z.symbols}}}{{1 + e^{{-{z.symbols}}}}}"
    return [Piece(symbols, rf"\frac{{{z.numbers}}}{{1 + e^{{-{factor.numbers}}}}}")]


def _silu_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    sigmoid = [literal(r"\sigma\left("), v, literal(r"\right)")]
    before = Piece(r"\left(1 - ", r" \cdot \left(1 - ")
    return [
        *sigmoid, Piece(r"\left(1 + ", r" \cdot \left(1 + "), factor, before, *sigmoid, literal(r"\right)\right)"),
    ]  # fmt: skip


_ROWS = (
    ActivationText(
        "sigmoid",
        tex=r"\sigma",
        code="sigmoid",
        value_body=("return 1 / (1 + np.exp(-z))",),
        value=_called,
        slope=_logistic_slope,
        vector_slope=lambda v, constants: rf"{v} \odot \left(1 - {v}\right)",
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
        vector_slope=lambda v, constants: f"1 - {raised(v, '2')}",
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
        vector_slope=lambda v, constants: _vector_corner(v, "0"),
        slope_of_z=("return np.where(z > 0, 1.0, 0.0)",),
        slope_of_a=("return np.where(a > 0, 1.0, 0.0)",),
    ),
    ActivationText(
        "leaky_relu",
        tex=r"\operatorname{leaky}",
        code="leaky_relu",
        value_body=("return np.where(z > 0, z, {negative_slope} * z)",),
        value=_leaky,
        slope=lambda v, factor, constants: _corner(v, _tex(constants[0])),
        vector_slope=lambda v, constants: _vector_corner(v, _tex(constants[0])),
        slope_of_z=("return np.where(z > 0, 1.0, {negative_slope})",),
        slope_of_a=("return np.where(a > 0, 1.0, {negative_slope})",),
    ),
    ActivationText(
        "linear",
        tex=r"\operatorname{id}",
        code="identity",
        value_body=("return z",),
        value=_identity,
        slope=lambda v, factor, constants: [literal("1")],
        vector_slope=lambda v, constants: "1",
        slope_of_z=("return np.ones_like(z)",),
        slope_of_a=("return np.ones_like(a)",),
    ),
    ActivationText(
        "softplus",
        tex=r"\operatorname{softplus}",
        code="softplus",
        value_body=("return np.where(z > 20, z, np.log1p(np.exp(np.minimum(z, 20))))  # nearly z above 20",),
        value=_softplus,
        slope=_softplus_slope,
        vector_slope=lambda v, constants: rf"\frac{{1}}{{1 + e^{{-{v}}}}}",
        slope_of_z=("return np.where(z > 20, 1.0, 1 / (1 + np.exp(-z)))",),
        note="Softplus is a smooth version of relu; its derivative is the sigmoid function.",
    ),
    ActivationText(
        "elu",
        tex=r"\operatorname{elu}",
        code="elu",
        value_body=("return np.where(z > 0, z, {alpha} * np.expm1(np.minimum(z, 0)))",),
        value=_elu,
        slope=_elu_slope,
        vector_slope=lambda v, constants: _vector_corner(v, rf"{_times(constants[0])}e^{{{v}}}"),
        slope_of_z=("return np.where(z > 0, 1.0, {alpha} * np.exp(np.minimum(z, 0)))",),
    ),
    ActivationText(
        "gelu",
        tex=r"\operatorname{gelu}",
        code="gelu",
        value_body=(
            "normal = (1 + np.vectorize(math.erf, otypes=[float])(z / np.sqrt(2))) / 2",
            "return z * normal",
        ),
        value=lambda z, factor, function, constants: [z, TIMES, literal(r"\Phi\left("), z, literal(r"\right)")],
        slope=_gelu_slope,
        vector_slope=lambda v, constants: rf"\Phi\left({v}\right) + {v} \odot \varphi\left({v}\right)",
        slope_of_z=(
            "normal = (1 + np.vectorize(math.erf, otypes=[float])(z / np.sqrt(2))) / 2",
            "return normal + z * np.exp(-z**2 / 2) / np.sqrt(2 * np.pi)",
        ),
        note="Φ is the distribution function of the standard normal distribution, and φ its density.",
    ),
    ActivationText(
        "silu",
        tex=r"\operatorname{silu}",
        code="silu",
        value_body=("return z / (1 + np.exp(-z))",),
        value=_silu,
        slope=_silu_slope,
        vector_slope=lambda v, constants: (
            rf"\sigma\left({v}\right) \odot \left(1 + {v} \odot \left(1 - \sigma\left({v}\right)\right)\right)"
        ),
        slope_of_z=("s = 1 / (1 + np.exp(-z))", "return s * (1 + z * (1 - s))"),
        note="SiLU is the weighted sum times its sigmoid σ.",
    ),
    ActivationText(
        "softmax",
        tex=r"\operatorname{softmax}",
        code="softmax",
        value_body=(
            "e = np.exp(z - z.max(axis=-1, keepdims=True))  # subtracting the maximum prevents overflow",
            "return e / e.sum(axis=-1, keepdims=True)",
        ),
    ),
)
ACTIVATION_TEXTS: dict[str, ActivationText] = {row.name: row for row in _ROWS}
