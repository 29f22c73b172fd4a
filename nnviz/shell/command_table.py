"""The table of all commands of `nnviz debug`: help, completion and the documentation are generated from it."""

from __future__ import annotations

from nnviz.shell.branch_commands import BRANCHING
from nnviz.shell.breakpoint_commands import STOPPING
from nnviz.shell.diagnosis_commands import AILING
from nnviz.shell.edit_commands import EDITING
from nnviz.shell.move_commands import MOVING
from nnviz.shell.predict_commands import PREDICTING
from nnviz.shell.print_commands import LOOKING
from nnviz.shell.save_command import KEEPING
from nnviz.shell.set_commands import COUNTING
from nnviz.shell.shell import ShellCommand
from nnviz.shell.why_commands import TRACING

SHELL_COMMANDS: tuple[ShellCommand, ...] = (
    *MOVING,
    *STOPPING,
    *TRACING,
    *LOOKING,
    *AILING,
    *COUNTING,
    *EDITING,
    *BRANCHING,
    *PREDICTING,
    *KEEPING,
)
