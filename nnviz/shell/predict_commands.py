"""The commands for predicting values: questions, answers, hints and the score."""

from __future__ import annotations

from dataclasses import replace

from nnviz.debugger.quiz import predict
from nnviz.debugger.state.prediction import Predicted, Score, carry_score
from nnviz.debugger.state.session import Session
from nnviz.formats.score_file import load_score, save_score
from nnviz.present.words.quiz_text import AT_END, NO_SCORE, asking, right_words, score_table, score_text
from nnviz.shell.arguments import no_arguments, one_of
from nnviz.shell.output import formula_text, result_lines
from nnviz.shell.question_text import hint_lines
from nnviz.shell.shell import Shell, ShellCommand, ShellError

_MODES = ("all", "off")
_IN_WALKS = "it keeps a score, which is written to a file; to ask for a value, give the scene an ask"
WORDS = 2  # columns of words in the score table; the others are numbers


def _predict(shell: Shell, words: str) -> None:
    """Start predicting, with or without the values that need no arithmetic, or stop."""
    mode = one_of(words, _MODES, "") if words else ""
    if mode == "off":
        _leave(shell)
        return
    score = _score_of(shell)
    shell.session = predict.start(shell.session, score, skips_trivial=mode != "all")
    shell.say_question()


def _leave(shell: Shell) -> None:
    if shell.session.predicting is None:
        raise ShellError("predicting is off")
    say_score(shell)
    shell.session = predict.stop(shell.session)


def resume_predicting(shell: Shell, predicted: Predicted) -> None:
    """Resume the predicting of a session file. Its score and the user's own score stay separate."""
    shell.session_score = predicted.score
    if predicted.now is not None:
        shell.session = replace(shell.session, predicting=replace(predicted.now, score=_score_of(shell)))


def say_score(shell: Shell) -> None:
    """Print the score in one line, if the user predicts."""
    now = shell.session.predicting
    if now is not None and now.score:
        shell.say(score_text(now.score))


def _answer(shell: Shell, words: str) -> None:
    """Judge an answer; after a correct one, print the value and ask for the next."""
    session = _asked(shell)
    if not words:
        raise ShellError("the answer is missing, as in: answer 0.73")
    judged = predict.answer(session, words)
    if judged.asked is None:
        _show_value(shell, judged)
        return
    shell.session = judged
    shown = asking(judged)
    assert shown is not None
    shell.say(shown.text)


def _hint(shell: Shell, words: str) -> None:
    no_arguments(words)
    session = _asked(shell)
    shown = asking(session)
    if shown is None or not shown.more_hints:
        raise ShellError("there are no more hints; reveal shows the value")
    shell.session = predict.hint(session)
    for line in hint_lines(shell.session):
        shell.say(line)


def _reveal(shell: Shell, words: str) -> None:
    no_arguments(words)
    _show_value(shell, predict.reveal(_asked(shell)))


def _skip(shell: Shell, words: str) -> None:
    no_arguments(words)
    session = shell.session
    if session.asked is None:
        raise ShellError("there is nothing to predict here")
    shell.say(f"  {formula_text(session, session.asked)}")
    shell.session = predict.skip(session)
    shell.say_question()


def step_predicting(shell: Shell) -> None:
    """Run `step` while the user predicts: show the value to predict, and ask for the next."""
    session = shell.session
    if predict.question(session) is not None:
        _show_value(shell, predict.reveal(session))
    else:
        shell.show_session(predict.next_question(session))


def change_question_grain(shell: Shell, command: str) -> None:
    """Run `into` or `out` while the user predicts: ask for the parts of the value, or for the value it is part of."""
    session = _asked(shell)
    moved = predict.action_while_predicting(command, lambda session: session)(session)
    if moved is session:
        raise ShellError("there is no finer grain" if command == "into" else "whole phases cannot be predicted")
    shell.session = moved
    shell.say_question()


def _score(shell: Shell, words: str) -> None:
    """Print how often each kind of step was predicted correctly, or reset the score."""
    if words:
        one_of(words, ("forget",), "")
        shell.session = predict.reset_score(shell.session)
        _keep(shell, (), ())
        shell.say(NO_SCORE)
        return
    score = _score_of(shell)
    if not score:
        shell.say(NO_SCORE)
        return
    rows = score_table(score)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.ljust(width) if at < WORDS else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        shell.say("  ".join(cells))


def _asked(shell: Shell) -> Session:
    """Return the session if a value is to be predicted. Raises ShellError if not."""
    if predict.question(shell.session) is None:
        raise ShellError("there is nothing to predict here")
    return shell.session


def _show_value(shell: Shell, judged: Session) -> None:
    """Print the value that is known now, save the score, and ask for the next value."""
    before, now, step = shell.session.predicting, judged.predicting, judged.step
    assert before is not None
    assert now is not None
    assert now.verdict is not None
    assert step is not None
    shell.session = judged
    _keep(shell, before.score, now.score)
    words = right_words(now.verdict)
    if words:
        shell.say(f"✓ {words}")
    for line in result_lines(judged, step):
        shell.say(line)
    shell.say_watches()
    if judged.at_end:
        shell.say(AT_END)
        return
    shell.session = predict.next_question(judged)
    shell.say_question()


def _score_of(shell: Shell) -> Score:
    """Return the score of the lesson so far."""
    now = shell.session.predicting
    if now is not None:
        return now.score
    return () if shell.scores is None else load_score(shell.scores, shell.session.lesson.name, shell.say)


def _keep(shell: Shell, before: Score, score: Score) -> None:
    shell.session_score = carry_score(shell.session_score, before, score)
    if shell.scores is not None:
        save_score(shell.scores, shell.session.lesson.name, score, shell.say)


PREDICT_COMMANDS = (
    ShellCommand(
        "predict",
        "",
        "predict [all | off]",
        "predict each value before it is shown; all: also values that need no arithmetic",
        _predict,
        walk_obstacle=_IN_WALKS,
        complete=lambda shell: _MODES,
    ),
    ShellCommand(
        "answer",
        "a",
        "answer NUMBER…",
        "answer the question; the number alone works too",
        _answer,
        walk_obstacle=_IN_WALKS,
    ),
    ShellCommand(
        "hint",
        "",
        "hint",
        "show the formula of the value to predict, then its numbers",
        _hint,
        walk_obstacle=_IN_WALKS,
    ),
    ShellCommand("reveal", "", "reveal", "show the value to predict", _reveal, walk_obstacle=_IN_WALKS),
    ShellCommand("skip", "", "skip", "take the step without counting it", _skip, walk_obstacle=_IN_WALKS),
    ShellCommand(
        "score",
        "",
        "score [forget]",
        "show how often each kind of step was predicted correctly, or reset it",
        _score,
        walk_obstacle=_IN_WALKS,
        complete=lambda shell: ("forget",),
    ),
)
