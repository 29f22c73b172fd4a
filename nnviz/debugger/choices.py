"""Which conventions a lesson's network allows, why others are refused, and how single parameters are frozen."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from nnviz.debugger.state.session import Session, choose_convention, choose_first_layer, choose_loss, choose_training
from nnviz.engine.conventions import Convention, is_frozen
from nnviz.engine.losses import LOSSES, allowed_targets
from nnviz.engine.network import Architecture
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.notation import Notation

KINDS = {"W": "weights", "b": "biases"}  # by the first letter of their names


def loss_obstacle(lesson: Lesson, loss: str) -> str:
    """Return why a loss cannot be chosen for a lesson; empty if it can."""
    row, output = LOSSES[loss], lesson.network.architecture.layers[-1].activation
    if loss == lesson.network.architecture.loss:
        return ""
    title = loss.replace("_", " ").capitalize()
    if row.outputs and output not in row.outputs:
        return f"{title} needs {row.needs}; this network ends in {output.replace('_', ' ')}."
    targets = lesson.dataset.targets
    outside = targets[(targets < row.low) | (targets > row.high)]
    if not outside.size:
        return ""
    return f"{title} needs targets {allowed_targets(loss)}; this lesson has {float(outside[0]):g}."


def time_obstacle(architecture: Architecture) -> str:
    """Return why no option of back-propagation through time can be chosen; empty if it can."""
    return "" if architecture.is_recurrent else "This option needs a network with a recurrent layer."


def number_obstacle(notation: Notation) -> str:
    """Return why the layers of a notation cannot be renumbered; empty if they can."""
    return "" if notation.renumbers else "The numbers in this notation are part of the document's own names."


def parameter_names(architecture: Architecture) -> dict[str, tuple[str, int]]:
    """Return W1, b1, W_h1, b_h1, W2, … of a network, each with its name in its layer and the layer from 0."""
    return {f"{name}{layer + 1}": (name, layer) for layer, slots in enumerate(architecture.slots) for name in slots}


def kinds_of(architecture: Architecture) -> tuple[tuple[str, str], ...]:
    """Return the kinds of parameters that a network has, each with the first letter of their names."""
    return tuple((letter, kind) for letter, kind in KINDS.items() if letter != "b" or architecture.has_biases)


def frozen_names(convention: Convention, architecture: Architecture) -> frozenset[str]:
    """Return every frozen parameter by its own name, however the convention names them."""
    return frozenset(name for name, place in parameter_names(architecture).items() if is_frozen(convention, *place))


def freeze(lesson: Lesson, convention: Convention, name: str, on: bool) -> Convention:
    """Freeze a parameter (W1, b1, W_h1, …) or all "weights" or "biases", or unfreeze them.

    If the result freezes what the lesson freezes, it uses the lesson's names, so that the two compare equal.
    """
    architecture = lesson.network.architecture
    names = tuple(parameter_names(architecture))
    members = {kind: [each for each in names if each.startswith(letter)] for letter, kind in kinds_of(architecture)}
    meant = members.get(name, [name])
    before = frozen_names(convention, architecture)
    frozen = before.union(meant) if on else before.difference(meant)
    if frozen == frozen_names(lesson.convention, architecture):
        return replace(convention, frozen=lesson.convention.frozen)
    kept: list[str] = []
    for kind, each_name in members.items():
        own = [each for each in each_name if each in frozen]
        kept += [kind] if len(own) == len(each_name) else own
    return replace(convention, frozen=tuple(kept))


def choose(session: Session, control: str, value: object) -> Session:
    """Set one control: loss, layers, update_after, reduce, or a field of the convention.

    Raises ValueError if the control does not allow the value.
    """
    if control in CHOOSERS:
        return CHOOSERS[control](session, value)
    return choose_convention(session, replace(session.convention, **{control: value}))  # type: ignore[arg-type]


def choose_frozen(session: Session, name: str, on: bool) -> Session:
    """Freeze a parameter (W1, b1, …) or all "weights" or "biases", or unfreeze them."""
    return choose_convention(session, freeze(session.lesson, session.convention, name, on))


def _choose_loss(session: Session, value: object) -> Session:
    obstacle = loss_obstacle(session.lesson, str(value))
    if obstacle:
        raise ValueError(obstacle)
    return choose_loss(session, str(value))


def _choose_layers(session: Session, value: object) -> Session:
    if number_obstacle(session.notation):
        raise ValueError(number_obstacle(session.notation))
    assert isinstance(value, int)
    return choose_first_layer(session, value)


def _choose_update_after(session: Session, value: object) -> Session:
    assert isinstance(value, str | int)
    return choose_training(session, replace(session.training, update_after=value))


def _choose_reduce(session: Session, value: object) -> Session:
    return choose_training(session, replace(session.training, reduce=str(value)))


def choose_constant(session: Session, name: str, value: float) -> Session:
    """Choose a constant of the optimizer in use. Raises ValueError where it has none of the name, or not this value."""
    optimizer = OPTIMIZERS[session.training.optimizer]
    constant = next((each for each in optimizer.constants if each.name == name), None)
    if constant is None:
        takers = [row.name for row in OPTIMIZERS.values() if name in {each.name for each in row.constants}]
        raise ValueError(f"{name} is only used with the optimizer {' or '.join(takers)}, not {optimizer.name}")
    if not (math.isfinite(value) and constant.allows(value)):
        raise ValueError(f"{name} must be {constant.allowed}, not {value:g}")
    rates = replace(session.training.rates, **{name: value})
    return choose_training(session, replace(session.training, rates=rates))


CHOOSERS: dict[str, Callable[[Session, object], Session]] = {
    "loss": _choose_loss,
    "layers": _choose_layers,
    "update_after": _choose_update_after,
    "reduce": _choose_reduce,
}
