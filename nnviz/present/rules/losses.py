"""The texts of the losses, one row each: error and derivative as formulas, as NumPy code, and in words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnviz.engine.network import Architecture
from nnviz.present.text.formula_pieces import TIMES, Piece, literal, parenthesised
from nnviz.present.text.numbers import tex_number


@dataclass(frozen=True, kw_only=True)
class LossText:
    """The presentation of one loss; its row in the engine's table has the same name.

    `noun` is its name in a sentence. `word` and `tip` are the label and tooltip of its button, `sentence` defines it,
    and `condition` says how a printed number came about ("if the error is …"). `error` and `gradient` write the
    formulas of one output from its target and the output; `vector_error` and `vector_gradient` those of all outputs
    from their TeX, `error_code` and `gradient_code` from their variables. The further arguments are the number of
    outputs, and whether the document has a reward (error) or gives the derivative with the opposite sign (gradient).
    `error_code` also takes the weighted sum z, empty if the error is not computed from it. A loss without targets gets
    the seed gradient instead of a target; a seed of 1 is not written as a factor.
    `is_product` is true if the derivative binds as closely as a product, `is_difference` if it is output minus target,
    times a number or not.
    `of_output`, `of_example` and `of_gradient` explain the error of an output, the loss and its derivative, where the
    general sentences about errors do not fit.
    """

    name: str
    noun: str
    word: str
    tip: str
    sentence: str
    condition: str
    error: Callable[[Piece, Piece, int, bool], list[Piece]]
    gradient: Callable[[Piece, Piece, int, bool], list[Piece]]
    vector_error: Callable[[str, str, int, bool], str]
    vector_gradient: Callable[[str, str, int, bool], str]
    error_code: Callable[[str, str, str, int, bool], str]
    gradient_code: Callable[[str, str, int, bool], str]
    is_product: bool = False
    is_difference: bool = False
    of_output: str = ""
    of_example: str = ""
    of_gradient: str = ""


@dataclass(frozen=True)
class _Factors:
    """The factors of a squared error and its derivative, in TeX and in code, for a number of outputs."""

    error: str
    gradient: str
    before: str = ""
    after: str = ""
    gradient_before: str = ""


def _squared(
    name: str, word: str, tip: str, sentence: str, condition: str, factors: Callable[[int], _Factors]
) -> LossText:
    """Return the texts of a loss that is a number times the square of target minus output."""

    def error(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
        sign = "-" if reward else ""
        return [literal(rf"{sign}{factors(outputs).error}\left("), t, literal(" - "), y, literal(r"\right)^2")]

    def gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
        minuend, subtrahend = (t, y) if down else (y, t)
        difference = [minuend, literal(" - "), parenthesised(subtrahend)]
        prefix = factors(outputs).gradient
        return [literal(rf"{prefix}\left("), *difference, literal(r"\right)")] if prefix else difference

    def vector_error(t: str, y: str, outputs: int, reward: bool) -> str:
        return rf"{'-' if reward else ''}{factors(outputs).error}\left({t} - {y}\right)^2"

    def vector_gradient(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        prefix = factors(outputs).gradient
        return rf"{prefix}\left({difference}\right)" if prefix else difference

    def error_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
        of = factors(outputs)
        return f"{'-' if reward else ''}{of.before}({t} - {y})**2{of.after}"

    def gradient_code(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        prefix = factors(outputs).gradient_before
        return f"{prefix} * ({difference})" if prefix else difference

    return LossText(
        name=name, noun=f"{word} error", word=word, tip=tip, sentence=sentence, condition=condition,
        error=error, gradient=gradient, vector_error=vector_error, vector_gradient=vector_gradient,
        error_code=error_code, gradient_code=gradient_code,
        is_product=bool(factors(1).gradient), is_difference=True,
    )  # fmt: skip


_LOG = Piece(r"\,\ln ", r" \cdot \ln ")


def _fraction(above: str, below: str) -> str:
    return rf"\frac{{{above}}}{{{below}}}"


def _fraction_of(t: Piece, y: Piece) -> Piece:
    return Piece(_fraction(t.symbols, y.symbols), _fraction(t.numbers, y.numbers))


def _cross_entropy(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
    return [*([] if reward else [literal("-")]), t, _LOG, y]


def _cross_entropy_gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
    return [_fraction_of(t, y)] if down else [literal("-"), _fraction_of(t, y)]


def _cross_entropy_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
    logarithm = f"{t} * log_softmax({z})" if z else f"times_log({t}, {y})"
    return logarithm if reward else f"-{logarithm}"


def _binary(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
    one_minus, close = literal(r"\left(1 - "), literal(r"\right)")
    return [
        *([] if reward else [literal("-")]), literal(r"\left["), t, _LOG, y, literal(" + "),
        one_minus, t, close, _LOG, one_minus, y, close, literal(r"\right]"),
    ]  # fmt: skip


def _binary_gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
    on_target = _fraction_of(t, y)
    off_target = Piece(
        _fraction(f"1 - {t.symbols}", f"1 - {y.symbols}"), _fraction(f"1 - {t.numbers}", f"1 - {y.numbers}")
    )
    return [on_target, literal(" - "), off_target] if down else [off_target, literal(" - "), on_target]


def _vector_binary(t: str, y: str, outputs: int, reward: bool) -> str:
    both = rf"{t}\,\ln {y} + \left(1 - {t}\right)\,\ln\left(1 - {y}\right)"
    return rf"{'' if reward else '-'}\left[{both}\right]"


def _vector_binary_gradient(t: str, y: str, outputs: int, down: bool) -> str:
    off_target, on_target = _fraction(f"1 - {t}", f"1 - {y}"), _fraction(t, y)
    return f"{on_target} - {off_target}" if down else f"{off_target} - {on_target}"


def _binary_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
    if z:
        both = f"{t} * log_sigmoid({z}) + (1 - {t}) * log_sigmoid(-{z})"
    else:
        both = f"times_log({t}, {y}) + times_log(1 - {t}, 1 - {y})"
    return both if reward else f"-({both})"


def _binary_gradient_code(t: str, y: str, outputs: int, down: bool) -> str:
    on_target, off_target = f"ratio({t}, {y})", f"ratio(1 - {t}, 1 - {y})"
    return f"{on_target} - {off_target}" if down else f"{off_target} - {on_target}"


def _nth(outputs: int) -> str:
    return _fraction("1", str(outputs))


def _mean_binary(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
    sign = [] if reward else [literal("-")]
    return [*sign, literal(_nth(outputs)), *_binary(t, y, outputs, True)]


def _mean_binary_gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
    opening, closing = literal(rf"{_nth(outputs)}\left("), literal(r"\right)")
    return [opening, *_binary_gradient(t, y, outputs, down), closing]


def _absolute(name: str, word: str, tip: str, sentence: str, condition: str, *, averaged: bool) -> LossText:
    """Return the texts of a loss of absolute differences, summed or averaged over the outputs."""

    def before(outputs: int) -> str:
        return _fraction("1", str(outputs)) if averaged else ""

    def error(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
        sign = "-" if reward else ""
        opening, closing = literal(rf"{sign}{before(outputs)}\left|"), literal(r"\right|")
        return [opening, t, literal(" - "), parenthesised(y), closing]

    def gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
        minuend, subtrahend = (t, y) if down else (y, t)
        opening = literal(rf"{before(outputs)}\operatorname{{sign}}\left(")
        return [opening, minuend, literal(" - "), parenthesised(subtrahend), literal(r"\right)")]

    def vector_gradient(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        return rf"{before(outputs)}\operatorname{{sign}}\left({difference}\right)"

    def error_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
        return f"{'-' if reward else ''}np.abs({t} - {y}){f' / {outputs}' if averaged else ''}"

    def gradient_code(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        return f"np.sign({difference}){f' / {outputs}' if averaged else ''}"

    return LossText(
        name=name, noun=f"{word} error", word=word, tip=tip, sentence=sentence, condition=condition,
        error=error, gradient=gradient,
        vector_error=lambda t, y, outputs, reward: rf"{'-' if reward else ''}{before(outputs)}\left|{t} - {y}\right|",
        vector_gradient=vector_gradient, error_code=error_code, gradient_code=gradient_code, is_product=True,
    )  # fmt: skip


def _hinge(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
    sign = "-" if reward else ""
    product = [parenthesised(t), TIMES, parenthesised(y)]
    return [literal(rf"{sign}\max\left(0,\ 1 - "), *product, literal(r"\right)")]


def _hinge_gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
    own = t if down else Piece(f"-{t.symbols}", f"-{parenthesised(t).numbers}")
    product = [parenthesised(t), TIMES, parenthesised(y)]
    return [own, literal(r" \text{ if } "), *product, literal(r" < 1\text{, else }0")]


def _seeded(seed: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
    sign = [literal("-")] if reward else []
    return [*sign, *([] if seed.numbers == "1" else [seed, TIMES]), y]


def _seed(seed: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
    return [Piece(_negated(seed.symbols), _negated(seed.numbers)) if down else seed]


def _negated(tex: str) -> str:
    return tex.removeprefix("-") if tex.startswith("-") else f"-{tex}"


def _vector_seeded(seed: str, y: str, outputs: int, reward: bool) -> str:
    sign = "-" if reward else ""
    return f"{sign}{y}" if seed == "1" else rf"{sign}{seed} \odot {y}"


def _seeded_code(seed: str, y: str, z: str, outputs: int, reward: bool) -> str:
    return f"{'-' if reward else ''}{'' if seed == '1' else f'{seed} * '}{y}"


def _seed_code(seed: str, y: str, outputs: int, down: bool) -> str:
    return f"{'-' if down else ''}{'' if seed == '1' else f'{seed} * '}np.ones_like({y})"


_ROWS = (
    _squared(
        "half_squared",
        "half squared",
        "½ Σ (t − y)²: half the sum of the squares, so that its derivative is y − t.",
        "The error is half the squared difference between target and output, summed over the outputs.",
        "if the error is half the square",
        lambda outputs: _Factors(r"\frac{1}{2}", "", "0.5 * "),
    ),
    _squared(
        "squared",
        "squared",
        "Σ (t − y)²: the sum of the squares over the outputs.",
        "The error is the squared difference between target and output, summed over the outputs.",
        "if the error is the square, without the factor ½",
        lambda outputs: _Factors("", "2", gradient_before="2"),
    ),
    _squared(
        "mean_squared",
        "mean squared",
        "The mean of the squares over the outputs.",
        "The error is the squared difference between target and output, averaged over the outputs.",
        "if the error is the mean of the squares over the outputs",
        lambda outputs: _Factors(
            _fraction("1", str(outputs)),
            _fraction("2", str(outputs)),
            after=f" / {outputs}",
            gradient_before=f"2 / {outputs}",
        ),
    ),
    LossText(
        name="cross_entropy",
        noun="cross entropy",
        word="cross entropy",
        tip="−Σ t ln y: for classification, with softmax outputs.",
        sentence="The error is the cross entropy, minus the sum of t ln y.",
        condition="if the error is the cross entropy",
        error=_cross_entropy,
        gradient=_cross_entropy_gradient,
        vector_error=lambda t, y, outputs, reward: rf"{'' if reward else '-'}{t}\,\ln {y}",
        vector_gradient=lambda t, y, outputs, down: f"{'' if down else '-'}{_fraction(t, y)}",
        error_code=_cross_entropy_code,
        gradient_code=lambda t, y, outputs, down: f"{'' if down else '-'}ratio({t}, {y})",
    ),
    LossText(
        name="binary_cross_entropy",
        noun="binary cross entropy",
        word="binary cross entropy",
        tip="−Σ [t ln y + (1 − t) ln(1 − y)]: for each output separately, usually with sigmoid outputs.",
        sentence="The error is the binary cross entropy, summed over the outputs.",
        condition="if the error is the binary cross entropy",
        error=_binary,
        gradient=_binary_gradient,
        vector_error=_vector_binary,
        vector_gradient=_vector_binary_gradient,
        error_code=_binary_code,
        gradient_code=_binary_gradient_code,
    ),
    LossText(
        name="mean_binary_cross_entropy",
        noun="mean binary cross entropy",
        word="mean binary cross entropy",
        tip="The mean of −[t ln y + (1 − t) ln(1 − y)] over the outputs.",
        sentence="The error is the binary cross entropy, averaged over the outputs.",
        condition="if the error is the mean of the binary cross entropies over the outputs",
        error=_mean_binary,
        gradient=_mean_binary_gradient,
        vector_error=lambda t, y, outputs, reward: (
            f"{'' if reward else '-'}{_nth(outputs)}{_vector_binary(t, y, outputs, True)}"
        ),
        vector_gradient=lambda t, y, outputs, down: (
            rf"{_nth(outputs)}\left({_vector_binary_gradient(t, y, outputs, down)}\right)"
        ),
        error_code=lambda t, y, z, outputs, reward: (
            f"{'' if reward else '-'}({_binary_code(t, y, z, outputs, True)}) / {outputs}"
        ),
        gradient_code=lambda t, y, outputs, down: f"({_binary_gradient_code(t, y, outputs, down)}) / {outputs}",
        is_product=True,
    ),
    _absolute(
        "absolute",
        "absolute",
        "Σ |t − y|: the sum of the absolute differences over the outputs.",
        "The error is the absolute difference between target and output, summed over the outputs.",
        "if the error is the absolute difference",
        averaged=False,
    ),
    _absolute(
        "mean_absolute",
        "mean absolute",
        "The mean of the absolute differences over the outputs.",
        "The error is the absolute difference between target and output, averaged over the outputs.",
        "if the error is the mean of the absolute differences over the outputs",
        averaged=True,
    ),
    LossText(
        name="hinge",
        noun="hinge loss",
        word="hinge",
        tip="Σ max(0, 1 − t y): for targets of −1 and 1.",
        sentence="The error is the hinge loss: how far t y is below 1, summed over the outputs.",
        condition="if the error is the hinge loss",
        error=_hinge,
        gradient=_hinge_gradient,
        vector_error=lambda t, y, outputs, reward: rf"{'-' if reward else ''}\max\left(0,\ 1 - {t} \odot {y}\right)",
        vector_gradient=lambda t, y, outputs, down: (
            rf"{'' if down else '-'}{t} \text{{ where }} {t} \odot {y} < 1\text{{, else }}0"
        ),
        error_code=lambda t, y, z, outputs, reward: f"{'-' if reward else ''}np.maximum(0, 1 - {t} * {y})",
        gradient_code=lambda t, y, outputs, down: f"np.where({t} * {y} < 1, {'' if down else '-'}{t}, 0)",
    ),
    LossText(
        name="output",
        noun="output",
        word="output",
        tip="Σ y: the loss is the output itself, so its gradient there is 1. It needs no targets.",
        sentence="The loss is the output itself, summed over the outputs; it needs no targets.",
        condition="if the loss is the output itself",
        error=_seeded,
        gradient=_seed,
        vector_error=_vector_seeded,
        vector_gradient=lambda seed, y, outputs, down: _negated(seed) if down else seed,
        error_code=_seeded_code,
        gradient_code=_seed_code,
        is_product=True,
        of_output="There is no target: the loss is the output itself.",
        of_example="The loss is the output itself, so the backward pass finds how the output changes with each number.",
        of_gradient="The loss is the output itself, so its derivative with respect to the output is given: {seed}.",
    ),
)
LOSS_TEXTS: dict[str, LossText] = {row.name: row for row in _ROWS}


def seed_tex(architecture: Architecture, unit: int | None = None) -> str:
    """Return the seed gradient of one output in TeX, or of all; 1 if it is 1 everywhere."""
    seeds = architecture.seed_gradient
    if set(seeds) <= {1.0}:
        return "1"
    texts = [tex_number(f"{seed:g}") for seed in seeds]
    if len(texts) == 1 or (unit is not None and unit >= 0):
        return texts[unit if len(texts) > 1 and unit else 0]
    together = r",\ ".join(texts)
    return rf"\left({together}\right){'' if unit is None else '_k'}"


def seed_code(architecture: Architecture) -> str:
    """Return the seed gradient as NumPy code; 1 if it is 1 everywhere."""
    seeds = architecture.seed_gradient
    if set(seeds) <= {1.0}:
        return "1"
    return repr(seeds[0]) if len(seeds) == 1 else f"np.array({list(seeds)!r})"


# The functions that the code of the losses calls: arguments, docstrings, and bodies. No document has names for them.
LOSS_FUNCTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "log_softmax": (
        "z",
        "ln softmax(z), accurate even if softmax(z) rounds to 0.",
        (
            "highest = z.max(axis=-1, keepdims=True)",
            "return z - (highest + np.log(np.exp(z - highest).sum(axis=-1, keepdims=True)))",
        ),
    ),
    "log_sigmoid": (
        "z",
        "ln sigmoid(z), accurate even if sigmoid(z) rounds to 0.",
        ("return -np.logaddexp(0, -z)",),
    ),
    "times_log": (
        "t, y",
        "t ln y, and 0 where t is 0.",
        ("return np.where(t == 0, 0, t * np.log(y))",),
    ),
    "ratio": (
        "t, y",
        "t / y, and 0 where t is 0.",
        ("return np.where(t == 0, 0, t / y)",),
    ),
}
