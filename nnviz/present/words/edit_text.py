"""Edits in words: the names of editable numbers and of changes that can be undone, and a summary of all edits."""

from __future__ import annotations

from collections import Counter

from nnviz.debugger.edits import value_at
from nnviz.debugger.state.edit import Spot
from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import voice_of
from nnviz.present.runs.run_book import recipe_of
from nnviz.present.runs.run_names import describe
from nnviz.present.text.numbers import MINUS, marked, typed
from nnviz.tracing.steps import PARAMETER_OF, Kind

SIGNIFICANT = 6  # digits of a number in the field that changes it
_KINDS = ("weight", "bias", "input", "target")
_PLURALS = {"bias": "biases"}


def spot_name(session: Session, spot: Spot) -> str:
    """Return the name of a number in the lesson's symbols: w₁₂."""
    return "rate" if spot.quantity is None else voice_of(session).text(spot.quantity)


def number_text(value: float) -> str:
    """Return a number with all its digits, as it is typed."""
    return typed(value).replace("-", MINUS)


def short_number_text(value: float) -> str:
    """Return a number with at most six significant digits, as it is typed."""
    return number_text(float(f"{value:.{SIGNIFICANT}g}"))


def edit_name(session: Session, spot: Spot, value: float) -> str:
    """Return the name of an edit: w₁₂ = 0.5."""
    return f"{spot_name(session, spot)} = {number_text(value)}"


def spot_text(session: Session, spot: Spot) -> str:
    """Return the number at a spot, with at most six significant digits."""
    return marked(short_number_text(value_at(session, spot)))


def exact_spot_text(session: Session, spot: Spot) -> str:
    """Return the number at a spot with all its digits if they are more than `spot_text` has, else an empty text."""
    exact = marked(number_text(value_at(session, spot)))
    return "" if exact == spot_text(session, spot) else exact


def change_entry(session: Session, spot: Spot) -> str:
    """Return the menu entry that changes a number."""
    return f"Change {spot_name(session, spot)}…"


def edits_text(session: Session) -> str:
    """Return the counts of edited numbers: “2 weights, 1 input”; empty if there are none."""
    counts = Counter(_kind_of(spot) for spot in {edit.spot for edit in session.edits})
    return ", ".join(_counted(counts[kind], kind) for kind in _KINDS if counts[kind])


def edit_names(session: Session) -> tuple[str, ...]:
    """Return the name of each edit of a session."""
    return tuple(edit_name(session, edit.spot, edit.value) for edit in session.edits)


def change_name(before: Session, after: Session) -> str:
    """Return the name of a choice: “update sequential”, “rate 0.5”."""
    names = [set(describe(recipe_of(s.lesson, s.training, s.convention))) for s in (before, after)]
    words = [
        part
        for part in describe(recipe_of(after.lesson, after.training, after.convention))
        if part in names[1] - names[0]
    ]
    if after.loss != before.loss:
        words.append(after.loss.replace("_", " "))
    if after.convention.delta != before.convention.delta:
        words.append("sign of δ")
    if after.convention.weights != before.convention.weights:
        words.append("matrices")
    if after.notation.first_layer != before.notation.first_layer:
        words.append(f"layers from {after.notation.first_layer}")
    return ", ".join(words) or "choice"


def _kind_of(spot: Spot) -> str:
    assert spot.quantity is not None
    kind = spot.quantity.kind
    if kind in (Kind.INPUT, Kind.TARGET):
        return "input" if kind is Kind.INPUT else "target"
    return "weight" if PARAMETER_OF[kind].is_matrix else "bias"


def _counted(count: int, word: str) -> str:
    return f"{count} {word if count == 1 else _PLURALS.get(word, word + 's')}"
