"""A page that follows the session while it is seen: what it shows is computed in slices, at a modest rate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from nnviz.debugger.state.session import Session
from nnviz.gui.kit.background_work import BackgroundWork
from nnviz.gui.views.panels.notes_view import PanelPage

PAUSE_MS = 200  # between two beginnings, while the run grows
REST_MS = 500  # without changes until the run is at rest


class LivePage(PanelPage):
    """The base of a panel: `make_work`, `owner_of`, `show_result` and `show_stopped` are a panel's own.

    Work begins when pass or run have changed, and again when it has ended if they have changed meanwhile. Work of
    another owner is dropped.
    """

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(name, parent)
        self._drawn: Session | None = None  # the last one of which something was computed
        self._is_stale = False
        self._work = BackgroundWork(
            self, report=self.show_progress, end=self._end, leave=self.show_stopped, report_every=0.1
        )
        self._pause, self._rest = _single_shot(self, PAUSE_MS), _single_shot(self, REST_MS)
        self._pause.timeout.connect(self._go_on)
        self._rest.timeout.connect(self._come_to_rest)

    @property
    def is_at_rest(self) -> bool:
        """Whether there is nothing more to compute."""
        return not (self._is_stale or self._work.is_under_way or self._rest.isActive())

    def owner_of(self, session: Session) -> object:
        """Return what the work belongs to."""
        raise NotImplementedError

    def make_work(self, session: Session) -> Iterator[Any]:
        """Return the work for a session."""
        raise NotImplementedError

    def make_more(self, session: Session) -> Iterator[Any] | None:
        """Return further work for a session at rest; None if there is none."""
        return None

    def show_begin(self, session: Session) -> None:
        """Show what is known of a changed session at once."""

    def show_result(self, result: Any) -> None:
        """Show what the work has returned."""
        raise NotImplementedError

    def show_progress(self, item: Any) -> None:
        """Show the progress of long work."""

    def show_stopped(self) -> None:
        """Show that the user has cancelled the work."""
        raise NotImplementedError

    def render_session(self, session: Session) -> None:
        """Show a session; a step within its pass changes nothing."""
        self._session = session
        self._work.keep_for(self.owner_of(session))
        before = self._drawn
        is_same = before is not None and before.record is session.record and before.run is session.run
        if not self._is_seen or is_same:
            return
        self._drawn = session
        self.show_begin(session)
        self.compute_again()

    def compute_again(self) -> None:
        """Compute what is shown, after the work under way. A hidden panel does so once it is seen."""
        if not self._is_seen:
            return
        self._is_stale = True
        self._rest.start()
        self._go_on()

    def set_seen(self, seen: bool) -> None:
        """Set whether the panel is visible."""
        self._is_seen = seen
        if seen and self._session is not None:
            self.render_session(self._session)
        if not seen:
            self._work.drop()
            self._rest.stop()
            self._drawn, self._is_stale = None, False

    def _go_on(self) -> None:
        """Begin to compute what is new, unless that was a moment ago or is under way."""
        if not self._is_stale or self._pause.isActive() or self._work.is_under_way or self._session is None:
            return
        self._is_stale = False
        self._pause.start()
        self._work.begin(self.make_work(self._session), self.owner_of(self._session), at_once=True)

    def _end(self, result: Any) -> None:
        self.show_result(result)
        self._go_on()

    def _come_to_rest(self) -> None:
        session = self._session
        if session is None or self._is_stale or self._work.is_under_way:
            self._rest.start()
            return
        more = self.make_more(session)
        if more is not None:
            self._work.begin(more, self.owner_of(session))


def _single_shot(parent: QWidget, milliseconds: int) -> QTimer:
    timer = QTimer(parent)
    timer.setInterval(milliseconds)
    timer.setSingleShot(True)
    return timer
