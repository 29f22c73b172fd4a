"""TeX as runs of plain text, each with operand and level: the fallback for formulas that mathra cannot set."""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

_TEX_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|[{}^_&]|\s+|[^\\{}^_&\s]", re.DOTALL)

_SYMBOL_TABLE = """
alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε eta η theta θ kappa κ lambda λ mu μ nu ν xi ξ
pi π rho ρ sigma σ tau τ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ
Sigma Σ Phi Φ Psi Ψ Omega Ω partial ∂ nabla ∇ sum ∑ prod ∏ infty ∞ top ⊤ prime ′ cdot · odot ⊙
otimes ⊗ oplus ⊕ times × pm ± div ÷ ast ∗ circ ∘ le ≤ leq ≤ ge ≥ geq ≥ ne ≠ neq ≠ approx ≈ equiv ≡
sim ∼ propto ∝ in ∈ to → rightarrow → leftarrow ← gets ← Rightarrow ⇒ mapsto ↦ dots … ldots …
cdots ⋯ vdots ⋮ mid | lvert | rvert | vert | ell ℓ
"""
_SPACES = {",": " ", ":": " ", ";": " ", "!": "", "quad": "  ", "qquad": "    "}
_SPACED = frozenset("=+−·⊙⊗⊕×±÷≤≥≠≈≡∼∝∈→←⇒↦<>")
_ACCENTS = {"hat": "\u0302", "bar": "\u0304", "tilde": "\u0303", "vec": "\u20d7", "dot": "\u0307"}
_FENCES = {"pmatrix": "()", "bmatrix": "[]", "vmatrix": "||", "Bmatrix": "{}"}
_SILENT = re.compile("left|right|[bB]igg?[lr]?|(display|text)style|(no)?limits")
_UPRIGHT = re.compile("(math|bold|operator|text)[a-z]+|cancel|underline|overline")
_FUNCTIONS = re.compile("ln|log|exp|max|min|arg|sin|cos|tanh|softmax")


def plain_runs(tex: str) -> list["TexRun"]:
    """Return `tex` as Unicode text in runs of one operand and level; unknown commands keep their names."""
    tokens = _TEX_TOKEN.findall(tex)[::-1]  # reversed, so that the next one is popped from the end
    runs: list[TexRun] = []
    while tokens:  # an extra closing brace ends a row early
        runs += _row(tokens, 0, 0)
    return [
        TexRun("".join(run.text for run in group), *key)
        for key, group in groupby(_spaced(runs), key=lambda run: (run.operand, run.level))
    ]


def operand_id(color: str | None, inherited: int) -> int:
    """Return the operand whose number a colour #rrggbb encodes; `inherited` for any other colour."""
    return int(color[1:], 16) if color and re.fullmatch(r"#[0-9a-fA-F]{6}", color) else inherited


def _row(tokens: list[str], operand: int, level: int) -> list["TexRun"]:
    """Read tokens up to the brace that closes this row, or to the end."""
    runs: list[TexRun] = []
    while tokens and tokens[-1] != "}":
        runs += _atom(tokens, operand, level)
    if tokens:
        tokens.pop()
    return runs


def _atom(tokens: list[str], operand: int, level: int) -> list["TexRun"]:
    """Read one token with its arguments."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if not tokens or tokens[-1] == "}":
        return []
    token = tokens.pop()
    name = token[1:]
    if token == "{":
        return _row(tokens, operand, level)
    if token in ("^", "_"):
        return _atom(tokens, operand, 1 if token == "^" else -1)
    if token in ("&", "~"):
        return [TexRun(" ", operand, level)]
    if not name:
        return [TexRun({"-": "−", "'": "′", "*": "∗"}.get(token, token), operand, level)]
    if name == "\\":
        return [TexRun("; ", operand, level)]
    if name in _SPACES or name in _symbols():
        return [TexRun(_SPACES.get(name) or _symbols().get(name, ""), operand, level)]
    if _SILENT.fullmatch(name):
        if tokens and tokens[-1] == ".":  # \left. draws nothing
            tokens.pop()
        return []
    return _command(name, tokens, operand, level)


def _command(name: str, tokens: list[str], operand: int, level: int) -> list["TexRun"]:
    """Read a command and its arguments."""
    if name in ("textcolor", "color"):
        operand = operand_id(_verbatim(tokens), operand)
        return _atom(tokens, operand, level) if name == "textcolor" else _row(tokens, operand, level)
    if name in ("begin", "end"):
        fence = _FENCES.get(_verbatim(tokens), "  ")[name == "end"].strip()
        return [TexRun(fence, operand, level)] if fence else []
    if name in ("text", "textbf", "textit"):
        return [TexRun(_verbatim(tokens), operand, level)]
    if _UPRIGHT.fullmatch(name):
        return _atom(tokens, operand, level)
    if _FUNCTIONS.fullmatch(name):
        return [TexRun(f"{name} ", operand, level)]
    if name in ("frac", "tfrac", "dfrac"):
        above, below = (_bracketed(_atom(tokens, operand, level), operand, level) for _ in range(2))
        return [*above, TexRun("/", operand, level), *below]
    if name == "sqrt":
        return [TexRun("√", operand, level), *_bracketed(_atom(tokens, operand, level), operand, level)]
    if name in _ACCENTS:
        return [*_atom(tokens, operand, level), TexRun(_ACCENTS[name], operand, level)]
    return [TexRun(name, operand, level)]


@lru_cache(maxsize=1)
def _symbols() -> dict[str, str]:
    words = _SYMBOL_TABLE.split()
    return dict(zip(words[::2], words[1::2], strict=True))


def _verbatim(tokens: list[str]) -> str:
    """Read the argument in braces verbatim, including commands in it."""
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if not tokens or tokens[-1] != "{":
        return tokens.pop() if tokens else ""
    depth, parts = 0, []
    while tokens:
        token = tokens.pop()
        depth += (token == "{") - (token == "}")
        if depth == 0:
            break
        parts.append(token)
    return "".join(parts[1:])


def _bracketed(runs: list["TexRun"], operand: int, level: int) -> list["TexRun"]:
    if sum(len(run.text) for run in runs if run.level == level) <= 1:
        return runs
    return [TexRun("(", operand, level), *runs, TexRun(")", operand, level)]


def _spaced(runs: list["TexRun"]) -> Iterator["TexRun"]:
    """Put spaces around operators at level 0, except a sign at the start of the formula or of a bracket."""
    before = "("
    for run in runs:
        if run.text in _SPACED and run.level == 0 and before not in _SPACED and before not in "([{; ":
            yield TexRun(f" {run.text} ", run.operand, run.level)
        else:
            yield run
        before = run.text[-1:] or before


class TexRun(NamedTuple):
    """A piece of a formula as plain text: on the line (level 0), raised (1) or lowered (-1)."""

    text: str
    operand: int
    level: int
