"""The start page in the window: when it is shown, what is on it, and what can be done meanwhile."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from nnviz.gui.control.session_files import SessionFiles
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.sessions.file_name import is_session_file
from nnviz.walks.walk_names import is_walk

if TYPE_CHECKING:
    from nnviz.debugger.state.prediction import Score
    from nnviz.gui.views.start.start_page import StartPage
    from nnviz.lessons.lesson import Lesson
    from nnviz.lessons.summaries import Summary
    from nnviz.present.start.lesson_cards import LessonCard

LARGEST_READ = 1_000_000  # bytes of a recent lesson that is read for its card

# The commands that work while the page is shown; the others are about a lesson.
ON_START_PAGE = frozenset(
    (
        "start_page",
        "open",
        "new_network",
        "open_data",
        "open_model",
        "quit",
        "theme",
        "full_screen",
        "leave",
        "guide",
        "keys",
        "about",
    ),
)


class StartControl(QObject):
    """Shows the page instead of the lesson, and the lesson again. `open_lesson` opens a lesson or a session."""

    def __init__(
        self,
        window: MainWindow,
        theme: Theme,
        settings: Settings,
        files: SessionFiles,
        open_lesson: Callable[[str], bool],
    ) -> None:
        super().__init__(window)
        self._window, self._theme, self._settings, self._files = window, theme, settings, files
        self._open_lesson = open_lesson
        self._page: StartPage | None = None
        self._enabled: dict[str, bool] = {}  # of the actions, before the page was shown
        self._has_lesson = True  # behind the page
        self._unread: list[LessonCard] = []
        self._read: dict[tuple[str, tuple[int, int]], LessonCard] = {}
        self._actions: Actions | None = None
        files.offered.connect(self._show_session)

    @property
    def is_on(self) -> bool:
        """Whether the page is shown."""
        return self._window.is_start_shown

    @property
    def page(self) -> StartPage:
        """The page, built when it is first needed."""
        if self._page is None:
            from nnviz.gui.views.start.start_page import StartPage  # imported late to keep the start with a lesson fast

            self._page = page = StartPage()
            self._window.add_start(page)
            self._theme.follow(page)
            page.command_asked.connect(lambda command: self._perform(command))
            page.lesson_asked.connect(self._open_lesson)
            page.restore_asked.connect(self._files.restore)
        return self._page

    def show(self, actions: Actions, has_lesson: bool = True) -> None:
        """Show the page; with `has_lesson`, Esc returns to the lesson."""
        if self.is_on:
            self.page.take_focus()
            return
        self._actions, self._has_lesson = actions, has_lesson
        page = self.page
        page.set_cards(self._cards())
        page.show_session(self._files.last_session)
        self._enabled = {name: action.isEnabled() for name, action in actions.items().items()}
        for name in self._enabled.keys() - ON_START_PAGE:
            actions[name].setEnabled(False)
        self._window.show_start()
        page.reset()
        page.take_focus()
        if has_lesson:  # at the start of the program, the first frame comes first
            QTimer.singleShot(0, self, self.fill)

    def hide(self) -> None:
        """Show the lesson again."""
        if not self.is_on or self._actions is None:
            return
        self._unread = []
        for name, enabled in self._enabled.items():
            self._actions[name].setEnabled(enabled)
        self._window.hide_start()

    def leave(self) -> bool:
        """Return to the lesson if the page is shown and a lesson was open; return whether the key is used up."""
        if not self.is_on:
            return False
        if self.page.search.text():
            self.page.search.clear()
            return True
        if self._has_lesson:
            self.hide()
        return self._has_lesson

    def fill(self) -> None:
        """Add what the first frame did not wait for: scores, the last session, and drawings with their signs."""
        if not self.is_on or not self._window.isVisible():
            return
        from nnviz.present.start.lesson_cards import with_scores

        for card in with_scores(self._unread, self._scores()):
            self.page.update_card(card)
        self._unread = list(with_scores(self._unread, self._scores()))
        self._files.offer()
        self._read_next()

    def _perform(self, command: str) -> None:
        if self._actions is not None:
            self._actions[command].trigger()

    def _show_session(self, text: str, restorable: bool) -> None:
        if self.is_on:
            self.page.show_session(text, restorable)
            if text and restorable and self.page.hasFocus():
                self.page.take_focus()

    def _cards(self) -> tuple[LessonCard, ...]:
        """Return the cards as far as they are known; the rest is read in idle moments."""
        from nnviz.lessons.summaries import lesson_summaries
        from nnviz.present.start.lesson_cards import bundled_cards, card_of_file

        summaries = lesson_summaries()
        recent = (card_of_file(path, is_session_file(path), is_walk(path)) for path in self._settings.recent)
        cards = tuple(
            self._read.get((card.opens, _version(card.opens)), card)
            for card in (*bundled_cards(summaries), *_walk_cards(summaries), *recent)
        )
        self._unread = list(cards)
        return cards

    def _scores(self) -> dict[str, Score]:
        """Return all scores; none if the file cannot be read, which the next question reports."""
        from nnviz.formats.score_file import ScoreError, read_scores

        try:
            return read_scores(self._settings.score_path)
        except (ScoreError, OSError):
            return {}

    def _read_next(self) -> None:
        """Read the lesson of the next card, one in each idle moment, unless it has been read before."""
        from dataclasses import replace

        if not self._unread or not self.is_on:
            return
        card = self._unread.pop(0)
        key = (card.opens, _version(card.opens))
        if key not in self._read and not is_session_file(card.opens) and not is_walk(card.opens):
            read = read_card(card)
            self._read[key] = replace(read, note="")
            self.page.update_card(read)
        QTimer.singleShot(0, self, self._read_next)


def read_card(card: LessonCard) -> LessonCard:
    """Return a card with its lesson's content, or with the reason why the file cannot be read."""
    from nnviz.lessons.faults import LessonError
    from nnviz.present.start.lesson_cards import card_of_lesson, faulty_card

    if _version(card.opens)[1] > LARGEST_READ:
        return card
    try:
        return card_of_lesson(card, _load(card.opens))
    except LessonError as error:
        fault = error.faults[0]
        where = f"Line {fault.line}: " if fault.line else ""
        return faulty_card(card, f"{where}{f'{fault.field}: ' if fault.field else ''}{fault.message}")


def _walk_cards(summaries: Iterable[Summary]) -> tuple[LessonCard, ...]:
    """Return the cards of the bundled walks."""
    from nnviz.present.start.lesson_cards import walk_card
    from nnviz.walks.walk_names import walk_summaries

    lessons = {lesson.name: lesson for lesson in summaries}
    return tuple(walk_card(walk.name, walk.title, walk.scenes, lessons[walk.lesson]) for walk in walk_summaries())


def _load(name: str) -> Lesson:
    from nnviz.lessons.catalog import load

    return load(name)


def _version(opens: str) -> tuple[int, int]:
    """Return the time and size of a file; zeros for a bundled lesson or a missing file."""
    try:
        status = os.stat(opens)
    except (OSError, ValueError):
        return 0, 0
    return status.st_mtime_ns, status.st_size
