"""The names of functions and of memory vectors: those of the notation, otherwise those of the rule's row."""

from __future__ import annotations

from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.notation import Notation
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS


def function_tex(notation: Notation, activation: str) -> str:
    """Return the name of an activation function in TeX."""
    own = notation.functions_tex
    return own[activation] if activation in own else ACTIVATION_TEXTS[activation].tex


def function_code(notation: Notation, activation: str) -> str:
    """Return the name of an activation function in code."""
    own = notation.functions_code
    return own[activation] if activation in own else ACTIVATION_TEXTS[activation].code


def slope_code(notation: Notation, activation: str) -> str:
    """Return the name of a derivative's function in code; by default formed like that of sigmoid."""
    if activation in notation.slopes_code:
        return notation.slopes_code[activation]
    pattern, sigmoid = notation.slopes_code["sigmoid"], notation.functions_code["sigmoid"]
    if pattern != sigmoid and (pattern.startswith(sigmoid) or pattern.endswith(sigmoid)):
        return pattern.replace(sigmoid, function_code(notation, activation), 1)
    return f"{function_code(notation, activation)}_slope"


def slope_of(notation: Notation, activation: str) -> str:
    """Return the argument of a derivative's function: "z", or "a" if the notation and the row have a formula in a."""
    row = ACTIVATION_TEXTS[activation]
    return "z" if row.slope_of_z and not row.slope_of_a else notation.slope_of


def memory_tex(notation: Notation, optimizer: str, slot: int, depth: int) -> str:
    """Return the symbol of one memory vector of an optimizer."""
    name = OPTIMIZERS[optimizer].memory[slot]
    if name in notation.tex_any:
        return notation.tex_pattern(name, None, depth)
    return OPTIMIZER_TEXTS[optimizer].memories[slot].tex


def memory_code(notation: Notation, optimizer: str, slot: int, depth: int) -> str:
    """Return the variable of one memory vector of an optimizer; the variable of the parameter is appended to it."""
    name = OPTIMIZERS[optimizer].memory[slot]
    if name in notation.code_any:
        return notation.code_name(name, None, depth)
    return OPTIMIZER_TEXTS[optimizer].memories[slot].code
