"""The commands that predict: each value is asked for before it is shown, answers are judged, the score is kept."""

from __future__ import annotations

from dataclasses import replace

from nnviz.cli.shell.questions import hint_lines
from nnviz.cli.shell.reading import nothing, one_of
from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.cli.shell.told import formula_text, result_lines
from nnviz.debugger import predict
from nnviz.debugger.prediction import Predicted, Score, carried
from nnviz.debugger.session import Session
from nnviz.export.score_file import keep_score, load_score
from nnviz.present.asked import AT_END, NO_SCORE, asking, right_words, score_table, score_text

_MODES = ("all", "off")
WORDS = 2  # columns of the score's table, before those of figures


def _predict(shell: Shell, words: str) -> None:
    """Begin to be asked, with or without what needs no arithmetic, or walk on without."""
    mode = one_of(words, _MODES, "") if words else ""
    if mode == "off":
        _leave(shell)
        return
    score = _score_of(shell)
    shell.session = predict.start(shell.session, score, skips_trivial=mode != "all")
    shell.ask()


def _leave(shell: Shell) -> None:
    if shell.session.predicting is None:
        raise ShellError("nothing is being predicted")
    tell_parting(shell)
    shell.session = predict.stop(shell.session)


def take(shell: Shell, predicted: Predicted) -> None:
    """Go on with what a session file has kept: neither its score nor the learner's own is added to the other."""
    shell.made = predicted.score
    if predicted.now is not None:
        shell.session = replace(shell.session, predicting=replace(predicted.now, score=_score_of(shell)))


def tell_parting(shell: Shell) -> None:
    """The score in a line, where values are predicted."""
    now = shell.session.predicting
    if now is not None and now.score:
        shell.say(score_text(now.score))


def _answer(shell: Shell, words: str) -> None:
    """Judge an answer; a right one is told, and the next value asked for."""
    session = _asked(shell)
    if not words:
        raise ShellError("the answer is missing, as in: answer 0.73")
    judged = predict.answer(session, words)
    if judged.asked is None:
        _tell(shell, judged)
        return
    shell.session = judged
    shown = asking(judged)
    assert shown is not None
    shell.say(shown.text)


def _hint(shell: Shell, words: str) -> None:
    nothing(words)
    session = _asked(shell)
    shown = asking(session)
    if shown is None or not shown.more_hints:
        raise ShellError("there is no other hint; reveal shows the value")
    shell.session = predict.hint(session)
    for line in hint_lines(shell.session):
        shell.say(line)


def _reveal(shell: Shell, words: str) -> None:
    nothing(words)
    _tell(shell, predict.reveal(_asked(shell)))


def _skip(shell: Shell, words: str) -> None:
    nothing(words)
    session = shell.session
    if session.asked is None:
        raise ShellError("no value is asked for")
    shell.say(f"  {formula_text(session, session.asked)}")
    shell.session = predict.skip(session)
    shell.ask()


def step_asked(shell: Shell) -> None:
    """What `step` does while values are predicted: it shows the value that is asked for, and asks for the next."""
    session = shell.session
    if predict.question(session) is not None:
        _tell(shell, predict.reveal(session))
    else:
        shell.go(predict.go_on(session))


def regrain(shell: Shell, command: str) -> None:
    """What `into` and `out` do meanwhile: ask for parts of the value that is asked for, or for what it is part of."""
    session = _asked(shell)
    moved = predict.guided(command, lambda session: session)(session)
    if moved is session:
        raise ShellError("there is no finer grain" if command == "into" else "whole phases are not asked for")
    shell.session = moved
    shell.ask()


def _score(shell: Shell, words: str) -> None:
    """How often each kind of step was right; or forget it."""
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
    """The session, where a value is asked for. Raises ShellError."""
    if predict.question(shell.session) is None:
        raise ShellError("no value is asked for")
    return shell.session


def _tell(shell: Shell, told: Session) -> None:
    """A value has become known: say it, keep the score, and ask for the next."""
    before, now, step = shell.session.predicting, told.predicting, told.step
    assert before is not None
    assert now is not None
    assert now.verdict is not None
    assert step is not None
    shell.session = told
    _keep(shell, before.score, now.score)
    words = right_words(now.verdict)
    if words:
        shell.say(f"✓ {words}")
    for line in result_lines(told, step):
        shell.say(line)
    shell.tell_watches()
    if told.at_end:
        shell.say(AT_END)
        return
    shell.session = predict.go_on(told)
    shell.ask()


def _score_of(shell: Shell) -> Score:
    """The lesson's score so far."""
    now = shell.session.predicting
    if now is not None:
        return now.score
    return () if shell.scores is None else load_score(shell.scores, shell.session.lesson.name, shell.say)


def _keep(shell: Shell, before: Score, score: Score) -> None:
    shell.made = carried(shell.made, before, score)
    if shell.scores is not None:
        keep_score(shell.scores, shell.session.lesson.name, score, shell.say)


PREDICTING = (
    ShellCommand(
        "predict",
        "",
        "predict [all | off]",
        "be asked for each value before it is shown; all: also what needs no arithmetic",
        _predict,
        complete=lambda shell: _MODES,
    ),
    ShellCommand("answer", "a", "answer NUMBER…", "what is asked for; the number alone does too", _answer),
    ShellCommand("hint", "", "hint", "the formula of what is asked for, then its numbers", _hint),
    ShellCommand("reveal", "", "reveal", "show the value that is asked for", _reveal),
    ShellCommand("skip", "", "skip", "take the step that is asked for, uncounted", _skip),
    ShellCommand(
        "score",
        "",
        "score [forget]",
        "how often each kind of step was predicted right",
        _score,
        complete=lambda shell: ("forget",),
    ),
)
