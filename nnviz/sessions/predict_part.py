"""The part `predict` of a session file: the score of the session and, while the learner predicts, the question.

The learner's score of a lesson over all sessions has a file of its own, which opening a session does not change.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from nnviz.debugger.quiz.predict import question_place
from nnviz.debugger.state.prediction import (
    MOST_HINTS,
    AnswerVerdict,
    Predicted,
    Prediction,
    Score,
    State,
    score_data,
    tally_of,
)
from nnviz.debugger.state.session import Session
from nnviz.debugger.why import STEP_KINDS
from nnviz.sessions.fields import Field
from nnviz.sessions.session_fields import Saved

NAME = "predict"
MOST_TRIES = 1000
MOST_POSITIONS = 100_000
_TOLD = (State.RIGHT, State.CUT, State.REVEALED)


def predict_data(saved: Saved) -> dict[str, Any] | None:
    """Return the data of the score and the open question; None if nothing was predicted."""
    predicted = saved.parts.get(NAME)
    if not isinstance(predicted, Predicted) or predicted == Predicted():
        return None
    asking = {} if predicted.now is None else {"asking": _asking_data(predicted.now, saved.session)}
    return {"score": score_data(predicted.score)} | asking


def predict_from(saved: Saved, field: Field) -> Saved:
    """Return the session with the predictions of a file. Raises SessionError."""
    table = field.table(("score",), ("asking",))
    now = _asking_from(table["asking"], saved.session) if "asking" in table else None
    return replace(saved, parts={**saved.parts, NAME: Predicted(_score_from(table["score"]), now)})


def _score_from(field: Field) -> Score:
    tallies = []
    for kind, counts in field.entries().items():
        if kind not in STEP_KINDS:
            field.refuse(f"{kind[:30]!r} is not a kind of step")
        try:
            tallies.append((kind, tally_of(counts.value)))
        except ValueError as error:
            counts.refuse(f"the counts {error}")
    return tuple(tallies)


def _asking_data(now: Prediction, session: Session) -> dict[str, Any]:
    """Return the data of the question; of answers only the number of tries."""
    here = now.at(question_place(session))
    return {
        "skips_trivial": here.skips_trivial,
        "told": here.verdict.state if here.is_revealed and here.verdict is not None else None,
        "tries": min(len(here.attempts), MOST_TRIES),
        "hints": here.hints,
        "counted": sorted(here.counted)[-MOST_POSITIONS:],
    }


def _asking_from(field: Field, session: Session) -> Prediction:
    """Read the question at the session's place, without a score."""
    table = field.table(("skips_trivial", "told", "tries", "hints", "counted"))
    verdict = None if table["told"].is_none() else AnswerVerdict(State(table["told"].choice(_TOLD)))
    is_revealed = verdict is not None and session.position > 0
    return Prediction(
        skips_trivial=table["skips_trivial"].flag(),
        where=question_place(session),
        is_revealed=is_revealed,
        attempts=("",) * table["tries"].whole(0, MOST_TRIES),
        hints=table["hints"].whole(0, MOST_HINTS),
        verdict=verdict if is_revealed else None,
        counted=frozenset(item.whole(1) for item in table["counted"].items(MOST_POSITIONS)),
    )
