"""What to try against a problem: another learning rate, other initial weights, or weight decay, from the start."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import floor, log10

import numpy as np

from nnviz.debugger.state.session import Session, choose_checkpoint, choose_training
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.arrays import frozen_array
from nnviz.engine.initializers import Initializer, draw_parameters
from nnviz.engine.network import Architecture
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.engine.training import start_checkpoint

SEED = 1
DECAY = 0.01
FAR = 10.0  # a weighted sum at which an activation shows how it treats large ones


@dataclass(frozen=True)
class Remedy:
    """A change to try: "rate" with its `value`, "draw" with the `scheme` of the weights, or "decay" with its value."""

    kind: str
    value: float = 0.0
    scheme: str = ""


def apply_remedy(session: Session, remedy: Remedy) -> Session:
    """Return the session at the start of its run, with the change made; training starts again from there."""
    return _CHANGES[remedy.kind](session, remedy)


def draw_for(session: Session) -> Remedy:
    """Return new initial weights of the size that suits the hidden layers: He for those like relu, else Xavier."""
    architecture = session.lesson.network.architecture
    is_like_relu = any(_is_one_sided(architecture, layer) for layer in range(architecture.depth - 1))
    return Remedy("draw", scheme="he" if is_like_relu else "xavier")


def _is_one_sided(architecture: Architecture, layer: int) -> bool:
    """Return whether a layer lets large sums pass and holds very negative ones back."""
    out = np.empty(2)
    constants = tuple(map(frozen_array, architecture.constants(layer)))
    ACTIVATIONS[architecture.layers[layer].activation].value(np.array([-FAR, FAR]), out, constants)
    low, high = out.tolist()
    return bool(high > 0.9 * FAR and low > -0.5 * FAR)


def smaller_rate(session: Session, largest: float | None) -> Remedy:
    """Return half of the largest rate that would not diverge, or a tenth of the present one, in one digit."""
    rate = session.training.rates.learning_rate
    wanted = 0.1 * rate if largest is None or largest > rate else 0.5 * largest
    return Remedy("rate", one_digit(wanted))


def larger_rate(session: Session) -> Remedy:
    """Return ten times the present rate."""
    return Remedy("rate", one_digit(10.0 * session.training.rates.learning_rate))


def one_digit(value: float) -> float:
    """Return a positive number rounded down to one significant digit."""
    power = 10.0 ** floor(log10(value)) if value > 0.0 else 1.0
    return float(f"{max(1, int(value / power * (1 + 1e-9))) * power:.6g}")


def _restarted(session: Session) -> Session:
    """Return the session at the first pass of its run, with its present settings."""
    start = start_checkpoint(session.lesson.network, session.training)
    first = session.run.segments[0].start
    vector = first.parameters if first.update == 0 else start.parameters
    return choose_checkpoint(session, replace(start, parameters=vector))


def _rate(session: Session, remedy: Remedy) -> Session:
    rates = replace(session.training.rates, learning_rate=remedy.value)
    return _restarted(choose_training(session, replace(session.training, rates=rates)))


def _draw(session: Session, remedy: Remedy) -> Session:
    architecture = session.lesson.network.architecture
    vector = draw_parameters(architecture, Initializer(remedy.scheme, SEED, bias="zero"), {})
    start = start_checkpoint(session.lesson.network, session.training)
    return choose_checkpoint(session, replace(start, parameters=frozen_array(vector)))


def _decay(session: Session, remedy: Remedy) -> Session:
    rates = replace(session.training.rates, weight_decay=remedy.value)
    decays = next(row.name for row in OPTIMIZERS.values() if any(each.name == "weight_decay" for each in row.constants))
    return _restarted(choose_training(session, replace(session.training, optimizer=decays, rates=rates)))


_CHANGES = {"rate": _rate, "draw": _draw, "decay": _decay}
