"""Reading the arguments of a command: whole numbers, one of several words, and names of values."""

from __future__ import annotations

import re
from collections.abc import Iterable

from nnviz.debugger.conditions.expressions import evaluate, known_at, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError, Name, parse
from nnviz.debugger.conditions.names import SPECIALS, scope_of
from nnviz.debugger.state.expression import Leaf
from nnviz.debugger.state.session import Session
from nnviz.lessons.faults import not_one_of
from nnviz.present.words.quiz_text import COVERED
from nnviz.shell.shell import Shell, ShellError
from nnviz.tables.numerals import NumeralError, read_numeral
from nnviz.tables.whole_numbers import read_whole
from nnviz.tracing.steps import Quantity

MOST = 1_000_000_000
_MOST_DIGITS = 20
# A text of digits and signs alone: what is wrong with it is said of a number, not of an expression.
_LIKE_A_NUMBER = re.compile(r"[-+−–]?\s*(?:[\d.,][\d.,·'’_%\seE×x/^\\-]*[fFdDjJ]?|∞)")


def whole_number(text: str, what: str = "a number", least: int = 0, most: int = MOST) -> int:
    """Read a whole number within bounds. Raises ShellError."""
    if not any(map(str.isnumeric, text)):
        raise ShellError(f"{text!r} is not a whole number" if text else f"{what} is missing")
    if text.isascii() and text.isdecimal():
        return _bounded(text, least, most)
    try:
        return read_whole(text, least, most)
    except NumeralError as error:
        raise ShellError(str(error)) from None


def _bounded(text: str, least: int, most: int) -> int:
    """Return the number of some digits, which may be very many. Raises ShellError."""
    digits = text.lstrip("0") or "0"
    if len(digits) > _MOST_DIGITS or not least <= int(digits) <= most:
        shown = text if len(text) <= _MOST_DIGITS else f"{text[:_MOST_DIGITS]}…"
        raise ShellError(f"{shown} is not in the range {least} to {most}")
    return int(digits)


def repetitions(text: str) -> int:
    """Read a number of repetitions; 1 for an empty text. Raises ShellError."""
    return whole_number(text, "a number of times", 1) if text else 1


def target(text: str, here: int, what: str) -> int:
    """Read the number of an update or epoch; with a sign, relative to `here`. Raises ShellError."""
    if text[:1] in ("+", "-"):
        by = whole_number(text[1:].strip(), f"a number of {what}s")
        return min(here + by, MOST) if text[0] == "+" else max(here - by, 0)
    return whole_number(text, f"a number of {what}s, or +N or -N")


def one_of(text: str, words: Iterable[str], what: str) -> str:
    """Read one of several words, or an unambiguous beginning of one. Raises ShellError."""
    known = tuple(words)
    matching = [word for word in known if word == text] or [word for word in known if text and word.startswith(text)]
    if len(matching) != 1:
        raise ShellError(not_one_of(text, known) if text else f"{what} is missing: {', '.join(known)}")
    return matching[0]


def no_arguments(text: str) -> None:
    """Refuse arguments of a command that takes none. Raises ShellError."""
    if text:
        raise ShellError(f"takes no argument, not {text!r}")


def leaf_of(session: Session, text: str) -> Leaf:
    """Find a value by its name: delta_2, W1[2,1], h[1] @ 3. Raises ShellError."""
    if not text:
        raise ShellError("the name of a value is missing; info names lists them")
    try:
        node = parse(text)
        if not isinstance(node, Name):
            raise ShellError(f"{text} is not the name of a value; info names lists them")
        return scope_of(session).leaf(node)
    except ExpressionError as error:
        raise ShellError(str(error)) from None


def number_of(session: Session, text: str) -> Quantity:
    """Find a single number by its name. Raises ShellError."""
    leaf = leaf_of(session, text)
    if leaf.shape:
        places = ",".join("1" for _ in leaf.shape)
        raise ShellError(f"{text} has the shape {leaf.shape}; name one of its numbers, as in {text}[{places}]")
    return leaf.quantity


def number_in(session: Session, text: str) -> float:
    """Read a number as a person types it, or evaluate an expression: 0.5, 0,5 or W2[1,1] + 0.1. Raises ShellError."""
    if not text:
        raise ShellError("the number is missing, as in: set b2 = -1.5")
    reason = ""
    try:
        return read_numeral(text).value
    except NumeralError as error:
        reason = str(error)
    try:
        value = evaluate(read_expression(text, session), session)
    except ExpressionError as error:
        raise ShellError(reason if _LIKE_A_NUMBER.fullmatch(text) else str(error)) from None
    if value is None:
        raise ShellError(f"{text} is not known yet")
    if not isinstance(value, float):
        raise ShellError(f"{text} is not a single number")
    return value


def refuse_while_predicting(session: Session) -> None:
    """Refuse to show values while one is to be predicted. Raises ShellError."""
    if session.asked is not None:
        raise ShellError(COVERED)


def known_position(session: Session, text: str) -> int:
    """Return the position at which the whole of a value is known; 0 if it is given. Raises ShellError."""
    leaf_of(session, text)
    position = known_at(read_expression(text, session), session.trace)
    if position is None:
        raise ShellError(f"{text} is not computed in this pass")
    return position


def value_names(shell: Shell) -> Iterable[str]:
    """Return every name that an expression can use here."""
    return (*scope_of(shell.session).entries, *SPECIALS)
