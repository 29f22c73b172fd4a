"""The settings that the window offers for a sweep, each with values around the present one."""

from __future__ import annotations

from dataclasses import dataclass

from nnviz.engine.initializers import SCHEMES
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.making.defaults import COMPARED
from nnviz.present.runs.variants import FACTOR
from nnviz.present.text.numbers import marked, typed


@dataclass(frozen=True)
class SweepOffer:
    """A setting: its title, its key in lesson files (empty for seeds alone), and values to begin with."""

    title: str
    key: str
    values: str = ""


def sweep_offers(lesson: Lesson, settings: TrainingSettings) -> tuple[SweepOffer, ...]:
    """Return what can be swept in a lesson; what its file gives as numbers cannot."""
    rate = settings.rates.learning_rate
    rates = (float(f"{rate * factor:.12g}") for factor in (1 / FACTOR, 1.0, FACTOR))
    offers = [
        SweepOffer("Learning rate", "training.learning_rate", listed(*map(typed, rates))),
        SweepOffer("Batch size", "training.update_after", listed("example", "batch")),
        SweepOffer("Optimizer", "training.optimizer", listed(*COMPARED["optimizer"])),
        SweepOffer("Weight decay", "training.weight_decay", listed("0", "0.001", "0.01")),
    ]
    if lesson.initializer is not None:
        hidden = range(len(lesson.network.architecture.layers) - 1)
        activations = listed(*COMPARED["activation"])
        offers += [
            SweepOffer(f"Activation of layer {layer + 1}", f"network.layers[{layer + 1}].activation", activations)
            for layer in hidden
        ]
        offers += [
            SweepOffer(f"Neurons in layer {layer + 1}", f"network.layers[{layer + 1}].units", listed("2", "4", "8"))
            for layer in hidden
        ]
        offers.append(SweepOffer("Initial weights", "network.init.scheme", listed(*SCHEMES)))
    if lesson.initializer is not None or settings.shuffle:
        offers.append(SweepOffer("Seeds only", ""))
    return tuple(offers)


def listed(*values: str) -> str:
    """Return values in a list: with commas, or with semicolons where numbers have a decimal comma."""
    text = ", ".join(values)
    return text if marked(text) == text else marked("; ".join(values))
