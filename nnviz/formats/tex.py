"""TeX for documents: formulas without operand colors, texts with escaped special characters."""

from __future__ import annotations

import re

from nnviz.present.text.plain_text import linear

_MARK = re.compile(r"\\textcolor\{#[0-9a-f]{6}\}\{|\\cancel\{")
_WORD_BEFORE = re.compile(r"\\[A-Za-z]+$")
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "{": r"\{",
    "}": r"\}",
    "$": r"\$",
    "&": r"\&",
    "#": r"\#",
    "_": r"\_",
    "%": r"\%",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
}


def unmarked(tex: str) -> str:
    """Return a formula without strokes and the colors of its operands; braces stay where the neighbours need them."""
    out, at = "", 0
    while match := _MARK.search(tex, at):
        end = _closing(tex, match.end())
        inner = unmarked(tex[match.end() : end])
        out += tex[at : match.start()]
        is_base = tex[end + 1 : end + 2] in ("^", "_", "'")
        joins_word = bool(_WORD_BEFORE.search(out)) and inner[:1].isalpha()
        out += f"{{{inner}}}" if is_base or joins_word else inner
        at = end + 1
    return out + tex[at:]


def _closing(tex: str, at: int) -> int:
    """Return the index of the brace that closes the group opened just before `at`."""
    depth = 1
    while at < len(tex):
        if tex[at] == "\\":
            at += 2
            continue
        depth += {"{": 1, "}": -1}.get(tex[at], 0)
        if depth == 0:
            return at
        at += 1
    return len(tex)


def escaped(text: str) -> str:
    """Escape plain text for LaTeX, on one line."""
    return "".join(_SPECIAL.get(char, char) for char in " ".join(text.split()))


def broken(tex: str, most: int) -> list[str]:
    """Break a sum before its plus and minus signs into lines of about `most` visible characters.

    Brackets that grow (`\\left`) cannot be broken across lines, so in a long sum they get a fixed size.
    """
    if len(linear(tex)) <= most:
        return [tex]
    lines: list[str] = []
    for part in _summands(tex.replace(r"\left", r"\bigl").replace(r"\right", r"\bigr")):
        if lines and len(linear(f"{lines[-1]} {part}")) <= most:
            lines[-1] += f" {part}"
        else:
            lines.append(part)
    return lines


def _summands(tex: str) -> list[str]:
    """Split a sum into its parts, each after the first with its sign; groups in braces are not split."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(tex):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0 and tex[at : at + 3] in (" + ", " - "):
            parts.append(tex[start:at])
            start = at + 1
    return [*parts, tex[start:]]
