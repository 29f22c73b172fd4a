"""The commands that move: by steps, phases, updates and epochs, to a value, and to a breakpoint."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from nnviz.debugger import commands
from nnviz.debugger.conditions.continuing import Stop, run_in_slices, run_until, stop_between
from nnviz.debugger.state.session import Session, choose_example, next_pass
from nnviz.debugger.timeline import (
    next_epoch,
    next_update,
    previous_epoch,
    previous_update,
    to_present,
    travel_to_update,
    update_of_epoch,
)
from nnviz.shell.arguments import known_position, no_arguments, repetitions, target, value_names, whole_number
from nnviz.shell.predict_commands import change_question_grain, step_predicting
from nnviz.shell.shell import Shell, ShellCommand, ShellError

Move = Callable[[Session], Session]


def _walk(move: Move, shell: Shell, words: str) -> None:
    """Make one or several moves; a breakpoint on the way stops them."""
    if shell.session.predicting is not None and move in _ASKED:
        for _ in range(repetitions(words)):
            _ASKED[move](shell)
        return
    with shell.interruptible() as interrupted:
        for _ in range(repetitions(words)):
            before = shell.session
            after = move(before)
            if after is before:
                raise ShellError(_NOWHERE[move])
            after, stop = stop_between(before, after) if move in _WALKS else (after, None)
            shell.show_session(after, stop)
            if stop is not None or interrupted():
                break


_WALKS = {command.run for command in commands.COMMANDS if command.walks}

# What a move does while the user predicts: it never shows the value to predict in passing.
_ASKED: dict[Move, Callable[[Shell], None]] = {
    commands.step: step_predicting,
    commands.into: partial(change_question_grain, command="into"),
    commands.out: partial(change_question_grain, command="out"),
}
# The message if a move is not possible.
_NOWHERE: dict[Move, str] = {
    commands.back: "this is the start of the run",
    commands.into: "grain term is already the finest",
    commands.out: "grain pass is already the coarsest",
    commands.previous_phase: "this is the start of the run",
}


def _jump(move: Move, shell: Shell, words: str) -> None:
    """Go to a place without stopping at breakpoints."""
    no_arguments(words)
    shell.show_session(move(shell.session))


def _update(shell: Shell, words: str) -> None:
    if not words:
        shell.show_session(next_update(shell.session))
        return
    if words == "-":
        shell.show_session(previous_update(shell.session))
        return
    _travel(shell, target(words, shell.session.checkpoint.update, "update"))


def _epoch(shell: Shell, words: str) -> None:
    if not words:
        shell.show_session(next_epoch(shell.session))
        return
    if words == "-":
        shell.show_session(previous_epoch(shell.session))
        return
    epoch = target(words, shell.session.checkpoint.epoch, "epoch")
    _travel(shell, update_of_epoch(shell.session, epoch))


def _travel(shell: Shell, update: int) -> None:
    session = shell.session
    reached = shell.run_interruptible(lambda interrupted: travel_to_update(session, update, interrupted))
    shell.show_session(reached, Stop(None, "interrupted") if shell.was_interrupted else None)


def _train(shell: Shell, words: str) -> None:
    """Train some epochs; a breakpoint, and the first NaN or infinity, stops the training."""
    session = shell.session
    epochs = whole_number(words, "a number of epochs", 1)
    update = update_of_epoch(session, session.checkpoint.epoch + epochs)
    there, stop = shell.run_interruptible(
        lambda interrupted: run_until(session, update, should_stop=interrupted, is_training=True)
    )
    shell.show_session(there, _reason(shell, stop))


def _reason(shell: Shell, stop: Stop) -> Stop | None:
    """Return the stop to report: None if the goal was reached."""
    if stop.breakpoint is None and stop.message == "arrived":
        return None
    return Stop(None, "interrupted") if stop.breakpoint is None and shell.was_interrupted else stop


def _continue(shell: Shell, words: str) -> None:
    no_arguments(words)
    session = shell.session
    epochs = session.training.epochs
    if session.checkpoint.epoch < epochs:
        there, stop = shell.run_interruptible(lambda interrupted: run_in_slices(session, True, interrupted))
        shell.show_session(there, _reason(shell, stop))
        return
    # After the lesson's last epoch, a run whose breakpoints are never hit would not end: train as many epochs again.
    update = update_of_epoch(session, session.checkpoint.epoch + max(1, epochs))
    there, stop = shell.run_interruptible(
        lambda interrupted: run_until(session, update, should_stop=interrupted, is_training=True)
    )
    shell.show_session(there, _reason(shell, stop) or Stop(None, f"trained another {max(1, epochs)} epochs"))


def _reverse(shell: Shell, words: str) -> None:
    no_arguments(words)
    session = shell.session
    there, stop = shell.run_interruptible(lambda interrupted: run_in_slices(session, False, interrupted))
    shell.show_session(there, _reason(shell, stop))


def _run_to(shell: Shell, words: str) -> None:
    """Run to the step that computes a value, in this pass or else in the next; a breakpoint may stop it before."""
    before = shell.session
    position = known_position(before, words)
    if not position:
        raise ShellError(f"{words} is given, not computed in the pass; run-to needs a computed value")
    there = before
    if position <= before.position:
        there = next_pass(before)
        position = known_position(there, words)
    shell.show_session(*stop_between(before, replace(there, position=position)))


def _example(shell: Shell, words: str) -> None:
    number = whole_number(words, "the number of an example", 1, len(shell.session.lesson.dataset))
    shell.show_session(choose_example(shell.session, number - 1))


MOVE_COMMANDS = (
    ShellCommand(
        "step",
        "s",
        "step [N]",
        "take the next step, or N steps",
        partial(_walk, commands.step),
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "back",
        "b",
        "back [N]",
        "take back the last step, or N steps",
        partial(_walk, commands.back),
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "into",
        "",
        "into [N]",
        "step into this step: its parts, one grain finer",
        partial(_walk, commands.into),
        repeats=True,
    ),
    ShellCommand(
        "over",
        "",
        "over [N]",
        "step over: finish the next coarser step, at this grain",
        partial(_walk, commands.over),
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "out",
        "",
        "out [N]",
        "step out: finish the step that contains this one, one grain coarser",
        partial(_walk, commands.out),
        repeats=True,
    ),
    ShellCommand(
        "next",
        "n",
        "next [N]",
        "go to the first step of the next phase",
        partial(_walk, commands.next_phase),
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "previous",
        "",
        "previous [N]",
        "go back to the start of this phase, or of the one before",
        partial(_walk, commands.previous_phase),
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "update",
        "u",
        "update [N|+N|-N|-]",
        "go to the pass after N updates, or to the next; - goes to the start of this one",
        _update,
        repeats=True,
    ),
    ShellCommand(
        "epoch",
        "e",
        "epoch [N|+N|-N|-]",
        "go to the pass after N epochs, or to the next epoch; - goes to the start of this one",
        _epoch,
        repeats=True,
    ),
    ShellCommand(
        "continue",
        "c",
        "continue",
        "run until a breakpoint or NaN or infinity stops, or the lesson's epochs are trained",
        _continue,
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "reverse-continue",
        "rc",
        "reverse-continue",
        "run back to where a breakpoint was last hit",
        _reverse,
        repeats=True,
        walks=True,
    ),
    ShellCommand(
        "run-to",
        "rt",
        "run-to VALUE",
        "run to the step that computes a value next",
        _run_to,
        repeats=True,
        walks=True,
        complete=value_names,
    ),
    ShellCommand(
        "train",
        "t",
        "train N",
        "train N epochs; a breakpoint, NaN or infinity stops the training",
        _train,
        repeats=True,
    ),
    ShellCommand("first", "", "first", "go before the first step of the pass", partial(_jump, commands.first)),
    ShellCommand("last", "", "last", "go to the last step of the pass", partial(_jump, commands.last)),
    ShellCommand("present", "", "present", "go back to the latest pass of the run", partial(_jump, to_present)),
    ShellCommand("example", "", "example K", "step example K, counted from 1", _example),
)
