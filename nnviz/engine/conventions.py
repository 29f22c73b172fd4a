"""How a document counts: the choices in which textbooks differ, as one frozen value."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace

CHOICES: dict[str, tuple[str, ...]] = {
    "delta": ("gradient", "descent"),
    "weights": ("inputs_first", "units_first"),
    "slope": ("exact", "product_of_z", "derivative_of_a"),
    "step": ("downhill", "uphill"),
    "update": ("simultaneous", "sequential"),
    "through_time": ("full", "one_step"),
}

_FROZEN_NAME = re.compile(r"([Wb])([1-9][0-9]*)")


@dataclass(frozen=True)
class Convention:
    """One document's choices; see CHOICES for the values of each.

    `delta` and `weights` only change how numbers are told; `slope`, `step`, `update`, `through_time` and
    `frozen` change what is computed. `frozen` holds names such as "W2", "b1", "weights", "biases".
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


def is_frozen_name(name: str, layers: int) -> bool:
    """Whether `name` can stand in `frozen` for a network of so many layers: weights, biases, W1 … , b1 … ."""
    match = _FROZEN_NAME.fullmatch(name)
    return name in ("weights", "biases") or (match is not None and int(match[2]) <= layers)


def is_frozen(convention: Convention, letter: str, layer: int) -> bool:
    """Whether the parameter `letter` ("W" or "b") of `layer`, counted from 0, stays as it is."""
    kind = {"W": "weights", "b": "biases"}[letter]
    return kind in convention.frozen or f"{letter}{layer + 1}" in convention.frozen
