"""Predicting in the window: start and stop, the user's answers, and the score with its file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QLabel

from nnviz.debugger.commands import Move
from nnviz.debugger.quiz import predict
from nnviz.debugger.state.prediction import Predicted, Score, carry_score
from nnviz.debugger.state.session import Session
from nnviz.gui.control.store import Store
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.main_window import MainWindow
from nnviz.gui.panels import STEP
from nnviz.gui.views.chrome.panel import Panel
from nnviz.present.core.voice import voice_of
from nnviz.present.words.quiz_text import COVERED

_COMMANDS = ("hint", "reveal", "skip")
SHARE = 50  # percent of the window's height that the card has while a value is predicted


class Predicting(QObject):
    """The mode in which the user predicts values before they are shown.

    `step` applies a move after player and training have paused; the settings have the path of the score file. The score
    that is shown is the user's own, over all sessions; the part made in this session is also kept for the session file.
    `score_reset` is emitted when a score is reset.
    """

    score_reset = Signal()

    def __init__(
        self, store: Store, window: MainWindow, actions: Actions, step: Callable[[Move], None], settings: Settings
    ) -> None:
        super().__init__(window)
        self._store, self._window, self._actions, self._step, self._settings = store, window, actions, step, settings
        self._saved: Score = ()
        self._made: Score = ()  # in this session
        self._covers: dict[str, QLabel] = {}  # by the ids of their panels
        self._has_room = False  # whether the card was made higher
        bar = window.card.predict
        bar.answered.connect(self._answer)
        bar.next_asked.connect(lambda: self._step(predict.next_question))
        bar.hint_asked.connect(self.hint)
        bar.reveal_asked.connect(self.reveal)
        bar.skip_asked.connect(self.skip)
        bar.score_asked.connect(self.show_score)
        store.changed.connect(self._follow)
        self._follow(store.session)

    @property
    def is_on(self) -> bool:
        """Whether values are predicted."""
        return self._store.session.predicting is not None

    def toggle(self) -> None:
        """Start predicting from here, or stop."""
        if self.is_on:
            self.leave()
            return
        self._begin(predict.start)
        self._actions["predict"].setChecked(self.is_on)  # it may wait for training to pause

    def leave(self) -> bool:
        """Stop predicting; return whether values were predicted."""
        if not self.is_on:
            return False
        self._store.apply(predict.stop)
        self._window.setFocus()
        return True

    def for_file(self) -> Predicted:
        """Return the part of a session file about predicting."""
        return Predicted(self._made, self._store.session.predicting)

    def restore(self, predicted: object) -> None:
        """Restore the part of a session file; its score is not added to the user's own."""
        assert isinstance(predicted, Predicted)
        self._made, now = predicted.score, predicted.now
        if now is not None:
            self._begin(lambda session, score: replace(session, predicting=replace(now, score=score)))

    def reset_made(self) -> None:
        """Empty the score made in this session, because another one begins."""
        self._made = ()

    def hint(self) -> None:
        """Give one more hint."""
        self._store.apply(predict.hint)

    def reveal(self) -> None:
        """Show the value."""
        self._step(predict.reveal)

    def skip(self) -> None:
        """Take the step without scoring it."""
        self._step(predict.skip)

    def show_score(self) -> None:
        """Show the score of the lesson in a dialog."""
        from nnviz.gui.dialogs.score_dialog import ScoreDialog  # imported late to keep the start fast

        session = self._store.session
        now = session.predicting
        score = self._load(session.lesson.name) if now is None else now.score
        skips = now is None or now.skips_trivial
        dialog = ScoreDialog(session.lesson.title, score, self._made, skips, self._window, voice=voice_of(session))
        dialog.skipping.setVisible(now is not None)
        dialog.reset_asked.connect(self._reset_score)
        dialog.skipping_chosen.connect(lambda on: self._store.apply(lambda s: predict.set_skipping(s, on)))
        dialog.exec()

    def _begin(self, start: Callable[[Session, Score], Session]) -> None:
        """Start predicting, with the user's own score of the lesson."""
        self._window.card.predict.set_note("")
        score = self._saved = self._load(self._store.session.lesson.name)
        self._window.panels[STEP.id].show()
        self._window.panels[STEP.id].raise_()
        self._step(lambda session: start(session, score))

    def _answer(self, text: str) -> None:
        self._step(lambda session: predict.answer(session, text))

    def _reset_score(self) -> None:
        if self.is_on:
            self._store.apply(predict.reset_score)
        else:
            self._save(self._store.session.lesson.name, ())
        self._made = ()
        self.score_reset.emit()

    def _follow(self, session: Session) -> None:
        """Update actions, panels, focus and score file when the session changes."""
        now = session.predicting
        self._actions["predict"].setChecked(now is not None)
        for command in _COMMANDS:
            self._actions[command].setEnabled(session.asked is not None)
        self._cover(session.asked is not None)
        self.make_room()
        if now is None:
            return
        if now.score != self._saved:
            self._made = carry_score(self._made, self._saved, now.score)
            self._saved = now.score
            self._save(session.lesson.name, now.score)
        self._window.card.focus_question()

    def make_room(self) -> None:
        """Make the card higher for question and answer, or restore its height, once the window is shown."""
        on, card = self.is_on, self._window.panels[STEP.id]
        if card.isFloating() or on == self._has_room or not self._window.isVisible():
            return
        self._has_room = self._window.arrangement.is_lent = on
        if not on:
            self._window.arrangement.fit()
            return
        wanted = self._window.height() * SHARE // 100
        if card.height() < wanted:
            self._window.resizeDocks([card], [wanted], Qt.Orientation.Vertical)

    def _cover(self, on: bool) -> None:
        """Cover the panels that show values of later steps, or uncover them."""
        for name, row in self._window.rows.items():
            if row.hides_answers and (on or name in self._covers):
                panel = self._window.panels[name]
                if name not in self._covers:
                    self._covers[name] = _add_cover(panel)
                panel.view.setVisible(not on)
                self._covers[name].setVisible(on)

    def _load(self, lesson: str) -> Score:
        from nnviz.formats.score_file import load_score  # imported late to keep the start fast

        return load_score(self._settings.score_path, lesson, self._show_note)

    def _save(self, lesson: str, score: Score) -> None:
        from nnviz.formats.score_file import save_score

        save_score(self._settings.score_path, lesson, score, self._show_note)

    def _show_note(self, line: str) -> None:
        self._window.card.predict.set_note(line)


def _add_cover(panel: Panel) -> QLabel:
    """Add to a panel the words that it shows in the place of its view."""
    label = QLabel(COVERED)
    label.setWordWrap(True)
    label.setMargin(14)
    label.setAlignment(Qt.AlignmentFlag.AlignTop)
    layout = panel.body.layout()
    assert layout is not None
    layout.addWidget(label)
    return label
