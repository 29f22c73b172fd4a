"""The functions that a listing calls, as Python source: the document's own, and what keeps logarithms finite."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nnviz.export.script_arrays import number
from nnviz.present.voice import Voice

_CALLED = re.compile(r"(?<![\w.])([^\W\d]\w*)\(")

# Each as the engine works it out, so that the figures agree; `{f}` is the document's name, `{leak}` leaky relu's slope.
_VALUES = {
    "sigmoid": "return 1 / (1 + np.exp(-z))",
    "tanh": "return np.tanh(z)",
    "relu": "return np.maximum(z, 0)",
    "leaky_relu": "return np.where(z > 0, z, {leak} * z)",
    "linear": "return z",
    "softmax": (
        "e = np.exp(z - z.max(axis=-1, keepdims=True))  # the shift changes no quotient, and nothing overflows",
        "return e / e.sum(axis=-1, keepdims=True)",
    ),
}
_SLOPES_OF_Z = {
    "sigmoid": ("a = {f}(z)", "return a * (1 - a)"),
    "tanh": "return 1 - {f}(z)**2",
    "relu": "return np.where(z > 0, 1.0, 0.0)",
    "leaky_relu": "return np.where(z > 0, 1.0, {leak})",
    "linear": "return np.ones_like(z)",
}
_SLOPES_OF_A = {
    "sigmoid": "return a * (1 - a)",
    "tanh": "return 1 - a**2",
    "relu": "return np.where(a > 0, 1.0, 0.0)",
    "leaky_relu": "return np.where(a > 0, 1.0, {leak})",
    "linear": "return np.ones_like(a)",
}
# What no document names: its arguments, what it is, and how it is done.
_HELPERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "softmax_pull_back": (
        "a, dE_da",
        "dE/dz of a softmax, every output of which depends on every z.",
        ("return a * (dE_da - (dE_da * a).sum(axis=-1, keepdims=True))",),
    ),
    "log_softmax": (
        "z",
        "ln softmax(z), also where the softmax itself would be rounded to 0.",
        (
            "highest = z.max(axis=-1, keepdims=True)",
            "return z - (highest + np.log(np.exp(z - highest).sum(axis=-1, keepdims=True)))",
        ),
    ),
    "log_sigmoid": (
        "z",
        "ln sigmoid(z), also where the sigmoid itself would be rounded to 0.",
        ("return -np.logaddexp(0, -z)",),
    ),
    "times_log": (
        "t, y",
        "t ln y, and 0 where t is 0: what is not meant costs nothing.",
        ("return np.where(t == 0, 0, t * np.log(y))",),
    ),
    "ratio": (
        "t, y",
        "t / y, and 0 where t is 0.",
        ("return np.where(t == 0, 0, t / y)",),
    ),
}


def called_functions(functions: dict[str, list[str]], code: Sequence[str]) -> list[list[str]]:
    """The sources of those functions that some code calls, in the order of the first calls."""
    called = dict.fromkeys(name for line in code for name in _CALLED.findall(line))
    return [functions[name] for name in called if name in functions]


def function_sources(voice: Voice) -> dict[str, list[str]]:
    """The source of every function that a listing of this voice may call, by name.

    Raises ValueError, in one line, where a notation calls two of them alike.
    """
    notation, architecture = voice.notation, voice.record.architecture
    said = f"no script can be written: the notation {notation.name} calls"
    slopes = _SLOPES_OF_A if notation.slope_of == "a" else _SLOPES_OF_Z
    sources = {name: _function(name, *parts) for name, parts in _HELPERS.items()}
    for activation in dict.fromkeys(layer.activation for layer in architecture.layers):
        name, slope = notation.functions_code[activation], notation.slopes_code[activation]
        bodies = {name: ("z", _VALUES[activation])}
        if activation in slopes:
            if slope == name:
                raise ValueError(f"{said} a function and its slope {name!r}")
            bodies[slope] = (notation.slope_of, slopes[activation])
        for called, (argument, body) in bodies.items():
            if called in sources:
                raise ValueError(f"{said} two functions {called!r}")
            lines = (body,) if isinstance(body, str) else body
            leak = number(architecture.leaky_slope)
            filled = tuple(line.replace("{f}", name).replace("{leak}", leak) for line in lines)
            sources[called] = _function(called, argument, "", filled)
    return sources


def _function(name: str, arguments: str, text: str, body: tuple[str, ...]) -> list[str]:
    told = [f'    """{text}"""'] if text else []
    return [f"def {name}({arguments}):", *told, *(f"    {line}" for line in body)]
