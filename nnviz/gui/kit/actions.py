"""The window's actions and their keys, from two tables: the debugger's commands and the window's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from nnviz.debugger.commands import COMMANDS, Command
from nnviz.gui.kit.icons import icon
from nnviz.present.core.palette import Palette


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
    WindowCommand("start_page", "Start &page", ("Ctrl+N",), "Choose a lesson or continue the last session"),
    WindowCommand("open", "&Open…", ("Ctrl+O",), "Open a lesson, a walk or a saved session", "folder-open"),
    WindowCommand("new_network", "New &network…", ("Ctrl+Alt+N",), "Build a network of your own", "topology-star-3"),
    WindowCommand(
        "open_data", "Open &data…", ("Ctrl+Alt+O",), "Train on a table of your own: CSV, with any separator", "table"
    ),
    WindowCommand("open_model", "Open &model…", (), "Open a trained network: ONNX or safetensors"),
    WindowCommand(
        "save_lesson", "Save as &lesson…", ("Ctrl+Alt+S",), "Write this network and its data as a lesson file"
    ),
    WindowCommand("save", "&Save session", ("Ctrl+S",), "Save lesson, run, breakpoints and position to a file"),
    WindowCommand("save_as", "Save session &as…", ("Ctrl+Shift+S",), "Save the session to another file"),
    WindowCommand("export_script", "&Export script…", ("Ctrl+E",), "Write this pass as a NumPy script", "code"),
    WindowCommand("open_run", "Open &run…", ("Ctrl+Shift+O",), "Show a saved run on the loss plot", "chart-line"),
    WindowCommand(
        "export",
        "E&xport…",
        ("Ctrl+Shift+E",),
        "Write this pass, or a walk, as a page, picture or slides",
        "download",
    ),
    WindowCommand(
        "copy_picture", "&Copy picture", ("Ctrl+Shift+C",), "Put a picture of the canvas on the clipboard", "photo"
    ),
    WindowCommand("record_film", "Record &film…", (), "Write this pass, or a walk, as a film or an animation", "video"),
    WindowCommand("edit_walk", "&Edit walk…", ("Ctrl+Alt+W",), "Edit the walk opened last, or a new one", "pencil"),
    WindowCommand(
        "record_walk",
        "Record a &walk",
        (),
        "Record what you do as the scenes of a walk, until you choose this again",
        "player-record",
        checkable=True,
    ),
    WindowCommand("record_scene", "Start &next scene", ("F7",), "While a walk is recorded: start its next scene"),
    WindowCommand("quit", "&Quit", ("Ctrl+Q",), "Close the window and quit"),
    WindowCommand("undo", "&Undo", ("Ctrl+Z",), "Undo the last change, at the same step", "arrow-back-up"),
    WindowCommand("redo", "&Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "Redo the change that was undone last"),
    WindowCommand("edit", "&Edit number…", ("F2",), "Enter a new value for the selected number"),
    WindowCommand(
        "reset_edits", "Restore the &lesson's values", (), "Restore the lesson's weights, data and conventions"
    ),
    WindowCommand(
        "branch", "Start &branch here", ("Ctrl+Shift+B",), "Start a branch here; the current line is kept", "git-branch"
    ),
    WindowCommand(
        "next_branch", "&Next branch", ("Ctrl+Tab",), "Switch to the next branch; Alt+1 … Alt+9 switch to each"
    ),
    WindowCommand("close_branch", "&Close branch", ("Ctrl+W",), "Close the current branch"),
    WindowCommand("continue", "Play / Pause", ("Space",), "Step automatically, or pause", "player-play"),
    WindowCommand("predict", "Predict", ("Q",), "Predict each value before it is shown", checkable=True),
    WindowCommand("hint", "Hint", ("H",), "While predicting: the formula, then its numbers"),
    WindowCommand("reveal", "Reveal", ("Ctrl+Return", "Ctrl+Enter"), "While predicting: show the value"),
    WindowCommand(
        "skip", "Skip", ("Shift+Return", "Shift+Enter"), "While predicting: take the step without scoring it"
    ),
    WindowCommand("score", "Score…", (), "Show how often each kind of step was predicted correctly"),
    WindowCommand("run", "Continue", ("F8",), "Run until a breakpoint stops", "player-skip-forward"),
    WindowCommand("run_back", "Continue backwards", ("Shift+F8",), "Run backwards until a breakpoint stops"),
    WindowCommand("next_update", "Next weight update", ("Alt+Right",), "Go to the start of the next weight update"),
    WindowCommand(
        "previous_update",
        "Previous weight update",
        ("Alt+Left",),
        "Go to the start of this weight update, or of the previous one",
    ),
    WindowCommand("next_epoch", "Next epoch", ("Alt+PgDown",), "Go to the start of the next epoch"),
    WindowCommand(
        "previous_epoch", "Previous epoch", ("Alt+PgUp",), "Go to the start of this epoch, or of the previous one"
    ),
    WindowCommand(
        "to_update", "Go to update…", ("Ctrl+J",), "Go to an update of the run; a later one is trained first"
    ),
    WindowCommand(
        "to_epoch", "Go to epoch…", ("Ctrl+Shift+J",), "Go to an epoch of the run; a later one is trained first"
    ),
    WindowCommand("break_here", "Toggle breakpoint", ("F9",), "Set or clear a breakpoint at the selection or the step"),
    WindowCommand("breakpoints", "Breakpoints", ("Ctrl+B",), "Show and edit breakpoints and watches"),
    WindowCommand("train", "Train", ("T",), "Train the network, or pause", "player-play"),
    WindowCommand("epoch", "Train one epoch", ("E",), "Train on every example once, then pause", "rotate-clockwise"),
    WindowCommand("reset", "Reset weights", ("Ctrl+R",), "Restore the lesson's initial weights", "restore"),
    WindowCommand("reset_seed", "Reset with seed…", ("Ctrl+Shift+R",), "Draw new initial weights from a seed"),
    WindowCommand("compare", "Compare with…", ("C",), "Train a second run to compare with this one"),
    WindowCommand(
        "canvas",
        "Show computation graph",
        ("G",),
        "Switch between network and computation graph",
        "binary-tree",
        checkable=True,
    ),
    WindowCommand(
        "unroll",
        "Unroll in time",
        ("U",),
        "Show a recurrent network for each time step, or once with its loop",
        checkable=True,
    ),
    WindowCommand(
        "maps",
        "Neuron &maps",
        ("M",),
        "Show inside each hidden neuron what it answers over two inputs, or its weights of an image's pixels",
        checkable=True,
    ),
    WindowCommand("conventions", "Conventions", ("Ctrl+K",), "Recompute the pass under other conventions and compare"),
    WindowCommand("find", "Find a number", ("Ctrl+F",), "Find which quantity a printed number is", "search"),
    WindowCommand("why", "Why?", ("W",), "Show the operands of this value; ↑ ↓ and Enter, or a digit, follow one"),
    WindowCommand("feeds", "Where is this value used?", ("Shift+W",), "Show what is computed from the value"),
    WindowCommand("fit", "Fit network", ("0",), "Show the whole network", "focus-centered"),
    WindowCommand("zoom_in", "Zoom in", ("+", "="), "Show the network larger", "zoom-in"),
    WindowCommand("zoom_out", "Zoom out", ("-",), "Show the network smaller", "zoom-out"),
    WindowCommand("theme", "Dark theme", ("Ctrl+D",), "Switch between dark and light theme", "contrast", True),
    WindowCommand(
        "decimal_comma",
        "&Decimal comma",
        (),
        "Write numbers with a decimal comma, 0,5 for 0.5; code and files keep the point",
        checkable=True,
    ),
    WindowCommand(
        "presentation",
        "Presentation",
        ("F5",),
        "Show network and formula on the whole screen, in large type",
        "presentation",
        checkable=True,
    ),
    WindowCommand("reduce_motion", "Reduce motion", (), "Show steps on the stage without transitions", "", True),
    WindowCommand("full_screen", "Full screen", ("F11",), "Fill the screen", "maximize", True),
    WindowCommand("leave", "Leave presentation", ("Esc",), "Cancel a long run, close Why, or leave presentation"),
    WindowCommand(
        "notes", "Notes on this lesson", ("L",), "Show the lesson's conventions, printed results and errata", "book"
    ),
    WindowCommand("build", "&Build", ("Ctrl+L",), "Build the network: data, layers, activations, loss and weights"),
    WindowCommand(
        "health",
        "Health",
        ("Ctrl+H",),
        "Diagnostics: dead or saturated neurons, vanishing or exploding gradients, first NaN or infinity",
    ),
    WindowCommand(
        "layers",
        "Gradients by &layer",
        ("Ctrl+Alt+G",),
        "Plot the norm of each layer's gradient, and distributions of weights and activations",
    ),
    WindowCommand(
        "surface", "Loss &surface", ("Ctrl+Alt+L",), "Show the loss over two weights, and the path that the run took"
    ),
    WindowCommand("runs", "&Runs", ("Ctrl+Alt+R",), "Show all runs as a table", "table"),
    WindowCommand(
        "stop_when", "Stop &when…", (), "Stop training when a condition becomes true, such as epoch_loss < 0.01"
    ),
    WindowCommand("sweep", "S&weep…", ("Shift+C",), "Train with several values of a setting, or several seeds"),
    WindowCommand(
        "gradients", "Gradient check", ("Ctrl+G",), "Compare each gradient with its central difference", "table"
    ),
    WindowCommand("guide", "Guide", ("F1",), "Open the guide; Ctrl+F searches it", "help"),
    WindowCommand("keys", "Keyboard shortcuts", ("?",), "Show all keyboard shortcuts", "keyboard"),
    WindowCommand("about", "About nnviz", (), "Show the version and licence of nnviz"),
)

# The commands of presentation mode, whose keys hold on the stage only.
STAGE_COMMANDS: tuple[WindowCommand, ...] = (
    WindowCommand("stage_layout", "Next layout", ("V",), "On the stage: show network, graph, code or plots", "layout"),
    WindowCommand("stage_larger", "Larger type", ("+", "="), "On the stage: enlarge the type of the stage", "zoom-in"),
    WindowCommand("stage_smaller", "Smaller type", ("-",), "On the stage: reduce the type of the stage", "zoom-out"),
    WindowCommand(
        "stage_zoom", "Zoom to the active neuron", ("Z",), "On the stage: enlarge the active neuron, or show all again"
    ),
    WindowCommand(
        "stage_spotlight", "Spotlight", ("S",), "On the stage: dim what the step does not involve, or nothing"
    ),
    WindowCommand("stage_blank", "Blank screen", ("B", "."), "On the stage: turn the stage black, or show it again"),
    WindowCommand("stage_pen", "Pen", ("D",), "On the stage: draw on the stage with the mouse", "pencil"),
    WindowCommand("stage_color", "Next pen color", ("Shift+D",), "On the stage: draw in another color"),
    WindowCommand("stage_clear", "Clear drawing", ("X",), "On the stage: remove what was drawn on the stage"),
    WindowCommand(
        "lecturer", "Lecturer's view", ("F6",), "On the stage: show this step, the next one, notes and a clock"
    ),
)

# The commands of a walk, whose keys hold while it plays.
WALK_COMMANDS: tuple[WindowCommand, ...] = (
    WindowCommand("walk_play", "Play / Pause the walk", ("Space",), "In a walk: play, or pause", "player-play"),
    WindowCommand(
        "walk_next",
        "Next moment",
        ("Right", "PgDown", "Return", "Enter"),
        "In a walk: show what comes next; an answer, or the end of a training",
    ),
    WindowCommand("walk_back", "Previous moment", ("Left", "PgUp"), "In a walk: go back"),
    WindowCommand("walk_next_scene", "Next scene", ("Ctrl+Right",), "In a walk: go to the next scene"),
    WindowCommand(
        "walk_previous_scene",
        "Previous scene",
        ("Ctrl+Left",),
        "In a walk: go to the start of this scene, or of the one before",
    ),
    WindowCommand("walk_first", "Start of the walk", ("Home",), "In a walk: go to its start"),
    WindowCommand("walk_last", "End of the walk", ("End",), "In a walk: go to its end"),
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
        action.setIconVisibleInMenu(not checkable)  # a menu shows the tick instead
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
    return tuple(key_row(command) for command in (*ENTRIES, *STAGE_COMMANDS, *WALK_COMMANDS) if command.keys)


def key_row(command: Command | WindowCommand) -> tuple[str, str, str]:
    """Return the keys of a command in readable form, its title and its tip."""
    keys = ", ".join(key_text(key) for key in command.keys)
    return keys, command.title.replace("&", "").rstrip("…"), command.tip
