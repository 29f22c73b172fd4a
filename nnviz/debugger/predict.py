"""Predict, then reveal: the next value is asked for before it is shown, an answer is judged, and the score is kept."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from nnviz.debugger.commands import Move, step
from nnviz.debugger.prediction import MOST_HINTS, Prediction, Score, State, Verdict, Where, add_to_score
from nnviz.debugger.session import Session, next_pass
from nnviz.trace.steps import PARAMETER_OF, Grain, Quantity, Step
from nnviz.trace.values import value_of

# A vector or matrix of more numbers is not asked for.
MOST_ASKED = 8
# How far ahead a question is looked for: there is always one, unless the lesson has nothing to work out.
_MOST_SKIPPED = 100_000


@dataclass(frozen=True)
class Question:
    """The step that is asked for, and its numbers in the order in which the document writes them."""

    step: Step
    items: tuple[Quantity, ...]


def start(session: Session, score: Score = (), *, skips_trivial: bool = True) -> Session:
    """Begin to predict, from here on; at the grain of a whole pass, neuron by neuron."""
    grain = Grain.NEURON if session.grain is Grain.PASS else session.grain
    return _to_question(replace(session, grain=grain, predicting=Prediction(score, skips_trivial)), session.position)


def stop(session: Session) -> Session:
    """Walk on without being asked."""
    return replace(session, predicting=None)


def state(session: Session) -> Prediction | None:
    """What has been said at the session's place; None where nothing is predicted."""
    return None if session.predicting is None else session.predicting.at(where(session))


def where(session: Session) -> Where:
    """The place of the session's question."""
    return Where(session.trace, session.grain, session.position)


def question(session: Session) -> Question | None:
    """What is asked; None between two questions, at the end of a pass, and where too much would be asked for."""
    asked = session.asked
    if asked is None:
        return None
    items = _items(session, asked)
    return Question(asked, items) if items else None


def answer(session: Session, text: str) -> Session:
    """Judge an answer. A right one is told: the step is taken, and the next question waits to be asked for."""
    asked, now = question(session), state(session)
    if asked is None or now is None:
        return session
    verdict = _verdict(session, asked, text)
    if verdict.state in (State.RIGHT, State.CUT):
        outcome = "later" if now.attempts else "first"
        return _tell(session, now, asked, verdict, outcome)
    attempts = (*now.attempts, text) if verdict.state is State.WRONG else now.attempts
    return replace(session, predicting=replace(now, attempts=attempts, verdict=verdict))


def hint(session: Session) -> Session:
    """One hint more: the formula in symbols, then with its numbers."""
    now = state(session)
    if question(session) is None or now is None or now.hints >= MOST_HINTS:
        return session
    return replace(session, predicting=replace(now, hints=now.hints + 1))


def reveal(session: Session) -> Session:
    """Show the value; the next question waits to be asked for."""
    asked, now = question(session), state(session)
    if asked is None or now is None:
        return session
    return _tell(session, now, asked, Verdict(State.REVEALED), "revealed")


def skip(session: Session) -> Session:
    """Take the step without counting it, and ask for the next."""
    asked = session.asked
    return session if asked is None else _to_question(session, asked.end)


def go_on(session: Session) -> Session:
    """Ask for the next value; one that is asked for is shown first, which counts as revealed."""
    if session.predicting is None:
        return step(session)
    told = reveal(session)
    if told.asked is not None:  # it could not be asked for
        return skip(told)
    following = next_pass(told) if told.at_end else told
    return _to_question(following, following.position)


def guided(command: str, move: Move) -> Move:
    """What a command of the debugger does while values are predicted: it shows nothing that is asked for by the way."""
    return {"step": go_on, "into": _finer, "out": _coarser}.get(command, move)


def reset_score(session: Session) -> Session:
    """Forget the score."""
    return session if session.predicting is None else replace(session, predicting=replace(session.predicting, score=()))


def set_skipping(session: Session, on: bool) -> Session:
    """Whether what needs no arithmetic is left out."""
    if session.predicting is None:
        return session
    return replace(session, predicting=replace(session.predicting, skips_trivial=on))


def _items(session: Session, asked: Step) -> tuple[Quantity, ...]:
    """The numbers of a step; none where they are too many, or no numbers that can be written down."""
    if asked.grain >= Grain.NEURON:
        found = [asked.quantity]
    else:
        first, last = (session.trace.count(Grain.NEURON, position) for position in (asked.start, asked.end))
        if last - first > MOST_ASKED:
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


def _verdict(session: Session, asked: Question, text: str) -> Verdict:
    """What is said of an answer; of several numbers the first wrong one is explained."""
    from nnviz.debugger.answers import decimals_of, judge, read_answer  # not at the start, which it would delay
    from nnviz.debugger.pasted import PasteError
    from nnviz.debugger.slips import explain

    count = len(asked.items)
    try:
        numbers = read_answer(text, count)
    except PasteError as error:
        return Verdict(State.UNREAD, text, asked=count, reason=str(error))
    if len(numbers) != count:
        words = f"{count} numbers are asked for" if count > 1 else "one number is asked for"
        return Verdict(State.UNREAD, text, asked=count, reason=f"{words}; that is {len(numbers)}")
    told = [_value(session, item) * session.form.factor(item) for item in asked.items]
    states = [judge(value, number) for value, number in zip(told, numbers, strict=True)]
    for worst in (State.WRONG, State.SHORT, State.CUT, State.RIGHT):
        if worst in states:
            break
    entry = states.index(worst)
    slip = explain(session, asked.items[entry], numbers[entry]) if worst is State.WRONG else None
    return Verdict(
        worst,
        text.strip(),
        decimals=decimals_of(numbers[entry]),
        entry=entry,
        wrong=states.count(State.WRONG),
        asked=count,
        slip=slip,
    )


def _tell(session: Session, now: Prediction, asked: Question, verdict: Verdict, outcome: str) -> Session:
    """Take the step that was asked for, and count how it was found; once for each step of a pass."""
    score, counted = now.score, now.counted
    if asked.step.end not in counted:
        score = add_to_score(score, str(asked.step.kind), **{outcome: True})
    told = replace(session, position=asked.step.end)
    after = Prediction(
        score,
        now.skips_trivial,
        where(told),
        is_told=True,
        attempts=now.attempts,
        hints=MOST_HINTS,
        verdict=verdict,
        counted=counted | {asked.step.end},
    )
    return replace(told, predicting=after)


def _to_question(session: Session, position: int) -> Session:
    """The session at the next question from a position on; at the end of the pass where there is none before."""
    from nnviz.debugger.slips import is_trivial  # not at the start, which it would delay

    for _ in range(_MOST_SKIPPED):
        moved = replace(session, position=position)
        now = session.predicting
        assert now is not None
        fresh = replace(now.at(where(moved)), is_told=False, verdict=None, attempts=(), hints=0)
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
    """Ask for the parts of what is asked for."""
    if session.asked is None or session.grain is Grain.TERM:
        return session
    return _to_question(replace(session, grain=Grain(session.grain + 1)), session.position)


def _coarser(session: Session) -> Session:
    """Ask for what the value asked for is a part of."""
    if session.asked is None or session.grain <= Grain.LAYER:
        return session
    return _to_question(replace(session, grain=Grain(session.grain - 1)), session.position)
