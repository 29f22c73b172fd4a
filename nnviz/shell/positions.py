"""The places in a pass that a text names: numbers of steps, or names of values."""

from __future__ import annotations

import re
from dataclasses import replace

from nnviz.debugger.state.session import Session
from nnviz.present.stage.figure import MOST_PANELS
from nnviz.shell.arguments import known_position
from nnviz.shell.shell import ShellError

_COMMA = re.compile(r",(?![^\[]*\])")  # outside of brackets, so that W[1,2] is one place
_RANGE = re.compile(r"(\d+)\s*[-–]\s*(\d+)", re.ASCII)


def sessions_at(session: Session, at: str) -> tuple[Session, ...]:
    """Return the session at each of the places in a text: "3, 7, 12", "3-7", "s[1], W[1,2], 12". Raises ShellError."""
    return tuple(session_at(session, place) for part in _COMMA.split(at) for place in _places(part.strip()))


def _places(part: str) -> tuple[str, ...]:
    """Return the numbers of a range, or else the one place."""
    found = _RANGE.fullmatch(part)
    if found is None:
        return (part,)
    first, last = int(found[1]), int(found[2])
    if first >= last or last - first >= MOST_PANELS:
        raise ShellError(f"{part}: a range is written as 3-7, of at most {MOST_PANELS} steps")
    return tuple(str(number) for number in range(first, last + 1))


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
