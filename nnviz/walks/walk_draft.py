"""A walk while it is edited: its scenes and its text follow one another, and every change can be undone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from nnviz.lessons.faults import Fault, LessonError
from nnviz.walks.walk import Scene, Walk
from nnviz.walks.walk_file import parse_walk
from nnviz.walks.walk_text import write_walk

NEW_TITLE = "New scene"
MOST_UNDONE = 300  # changes that can be undone


@dataclass(frozen=True)
class WalkDraft:
    """A state of a walk being edited: its text, its scenes, and the faults of the text.

    `is_followed` is false while the text cannot be read as scenes: `walk` is then the one before.
    """

    text: str
    walk: Walk
    faults: tuple[Fault, ...] = ()
    is_followed: bool = True


def draft_of(walk: Walk, text: str = "") -> WalkDraft:
    """Return the draft of a walk; `text` is that of its file."""
    return WalkDraft(text, walk) if text else _written(walk, "")


def with_text(draft: WalkDraft, text: str) -> WalkDraft:
    """Return a draft with another text, and the scenes that it has."""
    try:
        walk = parse_walk(text, draft.walk.path)
    except LessonError as error:
        return WalkDraft(text, draft.walk, tuple(error.faults), is_followed=False)
    return WalkDraft(text, walk)


def with_walk(draft: WalkDraft, walk: Walk) -> WalkDraft:
    """Return a draft with other scenes, and the text that has them; comments above the walk are kept."""
    return _written(walk, _heading(draft.text))


def with_scene(draft: WalkDraft, index: int, scene: Scene) -> WalkDraft:
    """Return a draft in which one scene is another."""
    scenes = draft.walk.scenes
    return with_walk(draft, replace(draft.walk, scenes=(*scenes[:index], scene, *scenes[index + 1 :])))


def add_scene(draft: WalkDraft, index: int, scene: Scene | None = None) -> WalkDraft:
    """Return a draft with one more scene at a place."""
    scenes = draft.walk.scenes
    new = Scene(title=NEW_TITLE) if scene is None else scene
    return with_walk(draft, replace(draft.walk, scenes=(*scenes[:index], new, *scenes[index:])))


def delete_scene(draft: WalkDraft, index: int) -> WalkDraft:
    """Return a draft without a scene; the last one cannot be deleted."""
    scenes = draft.walk.scenes
    if len(scenes) < 2:
        return draft
    return with_walk(draft, replace(draft.walk, scenes=(*scenes[:index], *scenes[index + 1 :])))


def move_scene(draft: WalkDraft, index: int, place: int) -> WalkDraft:
    """Return a draft in which a scene is at another place."""
    scenes = list(draft.walk.scenes)
    scenes.insert(place, scenes.pop(index))
    return with_walk(draft, replace(draft.walk, scenes=tuple(scenes)))


def _written(walk: Walk, heading: str) -> WalkDraft:
    """Return the draft of scenes that may have faults."""
    text = heading + write_walk(walk)
    try:
        return WalkDraft(text, parse_walk(text, walk.path))
    except LessonError as error:
        return WalkDraft(text, walk, tuple(error.faults))


def _heading(text: str) -> str:
    """Return the comments and empty lines above the first key of a text."""
    lines = text.splitlines(keepends=True)
    kept = next((at for at, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    return "".join(lines[:kept])


@dataclass
class DraftHistory:
    """The draft with the states before and after it. Successive changes with one key are one change. Mutable."""

    draft: WalkDraft
    saved: str | None = None  # the text as it is in the file
    _before: list[WalkDraft] = field(default_factory=list)
    _after: list[WalkDraft] = field(default_factory=list)
    _key: object = None

    def change(self, change: Callable[[WalkDraft], WalkDraft], key: object = None) -> bool:
        """Change the draft; return whether it differs."""
        changed = change(self.draft)
        if changed.text == self.draft.text:
            return False
        if key is None or key != self._key:
            self._before = [*self._before[-MOST_UNDONE:], self.draft]
        self._after.clear()
        self.draft, self._key = changed, key
        return True

    def undo(self) -> bool:
        """Return to the draft before; return false if there is none."""
        if not self._before:
            return False
        self._after.append(self.draft)
        self.draft, self._key = self._before.pop(), None
        return True

    def redo(self) -> bool:
        """Return to the draft that was undone last; return false if there is none."""
        if not self._after:
            return False
        self._before.append(self.draft)
        self.draft, self._key = self._after.pop(), None
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is a draft before."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether a draft was undone."""
        return bool(self._after)

    @property
    def is_changed(self) -> bool:
        """Whether the text differs from that of the file."""
        return self.draft.text != self.saved

    def note_saved(self, path: Path) -> None:
        """Note that the draft was written to a file."""
        self.saved = self.draft.text
        self.draft = replace(self.draft, walk=replace(self.draft.walk, path=path))
        self._key = None
