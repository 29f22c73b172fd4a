"""The comments of a script: its origin, and the conventions of its document."""

from __future__ import annotations

import json

from nnviz.debugger.state.session import Session
from nnviz.formats.worked_steps import network_text
from nnviz.present.core.voice import Voice
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.tracing.steps import Phase

_PHASES = {
    Phase.FORWARD: "Forward: from what enters to what comes out",
    Phase.ERROR: "Error: how far the outputs are off",
    Phase.BACKWARD: "Backward: what each number has to do with the error",
    Phase.UPDATE: "Update: the parameters move",
}


def heading(session: Session) -> list[str]:
    """Return the first lines: the lesson, its source, and the purpose of the script."""
    lesson, record, count = session.lesson, session.record, session.checkpoint.update
    which = f"Example {session.example} of 0 to {len(lesson.dataset) - 1}"
    if len(record.examples) > 1:
        which += f", in a batch of {len(record.examples)}"
    if count:
        which += f", after {count} update{'s' if count > 1 else ''}"
    return [
        *(f"# {one_line(text)}" for text in (lesson.title, lesson.source) if text.strip()),
        "#",
        f"# One pass of a network: {network_text(session)}",
        f"# {which}",
        "#",
        "# Prints every number with its symbol, one a line, in the order in which they become known.",
        "# Needs Python 3.10 and NumPy 1.24, or newer.",
    ]


def phase_comment(phase: Phase, voice: Voice, is_first: bool) -> list[str]:
    """Return the comment above the lines of a phase; the first time, it states the conventions of the document."""
    told = {Phase.BACKWARD: _of_backward, Phase.UPDATE: _of_update}.get(phase)
    return [f"# {text}" for text in (_PHASES[phase], *(told(voice) if told and is_first else ()))]


def _of_backward(voice: Voice) -> list[str]:
    record, told = voice.record, []
    if voice.negates_gradient:
        told.append("Derivatives are told with the opposite sign: they point downhill.")
    elif voice.shows_reward:
        told.append("Derivatives are those of the reward: they point uphill.")
    if comment := CONVENTION_TEXTS["slope", record.convention.slope].comment:
        told.append(comment)
    if voice.gradients_as_changes:
        told.append("A gradient is told as the change that it makes, learning rate included.")
    if len(record.examples) > 1:
        made = "averaged" if record.rule.reduce == "mean" else "summed"
        told.append(f"The gradients of the examples are {made}.")
    return told


def _of_update(voice: Voice) -> list[str]:
    told = []
    if voice.record.convention.update == "sequential":
        told.append("A layer's weights move before anything is carried back through them.")
    if voice.record.convention.step == "uphill":
        told.append("The step goes uphill: the error grows.")
    return told


def one_line(text: str) -> str:
    """Return a text on one line for a comment, whatever characters a lesson file has."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def quoted(text: str) -> str:
    """Return a text as Python source code."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
