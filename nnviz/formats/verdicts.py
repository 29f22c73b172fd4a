"""The verdicts of `nnviz check`: a lesson's printed results, gradients and trace, one line each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from math import isfinite

from nnviz.debugger.state.session import Session, choose_example, start_session
from nnviz.debugger.timeline import go_to_update
from nnviz.engine.conventions import Convention
from nnviz.engine.gradcheck import Difference, check_gradients, largest_difference, parameter_name, sample_parameters
from nnviz.engine.optimizers import warnings_of
from nnviz.engine.record import PassRecord
from nnviz.engine.training import NonFiniteError
from nnviz.formats.causes import CausedMatch, by_cause
from nnviz.lessons.faults import count_of
from nnviz.lessons.lesson import Lesson, PrintedFigure
from nnviz.present.core.printed import (
    CONVENTION,
    EXACT,
    MEASURE_NAMES,
    Match,
    convention_of_figure,
    figure_text,
    match_figure,
    pass_text,
)
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import full
from nnviz.tables.numerals import read_numeral
from nnviz.tracing.audit import audit
from nnviz.tracing.steps import Grain
from nnviz.tracing.trace import Trace

MOST_PARAMETERS = 400
MOST_STEPS = 20_000
MOST_NAMED = 3

# The values of the conventions with which the gradients are those of the loss.
_EXACT = {"slope": "exact", "through_time": "full", "update": "simultaneous"}


@dataclass(frozen=True)
class CheckVerdict:
    """One line about a lesson; `failed` is true for a failure."""

    text: str
    failed: bool = False


def verdicts(lesson: Lesson) -> Iterator[CheckVerdict]:
    """Yield the verdicts on the first pass of a lesson, each as soon as it is known."""
    yield from (CheckVerdict(text) for text in warnings_of(lesson.training.rule()))
    yield from _printed(lesson)
    session = start_session(lesson)
    yield _gradients(session.record)
    yield from _audit(session)


def _printed(lesson: Lesson) -> Iterator[CheckVerdict]:
    """Yield the figures that agree, each as soon as it is known, and then the wrong ones by their causes."""

    @cache
    def session_of(example: int) -> Session:
        return start_session(lesson, example=example)

    runs: dict[Convention, Session] = {}
    wrong: dict[int, tuple[Session, list[Match]]] = {}
    right: dict[int, list[Match]] = {}
    for figure in lesson.printed:
        example = lesson.example if figure.example is None else figure.example
        if figure.update or figure.convention:
            convention = convention_of_figure(lesson, figure)
            run = runs.get(convention) or start_session(replace(lesson, convention=convention))
            try:
                runs[convention] = go_to_update(run, figure.update)
            except NonFiniteError as error:
                yield CheckVerdict(f"{_figure(figure, lesson)}: its pass is not reached; {error}", failed=True)
                continue
            session = choose_example(runs[convention], example)
        else:
            session = session_of(example)
        match = match_figure(session, figure)
        if match.state == EXACT:
            right.setdefault(id(session.record), []).append(match)
        if match.state in (EXACT, CONVENTION) or figure.quantity in MEASURE_NAMES:
            is_wrong = match.state not in (EXACT, CONVENTION)
            yield CheckVerdict(f"{_figure(figure, lesson)}: {_agreement(match)}", is_wrong)
        else:
            wrong.setdefault(id(session.record), (session, []))[1].append(match)
    for record, (session, matches) in wrong.items():
        for caused in by_cause(session, matches, right.get(record, ())):
            text = f"{_figure(caused.match.figure, lesson)}: {_cause(caused, lesson)}"
            yield CheckVerdict(text, not caused.is_rounded)


def _figure(figure: PrintedFigure, lesson: Lesson) -> str:
    """Return `printed a 2,1 = 0.7425526 (5.7.2)`: layer, unit and source from 1, and the example if it is another."""
    place = ",".join(str(part) for part in (figure.layer, figure.unit, figure.source) if part is not None)
    time = "" if figure.time is None else f" time {figure.time}"
    made = pass_text(figure.update, figure.convention)
    time = f"{time} {made}" if made else time
    example = "" if figure.example in (None, lesson.example) else f" example {figure.example}"
    of = "" if figure.of is None else f" of {figure.of}"
    named = f"{figure.quantity}{of}{f' {place}' if place else ''}{time}{example}"
    note = read_numeral(figure.value).note
    return f"printed {named} = {' '.join(figure_text(figure).split())}{f'; {note}' if note else ''}"


def _agreement(match: Match) -> str:
    if match.state == EXACT:
        return "exact"
    if match.state == CONVENTION:
        return f"equals the value {match.explanation}; the value itself is {full(match.value)}"
    return f"differs; the pass gives {full(match.value)}"


def _cause(caused: CausedMatch, lesson: Lesson) -> str:
    value = full(caused.match.value)
    if caused.is_rounded:
        return f"equals the value {caused.reason}; the value itself is {value}"
    if caused.follows is not None:
        return f"follows from {_figure(caused.follows, lesson)}; the pass gives {value}"
    return f"differs{f', as it would {caused.reason}' if caused.reason else ''}; the pass gives {value}"


def _gradients(record: PassRecord) -> CheckVerdict:
    """Check the gradients of all parameters or of a sample; with an inexact convention they should differ."""
    architecture = record.architecture
    differences = check_gradients(record, sample_parameters(architecture, MOST_PARAMETERS))
    smooth = [difference for difference in differences if not difference.kink] or list(differences)
    count = f"{len(differences)} of {architecture.existing.size} parameters"
    kinks = sum(difference.kink for difference in differences)
    if kinks:
        count += f"; {count_of(kinks, 'parameter')} at a corner (such as relu at 0)"
    if not all(isfinite(each.gradient) and isfinite(each.central) for each in differences):
        return CheckVerdict(f"gradients cannot be compared: a loss or a gradient is not finite ({count})", failed=True)
    largest = largest_difference(smooth)
    where = parameter_name(architecture, largest.parameter)
    agree = all(difference.agrees for difference in differences)
    if record.convention.is_exact:
        if agree:
            error = f"{largest.error:.1e} at {where}"
            return CheckVerdict(f"gradients agree with central differences, worst relative error {error} ({count})")
        return CheckVerdict(
            f"gradients are not those of the loss: {_discrepancy(largest, where)} ({count})", failed=True
        )
    why = _reason(record.convention)
    if agree:
        return CheckVerdict(f"gradients agree with central differences although {why} ({count})")
    return CheckVerdict(
        f"gradients are not those of the loss, as expected with {why}: {_discrepancy(largest, where)} ({count})"
    )


def _discrepancy(difference: Difference, where: str) -> str:
    numbers = f"{full(difference.gradient)}, by central differences {difference.central:.9g}"
    return f"worst relative error {difference.error:.2g}, where dE/d{where} is {numbers}"


def _reason(convention: Convention) -> str:
    chosen = ((name, getattr(convention, name)) for name in _EXACT)
    return ", ".join(f'{name} = "{choice}"' for name, choice in chosen if choice != _EXACT[name])


def _audit(session: Session) -> Iterator[CheckVerdict]:
    """Recompute every step of grain term, or an evenly spread sample, from its operands."""
    trace = session.trace
    length = trace.length(Grain.TERM)
    count = min(length, MOST_STEPS)
    found = audit(trace, (trace.step(Grain.TERM, index * length // count) for index in range(count)))
    if not found:
        yield CheckVerdict(f"trace agrees with its operands ({count} of {length} steps)")
        return
    for item in found[:MOST_NAMED]:
        name = _step_name(session, trace, item.step.index)
        yield CheckVerdict(
            f"trace: {name} is {full(item.recorded)}, but its operands give {full(item.recomputed)}", failed=True
        )
    if len(found) > MOST_NAMED:
        yield CheckVerdict(
            f"trace: {len(found) - MOST_NAMED} more of {count} steps differ from their operands", failed=True
        )


def _step_name(session: Session, trace: Trace, index: int) -> str:
    symbol = voice_of(session).text(trace.step(Grain.TERM, index).quantity, scripts=False)
    return f"step {index} ({symbol})"
