"""The content of an exported trace: its steps with formulas and printed results, and texts for the heading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nnviz.debugger.state.session import Session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Architecture
from nnviz.present.core.printed import CONVENTION, DIFFERS, EXACT, Match, figure_text, matches
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import StepFormula, formula
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.text.numbers import array_text, pretty
from nnviz.present.words.captions import place
from nnviz.present.words.erratum_formula import WrongFormula, wrong_formula
from nnviz.tracing.steps import Kind, Quantity, Step

DECIMALS = 6
MARKS = {EXACT: "✓", CONVENTION: "≈", DIFFERS: "✗"}


@dataclass(frozen=True)
class TraceEntry:
    """One step with its formula, the printed results of its quantity, and what is wrong with its formula."""

    step: Step
    formula: StepFormula
    matches: tuple[Match, ...]
    wrong: WrongFormula | None = None


def trace_entries(session: Session, true_names: bool = True) -> Iterator[TraceEntry]:
    """Yield the steps of the session's grain one by one; see Voice about `true_names`."""
    voice = replace(voice_of(session), true_names=true_names)
    for step in session.trace.at(session.grain):
        written = formula(session.trace, step, voice)
        wrong = wrong_formula(session, step, written) if true_names else None
        yield TraceEntry(step, written, matches(session, step), wrong)


def distinct_entries(entries: Iterable[TraceEntry]) -> Iterator[TraceEntry]:
    """Yield entries one by one; of two with the same formula, such as the error of a single output, only the second.

    It has the printed results of both.
    """
    kept: TraceEntry | None = None
    for entry in entries:
        if kept is not None:
            if kept.formula == entry.formula and kept.wrong == entry.wrong:
                entry = replace(entry, matches=tuple(dict.fromkeys((*kept.matches, *entry.matches))))
            else:
                yield kept
        kept = entry
    if kept is not None:
        yield kept


def network_text(session: Session) -> str:
    """Return the network in one line: 2-2-1 · sigmoid, sigmoid · half squared error."""
    architecture = session.record.architecture
    sizes = "-".join(map(str, architecture.sizes))
    activations = ", ".join(_activation_text(architecture, layer) for layer in range(architecture.depth))
    return f"{sizes} · {activations} · {LOSS_TEXTS[architecture.loss].noun}"


def _activation_text(architecture: Architecture, layer: int) -> str:
    """A layer's activation, with its constants where they are not the usual ones: elu with alpha 0.5."""
    name = architecture.layers[layer].activation
    numbers = zip(ACTIVATIONS[name].constants, architecture.constants(layer), strict=True)
    other = [f"{each.name.replace('_', ' ')} {value:g}" for each, value in numbers if value != each.default]
    words = name.replace("_", " ")
    return f"{words} with {' and '.join(other)}" if other else words


def example_text(session: Session) -> str:
    """Return the stepped example, counted from 0 as in the file, with its values and its pass."""
    record, voice = session.record, voice_of(session)
    given = ", ".join(
        f"{voice.text(quantity)} = {pretty(array_text(voice.value(quantity), DECIMALS, given=True))}"
        for quantity in (Quantity(Kind.INPUT), *([Quantity(Kind.TARGET)] if record.shows_target(0) else []))
    )
    text = f"example {session.example} of 0 to {len(session.lesson.dataset) - 1}: {given}"
    if len(record.examples) > 1:
        text += f" · in a batch of {len(record.examples)}"
    if session.checkpoint.update:
        count = session.checkpoint.update
        text += f" · after {count} update{'s' if count > 1 else ''}"
    return text


def where_text(session: Session, step: Step) -> str:
    """Return the place of a step within its phase: hidden layer, neuron 1."""
    return place(session.record, step).partition(" · ")[2]


def verdict_text(match: Match) -> str:
    """Return the text about a printed result, without its mark."""
    text = f"printed {figure_text(match.figure)}"
    if match.state == CONVENTION:
        return f"{text}: the value {match.explanation}"
    return text if match.state == EXACT else f"{text}: differs"
