"""The questions that the shell prints while the user predicts: the step and the question, never the value."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.quiz.predict import prediction_here, question
from nnviz.debugger.state.session import Session
from nnviz.present.words.quiz_text import asked_formula, asking
from nnviz.shell.output import formula_line, place_text


def question_lines(session: Session) -> Iterator[str]:
    """Yield the lines of the question: its step, the hints taken, and the text; none if the user does not predict."""
    shown, asked = asking(session), question(session)
    if shown is None:
        return
    if asked is not None:
        yield place_text(session, asked.step)
        yield from hint_lines(session)
    yield shown.text


def hint_lines(session: Session) -> Iterator[str]:
    """Yield the formula of the value to predict, as far as the hints show it."""
    now, asked = prediction_here(session), question(session)
    if now is not None and asked is not None and now.hints:
        yield f"  {formula_line(asked_formula(session, asked.step))}"
