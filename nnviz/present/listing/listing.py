"""The pass as NumPy code with the document's names, a line for each group of steps, and the current line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from nnviz.debugger.state.session import Session
from nnviz.present.core.voice import voice_of
from nnviz.present.listing.code import Code
from nnviz.present.listing.statements import STATEMENTS, UNNAMED, Term, layer_of, opened_terms
from nnviz.tracing.groups import Group
from nnviz.tracing.steps import Grain, Kind


@dataclass(frozen=True)
class ListingLine:
    """A line of code and the groups of the trace that it computes; blank between phases.

    `opens` are groups of which it computes only the terms `terms`; another line computes the rest.
    """

    code: str
    groups: tuple[int, ...] = ()
    opens: tuple[int, ...] = ()
    terms: tuple[Term, ...] = ()


@dataclass(frozen=True)
class Listing:
    """The lines of a pass. `current` is the index of the line being computed, None before the first step."""

    lines: tuple[ListingLine, ...]
    current: int | None


def listing(session: Session, lines: tuple[ListingLine, ...] = ()) -> Listing:
    """Return the listing of a session's pass; `lines` are its `listing_lines` if they are known."""
    lines = lines or listing_lines(session)
    group = session.trace.group_at(session.pointed_position)
    if group is None:
        return Listing(lines, None)
    term = session.trace.enclosing(Grain.TERM, session.pointed_position).quantity
    opening = [i for i, line in enumerate(lines) if group in line.opens and (term.kind, term.slot) in line.terms]
    complete = [i for i, line in enumerate(lines) if group in line.groups]
    current = next(iter(opening + complete), None)
    if current is not None and lines[current].code.startswith(" "):
        head = max(i for i in range(current) if lines[i].code.startswith("for "))
        with_step = replace(lines[head], code=f"{lines[head].code}  # k = {session.trace.groups[group].time}")
        lines = (*lines[:head], with_step, *lines[head + 1 :])
    return Listing(lines, current)


def listing_lines(session: Session) -> tuple[ListingLine, ...]:
    """Return a line for each group; a quantity without a variable is computed in the line that uses it.

    In a recurrent network, the groups of all time steps share the lines of a loop over `k`.
    """
    writer = Code(voice_of(session))
    groups = session.trace.groups
    lines: list[ListingLine] = []
    phase = None
    # Local derivatives follow the deltas, from the first time step on, in a loop of their own.
    runs = groupby(
        range(len(groups)), lambda i: (groups[i].phase, writer.is_looped(groups[i]), groups[i].kind is Kind.DZ_DW)
    )
    for (of_phase, looped, _), run in runs:
        if phase is not None and of_phase != phase:
            lines.append(ListingLine(""))
        phase = of_phase
        write = _loop_lines if looped else _lines
        lines += write(writer, groups, list(run))
    return tuple(lines)


def _lines(writer: Code, groups: Sequence[Group], indices: Sequence[int]) -> Iterator[ListingLine]:
    """Yield the lines of consecutive groups."""
    waiting: tuple[int, ...] = ()
    for index in indices:
        statements = STATEMENTS[groups[index].kind](writer, groups[index])
        waiting = (*waiting, index)
        if statements:
            # The groups of several statements belong to the last; those before compute terms.
            *before, last = statements
            terms = opened_terms(writer, groups[index])
            yield from (ListingLine(code, (), (index,), (term,)) for code, term in zip(before, terms, strict=False))
            yield ListingLine(last, waiting)
            waiting = ()


_BACK_IN_TIME = (Kind.DE_DA, Kind.SLOPE, Kind.DELTA, Kind.DE_DX)


def _loop_lines(writer: Code, groups: Sequence[Group], indices: Sequence[int]) -> Iterator[ListingLine]:
    """Yield a loop over time, whose lines compute the groups of every time step."""
    steps = writer.record.time_steps
    times = f"range({steps})"
    is_backward = steps > 1 and groups[indices[0]].kind in _BACK_IN_TIME
    yield ListingLine(f"for k in {f'reversed({times})' if is_backward else times}:")

    def of_all_times(some: tuple[int, ...]) -> tuple[int, ...]:
        kinds = {(groups[index].kind, groups[index].layer) for index in some}
        return tuple(index for index in indices if (groups[index].kind, groups[index].layer) in kinds)

    # Without a target a time step may have fewer groups: its layers after the last recurrent one have no delta.
    of_times = Counter(groups[index].time for index in indices)
    fullest = max(of_times, key=lambda time: of_times[time])
    body = [index for index in indices if groups[index].time == fullest]
    for line in _lines(writer, groups, body):
        yield ListingLine(f"    {line.code}", of_all_times(line.groups), of_all_times(line.opens), line.terms)


def group_expressions(session: Session) -> tuple[str, ...]:
    """Return, for each group of the trace, the expression of its numbers after its line has run.

    This is a variable of the listing, or an expression if the document has no variable. In a batch, the numbers of
    units are rows, one for each example.
    """
    writer = Code(voice_of(session))
    return tuple(_expression(writer, group) for group in session.trace.groups)


def _expression(code: Code, group: Group) -> str:
    kind = group.kind
    if kind is Kind.ERROR and code.record.architecture.sizes[-1] == 1 and not code.is_recurrent:
        kind = Kind.LOSS
    return code.name(kind, group.layer) or UNNAMED[kind](code, layer_of(group))
