"""The table of all commands of `nnviz debug`: help, completion and the documentation are generated from it."""

from __future__ import annotations

from nnviz.cli.shell.ailing import AILING
from nnviz.cli.shell.branching import BRANCHING
from nnviz.cli.shell.counting import COUNTING
from nnviz.cli.shell.editing import EDITING
from nnviz.cli.shell.keeping import KEEPING
from nnviz.cli.shell.looking import LOOKING
from nnviz.cli.shell.moving import MOVING
from nnviz.cli.shell.predicting import PREDICTING
from nnviz.cli.shell.shell import ShellCommand
from nnviz.cli.shell.stopping import STOPPING
from nnviz.cli.shell.tracing import TRACING

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
