"""The commands of the window that work in presentation mode too; the others need the window's panels."""

from __future__ import annotations

from nnviz.debugger.commands import COMMANDS

ON_STAGE = (
    *(command.id for command in COMMANDS),
    *("continue", "run", "run_back", "next_update", "previous_update", "next_epoch", "previous_epoch"),
    *("train", "epoch", "reset", "undo", "redo", "next_branch", "predict", "hint", "reveal", "skip"),
    *("record_walk", "record_scene"),
    *("theme", "presentation", "start_page", "leave", "quit", "keys"),
)

# While a walk plays, the stage has the walk's own keys instead of the debugger's.
IN_WALK = ("presentation", "leave", "quit", "keys")
