"""A film made beside the window by the command line in another process, in a folder that is removed at the end."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, Signal

from nnviz.render.film.recording import FOLDER, kind_of

KILL_AFTER_MS = 3000


@dataclass(frozen=True, kw_only=True)
class FilmOrder:
    """A film to be made: the file it is written to, and the options of `nnviz record`.

    `write_source(folder)` writes what is filmed into a folder, or returns the path of a file that exists.
    """

    out: str
    options: tuple[str, ...]
    write_source: Callable[[Path], Path]


class FilmJob(QObject):
    """Makes one film at a time. `progressed(share)` is emitted now and then.

    At the end one of `made(file)`, `failed(reason)` and `cancelled()` is emitted; only a film that was made leaves
    anything behind.
    """

    progressed = Signal(float)
    made = Signal(str)
    failed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process: QProcess | None = None
        self._folder = Path()
        self._target = ""
        self._is_cancelled = False

    @property
    def is_running(self) -> bool:
        """Whether a film is being made."""
        return self._process is not None

    def start(self, order: FilmOrder) -> None:
        """Begin to make a film. Raises OSError if nothing can be written there."""
        target = Path(order.out)
        self._folder = Path(tempfile.mkdtemp(prefix=f".{target.name[:60]}.", suffix=".tmp", dir=target.parent))
        try:
            source = order.write_source(self._folder)
        except OSError:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise
        self._target, self._is_cancelled = order.out, False
        process = self._process = QProcess(self)
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._finish)
        process.errorOccurred.connect(self._fail_to_start)
        written = str(self._folder / target.name) + ("/" if kind_of(order.out) == FOLDER else "")
        arguments = ["-m", "nnviz", "record", str(source), "-o", written, "--progress", "json", *order.options]
        process.start(sys.executable, arguments)

    def cancel(self) -> None:
        """End the process; nothing is left of the film."""
        process = self._process
        if process is not None:
            self._is_cancelled = True
            process.terminate()
            if not process.waitForFinished(KILL_AFTER_MS):
                process.kill()

    def _read(self) -> None:
        assert self._process is not None
        lines = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace").splitlines()
        for line in lines[-1:]:
            try:
                told = json.loads(line)
            except ValueError:
                continue
            self.progressed.emit(told["done"] / max(1, told["total"]))

    def _fail_to_start(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:
            self._finish(-1)

    def _finish(self, status: int) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        told = bytes(process.readAllStandardError().data()).decode("utf-8", "replace").strip().splitlines()
        process.deleteLater()
        problem = ""
        try:
            if status == 0 and not self._is_cancelled:
                self._take_over()
        except OSError as error:
            problem = f"{error.filename or self._target}: {error.strerror or error}"
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)
        if self._is_cancelled:
            self.cancelled.emit()
        elif status == 0 and not problem:
            self.made.emit(self._target)
        else:
            self.failed.emit(problem or (told[-1].removeprefix("nnviz: ") if told else "the program ended early"))

    def _take_over(self) -> None:
        """Move the film to its place, with the captions beside it."""
        target = Path(self._target)
        made = self._folder / target.name
        if made.is_dir() and target.is_dir():
            shutil.rmtree(target)
        os.replace(made, target)
        captions = made.with_suffix(".vtt")
        if captions.is_file():
            os.replace(captions, target.with_suffix(".vtt"))
