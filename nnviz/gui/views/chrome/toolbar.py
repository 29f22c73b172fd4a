"""The toolbar: lesson, example, step controls, detail, notation, and the window's own switches."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.icons import icon
from nnviz.gui.views.chrome.segments import Segments
from nnviz.present.core.examples import example_text, example_texts
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import grouped
from nnviz.tracing.steps import Grain

MOST_LISTED = 200
Choices = Callable[[], Iterable[tuple[str, str]]]  # names and titles
_GRAINS = (Grain.TERM, Grain.NEURON, Grain.LAYER, Grain.PASS)
_STEPS = ("first", "back", "step", "last")
# Most characters of the titles of lesson and example; fewer in a narrow window.
TITLE_ROOM, EXAMPLE_ROOM = (30, 30, 24, 14, 10), (99, 99, 99, 99, 13)


class Toolbar(QToolBar):
    """The toolbar shows the session's choices; its signals are emitted on the user's choices.

    The step controls are actions of the window.
    """

    lesson_chosen = Signal(str)
    example_chosen = Signal(int)
    grain_chosen = Signal(object)
    notation_chosen = Signal(str)

    def __init__(self, actions: Actions, parent: QWidget | None = None) -> None:
        super().__init__("Toolbar", parent)
        self.setObjectName("toolbar")
        self.setMovable(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self._actions = actions
        self._session: Session | None = None
        self._fitted: tuple[object, ...] = ()  # what the widths were last fitted to
        self._palette: Palette | None = None
        self._phase = "forward"
        self._playing = False
        self._lessons: Choices = tuple
        self._notations: Choices = tuple
        self.lesson = self._menu_button("lesson", "Choose a lesson", self._fill_lessons)
        self.example = self._menu_button("example", "Choose the example to step through", self._fill_examples)
        self.addSeparator()
        steps = {command: self._action_button(command) for command in _STEPS}
        self._step = steps["step"]
        self.play = self._action_button("continue")
        self.play.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._show_playing()
        self.addSeparator()
        self._words = [self._word("Detail")]
        self.grain = Segments(
            [grain.word.capitalize() for grain in _GRAINS],
            [
                "One step per product (4)",
                "One step per number (3)",
                "One step per vector or matrix (2)",
                "One step per phase (1)",
            ],
        )
        self.grain.setAccessibleName("Detail")
        self.addWidget(self.grain)
        self.addSeparator()
        self._words.append(self._word("Notation"))
        self.notation = self._menu_button("notation", "Choose how quantities are written", self._fill_notations)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(spacer)
        self._switch_places = {command: self._placed(command) for command in ("keys", "presentation", "theme")}
        self.grain.chosen.connect(lambda index: self.grain_chosen.emit(_GRAINS[index]))

    def set_choices(self, lessons: Choices, notations: Choices) -> None:
        """Set the functions that return lessons and notations; they are called when a menu opens."""
        self._lessons, self._notations = lessons, notations

    def render_session(self, session: Session) -> None:
        """Show a session's choices."""
        self._session = session
        self.grain.set_current(_GRAINS.index(session.grain))
        own = session.notation.name == session.lesson.notation.name
        self.notation.setText("Document" if own else _shortened(session.notation.title, 26))
        step = session.pointed
        phase = "forward" if step is None else str(step.phase)
        if phase != self._phase:
            self._phase = phase
            self._accent()
        fitted = (session.lesson, session.example, self.notation.text(), self._playing)
        if fitted != self._fitted:
            self._fitted = fitted
            self._fit()

    def set_playing(self, playing: bool) -> None:
        """Show Pause on the button during playback, or else Play; the menu entry is always "Play / Pause"."""
        self._playing = playing
        self._show_playing()
        self._tint()

    def _show_playing(self) -> None:
        self._actions["continue"].setIconText("Pause" if self._playing else "Play")

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self._scale = scale
        size = round(18 * scale)
        self.setIconSize(QSize(size, size))
        self.grain.set_theme(palette, scale)
        self._restyle()
        self._fit()

    def _fit(self) -> None:
        """Hide labels, then shorten titles, until everything fits."""
        for level in range(len(TITLE_ROOM)):
            self._show_level(level)
            if self.sizeHint().width() <= self.width():
                return

    def _show_level(self, level: int) -> None:
        for action in self._words:
            action.setVisible(level < 1)
        self._switch_places["keys"].setVisible(level < 3)
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.play.setToolButtonStyle(beside if level < 2 else Qt.ToolButtonStyle.ToolButtonIconOnly)
        if self._session is None:
            return
        lesson, example = self._session.lesson, self._session.example
        text = example_text(lesson, example)
        self.lesson.setText(_shortened(lesson.title, TITLE_ROOM[level]))
        numbered = f"Example {example + 1} · {text}"
        self.example.setText(numbered if level < 3 else _shortened(text, EXAMPLE_ROOM[level]))
        self.lesson.setToolTip(f"Choose a lesson: {lesson.title}")
        self.example.setToolTip(f"Choose the example to step through: {numbered}")

    def _menu_button(self, name: str, tip: str, fill: Callable[[QMenu], None]) -> QToolButton:
        button = QToolButton()
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setAccessibleName(tip)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        menu.aboutToShow.connect(lambda: fill(menu))
        button.setMenu(menu)
        self.addWidget(button)
        return button

    def _placed(self, command: str) -> QAction:
        """Add an action's button and return the action that shows or hides it."""
        self._action_button(command)
        return self.actions()[-1]

    def _action_button(self, command: str) -> QToolButton:
        button = QToolButton()
        button.setObjectName(f"{command}_button")
        self._actions.show_icons(command)
        button.setDefaultAction(self._actions[command])
        button.setAutoRaise(False)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.addWidget(button)
        return button

    def _word(self, text: str) -> QAction:
        label = QLabel(text)
        label.setObjectName("word")
        return self.addWidget(label)

    def _fill_lessons(self, menu: QMenu) -> None:
        name = "" if self._session is None else self._session.lesson.name
        self._fill(menu, self._lessons(), name, self.lesson_chosen.emit)
        menu.addSeparator()
        self._actions.show_icons("open")
        menu.addAction(self._actions["open"])

    def _fill_examples(self, menu: QMenu) -> None:
        if self._session is None:
            return
        lesson = self._session.lesson
        texts = [(str(i), f"{i + 1} · {text}") for i, text in enumerate(example_texts(lesson, MOST_LISTED))]
        self._fill(menu, texts, str(self._session.example), lambda name: self.example_chosen.emit(int(name)))
        if len(lesson.dataset) > MOST_LISTED:
            more = grouped(len(lesson.dataset) - MOST_LISTED)
            menu.addAction(f"… and {more} more (N and P reach all of them)").setEnabled(False)

    def _fill_notations(self, menu: QMenu) -> None:
        if self._session is None:
            return
        own = self._session.lesson.notation
        others = [(name, title) for name, title in self._notations() if name != own.name]
        choices = [(own.name, f"Document: {own.title}"), *others]
        self._fill(menu, choices, self._session.notation.name, self.notation_chosen.emit)

    def _fill(
        self, menu: QMenu, choices: Iterable[tuple[str, str]], current: str, choose: Callable[[str], object]
    ) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for name, title in choices:
            action = QAction(title, menu)
            action.setCheckable(True)
            action.setChecked(name == current)
            action.triggered.connect(lambda checked=False, name=name: choose(name))
            group.addAction(action)
            menu.addAction(action)

    def _tint(self) -> None:
        if self._palette is None:
            return
        self._actions["step"].setIcon(icon("chevron-right", self._palette.on_accent))
        name = "player-pause" if self._playing else "player-play"
        self._actions["continue"].setIcon(icon(name, self._palette.control_text))

    def _restyle(self) -> None:
        """Apply the style sheet; it would change scroll bars of editors, but the toolbar holds none."""
        if self._palette is None:
            return
        self._tint()
        self._accent()
        self.setStyleSheet(_sheet(self._palette, self._scale))

    def _accent(self) -> None:
        """Color the step button in the phase's color, separately: the toolbar's whole style sheet costs a frame."""
        if self._palette is not None:
            accent = str(getattr(self._palette, self._phase))
            self._step.setStyleSheet(f"QToolButton {{ background: {accent}; border-color: {accent}; }}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _shortened(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def _sheet(palette: Palette, scale: float) -> str:
    pad, wide, radius = round(6 * scale), round(10 * scale), round(7 * scale)
    return f"""
        QToolBar {{ background: {palette.card}; border: none; border-bottom: 1px solid {palette.border};
            spacing: {round(6 * scale)}px; padding: {round(7 * scale)}px {round(12 * scale)}px; }}
        QToolBar::separator {{ background: {palette.border}; width: 1px; margin: {round(4 * scale)}px {pad}px; }}
        QToolBar QLabel#word {{ color: {palette.muted}; padding: 0 2px; }}
        QToolButton {{ background: {palette.control}; color: {palette.control_text};
            border: 1px solid {palette.control};
            border-radius: {radius}px; padding: {pad}px {wide}px; }}
        QToolButton:hover {{ background: {palette.control_hover}; border-color: {palette.control_hover}; }}
        QToolButton:focus {{ border-color: {palette.forward}; }}
        QToolButton:disabled {{ color: {palette.faint}; }}
        QToolButton:checked {{ background: {palette.selection}; }}
        QToolButton::menu-indicator {{ image: none; width: 0; }}
    """
