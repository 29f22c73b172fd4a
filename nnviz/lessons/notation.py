"""A notation: how a document writes its quantities, in TeX and in code, read from a TOML table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from nnviz.resources import read_text, resource_names

STANDARD = "standard"

# Every quantity that a notation can name. In `code`, an empty name means that the document has no variable for it.
QUANTITIES = (
    *("x", "t", "W", "b", "z", "a", "error", "loss", "dE_da", "slope", "delta", "dW", "db"),
    *("dz_dW", "dz_db", "dz_da", "rate", "velocity", "mean_square", "first_moment", "second_moment"),
)
FUNCTIONS = ("sigmoid", "tanh", "relu", "leaky_relu", "linear", "softmax")

# <l> the layer's number, <f> its function, <v> what the slope is taken of, <p> what enters the layer.
_SPECIAL = ("l", "f", "v", "p")
_PLACEHOLDER = re.compile(r"<(\w+)>")
_CHOICES = {"weights": ("inputs_first", "units_first"), "delta": ("gradient", "descent"), "slope_of": ("z", "a")}
_FLAGS = ("change", "chain_rule")

Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Notation:
    """How a document writes. A name is one pattern, or one for each layer of a network of just that depth.

    Patterns may hold `<l>`, the layer's number as the document counts it (`first_layer` is the first hidden one),
    and in TeX the names of other quantities of the same layer: `\\frac{\\partial <loss>}{\\partial <W>}`.
    `change`: a weight's gradient is written as the change made of it, rate included. `chain_rule`: the local
    derivatives are told too. `slope_of`: whether the slope's function is written of z or of the activation.
    `weights` and `delta` are the orientation and sign that this notation uses where the lesson's convention does
    not decide, that is when it is chosen for another document's lesson.
    """

    name: str
    title: str
    tex: Names
    tex_any: Names
    code: Names
    code_any: Names
    functions_tex: dict[str, str] = field(default_factory=dict)
    functions_code: dict[str, str] = field(default_factory=dict)
    slopes_code: dict[str, str] = field(default_factory=dict)
    weights: str = "inputs_first"
    delta: str = "gradient"
    slope_of: str = "a"
    change: bool = False
    chain_rule: bool = False
    first_layer: int = 1

    def tex_pattern(self, quantity: str, layer: int | None, depth: int) -> str:
        """The TeX pattern of a quantity in a layer (from 0) of a network of `depth` layers."""
        return self._filled(_pattern(self.tex, self.tex_any, quantity, layer, depth), layer)

    def code_name(self, quantity: str, layer: int | None, depth: int) -> str:
        """The variable's name in the NumPy listing; empty where the document has none."""
        return self._filled(_pattern(self.code, self.code_any, quantity, layer, depth), layer)

    def _filled(self, pattern: str, layer: int | None) -> str:
        return pattern if layer is None else pattern.replace("<l>", str(layer + self.first_layer))


def _pattern(names: Names, fallback: Names, quantity: str, layer: int | None, depth: int) -> str:
    given = names.get(quantity, fallback[quantity])
    if len(given) == 1:
        return given[0]
    if len(given) != depth:
        return fallback[quantity][0]
    return given[layer or 0]


def notation_names() -> tuple[str, ...]:
    """The notations that come with nnviz."""
    return resource_names("notations", ".toml")


def load_notation(name: str) -> Notation:
    """A bundled notation by its name. Raises ValueError that names the known ones."""
    if name not in notation_names():
        near = get_close_matches(name, notation_names(), 1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        raise ValueError(f"{name!r} is not one of {', '.join(notation_names())}{hint}")
    return parse_notation(tomllib.loads(read_text("notations", f"{name}.toml")), name)


def parse_notation(table: Mapping[str, Any], name: str) -> Notation:
    """A notation from its table; what it does not name is written as the standard notation does.

    Raises ValueError with one line for the first key that is unknown or wrong.
    """
    known = {"title", "first_layer", "tex", "code", "any", "functions", *_CHOICES, *_FLAGS}
    _refuse_unknown(table, known, "")
    base = None if name == STANDARD else load_notation(STANDARD)
    other = _table(table, "any")
    _refuse_unknown(other, {"tex", "code"}, "any.")
    functions = _table(table, "functions")
    _refuse_unknown(functions, {"tex", "code", "slope"}, "functions.")
    for key, choices in _CHOICES.items():
        if table.get(key, choices[0]) not in choices:
            raise ValueError(f"{key}: {table[key]!r} is not one of {', '.join(choices)}")
    for key in _FLAGS:
        if not isinstance(table.get(key, False), bool):
            raise ValueError(f"{key}: must be true or false")
    first = table.get("first_layer", 1)
    if type(first) is not int or first < 0:
        raise ValueError("first_layer: must be a number from 0")
    title = table.get("title", name)
    if not isinstance(title, str):
        raise ValueError("title: must be text")
    tex, code = _names(_table(table, "tex"), "tex"), _names(_table(table, "code"), "code")
    return Notation(
        name=name,
        title=title,
        tex=tex,
        tex_any=(base.tex_any if base else tex) | _names(_table(other, "tex"), "any.tex"),
        code=code,
        code_any=(base.code_any if base else code) | _names(_table(other, "code"), "any.code"),
        functions_tex=(base.functions_tex if base else {}) | _functions(functions, "tex"),
        functions_code=(base.functions_code if base else {}) | _functions(functions, "code"),
        slopes_code=(base.slopes_code if base else {}) | _functions(functions, "slope"),
        weights=table.get("weights", "inputs_first"),
        delta=table.get("delta", "gradient"),
        slope_of=table.get("slope_of", "z" if base is None else base.slope_of),
        change=table.get("change", False),
        chain_rule=table.get("chain_rule", False),
        first_layer=first,
    )


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"{key}: must be a table")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            near = get_close_matches(key, known, 1)
            hint = f"; did you mean {near[0]!r}?" if near else f"; known are {', '.join(sorted(known))}"
            raise ValueError(f"{where}{key}: unknown{hint}")


def _names(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    _refuse_unknown(table, set(QUANTITIES), f"{where}.")
    names: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        patterns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
        if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
            raise ValueError(f"{where}.{key}: must be a name, or a list with a name for each layer")
        for pattern in patterns:
            _check_pattern(pattern, f"{where}.{key}")
        names[key] = patterns
    return names


def _check_pattern(pattern: str, where: str) -> None:
    if not pattern.isprintable():
        raise ValueError(f"{where}: {pattern!r} must be on one line, without control characters")
    for placeholder in _PLACEHOLDER.findall(pattern):
        if placeholder not in (*QUANTITIES, *_SPECIAL):
            raise ValueError(f"{where}: <{placeholder}> is no quantity")
    if where.startswith(("code", "any.code")):
        bare = pattern.replace("<l>", "1")
        if bare and not bare.isidentifier():
            raise ValueError(f"{where}: {pattern!r} cannot be a variable's name")


def _functions(functions: Mapping[str, Any], key: str) -> dict[str, str]:
    table = _table(functions, key)
    _refuse_unknown(table, set(FUNCTIONS), f"functions.{key}.")
    for name, value in table.items():
        if not isinstance(value, str) or (key != "tex" and not value.isidentifier()):
            raise ValueError(f"functions.{key}.{name}: must be a name")
    return dict(table)
