"""What the shell says while values are predicted: the question, and where its step stands; never its value."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.cli.shell.told import formula_line, place_text
from nnviz.debugger.predict import question, state
from nnviz.debugger.session import Session
from nnviz.present.asked import asked_formula, asking


def question_lines(session: Session) -> Iterator[str]:
    """The step that is asked for, the hints taken, and the question; nothing where nothing is predicted."""
    shown, asked = asking(session), question(session)
    if shown is None:
        return
    if asked is not None:
        yield place_text(session, asked.step)
        yield from hint_lines(session)
    yield shown.text


def hint_lines(session: Session) -> Iterator[str]:
    """The formula that is asked for, as far as the hints go."""
    now, asked = state(session), question(session)
    if now is not None and asked is not None and now.hints:
        yield f"  {formula_line(asked_formula(session, asked.step))}"
