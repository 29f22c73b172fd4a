"""What a film can be made of: the present pass or a walk, with its moments and the file that is recorded."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Protocol

from nnviz.debugger.commands import go_to
from nnviz.debugger.state.session import Session
from nnviz.gui.stage.reel import Reel
from nnviz.present.stage.shots import FilmLook, make_shot, pass_length
from nnviz.present.stage.stage import Stage
from nnviz.sessions.file_name import SUFFIX as SESSION_SUFFIX
from nnviz.walks.walk import SUFFIX, Walk
from nnviz.walks.walk_shots import walk_shot


class FilmSource(Protocol):
    """A pass or a walk, as the dialog for films sees it. `scenes` is 0 for a pass."""

    @property
    def title(self) -> str:
        """What the list of the dialog says."""

    @property
    def name(self) -> str:
        """The name that is proposed for the film's file, without its ending."""

    @property
    def scenes(self) -> int:
        """The number of scenes."""

    @property
    def theme(self) -> str:
        """The theme of its own; empty if it has none."""

    @property
    def is_narrated(self) -> bool:
        """Whether a scene has a sound."""

    @property
    def options(self) -> tuple[str, ...]:
        """The options of `nnviz record` that it needs."""

    def length(self) -> int:
        """Return the number of moments."""

    def place(self, index: int) -> str:
        """Return where a moment is, in words."""

    def stage(self, index: int, film: FilmLook) -> Stage:
        """Return the stage of a moment."""

    def write(self, folder: Path) -> Path:
        """Write what is filmed into a folder, and return the path; or that of a file which exists. Raises OSError."""


@dataclass(frozen=True, eq=False)
class PassSource:
    """The pass of a session."""

    session: Session

    @property
    def title(self) -> str:
        """The pass by its lesson."""
        return f"This pass of {self.session.lesson.title}"

    @property
    def name(self) -> str:
        """The name of the lesson."""
        return self.session.lesson.name

    @property
    def scenes(self) -> int:
        """A pass has no scenes."""
        return 0

    @property
    def theme(self) -> str:
        """A pass has no theme."""
        return ""

    @property
    def is_narrated(self) -> bool:
        """A pass has no sound."""
        return False

    @property
    def options(self) -> tuple[str, ...]:
        """The level of detail of the session."""
        return "--grain", self.session.grain.word

    def length(self) -> int:
        """Return the number of steps, and the start."""
        return pass_length(self.session)

    def place(self, index: int) -> str:
        """Return the step in words."""
        return f"step {index} of {self.length() - 1}"

    def stage(self, index: int, film: FilmLook) -> Stage:
        """Return the stage after a step."""
        trace, grain = self.session.trace, self.session.grain
        end = trace.step(grain, index - 1).end if index else 0
        session = replace(go_to(self.session, end), predicting=None)
        return make_shot(session, film, 1.0).stage

    def write(self, folder: Path) -> Path:
        """Write the session into a folder."""
        from nnviz.sessions.save import write_session
        from nnviz.sessions.session_fields import Saved

        path = folder / f"session{SESSION_SUFFIX}"
        write_session(path, Saved(replace(self.session, predicting=None), {}))
        return path


@dataclass(frozen=True, eq=False)
class WalkSource:
    """A walk; one that has been changed since it was saved is filmed from a copy."""

    walk: Walk
    is_saved: bool = True

    @property
    def title(self) -> str:
        """The walk's title."""
        return f"Walk: {self.walk.title}"

    @property
    def name(self) -> str:
        """The name of the walk's file."""
        return self.walk.name or "walk"

    @property
    def scenes(self) -> int:
        """The number of scenes."""
        return len(self.walk.scenes)

    @property
    def theme(self) -> str:
        """The walk's theme."""
        return self.walk.stage.theme

    @property
    def is_narrated(self) -> bool:
        """Whether a scene has a sound."""
        return any(scene.audio for scene in self.walk.scenes)

    @property
    def options(self) -> tuple[str, ...]:
        """Where the files are that a copy names."""
        return () if self.is_saved else ("--beside", str(self.walk.folder.absolute()))

    @cached_property
    def _reel(self) -> Reel:
        return Reel(self.walk)

    def length(self) -> int:
        """Return the number of moments, one at the end of each scene."""
        return len(self.walk.scenes)

    def place(self, index: int) -> str:
        """Return the scene in words."""
        title = self.walk.scenes[index].title
        return f"scene {index + 1} of {self.length()}" + (f", {title}" if title else "")

    def stage(self, index: int, film: FilmLook) -> Stage:
        """Return the stage at the end of a scene. Raises LessonError if the walk has a mistake before."""
        if self._reel.start_of(index) is None:
            assert self._reel.fault is not None
            raise self._reel.fault
        moment = self._reel.moments[self._reel.end_of(index)]
        return walk_shot(self.walk, moment, film).shot.stage

    def write(self, folder: Path) -> Path:
        """Return the walk's file, or write the walk into a folder."""
        from nnviz.walks.walk_text import save_walk

        if self.is_saved and self.walk.path is not None:
            return self.walk.path
        path = folder / f"{self.name}{SUFFIX}"
        save_walk(path, self.walk)
        return path
