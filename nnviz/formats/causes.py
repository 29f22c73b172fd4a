"""Why printed figures differ from a pass: worked out from rounded numbers, one slip, or an earlier wrong figure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnviz.debugger.finder.near_misses import rounded_passes
from nnviz.debugger.finder.pass_program import PassProgram, StepEdit, constant_step, program_of
from nnviz.debugger.finder.pasted import PasteError
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import count_of
from nnviz.lessons.lesson import PrintedFigure
from nnviz.present.core.printed import Match, agrees, is_truncated, own_voice
from nnviz.present.finding.finder_text import shared_slip
from nnviz.tables.numerals import read_numeral

DECIMALS = (9, 8, 7, 6, 5, 4, 3, 2)
MOST_RIGHT = 12  # figures that agree, which a slip has to leave as they are
FEWEST_UNITS = 30  # of its last digit: with fewer, rounded numbers would explain almost anything
# Of many ways to round, one leads to almost any figure that is a few units off, and hardly to one that is far off. A
# single figure between these says nothing.
NEAR, FAR = 5.0, 20.0
_ROUNDED = {
    "operands": "worked out from operands rounded to {}",
    "output": "worked out from an output rounded to {}",
    "activations": "worked out from activations rounded to {}",
    "carried": "worked out from numbers rounded to {}",
}


@dataclass(frozen=True)
class CausedMatch:
    """A figure that differs, and why, if that is known: a reason, or an earlier figure that it follows from."""

    match: Match
    reason: str = ""
    follows: PrintedFigure | None = None
    is_rounded: bool = False


def by_cause(session: Session, wrong: Sequence[Match], right: Sequence[Match] = ()) -> Iterator[CausedMatch]:
    """Yield the wrong figures of a pass in its order, each cause before what follows from it.

    A slip has to leave those that are `right` as they are.
    """
    rounded = _rounded(session, wrong)
    left = [match for at, match in enumerate(wrong) if at not in rounded]
    program = program_of(session.record)
    if program is None:
        yield from (CausedMatch(match, rounded.get(at, ""), is_rounded=at in rounded) for at, match in enumerate(wrong))
        return
    slip, explained = _slip(session, left, right[:MOST_RIGHT])
    edits: dict[int, StepEdit] = {}
    causes: list[PrintedFigure] = []
    for at in sorted(range(len(wrong)), key=lambda at: program.index.get(wrong[at].quantity, -1)):
        match = wrong[at]
        cause = None if match.figure in explained else _follows(session, program, match, edits, causes)
        is_rounded = cause is None and at in rounded
        if cause is None and not is_rounded:
            causes.append(match.figure)
            place = program.index.get(match.quantity)
            if place is not None:
                edits[place] = constant_step(_raw(session, match))
        reason = rounded[at] if is_rounded else slip if match.figure in explained else ""
        yield CausedMatch(match, reason, cause, is_rounded)


def _rounded(session: Session, wrong: Sequence[Match]) -> dict[int, str]:
    """Return which figures agree with a pass of rounded numbers, and how they were rounded."""
    voice = own_voice(session)
    ways: dict[int, list[tuple[str, int]]] = {}
    for name, decimals, values in rounded_passes(session.trace, DECIMALS):
        for at, match in enumerate(wrong):
            numeral = read_numeral(match.figure.value)
            value = values.get(match.quantity)
            if value is None or abs(numeral.value) < FEWEST_UNITS * numeral.unit:
                continue
            shown = value * voice.form.factor(match.quantity)
            if agrees(shown, match.figure.value) or is_truncated(shown, match.figure.value):
                ways.setdefault(at, []).append((name, decimals))
    common = Counter(way for own in ways.values() for way in own)
    found = {}
    for at, own in ways.items():
        name, decimals = max(own, key=lambda way: common[way])
        numeral = read_numeral(wrong[at].figure.value)
        units = abs(wrong[at].value - numeral.value) / numeral.unit
        if common[name, decimals] > 1 or not NEAR < units < FAR:
            found[at] = _ROUNDED[name].format(count_of(decimals, "decimal"))
    return found


def _slip(session: Session, wrong: Sequence[Match], right: Sequence[Match]) -> tuple[str, set[PrintedFigure]]:
    """Return the one slip that explains several wrong figures, in words, and which figures these are."""
    asked = [*wrong, *right]
    try:
        result = find(session, " ; ".join(match.figure.value for match in asked))
    except PasteError:
        return "", set()
    if not wrong or len(result.paste.numbers) != len(asked):
        return "", set()
    phrase, places = shared_slip(session, result)
    explained = {wrong[place].figure for place in places if place < len(wrong)}
    return (phrase, explained) if len(explained) > 1 else ("", set())


def _follows(
    session: Session, program: PassProgram, match: Match, edits: dict[int, StepEdit], causes: Sequence[PrintedFigure]
) -> PrintedFigure | None:
    """Return the earlier figure that a figure follows from, to a unit of its last digit."""
    place = program.index.get(match.quantity)
    changed = program.changed(edits) if edits else {}
    if place is None or place not in changed:
        return None
    numeral = read_numeral(match.figure.value)
    value = changed[place] * own_voice(session).form.factor(match.quantity)
    return causes[-1] if abs(value - numeral.value) < numeral.unit else None


def _raw(session: Session, match: Match) -> float:
    factor = own_voice(session).form.factor(match.quantity)
    return read_numeral(match.figure.value).value / (factor or 1.0)
