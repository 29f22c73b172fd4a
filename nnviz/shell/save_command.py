"""The command `save`: write the session with its branches to a file for the window and the shell."""

from __future__ import annotations

import os

from nnviz.debugger.state.prediction import Predicted
from nnviz.lessons.file_content import one_line
from nnviz.sessions import branches_part as session_branches
from nnviz.sessions import predict_part as session_predict
from nnviz.sessions.file_name import SUFFIX, is_session_file
from nnviz.sessions.save import file_version, write_session
from nnviz.sessions.session_fields import Saved
from nnviz.shell.shell import Shell, ShellCommand, ShellError


def _save(shell: Shell, words: str) -> None:
    path = os.path.expanduser(words) or shell.file
    if not words and file_version(path) not in ((), shell.file_version):
        raise ShellError(f"{one_line(path)} has been changed by another program; to replace it, save {one_line(path)}")
    if not path:
        raise ShellError(f"the file name is missing, as in: save walk{SUFFIX}")
    if not is_session_file(path):
        path += SUFFIX
    try:
        write_session(path, _saved(shell))
    except OSError as error:
        raise ShellError(f"{one_line(path)}: cannot be written: {error.strerror or error}") from None
    shell.file, shell.file_version = path, file_version(path)
    shell.say(f"saved to {one_line(path)}")


def _saved(shell: Shell) -> Saved:
    predicted = Predicted(shell.session_score, shell.session.predicting)
    parts = {session_branches.NAME: shell.branches, session_predict.NAME: predicted}
    return Saved(shell.session, {**shell.parts, **parts}, shell.unknown_parts)


SAVE_COMMANDS = (
    ShellCommand(
        "save",
        "",
        "save [FILE]",
        "save the session to a file (default: the one opened or saved last)",
        _save,
        walk_obstacle="it writes a file",
    ),
)
