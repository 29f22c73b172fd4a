"""The output of the shell: steps, the current place, breakpoints, watches and values, as lines of text."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from nnviz.debugger.branches import Branches
from nnviz.debugger.conditions.breakpoints import describe_breakpoint
from nnviz.debugger.conditions.expressions import Expression, Result, evaluate, known_at
from nnviz.debugger.conditions.watches import watch_rows
from nnviz.debugger.state.breakpoint import Breakpoint
from nnviz.debugger.state.session import Session
from nnviz.debugger.timeline import in_past
from nnviz.formats.worked_steps import MARKS, verdict_text
from nnviz.lessons.faults import count_of
from nnviz.present.core.examples import example_text
from nnviz.present.core.printed import matches
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import StepFormula, formula
from nnviz.present.listing.listing import listing
from nnviz.present.runs.run_metrics import reading_texts
from nnviz.present.text.numbers import array_text, full, pretty
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.captions import headline, layer_name, place
from nnviz.tracing.steps import Grain, Step
from nnviz.tracing.trace import phase_at

DECIMALS = 6
UNKNOWN = "not known yet"


def arrival_lines(before: Session, session: Session) -> Iterator[str]:
    """Yield the place after a command: the pass, if it is another one, and the step."""
    if pass_text(before) != pass_text(session) or session.step is None:
        yield pass_text(session)
    if session.step is None:
        yield "before the first step"
    else:
        yield from step_lines(session, session.step)


def pass_text(session: Session) -> str:
    """Return the pass in one line: update 3 · epoch 0 · example 2: (1, 0) → 1."""
    here = session.checkpoint
    past = f" · the latest is update {session.run.end}" if in_past(session) else ""
    example = f"example {session.example + 1}: {example_text(session.lesson, session.example)}"
    return f"update {here.update} · epoch {here.epoch} · {example}{past}"


def update_text(session: Session) -> str:
    """Return which update the pass of a session makes, as the messages of training count: update 4 (epoch 1)."""
    return f"update {session.checkpoint.update + 1} (epoch {session.checkpoint.epoch + 1})"


def step_lines(session: Session, step: Step) -> Iterator[str]:
    """Yield a step: its place and title; its formula with numbers and value; then the printed results."""
    yield place_text(session, step)
    yield from result_lines(session, step)


def place_text(session: Session, step: Step) -> str:
    """Return the place and the title of a step."""
    return f"{place(session.record, step)} · {headline(voice_of(session), step)}"


def result_lines(session: Session, step: Step) -> Iterator[str]:
    """Yield the formula of a step with its numbers and value, then the printed results."""
    yield f"  {formula_text(session, step)}"
    for match in matches(session, step):
        yield f"  {MARKS[match.state]} {verdict_text(match)}"


def formula_text(session: Session, step: Step) -> str:
    """Return s₁ = W₁₁ x₁ + … = 3 · 1 + … = 1.000000, in the document's symbols."""
    return formula_line(formula(session.trace, step, voice_of(session)))


def formula_line(shown: StepFormula) -> str:
    """Return a formula on one line, without its empty parts."""
    _, symbols, numbers, result = shown.texts()
    return " = ".join(part for part in (symbols, numbers, result) if part)


def branch_switch_text(previous: Branches, branches: Branches) -> str:
    """Return the name of the current branch; after a new one, say that the previous branch is unchanged."""
    kept = f"; {previous.here.name} is unchanged" if len(branches.all) > len(previous.all) else ""
    return f"branch {branches.current + 1}: {branches.here.name}{kept}"


def branch_lines(branches: Branches) -> Iterator[str]:
    """Yield a line per branch: its number, name, place, and the loss and accuracy there."""
    names, hides = max(len(branch.name) for branch in branches.all), branches.here.session.asked is not None
    for index, branch in enumerate(branches.all):
        here, mark = branch.session.checkpoint, "*" if index == branches.current else " "
        known = () if hides else reading_texts(branch.session)
        place = (f"update {here.update}", f"epoch {here.epoch}", f"example {branch.session.example + 1}")
        yield f"{mark} {index + 1}  {branch.name:<{names}}  {' · '.join((*place, *known))}"


def where_lines(session: Session) -> Iterator[str]:
    """Yield the current place, a line for each part of it."""
    here, step = session.checkpoint, session.step
    yield f"lesson   {session.lesson.name}: {session.lesson.title}"
    yield f"update   {here.update}, {f'the latest is {session.run.end}' if in_past(session) else 'the latest'}"
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
    """Yield the NumPy listing with line numbers and a mark at the current line."""
    code = listing(session)
    for index, line in enumerate(code.lines):
        mark = ">" if index == code.current else " "
        yield f"{mark}{index + 1:>4}  {line.code}".rstrip()


def values_lines(session: Session) -> Iterator[str]:
    """Yield every quantity with its shape and the numbers known so far."""
    rows = value_rows(session)
    names, shapes = (max(len(text) for text in texts) for texts in zip(*((r.name, r.shape) for r in rows), strict=True))
    for row in rows:
        yield f"{'>' if row.active else ' '} {row.name:<{names}}  {row.shape:<{shapes}}  {row.text}".rstrip()


def value_text(value: Result, all_digits: bool = False) -> str:
    """Return a value as text; with all digits as Python and NumPy write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, np.ndarray) and value.dtype == bool:
        return str(value.tolist()).lower()
    if all_digits:
        return full(value) if isinstance(value, float) else np.array2string(value, separator=", ", floatmode="unique")
    return pretty(array_text(value, DECIMALS))


def expression_text(expression: Expression, session: Session, all_digits: bool = False) -> str:
    """Return an expression with its value, or with the step that computes it."""
    value = evaluate(expression, session)
    if value is not None:
        return f"{expression.text} = {value_text(value, all_digits)}"
    position = known_at(expression, session.trace)
    if position is None or position <= session.position:
        return f"{expression.text}: not computed in this pass"
    return f"{expression.text}: {UNKNOWN}; it is computed at {step_name(session, position)}"


def step_name(session: Session, position: int) -> str:
    """Return the number of a step at the session's grain, and its title: step 8, Activation of y."""
    step = session.trace.enclosing(session.grain, position)
    return f"step {step.index + 1}, {headline(voice_of(session), step)}"


def breakpoint_text(breakpoint: Breakpoint) -> str:
    """Return a breakpoint in one line, with its state and its number of hits."""
    notes = ["on" if breakpoint.enabled else "off", count_of(breakpoint.hits, "hit")]
    if breakpoint.ignore:
        notes.append(f"stops after hit {breakpoint.ignore}")
    return f"{breakpoint.id:>3}  {', '.join(notes):<12}  {describe_breakpoint(breakpoint)}"


def watch_lines(session: Session) -> Iterator[tuple[int, str]]:
    """Yield the number and line of each watch whose value is known, with its value in the pass before."""
    for row in watch_rows(session):
        if row.value is None:
            continue
        line = f"  watch {row.watch.id}: {row.watch.expression.text} = {value_text(row.value)}"
        yield row.watch.id, line if row.before is None else f"{line}  (before: {value_text(row.before)})"


def run_lines(session: Session) -> Iterator[str]:
    """Yield the run: its updates and epochs, training settings and segments."""
    run, settings = session.run, session.training
    yield f"updates {run.first} to {run.end}, now at {session.checkpoint.update}"
    epochs = f"epoch {session.checkpoint.epoch} of {settings.epochs}"
    size = {"example": "1", "batch": "all"}.get(str(settings.update_after), str(settings.update_after))
    yield f"{epochs}, {settings.optimizer}, learning rate {settings.rates.learning_rate:g}, batch size {size}"
    if len(run.segments) > 1:
        starts = ", ".join(str(segment.start.update) for segment in run.segments)
        yield f"{count_of(len(run.segments), 'segment')}, starting at updates {starts}"
