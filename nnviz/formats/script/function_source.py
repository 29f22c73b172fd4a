"""The functions that a listing calls, as Python source code: those of the document, and helpers for logarithms."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.network import Architecture
from nnviz.formats.script.array_source import number
from nnviz.present.core.voice import Voice
from nnviz.present.listing.code import has_varying_constants, without_ones
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.losses import LOSS_FUNCTIONS
from nnviz.present.rules.rule_names import function_code, slope_code, slope_of

_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")

# The helpers, for which no document has a name: arguments, docstring and body.
_HELPERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "softmax_pull_back": (
        "a, dE_da",
        "dE/dz of a softmax, in which every output depends on every z.",
        ("return a * (dE_da - (dE_da * a).sum(axis=-1, keepdims=True))",),
    ),
    **LOSS_FUNCTIONS,
}


def called_functions(functions: dict[str, list[str]], code: Sequence[str]) -> list[list[str]]:
    """Return the sources of the functions that some code calls, in the order of the first calls."""
    called = dict.fromkeys(name for line in code for name in _CALLED.findall(line))
    return [functions[name] for name in called if name in functions]


def function_sources(voice: Voice) -> dict[str, list[str]]:
    """Return the source of every function that a listing of this voice may call, by name.

    Raises ValueError, one line, if a notation gives two of them the same name.
    """
    notation, architecture = voice.notation, voice.record.architecture
    start = f"no script can be written: the notation {notation.name} calls"
    sources = {name: _function(name, *parts) for name, parts in _HELPERS.items()}
    for activation in dict.fromkeys(layer.activation for layer in architecture.layers):
        row, name = ACTIVATION_TEXTS[activation], function_code(notation, activation)
        slope, of = slope_code(notation, activation), slope_of(notation, activation)
        bodies = {name: ("z", row.value_body)}
        slope_body = row.slope_of_a if of == "a" else row.slope_of_z
        if slope_body:
            if slope == name:
                raise ValueError(f"{start} a function and its derivative {name!r}")
            bodies[slope] = (of, slope_body)
        constants = _constants(architecture, activation)
        passed = tuple(constants) if has_varying_constants(architecture, activation) else ()
        for called, (argument, body) in bodies.items():
            if called in sources:
                raise ValueError(f"{start} two functions {called!r}")
            values = {"{f}(z)": f"{name}({', '.join(('z', *passed))})"}
            named = {each: each if passed else text for each, text in constants.items()}
            filled = tuple(without_ones(_filled(line, values), named) for line in body)
            sources[called] = _function(called, ", ".join((argument, *passed)), "", filled)
    return sources


def _constants(architecture: Architecture, activation: str) -> dict[str, str]:
    """Return the constants of an activation by name, with the values of the first layer that has it."""
    layer = next(at for at, each in enumerate(architecture.layers) if each.activation == activation)
    names = (constant.name for constant in ACTIVATIONS[activation].constants)
    return {name: number(value) for name, value in zip(names, architecture.constants(layer), strict=True)}


def _filled(line: str, values: dict[str, str]) -> str:
    for mark, text in values.items():
        line = line.replace(mark, text)
    return line


def _function(name: str, arguments: str, text: str, body: tuple[str, ...]) -> list[str]:
    docstring = [f'    """{text}"""'] if text else []
    return [f"def {name}({arguments}):", *docstring, *(f"    {line}" for line in body)]
