"""TeX for documents: formulas without the marks of their operands, texts with their special characters escaped."""

from __future__ import annotations

import re

from nnviz.present.text import linear

_MARK = re.compile(r"\\textcolor\{#[0-9a-f]{6}\}\{")
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
    """A formula without its operands' colors; braces stay where what follows or stands before needs them."""
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
    """Where the group that was opened just before `at` is closed."""
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
    """Plain text for LaTeX, on one line."""
    return "".join(_SPECIAL.get(char, char) for char in " ".join(text.split()))


def broken(tex: str, most: int) -> list[str]:
    """A sum in lines of about `most` characters as they are seen, broken before its plus and minus signs.

    Brackets that grow (`\\left`) cannot be broken, so in a long sum they take a fixed size.
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
    """The parts of a sum, every one but the first with its sign; what stands within braces stays whole."""
    parts, depth, start = [], 0, 0
    for at, char in enumerate(tex):
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth == 0 and tex[at : at + 3] in (" + ", " - "):
            parts.append(tex[start:at])
            start = at + 1
    return [*parts, tex[start:]]
