"""The texts of predicting: the question without its result, the verdict, and the score."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nnviz.debugger.quiz.predict import Question, prediction_here, question
from nnviz.debugger.state.prediction import LEAST_DIGITS, MOST_HINTS, AnswerVerdict, Score, Slip, State, Tally
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import count_of
from nnviz.present.core.voice import ALL_TIMES, Voice, voice_of
from nnviz.present.formula.step_formula import StepFormula, formula
from nnviz.present.text.capital import capital
from nnviz.present.text.numbers import ASKED, digits, echoed
from nnviz.tracing.steps import PARAMETER_OF, Grain, Kind, Quantity, Step, matches_index

if TYPE_CHECKING:
    from nnviz.debugger.state.found import Found

COVERED = "Hidden while you predict."
AT_END = "End of the pass. Press Enter to begin the next one."
NOT_ASKED = "Whole phases cannot be predicted. Choose a finer level of detail."
NO_SCORE = "Nothing has been predicted in this lesson yet."
SCORE_HEAD = "Correct / asked"
_SCORE_HEADS = ("", "Kind of step", SCORE_HEAD, "First try", "Later", "Revealed")
_HERE_HEAD = "In this session"
_RIGHT = {State.RIGHT: "Correct", State.CUT: "Correct (truncated, not rounded)"}

# In the table of the score: the sign and the name of each kind of step.
KINDS: dict[str, tuple[str, str]] = {
    Kind.PRODUCT: ("w·x", "product"),
    Kind.PRODUCT_H: ("w·h", "recurrent product"),
    Kind.BIAS_TERM: ("b", "bias"),
    Kind.BIAS_H_TERM: ("b", "recurrent bias"),
    Kind.Z: ("z", "weighted sum"),
    Kind.EXPONENTIAL: ("exp", "exponential"),
    Kind.EXPONENTIAL_SUM: ("Σ exp", "sum of exponentials"),
    Kind.A: ("a", "activation"),
    Kind.ERROR: ("E", "error of an output"),
    Kind.LOSS: ("ΣE", "total error"),
    Kind.DE_DA_LOSS_TERM: ("∂E/∂y", "gradient of the loss at an output"),
    Kind.DE_DA_TERM: ("w·δ", "back-propagated term"),
    Kind.DE_DA_LATER_TERM: ("w·δ", "term back-propagated through time"),
    Kind.DE_DA: ("∂E/∂a", "gradient of the loss at a neuron"),
    Kind.DE_DX_TERM: ("w·δ", "back-propagated term"),
    Kind.DE_DX: ("∂E/∂x", "gradient of the loss at an input"),
    Kind.SLOPE: ("f′", "derivative of the activation"),
    Kind.DELTA_TERM: ("δ part", "part of an error term"),
    Kind.DELTA: ("δ", "error term"),
    Kind.DZ_DW: ("∂z/∂w", "local derivative"),
    Kind.DZ_DB: ("∂z/∂b", "local derivative"),
    Kind.DZ_DA: ("∂z/∂a", "local derivative"),
    Kind.DW_TERM: ("∂w part", "example's part of a gradient"),
    Kind.DB_TERM: ("∂b part", "example's part of a gradient"),
    Kind.DW_H_TERM: ("∂w part", "time step's part of a gradient"),
    Kind.DB_H_TERM: ("∂b part", "time step's part of a gradient"),
    Kind.DW: ("∂w", "weight gradient"),
    Kind.DB: ("∂b", "bias gradient"),
    Kind.DW_H: ("∂w_h", "gradient of a recurrent weight"),
    Kind.DB_H: ("∂b_h", "gradient of a recurrent bias"),
    Kind.NORM: ("‖∇E‖", "norm of the gradient"),
    Kind.CLIP: ("clip", "clip factor"),
    Kind.PENALTY: ("λw", "regularization's part of a gradient"),
    Kind.ADJUSTED: ("g", "adjusted gradient"),
    Kind.MOVING: ("m", "optimizer's memory"),
    Kind.CORRECTED: ("m̂", "corrected memory"),
    Kind.W_NEW: ("new w", "new weight"),
    Kind.B_NEW: ("new b", "new bias"),
    Kind.W_H_NEW: ("new w_h", "new recurrent weight"),
    Kind.B_H_NEW: ("new b_h", "new recurrent bias"),
}


# The kinds whose sign a document chooses, and the most symbols of layers in a sign.
_NAMED = frozenset((Kind.Z, Kind.A, Kind.ERROR, Kind.LOSS, Kind.DELTA))
MOST_SIGNS = 2


@dataclass(frozen=True)
class QuestionText:
    """The texts on the card: `mood` is ask, right, wrong or neutral; `symbol` is the value asked for.

    `more_hints` is true if a hint is left; `is_open` if an answer can be given, else only the next question.
    """

    symbol: str
    text: str
    mood: str
    score: str
    more_hints: bool
    is_open: bool


def asking(session: Session) -> QuestionText | None:
    """Return the texts about the present prediction; None if the learner is not predicting."""
    now = prediction_here(session)
    if now is None:
        return None
    voice, asked = voice_of(session), question(session)
    score = score_line(now.score, voice)
    if asked is not None:
        symbol = voice.text(asked.step.quantity)
        mood = "ask" if now.verdict is None or now.verdict.state in (State.SHORT, State.UNREAD) else "wrong"
        text = _request(voice, asked) if now.verdict is None else _judged(session, asked, now.verdict)
        return QuestionText(symbol, text, mood, score, now.hints < _most_hints(session, asked.step), True)
    if session.asked is not None:
        return QuestionText(
            "", "Too many numbers to predict at once. Press Enter to take the step.", "neutral", score, False, False
        )
    if session.grain is Grain.PASS and not session.at_end:
        return QuestionText("", NOT_ASKED, "neutral", score, False, False)
    if now.verdict is None or session.step is None:
        return QuestionText("", AT_END, "neutral", score, False, False)
    shown, said = _value_line(voice, session.step), right_words(now.verdict)
    mood = "right" if said else "neutral"
    return QuestionText("", f"✓ {said}: {shown}" if said else shown, mood, score, False, False)


def right_words(verdict: AnswerVerdict) -> str:
    """Return the words for a correct answer; empty for any other."""
    return _RIGHT.get(verdict.state, "")


def asked_formula(session: Session, step: Step) -> StepFormula:
    """Return the formula of the step to be predicted, as far as the hints go, without its result."""
    now = prediction_here(session)
    hints = 0 if now is None else now.hints
    full = formula(session.trace, step, voice_of(session))
    hidden = replace(full, result=ASKED, value=math.nan, is_hidden=True, parts=())
    if hints < MOST_HINTS:
        hidden = replace(hidden, numbers="", number_rows=(), operands=())
    if hints == 0:
        row = f"{full.symbol} {full.relation} {{}}?"
        hidden = replace(hidden, symbols=full.symbol, symbol_rows=(row,), result="")
    return hidden


def _most_hints(session: Session, step: Step) -> int:
    return MOST_HINTS if formula(session.trace, step, voice_of(session)).number_rows else 1


def _request(voice: Voice, asked: Question) -> str:
    count = len(asked.items)
    symbol = voice.text(asked.step.quantity)
    if count == 1:
        return f"What is {symbol}? Give at least {LEAST_DIGITS} significant digits."
    kinds = PARAMETER_OF.get(asked.step.kind)
    order = "row by row" if kinds is not None and kinds.is_matrix else "in order"
    return f"What is {symbol}? Give {count} numbers, {order}, with at least {LEAST_DIGITS} significant digits each."


def _value_line(voice: Voice, step: Step) -> str:
    value = voice.value(step.quantity)
    if isinstance(value, float):
        return f"{voice.text(step.quantity)} = {digits(value)}"
    return f"{voice.text(step.quantity)} is shown above."


def _judged(session: Session, asked: Question, verdict: AnswerVerdict) -> str:
    """Return the sentence about an answer that is not correct."""
    if verdict.state is State.UNREAD:
        return f"{capital(verdict.reason)}."
    item = asked.items[verdict.entry]
    symbol = voice_of(session).text(item)
    if verdict.state is State.SHORT:
        return f"Correct so far. Give at least {LEAST_DIGITS} significant digits of {symbol}."
    given = echoed(verdict.text) if verdict.expected == 1 else f"number {verdict.entry + 1}"
    several = ""
    if verdict.expected > 1:
        right = verdict.expected - verdict.wrong
        several = f"{right} of {verdict.expected} {'is' if right == 1 else 'are'} correct. "
    if verdict.slip is None:
        return f"{several}No, {given} is not {symbol}. Try again, or take a hint."
    return several + slip_text(session, item, given, verdict.slip)


def slip_text(session: Session, asked: Quantity, given: str, slip: Slip) -> str:
    """Return a sentence about the mistake that does not reveal the value."""
    voice = voice_of(session)
    symbol = voice.text(asked)
    other = "" if slip.quantity is None else voice.text(slip.quantity)
    if slip.name == "other" and slip.quantity is not None:
        return _other(session, asked, given, slip.quantity, symbol, other)
    if slip.name == "finder" and slip.found is not None:
        return _found(session, symbol, given, slip.found)
    sentences: dict[str, Callable[[], str]] = {
        "sign": lambda: f"Only the sign of {symbol} is wrong.",
        "bias": lambda: f"{given} leaves out the bias {other}.",
        "bias_sign": lambda: f"{given} uses the bias {other} with the wrong sign.",
        "product": lambda: f"{given} leaves out the product with {other}.",
        "uphill": lambda: f"{given} moves the wrong way: the change of {other} has the wrong sign.",
        "change": lambda: f"{given} is only the change of {other}. Apply it to the old value.",
        "rate": lambda: f"{given} leaves out the learning rate.",
        "factor": lambda: f"{given} is {_FACTORS[slip.amount]} {symbol}.",
        "rounded": lambda: (
            f"Close: {given} results from rounding intermediate values to {count_of(int(slip.amount), 'decimal')}. "
            "Round only at the end."
        ),
        "last_digit": lambda: f"Very close: check the last digit of {given}, or give fewer digits.",
        "near": lambda: f"{given} is near {symbol}, but its digits differ. Was an intermediate value rounded?",
    }
    return sentences[slip.name]()


_FACTORS = {2.0: "twice", 0.5: "half of", 10.0: "ten times", 0.1: "a tenth of"}


def _other(session: Session, asked: Quantity, given: str, found: Quantity, symbol: str, other: str) -> str:
    """Return a sentence about an answer that is another value of the pass."""
    if (asked.kind, found.kind) == (Kind.A, Kind.Z):
        return f"{given} is {other}. Apply the activation function to it."
    if (asked.kind, found.kind) == (Kind.DELTA, Kind.DE_DA):
        return f"{given} is {other}. Multiply it by the derivative of the activation."
    if (asked.unit, asked.source) == (found.source, found.unit) and asked.kind is found.kind:
        return f"{given} is {other}, not {symbol}: is the matrix transposed?"
    position = session.trace.find(found)
    later = " It is computed later." if position is not None and position > session.position else ""
    return f"{given} is {other}, not {symbol}.{later}"


def _found(session: Session, symbol: str, given: str, found: Found) -> str:
    """Return the finder's explanation, without the value that it found."""
    other = voice_of(session).text(found.quantity)
    what = f"would be {symbol}" if other == symbol else f"is {other}, not {symbol}"
    from nnviz.present.finding.finder_text import conditions  # imported late to keep the start-up fast

    return f"{given} {what}{conditions(session, found)}."


def kind_sign(kind: str, voice: Voice | None) -> str:
    """Return the sign of a kind of step: that of the document where it has one, as s/z for Koehn's weighted sums."""
    if voice is None or kind not in _NAMED:
        return KINDS[kind][0]
    named = Kind(kind)
    layers: tuple[int | None, ...] = (None,) if named in (Kind.ERROR, Kind.LOSS) else _layers(voice)
    symbols = list(dict.fromkeys(voice.text(Quantity(named, layer, time=ALL_TIMES)) for layer in layers))
    if any("/" in symbol for symbol in symbols):
        return KINDS[kind][0]
    return "/".join(symbols) if len(symbols) <= MOST_SIGNS else f"{symbols[0]}…{symbols[-1]}"


def _layers(voice: Voice) -> tuple[int | None, ...]:
    return tuple(range(voice.record.architecture.depth))


def score_line(score: Score, voice: Voice | None = None) -> str:
    """Return the score in a line, the kinds asked last at the end: z 4/5 · δ 1/3; empty before the first.

    With a voice, the signs are those of the document.
    """
    return " · ".join(f"{kind_sign(kind, voice)} {tally.right}/{tally.asked}" for kind, tally in score)


def score_rows(score: Score, made: Score = (), voice: Voice | None = None) -> tuple[tuple[str, str, Tally, Tally], ...]:
    """Return the sign, the name and the tally of each kind, and its tally in this session alone."""
    whole, here = dict(score), dict(made)
    kinds = dict.fromkeys((*whole, *here))
    return tuple(
        (kind_sign(kind, voice), KINDS[kind][1], whole.get(kind, Tally()), here.get(kind, Tally())) for kind in kinds
    )


def score_text(score: Score) -> str:
    """Return the score line with its heading; empty before the first question."""
    return f"{SCORE_HEAD}: {score_line(score)}" if score else ""


def score_table(score: Score, made: Score | None = None, voice: Voice | None = None) -> tuple[tuple[str, ...], ...]:
    """Return the heads of the score's table, and a row for each kind: two words, then figures.

    If `made` is given, a last column has the figures of this session.
    """
    rows = []
    for sign, words, tally, here in score_rows(score, made or (), voice):
        counts = (f"{tally.right} / {tally.asked}", str(tally.first), str(tally.later), str(tally.revealed))
        rows.append((sign, words, *counts, *(() if made is None else (f"{here.right} / {here.asked}",))))
    return (_SCORE_HEADS if made is None else (*_SCORE_HEADS, _HERE_HEAD), *rows)


def is_asked(session: Session, quantity: Quantity) -> bool:
    """Return whether a number is among those to be predicted."""
    return False if session.asked is None else _covers(session.asked.quantity, quantity)


def _covers(asked: Quantity, quantity: Quantity) -> bool:
    if (asked.kind, asked.layer, asked.time) != (quantity.kind, quantity.layer, quantity.time):
        return False
    pairs = ((asked.unit, quantity.unit), (asked.source, quantity.source))
    return all(matches_index(wanted, found) for wanted, found in pairs)
