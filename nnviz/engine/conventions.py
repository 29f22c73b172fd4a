"""How a document counts: the choices in which textbooks differ, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, fields, replace

CHOICES: dict[str, tuple[str, ...]] = {
    "delta": ("gradient", "descent"),
    "weights": ("inputs_first", "units_first"),
    "slope": ("exact", "product_of_z", "derivative_of_a"),
    "step": ("downhill", "uphill"),
    "update": ("simultaneous", "sequential"),
    "through_time": ("full", "one_step"),
}

_FROZEN_NAME = re.compile(r"(W|b|W_h|b_h)([1-9][0-9]*)")
# What a word freezes of every layer.
_ALL_OF = {"weights": ("W", "W_h"), "biases": ("b", "b_h")}


@dataclass(frozen=True)
class Convention:
    """One document's choices; see CHOICES for the values of each.

    `delta` and `weights` only change how numbers are told; `slope`, `step`, `update`, `through_time` and
    `frozen` change what is computed. `frozen` holds names such as "W2", "b1", "W_h1", "weights", "biases".
    Raises ValueError on a value that is not among the choices.
    """

    delta: str = "gradient"
    weights: str = "inputs_first"
    slope: str = "exact"
    step: str = "downhill"
    update: str = "simultaneous"
    through_time: str = "full"
    frozen: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in CHOICES and value not in CHOICES[field.name]:
                raise ValueError(f"{field.name}: {value!r} is not one of {', '.join(CHOICES[field.name])}")

    @property
    def is_exact(self) -> bool:
        """Whether the gradients computed are those of the loss (a gradient check should pass)."""
        return self.slope == "exact" and self.through_time == "full" and self.update == "simultaneous"

    @property
    def computed(self) -> Convention:
        """The choices that change what is computed; those of the telling are put aside."""
        return replace(self, delta="gradient", weights="inputs_first")


def is_frozen_name(name: str, layers: int, recurrent: Collection[int] = ()) -> bool:
    """Whether `name` can stand in `frozen` for a network of so many layers: weights, biases, W1 … , b1 … .

    `recurrent` are the recurrent layers, from 0: these have W_h and b_h to freeze as well.
    """
    if name in _ALL_OF:
        return True
    match = _FROZEN_NAME.fullmatch(name)
    if match is None or int(match[2]) > layers:
        return False
    return not match[1].endswith("_h") or int(match[2]) - 1 in recurrent


def is_frozen(convention: Convention, name: str, layer: int) -> bool:
    """Whether the parameter `name` ("W", "b", "W_h" or "b_h") of `layer`, counted from 0, stays as it is."""
    words = (word for word, names in _ALL_OF.items() if name in names)
    return f"{name}{layer + 1}" in convention.frozen or any(word in convention.frozen for word in words)
