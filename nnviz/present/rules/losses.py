"""How each loss is written: its error and derivative as formulas, as NumPy and in words, one row a rule."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nnviz.present.text.formula_pieces import Piece, literal, parenthesised


@dataclass(frozen=True, kw_only=True)
class LossText:
    """One loss as it is presented; its row in the engine's table has the same name.

    `called` is its name in a sentence. `word` and `tip` are for the choice of a loss, `sentence` says what it counts,
    `changed` how a printed number came about ("if the error is …"). `error` and `gradient` write the formulas of one
    output from its target and the output itself; `whole_error` and `whole_gradient` those of all outputs from their
    TeX, `error_code` and `gradient_code` from their variables. Each is told how many outputs there are, and whether
    the loss is told as a reward or the gradient downhill. `error_code` is also given the weighted sum z, or empty text
    where the error is not taken from it. `is_product`: its derivative binds as closely as a product. `is_difference`:
    it is output minus target, perhaps times a number.
    """

    name: str
    called: str
    word: str
    tip: str
    sentence: str
    changed: str
    error: Callable[[Piece, Piece, int, bool], list[Piece]]
    gradient: Callable[[Piece, Piece, int, bool], list[Piece]]
    whole_error: Callable[[str, str, int, bool], str]
    whole_gradient: Callable[[str, str, int, bool], str]
    error_code: Callable[[str, str, str, int, bool], str]
    gradient_code: Callable[[str, str, int, bool], str]
    is_product: bool = False
    is_difference: bool = False


@dataclass(frozen=True)
class _Factors:
    """What a squared error and its derivative are multiplied by, in TeX and in code, of so many outputs."""

    error: str
    gradient: str
    before: str = ""
    behind: str = ""
    gradient_before: str = ""


def _squared(
    name: str, word: str, tip: str, sentence: str, changed: str, factors: Callable[[int], _Factors]
) -> LossText:
    """A loss that is some number times the square of target minus output."""

    def error(t: Piece, y: Piece, outputs: int, reward: bool) -> list[Piece]:
        sign = "-" if reward else ""
        return [literal(rf"{sign}{factors(outputs).error}\left("), t, literal(" - "), y, literal(r"\right)^2")]

    def gradient(t: Piece, y: Piece, outputs: int, down: bool) -> list[Piece]:
        front, behind = (t, y) if down else (y, t)
        difference = [front, literal(" - "), parenthesised(behind)]
        prefix = factors(outputs).gradient
        return [literal(rf"{prefix}\left("), *difference, literal(r"\right)")] if prefix else difference

    def whole_error(t: str, y: str, outputs: int, reward: bool) -> str:
        return rf"{'-' if reward else ''}{factors(outputs).error}\left({t} - {y}\right)^2"

    def whole_gradient(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        prefix = factors(outputs).gradient
        return rf"{prefix}\left({difference}\right)" if prefix else difference

    def error_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
        of = factors(outputs)
        return f"{'-' if reward else ''}{of.before}({t} - {y})**2{of.behind}"

    def gradient_code(t: str, y: str, outputs: int, down: bool) -> str:
        difference = f"{t} - {y}" if down else f"{y} - {t}"
        prefix = factors(outputs).gradient_before
        return f"{prefix} * ({difference})" if prefix else difference

    return LossText(
        name=name, called=f"{word} error", word=word, tip=tip, sentence=sentence, changed=changed,
        error=error, gradient=gradient, whole_error=whole_error, whole_gradient=whole_gradient,
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
    won = _fraction_of(t, y)
    lost = Piece(_fraction(f"1 - {t.symbols}", f"1 - {y.symbols}"), _fraction(f"1 - {t.numbers}", f"1 - {y.numbers}"))
    return [won, literal(" - "), lost] if down else [lost, literal(" - "), won]


def _whole_binary(t: str, y: str, outputs: int, reward: bool) -> str:
    both = rf"{t}\,\ln {y} + \left(1 - {t}\right)\,\ln\left(1 - {y}\right)"
    return rf"{'' if reward else '-'}\left[{both}\right]"


def _whole_binary_gradient(t: str, y: str, outputs: int, down: bool) -> str:
    lost, won = _fraction(f"1 - {t}", f"1 - {y}"), _fraction(t, y)
    return f"{won} - {lost}" if down else f"{lost} - {won}"


def _binary_code(t: str, y: str, z: str, outputs: int, reward: bool) -> str:
    if z:
        both = f"{t} * log_sigmoid({z}) + (1 - {t}) * log_sigmoid(-{z})"
    else:
        both = f"times_log({t}, {y}) + times_log(1 - {t}, 1 - {y})"
    return both if reward else f"-({both})"


def _binary_gradient_code(t: str, y: str, outputs: int, down: bool) -> str:
    won, lost = f"ratio({t}, {y})", f"ratio(1 - {t}, 1 - {y})"
    return f"{won} - {lost}" if down else f"{lost} - {won}"


_ROWS = (
    _squared(
        "half_squared",
        "half squared",
        "½ Σ (t − y)²: half the square of what is missing, so that its derivative is y − t.",
        "The error is half the squared distance to the target, added up over the outputs.",
        "if the error is half the square",
        lambda outputs: _Factors(r"\frac{1}{2}", "", "0.5 * "),
    ),
    _squared(
        "squared",
        "squared",
        "Σ (t − y)²: the squares added up over the outputs.",
        "The error is the squared distance to the target, added up over the outputs.",
        "if the error is the whole square, without the half",
        lambda outputs: _Factors("", "2", gradient_before="2"),
    ),
    _squared(
        "mean_squared",
        "mean squared",
        "The squares averaged over the outputs.",
        "The error is the squared distance to the target, averaged over the outputs.",
        "if the error is the mean of the squares over the outputs",
        lambda outputs: _Factors(
            _fraction("1", str(outputs)),
            _fraction("2", str(outputs)),
            behind=f" / {outputs}",
            gradient_before=f"2 / {outputs}",
        ),
    ),
    LossText(
        name="cross_entropy",
        called="cross entropy",
        word="cross entropy",
        tip="−Σ t ln y: for classes, with softmax outputs.",
        sentence="The error is the cross entropy: minus the sum of t ln y.",
        changed="if the error is the cross entropy",
        error=_cross_entropy,
        gradient=_cross_entropy_gradient,
        whole_error=lambda t, y, outputs, reward: rf"{'' if reward else '-'}{t}\,\ln {y}",
        whole_gradient=lambda t, y, outputs, down: f"{'' if down else '-'}{_fraction(t, y)}",
        error_code=_cross_entropy_code,
        gradient_code=lambda t, y, outputs, down: f"{'' if down else '-'}ratio({t}, {y})",
    ),
    LossText(
        name="binary_cross_entropy",
        called="binary cross entropy",
        word="binary cross entropy",
        tip="−Σ [t ln y + (1 − t) ln(1 − y)]: each output by itself, usual with sigmoid outputs.",
        sentence="The error is the cross entropy of each output by itself, added up.",
        changed="if the error is the binary cross entropy",
        error=_binary,
        gradient=_binary_gradient,
        whole_error=_whole_binary,
        whole_gradient=_whole_binary_gradient,
        error_code=_binary_code,
        gradient_code=_binary_gradient_code,
    ),
)
LOSS_TEXTS: dict[str, LossText] = {row.name: row for row in _ROWS}
# The functions that the code of losses calls and no document names: arguments, what they are, and their bodies.
LOSS_FUNCTIONS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "log_softmax": (
        "z",
        "ln softmax(z), also where the softmax itself would be rounded to 0.",
        (
            "highest = z.max(axis=-1, keepdims=True)",
            "return z - (highest + np.log(np.exp(z - highest).sum(axis=-1, keepdims=True)))",
        ),
    ),
    "log_sigmoid": (
        "z",
        "ln sigmoid(z), also where the sigmoid itself would be rounded to 0.",
        ("return -np.logaddexp(0, -z)",),
    ),
    "times_log": (
        "t, y",
        "t ln y, and 0 where t is 0: what is not meant costs nothing.",
        ("return np.where(t == 0, 0, t * np.log(y))",),
    ),
    "ratio": (
        "t, y",
        "t / y, and 0 where t is 0.",
        ("return np.where(t == 0, 0, t / y)",),
    ),
}
