"""The toolbar: lesson, example, step controls, detail, notation, and the window's own switches."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QResizeEvent
from PySide6.QtWidgets import QLabel, QMenu, QSizePolicy, QToolBar, QToolButton, QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.buttons import MenuButton, button_sheet, focus_color
from nnviz.gui.kit.icons import icon
from nnviz.gui.views.chrome.segments import Segments
from nnviz.present.core.examples import example_text, example_texts
from nnviz.present.core.palette import Palette
from nnviz.present.runs.curve import grouped
from nnviz.tracing.steps import Grain

if TYPE_CHECKING:
    from nnviz.lessons.summaries import Summary

MOST_LISTED = 200
Choices = Callable[[], Iterable[tuple[str, str]]]  # names and titles
Lessons = Callable[[], Iterable["Summary"]]
_GRAINS = (Grain.TERM, Grain.NEURON, Grain.LAYER, Grain.PASS)
_STEPS = ("first", "back", "step", "last")
# Widths of lesson, example and notation, logical pixels at scale 1: the least, those that most texts need, the most.
# They depend on the toolbar's width alone, so that no control moves from lesson to lesson.
WIDTHS = ((124, 106, 104), (200, 190, 104), (330, 230, 216))
NUMBERED = 150  # the least width of the example's button in which its number is shown
# What a narrow toolbar does without, in this order: the words, the text of the play button, the shortcuts.
LEVELS = 4
UNBOUNDED = 16_777_215  # the largest width of a widget


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
        self._palette: Palette | None = None
        self._phase = "forward"
        self._scale = 1.0
        self._playing = False
        self._plays = "Play", "Pause"
        self._lessons: Lessons = tuple
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

    def tab_order(self) -> list[QWidget]:
        """Return the controls in the order of the Tab key, from the left."""
        widgets = [self.widgetForAction(action) for action in self.actions()]
        return [widget for widget in widgets if widget.focusPolicy() & Qt.FocusPolicy.TabFocus]

    def set_choices(self, lessons: Lessons, notations: Choices) -> None:
        """Set the functions that return lessons and notations; they are called when a menu opens."""
        self._lessons, self._notations = lessons, notations

    def render_session(self, session: Session) -> None:
        """Show a session's choices."""
        self._session = session
        self.grain.set_current(_GRAINS.index(session.grain))
        own = session.notation.name == session.lesson.notation.name
        self.notation.setText("Document" if own else session.notation.title)
        self.notation.setToolTip(f"Choose how quantities are written: {session.notation.title}")
        self._show_titles(session)
        step = session.pointed
        phase = "forward" if step is None else str(step.phase)
        if phase != self._phase:
            self._phase = phase
            self._accent()

    def set_playing(self, playing: bool) -> None:
        """Show Pause on the button during playback, or else Play; the menu entry is always "Play / Pause"."""
        self._playing = playing
        self._show_playing()
        self._tint()

    def _show_playing(self) -> None:
        self._actions["continue"].setIconText(self._plays[self._playing])

    def set_theme(self, palette: Palette, scale: float) -> None:
        """Apply other colors and sizes."""
        self._palette = palette
        self._scale = scale
        size = round(18 * scale)
        self.setIconSize(QSize(size, size))
        for themed in (self.grain, *self._menus()):
            themed.set_theme(palette, scale)
        self._restyle()
        self._fit()

    def _menus(self) -> tuple[MenuButton, MenuButton, MenuButton]:
        return self.lesson, self.example, self.notation

    def _fit(self) -> None:
        """Do without as little as the width allows, and share what is left among the menus."""
        steps = [[round(width * self._scale) for width in widths] for widths in WIDTHS]
        for level in range(LEVELS):
            self._show_level(level)
            self._set_widths(steps[0])
            room = self.width() - self.sizeHint().width()
            if room >= 0:
                break
        for low, high in pairwise(steps):
            spare = sum(high) - sum(low)
            share = max(0.0, min(1.0, room / spare))
            self._set_widths([less + int(share * (more - less)) for less, more in zip(low, high, strict=True)])
            room -= spare
            if room <= 0:
                break
        if self._session is not None:
            self._show_titles(self._session)

    def _set_widths(self, widths: Iterable[int]) -> None:
        for button, width in zip(self._menus(), widths, strict=True):
            button.setFixedWidth(width)

    def _show_level(self, level: int) -> None:
        for action in self._words:
            action.setVisible(level < 1)
        self._switch_places["keys"].setVisible(level < 3)
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.play.setToolButtonStyle(beside if level < 2 else Qt.ToolButtonStyle.ToolButtonIconOnly)
        if level < 2:
            self.play.setFixedWidth(self._play_width())
        else:
            self.play.setMinimumWidth(0)
            self.play.setMaximumWidth(UNBOUNDED)

    def _play_width(self) -> int:
        """Return the width of the button that plays and pauses, whose text changes."""
        metrics = self.play.fontMetrics()
        text = max(metrics.horizontalAdvance(word) for word in self._plays)
        return self.iconSize().width() + text + round(32 * self._scale)

    def _show_titles(self, session: Session) -> None:
        lesson, example = session.lesson, session.example
        numbered = f"Example {example + 1} · {example_text(lesson, example)}"
        self.lesson.setText(lesson.title)
        is_wide = self.example.width() >= NUMBERED * self._scale
        self.example.setText(numbered if is_wide else example_text(lesson, example))
        self.lesson.setToolTip(f"Choose a lesson: {lesson.title}")
        self.example.setToolTip(f"Choose the example to step through: {numbered}")

    def _menu_button(self, name: str, tip: str, fill: Callable[[QMenu], None]) -> MenuButton:
        button = MenuButton()
        button.setObjectName(name)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        menu = QMenu(button)
        menu.setToolTipsVisible(True)
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
        """List the lessons of each document under its title, each with its shape."""
        name = "" if self._session is None else self._session.lesson.name
        menu.clear()
        group = QActionGroup(menu)
        for source, lessons in _by_document(self._lessons()).items():
            menu.addSection(source)
            for lesson in lessons:
                shape = "-".join(map(str, lesson.sizes))
                action = self._choice(menu, group, f"{lesson.title}\t{shape}", lesson.name == name)
                action.setToolTip(lesson.source)
                action.triggered.connect(lambda checked=False, name=lesson.name: self.lesson_chosen.emit(name))
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
            action = self._choice(menu, group, title, name == current)
            action.triggered.connect(lambda checked=False, name=name: choose(name))

    def _choice(self, menu: QMenu, group: QActionGroup, title: str, is_current: bool) -> QAction:
        action = QAction(title, menu)
        action.setCheckable(True)
        action.setChecked(is_current)
        group.addAction(action)
        menu.addAction(action)
        return action

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
            ring = f"QToolButton:focus {{ border-color: {self._palette.text}; }}"
            self._step.setStyleSheet(f"QToolButton {{ background: {accent}; border-color: {accent}; }} {ring}")

    def minimumSizeHint(self) -> QSize:
        return QSize(0, super().minimumSizeHint().height())  # its own width follows from the window's, not the reverse

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


def _by_document(lessons: Iterable[Summary]) -> dict[str, list[Summary]]:
    """Return the lessons under their documents, which are the first two parts of their sources."""
    groups: dict[str, list[Summary]] = {}
    for lesson in lessons:
        groups.setdefault(", ".join(lesson.source.split(", ")[:2]), []).append(lesson)
    return groups


def _sheet(palette: Palette, scale: float) -> str:
    pad = round(6 * scale)
    bar = f"""
        QToolBar {{ background: {palette.card}; border: none; border-bottom: 1px solid {palette.border};
            spacing: {round(6 * scale)}px; padding: {round(7 * scale)}px {round(6 * scale)}px; }}
        QToolBar::separator {{ background: {palette.border}; width: 1px; margin: {round(4 * scale)}px {pad}px; }}
        QToolBar QLabel#word {{ color: {palette.muted}; padding: 0 2px; }}
    """
    theme = (
        f"QToolButton#theme_button:checked {{ background: {palette.control}; border-color: {palette.control_edge}; }}"
    )
    focus = f"QToolButton#theme_button:focus {{ border-color: {focus_color(palette)}; }}"
    return bar + button_sheet(palette, scale, pad=5, wide=8) + theme + focus
