"""Variants of the training settings to compare with the present ones, each with a single change."""

from __future__ import annotations

from dataclasses import replace

from nnviz.engine.training import TrainingSettings
from nnviz.present.runs.run_names import OPTIMIZER_TITLES
from nnviz.present.text.numbers import marked, typed

FACTOR = 10.0  # between the compared learning rates

NOTHING_DRAWN = "This lesson gives all its weights; none are random"

Variants = tuple[tuple[str, TrainingSettings], ...]


def variants(settings: TrainingSettings, examples: int) -> tuple[Variants, ...]:
    """Return groups of variants with their titles: batch size, optimizer, learning rate."""
    return (_updates(settings, examples), _optimizers(settings), _rates(settings))


def _updates(settings: TrainingSettings, examples: int) -> Variants:
    present = settings.batch_size(examples)
    others = (("Batch size 1", "example", 1), (f"Batch size {examples} (all)", "batch", examples))
    return tuple((title, replace(settings, update_after=after)) for title, after, size in others if size != present)


def _optimizers(settings: TrainingSettings) -> Variants:
    others = {name: title for name, title in OPTIMIZER_TITLES.items() if name != settings.optimizer}
    return tuple((title, replace(settings, optimizer=name)) for name, title in others.items())


def _rates(settings: TrainingSettings) -> Variants:
    rate = settings.rates.learning_rate
    # rounded, so that 0.1 times ten is exactly 1
    others = (float(f"{rate * FACTOR:.12g}"), float(f"{rate / FACTOR:.12g}"))
    return tuple(
        (
            f"Learning rate {marked(typed(other))}",
            replace(settings, rates=replace(settings.rates, learning_rate=other)),
        )
        for other in others
    )
