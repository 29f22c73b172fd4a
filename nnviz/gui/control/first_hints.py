"""The first hints: how to step, train and ask; each is shown until it has been followed once, and then never again."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QAction

from nnviz.debugger.state.session import Session
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.gui.views.canvas.zoom_view import ZoomView
from nnviz.gui.views.chrome.hint_line import HintLine


@dataclass(frozen=True)
class Hint:
    """A hint; `id` is its name in the settings."""

    id: str
    words: str


STEP, TRAIN, ASK = "step", "train", "ask"
HINTS = (
    Hint(STEP, "→ takes a step"),
    Hint(TRAIN, "T trains the network"),
    Hint(ASK, "Right-click a number to ask"),
)


class FirstHints(QObject):
    """Shows the first hint that the user has not followed yet, over the heading of the canvas."""

    def __init__(
        self, store: Store, training: TrainingController, window: MainWindow, theme: Theme, settings: Settings
    ) -> None:
        super().__init__(window)
        self._settings = settings
        self._ahead = [hint for hint in HINTS if hint.id not in settings.followed_hints]
        self._has_begun, self._is_hidden = False, False
        self.line = HintLine(window.center.heading)
        theme.follow(self.line)
        store.changed.connect(self._on_changed)
        training.state_changed.connect(lambda state: self._follow(TRAIN) if state == "running" else None)
        self._watch(window.canvas)
        window.graph.when_built(self._watch)

    def begin(self, presentation: QAction) -> None:
        """Show the first hint from now on, except in presentation mode."""
        presentation.toggled.connect(self._hide)
        self._has_begun = True
        self._show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ContextMenu:
            self._follow(ASK)
        return False

    def _watch(self, canvas: ZoomView) -> None:
        canvas.viewport().installEventFilter(self)

    def _on_changed(self, session: Session) -> None:
        if session.position:
            self._follow(STEP)

    def _follow(self, hint: str) -> None:
        left = [other for other in self._ahead if other.id != hint]
        if len(left) < len(self._ahead):
            self._ahead = left
            self._settings.note_hint(hint)
            self._show()

    def _hide(self, on: bool) -> None:
        self._is_hidden = on
        self._show()

    def _show(self) -> None:
        self.line.show_words(self._ahead[0].words if self._ahead and self._has_begun and not self._is_hidden else "")
