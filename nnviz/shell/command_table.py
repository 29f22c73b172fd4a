"""The table of all commands of `nnviz debug`: help, completion and the documentation are generated from it."""

from __future__ import annotations

from nnviz.shell.branch_commands import BRANCH_COMMANDS
from nnviz.shell.breakpoint_commands import BREAKPOINT_COMMANDS
from nnviz.shell.diagnosis_commands import DIAGNOSIS_COMMANDS
from nnviz.shell.edit_commands import EDIT_COMMANDS
from nnviz.shell.move_commands import MOVE_COMMANDS
from nnviz.shell.predict_commands import PREDICT_COMMANDS
from nnviz.shell.print_commands import PRINT_COMMANDS
from nnviz.shell.save_command import SAVE_COMMANDS
from nnviz.shell.set_commands import SET_COMMANDS
from nnviz.shell.shell import ShellCommand
from nnviz.shell.why_commands import WHY_COMMANDS

SHELL_COMMANDS: tuple[ShellCommand, ...] = (
    *MOVE_COMMANDS,
    *BREAKPOINT_COMMANDS,
    *WHY_COMMANDS,
    *PRINT_COMMANDS,
    *DIAGNOSIS_COMMANDS,
    *SET_COMMANDS,
    *EDIT_COMMANDS,
    *BRANCH_COMMANDS,
    *PREDICT_COMMANDS,
    *SAVE_COMMANDS,
)
