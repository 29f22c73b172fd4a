"""The conventions as controls to show: each choice with its word, one sentence of explanation, and why it cannot be."""

from __future__ import annotations

from dataclasses import dataclass, fields

from nnviz.debugger.choices import (
    KINDS,
    frozen_names,
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

SOME = "k"  # the word of "after so many examples"


def _of_convention(field: str) -> dict[object, tuple[str, str]]:
    """The word and the tip of each choice of a convention."""
    texts = {value: CONVENTION_TEXTS[field, value] for value in CHOICES[field]}
    return {value: (text.word, text.tip) for value, text in texts.items()}


# Of each control: its title, and for each value the word shown and what it means.
_CONTROLS: dict[str, tuple[str, dict[object, tuple[str, str]]]] = {
    "loss": ("Loss", {name: (LOSS_TEXTS[name].word, LOSS_TEXTS[name].tip) for name in LOSSES}),
    "delta": ("Sign of δ", _of_convention("delta")),
    "weights": ("W is written", _of_convention("weights")),
    "slope": ("Slope taken", _of_convention("slope")),
    "step": ("Weights move", _of_convention("step")),
    "update": ("Update order", _of_convention("update")),
    "update_after": (
        "Update after",
        {
            "example": ("example", "The weights change after each example."),
            "batch": ("batch", "One change for all examples."),
            SOME: (SOME, "The weights change after so many examples, a mini-batch."),
        },
    ),
    "reduce": (
        "Batch counts as",
        {
            "sum": ("sum", "The gradients of its examples are added."),
            "mean": ("mean", "The gradients of its examples are averaged, as in most libraries."),
        },
    ),
    "through_time": ("Through time", _of_convention("through_time")),
    "layers": (
        "Layer 1 is",
        {
            2: ("the input", "Layers are numbered from the input."),
            1: ("the first hidden", "Layers are numbered from the first hidden one."),
        },
    ),
}


@dataclass(frozen=True)
class ConventionChoice:
    """One value of a control: its word, a sentence about it, why it cannot be, and whether it is the lesson's own."""

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
    """A parameter, or all weights or biases: whether it stays as it is, and whether it does so in the lesson."""

    name: str
    word: str
    on: bool
    own: bool


def convention_controls(session: Session) -> tuple[Control, ...]:
    """Every convention but what is frozen, in the order of the panel."""
    return tuple(_control(session, control, *told) for control, told in _CONTROLS.items())


def frozen_marks(session: Session) -> tuple[FrozenMark, ...]:
    """All weights, all biases, then each parameter of each layer."""
    voice, architecture = voice_of(session), session.record.architecture
    names = parameter_names(architecture)
    now, own = frozen_names(session.convention, architecture), frozen_names(session.lesson.convention, architecture)

    def mark(name: str, word: str, members: frozenset[str]) -> FrozenMark:
        return FrozenMark(name, word, members <= now, members <= own)

    whole = [
        mark(kind, f"all {kind}", frozenset(name for name in names if name.startswith(letter)))
        for letter, kind in KINDS.items()
    ]
    single = [
        mark(name, voice.text(Quantity(PARAMETER_KINDS[called].held, layer)), frozenset((name,)))
        for name, (called, layer) in names.items()
    ]
    return (*whole, *single)


def differs_from_lesson(session: Session) -> int:
    """How many conventions are chosen otherwise than in the lesson's file."""
    controls = sum(not control.choices[control.current].own for control in convention_controls(session))
    architecture = session.record.architecture
    frozen = frozen_names(session.convention, architecture) != frozen_names(session.lesson.convention, architecture)
    return controls + frozen


def _control(session: Session, control: str, title: str, told: dict[object, tuple[str, str]]) -> Control:
    now, own = _in_force(session, control)
    choices = []
    for value, (word, tip) in told.items():
        meant = _meant(control, value, now, own)
        choices.append(ConventionChoice(meant, word, tip, _obstacle(session, control, value), meant == own))
    return Control(control, title, tuple(choices), [choice.value for choice in choices].index(now))


def _meant(control: str, value: object, now: object, own: object) -> object:
    """What a choice stands for: "k" for as many examples as are in force, else as in the lesson, else for a pair."""
    if value == SOME:
        return next((count for count in (now, own) if isinstance(count, int)), 2)
    if control == "layers" and value == 1 and now != 2:
        return now  # a notation of a lesson's own may number its first hidden layer 0
    return value


def _in_force(session: Session, control: str) -> tuple[object, object]:
    """The value of a control in the session, and in the lesson's file."""
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
