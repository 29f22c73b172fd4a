"""The place in a pass that a text names: the number of a step, or the name of a value."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.shell.arguments import known_position
from nnviz.shell.shell import ShellError
from nnviz.tracing.steps import Grain


def session_at(session: Session, at: str) -> Session:
    """Return the session at a place of its pass: "12" is after step 12, 0 before the first; `delta_2` when it is known.

    A name at grain neuron of one number shows the step that computes it. Raises ShellError.
    """
    text = at.strip()
    if text.isascii() and text.isdecimal():
        steps = session.trace.length(session.grain)
        if int(text) > steps:
            raise ShellError(f"{text}: the pass has steps 1 to {steps}, and 0 is before the first")
        index = int(text)
        position = 0 if index == 0 else session.trace.step(session.grain, index - 1).end
        return replace(session, position=position)
    return replace(session, position=known_position(session, text))


def pass_end(session: Session) -> Session:
    """Return the session at the end of its pass."""
    return replace(session, position=session.trace.step(Grain.PASS, session.trace.length(Grain.PASS) - 1).end)
