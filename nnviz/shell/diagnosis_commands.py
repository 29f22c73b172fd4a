"""The diagnostic commands: `health`, and `nonfinite`, which goes to the first NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.diagnosis.growth import growth_on_run
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite, is_finite
from nnviz.debugger.state.session import Session
from nnviz.present.words.health_text import ALL_FINITE, MOST_MARKS, NO_MARKS, mark_text, marks_of, unlisted_text
from nnviz.present.words.nonfinite_text import AT_STEP, ONLY_SUM, Story, grown_text, series_name, series_text, story
from nnviz.shell.arguments import no_arguments, refuse_while_predicting
from nnviz.shell.shell import Shell, ShellCommand, ShellError


def _health(shell: Shell, words: str) -> None:
    no_arguments(words)
    refuse_while_predicting(shell.session)
    for line in health_lines(shell.session):
        shell.say(line)


def health_lines(session: Session) -> Iterator[str]:
    """Yield the diagnostics of a pass: the first NaN or infinity with its cause, then a line per mark."""
    found, marks = story(session), marks_of(session)
    if found is not None:
        yield from _story_lines(session, found)
    for mark in marks[:MOST_MARKS]:
        yield mark_text(session.record, mark)
    if unlisted_text(marks):
        yield unlisted_text(marks)
    if not marks and found is None:
        yield NO_MARKS
    if found is None:
        yield ALL_FINITE


def _story_lines(session: Session, found: Story) -> Iterator[str]:
    yield f"{AT_STEP[:1].upper()}{AT_STEP[1:]}: {found.title}"
    yield from (f"  {line}" for line in (found.where, found.line, found.reason, found.from_text) if line)
    history = growth_on_run(session)
    assert history is not None
    yield f"  {grown_text(history, is_drawn=False)}"
    yield from (f"    {series_text(series_name(session, series), series)}" for series in history.series)


def _nonfinite(shell: Shell, words: str) -> None:
    """Go to the first NaN or infinity of the pass, and print its cause."""
    no_arguments(words)
    session = shell.session
    if is_finite(session.record):
        raise ShellError(ALL_FINITE)
    shell.show_session(go_to_nonfinite(session))
    found = story(shell.session)
    shell.say(f"  {ONLY_SUM if found is None else found.reason}")


DIAGNOSIS_COMMANDS = (
    ShellCommand(
        "health",
        "",
        "health",
        "show dead or saturated neurons, vanishing or exploding gradients, and the first NaN or infinity",
        _health,
    ),
    ShellCommand("nonfinite", "", "nonfinite", "go to the first NaN or infinity of the pass", _nonfinite),
)
