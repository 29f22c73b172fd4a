"""Session files with what was predicted: the score of the session and the open question come back."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from vocabulary import assert_refused

from nnviz.debugger.commands import back, step
from nnviz.debugger.quiz import predict
from nnviz.debugger.state.prediction import Predicted, Prediction, State, Tally, carry_score
from nnviz.debugger.state.session import Session, start_session
from nnviz.debugger.why import STEP_KINDS
from nnviz.lessons.catalog import load
from nnviz.present.words.quiz_text import KINDS, asking
from nnviz.sessions import session_file
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import session_data, session_from, session_of_text, session_text

SCORE = (("z", Tally(5, 3, 1, 1)), ("delta", Tally(3, 1, 0, 2)))


def answer(text: str):
    return lambda session: predict.answer(session, text)


MOVES = {
    "start": predict.start,
    "start with all": lambda s: predict.start(s, skips_trivial=False),
    "stop": predict.stop,
    "right": answer("1"),
    "also right": answer("-2"),
    "wrong": answer("7"),  # of one digit, for which no cause is searched
    "no number": answer("what"),
    "hint": predict.hint,
    "reveal": predict.reveal,
    "skip": predict.skip,
    "go on": predict.next_question,
    "back": back,
    "step": step,
    "into": predict.action_while_predicting("into", step),
}


def again(session: Session) -> tuple[Saved, Session]:
    """What is read of a session that was saved, and the session as the window goes on with it."""
    predicting = session.predicting
    score = () if predicting is None else predicting.score
    saved = session_of_text(session_text(Saved(session, parts={"predict": Predicted(score, predicting)})))
    assert saved.notes == ()
    predicted = saved.parts.get("predict", Predicted())
    assert isinstance(predicted, Predicted)
    now = None if predicted.now is None else replace(predicted.now, score=predicted.score)
    return saved, replace(saved.session, predicting=now)


def said(session: Session) -> tuple[object, ...] | None:
    """All that holds at the session's place, but for the words of answers."""
    now = predict.prediction_here(session)
    if now is None:
        return None
    verdict = now.verdict.state if now.is_revealed else None
    return (now.score, now.skips_trivial, now.is_revealed, len(now.attempts), now.hints, verdict, now.counted)


@settings(max_examples=60)
@given(st.sampled_from(["koehn", "krzeminski-rnn", "softmax"]), st.lists(st.sampled_from(sorted(MOVES)), max_size=20))
def test_the_question_and_the_score_come_back(name, moves):
    session = start_session(load(name))
    for move in moves:
        if session.predicting is not None or move in ("start", "start with all", "step", "back"):
            session = MOVES[move](session)
    saved, opened = again(session)
    assert said(opened) == said(session)
    assert opened.asked == session.asked
    assert predict.question(opened) == predict.question(session)
    for go_on in (answer("0.7"), predict.reveal, back, predict.next_question):
        if session.predicting is not None:
            session, opened = go_on(session), go_on(opened)
            assert said(opened) == said(session)
            assert opened.asked == session.asked
    assert session_data(saved) == json.loads(session_text(saved))


def test_a_value_that_was_told_is_told_again():
    session = answer("1")(predict.start(start_session(load("koehn"))))
    _, opened = again(session)
    assert asking(opened) == asking(session)
    assert asking(opened).text == "✓ Correct: s₁ = 1.0"
    assert predict.prediction_here(opened).verdict.state is State.RIGHT


def test_what_was_shown_before_the_session_was_saved_does_not_count_after_it():
    session = predict.reveal(predict.start(start_session(load("koehn"))))
    _, opened = again(back(session))
    assert answer("1")(opened).predicting.score == session.predicting.score


@pytest.mark.parametrize("wrong", ["7", "0.123456"])
def test_a_second_try_stays_a_second_try(wrong):
    session = answer(wrong)(predict.start(start_session(load("koehn"))))
    _, opened = again(session)
    assert dict(answer("1")(opened).predicting.score) == {"z": Tally(1, 0, 1)}


def test_the_score_is_kept_where_nothing_is_asked_for():
    session = start_session(load("koehn"))
    data = session_data(Saved(session, parts={"predict": Predicted(SCORE)}))
    assert "asking" not in data["predict"]
    assert session_from(data).parts["predict"] == Predicted(SCORE)
    assert "predict" not in session_data(Saved(session, parts={"predict": Predicted()}))


def test_an_nnviz_that_does_not_know_the_part_keeps_it():
    session = predict.start(start_session(load("koehn")))
    data = session_data(Saved(session, parts={"predict": Predicted(SCORE, session.predicting)}))
    older = session_from(json.loads(json.dumps(data)), session_file.PARTS[:1])
    assert older.notes == ("kept but not shown, because this version of nnviz does not know it: predict",)
    written = session_data(older, session_file.PARTS[:1])
    assert session_from(written).parts["predict"].score == SCORE


FAULTS = [
    (("score",), [], "predict.score: must be a table"),
    (("score", "x"), {}, "predict.score: 'x' is not a kind of step"),
    (("score", "z", "asked"), 9, "predict.score.z: the counts do not add up"),
    (("score", "z", "first"), -1, "predict.score.z: the counts cannot be read"),
    (("score", "z", "right"), 1, "predict.score.z: the counts cannot be read"),
    (("score", "z"), 3, "predict.score.z: the counts cannot be read"),
    (("asking", "told"), "wrong", "predict.asking.told: 'wrong' is not one of"),
    (("asking", "tries"), 10**9, "predict.asking.tries: must be from 0 to 1000, not 1000000000"),
    (("asking", "hints"), 3, "predict.asking.hints: must be from 0 to 2, not 3"),
    (("asking", "counted"), [0], "predict.asking.counted[1]: must be from 1"),
    (("asking", "counted"), None, "predict.asking.counted: must be a list"),
    (("asking", "skips_trivial"), 1, "predict.asking.skips_trivial: must be true or false"),
    (("asking", "more"), 1, "predict.asking.more: unknown"),
    (("scores",), 1, "predict.scores: unknown"),
]


@pytest.mark.parametrize(("path", "value", "message"), FAULTS)
def test_a_mistake_is_one_clear_line(path, value, message):
    session = predict.start(start_session(load("koehn")))
    data = json.loads(session_text(Saved(session, parts={"predict": Predicted(SCORE, session.predicting)})))
    assert_refused(data, ("predict", *path), value, message)


def test_what_can_be_asked_for_has_words():
    assert set(STEP_KINDS) <= set(map(str, KINDS))


# The score of one session beside the learner's own


def test_a_score_grows_by_what_another_has_grown_by():
    own = (("z", Tally(9, 9)), ("a", Tally(1, 1)))
    after = (("z", Tally(10, 9, 1)), ("a", Tally(1, 1)), ("delta", Tally(1, 0, 0, 1)))
    assert carry_score((("z", Tally(2, 2)),), own, after) == (("z", Tally(3, 2, 1)), ("delta", Tally(1, 0, 0, 1)))
    assert carry_score(SCORE, own, own) == SCORE
    assert carry_score(SCORE, own, ()) == ()
    assert carry_score((), (), own) == own


def test_a_prediction_elsewhere_is_a_question_without_anything_said():
    session = answer("7")(predict.start(start_session(load("koehn"))))
    moved = replace(session, position=session.position + 4)
    _, opened = again(moved)
    assert predict.prediction_here(opened).attempts == ()
    assert isinstance(opened.predicting, Prediction)
