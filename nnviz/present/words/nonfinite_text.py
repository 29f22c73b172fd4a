"""The first NaN or infinity, in words: its step, its operands, and how they grew."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, isnan, log10
from typing import TYPE_CHECKING

from nnviz.debugger.diagnosis.nonfinite import first_nonfinite
from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.present.runs.curve import grouped
from nnviz.present.text.numbers import fixed, pretty
from nnviz.present.words.captions import headline, layer_name, place
from nnviz.tracing.steps import Grain

if TYPE_CHECKING:
    from nnviz.debugger.diagnosis.growth import Growth, Series

KEY = "Ctrl+N"
DECIMALS = 6  # as on the card
SERIES_DECIMALS = 4
MOST_OPERANDS = 6
MOST_CHARACTERS = 200  # of the formula on one line
ONLY_SUM = "Each number is finite, but the sum of the losses over the batch exceeds 1.8×10³⁰⁸."
AT_STEP = "first NaN or infinity"
# The exponents of a double: a smaller or larger number is drawn at the edge.
LOWEST, HIGHEST = -324.0, 309.0


@dataclass(frozen=True)
class Story:
    """The step with the first NaN or infinity in words: `operands` are names with figures."""

    where: str
    title: str
    line: str
    reason: str
    operands: tuple[tuple[str, str], ...]

    @property
    def from_text(self) -> str:
        """Return the operands as text: From act1₁ = 3, b = 1; empty if there are none."""
        named = ", ".join(f"{name} = {figure}" for name, figure in self.operands)
        return f"From {named}" if named else ""


def story(session: Session) -> Story | None:
    """Return the step with the first NaN or infinity of a session's pass; None if all numbers are finite."""
    found = first_nonfinite(session.trace)
    if found is None:
        return None
    voice = voice_of(session)
    step = session.trace.step(Grain.TERM, found.position - 1)
    worked = formula(session.trace, step, voice)
    item = session.trace.enclosing(Grain.NEURON, found.position)
    number = f"Step {item.index + 1} of {session.trace.length(Grain.NEURON)}"
    named: dict[str, str] = {}
    for operand in sorted(found.operands, key=lambda operand: -_log(abs(operand.value))):
        named.setdefault(voice.text(operand.quantity), pretty(fixed(voice.number(operand.quantity), DECIMALS)))
    rows = tuple(named.items())[:MOST_OPERANDS]
    texts = worked.texts()
    line = " = ".join(part for part in texts[1:] if part)
    if len(line) > MOST_CHARACTERS:
        line = f"{texts[0]} = {texts[-1]}"  # a sum of hundreds of products
    return Story(f"{number} · {place(session.record, step)}", headline(voice, step), line, _reason(session), rows)


def nonfinite_line(session: Session) -> str:
    """Return one line for the terminal: the place and the operands of the first NaN or infinity."""
    first, found = story(session), first_nonfinite(session.trace)
    if first is None or found is None:
        return ""
    q = found.step.quantity
    where = layer_name(session.record, q.layer)
    unit = "" if q.unit is None else f"{', ' if where else 'output '}{'unit ' if where else ''}{q.unit + 1}"
    return f"first NaN or infinity: {q.kind.value}{' of the ' if where else ' of '}{where}{unit}: {first.line}"


def nonfinite_note(session: Session) -> str:
    """Return a few words for the card's heading if a NaN or infinity comes before the step."""
    found = first_nonfinite(session.trace)
    if found is None or session.position <= found.position:
        return ""
    number = session.trace.enclosing(session.grain, found.position).index + 1
    return f"NaN or infinity since step {number} · {KEY}"


def is_at_nonfinite(session: Session) -> bool:
    """Return whether the step just taken is, or contains, the first NaN or infinity."""
    found, step = first_nonfinite(session.trace), session.step
    return found is not None and step is not None and step.start < found.position <= step.end


def series_name(session: Session, series: Series) -> str:
    """Return the name of a series: its own, or the symbol of its quantity in bars."""
    return series.name if series.quantity is None else f"|{voice_of(session).text(series.quantity)}|"


def figure_text(series: Series) -> str:
    """Return the number of a series at the end of the run."""
    return pretty(fixed(series.values[-1], SERIES_DECIMALS))


def series_text(name: str, series: Series) -> str:
    """Return a series in a line: its last value, and the update at which it began to grow."""
    began = "" if series.began is None else f", growing since update {grouped(series.began)}"
    return f"{name}: {figure_text(series)}{began}"


def grown_text(growth: Growth, is_drawn: bool = True) -> str:
    """Return when the growth began, in a sentence; with a note on the scale if the series are drawn."""
    first = growth.series[0].updates[0]
    if len(growth.series[0].updates) < 2:
        return "The updates before this pass are not known."
    scale = ", on a logarithmic scale" if is_drawn else ""
    span = f"Updates {grouped(first)} to {grouped(growth.update)}{scale}."
    if growth.began is None:
        return f"{span} No value grew by a factor of 1000 before this pass."
    names = [series.name for series in growth.series if series.began == growth.began and series.name]
    what = f"The {names[0]} has" if names else "One of its operands has"
    ago = growth.update - growth.began
    when = f", {ago} update{'' if ago == 1 else 's'} before this one" if ago else ", in this pass"
    return f"{span} {what} been growing since update {grouped(growth.began)}{when}."


def log_heights(values: tuple[float, ...]) -> tuple[float, ...]:
    """Return sizes as heights from 0 to 1 on a logarithmic scale; NaN and infinity are at the top, 0 at the bottom."""
    logs = [_log(value) for value in values]
    finite = [log for log, value in zip(logs, values, strict=True) if isfinite(value) and value > 0.0]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    if high - low < 1.0:  # within a factor of ten, draw a line in the middle
        low, high = (low + high) / 2 - 0.5, (low + high) / 2 + 0.5
    return tuple(min(max((log - low) / (high - low), 0.0), 1.0) for log in logs)


def _log(value: float) -> float:
    if isnan(value) or value == inf:
        return HIGHEST
    return log10(value) if value > 0.0 else LOWEST


def _reason(session: Session) -> str:
    """Return why the step's value is not finite, from its operands alone."""
    found = first_nonfinite(session.trace)
    assert found is not None
    given = [operand for operand in found.operands if not isfinite(operand.value)]
    if given:
        names = ", ".join(dict.fromkeys(voice_of(session).text(operand.quantity) for operand in given[:3]))
        return f"Already NaN or infinite at the start of the pass: {names}."
    if isnan(found.value):
        return "Its operands are finite, but parts of it overflow with opposite signs, and ∞ − ∞ is NaN."
    if found.operands and max(abs(operand.value) for operand in found.operands) < 1e100:
        return "Its operands are finite, but it divides by a number that was rounded to 0."
    return "Its operands are finite, but the result exceeds 1.8×10³⁰⁸, the largest floating-point number."
