"""The texts of the activations, one row each: value and derivative as formulas, as NumPy code, and in words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nnviz.present.text.formula_pieces import PLUS, TIMES, Piece, literal, parenthesised, raised, square_of
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
    For constants of their default values, and empty if the formulas say enough: `says` is what a layer does to its
    weighted sums, `definition` the TeX of the function of u, `derivative` a sentence and `short_slope` a formula in a.
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
    says: str = ""
    definition: str = ""
    derivative: str = ""
    short_slope: str = ""


def _scaled(z: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    """Return the gain times z; z alone for a gain of 1."""
    return [z] if constants[0] == 1.0 else [literal(_tex(constants[0])), TIMES, factor]


def _called(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    """Return the function applied to z times the gain, by its name."""
    return [literal(rf"{function}\left("), *_scaled(z, factor, constants), literal(r"\right)")]


def _gain(constants: Sequence[float], share: float = 1.0) -> list[Piece]:
    """Return the gain times a number as the first factor of a product; nothing if that is 1."""
    return [] if share * constants[0] == 1.0 else [literal(_tex(share * constants[0])), TIMES]


def _gain_tex(constants: Sequence[float], share: float = 1.0) -> str:
    return "".join(piece.symbols for piece in _gain(constants, share))


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
    between = Piece(r"\left(1 - ", r"\cdot\left(1 - ")
    return [*_gain(constants), factor, between, factor, literal(r"\right)")]


def _tanh_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return _one_minus_square(factor, _gain(constants))


def _one_minus_square(factor: Piece, before: list[Piece]) -> list[Piece]:
    """Return 1 minus a square, in parentheses after a factor."""
    difference = [literal("1 - "), square_of(factor)]
    return [*before[:-1], literal(r"\left("), *difference, literal(r"\right)")] if before else difference


def _vector_one_minus_square(v: str, gain: str) -> str:
    """Return 1 minus the squares of a vector, in parentheses after a gain."""
    difference = f"1 - {raised(v, '2')}"
    return rf"{gain}\left({difference}\right)" if gain else difference


def _sine(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"\sin\left("), *_scaled(z, factor, constants), literal(r"\right)")]


def _sine_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return [*_gain(constants), literal(r"\cos\left("), *_scaled(v, factor, constants), literal(r"\right)")]


def _vector_sine_slope(v: str, constants: Sequence[float]) -> str:
    gain = _gain_tex(constants)
    return rf"{gain}\cos\left({gain}{v}\right)"


def _step(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    return [literal(r"0 \text{ if } "), z, literal(r" < 0\text{, else }1")]


def _bipolar(z: Piece, factor: Piece, function: str, constants: Sequence[float]) -> list[Piece]:
    gain = _gain(constants)
    symbols, numbers = ("".join(getattr(piece, line) for piece in gain) for line in ("symbols", "numbers"))
    quotient = Piece(
        rf"\frac{{2}}{{1 + e^{{-{symbols}{z.symbols}}}}}", rf"\frac{{2}}{{1 + e^{{-{numbers}{factor.numbers}}}}}"
    )
    return [quotient, literal(" - 1")]


def _bipolar_slope(v: Piece, factor: Piece, constants: Sequence[float]) -> list[Piece]:
    return _one_minus_square(factor, _gain(constants, 0.5))


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
        value_body=("return 1 / (1 + np.exp(-{gain} * z))",),
        value=_called,
        slope=_logistic_slope,
        vector_slope=lambda v, constants: rf"{_gain_tex(constants)}{v} \odot \left(1 - {v}\right)",
        slope_of_z=("a = {f}(z)", "return {gain} * a * (1 - a)"),
        slope_of_a=("return {gain} * a * (1 - a)",),
        of_z="{gain} * {v} * (1 - {v})",
        definition=r"\frac{1}{1 + e^{-u}}",
        derivative="The derivative of the sigmoid function is the activation times 1 minus the activation.",
        short_slope="a (1 − a)",
    ),
    ActivationText(
        "tanh",
        tex=r"\tanh",
        code="tanh",
        value_body=("return np.tanh({gain} * z)",),
        value=_called,
        slope=_tanh_slope,
        vector_slope=lambda v, constants: _vector_one_minus_square(v, _gain_tex(constants)),
        slope_of_z=("return {gain} - {gain} * {f}(z)**2",),
        slope_of_a=("return {gain} - {gain} * a**2",),
        of_z="{gain} * (1 - {v}**2)",
        derivative="The derivative of the hyperbolic tangent is 1 minus the square of the activation.",
        short_slope="1 − a²",
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
        says="Keep each weighted sum that is positive, and replace a negative one by 0.",
        derivative="The derivative of relu is 1 where the weighted sum is positive, and 0 elsewhere.",
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
        derivative="The derivative is 1 where the weighted sum is positive, and the constant slope elsewhere.",
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
        says="The activation is the weighted sum itself.",
        derivative="The derivative of a linear activation is 1.",
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
        "step",
        tex=r"\operatorname{step}",
        code="step",
        value_body=("return np.heaviside(z, 1.0)  # 1 at 0",),
        value=_step,
        slope=lambda v, factor, constants: [literal("0")],
        vector_slope=lambda v, constants: "0",
        slope_of_z=("return np.zeros_like(z)",),
        slope_of_a=("return np.zeros_like(a)",),
        note="The step function is constant except where it jumps, so no gradient comes back through it.",
    ),
    ActivationText(
        "sine",
        tex=r"\sin",
        code="sine",
        value_body=("return np.sin({gain} * z)",),
        value=_sine,
        slope=_sine_slope,
        vector_slope=_vector_sine_slope,
        slope_of_z=("return {gain} * np.cos({gain} * z)",),
    ),
    ActivationText(
        "bipolar_sigmoid",
        tex=r"\operatorname{bipolar}",
        code="bipolar_sigmoid",
        value_body=("return 2 / (1 + np.exp(-{gain} * z)) - 1",),
        value=_bipolar,
        slope=_bipolar_slope,
        vector_slope=lambda v, constants: _vector_one_minus_square(v, _gain_tex(constants, 0.5)),
        slope_of_z=("return {gain} * 0.5 * (1 - {f}(z)**2)",),
        slope_of_a=("return {gain} * 0.5 * (1 - a**2)",),
        of_z="{gain} * 0.5 * (1 - {v}**2)",
        note="The bipolar sigmoid is twice the sigmoid minus 1: from −1 to 1.",
    ),
    ActivationText(
        "softmax",
        tex=r"\operatorname{softmax}",
        code="softmax",
        value_body=(
            "e = np.exp(z - z.max(axis=-1, keepdims=True))  # subtracting the maximum prevents overflow",
            "return e / e.sum(axis=-1, keepdims=True)",
        ),
        says="Divide the exponential of each weighted sum by the sum of the exponentials of the layer.",
    ),
)
ACTIVATION_TEXTS: dict[str, ActivationText] = {row.name: row for row in _ROWS}


def applied(activation: str, v: Piece, function: str, constants: Sequence[float]) -> Piece:
    """Return an activation of a number as one factor: a call by its name, or the formula in parentheses."""
    value = ACTIVATION_TEXTS[activation].value
    if value is None:
        return Piece(rf"{function}\left({v.symbols}\right)", rf"{function}\left({v.numbers}\right)")
    pieces = value(v, parenthesised(v), function, constants)
    if pieces[0].symbols.removesuffix(r"\left(") not in (function, ACTIVATION_TEXTS[activation].tex):
        pieces = [literal(r"\left("), *pieces, literal(r"\right)")]
    return Piece("".join(piece.symbols for piece in pieces), "".join(piece.numbers for piece in pieces))
