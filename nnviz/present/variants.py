"""Other ways of training that are worth comparing with the present one, each one change away."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine.training import TrainingSettings
from nnviz.present.numbers import typed
from nnviz.present.run_names import OPTIMIZER_TITLES

FACTOR = 10.0  # between learning rates that are compared

NOTHING_DRAWN = "This lesson gives all its weights: none are drawn"

Variants = tuple[tuple[str, TrainingSettings], ...]


def variants(settings: TrainingSettings, examples: int) -> tuple[Variants, ...]:
    """Groups of variants with their titles: when the weights change, the optimizer, the learning rate."""
    return (_updates(settings, examples), _optimizers(settings), _rates(settings))


def _updates(settings: TrainingSettings, examples: int) -> Variants:
    present = settings.batch_size(examples)
    others = (("After each example", "example", 1), ("After the batch", "batch", examples))
    return tuple((title, replace(settings, update_after=after)) for title, after, size in others if size != present)


def _optimizers(settings: TrainingSettings) -> Variants:
    others = {name: title for name, title in OPTIMIZER_TITLES.items() if name != settings.optimizer}
    return tuple((title, replace(settings, optimizer=name)) for name, title in others.items())


def _rates(settings: TrainingSettings) -> Variants:
    rate = settings.rates.learning_rate
    # 0.1 times ten is one, not the nearest float to it
    others = (float(f"{rate * FACTOR:.12g}"), float(f"{rate / FACTOR:.12g}"))
    return tuple(
        (
            f"Learning rate {typed(other)}",
            replace(settings, rates=replace(settings.rates, learning_rate=other)),
        )
        for other in others
    )
