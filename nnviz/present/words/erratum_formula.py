"""Formulas that are wrong: as the document prints them, struck through, with the correct one beside them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import Convention
from nnviz.present.core.voice import Voice, voice_of
from nnviz.present.formula.step_formula import BESIDE, ROW_SYMBOLS, STRUCK, StepFormula, formula
from nnviz.present.text.plain_text import linear
from nnviz.present.words.printed_places import is_at_place, place_of_erratum
from nnviz.tracing.steps import NEW_KINDS, Kind, Step
from nnviz.tracing.trace import Trace

AS_PRINTED, AS_CHOSEN, CORRECT = "as printed", "as chosen", "correct"
# The choices of a convention that are mistakes, and what is correct instead.
_CORRECT = {"slope": "exact", "step": "downhill", "through_time": "full"}
# The choices on which a lesson's own correct formula of a kind depends.
_DEPENDS = {Kind.SLOPE: ("slope",), Kind.DE_DA: ("through_time", "update")}


@dataclass(frozen=True)
class WrongFormula:
    """A wrong formula and the correct one, as lines of TeX. `tag` says whose the wrong one is: “as printed”.

    `is_used` is true if the numbers of the step follow the wrong one, else they follow the correct one.
    """

    wrong: tuple[str, ...]
    correct: tuple[str, ...]
    tag: str
    is_used: bool

    @property
    def rows(self) -> tuple[str, ...]:
        """Both as lines for the card, the one that the numbers follow at the end."""
        struck = tuple(row if STRUCK in row else rf"{STRUCK}{row}}}" for row in self.wrong)
        marked = (*struck[:-1], f"{struck[-1]}{_tag(self.tag)}")
        if not self.is_used:
            beside = f"{self.correct[0]}{BESIDE}{marked[0]}"
            fits = len(marked) == len(self.correct) == 1 and len(linear(beside)) <= ROW_SYMBOLS
            return (beside,) if fits else (*marked, *self.correct)
        return (*self.correct[:-1], f"{self.correct[-1]}{_tag(CORRECT)}", *marked)

    @property
    def text(self) -> str:
        """Both in one line of plain text."""
        wrong, correct = (linear(" ".join(rows)) for rows in (self.wrong, self.correct))
        said = f"{self.tag}, wrong: {wrong}"
        return f"{said} · {CORRECT}: {correct}" if self.is_used else said


def wrong_formula(session: Session, step: Step, right: StepFormula) -> WrongFormula | None:
    """Return what is wrong with the formula `right` of a step, or with the document's; None if nothing is."""
    return _by_erratum(session, step, right) or _by_convention(session, step, right)


def with_wrong_formula(session: Session, step: Step, shown: StepFormula) -> StepFormula:
    """Return the formula of a step, with the wrong one in its lines if there is one."""
    wrong = wrong_formula(session, step, shown)
    return shown if wrong is None else replace(shown, symbol_rows=wrong.rows)


def _by_erratum(session: Session, step: Step, right: StepFormula) -> WrongFormula | None:
    """Return the formula of an erratum of the lesson, if the document's symbols are shown."""
    lesson, notation = session.lesson, session.notation
    same_symbols = (notation.name, notation.first_layer) == (lesson.notation.name, lesson.notation.first_layer)
    same_rule = step.kind not in NEW_KINDS or session.training.optimizer == lesson.training.optimizer
    if not (same_symbols and same_rule and session.loss == lesson.network.architecture.loss):
        return None
    for erratum in lesson.errata:
        place = place_of_erratum(erratum)
        if not erratum.formula or place is None or not is_at_place(session, step, place):
            continue
        if not erratum.correct:
            return WrongFormula((erratum.formula,), right.symbol_rows, AS_PRINTED, is_used=False)
        if _same(session.convention, lesson.convention, step.kind):
            return WrongFormula((erratum.formula,), (erratum.correct,), AS_PRINTED, is_used=True)
    return None


def _same(one: Convention, other: Convention, kind: Kind) -> bool:
    """Return whether two conventions make the same of a kind of step."""
    names = ("step", "frozen") if kind in NEW_KINDS else _DEPENDS.get(kind, ())
    return all(getattr(one, name) == getattr(other, name) for name in names)


def _by_convention(session: Session, step: Step, shown: StepFormula) -> WrongFormula | None:
    """Return the formula of a step that computes a mistake, of the document or chosen by the user."""
    convention = session.convention
    mistakes: dict[str, Any] = {name: value for name, value in _CORRECT.items() if getattr(convention, name) != value}
    if not mistakes or not shown.symbol_rows:
        return None
    correct = _corrected(session, step, voice_of(session), replace(convention, **mistakes))
    if linear(correct.symbols_line) == linear(shown.symbols_line):
        return None
    lesson = session.lesson.convention
    own = all(getattr(lesson, name) == getattr(convention, name) for name in mistakes)
    return WrongFormula(shown.symbol_rows, correct.symbol_rows, AS_PRINTED if own else AS_CHOSEN, is_used=True)


def _corrected(session: Session, step: Step, voice: Voice, convention: Convention) -> StepFormula:
    """Return the formula of a step under another convention; only its symbols mean anything."""
    record = replace(session.record, convention=convention)
    return formula(Trace(record, session.trace.chain_rule), step, voice.of(record))


def _tag(words: str) -> str:
    return rf"\quad{{\scriptstyle\text{{{words}}}}}"
