"""The moments of a walk as they are needed: made scene by scene, ahead in a thread, and kept."""

from __future__ import annotations

import threading

from nnviz.lessons.faults import LessonError
from nnviz.walks.moments import Moment
from nnviz.walks.playing import play_scenes
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import walk_error


class Reel:
    """The moments of a walk so far; `fault` is set when a scene has a mistake, and nothing follows it.

    Raises LessonError if the walk's lesson cannot be loaded.
    """

    def __init__(self, walk: Walk) -> None:
        self.walk = walk
        self.fault: LessonError | None = None
        self.is_complete = False
        self._scenes = play_scenes(walk)
        self._moments: tuple[Moment, ...] = ()
        self._starts: tuple[int, ...] = ()
        self._lock = threading.Lock()
        self._stopped = threading.Event()

    @property
    def moments(self) -> tuple[Moment, ...]:
        """The moments that have been made."""
        return self._moments

    def moment(self, index: int) -> Moment | None:
        """Return a moment, made now if need be; None after the end of the walk."""
        while index >= len(self._moments):
            if not self._make_scene():
                return None
        return self._moments[index]

    def start_of(self, scene: int) -> int | None:
        """Return the index of the first moment of a scene; None if there is no such scene."""
        while scene >= len(self._starts):
            if not self._make_scene():
                return None
        return self._starts[scene]

    def end_of(self, scene: int) -> int:
        """Return the index of the last moment of a scene that has been made."""
        following = self._starts[scene + 1] if scene + 1 < len(self._starts) else len(self._moments)
        return following - 1

    def make_ahead(self) -> None:
        """Make the rest in a thread, so that no scene is waited for; it uses nothing of the window."""
        threading.Thread(target=self._make_all, daemon=True).start()

    def stop(self) -> None:
        """Make nothing more ahead."""
        self._stopped.set()

    def _make_all(self) -> None:
        while not self._stopped.is_set() and self._make_scene():
            pass

    def _make_scene(self) -> bool:
        """Make the next scene, by whichever thread comes first; return false at the end."""
        known = len(self._starts)
        with self._lock:
            if len(self._starts) > known:
                return True  # the other thread has made it meanwhile
            if self.is_complete or self.fault is not None:
                return False
            scene = next(self._scenes, None)
            if scene is None:
                self.is_complete = True
                return False
            if scene.issues:
                self.fault = walk_error(self.walk, scene.issues)
                return False
            starts = (*self._starts, len(self._moments))
            self._moments = (*self._moments, *scene.moments)
            self._starts = starts
            return True
