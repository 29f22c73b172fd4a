"""A pass as numbered steps: each with a title, a sentence, and one equation for each of its numbers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import is_frozen
from nnviz.formats.tex import unmarked
from nnviz.formats.worksheet.sheet import (
    Block,
    Equation,
    Line,
    Math,
    Note,
    NumberedStep,
    Paragraph,
    SheetHeading,
    line_of,
    words,
)
from nnviz.formats.worksheet.short_numbers import short_sides
from nnviz.formats.worksheet.step_sentences import step_sentence, step_title
from nnviz.lessons.lesson import Erratum
from nnviz.present.core.printed import CONVENTION, DIFFERS, Match, figure_text, matches
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.formula.sums import MOST_TERMS
from nnviz.present.text.plain_text import linear
from nnviz.present.words.printed_places import is_at_place, place_of_erratum
from nnviz.tracing.groups import update_terms
from nnviz.tracing.provenance import is_softmax, operands_of
from nnviz.tracing.steps import NEW_KINDS, PARAMETER_OF, Grain, Kind, Phase, Quantity, Step

_ELSE = r"\text{, else }"
_CASES = re.compile(r"(.*) \\text\{ if \} (.*) > 0\\text\{, else \}(.*)")
_NOT_POSITIVE = r"\leq"
MOST_EQUATIONS = 12  # of one step; of more, the first ones and the last are shown
SHOWN_OF_MANY = 3
PHASES = {
    Phase.FORWARD: "Forward pass",
    Phase.ERROR: "Error",
    Phase.BACKWARD: "Backward pass",
    Phase.UPDATE: "Update",
}


@dataclass(frozen=True, kw_only=True)
class SolutionForm:
    """How a solution is written: with blanks for the results, and the points of each step (None: one a result).

    `has_notes` adds printed results and errata as footnotes.
    """

    blanks: bool = False
    points: int | None = None
    has_notes: bool = True


def solution_blocks(session: Session, form: SolutionForm) -> tuple[Block, ...]:
    """Return the steps of a pass under the headings of its phases."""
    return tuple(_blocks(session, form))


def points_of(blocks: tuple[Block, ...]) -> int:
    """Return the sum of the points of all steps."""
    return sum(block.points for block in blocks if isinstance(block, NumberedStep))


def _blocks(session: Session, form: SolutionForm) -> Iterator[Block]:
    remarks = _Remarks(session) if form.has_notes and not form.blanks else None
    number = 0
    for phase, of_phase in groupby(session.trace.at(Grain.NEURON), key=lambda step: step.phase):
        is_titled = False
        for _, run in groupby(of_phase, key=_group):
            steps = list(run)
            if _is_repeated(session, steps[0]):
                if remarks is not None:
                    remarks.keep(steps)
                continue
            if not is_titled:
                yield SheetHeading(PHASES[phase])
                is_titled = True
            for each in (*_terms_of(session, steps), steps):
                number += 1
                yield _numbered(session, form, number, each, remarks)
    if remarks is not None:
        yield from remarks.rest()


def _terms_of(session: Session, steps: list[Step]) -> Iterable[list[Step]]:
    """Return the terms of new parameters, kind by kind: the adjusted gradients and the memory of an optimizer."""
    record, found = session.record, dict[tuple[Kind, int | None], list[Step]]()
    for step in steps if steps[0].kind in NEW_KINDS else ():
        q, name = step.quantity, PARAMETER_OF[step.kind].name
        assert q.layer is not None
        for kind, slot in () if is_frozen(record.convention, name, q.layer) else update_terms(record, name, q.layer):
            term = Quantity(kind, q.layer, q.unit, q.source, slot=slot, of=name)
            found.setdefault((kind, slot), []).append(replace(step, grain=Grain.TERM, quantity=term))
    return found.values()


def _group(step: Step) -> tuple[object, ...]:
    """Return what the equations of one numbered step have in common."""
    q, kinds = step.quantity, PARAMETER_OF.get(step.kind)
    if kinds is None:
        return (step.kind, q.layer, q.time)
    return ("new" if step.kind is kinds.new else "gradient", q.layer, q.time)


def _is_repeated(session: Session, step: Step) -> bool:
    """Return whether another step contains this one: the error of a single output, or a part of its error term."""
    record, voice, q = session.record, voice_of(session), step.quantity
    if step.kind is Kind.ERROR:
        return record.architecture.sizes[-1] == 1 and not record.architecture.is_recurrent
    if step.kind is not Kind.DE_DA or session.notation.chain_rule or is_softmax(record, q.layer or 0):
        return False
    return not voice.code(q) and len(operands_of(session.trace, q)) <= 2 * MOST_TERMS


def _numbered(
    session: Session, form: SolutionForm, number: int, steps: list[Step], remarks: _Remarks | None
) -> NumberedStep:
    shown, skipped = steps, 0
    if len(steps) > MOST_EQUATIONS:
        shown, skipped = [*steps[:SHOWN_OF_MANY], steps[-1]], len(steps) - SHOWN_OF_MANY - 1
    kinds = PARAMETER_OF.get(steps[0].kind)
    is_sum = kinds is not None and steps[0].kind is kinds.gradient and len(session.record.examples) > 1
    blanks = form.blanks and not is_sum
    equations = tuple(_equation(session, step, blanks, form.blanks and is_sum, remarks) for step in shown)
    sentence = step_sentence(session, steps[0])
    if form.blanks and is_sum:
        sentence = (*sentence, *words(" These sums are given, since they need all examples of the batch."))
    points = 0
    if blanks:
        points = len(equations) if form.points is None else form.points
    notes = remarks.pending() if remarks is not None else ()
    return NumberedStep(
        number=number,
        title=step_title(voice_of(session), steps[0], len(steps)),
        sentence=sentence,
        equations=equations,
        skipped=skipped,
        points=points,
        notes=notes,
    )


def _equation(session: Session, step: Step, is_blank: bool, is_given: bool, remarks: _Remarks | None) -> Equation:
    """Return the equation of one number; of a given one without the numbers that it is made of."""
    written = formula(session.trace, step, voice_of(session))
    symbol, symbols = unmarked(written.symbol), unmarked(written.symbols)
    numbers, result = short_sides(written)
    numbers = "" if is_given else numbers
    reason = ""
    if not is_blank and _ELSE in numbers:
        symbols, numbers, reason = _chosen_case(symbols, numbers)
    return Equation(
        symbol=symbol,
        relation=written.relation,
        symbols="" if linear(symbols) in (linear(symbol), linear(result)) else symbols,
        numbers=numbers,
        result=result,
        notes=remarks.of(step) if remarks is not None else (),
        is_blank=is_blank,
        reason=reason,
    )


def _chosen_case(symbols: str, numbers: str) -> tuple[str, str, str]:
    """Return the case of a formula by cases that applies, in symbols and with numbers, and the reason in TeX."""
    (case, condition, other), (numbered, value, numbered_other) = (_CASES.findall(tex)[0] for tex in (symbols, numbers))
    is_positive = not value.startswith("-") and value != "0"
    reason = rf"\quad \text{{since }} {condition} = {value} {'>' if is_positive else _NOT_POSITIVE} 0"
    if condition == value:
        reason = ""
    return (case, numbered, reason) if is_positive else (other, numbered_other, reason)


class _Remarks:
    """The printed results and errata of a lesson, each of which is a footnote once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._errata = list(session.lesson.errata)
        self._kept: list[Note] = []

    def of(self, step: Step) -> tuple[Note, ...]:
        """Return the footnotes of a step."""
        notes = [Note(words(_printed_text(match))) for match in matches(self._session, step)]
        for erratum in list(self._errata):
            place = place_of_erratum(erratum)
            if place is not None and is_at_place(self._session, step, place):
                self._errata.remove(erratum)
                notes.append(Note(erratum_line(erratum)))
        return tuple(notes)

    def keep(self, steps: list[Step]) -> None:
        """Keep the footnotes of steps that are not written, for the next one."""
        for step in steps:
            self._kept += self.of(step)

    def pending(self) -> tuple[Note, ...]:
        """Return the kept footnotes, and forget them."""
        notes, self._kept = tuple(self._kept), []
        return notes

    def rest(self) -> Iterator[Block]:
        """Yield the errata that belong to no step."""
        if self._errata:
            yield SheetHeading("Errata")
            for erratum in self._errata:
                yield Paragraph(erratum_line(erratum))


def _printed_text(match: Match) -> str:
    text = figure_text(match.figure)
    if match.state == DIFFERS:
        return f"The document prints {text}, which differs."
    if match.state == CONVENTION:
        return f"The document prints {text}: the value {match.explanation}."
    return f"The document prints {text}."


def erratum_line(erratum: Erratum) -> Line:
    """Return an erratum as a line: its place, the formula as printed, and the description."""
    where = f"Erratum, {erratum.where}"
    if erratum.formula:
        return line_of(f"{where}, printed ", Math(erratum.formula), f": {' '.join(erratum.text.split())}")
    return line_of(f"{where}: {' '.join(erratum.text.split())}")


def solved(session: Session) -> Session:
    """Return the session at the end of its pass, and without what covers answers."""
    return replace(session, position=session.trace.end, predicting=None, selection=None)


def unsolved(session: Session) -> Session:
    """Return the session before the first step."""
    return replace(session, position=0, predicting=None, selection=None)
