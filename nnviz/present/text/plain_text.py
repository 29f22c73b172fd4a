"""TeX as one line of plain text: δ₁ for \\delta_1, ∂E/∂W₁₁ for a fraction of differentials."""

from __future__ import annotations

import re
from functools import lru_cache
from unicodedata import normalize

_WORDS = {
    "delta": "δ",
    "Delta": "Δ",
    "eta": "η",
    "mu": "μ",
    "sigma": "σ",
    "beta": "β",
    "alpha": "α",
    "lambda": "λ",
    "Phi": "Φ",
    "varphi": "φ",
    "epsilon": "ε",
    "varepsilon": "ε",
    "theta": "θ",
    "nabla": "∇",
    "partial": "∂",
    "cdot": " · ",
    "cdots": "⋯",
    "odot": " ⊙ ",
    "times": "×",
    "leftarrow": " ← ",
    "infty": "∞",
    "sum": "Σ",
    "max": "max",
    "ln": "ln ",
    "quad": "  ",
    "qquad": "   ",
    "top": "ᵀ",
    "prime": "′",
    "sqrt": "√",
    "left": "",
    "right": "",
    "displaystyle": "",
    "scriptstyle": "",
    "tau": "τ",
    "langle": "⟨",
    "rangle": "⟩",
}
_SPACES = {",", ";", " ", ":"}
# What a command stands for by itself, whatever follows it and with or without scripts.
_FIXED = {f"\\{word}": text for word, text in _WORDS.items() if word not in ("sqrt", "langle", "rangle")}
_FIXED |= {f"\\{space}": " " for space in _SPACES}
_PASS_THROUGH = {"mathrm", "operatorname", "text", "mathbf", "mathit", "mathtt", "cancel"}
_ACCENTS = {"hat": "\N{COMBINING CIRCUMFLEX ACCENT}", "bar": "\N{COMBINING MACRON}"}
_SUB = dict(zip("0123456789+-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True)) | {",": ","}
_SUPER = dict(zip("0123456789+-=()hn", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ʰⁿ", strict=True)) | {"′": "′", "ᵀ": "ᵀ"}
_TOKEN = re.compile(r"(\\[A-Za-z]+)(?:\s+(?![\s=+-]))?|(\\.|[{}_^&]|[^\\{}_^&]+)")
_COLOR = re.compile(r"\\textcolor\{[^{}]*\}")
_SPACE = re.compile(r"\s+")
_GROUP = re.compile(r"\([^()]*\)|\[[^][]*\]|\{[^{}]*\}|⟨[^⟨⟩]*⟩")
_TIMED = re.compile(r"(.*)(⟨[^⟨⟩]*⟩)")
_OPERATOR = re.compile("[-+/·\N{MINUS SIGN}]")


@lru_cache(maxsize=16384)  # the lines of one trace, so that writing it once more takes no time
def linear(tex: str, scripts: bool = True) -> str:
    """Return plain text for TeX as this package writes it; without `scripts`, with ASCII `_` and `^`."""
    tokens = [command or other for command, other in _TOKEN.findall(_COLOR.sub("", tex))]
    text, _ = _row(tokens, 0, scripts)
    return _SPACE.sub(" ", text).replace("ln (", "ln(").strip()


def _row(tokens: list[str], at: int, scripts: bool) -> tuple[str, int]:
    """Return the text up to the closing brace, and the index after it."""
    out = ""
    while at < len(tokens) and tokens[at] != "}":
        token = tokens[at]
        fixed = _FIXED.get(token)
        if fixed is not None:
            out += fixed
            at += 1
        elif token in ("_", "^"):
            inner, at = _argument(tokens, at + 1, scripts)
            out += _script(inner, token, scripts)
        else:
            piece, at = _atom(tokens, at, scripts)
            out += piece
    return out, at + 1


def _atom(tokens: list[str], at: int, scripts: bool) -> tuple[str, int]:
    token = tokens[at]
    if token == "{":
        return _row(tokens, at + 1, scripts)
    if token in _FIXED:
        return _FIXED[token], at + 1
    if not token.startswith("\\"):
        return token.replace("'", "′").replace("-", "\N{MINUS SIGN}") if scripts else token, at + 1
    word = token[1:]
    if word in ("frac", "tfrac"):
        above, at = _argument(tokens, at + 1, scripts)
        below, at = _argument(tokens, at, scripts)
        if (above, below) == ("1", "2") and scripts:
            return "½", at
        return f"{_grouped(above)}/{_grouped(below)}", at
    if word == "sqrt":
        inner, at = _argument(tokens, at + 1, scripts)
        return f"√{_grouped(inner, always=len(inner) > 1)}", at
    if word in _ACCENTS:
        inner, at = _argument(tokens, at + 1, scripts)
        return normalize("NFC", inner + _ACCENTS[word]), at
    if word in _PASS_THROUGH:
        return _argument(tokens, at + 1, scripts)
    if word in ("langle", "rangle") and not scripts:
        return "<" if word == "langle" else ">", at + 1
    return _WORDS.get(word, word), at + 1


def _argument(tokens: list[str], at: int, scripts: bool) -> tuple[str, int]:
    """Return one braced group, command, or character; the rest of a run of characters is put back."""
    if at >= len(tokens):
        return "", at
    token = tokens[at]
    if len(token) > 1 and not token.startswith("\\"):
        tokens[at] = token[1:]
        return token[0], at
    return _atom(tokens, at, scripts)


def _grouped(text: str, always: bool = False) -> str:
    """Put text in parentheses if a fraction bar or a root groups it, which a line of text does not show."""
    return f"({text})" if always or _OPERATOR.search(_without_groups(text)) else text


def _without_groups(text: str) -> str:
    """Return the text outside of all parentheses, brackets and braces."""
    while (inner := _GROUP.sub("", text)) != text:
        text = inner
    return text


def _script(inner: str, mark: str, scripts: bool) -> str:
    table = _SUB if mark == "_" else _SUPER
    compact = inner.replace("\N{MINUS SIGN}", "-").replace(" ", "")
    if scripts and all(char in table for char in compact):
        return "".join(table[char] for char in compact)
    if mark == "^" and compact in ("′", "ᵀ"):
        return compact
    timed = _TIMED.fullmatch(compact) if scripts and mark == "^" else None
    if timed is not None:  # a time step is readable on the line: lay1₁⟨2⟩
        return (_script(timed[1], mark, scripts) if timed[1] else "") + timed[2].replace("-", "\N{MINUS SIGN}")
    if not scripts:
        return f"{mark}{inner}" if inner.isalnum() else f"{mark}{{{inner}}}"
    bare = mark == "_" or _without_groups(inner) == "" or inner.replace(".", "").replace(",", "").isalnum()
    return f"{mark}{inner}" if bare else f"{mark}({inner})"
