"""A notation: the symbols of a document, in TeX and in code, read from a TOML table."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.faults import did_you_mean
from nnviz.resources import read_text, resource_names

STANDARD = "standard"

_MEMORIES = tuple(dict.fromkeys(name for optimizer in OPTIMIZERS.values() for name in optimizer.memory))
# Every quantity that a notation can name. In `code`, an empty name means that the document has no variable for it.
QUANTITIES = (
    *("x", "t", "W", "b", "z", "exponential", "exponential_sum", "a", "error", "loss"),
    *("dE_da", "slope", "kronecker", "delta", "dE_dx", "dW", "db"),
    *("W_h", "b_h", "dW_h", "db_h"),
    *("dz_dW", "dz_db", "dz_da", "rate", *_MEMORIES),
)
FUNCTIONS = tuple(ACTIVATIONS)

# <l> the layer's number, <f> its function, <v> the argument of the slope, <p> the values that enter the layer,
# <m> the largest z of the layer.
_SPECIAL = ("l", "f", "v", "p", "m")
_PLACEHOLDER = re.compile(r"<(\w+)>")
# <l>, and numbers counted from it as a computation graph counts its nodes: <2l>, <2l-1>, <L>, <2L+1>.
_NUMBER = re.compile(r"<([1-9]?)([lL])([+-][1-9])?>")
_WITHOUT_LAYER = {
    *("x", "t", "error", "loss", "rate", "dE_dx", *_MEMORIES),
}
_CHOICES = {"weights": ("inputs_first", "units_first"), "delta": ("gradient", "descent"), "slope_of": ("z", "a")}
_FLAGS = ("change", "chain_rule", "reward", "renumbers")

Names = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Notation:
    """The symbols of a document. A name is one pattern, or one per layer of a network of exactly that depth.

    A pattern may contain `<l>`, the number of the layer (`first_layer` for the first hidden one), `<L>`, that of the
    last layer, and sums (`<l-1>`, `<2l>`, `<2L+1>`). In TeX it may contain the names of other quantities of the same
    layer: `\\frac{\\partial <loss>}{\\partial <W>}`. The tables ending in `last` name the quantities of the last layer
    in a network of any depth.
    `change`: a gradient is written as the change of the weight, which includes the learning rate. `chain_rule`: the
    local derivatives are steps, too. `reward`: the loss has the opposite sign and is maximized.
    `renumbers`: layers can be counted from the input or from the first hidden layer.
    `slope_of`: the argument of the slope's function, "z" or "a".
    `weights` and `delta`: the orientation and sign of this notation, used if it is chosen for another document's
    lesson.
    """

    name: str
    title: str
    tex: Names
    tex_any: Names
    code: Names
    code_any: Names
    tex_last: Names = field(default_factory=dict)
    code_last: Names = field(default_factory=dict)
    functions_tex: dict[str, str] = field(default_factory=dict)
    functions_code: dict[str, str] = field(default_factory=dict)
    slopes_code: dict[str, str] = field(default_factory=dict)
    weights: str = "inputs_first"
    delta: str = "gradient"
    slope_of: str = "a"
    change: bool = False
    chain_rule: bool = False
    reward: bool = False
    renumbers: bool = False
    first_layer: int = 1

    def tex_pattern(self, quantity: str, layer: int | None, depth: int) -> str:
        """Return the TeX pattern of a quantity in a layer (from 0) of a network of `depth` layers."""
        names = (self.tex, self.tex_last, self.tex_any)
        return self._filled(_pattern(*names, quantity, layer, depth), layer, depth)

    def code_name(self, quantity: str, layer: int | None, depth: int) -> str:
        """Return the name of the variable in the NumPy listing; empty if the document has none."""
        names = (self.code, self.code_last, self.code_any)
        return self._filled(_pattern(*names, quantity, layer, depth), layer, depth)

    def _filled(self, pattern: str, layer: int | None, depth: int) -> str:
        if "<" not in pattern:
            return pattern
        numbers = {"l": (layer or 0) + self.first_layer, "L": depth - 1 + self.first_layer}
        return _NUMBER.sub(lambda m: str(int(m[1] or 1) * numbers[m[2]] + int(m[3] or 0)), pattern)


def _pattern(names: Names, last: Names, fallback: Names, quantity: str, layer: int | None, depth: int) -> str:
    """Choose a pattern: the layer's own, else that of the last layer, else that of all layers, else the fallback."""
    given = names.get(quantity, fallback[quantity])
    if len(given) == depth > 1:
        return given[layer or 0]
    if layer == depth - 1 and quantity in last:
        return last[quantity][0]
    return given[0] if len(given) == 1 else fallback[quantity][0]


def notation_names() -> tuple[str, ...]:
    """Return the names of the bundled notations."""
    return resource_names("notations", ".toml")


@cache
def load_notation(name: str) -> Notation:
    """Load a bundled notation by its name. Raises ValueError, with the known names, for an unknown one."""
    if name not in notation_names():
        hint = did_you_mean(name, notation_names())
        raise ValueError(f"{name!r} is not one of {', '.join(notation_names())}{hint}")
    return parse_notation(tomllib.loads(read_text("notations", f"{name}.toml")), name)


def parse_notation(table: Mapping[str, Any], name: str) -> Notation:
    """Read a notation from its table; missing names are those of the standard notation.

    Raises ValueError, in one line, for the first unknown or invalid key.
    """
    known = {"title", "first_layer", "tex", "code", "any", "output", "functions", *_CHOICES, *_FLAGS}
    _refuse_unknown(table, known, "")
    base = None if name == STANDARD else load_notation(STANDARD)
    other = _table(table, "any")
    _refuse_unknown(other, {"tex", "code"}, "any.")
    output = _table(table, "output")
    _refuse_unknown(output, {"tex", "code"}, "output.")
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
        raise ValueError("first_layer: must be a whole number, at least 0")
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
        tex_last=_one_each(_names(_table(output, "tex"), "output.tex"), "output.tex"),
        code_last=_one_each(_names(_table(output, "code"), "output.code"), "output.code"),
        functions_tex=(base.functions_tex if base else {}) | _functions(functions, "tex"),
        functions_code=(base.functions_code if base else {}) | _functions(functions, "code"),
        slopes_code=(base.slopes_code if base else {}) | _functions(functions, "slope"),
        weights=table.get("weights", "inputs_first"),
        delta=table.get("delta", "gradient"),
        slope_of=table.get("slope_of", "z" if base is None else base.slope_of),
        change=table.get("change", False),
        chain_rule=table.get("chain_rule", False),
        reward=table.get("reward", False),
        renumbers=table.get("renumbers", False),
        first_layer=first,
    )


def notation_table(notation: Notation) -> dict[str, Any]:
    """Return a table that `parse_notation` reads as the notation."""
    base = load_notation(STANDARD)
    fields = {
        "any.tex": _beyond(notation.tex_any, base.tex_any),
        "any.code": _beyond(notation.code_any, base.code_any),
        "output.tex": notation.tex_last,
        "output.code": notation.code_last,
        "functions.tex": _beyond(notation.functions_tex, base.functions_tex),
        "functions.code": _beyond(notation.functions_code, base.functions_code),
        "functions.slope": _beyond(notation.slopes_code, base.slopes_code),
    }
    table: dict[str, Any] = {key: getattr(notation, key) for key in ("title", "first_layer", *_CHOICES)}
    table |= {key: True for key in _FLAGS if getattr(notation, key)}
    table |= {"tex": _written(notation.tex), "code": _written(notation.code)}
    for key, names in fields.items():
        outer, inner = key.split(".")
        if names:
            table.setdefault(outer, {})[inner] = _written(names)
    return {key: value for key, value in table.items() if value != {}}


def _beyond(names: Mapping[str, Any], base: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in names.items() if base.get(key) != value}


def _written(names: Mapping[str, str | tuple[str, ...]]) -> dict[str, Any]:
    return {key: value if isinstance(value, str) else list(value) for key, value in names.items()}


def _table(table: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, dict):
        raise ValueError(f"{key}: must be a table")
    return value


def _refuse_unknown(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            hint = did_you_mean(key, sorted(known)) or f"; known keys are {', '.join(sorted(known))}"
            raise ValueError(f"{where}{key}: unknown{hint}")


def _names(table: Mapping[str, Any], where: str) -> dict[str, tuple[str, ...]]:
    _refuse_unknown(table, set(QUANTITIES), f"{where}.")
    names: dict[str, tuple[str, ...]] = {}
    for key, value in table.items():
        patterns = (value,) if isinstance(value, str) else tuple(value) if isinstance(value, list) else ()
        if not patterns or not all(isinstance(pattern, str) for pattern in patterns):
            raise ValueError(f"{where}.{key}: must be a name, or a list with one name per layer")
        for pattern in patterns:
            _check_pattern(pattern, f"{where}.{key}")
            if key in _WITHOUT_LAYER and any(match[2] == "l" for match in _NUMBER.finditer(pattern)):
                raise ValueError(f"{where}.{key}: {pattern!r} has a layer's number, but {key} has no layer")
        names[key] = patterns
    return names


def _one_each(names: Names, where: str) -> Names:
    for key, patterns in names.items():
        if len(patterns) != 1:
            raise ValueError(f"{where}.{key}: must be a single name, for the last layer")
        if key in _WITHOUT_LAYER:
            raise ValueError(f"{where}.{key}: belongs to no layer; name it in [{where.rpartition('.')[2]}]")
    return names


def _check_pattern(pattern: str, where: str) -> None:
    if not pattern.isprintable():
        raise ValueError(f"{where}: {pattern!r} must be on one line, without control characters")
    for placeholder in _PLACEHOLDER.findall(_NUMBER.sub("", pattern)):
        if placeholder not in (*QUANTITIES, *_SPECIAL):
            raise ValueError(f"{where}: <{placeholder}> is not a quantity")
    if where.startswith(("code", "any.code", "output.code")):
        bare = _NUMBER.sub("1", pattern)
        if bare and not bare.isidentifier():
            raise ValueError(f"{where}: {pattern!r} is not a valid variable name")


def _functions(functions: Mapping[str, Any], key: str) -> dict[str, str]:
    table = _table(functions, key)
    _refuse_unknown(table, set(FUNCTIONS), f"functions.{key}.")
    for name, value in table.items():
        if not isinstance(value, str) or (key != "tex" and not value.isidentifier()):
            raise ValueError(f"functions.{key}.{name}: must be a name")
    return dict(table)
