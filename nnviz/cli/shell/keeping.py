"""The command `save`: write the session with its branches to a file for the window and the shell."""

from __future__ import annotations

import os

from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.debugger import session_branches, session_predict
from nnviz.debugger.prediction import Predicted
from nnviz.debugger.session_name import SUFFIX, is_session_file
from nnviz.debugger.session_state import Saved
from nnviz.formats.session import write_session


def _save(shell: Shell, words: str) -> None:
    path = os.path.expanduser(words) or shell.file
    if not path:
        raise ShellError(f"the file name is missing, as in: save walk{SUFFIX}")
    if not is_session_file(path):
        path += SUFFIX
    try:
        write_session(path, _saved(shell))
    except OSError as error:
        raise ShellError(f"{path}: cannot be written: {error.strerror or error}") from None
    shell.file = path
    shell.say(f"saved to {path}")


def _saved(shell: Shell) -> Saved:
    predicted = Predicted(shell.made, shell.session.predicting)
    parts = {session_branches.NAME: shell.branches, session_predict.NAME: predicted}
    return Saved(shell.session, {**shell.more, **parts}, shell.kept)


KEEPING = (
    ShellCommand(
        "save", "", "save [FILE]", "save the session to a file (default: the one opened or saved last)", _save
    ),
)
