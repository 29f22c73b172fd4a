"""The command `save`: the session, with its branches, in a file that the window and the shell open again."""

from __future__ import annotations

import os

from nnviz.cli.shell.shell import Shell, ShellCommand, ShellError
from nnviz.debugger.session_branches import NAME
from nnviz.debugger.session_name import SUFFIX, is_session_file
from nnviz.debugger.session_state import Saved
from nnviz.export.session import write_session


def _save(shell: Shell, words: str) -> None:
    path = os.path.expanduser(words) or shell.file
    if not path:
        raise ShellError(f"the file is missing, as in: save walk{SUFFIX}")
    if not is_session_file(path):
        path += SUFFIX
    try:
        write_session(path, Saved(shell.session, {NAME: shell.branches}, shell.kept))
    except OSError as error:
        raise ShellError(f"{path}: cannot be written: {error.strerror or error}") from None
    shell.file = path
    shell.say(f"saved in {path}")


KEEPING = (ShellCommand("save", "", "save [FILE]", "keep the session in a file; the one opened or saved last", _save),)
