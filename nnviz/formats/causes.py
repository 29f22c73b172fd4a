"""Why printed figures differ from a pass: worked out from rounded numbers, one slip, or an earlier wrong figure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nnviz.debugger.finder.near_misses import rounded_passes
from nnviz.debugger.finder.pass_program import PassProgram, StepEdit, program_of
from nnviz.debugger.finder.pasted import PasteError
from nnviz.debugger.finder.search import find
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import count_of
from nnviz.lessons.lesson import PrintedFigure
from nnviz.present.core.printed import Match, agrees, is_truncated, own_voice
from nnviz.present.finding.finder_text import shared_slip
from nnviz.tables.numerals import read_numeral

DECIMALS = (9, 8, 7, 6, 5, 4, 3, 2, 1)
FEWEST_UNITS = 30  # of its last digit: with fewer, rounded numbers would explain almost anything
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


def by_cause(session: Session, wrong: Sequence[Match]) -> Iterator[CausedMatch]:
    """Yield the wrong figures of a pass, each cause before what follows from it, in the order of the pass."""
    rounded = dict(_rounded(session, wrong))
    yield from (CausedMatch(match, rounded[at], is_rounded=True) for at, match in enumerate(wrong) if at in rounded)
    left = [match for at, match in enumerate(wrong) if at not in rounded]
    program = program_of(session.record)
    if program is None or not left:
        yield from (CausedMatch(match) for match in left)
        return
    slip, explained = _slip(session, left)
    edits: dict[int, StepEdit] = {}
    causes: list[PrintedFigure] = []
    ordered = sorted(left, key=lambda match: program.index.get(match.quantity, -1))
    for match in ordered:
        cause = None if match.figure in explained else _follows(session, program, match, edits, causes)
        if cause is None:
            causes.append(match.figure)
            place = program.index.get(match.quantity)
            if place is not None:
                edits[place] = _fixed(_raw(session, match))
        yield CausedMatch(match, slip if match.figure in explained else "", cause)


def _rounded(session: Session, wrong: Sequence[Match]) -> Iterator[tuple[int, str]]:
    """Yield which figures agree with a pass of rounded numbers, and how they were rounded."""
    voice, found = own_voice(session), set[int]()
    for name, decimals, values in rounded_passes(session.trace, DECIMALS):
        for at, match in enumerate(wrong):
            numeral = read_numeral(match.figure.value)
            value = values.get(match.quantity)
            if at in found or value is None or abs(numeral.value) < FEWEST_UNITS * numeral.unit:
                continue
            shown = value * voice.form.factor(match.quantity)
            if agrees(shown, match.figure.value) or is_truncated(shown, match.figure.value):
                found.add(at)
                yield at, _ROUNDED[name].format(count_of(decimals, "decimal"))


def _slip(session: Session, wrong: Sequence[Match]) -> tuple[str, set[PrintedFigure]]:
    """Return the one slip that explains several wrong figures, in words, and which figures these are."""
    try:
        result = find(session, " ; ".join(match.figure.value for match in wrong))
    except PasteError:
        return "", set()
    if len(result.paste.numbers) != len(wrong):
        return "", set()
    phrase, explained = shared_slip(session, result)
    return phrase, {wrong[place].figure for place in explained}


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


def _fixed(value: float) -> StepEdit:
    return lambda look, node, values: value
