"""Captions: text with TeX between dollars, and numbers of the session in braces."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import numpy as np

from nnviz.debugger.conditions.expressions import evaluate, read_expression
from nnviz.debugger.conditions.grammar import ExpressionError, parse
from nnviz.debugger.state.expression import Expression, Result
from nnviz.debugger.state.session import Session
from nnviz.present.text.numbers import pretty, short

DECIMALS = 4  # of a number without a format
MOST_SHOWN = 8  # numbers of a vector
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"

_SPACES = re.compile(r"[ \n]+")
_FORMAT = re.compile(r"(\+?)(?:\.(\d{1,2}))?([defg%]?)")
_FORMS = "a format is .3f, .2e, .4g, d or .1%, with + before it to show the sign"


class CaptionError(ValueError):
    """A caption that cannot be read; the message is one line."""


@dataclass(frozen=True)
class CaptionNumber:
    """A number of the session in a caption: the text of its expression, and the format in which it is written."""

    expression: str
    format: str = ""


Piece = str | CaptionNumber


def read_caption(text: str) -> tuple[Piece, ...]:
    """Divide a caption into its texts and numbers. Raises CaptionError.

    Between dollars, braces belong to TeX. Elsewhere {{ and }} are braces, and \\$ is a dollar anywhere.
    """
    pieces: list[Piece] = []
    words, at, is_tex = "", 0, False
    while at < len(text):
        pair = text[at : at + 2]
        if pair == "\\$":
            words, at = words + pair, at + 2
        elif text[at] == "$":
            words, at, is_tex = words + "$", at + 1, not is_tex
        elif not is_tex and pair in ("{{", "}}"):
            words, at = words + pair[0], at + 2
        elif not is_tex and text[at] == "}":
            raise CaptionError("a closing brace without an opening one; write }} for a brace")
        elif not is_tex and text[at] == "{":
            end = text.find("}", at)
            if end < 0:
                raise CaptionError("the closing brace of {expression:format} is missing; write {{ for a brace")
            if words:
                pieces.append(words)
            pieces.append(_number(text[at + 1 : end]))
            words, at = "", end + 1
        else:
            words, at = words + text[at], at + 1
    if is_tex:
        raise CaptionError("the closing $ of a formula is missing; write \\$ for a dollar")
    return (*pieces, words) if words else tuple(pieces)


def _number(text: str) -> CaptionNumber:
    """Read what is between two braces; the format follows the last colon outside of brackets. Raises CaptionError."""
    depth, split = 0, None
    for at, sign in enumerate(text):
        depth += {"[": 1, "(": 1, "]": -1, ")": -1}.get(sign, 0)
        if sign == ":" and depth == 0:
            split = at
    expression, form = (text, "") if split is None else (text[:split], text[split + 1 :].strip())
    if not expression.strip():
        raise CaptionError("an expression is missing between the braces, as in {loss:.4f}")
    if _FORMAT.fullmatch(form) is None:
        raise CaptionError(f"{form!r} is not a format; {_FORMS}")
    try:
        parse(expression)
    except ExpressionError as error:
        raise CaptionError(f"{{{text}}}: {error}") from None
    return CaptionNumber(expression.strip(), form)


def finished(session: Session) -> Session:
    """Return the session at the end of its pass, where every value of the pass is known."""
    return replace(session, position=session.trace.end, predicting=None)


def caption_expressions(text: str, session: Session) -> tuple[Expression, ...]:
    """Return the expressions of a caption. Raises ExpressionError and CaptionError."""
    numbers = (piece for piece in read_caption(text) if isinstance(piece, CaptionNumber))
    return tuple(read_expression(number.expression, session) for number in numbers)


def caption_text(text: str, session: Session) -> str:
    """Return a caption with the numbers of the session's finished pass, on one line.

    Raises ExpressionError and CaptionError.
    """
    there = finished(session)
    parts = (piece if isinstance(piece, str) else number_text(piece, there) for piece in read_caption(text))
    return _SPACES.sub(" ", "".join(parts)).strip(" \n")


def number_text(number: CaptionNumber, session: Session) -> str:
    """Return a number of a caption as it is written. Raises ExpressionError if it is not known in this pass."""
    value = evaluate(read_expression(number.expression, session), session)
    if value is None:
        raise ExpressionError(f"{number.expression} is not known in this pass", 1)
    return _value_text(value, number.format)


def _value_text(value: Result, form: str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, np.ndarray):
        return _formatted(float(value), form)
    if value.dtype == bool:
        return str(value.tolist()).lower()
    cells = [_value_text(each if value.ndim > 1 else float(each), form) for each in value[:MOST_SHOWN]]
    return f"[{', '.join(cells)}{', …' if len(value) > MOST_SHOWN else ''}]"


def _formatted(value: float, form: str) -> str:
    found = _FORMAT.fullmatch(form)
    assert found is not None
    sign, decimals, kind = found.groups()
    if not np.isfinite(value):
        return pretty(str(value))
    if not form:
        return pretty(short(value, DECIMALS))
    if kind == "d":
        return pretty(f"{round(value):{sign},d}".replace(",", THIN_SPACE))
    text = format(value + 0.0, f"{sign}{'' if decimals is None else f'.{decimals}'}{kind or 'g'}")
    if not text.strip("-+0.%e") and text.startswith("-"):
        text = text[1:]  # never -0.00
    return pretty(text).replace("%", f"{THIN_SPACE}%")
