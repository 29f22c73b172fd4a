"""What stands behind a command's name, read: whole numbers, one of some words, and values by their names."""

from __future__ import annotations

from collections.abc import Iterable

from nnviz.cli.shell.shell import Shell, ShellError
from nnviz.debugger.expressions import evaluate, known_at, read_expression
from nnviz.debugger.grammar import ExpressionError, Name, parse
from nnviz.debugger.names import SPECIALS, Leaf, scope_of
from nnviz.debugger.session import Session
from nnviz.lessons.faults import not_one_of
from nnviz.present.asked import COVERED
from nnviz.trace.steps import Quantity

MOST = 1_000_000_000


def whole(text: str, what: str = "a number", least: int = 0, most: int = MOST) -> int:
    """A whole number within bounds. Raises ShellError."""
    if not text.isascii() or not text.isdecimal():
        raise ShellError(f"{text!r} is not a whole number" if text else f"{what} is missing")
    if not least <= int(text) <= most:
        raise ShellError(f"{text} is not from {least} to {most}")
    return int(text)


def times(text: str) -> int:
    """How often: once if nothing is said. Raises ShellError."""
    return whole(text, "how often", 1) if text else 1


def target(text: str, here: int, what: str) -> int:
    """A number of the run, or with a sign so many from here. Raises ShellError."""
    if text[:1] in ("+", "-"):
        by = whole(text[1:].strip(), f"a number of {what}s")
        return min(here + by, MOST) if text[0] == "+" else max(here - by, 0)
    return whole(text, f"a number of {what}s, or +N or -N")


def one_of(text: str, words: Iterable[str], what: str) -> str:
    """One of some words, by its name or the beginning of one alone. Raises ShellError."""
    known = tuple(words)
    meant = [word for word in known if word == text] or [word for word in known if text and word.startswith(text)]
    if len(meant) != 1:
        raise ShellError(not_one_of(text, known) if text else f"{what} is missing: {', '.join(known)}")
    return meant[0]


def nothing(text: str) -> None:
    """Refuse words where none are wanted. Raises ShellError."""
    if text:
        raise ShellError(f"takes nothing, not {text!r}")


def leaf_of(session: Session, text: str) -> Leaf:
    """A value by its name: delta_2, W1[2,1], h[1] @ 3. Raises ShellError."""
    if not text:
        raise ShellError("the name of a value is missing; info names lists them")
    try:
        node = parse(text)
        if not isinstance(node, Name):
            raise ShellError(f"{text} is no name of a value; info names lists them")
        return scope_of(session).leaf(node)
    except ExpressionError as error:
        raise ShellError(str(error)) from None


def number_of(session: Session, text: str) -> Quantity:
    """One number by its name. Raises ShellError."""
    leaf = leaf_of(session, text)
    if leaf.shape:
        places = ",".join("1" for _ in leaf.shape)
        raise ShellError(f"{text} has the shape {leaf.shape}; name one number of it, as in {text}[{places}]")
    return leaf.quantity


def number_in(session: Session, text: str) -> float:
    """The number that an expression gives here: 0.5, or W2[1,1] + 0.1. Raises ShellError."""
    if not text:
        raise ShellError("the number is missing, as in: set b2 = -1.5")
    try:
        value = evaluate(read_expression(text, session), session)
    except ExpressionError as error:
        raise ShellError(str(error)) from None
    if value is None:
        raise ShellError(f"{text} is not known yet")
    if not isinstance(value, float):
        raise ShellError(f"{text} is not one number")
    return value


def not_covered(session: Session) -> None:
    """Refuse to tell what lies ahead of a value that is asked for. Raises ShellError."""
    if session.asked is not None:
        raise ShellError(COVERED)


def known_position(session: Session, text: str) -> int:
    """Where in a pass the last number of a value becomes known; 0 where it is given. Raises ShellError."""
    leaf_of(session, text)
    position = known_at(read_expression(text, session), session.trace)
    if position is None:
        raise ShellError(f"{text} is not told in this pass")
    return position


def value_names(shell: Shell) -> Iterable[str]:
    """Every name that an expression can have here."""
    return (*scope_of(shell.session).entries, *SPECIALS)
