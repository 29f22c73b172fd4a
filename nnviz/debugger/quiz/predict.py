"""Predict, then reveal: ask for the next value before it is shown, judge the answer, and keep the score."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from nnviz.debugger.commands import Move, step
from nnviz.debugger.state.prediction import (
    MOST_HINTS,
    AnswerVerdict,
    Prediction,
    QuestionPlace,
    Score,
    State,
    add_to_score,
)
from nnviz.debugger.state.session import Session, next_pass
from nnviz.tracing.steps import PARAMETER_OF, Grain, Quantity, Step
from nnviz.tracing.values import value_of

# A larger vector or matrix is not asked for.
MOST_NUMBERS = 8
# How far ahead a question is looked for: there is always one, unless the lesson has nothing to compute.
_MOST_SKIPPED = 100_000


@dataclass(frozen=True)
class Question:
    """The step whose value is asked for, and its numbers in the order in which the document writes them."""

    step: Step
    items: tuple[Quantity, ...]


def start(session: Session, score: Score = (), *, skips_trivial: bool = True) -> Session:
    """Begin to predict at this step; at the grain of a whole pass, switch to single neurons."""
    grain = Grain.NEURON if session.grain is Grain.PASS else session.grain
    return _to_question(replace(session, grain=grain, predicting=Prediction(score, skips_trivial)), session.position)


def stop(session: Session) -> Session:
    """Stop predicting."""
    return replace(session, predicting=None)


def prediction_here(session: Session) -> Prediction | None:
    """Return the prediction at the session's step; None if the learner is not predicting."""
    return None if session.predicting is None else session.predicting.at(question_place(session))


def question_place(session: Session) -> QuestionPlace:
    """Return the place of the session's question."""
    return QuestionPlace(session.trace, session.grain, session.position)


def question(session: Session) -> Question | None:
    """Return the question; None between two questions, at the end of a pass, and if it has too many numbers."""
    asked = session.asked
    if asked is None:
        return None
    items = _items(session, asked)
    return Question(asked, items) if items else None


def answer(session: Session, text: str) -> Session:
    """Judge an answer. If it is right, take the step; the next question waits for the learner."""
    asked, now = question(session), prediction_here(session)
    if asked is None or now is None:
        return session
    verdict = _verdict(session, asked, text)
    if verdict.state in (State.RIGHT, State.CUT):
        outcome = "later" if now.attempts else "first"
        return _reveal_step(session, now, asked, verdict, outcome)
    attempts = (*now.attempts, text) if verdict.state is State.WRONG else now.attempts
    return replace(session, predicting=replace(now, attempts=attempts, verdict=verdict))


def hint(session: Session) -> Session:
    """Give one more hint: the formula in symbols, then with its numbers."""
    now = prediction_here(session)
    if question(session) is None or now is None or now.hints >= MOST_HINTS:
        return session
    return replace(session, predicting=replace(now, hints=now.hints + 1))


def reveal(session: Session) -> Session:
    """Show the value; the next question waits for the learner."""
    asked, now = question(session), prediction_here(session)
    if asked is None or now is None:
        return session
    return _reveal_step(session, now, asked, AnswerVerdict(State.REVEALED), "revealed")


def skip(session: Session) -> Session:
    """Take the step without scoring it, and ask for the next value."""
    asked = session.asked
    return session if asked is None else _to_question(session, asked.end)


def next_question(session: Session) -> Session:
    """Ask for the next value; if one is still asked for, show it first, which counts as revealed."""
    if session.predicting is None:
        return step(session)
    revealed = reveal(session)
    if revealed.asked is not None:  # the value could not be asked for
        return skip(revealed)
    following = next_pass(revealed) if revealed.at_end else revealed
    return _to_question(following, following.position)


def action_while_predicting(command: str, move: Move) -> Move:
    """Return a command's action while predicting, which reveals no value that is still to be asked for."""
    return {"step": next_question, "into": _finer, "out": _coarser}.get(command, move)


def reset_score(session: Session) -> Session:
    """Clear the score."""
    return session if session.predicting is None else replace(session, predicting=replace(session.predicting, score=()))


def set_skipping(session: Session, on: bool) -> Session:
    """Set whether values that need no arithmetic are skipped."""
    if session.predicting is None:
        return session
    return replace(session, predicting=replace(session.predicting, skips_trivial=on))


def _items(session: Session, asked: Step) -> tuple[Quantity, ...]:
    """Return the numbers of a step; empty if there are too many, or any cannot be written down."""
    if asked.grain >= Grain.NEURON:
        found = [asked.quantity]
    else:
        first, last = (session.trace.count(Grain.NEURON, position) for position in (asked.start, asked.end))
        if last - first > MOST_NUMBERS:
            return ()
        found = [session.trace.step(Grain.NEURON, index).quantity for index in range(first, last)]
        kinds = PARAMETER_OF.get(asked.kind)
        if kinds is not None and kinds.is_matrix and session.convention.weights != "units_first":
            found.sort(key=lambda quantity: (quantity.source or 0, quantity.unit or 0))
    return tuple(found) if all(math.isfinite(_value(session, quantity)) for quantity in found) else ()


def _value(session: Session, quantity: Quantity) -> float:
    value = value_of(session.record, quantity)
    assert isinstance(value, float)
    return value


def _verdict(session: Session, asked: Question, text: str) -> AnswerVerdict:
    """Return the verdict on an answer; among several numbers, the first wrong one is explained."""
    from nnviz.debugger.finder.pasted import PasteError
    from nnviz.debugger.quiz.answer_slips import explain
    from nnviz.debugger.quiz.answers import decimals_of, judge, read_answer  # imported late to keep the start-up fast

    count = len(asked.items)
    try:
        numbers = read_answer(text, count)
    except PasteError as error:
        return AnswerVerdict(State.UNREAD, text, expected=count, reason=str(error))
    if len(numbers) != count:
        words = f"expected {count} numbers" if count > 1 else "expected one number"
        return AnswerVerdict(State.UNREAD, text, expected=count, reason=f"{words}, found {len(numbers)}")
    values = [_value(session, item) * session.form.factor(item) for item in asked.items]
    states = [judge(value, number) for value, number in zip(values, numbers, strict=True)]
    for worst in (State.WRONG, State.SHORT, State.CUT, State.RIGHT):
        if worst in states:
            break
    entry = states.index(worst)
    slip = explain(session, asked.items[entry], numbers[entry]) if worst is State.WRONG else None
    return AnswerVerdict(
        worst,
        text.strip(),
        decimals=decimals_of(numbers[entry]),
        entry=entry,
        wrong=states.count(State.WRONG),
        expected=count,
        slip=slip,
    )


def _reveal_step(session: Session, now: Prediction, asked: Question, verdict: AnswerVerdict, outcome: str) -> Session:
    """Take the step that was asked for, and count the outcome; once for each step of a pass."""
    score, counted = now.score, now.counted
    if asked.step.end not in counted:
        score = add_to_score(score, str(asked.step.kind), **{outcome: True})
    after_step = replace(session, position=asked.step.end)
    after = Prediction(
        score,
        now.skips_trivial,
        question_place(after_step),
        is_revealed=True,
        attempts=now.attempts,
        hints=MOST_HINTS,
        verdict=verdict,
        counted=counted | {asked.step.end},
    )
    return replace(after_step, predicting=after)


def _to_question(session: Session, position: int) -> Session:
    """Return the session at the next question after a position, or at the end of the pass if there is none."""
    from nnviz.debugger.quiz.answer_slips import is_trivial  # imported late to keep the start-up fast

    for _ in range(_MOST_SKIPPED):
        moved = replace(session, position=position)
        now = session.predicting
        assert now is not None
        fresh = replace(now.at(question_place(moved)), is_revealed=False, verdict=None, attempts=(), hints=0)
        moved = replace(moved, predicting=fresh)
        asked = moved.asked
        if asked is None:
            return moved
        items = _items(moved, asked)
        if items and not (now.skips_trivial and all(is_trivial(moved, item) for item in items)):
            return moved
        position = asked.end
    return moved


def _finer(session: Session) -> Session:
    """Ask for the parts of the present question."""
    if session.asked is None or session.grain is Grain.TERM:
        return session
    return _to_question(replace(session, grain=Grain(session.grain + 1)), session.position)


def _coarser(session: Session) -> Session:
    """Ask for the value that the present question is a part of."""
    if session.asked is None or session.grain <= Grain.LAYER:
        return session
    return _to_question(replace(session, grain=Grain(session.grain - 1)), session.position)
