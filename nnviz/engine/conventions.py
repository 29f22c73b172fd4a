"""The conventions of a document: the choices in which textbooks differ, as one frozen value."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from typing import Any

CHOICES: dict[str, tuple[str, ...]] = {
    "delta": ("gradient", "descent"),
    "weights": ("inputs_first", "units_first"),
    "slope": ("exact", "product_of_z", "derivative_of_a", "left_out"),
    "step": ("downhill", "uphill"),
    "update": ("simultaneous", "sequential"),
    "through_time": ("full", "one_step"),
}

_FROZEN_NAME = re.compile(r"(W|b|W_h|b_h)([1-9][0-9]*)")
# The parameters of every layer that a word freezes.
_ALL_OF = {"weights": ("W", "W_h"), "biases": ("b", "b_h")}


@dataclass(frozen=True)
class Convention:
    """The choices of one document; see CHOICES for their values.

    `delta` and `weights` change only how numbers are shown; `slope`, `step`, `update`, `through_time` and `frozen`
    change what is computed. `frozen` holds names such as "W2", "b1", "W_h1", "weights", "biases".
    Raises ValueError for a value that is not one of the choices.
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

    def with_choices(self, choices: Iterable[tuple[str, str]]) -> Convention:
        """Return this convention with other choices, by their names."""
        changes: dict[str, Any] = dict(choices)
        return replace(self, **changes)

    @property
    def is_exact(self) -> bool:
        """Whether the computed gradients are those of the loss, so that a gradient check should pass."""
        return self.slope == "exact" and self.through_time == "full" and self.update == "simultaneous"

    @property
    def computed(self) -> Convention:
        """The choices that change what is computed; the other choices have their defaults."""
        return replace(self, delta="gradient", weights="inputs_first")


def is_frozen_name(name: str, layers: int, recurrent: Collection[int] = ()) -> bool:
    """Return whether `name` is valid in `frozen` for a network of `layers` layers: weights, biases, W1 … , b1 … .

    `recurrent` are the indices of the recurrent layers, from 0, which also have W_h and b_h.
    """
    if name in _ALL_OF:
        return True
    match = _FROZEN_NAME.fullmatch(name)
    if match is None or int(match[2]) > layers:
        return False
    return not match[1].endswith("_h") or int(match[2]) - 1 in recurrent


def is_frozen(convention: Convention, name: str, layer: int) -> bool:
    """Return whether the parameter `name` ("W", "b", "W_h" or "b_h") of `layer` (from 0) is frozen."""
    words = (word for word, names in _ALL_OF.items() if name in names)
    return f"{name}{layer + 1}" in convention.frozen or any(word in convention.frozen for word in words)
