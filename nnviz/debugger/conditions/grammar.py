"""The grammar of conditions and watches: parse text to a tree by recursive descent; no Python code is executed.

condition  = and-part { "or" and-part }
and-part   = not-part { "and" not-part }
not-part   = "not" not-part | test
test       = sum { ("<" | "<=" | "==" | "!=" | ">=" | ">") sum } [ "changes" ]
sum        = product { ("+" | "-") product }
product    = sign { ("*" | "/") sign }
sign       = ("-" | "+") sign | power
power      = value [ ("^" | "**") sign ]
value      = number | "(" condition ")" | function "(" condition { "," condition } ")"
           | name [ "[" place { "," place } "]" ] [ "@" time-step ]
place      = whole-number | ":"
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass

MOST_CHARACTERS = 400
MOST_DEPTH = 40
MOST_OPERATORS = 60


class ExpressionError(ValueError):
    """An expression that cannot be used: what is wrong, and in which column (from 1)."""

    def __init__(self, message: str, column: int) -> None:
        super().__init__(f"column {column}: {message}")
        self.message = message
        self.column = column


@dataclass(frozen=True, slots=True)
class Number:
    """A number as written."""

    value: float
    column: int


@dataclass(frozen=True, slots=True)
class Name:
    """A name with its optional indices in brackets (from 1, None for ":") and time step after "@" (from 1)."""

    word: str
    places: tuple[int | None, ...] | None
    time: int | None
    column: int


@dataclass(frozen=True, slots=True)
class Call:
    """A function of one or more values."""

    word: str
    arguments: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with its operands: "-x", "not", arithmetic, "and", "or"."""

    sign: str
    operands: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class ComparisonNode:
    """A chain of comparisons, such as 0 < x < 1: one sign fewer than operands."""

    signs: tuple[str, ...]
    operands: tuple[Node, ...]
    column: int


@dataclass(frozen=True, slots=True)
class Changes:
    """Whether a value differs from that of the previous pass."""

    operand: Node
    column: int


Node = Number | Name | Call | Operation | ComparisonNode | Changes

_TOKEN = re.compile(
    r"\s*(?:(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<word>[^\W\d]\w*)"
    r"|(?P<sign>\*\*|<=|>=|==|!=|[-+*/^<>()\[\],@:=−≤≥≠·×]))"
)
_SAME = {"−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "·": "*", "×": "*"}
_COMPARISONS = ("<", "<=", "==", "!=", ">=", ">")
KEYWORDS = ("and", "or", "not", "changes")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(text: str) -> Node:
    """Parse an expression to its tree. Raises ExpressionError, and no other exception, for any text."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"the text has {len(text)} characters, more than {MOST_CHARACTERS}", MOST_CHARACTERS + 1)
    return _Parser(_tokens(text), len(text) + 1).whole()


def _tokens(text: str) -> list[_Token]:
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            column = len(text) - len(text[place:].lstrip())
            raise ExpressionError(f"unexpected character {text[column]!r}", column + 1)
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, _SAME.get(match[kind], match[kind]), match.start(kind) + 1))
        place = match.end()
    return tokens


class _Parser:
    """Reads tokens from left to right. Mutable: it has a position and a nesting depth."""

    def __init__(self, tokens: list[_Token], end: int) -> None:
        self._tokens = [*tokens, _Token("end", "", end)]
        self._place = 0
        self._depth = 0
        self._operators = 0

    def whole(self) -> Node:
        """Return the tree of all tokens."""
        if self._here.kind == "end":
            raise ExpressionError("the expression is empty", 1)
        node = self._condition()
        if self._here.kind != "end":
            raise self._unexpected("the end")
        return node

    @property
    def _here(self) -> _Token:
        return self._tokens[self._place]

    def _take(self, *texts: str) -> _Token | None:
        """Return the current token if it is one of these and move to the next."""
        token = self._here
        if token.kind == "number" or token.text not in texts:
            return None
        self._place += 1
        return token

    def _need(self, text: str) -> _Token:
        token = self._take(text)
        if token is None:
            raise self._unexpected(repr(text))
        return token

    def _unexpected(self, wanted: str) -> ExpressionError:
        token = self._here
        if token.kind == "end":
            return ExpressionError(f"{wanted} is missing at the end", token.column)
        instead = "; to compare, write ==" if token.text == "=" else ""
        return ExpressionError(f"expected {wanted}, found {token.text!r}{instead}", token.column)

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise ExpressionError(f"nested more than {MOST_DEPTH} levels deep", self._here.column)
        node = read()
        self._depth -= 1
        return node

    def _condition(self) -> Node:
        return self._deeper(lambda: self._series(lambda: self._series(self._not, "and"), "or"))

    def _series(self, part: Callable[[], Node], *signs: str) -> Node:
        """Parse parts joined by left-associative operators."""
        node = part()
        while (token := self._take(*signs)) is not None:
            self._operators += 1
            if self._operators > MOST_OPERATORS:
                raise ExpressionError(f"more than {MOST_OPERATORS} operators", token.column)
            node = Operation(token.text, (node, part()), token.column)
        return node

    def _not(self) -> Node:
        token = self._take("not")
        if token is None:
            return self._test()
        return Operation("not", (self._deeper(self._not),), token.column)

    def _test(self) -> Node:
        operands, signs, column = [self._sum()], [], self._here.column
        while (token := self._take(*_COMPARISONS)) is not None:
            signs.append(token.text)
            operands.append(self._sum())
        node = ComparisonNode(tuple(signs), tuple(operands), column) if signs else operands[0]
        changes = self._take("changes")
        return node if changes is None else Changes(node, changes.column)

    def _sum(self) -> Node:
        return self._series(lambda: self._series(self._sign, "*", "/"), "+", "-")

    def _sign(self) -> Node:
        token = self._take("-", "+")
        if token is None:
            return self._power()
        operand = self._deeper(self._sign)
        return operand if token.text == "+" else Operation("negative", (operand,), token.column)

    def _power(self) -> Node:
        base = self._value()
        token = self._take("^", "**")
        return base if token is None else Operation("^", (base, self._deeper(self._sign)), token.column)

    def _value(self) -> Node:
        token = self._here
        if token.kind == "number":
            self._place += 1
            return Number(_finite(token), token.column)
        if self._take("("):
            node = self._condition()
            self._need(")")
            return node
        if token.kind != "word" or token.text in KEYWORDS:
            raise self._unexpected("a value")
        self._place += 1
        if self._take("("):
            return Call(token.text, self._arguments(), token.column)
        return self._name(token)

    def _arguments(self) -> tuple[Node, ...]:
        arguments = [self._condition()]
        while self._take(","):
            arguments.append(self._condition())
        self._need(")")
        return tuple(arguments)

    def _name(self, token: _Token) -> Name:
        places: tuple[int | None, ...] | None = None
        time: int | None = None
        while self._here.text in ("[", "@"):
            if self._here.text == "[" and places is None:
                self._place += 1
                found = [self._place_or_all()]
                while self._take(","):
                    found.append(self._place_or_all())
                self._need("]")
                places = tuple(found)
            elif self._here.text == "@" and time is None:
                self._place += 1
                time = self._whole("a time step")
            else:
                raise self._unexpected("an operator")
        return Name(token.text, places, time, token.column)

    def _place_or_all(self) -> int | None:
        return None if self._take(":") else self._whole("a whole number or ':'")

    def _whole(self, wanted: str) -> int:
        token = self._here
        if token.kind != "number" or not token.text.isdecimal() or len(token.text) > 9:
            raise self._unexpected(f"{wanted} (from 1)")
        self._place += 1
        return int(token.text)


def _finite(token: _Token) -> float:
    value = float(token.text)
    if not math.isfinite(value):
        raise ExpressionError(f"{token.text} is too large", token.column)
    return value
