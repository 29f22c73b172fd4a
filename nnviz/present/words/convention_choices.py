"""The controls of the conventions panel: for each choice its label, its tooltip, and the reason if it is disabled."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nnviz.debugger.choices import (
    frozen_names,
    kinds_of,
    loss_obstacle,
    number_obstacle,
    parameter_names,
    time_obstacle,
)
from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.present.core.voice import voice_of
from nnviz.present.rules.conventions import CONVENTION_TEXTS
from nnviz.present.rules.losses import LOSS_TEXTS
from nnviz.tracing.steps import PARAMETER_KINDS, Quantity

SOME = "k"  # the label of mini-batches


def _of_convention(field: str) -> dict[object, tuple[str, str]]:
    """Return the label and the tooltip of each choice of a convention."""
    texts = {value: CONVENTION_TEXTS[field, value] for value in CHOICES[field]}
    return {value: (text.word, text.tip) for value, text in texts.items()}


# For each control its title, and for each value its label and tooltip.
_CONTROLS: dict[str, tuple[str, dict[object, tuple[str, str]]]] = {
    "loss": ("Loss", {name: (LOSS_TEXTS[name].word, LOSS_TEXTS[name].tip) for name in LOSSES}),
    "delta": ("Sign of δ", _of_convention("delta")),
    "weights": ("Shape of W", _of_convention("weights")),
    "slope": ("Derivative f′", _of_convention("slope")),
    "step": ("Weights move", _of_convention("step")),
    "update": ("Update order", _of_convention("update")),
    "update_after": (
        "Batch size",
        {
            "example": ("1", "One update per example: stochastic gradient descent."),
            "batch": ("all", "One update per epoch, from all examples: batch gradient descent."),
            SOME: (SOME, "One update per mini-batch of k examples."),
        },
    ),
    "reduce": (
        "Batch gradient",
        {
            "sum": ("sum", "The gradients of the examples are summed."),
            "mean": ("mean", "The gradients of the examples are averaged, as in most libraries."),
        },
    ),
    "through_time": ("Through time", _of_convention("through_time")),
    "layers": (
        "Layer 1 is",
        {
            2: ("the input", "The input is layer 1."),
            1: ("the first hidden", "The first hidden layer is layer 1; the input has no number."),
        },
    ),
}


@dataclass(frozen=True)
class ConventionChoice:
    """One value of a control: label, tooltip, the reason if it is disabled, and whether it is the lesson's own."""

    value: object
    word: str
    tip: str
    obstacle: str = ""
    own: bool = False


@dataclass(frozen=True)
class Control:
    """A convention to choose: `current` is the index of the choice in force."""

    id: str
    title: str
    choices: tuple[ConventionChoice, ...]
    current: int


@dataclass(frozen=True)
class FrozenMark:
    """A parameter, or all weights or biases: whether it is frozen, and whether it is frozen in the lesson."""

    name: str
    word: str
    on: bool
    own: bool


def convention_controls(session: Session) -> tuple[Control, ...]:
    """Return the controls of all conventions except the frozen parameters, in the order of the panel."""
    return tuple(_control(session, id, title, choices) for id, (title, choices) in _CONTROLS.items())


def frozen_marks(session: Session) -> tuple[FrozenMark, ...]:
    """Return a mark for all weights, for all biases, and for each parameter of each layer."""
    voice, architecture = voice_of(session), session.record.architecture
    names = parameter_names(architecture)
    now, own = frozen_names(session.convention, architecture), frozen_names(session.lesson.convention, architecture)

    def mark(name: str, word: str, members: frozenset[str]) -> FrozenMark:
        return FrozenMark(name, word, members <= now, members <= own)

    groups = [
        mark(kind, f"all {kind}", frozenset(name for name in names if name.startswith(letter)))
        for letter, kind in kinds_of(architecture)
    ]
    single = [
        mark(name, voice.text(Quantity(PARAMETER_KINDS[called].value, layer)), frozenset((name,)))
        for name, (called, layer) in names.items()
    ]
    return (*groups, *single)


def count_differences(session: Session) -> int:
    """Return the number of conventions that differ from the lesson's file."""
    controls = sum(not control.choices[control.current].own for control in convention_controls(session))
    architecture = session.record.architecture
    frozen = frozen_names(session.convention, architecture) != frozen_names(session.lesson.convention, architecture)
    return controls + frozen


def _control(session: Session, control: str, title: str, texts: dict[object, tuple[str, str]]) -> Control:
    now, own = _current_and_own(session, control)
    choices = []
    for value, (word, tip) in texts.items():
        actual = _actual_value(control, value, now, own)
        choices.append(ConventionChoice(actual, word, tip, _obstacle(session, control, value), actual == own))
    return Control(control, title, tuple(choices), [choice.value for choice in choices].index(now))


def _actual_value(control: str, value: object, now: object, own: object) -> object:
    """Return the value of a choice: for "k" the current size of mini-batches, else the lesson's, else 2."""
    if value == SOME:
        return next((count for count in (now, own) if isinstance(count, int)), 2)
    if control == "layers" and value == 1 and now != 2:
        return now  # the notation of a lesson may number its first hidden layer 0
    return value


def _current_and_own(session: Session, control: str) -> tuple[object, object]:
    """Return the value of a control in the session, and in the lesson's file."""
    lesson = session.lesson
    if control == "loss":
        return session.loss, lesson.network.architecture.loss
    if control == "layers":
        own = lesson.notation.first_layer if session.notation.renumbers else session.notation.first_layer
        return session.notation.first_layer, own
    in_convention = control in {field.name for field in fields(session.convention)}
    now, file = (session.convention, lesson.convention) if in_convention else (session.training, lesson.training)
    return getattr(now, control), getattr(file, control)


def _obstacle(session: Session, control: str, value: object) -> str:
    if control == "loss":
        return loss_obstacle(session.lesson, str(value))
    if control == "through_time":
        return time_obstacle(session.record.architecture)
    return number_obstacle(session.notation) if control == "layers" else ""
