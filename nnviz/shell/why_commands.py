"""The commands `why` and `feeds`: what a number was computed from, and where it is used."""

from __future__ import annotations

from collections.abc import Sequence

from nnviz.debugger.state.session import Session
from nnviz.debugger.why import GIVEN_KINDS, is_known, position_of
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import fixed, pretty
from nnviz.shell.arguments import number_of, value_names, whole_number
from nnviz.shell.output import DECIMALS, UNKNOWN, formula_text, step_name
from nnviz.shell.shell import Shell, ShellCommand, ShellError
from nnviz.tracing.feeds import feeds
from nnviz.tracing.provenance import operands
from nnviz.tracing.steps import Grain, Quantity, Step


def _why(shell: Shell, words: str) -> None:
    """Explain a number: that of the current step, a value, a factor just listed, or the number before."""
    if words == "up":
        if len(shell.why_trail) < 2:
            raise ShellError("there is no number to go back to")
        shell.why_trail = shell.why_trail[:-1]
    elif words.isdecimal():
        factors = _factors(shell.session, shell.why_trail[-1]) if shell.why_trail else ()
        if not factors:
            raise ShellError("there are no factors to follow; use why VALUE first")
        shell.why_trail = (*shell.why_trail, factors[whole_number(words, "a factor", 1, len(factors)) - 1])
    else:
        shell.why_trail = (number_of(shell.session, words) if words else _current(shell.session),)
    try:
        _explain(shell, shell.why_trail[-1])
    except ShellError:
        shell.why_trail = shell.why_trail[:-1]
        raise


def _current(session: Session) -> Quantity:
    step = session.step
    if step is None:
        raise ShellError("no step has been taken; name a value")
    if step.grain < Grain.NEURON:
        raise ShellError("this step has many numbers; name one of them, or step into it")
    return step.quantity


def _explain(shell: Shell, q: Quantity) -> None:
    session, voice = shell.session, voice_of(shell.session)
    symbol = voice.text(q)
    if q.kind in GIVEN_KINDS:
        shell.say(f"{symbol} = {_number(session, q)} is given, not computed in the pass")
        return
    if q.example is not None and q.example != session.record.row:
        raise ShellError(
            f"{symbol} belongs to another example; use example {session.record.examples[q.example] + 1} to step it"
        )
    step = _step_of(session, q)
    if step is None:
        raise ShellError(f"{symbol} is not computed in this pass")
    if step.end > session.position:
        raise ShellError(f"{symbol} is {UNKNOWN}; it is computed at {step_name(session, step.end)}")
    shell.say(formula_text(session, step))
    for index, part in enumerate(_factors(session, q)):
        shell.say(f"{index + 1:>3}  {voice.text(part)} = {_number(session, part)}  ({_origin(session, part)})")


def _step_of(session: Session, q: Quantity) -> Step | None:
    """Return the step that computes a number: the current step, or the step of grain neuron or term."""
    if session.step is not None and session.step.quantity == q:
        return session.step
    end = session.trace.find(q)
    if end is None:
        return None
    step = session.trace.enclosing(Grain.NEURON, end)
    return step if step.quantity == q else session.trace.enclosing(Grain.TERM, end)


def _factors(session: Session, q: Quantity) -> Sequence[Quantity]:
    step = _step_of(session, q)
    if q.kind in GIVEN_KINDS or step is None:
        return ()
    return tuple(dict.fromkeys(operand.quantity for operand in operands(session.trace, step)))


def _number(session: Session, q: Quantity) -> str:
    return pretty(fixed(voice_of(session).number(q), DECIMALS))


def _origin(session: Session, q: Quantity) -> str:
    if q.kind in GIVEN_KINDS:
        return "given"
    if q.example is not None and q.example != session.record.row:
        return f"of example {session.record.examples[q.example] + 1}"
    end = position_of(session.trace, q)
    return "intermediate term" if end is None else step_name(session, end)


def _feeds(shell: Shell, words: str) -> None:
    """Print where the pass uses a number next."""
    session, q = shell.session, number_of(shell.session, words)
    voice = voice_of(session)
    if not is_known(session, q):
        raise ShellError(f"{words} is {UNKNOWN}")
    uses = feeds(session.trace, q)
    shell.say(f"{voice.text(q)} = {_number(session, q)} is {'used in:' if uses else 'not used again in this pass'}")
    for part in uses:
        value = f" = {_number(session, part)}" if is_known(session, part) else ""
        shell.say(f"     {voice.text(part)}{value}  ({_origin(session, part)})")


WHY_COMMANDS = (
    ShellCommand(
        "why",
        "",
        "why [VALUE|N|up]",
        "show what a number was computed from; N follows a factor, up goes back",
        _why,
        complete=value_names,
    ),
    ShellCommand("feeds", "", "feeds VALUE", "show where a number is used", _feeds, complete=value_names),
)
