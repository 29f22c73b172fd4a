"""Sessions in the window: saving, opening, automatic copies, and the offer to restore the last one at the start."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.branches import Branches
from nnviz.debugger.state.session import Session
from nnviz.gui.control.autosave import Autosave
from nnviz.gui.control.store import Store
from nnviz.gui.dialogs.text_dialogs import file_to_write, may_replace, session_fault_dialog, unwritten_dialog
from nnviz.gui.kit.settings import Settings
from nnviz.gui.main_window import MainWindow
from nnviz.lessons.faults import LessonError
from nnviz.lessons.file_content import one_line
from nnviz.present.start.last_session import last_session_text, was_used, when_text
from nnviz.present.text.capital import capital
from nnviz.sessions.file_name import SUFFIX, is_session_file

if TYPE_CHECKING:
    from nnviz.sessions.session_fields import Saved

LAST = "Your last session"
CHANGED = "has been changed by another program since it was opened"
LARGEST_OFFERED = 50_000_000  # bytes; reading a larger copy would delay the start, so it is read when restored


@dataclass(frozen=True)
class FilePart:
    """The functions that read, restore and reset one part of a session file other than the session itself."""

    read: Callable[[], object]
    restore: Callable[[object], None]
    reset: Callable[[], None] = lambda: None


class SessionFiles(QObject):
    """The file of the session and its automatic copy. `display` shows an opened session in the window.

    `offered(text, restorable)` is emitted with the last session, with a problem with its copy, or with an empty text.
    """

    offered = Signal(str, bool)

    def __init__(
        self,
        store: Store,
        window: MainWindow,
        settings: Settings,
        display: Callable[[Session], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._store, self._window, self._settings, self._display = store, window, settings, display
        self._file = ""
        self._version: tuple[int, ...] = ()  # of the file as it was opened or saved
        self._in_file: Branches | None = None  # as saved in the file
        self._kept: dict[str, Any] = {}
        self._is_used = False  # since a lesson was opened
        self._is_restored = False
        self._offered: Saved | Path | None = None
        self._offered_at = 0  # when the offered copy was written, in nanoseconds
        self.parts: dict[str, FilePart] = {"branches": FilePart(lambda: store.branches, self._restore_branches)}
        self.autosave = Autosave(self.saved, settings.data, self)
        self.autosave.failed.connect(self._show_unsaved)
        store.changed.connect(self._on_session)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return the functions of the commands for session files by their ids."""
        return {"save": self.save, "save_as": self.save_as}

    def saved(self) -> Saved:
        """Return the whole content of a session file."""
        from nnviz.sessions.session_fields import Saved

        more = {name: part.read() for name, part in self.parts.items()}
        return Saved(self._store.session, more, self._kept, file=self._file)

    def open(self, path: str) -> bool:
        """Open a session file; report faults in a dialog and keep the current session."""
        from nnviz.sessions.save import read_session

        try:
            saved = read_session(path)
        except LessonError as error:
            session_fault_dialog(path, str(error), self._window).exec()
            return False
        self.show_opened(saved, path)
        return True

    def show_opened(self, saved: Saved, path: str) -> None:
        """Continue with an opened session and show its notes."""
        self._show_saved(saved)
        self._set_file(os.path.abspath(path))

    def detach(self) -> None:
        """Detach the session from its file, because another lesson is opened."""
        self._is_used = False
        self._file, self._version, self._in_file, self._kept = "", (), None, {}
        for part in self.parts.values():
            part.reset()
        self._window.session_bar.clear()

    @property
    def last_session(self) -> str:
        """A line about the last session before its copy is read; empty if there is none."""
        return LAST if self.autosave.has_copies and not self._is_restored else ""

    def offer(self) -> None:
        """Offer to restore the last session, unless it was restored. A large one is read if it is wanted."""
        slots = self.autosave.slots
        if slots is None or slots.last is None or self._is_restored:
            self.offered.emit("", False)
            return
        if self._offered is None:
            status = slots.last.stat()
            self._offered_at = status.st_mtime_ns
            large = status.st_size > LARGEST_OFFERED
            self._offered = slots.last if large else self._read_copy(slots.last)
            if self._offered is None:
                return
        words = "nnviz did not shut down properly. " if slots.crashed else ""
        written = datetime.fromtimestamp(self._offered_at / 1e9)
        if isinstance(self._offered, Path):
            size = self._offered.stat().st_size // 1_000_000
            self.offered.emit(f"{words}{LAST} · {size} MB · {when_text(written, datetime.now())}", True)
        elif _is_used(self._offered):
            line = last_session_text(self._offered.session, written, datetime.now())
            self.offered.emit(f"{words}{line}", True)
        else:
            self.offered.emit("", False)

    def restore(self) -> None:
        """Restore the session that was offered."""
        offered, self._offered = self._offered, None
        saved = self._read_copy(offered) if isinstance(offered, Path) else offered
        if saved is not None:
            self._is_restored = True
            self._show_saved(saved)
            self._file, self._version = saved.file, _version_before(saved.file, self._offered_at)
            self._show_file()

    def _read_copy(self, copy: Path) -> Saved | None:
        """Read an automatic copy. One that cannot be opened is kept under another name, which the message says."""
        from nnviz.sessions.save import name_aside, read_session

        try:
            return read_session(copy)
        except LessonError as error:
            kept = name_aside(copy)
            with suppress(OSError):
                copy = copy.replace(kept)
            why = "; ".join(f"{fault.field}: {fault.message}".removeprefix(": ") for fault in error.faults)
            line = f"Your last session cannot be opened ({why}). It is kept as {one_line(copy)}."
            self.offered.emit(line, False)
            self._is_restored = True  # there is nothing to offer again
            return None

    def save(self) -> None:
        """Save the session to its file; ask for a file if it has none."""
        from nnviz.sessions.save import file_version

        if not self._file:
            self.save_as()
        elif file_version(self._file) in ((), self._version) or may_replace(self._file, CHANGED, self._window):
            self._write(self._file)

    def save_as(self) -> None:
        """Ask for a file and save the session to it."""
        proposed = self._file or f"{self._store.session.lesson.name}{SUFFIX}"
        chosen = file_to_write("Save session", proposed, f"Sessions (*{SUFFIX})", self._window)
        path = chosen if is_session_file(chosen) else f"{chosen}{SUFFIX}"
        # The dialog has asked about the chosen file, but not about one with the suffix added.
        if chosen and (path == chosen or not os.path.exists(path) or may_replace(path, "exists", self._window)):
            self._write(path)

    def shutdown(self) -> None:
        """Write the last copy."""
        self.autosave.shutdown()

    def _write(self, path: str) -> None:
        from nnviz.sessions.save import write_session

        try:
            write_session(path, self.saved())
        except OSError as error:
            unwritten_dialog("The session", f"{path}: {error.strerror or error}", self._window).exec()
            return
        self._set_file(path)

    def _show_saved(self, saved: Saved) -> None:
        self.detach()
        self._kept = dict(saved.unknown_parts)
        self._display(saved.session)
        for name, part in self.parts.items():
            if name in saved.parts:
                part.restore(saved.parts[name])
        if saved.notes:
            words = "; ".join(saved.notes)
            self._window.session_bar.show_message(f"{capital(words)}.")

    def _restore_branches(self, branches: object) -> None:
        assert isinstance(branches, Branches)
        self._store.set_branches(branches)

    def _set_file(self, path: str) -> None:
        from nnviz.sessions.save import file_version

        self._file, self._version, self._in_file = path, file_version(path), self._store.branches
        self._settings.note_recent(Path(path))
        self._window.recent_changed.emit()
        self._show_file()

    def _on_session(self) -> None:
        self._is_used = self._is_used or was_used(self._store.session)
        if self._is_used:
            self.autosave.note()
        self._show_file()

    def _show_file(self) -> None:
        self._window.show_file(one_line(os.path.basename(self._file)), self._store.branches is not self._in_file)

    def _show_unsaved(self, problem: str) -> None:
        words = f"Automatic saving failed: {problem}. Save the session with Ctrl+S to keep it."
        self._window.session_bar.show_message(words, problem=True)


def _version_before(path: str, time: int) -> tuple[int, ...]:
    """Return the version of a file, or one that no file has if it was written after a time in nanoseconds."""
    from nnviz.sessions.save import file_version

    version = file_version(path) if path else ()
    return version if not version or version[0] <= time else (0,)


def _is_used(saved: Saved) -> bool:
    """Return whether anything was done in a saved session or in one of its branches."""
    branches = saved.parts.get("branches")
    others = branches.all if isinstance(branches, Branches) else ()
    return any(map(was_used, (saved.session, *(branch.session for branch in others))))
