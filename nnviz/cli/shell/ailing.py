"""The commands about what ails a pass: health, and nonfinite, which goes to the first number that is inf or nan."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.cli.shell.reading import not_covered, nothing
from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.debugger.growth import growth, run_up_to
from nnviz.debugger.nonfinite import first_nonfinite, go_to_nonfinite, troubled_row
from nnviz.debugger.session import Session
from nnviz.present.health import ALL_FINITE, MOST_MARKS, NO_MARKS, mark_text, marks_of, unlisted_text
from nnviz.present.nonfinite import AT_STEP, Story, grown_text, series_name, series_text, story


def _health(shell: Shell, words: str) -> None:
    nothing(words)
    not_covered(shell.session)
    for line in health_lines(shell.session):
        shell.say(line)


def health_lines(session: Session) -> Iterator[str]:
    """The first number that is not finite and how it came to that, then each mark of the pass in a line."""
    told, marks = story(session), marks_of(session)
    if told is not None:
        yield from _story_lines(session, told)
    for mark in marks[:MOST_MARKS]:
        yield mark_text(session.record, mark)
    if unlisted_text(marks):
        yield unlisted_text(marks)
    if not marks and told is None:
        yield NO_MARKS
    if told is None:
        yield ALL_FINITE


def _story_lines(session: Session, told: Story) -> Iterator[str]:
    yield f"{AT_STEP[:1].upper()}{AT_STEP[1:]}: {told.title}"
    yield from (f"  {line}" for line in (told.where, told.line, told.reason, told.from_text) if line)
    grown = growth(session, run_up_to(session)[:-1])
    assert grown is not None
    yield f"  {grown_text(grown, is_drawn=False)}"
    yield from (f"    {series_text(series_name(session, series), series)}" for series in grown.series)


def _nonfinite(shell: Shell, words: str) -> None:
    """To the first number of the pass that is not finite, and why it is not."""
    nothing(words)
    session = shell.session
    if first_nonfinite(session.trace) is None and troubled_row(session.record) is None:
        raise ShellError(ALL_FINITE)
    shell.go(go_to_nonfinite(session))
    told = story(shell.session)
    if told is not None:
        shell.say(f"  {told.reason}")


AILING = (
    ShellCommand("health", "", "health", "what ails neurons and layers, and the first number not finite", _health),
    ShellCommand("nonfinite", "", "nonfinite", "to the first number of the pass that is inf or nan", _nonfinite),
)
