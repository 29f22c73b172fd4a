"""What interrupts a running window: exceptions in its slots, Ctrl+C in the terminal, and SIGTERM."""

from __future__ import annotations

import signal
import socket
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication, QWidget

from nnviz.gui.dialogs.text_dialogs import TextDialog, error_dialog
from nnviz.gui.main_window import MainWindow


class HasWindow(Protocol):
    """What controls a window."""

    window: MainWindow

    def in_front(self) -> QWidget:
        """Return the window that a dialog belongs to."""
        ...


def cause_of(kind: type[BaseException], trace: TracebackType | None) -> tuple[object, ...]:
    """Return what identifies the cause of an error: its kind and the line that raised it."""
    frames = traceback.extract_tb(trace)
    return (kind, frames[-1].filename, frames[-1].lineno) if frames else (kind,)


@contextmanager
def errors_shown(controller: HasWindow) -> Iterator[None]:
    """Show exceptions of slots in a dialog; Qt would only print them, and the session is still intact.

    One dialog is open at a time. An error of a known cause is not shown in another dialog, but in a line.
    """
    counts: dict[tuple[object, ...], int] = {}
    open_dialogs: list[TextDialog] = []

    def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            controller.window.close()
            return
        text = "".join(traceback.format_exception(kind, error, trace))
        cause = cause_of(kind, trace)
        counts[cause] = counts.get(cause, 0) + 1
        if counts[cause] > 1:
            line = f"The same error occurred again ({counts[cause]} times): {kind.__name__}: {error}"
            controller.window.session_bar.show_message(line, problem=True)
        elif open_dialogs:
            open_dialogs[-1].text.appendPlainText(f"\n{text}")
        else:
            dialog = error_dialog(text, controller.in_front())
            open_dialogs.append(dialog)
            try:
                dialog.exec()
            finally:
                open_dialogs.remove(dialog)

    before, sys.excepthook = sys.excepthook, show
    try:
        yield
    finally:
        sys.excepthook = before


@contextmanager
def closed_by_signals(app: QApplication) -> Iterator[None]:
    """Close the window at once on SIGINT (Ctrl+C in the terminal) and SIGTERM.

    Python runs a handler only when it next executes bytecode: never in an idle window, or in the middle of painting.
    So the handlers do nothing; the byte that each signal writes to a socket closes the window.
    """
    reader, writer = socket.socketpair()
    reader.setblocking(False)
    writer.setblocking(False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)

    def close() -> None:
        reader.recv(64)
        app.closeAllWindows()

    notifier.activated.connect(close)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    wakeup = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    for number in before:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(wakeup)
        notifier.setEnabled(False)
        reader.close()
        writer.close()
