"""Recording a walk in the window: what is done live becomes scenes, with the pauses in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import monotonic

from PySide6.QtCore import QObject, Signal

from nnviz.debugger.state.session import Session
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.walks.recorder import (
    Recording,
    begin_recording,
    end_scene,
    record_layout,
    record_pause,
    record_session,
    recorded_walk,
)
from nnviz.walks.walk import Walk, WalkStage

LEAST_PAUSE, LONGEST_PAUSE = 4.0, 30.0  # seconds; a shorter pause is not recorded, a longer one is shortened


class LiveRecording(QObject):
    """Records while it is on. `changed()` is emitted when it begins, grows or ends, `ended(walk)` with the walk.

    `clock` returns the time in seconds.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(
        self, store: Store, training: TrainingController, parent: QObject, clock: Callable[[], float] = monotonic
    ) -> None:
        super().__init__(parent)
        self._store, self._training, self._clock = store, training, clock
        self._recording: Recording | None = None
        self._lesson = ""
        self._file: Path | None = None  # beside the lesson's, if this is not bundled
        self._last = 0.0  # when something was recorded
        store.changed.connect(self._follow)
        training.state_changed.connect(lambda _: self._follow(store.session))

    @property
    def is_on(self) -> bool:
        """Whether what is done is recorded."""
        return self._recording is not None

    @property
    def scenes(self) -> int:
        """The number of scenes so far, with the one that continues."""
        recording = self._recording
        return 0 if recording is None else len(recording.scenes) + 1

    @property
    def missed(self) -> int:
        """How many changes no command makes."""
        return 0 if self._recording is None else self._recording.missed

    def begin(self, walk: Walk, stage: WalkStage) -> None:
        """Begin at the present session, whose lesson a new walk names."""
        session = self._store.session
        self._lesson = session.own_lesson.name
        self._recording, self._file = begin_recording(session, walk.lesson, walk.title, stage), walk.path
        self._last = self._clock()
        self.changed.emit()

    def end(self) -> None:
        """End, and give the walk away."""
        recording, self._recording = self._recording, None
        if recording is not None:
            self.changed.emit()
            self.ended.emit(replace(recorded_walk(recording), path=self._file))

    def next_scene(self) -> None:
        """Begin the next scene."""
        self._put(end_scene)

    def note_layout(self, name: str) -> None:
        """Record that the stage shows another layout."""
        self._put(lambda recording: record_layout(recording, name))

    def _follow(self, session: Session) -> None:
        """Record a changed session; a training when it has ended."""
        if self._recording is None or self._training.running:
            return
        if session.own_lesson.name != self._lesson:
            self.end()
            return
        self._put(lambda recording: record_session(recording, session))

    def _put(self, change: Callable[[Recording], Recording]) -> None:
        before = self._recording
        if before is None:
            return
        now = self._clock()
        waited = now - self._last
        after = change(before)
        if after is before:
            return
        if waited >= LEAST_PAUSE and before.scene.do:
            after = change(record_pause(before, round(min(waited, LONGEST_PAUSE))))
        self._recording, self._last = after, now
        self.changed.emit()
