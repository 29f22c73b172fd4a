"""The first number that is not finite, in words: its step, its operands, and how they grew."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite, isnan, log10
from typing import TYPE_CHECKING

from nnviz.debugger.nonfinite import first_nonfinite
from nnviz.debugger.session import Session
from nnviz.present.captions import headline, layer_name, place
from nnviz.present.curve import grouped
from nnviz.present.formula import formula
from nnviz.present.numbers import fixed, pretty
from nnviz.present.voice import voice_of
from nnviz.trace.steps import Grain

if TYPE_CHECKING:
    from nnviz.debugger.growth import Growth, Series

KEY = "Ctrl+N"
DECIMALS = 6  # as on the card
SERIES_DECIMALS = 4
MOST_OPERANDS = 6
MOST_CHARACTERS = 200  # of the formula on one line
AT_STEP = "first number that is not finite"
# The exponents of a double: a smaller or larger number is drawn at the edge.
LOWEST, HIGHEST = -324.0, 309.0


@dataclass(frozen=True)
class Story:
    """The step with the first number that is not finite, told: `operands` are names with figures."""

    where: str
    title: str
    line: str
    reason: str
    operands: tuple[tuple[str, str], ...]

    @property
    def from_text(self) -> str:
        """What the number was worked out from: From act1₁ = 3, b = 1; empty where from nothing."""
        named = ", ".join(f"{name} = {figure}" for name, figure in self.operands)
        return f"From {named}" if named else ""


def story(session: Session) -> Story | None:
    """The first number of a session's pass that is not finite; None where all are."""
    found = first_nonfinite(session.trace)
    if found is None:
        return None
    voice = voice_of(session)
    step = session.trace.step(Grain.TERM, found.position - 1)
    told = formula(session.trace, step, voice)
    item = session.trace.enclosing(Grain.NEURON, found.position)
    number = f"Step {item.index + 1} of {session.trace.length(Grain.NEURON)}"
    named: dict[str, str] = {}
    for operand in sorted(found.operands, key=lambda operand: -_log(abs(operand.value))):
        named.setdefault(voice.text(operand.quantity), pretty(fixed(voice.number(operand.quantity), DECIMALS)))
    rows = tuple(named.items())[:MOST_OPERANDS]
    texts = told.texts()
    line = " = ".join(part for part in texts[1:] if part)
    if len(line) > MOST_CHARACTERS:
        line = f"{texts[0]} = {texts[-1]}"  # a sum of hundreds of products
    return Story(f"{number} · {place(session.record, step)}", headline(voice, step), line, _reason(session), rows)


def nonfinite_line(session: Session) -> str:
    """One line for the terminal: where the first number is that is not finite, and what it was worked out from."""
    told, found = story(session), first_nonfinite(session.trace)
    if told is None or found is None:
        return ""
    q = found.step.quantity
    where = layer_name(session.record, q.layer)
    unit = "" if q.unit is None else f"{', ' if where else 'output '}{'unit ' if where else ''}{q.unit + 1}"
    return f"first not finite: {q.kind.value}{' of the ' if where else ' of '}{where}{unit}: {told.line}"


def nonfinite_note(session: Session) -> str:
    """A few words for the card's heading where a number of the pass that is not finite lies behind the step."""
    found = first_nonfinite(session.trace)
    if found is None or session.position <= found.position:
        return ""
    number = session.trace.enclosing(session.grain, found.position).index + 1
    return f"Not finite from step {number} on · {KEY}"


def is_at_nonfinite(session: Session) -> bool:
    """Whether the step just taken is, or holds, the first that is not finite."""
    found, step = first_nonfinite(session.trace), session.step
    return found is not None and step is not None and step.start < found.position <= step.end


def series_name(session: Session, series: Series) -> str:
    """What a series tells: its own name, or the symbol of its quantity in bars."""
    return series.name if series.quantity is None else f"|{voice_of(session).text(series.quantity)}|"


def figure_text(series: Series) -> str:
    """The number of a series at the end of the run."""
    return pretty(fixed(series.values[-1], SERIES_DECIMALS))


def series_text(name: str, series: Series) -> str:
    """A series in a line: what it has come to, and since when it has run away."""
    began = "" if series.began is None else f", over 1000 times its median from update {grouped(series.began)} on"
    return f"{name}: {figure_text(series)}{began}"


def grown_text(growth: Growth, is_drawn: bool = True) -> str:
    """When it began, in a sentence; of what is drawn also how."""
    first = growth.series[0].updates[0]
    if len(growth.series[0].updates) < 2:
        return "Nothing is known of the updates before this pass."
    scale = ", on a logarithmic scale" if is_drawn else ""
    span = f"Updates {grouped(first)} to {grouped(growth.update)}{scale}."
    if growth.began is None:
        return f"{span} Nothing grew a thousandfold before this pass."
    names = [series.name for series in growth.series if series.began == growth.began and series.name]
    what = f"the {names[0]}" if names else "one of its operands"
    ago = growth.update - growth.began
    when = f", {ago} update{'' if ago == 1 else 's'} before this one" if ago else ", in this pass"
    return f"{span} At update {grouped(growth.began)}{when}, {what} is over 1000 times what it had mostly been."


def log_heights(values: tuple[float, ...]) -> tuple[float, ...]:
    """Sizes as heights from 0 to 1 on a logarithmic scale; what is not finite is at the top, zero at the bottom."""
    logs = [_log(value) for value in values]
    finite = [log for log, value in zip(logs, values, strict=True) if isfinite(value) and value > 0.0]
    low, high = (min(finite), max(finite)) if finite else (0.0, 0.0)
    if high - low < 1.0:  # within a factor of ten it is a line in the middle, and no drama
        low, high = (low + high) / 2 - 0.5, (low + high) / 2 + 0.5
    return tuple(min(max((log - low) / (high - low), 0.0), 1.0) for log in logs)


def _log(value: float) -> float:
    if isnan(value) or value == inf:
        return HIGHEST
    return log10(value) if value > 0.0 else LOWEST


def _reason(session: Session) -> str:
    """Why the step's value is not finite, from its operands alone."""
    found = first_nonfinite(session.trace)
    assert found is not None
    given = [operand for operand in found.operands if not isfinite(operand.value)]
    if given:
        names = ", ".join(dict.fromkeys(voice_of(session).text(operand.quantity) for operand in given[:3]))
        return f"{names} came into the pass not finite already."
    if isnan(found.value):
        return "Its operands are finite, but its parts overflow with both signs, and ∞ − ∞ is no number."
    if found.operands and max(abs(operand.value) for operand in found.operands) < 1e100:
        return "Its operands are finite; it divides by what has rounded to 0."
    return "Its operands are finite, but the result is beyond 1.8×10³⁰⁸, the largest number that a float holds."
