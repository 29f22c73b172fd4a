"""The commands of presentation mode: those of its own, and those of the window that work on the stage too."""

from __future__ import annotations

from nnviz.debugger.commands import COMMANDS
from nnviz.gui.kit.actions import WindowCommand

STAGE_COMMANDS: tuple[WindowCommand, ...] = (
    WindowCommand("stage_layout", "Next layout", ("V",), "Show network, graph, code or plots", "layout"),
    WindowCommand("stage_larger", "Larger type", ("+", "="), "Enlarge the type of the stage", "zoom-in"),
    WindowCommand("stage_smaller", "Smaller type", ("-",), "Reduce the type of the stage", "zoom-out"),
    WindowCommand("stage_zoom", "Zoom to the active neuron", ("Z",), "Enlarge the active neuron, or show all again"),
    WindowCommand("stage_spotlight", "Spotlight", ("S",), "Dim what the step does not involve, or nothing"),
    WindowCommand("stage_blank", "Blank screen", ("B", "."), "Turn the stage black, or show it again"),
    WindowCommand("stage_pen", "Pen", ("D",), "Draw on the stage with the mouse", "pencil"),
    WindowCommand("stage_color", "Next pen color", ("Shift+D",), "Draw in another color"),
    WindowCommand("stage_clear", "Clear drawing", ("X",), "Remove what was drawn on the stage"),
    WindowCommand("lecturer", "Lecturer's view", ("F6",), "Show this step, the next one, notes and a clock"),
)

# The commands of the window that work on the stage; the others need its panels.
ON_STAGE = (
    *(command.id for command in COMMANDS),
    *("continue", "run", "run_back", "next_update", "previous_update", "next_epoch", "previous_epoch"),
    *("train", "epoch", "reset", "undo", "redo", "next_branch", "predict", "hint", "reveal", "skip"),
    *("theme", "presentation", "leave", "quit", "keys"),
)
