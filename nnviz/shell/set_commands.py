"""The commands that change values, conventions, training, grain and notation: set, grain, notation."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from nnviz.debugger.choices import choose, choose_constant, choose_frozen, kinds_of, parameter_names, time_obstacle
from nnviz.debugger.state.edit import RATE
from nnviz.debugger.state.session import Session, choose_notation, choose_training, restore_lesson_conventions
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.faults import did_you_mean
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.words.edit_text import change_name
from nnviz.shell.arguments import number_in, one_of, whole_number
from nnviz.shell.edit_commands import edit, editable_names, set_number
from nnviz.shell.shell import Shell, ShellCommand, ShellError
from nnviz.tracing.steps import Grain

_ON = {"on": True, "off": False}


def _set(shell: Shell, words: str) -> None:
    if set_number(shell, words, (*_SETTERS, *_RATE, *_CONSTANTS, "lesson")):
        return
    key, _, value = words.replace("=", " ", 1).partition(" ")
    value, name = value.strip(), key.removeprefix("convention.").removeprefix("training.")
    if key == "lesson" and not value:
        _choose(shell, restore_lesson_conventions(shell.session))
    elif name in _CONSTANTS:
        _choose(shell, _constant(shell.session, name, value))
    elif name.startswith("frozen."):
        _choose(shell, _frozen(shell.session, name.removeprefix("frozen."), value))
    else:
        known = (*_SETTERS, *_RATE)
        if not any(setting.startswith(name) for setting in known):
            hint = did_you_mean(name, (*known, *_CONSTANTS))
            raise ShellError(f"{name!r} is not one of {', '.join(known)}{hint}")
        chosen = one_of(name, known, "the name of a setting")
        if chosen in _RATE:
            edit(shell, RATE, value)
        else:
            _choose(shell, _SETTERS[chosen](shell.session, value))


def _choose(shell: Shell, chosen: Session) -> None:
    """Recompute the pass with this choice, with an entry for undo."""
    shell.change(lambda session: chosen, change_name(shell.session, chosen))


def _frozen(session: Session, name: str, value: str) -> Session:
    architecture = session.record.architecture
    known = (*parameter_names(architecture), *(kind for _, kind in kinds_of(architecture)))
    return choose_frozen(session, one_of(name, known, "a parameter"), _ON[one_of(value, _ON, "on or off")])


def _choice(control: str, values: Iterable[str]) -> Callable[[Session, str], Session]:
    def chosen(session: Session, value: str) -> Session:
        if control == "through_time" and time_obstacle(session.record.architecture):
            raise ShellError(time_obstacle(session.record.architecture))
        return _chosen(session, control, one_of(value, values, "a value"))

    return chosen


def _chosen(session: Session, control: str, value: object) -> Session:
    try:
        return choose(session, control, value)
    except ValueError as error:
        raise ShellError(str(error)) from None


def _optimizer(session: Session, value: str) -> Session:
    optimizer = one_of(value, OPTIMIZERS, "an optimizer")
    return choose_training(session, replace(session.training, optimizer=optimizer))


def _constant(session: Session, name: str, value: str) -> Session:
    try:
        return choose_constant(session, name, number_in(session, value))
    except ValueError as error:
        raise ShellError(str(error)) from None


def _update_after(session: Session, value: str) -> Session:
    if value[:1].isnumeric():
        return _chosen(session, "update_after", whole_number(value, "a number of examples", 1))
    return _chosen(session, "update_after", one_of(value, ("example", "batch"), "example, batch or a number"))


def _layers(session: Session, value: str) -> Session:
    return _chosen(session, "layers", whole_number(value, "the number of the first hidden layer"))


_SETTERS: dict[str, Callable[[Session, str], Session]] = {
    **{control: _choice(control, values) for control, values in CHOICES.items()},
    "loss": _choice("loss", LOSSES),
    "reduce": _choice("reduce", ("sum", "mean")),
    "update_after": _update_after,
    "layers": _layers,
    "optimizer": _optimizer,
}


_RATE = ("rate", "learning_rate")
# What the optimizers' rows declare; by their whole names, so that no beginning of another becomes ambiguous.
_CONSTANTS = tuple(dict.fromkeys(constant.name for row in OPTIMIZERS.values() for constant in row.constants))


def _grain(shell: Shell, words: str) -> None:
    grains = {grain.word: grain for grain in Grain}
    shell.show_session(replace(shell.session, grain=grains[one_of(words, grains, "a grain")]))


def _notation(shell: Shell, words: str) -> None:
    lesson = shell.session.lesson.notation
    names = tuple(dict.fromkeys((lesson.name, *notation_names())))
    name = one_of(words, names, "a notation")
    shell.show_session(choose_notation(shell.session, lesson if name == lesson.name else load_notation(name)))


def _settings(shell: Shell) -> Iterable[str]:
    frozen = (f"frozen.{name}" for name in parameter_names(shell.session.record.architecture))
    own = (constant.name for constant in OPTIMIZERS[shell.session.training.optimizer].constants)
    return (*_SETTERS, *_RATE, *own, *frozen, "lesson", *editable_names(shell))


SET_COMMANDS = (
    ShellCommand(
        "set",
        "",
        "set VALUE = EXPRESSION | set NAME = CHOICE | set frozen.W1 = on|off | set lesson",
        "change a weight, bias, input, target, rate or convention; lesson: restore the lesson's conventions",
        _set,
        complete=_settings,
    ),
    ShellCommand(
        "grain",
        "g",
        "grain pass|layer|neuron|term",
        "set the level of detail of the steps",
        _grain,
        complete=lambda shell: [g.word for g in Grain],
    ),
    ShellCommand(
        "notation",
        "",
        "notation NAME",
        "use the notation of another document",
        _notation,
        complete=lambda shell: notation_names(),
    ),
)
