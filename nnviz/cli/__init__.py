"""The command line: `nnviz [LESSON|FILE]` opens the window; the sub-commands list, check, trace, debug and more."""

from nnviz.cli.common import FAILED, OK, REFUSED
from nnviz.cli.pass_commands import EXPORT_FORMATS, GRAINS, TRACE_FORMATS
from nnviz.cli.program import COMMANDS, THREADS, main
from nnviz.cli.train_command import RUN_FORMATS

__all__ = [
    "COMMANDS",
    "EXPORT_FORMATS",
    "FAILED",
    "GRAINS",
    "OK",
    "REFUSED",
    "RUN_FORMATS",
    "THREADS",
    "TRACE_FORMATS",
    "main",
]
