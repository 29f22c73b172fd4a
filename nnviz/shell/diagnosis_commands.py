"""The diagnostic commands: `health`, also to try a change, and `nonfinite`: go to the first NaN or infinity."""

from __future__ import annotations

from collections.abc import Iterator

from nnviz.debugger.branches import open_branch
from nnviz.debugger.diagnosis.findings import findings, remedies
from nnviz.debugger.diagnosis.growth import growth_on_run
from nnviz.debugger.diagnosis.nonfinite import go_to_nonfinite, is_finite
from nnviz.debugger.diagnosis.remedies import apply_remedy
from nnviz.debugger.state.session import Session
from nnviz.present.text.capital import capital
from nnviz.present.words.finding_text import branch_name, finding_text, remedy_text
from nnviz.present.words.health_text import ALL_FINITE, MOST_MARKS, mark_text, marks_of, no_marks_text, unlisted_text
from nnviz.present.words.nonfinite_text import AT_STEP, ONLY_SUM, Story, grown_text, series_name, series_text, story
from nnviz.shell.arguments import no_arguments, one_of, refuse_while_predicting, whole_number
from nnviz.shell.shell import Shell, ShellCommand, ShellError


def _health(shell: Shell, words: str) -> None:
    refuse_while_predicting(shell.session)
    if words:
        _try(shell, words)
        return
    for line in health_lines(shell.session):
        shell.say(line)


def _try(shell: Shell, words: str) -> None:
    """Make one of the changes that `health` lists, in a new branch."""
    verb, _, number = words.partition(" ")
    one_of(verb, ("try",), "a subcommand")
    offered = remedies(shell.session)
    if not offered:
        raise ShellError("health found nothing that a change could be tried against")
    remedy = offered[whole_number(number.strip(), "the number of the change", 1, len(offered)) - 1]
    name = branch_name(remedy)
    try:
        shell.branches = open_branch(shell.branches, name)
    except ValueError as error:
        raise ShellError(str(error)) from None
    shell.change(lambda session: apply_remedy(session, remedy), name)
    shell.say(f"In the branch “{shell.branches.here.name}”, from the start of the run. Type train to try it.")


def health_lines(session: Session) -> Iterator[str]:
    """Yield the diagnostics of a pass: the first NaN or infinity with its cause, then a line per mark."""
    found, marks = story(session), marks_of(session)
    if found is not None:
        yield from _story_lines(session, found)
    problems = findings(session)
    for finding in problems:
        yield finding_text(session, finding)
    for mark in marks[:MOST_MARKS]:
        yield mark_text(session.record, mark)
    if unlisted_text(marks):
        yield unlisted_text(marks)
    if not marks and not problems and found is None:
        yield no_marks_text(session)
    for number, remedy in enumerate(remedies(session), 1):
        yield f"health try {number}: {remedy_text(remedy)}, in a new branch"
    if found is None:
        yield ALL_FINITE


def _story_lines(session: Session, found: Story) -> Iterator[str]:
    yield f"{capital(AT_STEP)}: {found.title}"
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
        "health [try NUMBER]",
        "show problems of neurons, gradients, the run and the data, and the first NaN or infinity; try a change",
        _health,
    ),
    ShellCommand("nonfinite", "", "nonfinite", "go to the first NaN or infinity of the pass", _nonfinite),
)
