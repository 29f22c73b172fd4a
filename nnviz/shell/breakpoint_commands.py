"""The commands for breakpoints and watches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import partial

from nnviz.debugger.conditions.breakpoints import (
    add_breakpoint,
    add_watch,
    change_breakpoint,
    remove_breakpoint,
    remove_watch,
    stop_positions,
)
from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.state.breakpoint import AtCondition, AtEdge, AtKind, AtLine, AtNonFinite, AtPhase, AtUnit, Where
from nnviz.debugger.state.session import Session
from nnviz.present.listing.listing import listing_lines
from nnviz.shell.arguments import leaf_of, one_of, value_names, whole_number
from nnviz.shell.output import breakpoint_text, expression_text
from nnviz.shell.shell import Shell, ShellCommand, ShellError
from nnviz.tracing.steps import PARAMETER_OF, UNIT_KINDS, Grain, Kind, Phase

_CONDITION = re.compile(r"(?:^|\s)if(?=\s|\(|$)")


def _break(shell: Shell, words: str, temporary: bool = False) -> None:
    at, found, condition = words, _CONDITION.search(words), ""
    if found is not None:
        at, condition = words[: found.start()].strip(), words[found.end() :].strip()
        if not condition:
            raise ShellError("the condition after 'if' is missing, as in: if loss < 0.01")
    where = _where(shell.session, at) if at else AtCondition()
    try:
        shell.session = add_breakpoint(shell.session, where, condition)
    except ExpressionError as error:
        raise ShellError(str(error)) from None
    except ValueError:
        raise ShellError(
            "the place is missing: a value, kind, unit, edge, line, phase, nonfinite, or if CONDITION"
        ) from None
    made = shell.session.breakpoints[-1]
    if temporary:
        shell.temporary |= {made.id}
    shell.say(breakpoint_text(made))


def _where(session: Session, text: str) -> Where:
    """Read the place of a breakpoint. Raises ShellError."""
    word, _, rest = text.partition(" ")
    rest = rest.strip()
    if word == "nonfinite" and not rest:
        return AtNonFinite()
    where = _PLACES[word](session, rest) if word in _PLACES and rest else _of_value(session, text)
    if not any(stop_positions(where, session.trace, grain) for grain in (session.grain, Grain.NEURON, Grain.TERM)):
        raise ShellError(f"this pass has no step at {text}")
    return where


def _of_value(session: Session, text: str) -> Where:
    """Return the place of a value; a vector or matrix stands for all of its numbers."""
    q = leaf_of(session, text).quantity
    of = PARAMETER_OF.get(q.kind)
    if of is not None and of.is_matrix and q.kind is of.value:
        return _of_edge(session, text)
    if q.kind in UNIT_KINDS and q.unit is not None and q.layer is not None:
        return AtUnit(q.layer, q.unit, q.kind)
    if q.unit is not None and q.source is not None and of is not None:
        raise ShellError(
            f"{text} cannot have a breakpoint alone; break edge {text} stops at its gradient and new value"
        )
    return AtKind(q.kind, q.layer)


def _of_kind(session: Session, text: str) -> Where:
    word, _, layer = text.partition(" layer ")
    kind = Kind(one_of(word.strip(), sorted({group.kind for group in session.trace.groups}), "a kind"))
    depth = session.record.architecture.depth
    return AtKind(kind, whole_number(layer.strip(), "a layer", 1, depth) - 1 if layer else None)


def _of_unit(session: Session, text: str) -> Where:
    q = leaf_of(session, text).quantity
    if q.kind not in UNIT_KINDS or q.unit is None or q.layer is None:
        raise ShellError(f"{text} does not belong to one neuron; name one, as in: unit a1[2]")
    return AtUnit(q.layer, q.unit)


def _of_edge(session: Session, text: str) -> Where:
    q = leaf_of(session, text).quantity
    of = PARAMETER_OF.get(q.kind)
    if of is None or q.unit is None or q.source is None or q.layer is None:
        raise ShellError(f"{text} is not a single weight; name one, as in: edge W1[2,1]")
    return AtEdge(q.layer, q.source, q.unit, of.name)


def _of_line(session: Session, text: str) -> Where:
    lines = listing_lines(session)
    line = lines[whole_number(text, "the number of a line", 1, len(lines)) - 1]
    groups = line.groups or line.opens
    if not groups:
        raise ShellError(f"line {text} computes nothing")
    group = session.trace.groups[groups[0]]
    return AtLine(group.kind, group.layer, group.time)


def _of_phase(session: Session, text: str) -> Where:
    return AtPhase(Phase(one_of(text, [phase.value for phase in Phase], "a phase")))


_PLACES = {"kind": _of_kind, "unit": _of_unit, "edge": _of_edge, "line": _of_line, "phase": _of_phase}


def _number(shell: Shell, words: str) -> int:
    """Read the number of an existing breakpoint. Raises ShellError."""
    number = whole_number(words, "the number of a breakpoint", 1)
    if number not in {breakpoint.id for breakpoint in shell.session.breakpoints}:
        raise ShellError(f"there is no breakpoint {number}")
    return number


def _delete(shell: Shell, words: str) -> None:
    number = _number(shell, words)
    shell.session = remove_breakpoint(shell.session, number)
    shell.temporary -= {number}


def _switch(on: bool, shell: Shell, words: str) -> None:
    shell.session = change_breakpoint(shell.session, _number(shell, words), enabled=on)


def _ignore(shell: Shell, words: str) -> None:
    """Skip a number of hits of a breakpoint."""
    number, _, count = words.partition(" ")
    found = _number(shell, number)
    hits = next(b.hits for b in shell.session.breakpoints if b.id == found)
    more = whole_number(count.strip(), "the number of hits to skip")
    shell.session = change_breakpoint(shell.session, found, ignore=hits + more)


def _watch(shell: Shell, words: str) -> None:
    try:
        shell.session = add_watch(shell.session, words)
    except ExpressionError as error:
        raise ShellError(str(error)) from None
    watch = shell.session.watches[-1]
    shell.say(f"  watch {watch.id}: {expression_text(watch.expression, shell.session)}")


def _unwatch(shell: Shell, words: str) -> None:
    number = whole_number(words, "the number of a watch", 1)
    if number not in {watch.id for watch in shell.session.watches}:
        raise ShellError(f"there is no watch {number}")
    shell.session = remove_watch(shell.session, number)


def _places(shell: Shell) -> Iterable[str]:
    return (*_PLACES, "nonfinite", "if", *value_names(shell))


_BREAK_USAGE = "[VALUE | kind K [layer L] | unit VALUE | edge W1[2,1] | line N | phase P | nonfinite] [if CONDITION]"

BREAKPOINT_COMMANDS = (
    ShellCommand(
        "break",
        "br",
        f"break {_BREAK_USAGE}",
        "set a breakpoint at a place, or where a condition becomes true",
        _break,
        complete=_places,
    ),
    ShellCommand(
        "tbreak",
        "tb",
        "tbreak … as break",
        "set a breakpoint that stops only once",
        partial(_break, temporary=True),
        complete=_places,
    ),
    ShellCommand("delete", "d", "delete N", "remove a breakpoint", _delete),
    ShellCommand("enable", "", "enable N", "enable a breakpoint", partial(_switch, True)),
    ShellCommand("disable", "", "disable N", "disable a breakpoint without removing it", partial(_switch, False)),
    ShellCommand("ignore", "", "ignore N COUNT", "skip the next COUNT hits of a breakpoint", _ignore),
    ShellCommand("watch", "w", "watch EXPRESSION", "print a value whenever it changes", _watch, complete=value_names),
    ShellCommand("unwatch", "", "unwatch N", "remove a watch", _unwatch),
)
