"""The comments of a script: its origin, and the conventions of its document."""

from __future__ import annotations

import json

from nnviz.debugger.state.session import Session
from nnviz.formats.worked_steps import network_text
from nnviz.present.core.voice import Voice
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.words.captions import parameters_noun
from nnviz.tracing.steps import Phase

_PHASES = {
    Phase.FORWARD: "Forward pass: from the inputs to the outputs",
    Phase.ERROR: "Error: the outputs compared with the targets",
    Phase.BACKWARD: "Backward pass: the derivative of the error with respect to each number",
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
        "# Prints every number with its symbol, one per line, in the order of computation.",
        "# Needs Python 3.10 and NumPy 1.24, or newer.",
    ]


def phase_comment(phase: Phase, voice: Voice, is_first: bool) -> list[str]:
    """Return the comment above the lines of a phase; the first time, it states the conventions of the document."""
    conventions = {Phase.BACKWARD: _backward_conventions, Phase.UPDATE: _update_conventions}.get(phase)
    title = f"Update: the new {parameters_noun(voice.record)}" if phase is Phase.UPDATE else _PHASES[phase]
    return [f"# {text}" for text in (title, *(conventions(voice) if conventions and is_first else ()))]


def _backward_conventions(voice: Voice) -> list[str]:
    record = voice.record
    lines: list[str] = []
    if voice.negates_gradient:
        what = "reward" if voice.shows_reward else "error"
        lines.append(f"Derivatives have the opposite sign: they are minus those of the {what}.")
    elif voice.shows_reward:
        lines.append("Derivatives are those of the reward, for gradient ascent.")
    if comment := CONVENTION_TEXTS["slope", record.convention.slope].comment:
        lines.append(comment)
    if voice.gradients_as_changes:
        lines.append("A gradient is written as the change that it makes, which includes the learning rate.")
    if len(record.examples) > 1:
        made = "averaged" if record.rule.reduce == "mean" else "summed"
        lines.append(f"The gradients of the examples are {made}.")
    return lines


def _update_conventions(voice: Voice) -> list[str]:
    lines: list[str] = []
    if voice.record.convention.update == "sequential":
        lines.append("A layer is updated before the error is back-propagated through it.")
    if voice.record.convention.step == "uphill":
        lines.append("The sign of the update is wrong: the step goes along the gradient of the error.")
    return lines


def one_line(text: str) -> str:
    """Return a text on one line for a comment, whatever characters a lesson file has."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def quoted(text: str) -> str:
    """Return a text as Python source code."""
    return json.dumps(text, ensure_ascii=not text.isprintable())
