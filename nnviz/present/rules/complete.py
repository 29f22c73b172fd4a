"""The check that every rule of the engine has a row of texts, and that no part of a row is missing."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.present.rules.activations import ACTIVATION_TEXTS
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.present.rules.optimizers import OPTIMIZER_TEXTS


class IncompleteRowError(LookupError):
    """A rule of the engine has no texts, or only some of them."""


def check_rows() -> None:
    """Raise IncompleteRowError with every rule that has no row or only a part of one."""
    missing = [*_without_row(), *_of_activations(), *_of_optimizers()]
    if missing:
        raise IncompleteRowError(f"texts are missing: {'; '.join(missing)}")


def _without_row() -> Iterator[str]:
    choices = [f"{field} {value}" for field, values in CHOICES.items() for value in values]
    tables: tuple[tuple[str, Collection[str], Collection[str]], ...] = (
        ("activation", ACTIVATIONS, ACTIVATION_TEXTS),
        ("loss", LOSSES, LOSS_TEXTS),
        ("optimizer", OPTIMIZERS, OPTIMIZER_TEXTS),
        ("choice", choices, [" ".join(key) for key in CONVENTION_TEXTS]),
    )
    for what, wanted, found in tables:
        yield from (f"{what} {name}" for name in wanted if name not in found)
        yield from (f"{what} {name}, which is not in the engine" for name in found if name not in wanted)


def _of_activations() -> Iterator[str]:
    for name, activation in ACTIVATIONS.items():
        row = ACTIVATION_TEXTS.get(name)
        if row is None:
            continue
        wanted = {"value_body": row.value_body}
        if activation.elementwise:
            wanted |= {"slope_of_z": row.slope_of_z}
            formulas = {"value": row.value, "slope": row.slope, "vector_slope": row.vector_slope}
            yield from _missing(f"activation {name}", formulas)
            if not activation.by_z:
                wanted |= {"slope_of_a": row.slope_of_a}
        yield from _missing(f"activation {name}", wanted)


def _of_optimizers() -> Iterator[str]:
    for name, optimizer in OPTIMIZERS.items():
        row = OPTIMIZER_TEXTS.get(name)
        if row is not None and len(row.memories) != len(optimizer.memory):
            yield f"optimizer {name}: it has {len(optimizer.memory)} memory vectors, and its row {len(row.memories)}"
        if row is not None and (row.decay is None) != (row.decay_code is None):
            yield f"optimizer {name}: decay"


def _missing(rule: str, parts: Mapping[str, object]) -> Iterator[str]:
    yield from (f"{rule}: {part}" for part, value in parts.items() if not value)
