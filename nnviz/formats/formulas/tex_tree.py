"""A formula as a tree: the subset of TeX that nnviz writes, read by a small tokenizer and parser."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

# What a command of one symbol is in Unicode, by its role.
IDENTIFIERS = {
    "alpha": "α",
    "beta": "β",
    "delta": "δ",
    "Delta": "Δ",
    "epsilon": "ϵ",
    "varepsilon": "ε",
    "eta": "η",
    "lambda": "λ",
    "mu": "μ",
    "phi": "ϕ",
    "Phi": "Φ",
    "varphi": "φ",
    "sigma": "σ",
    "tau": "τ",
    "theta": "θ",
    "infty": "∞",
    "partial": "∂",
    "nabla": "∇",
    "prime": "′",
    "top": "⊤",
}
OPERATORS = {
    "cdot": "⋅",
    "times": "×",
    "odot": "⊙",
    "cdots": "⋯",
    "leftarrow": "←",
    "rightarrow": "→",
    "approx": "≈",
    "neq": "≠",
    "leq": "≤",
    "sum": "∑",
    "vert": "|",
}
FENCES = {"langle": "⟨", "rangle": "⟩", "{": "{", "}": "}", "vert": "|", "|": "|"}
FUNCTIONS = ("ln", "max", "min", "exp", "tanh", "sin", "cos")
# Spaces, in em.
SPACES = {",": 0.17, ":": 0.22, ";": 0.28, " ": 0.28, "!": 0.0, "quad": 1.0, "qquad": 2.0}
STYLES = ("mathrm", "mathbf", "mathit", "mathtt", "operatorname", "text")
_ACCENTS = {"hat": "^", "bar": "¯"}
_SIZES = {"bigl", "bigr", "displaystyle", "scriptstyle", "textstyle"}
_TOKEN = re.compile(r"\\([A-Za-z]+|.)|(\d+(?:\.\d+)?(?:\{,\}\d+)?)|(\s+)|(.)", re.DOTALL)


class TexError(ValueError):
    """A formula that is not of the subset; its text says what is not understood."""


@dataclass(frozen=True)
class Symbol:
    """One symbol: `role` is identifier, number, operator, open, close, function or space (whose text is in em)."""

    role: str
    text: str


@dataclass(frozen=True)
class TexRow:
    """Parts side by side."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Fraction:
    """A numerator over a denominator."""

    above: TexRow
    below: TexRow


@dataclass(frozen=True)
class Scripts:
    """A base with a subscript, a superscript, or both."""

    base: Node
    below: TexRow | None = None
    above: TexRow | None = None


@dataclass(frozen=True)
class Root:
    """A square root."""

    inner: TexRow


@dataclass(frozen=True)
class Accent:
    """A letter with a mark over it."""

    mark: str
    inner: TexRow


@dataclass(frozen=True)
class Fenced:
    """Parts between brackets that grow with them."""

    left: str
    inner: TexRow
    right: str


@dataclass(frozen=True)
class Styled:
    """A word in a style of STYLES; of `text` and `operatorname` the words are plain text."""

    style: str
    text: str


@dataclass(frozen=True)
class Cancelled:
    """Parts that are struck out."""

    inner: TexRow


@dataclass(frozen=True)
class Matrix:
    """Rows of cells in parentheses."""

    rows: tuple[tuple[TexRow, ...], ...]


Node = Symbol | TexRow | Fraction | Scripts | Root | Accent | Fenced | Styled | Cancelled | Matrix


@lru_cache(maxsize=4096)
def parse_tex(tex: str) -> TexRow:
    """Return the tree of a formula. Raises TexError for what nnviz does not write."""
    reader = _Reader(tex)
    row = reader.row(())
    if not reader.at_end:
        raise TexError(f"{tex!r}: unexpected {reader.token!r}")
    return row


class _Reader:
    """Reads the tokens of one formula from left to right; a command's token has its backslash."""

    def __init__(self, tex: str) -> None:
        self.tex = tex
        self.tokens: list[str] = [match[0] if match[3] is None else " " for match in _TOKEN.finditer(tex)]
        self.at = 0

    @property
    def at_end(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def token(self) -> str:
        return "" if self.at_end else self.tokens[self.at]

    def row(self, ends: tuple[str, ...]) -> TexRow:
        """Read parts up to one of the tokens `ends`, which stays."""
        items: list[Node] = []
        while not self.at_end and self.token not in ends:
            if self.token == "}":
                break
            self._part(items)
        return TexRow(tuple(items))

    def _part(self, items: list[Node]) -> None:
        token = self.token
        if token == " ":
            self.at += 1
        elif token in ("_", "^", "'"):
            self._script(items)
        else:
            node = self._atom()
            if node is not None:
                items.append(node)

    def _script(self, items: list[Node]) -> None:
        """Read a subscript or superscript of the last part; a second one of its sort belongs to both."""
        mark = self.token
        self.at += 1
        script = TexRow((Symbol("identifier", "′"),)) if mark == "'" else self._argument()
        base = items.pop() if items else TexRow(())
        below, above = (base.below, base.above) if isinstance(base, Scripts) else (None, None)
        inner = base.base if isinstance(base, Scripts) else base
        if mark == "_" and below is None:
            items.append(Scripts(inner, script, above))
        elif mark != "_" and above is None:
            items.append(Scripts(inner, below, script))
        else:
            items.append(Scripts(base, script if mark == "_" else None, None if mark == "_" else script))

    def _argument(self) -> TexRow:
        """Read a group in braces, a command, or one character."""
        while self.token == " ":
            self.at += 1
        if self.token[:1].isdigit() and len(self.token) > 1:
            digits = self.token
            self.tokens[self.at] = digits[1:]
            return TexRow((Symbol("number", digits[0]),))
        node = self._atom()
        return node if isinstance(node, TexRow) else TexRow(() if node is None else (node,))

    def _atom(self) -> Node | None:
        if self.at_end:
            raise TexError(f"{self.tex!r}: ends too early")
        token = self.token
        self.at += 1
        if token.startswith("\\"):
            return self._command(token[1:])
        if token == "{":
            inner = self.row(())
            self._expect("}")
            return inner
        if token[0].isdigit():
            return Symbol("number", token.replace("{,}", ","))
        if token.isalpha():
            return Symbol("identifier", token)
        if token in "([":
            return Symbol("open", token)
        if token in ")]":
            return Symbol("close", token)
        if token in "+-=<>*/,;:.!|½":
            return Symbol("operator", token)
        raise TexError(f"{self.tex!r}: unexpected {token!r}")

    def _command(self, name: str) -> Node | None:
        if name in IDENTIFIERS:
            return Symbol("identifier", IDENTIFIERS[name])
        if name in OPERATORS:
            return Symbol("operator", OPERATORS[name])
        if name in SPACES:
            return Symbol("space", str(SPACES[name]))
        if name in FUNCTIONS:
            return Symbol("function", name)
        if name in FENCES:
            return Symbol("open" if name in ("langle", "{") else "close", FENCES[name])
        if name in _SIZES:
            return None
        if name in ("_", "%", "#", "&", "$"):
            return Symbol("identifier", name)
        return self._structure(name)

    def _structure(self, name: str) -> Node:
        if name in STYLES:
            return Styled(name, self._plain())
        if name in ("frac", "tfrac", "dfrac"):
            above = self._argument()
            return Fraction(above, self._argument())
        if name == "sqrt":
            return Root(self._argument())
        if name in _ACCENTS:
            return Accent(_ACCENTS[name], self._argument())
        if name == "cancel":
            return Cancelled(self._argument())
        if name == "textcolor":
            self._plain()
            return self._argument()
        if name == "left":
            return self._fenced()
        if name == "begin":
            return self._matrix()
        raise TexError(f"{self.tex!r}: unknown command \\{name}")

    def _fenced(self) -> Fenced:
        left = self._fence()
        inner = self.row(("\\right",))
        self._expect("\\right")
        return Fenced(left, inner, self._fence())

    def _fence(self) -> str:
        token = self.token
        self.at += 1
        return "" if token == "." else FENCES.get(token.removeprefix("\\"), token)

    def _matrix(self) -> Matrix:
        self._plain()
        rows: list[tuple[TexRow, ...]] = []
        cells: list[TexRow] = []
        while True:
            cells.append(self.row(("&", "\\\\", "\\end")))
            token = self.token
            self.at += 1
            if token == "&":
                continue
            rows.append(tuple(cells))
            cells = []
            if token != "\\\\":
                break
        self._plain()
        return Matrix(tuple(rows))

    def _plain(self) -> str:
        """Read a group in braces as plain text, without the backslashes of special characters."""
        self._expect("{")
        text, depth = "", 0
        while not self.at_end:
            token = self.token
            if token == "}" and depth == 0:
                break
            depth += {"{": 1, "}": -1}.get(token, 0)
            if token not in ("{", "}"):
                text += token.removeprefix("\\") if len(token) == 2 else token
            self.at += 1
        self._expect("}")
        return text

    def _expect(self, token: str) -> None:
        if self.token != token:
            raise TexError(f"{self.tex!r}: {token!r} is missing")
        self.at += 1
