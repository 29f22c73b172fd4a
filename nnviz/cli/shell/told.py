"""What the shell of `nnviz debug` says: a step in two lines, where the learner is, breakpoints, watches, values."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnviz.debugger.branches import Branches
from nnviz.debugger.breakpoints import Breakpoint, describe
from nnviz.debugger.expressions import Expression, Result, evaluate, known_at
from nnviz.debugger.session import Session
from nnviz.debugger.timeline import in_past
from nnviz.debugger.watching import watch_rows
from nnviz.export.told import MARKS, verdict_text
from nnviz.lessons.faults import count_of
from nnviz.present.captions import headline, layer_name, place
from nnviz.present.examples import example_text
from nnviz.present.formula import Formula, formula
from nnviz.present.listing import listing
from nnviz.present.numbers import array_text, full, pretty
from nnviz.present.printed import matches
from nnviz.present.reading import reading_texts
from nnviz.present.values import value_rows
from nnviz.present.voice import voice_of
from nnviz.trace.steps import Grain, Step
from nnviz.trace.trace import phase_at

DECIMALS = 6
UNKNOWN = "not known yet"


def arrived(before: Session, session: Session) -> Iterator[str]:
    """Where a command has led: the pass, if it is another one, and the step."""
    if pass_text(before) != pass_text(session) or session.step is None:
        yield pass_text(session)
    if session.step is None:
        yield "before the first step"
    else:
        yield from step_lines(session, session.step)


def pass_text(session: Session) -> str:
    """The pass in one line: update 3 · epoch 0 · example 2: (1, 0) → 1."""
    here = session.checkpoint
    past = f" · in the past of update {session.run.end}" if in_past(session) else ""
    example = f"example {session.example + 1}: {example_text(session.lesson, session.example)}"
    return f"update {here.update} · epoch {here.epoch} · {example}{past}"


def step_lines(session: Session, step: Step) -> Iterator[str]:
    """A step in two lines: where it stands and what it is; its formula, numbers and value; then the printed figures."""
    yield place_text(session, step)
    yield from result_lines(session, step)


def place_text(session: Session, step: Step) -> str:
    """Where a step stands, and what it is."""
    return f"{place(session.record, step)} · {headline(voice_of(session), step)}"


def result_lines(session: Session, step: Step) -> Iterator[str]:
    """A step's formula with its numbers and its value, and what the document prints of it."""
    yield f"  {formula_text(session, step)}"
    for match in matches(session, step):
        yield f"  {MARKS[match.state]} {verdict_text(match)}"


def formula_text(session: Session, step: Step) -> str:
    """s₁ = W₁₁ x₁ + … = 3 · 1 + … = 1.000000, in the document's symbols."""
    return formula_line(formula(session.trace, step, voice_of(session)))


def formula_line(told: Formula) -> str:
    """A formula on one line, as much of it as is told."""
    _, symbols, numbers, result = told.texts()
    return " = ".join(part for part in (symbols, numbers, result) if part)


def followed_text(left: Branches, branches: Branches) -> str:
    """Which branch is followed now, and of a new one what becomes of that left."""
    kept = f"; {left.here.name} stays as it was" if len(branches.all) > len(left.all) else ""
    return f"branch {branches.current + 1}: {branches.here.name}{kept}"


def branch_lines(branches: Branches) -> Iterator[str]:
    """Each branch with its number and name, where it stands, and what is known of its network there."""
    names, hides = max(len(branch.name) for branch in branches.all), branches.here.session.asked is not None
    for index, branch in enumerate(branches.all):
        here, mark = branch.session.checkpoint, "*" if index == branches.current else " "
        known = () if hides else reading_texts(branch.session)
        place = (f"update {here.update}", f"epoch {here.epoch}", f"example {branch.session.example + 1}")
        yield f"{mark} {index + 1}  {branch.name:<{names}}  {' · '.join((*place, *known))}"


def where_lines(session: Session) -> Iterator[str]:
    """Everything about the place where the learner is, a line each."""
    here, step = session.checkpoint, session.step
    yield f"lesson   {session.lesson.name}: {session.lesson.title}"
    yield f"update   {here.update}, {f'in the past of {session.run.end}' if in_past(session) else 'the present'}"
    yield f"epoch    {here.epoch}"
    count = len(session.lesson.dataset)
    batch = len(session.record.examples)
    several = f", in a batch of {batch}" if batch > 1 else ""
    yield f"example  {session.example + 1} of {count}{several}: {example_text(session.lesson, session.example)}"
    if step is None:
        yield f"step     0 of {session.trace.length(session.grain)}, by {session.grain.word}: before the first"
        return
    trace, q = session.trace, step.quantity
    yield f"phase    {phase_at(trace, session.position)}"
    if q.layer is not None:
        yield f"layer    {q.layer + 1} of {session.record.architecture.depth}: {layer_name(session.record, q.layer)}"
    if q.unit is not None:
        yield f"neuron   {q.unit + 1}"
    if session.record.architecture.is_recurrent:
        yield f"time     {q.time + 1} of {session.record.time_steps}"
    if step.grain >= Grain.NEURON:
        item = trace.enclosing(Grain.NEURON, session.position)
        yield f"term     {session.position - item.start} of {item.end - item.start}"
    done, of = trace.count(session.grain, session.position), trace.length(session.grain)
    yield f"step     {done} of {of}, by {session.grain.word}: {headline(voice_of(session), step)}"


def listing_lines(session: Session) -> Iterator[str]:
    """The NumPy listing with the numbers of its lines, the one being computed marked."""
    told = listing(session)
    for index, line in enumerate(told.lines):
        mark = ">" if index == told.current else " "
        yield f"{mark}{index + 1:>4}  {line.code}".rstrip()


def values_lines(session: Session) -> Iterator[str]:
    """Every quantity with its shape and the figures known so far."""
    rows = value_rows(session)
    names, shapes = (max(len(text) for text in texts) for texts in zip(*((r.name, r.shape) for r in rows), strict=True))
    for row in rows:
        yield f"{'>' if row.active else ' '} {row.name:<{names}}  {row.shape:<{shapes}}  {row.text}".rstrip()


def value_text(value: Result, all_digits: bool = False) -> str:
    """A value for people; with all digits as Python and NumPy write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return str(value.tolist()).lower()
    if all_digits:
        return full(value) if isinstance(value, float) else np.array2string(value, separator=", ", floatmode="unique")
    return pretty(array_text(value, DECIMALS))


def expression_text(expression: Expression, session: Session, all_digits: bool = False) -> str:
    """An expression with its value, or when it becomes known."""
    value = evaluate(expression, session)
    if value is not None:
        return f"{expression.text} = {value_text(value, all_digits)}"
    position = known_at(expression, session.trace)
    if position is None or position <= session.position:
        return f"{expression.text}: not known in this pass"
    return f"{expression.text}: {UNKNOWN}; it is at {step_name(session, position)}"


def step_name(session: Session, position: int) -> str:
    """A step by its number at the session's grain, and what it is: step 9, Slope at y."""
    step = session.trace.enclosing(session.grain, position)
    return f"step {step.index + 1}, {headline(voice_of(session), step)}"


def breakpoint_text(breakpoint: Breakpoint) -> str:
    """A breakpoint in one line, with what became of it."""
    notes = ["on" if breakpoint.enabled else "off", f"met {breakpoint.hits}×"]
    if breakpoint.ignore:
        notes.append(f"stops after {breakpoint.ignore}")
    return f"{breakpoint.id:>3}  {', '.join(notes):<12}  {describe(breakpoint)}"


def watch_lines(session: Session) -> Iterator[tuple[int, str]]:
    """Each watch whose value is known, with its number and what it was in the pass before."""
    for row in watch_rows(session):
        if row.value is None:
            continue
        line = f"  watch {row.watch.id}: {row.watch.expression.text} = {value_text(row.value)}"
        yield row.watch.id, line if row.before is None else f"{line}  (before: {value_text(row.before)})"


def run_lines(session: Session) -> Iterator[str]:
    """The run: how far it goes, in which stretches it was made, and how it is trained."""
    run, settings = session.run, session.training
    yield f"updates {run.first} to {run.end}, at {session.checkpoint.update}"
    epochs = f"epoch {session.checkpoint.epoch} of {settings.epochs}"
    yield f"{epochs}, {settings.optimizer}, rate {settings.rates.learning_rate:g}, update after {settings.update_after}"
    if len(run.stretches) > 1:
        starts = ", ".join(str(stretch.start.update) for stretch in run.stretches)
        yield f"{count_of(len(run.stretches), 'stretch', 'stretches')}, from update {starts}"
