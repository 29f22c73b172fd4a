"""The window's actions and their keys, from two tables: the debugger's commands and the window's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from nnviz.debugger.commands import COMMANDS, Command
from nnviz.gui.icons import icon
from nnviz.present.palette import Palette


@dataclass(frozen=True)
class WindowCommand:
    """A command of the window itself; its function is supplied when the window is assembled."""

    id: str
    title: str
    keys: tuple[str, ...]
    tip: str
    icon: str = ""
    checkable: bool = False


WINDOW_COMMANDS: tuple[WindowCommand, ...] = (
    WindowCommand("open", "&Open…", ("Ctrl+O",), "Open a lesson or a saved session", "folder-open"),
    WindowCommand("save", "&Save session", ("Ctrl+S",), "Keep lesson, run, breakpoints and place in a file"),
    WindowCommand("save_as", "Save session &as…", ("Ctrl+Shift+S",), "Keep the session in another file"),
    WindowCommand("export_script", "&Export script…", ("Ctrl+E",), "Write this pass as a NumPy script", "code"),
    WindowCommand("open_run", "Open &run…", ("Ctrl+Shift+O",), "Put a saved run on the loss plot", "chart-line"),
    WindowCommand("quit", "&Quit", ("Ctrl+Q",), "Close the window"),
    WindowCommand("undo", "&Undo", ("Ctrl+Z",), "Take the last change back, at this step", "arrow-back-up"),
    WindowCommand("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Make the change again that was undone"),
    WindowCommand("edit", "&Edit the number…", ("F2",), "Put another number in the place of the one selected"),
    WindowCommand("reset_edits", "Reset to the &lesson", (), "Weights, data and conventions as the lesson has them"),
    WindowCommand("branch", "&Branch here", ("Ctrl+Shift+B",), "Go on beside this line, which is kept", "git-branch"),
    WindowCommand("next_branch", "&Next branch", ("Ctrl+Tab",), "Follow the next branch; Alt+1 … Alt+9 follow each"),
    WindowCommand("close_branch", "&Close the branch", ("Ctrl+W",), "Close the branch that is followed"),
    WindowCommand("continue", "Continue", ("Space",), "Walk on by itself, or pause", "player-play"),
    WindowCommand("predict", "Predict", ("Q",), "Be asked for each value before it is shown", checkable=True),
    WindowCommand("hint", "Hint", ("H",), "While predicting: the formula, then its numbers"),
    WindowCommand("reveal", "Reveal", ("Ctrl+Return", "Ctrl+Enter"), "While predicting: show the value"),
    WindowCommand("skip", "Skip", ("Shift+Return", "Shift+Enter"), "While predicting: take the step, uncounted"),
    WindowCommand("score", "Score…", (), "How often each kind of step was predicted right"),
    WindowCommand("run", "Continue to breakpoint", ("F8",), "Run on until a breakpoint stops", "player-skip-forward"),
    WindowCommand("run_back", "Reverse-continue", ("Shift+F8",), "Run back to where a breakpoint would stop"),
    WindowCommand("next_update", "Next update", ("Alt+Right",), "Go before the first step of the next update"),
    WindowCommand(
        "previous_update", "Previous update", ("Alt+Left",), "Back to the start of this update, or of the last"
    ),
    WindowCommand("next_epoch", "Next epoch", ("Alt+PgDown",), "Go before the first step of the next epoch"),
    WindowCommand("previous_epoch", "Previous epoch", ("Alt+PgUp",), "Back to the start of this epoch, or of the last"),
    WindowCommand("to_update", "Go to update…", ("Ctrl+J",), "Go to any update of the run, or train on to it"),
    WindowCommand("to_epoch", "Go to epoch…", ("Ctrl+Shift+J",), "Go to any epoch of the run, or train on to it"),
    WindowCommand("break_here", "Breakpoint here", ("F9",), "Set or clear a breakpoint at the step, or selected"),
    WindowCommand("breakpoints", "Breakpoints", ("Ctrl+B",), "What stops stepping and training, and what is watched"),
    WindowCommand("train", "Train", ("T",), "Train the network, or pause", "player-play"),
    WindowCommand("epoch", "Train one epoch", ("E",), "Present every example once, then pause", "rotate-clockwise"),
    WindowCommand("reset", "Reset the weights", ("Ctrl+R",), "Back to the lesson's initial weights", "restore"),
    WindowCommand("reset_seed", "Reset with seed…", ("Ctrl+Shift+R",), "Draw other initial weights"),
    WindowCommand("compare", "Compare with…", ("C",), "Train another run beside this one"),
    WindowCommand("canvas", "Network or graph", ("G",), "Change between network and computation graph", "binary-tree"),
    WindowCommand("unroll", "Unrolled or folded", ("U",), "Draw a recurrent network over time, or once with its loop"),
    WindowCommand("conventions", "Conventions", ("Ctrl+K",), "Count the pass otherwise, and see what that changes"),
    WindowCommand("find", "Find a number", ("Ctrl+F",), "Say which quantity a printed number is", "search"),
    WindowCommand("why", "Why?", ("W",), "What the number was made of; ↑ ↓ and Enter, or a digit, go on from there"),
    WindowCommand("feeds", "What does it feed?", ("Shift+W",), "What is made of the number of this step, or selected"),
    WindowCommand("fit", "Fit the network", ("0",), "Show the whole network", "focus-centered"),
    WindowCommand("zoom_in", "Zoom in", ("+", "="), "Show the network larger", "zoom-in"),
    WindowCommand("zoom_out", "Zoom out", ("-",), "Show the network smaller", "zoom-out"),
    WindowCommand("theme", "Dark or light", ("Ctrl+D",), "Change between light and dark", "contrast"),
    WindowCommand(
        "presentation",
        "Presentation",
        ("F5",),
        "Hide the controls and enlarge the type",
        "presentation",
        checkable=True,
    ),
    WindowCommand("full_screen", "Full screen", ("F11",), "Fill the screen", "maximize", True),
    WindowCommand("leave", "Leave presentation", ("Esc",), "Cancel a long way, stop asking, or leave presentation"),
    WindowCommand("notes", "Notes on this lesson", ("L",), "The lesson's conventions, figures and errata", "book"),
    WindowCommand("health", "Health", ("Ctrl+H",), "What ails neurons and layers, and the first number not finite"),
    WindowCommand("gradients", "Gradient check", ("Ctrl+G",), "Each gradient beside its central difference", "check"),
    WindowCommand("guide", "Guide", ("F1",), "How to use nnviz, with a search", "help"),
    WindowCommand("keys", "All keys", ("?",), "Show every key", "keyboard"),
    WindowCommand("about", "About nnviz", (), "What this program is"),
)

ENTRIES: tuple[Command | WindowCommand, ...] = (*COMMANDS, *WINDOW_COMMANDS)


class Actions:
    """The QActions by the ids of their commands."""

    def __init__(self, parent: QWidget, run: Callable[[str], None]) -> None:
        self._icons: dict[str, str] = {}
        self._with_icon: set[str] = set()  # actions shown at least once
        self._palette: Palette | None = None
        self._by_id: dict[str, QAction] = {}
        for command in ENTRIES:
            checkable = isinstance(command, WindowCommand) and command.checkable
            self._by_id[command.id] = self._make(
                parent,
                command.id,
                title=command.title,
                keys=command.keys,
                tip=command.tip,
                checkable=checkable,
                run=run,
            )
            if command.icon:
                self._icons[command.id] = command.icon

    def __getitem__(self, command: str) -> QAction:
        return self._by_id[command]

    def items(self) -> Mapping[str, QAction]:
        """Return all actions by their ids."""
        return self._by_id

    def show_icons(self, *commands: str) -> None:
        """Give these actions their icons; called when a menu opens, because drawing all of them takes about 10 ms."""
        for command in self._icons.keys() & set(commands) - self._with_icon:
            self._with_icon.add(command)
            self._tint(command)

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Tint the icons."""
        self._palette = palette
        for command in self._with_icon:
            self._tint(command)

    def _tint(self, command: str) -> None:
        if self._palette is not None:
            self._by_id[command].setIcon(icon(self._icons[command], self._palette.control_text))

    def _make(
        self,
        parent: QWidget,
        command: str,
        *,
        title: str,
        keys: tuple[str, ...],
        tip: str,
        checkable: bool,
        run: Callable[[str], None],
    ) -> QAction:
        action = QAction(title, parent)
        action.setObjectName(command)
        action.setShortcuts([QKeySequence(key) for key in keys])
        action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        shown = " or ".join(key_text(key) for key in keys)
        action.setToolTip(f"{tip} ({shown})" if keys else tip)
        action.setStatusTip(tip)
        action.setCheckable(checkable)
        action.triggered.connect(lambda: run(command))
        parent.addAction(action)
        return action


_ARROWS = {"Right": "→", "Left": "←", "Up": "↑", "Down": "↓", "PgUp": "Page Up", "PgDown": "Page Down"}


def key_text(key: str) -> str:
    """Return a key in readable form, such as Ctrl+→."""
    *modifiers, last = key.split("+") if key != "+" else ["+"]
    return "+".join([*modifiers, _ARROWS.get(last, last)])


def key_rows() -> tuple[tuple[str, str, str], ...]:
    """Return keys, title and tip of every command that has keys, for the help and the README."""
    return tuple(
        (", ".join(key_text(key) for key in command.keys), command.title.replace("&", "").rstrip("…"), command.tip)
        for command in ENTRIES
        if command.keys
    )
