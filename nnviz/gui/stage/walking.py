"""Playing a walk on the stage: which moment is shown, and the keys that go from one to another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from nnviz.debugger.state.session import Session
from nnviz.gui.stage.reel import Reel
from nnviz.present.stage.shots import FilmLook
from nnviz.present.stage.stage import SceneLine, Stage, StageLook
from nnviz.walks.moments import Moment
from nnviz.walks.walk import Walk
from nnviz.walks.walk_shots import WalkShot, plain_caption, walk_shot

SHORTEST_MS = 20


class Walking(QObject):
    """A walk that is being shown: at a moment, playing or paused.

    `moved(forward)` is emitted after each change of what is shown; `forward` is true if it follows what was shown
    before. `faulted(error)` is emitted when a scene with a mistake is reached, `playing_changed(bool)` with the player.
    Raises LessonError if the walk's lesson cannot be loaded.
    """

    moved = Signal(bool)
    faulted = Signal(object)
    playing_changed = Signal(bool)

    def __init__(self, walk: Walk, scene: int = 0) -> None:
        super().__init__()
        self.walk = walk
        self.reel = Reel(walk)
        self._titles = tuple(scene.title for scene in walk.scenes)
        self._at = self.reel.start_of(scene) or 0
        self.is_playing = False
        self._layout = ""  # chosen for the present scene
        self._is_zoomed: bool | None = None  # chosen for the present scene
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._play_on)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of a walk do, by their ids."""
        return {
            "walk_play": self.toggle,
            "walk_next": self.forward,
            "walk_back": self.back,
            "walk_next_scene": self.next_scene,
            "walk_previous_scene": self.previous_scene,
            "walk_first": lambda: self._go(0),
            "walk_last": self.last,
        }

    def begin(self) -> None:
        """Start to play, and make the scenes ahead."""
        if not self.reel.moments:
            self._meet_end()
            return
        self.reel.make_ahead()
        self.play()

    @property
    def moment(self) -> Moment:
        """The moment that is shown, with the layout chosen for its scene."""
        moment = self.reel.moments[self._at]
        return replace(moment, layout=self._layout) if self._layout else moment

    @property
    def session(self) -> Session:
        """The session that is shown, from which the learner can go on."""
        return replace(self.reel.moments[self._at].session, predicting=None)

    @property
    def scene(self) -> int:
        """The number of the scene, counted from 0."""
        return self.moment.scene

    # What is shown

    def shot(self, look: StageLook, width: int, height: int, before: WalkShot | None = None) -> WalkShot:
        """Return the moment as a shot for a stage of a size; a transition leads to it from the shot before."""
        made = walk_shot(self.walk, self.moment, FilmLook(width=width, height=height, look=look), before)
        return replace(made, shot=replace(made.shot, stage=self._with_line(made.shot.stage)))

    def following(self, look: StageLook, width: int, height: int) -> Stage | None:
        """Return the stage at the end of the next scene, if that has been made."""
        start = self._made_start(self.scene + 1)
        if start is None:
            return None
        moment = self.reel.moments[self.reel.end_of(self.scene + 1)]
        shown = walk_shot(self.walk, moment, FilmLook(width=width, height=height, look=look)).shot.stage
        return replace(shown, scenes=SceneLine(self._titles, moment.scene, 1.0))

    @property
    def notes(self) -> str:
        """The lecturer's notes on the scene, or else its caption, and the title of the next scene."""
        scenes = self.walk.scenes
        here = scenes[self.scene].notes or plain_caption(self.moment.caption)
        after = scenes[self.scene + 1] if self.scene + 1 < len(scenes) else None
        coming = "" if after is None or not after.title else f"Next: {after.title}."
        return "\n\n".join(text for text in (here, coming) if text)

    def choose_layout(self, name: str) -> None:
        """Show this scene in another layout, until the next one."""
        self._layout = name
        self.moved.emit(False)

    def toggle_zoom(self) -> None:
        """Enlarge what the scene is about, or show all again, until the next scene."""
        zoomed = self.moment.zoom is not None if self._is_zoomed is None else self._is_zoomed
        self._is_zoomed = not zoomed
        self.moved.emit(False)

    def _with_line(self, stage: Stage) -> Stage:
        start, end = self._made_start(self.scene) or 0, self.reel.end_of(self.scene)
        share = (self._at - start + 1) / (end - start + 1)
        stage = replace(stage, scenes=SceneLine(self._titles, self.scene, share))
        return stage if self._is_zoomed is None else replace(stage, look=replace(stage.look, is_zoomed=self._is_zoomed))

    def _made_start(self, scene: int) -> int | None:
        """Return where a scene starts, if it has been made."""
        return next((at for at, moment in enumerate(self.reel.moments) if moment.scene == scene), None)

    # Playing

    def toggle(self) -> None:
        """Play, from the beginning at the end; or pause. A question for which the walk waits is answered."""
        if self.moment.is_waiting and self.is_playing:
            self._to(self._at + 1)
        elif self.is_playing:
            self.pause()
        elif self.reel.moment(self._at + 1) is None and self.reel.fault is None:
            self._go(0)
            self.play()
        else:
            self.play()

    def play(self) -> None:
        """Play from here."""
        self._set_playing(True)
        self._wait()

    def pause(self) -> None:
        """Stay at this moment."""
        self._timer.stop()
        self._set_playing(False)

    def end(self) -> None:
        """Play no more."""
        self.pause()
        self.reel.stop()

    def _wait(self) -> None:
        """Go on after the seconds of this moment; a question waits for its answer."""
        self._timer.stop()
        if self.is_playing and not self.moment.is_waiting:
            self._timer.start(max(SHORTEST_MS, round(1000 * self.moment.seconds)))

    def _play_on(self) -> None:
        if not self._to(self._at + 1):
            self.pause()

    def _set_playing(self, on: bool) -> None:
        if on != self.is_playing:
            self.is_playing = on
            self.playing_changed.emit(on)

    # Going

    def forward(self) -> None:
        """Go to the next moment; a training is skipped to its end unless it begins to play."""
        target = self._at + 1
        if not self.is_playing or self.moment.training is not None:
            target = self._training_end(target)
        self._to(target)

    def back(self) -> None:
        """Go to the moment before; from a training to what was before it."""
        target = self._at
        while target > 0 and self._is_in_one_training(target - 1, self._at):
            target -= 1
        self._go(max(target - 1, 0))

    def next_scene(self) -> None:
        """Go to the next scene."""
        start = self.reel.start_of(self.scene + 1)
        if start is None:
            self._meet_end()
        else:
            self._go(start)

    def previous_scene(self) -> None:
        """Go to the start of this scene, or from there to the scene before."""
        start = self.reel.start_of(self.scene) or 0
        self._go(start if self._at > start else self.reel.start_of(max(self.scene - 1, 0)) or 0)

    def go_to_scene(self, scene: int) -> None:
        """Go to the start of a scene."""
        start = self.reel.start_of(scene)
        if start is None:
            self._meet_end()
        else:
            self._go(start)

    def last(self) -> None:
        """Go to the last moment."""
        while self.reel.moment(len(self.reel.moments)) is not None:
            pass
        self._go(len(self.reel.moments) - 1)
        if self.reel.fault is not None:
            self._meet_end()

    def _training_end(self, index: int) -> int:
        """Return the last moment of the training that a moment belongs to, or the moment itself."""
        while self.reel.moment(index + 1) is not None and self._is_in_one_training(index, index + 1):
            index += 1
        return index

    def _is_in_one_training(self, index: int, other: int) -> bool:
        one, two = self.reel.moments[index], self.reel.moments[other]
        return one.scene == two.scene and one.training is not None and two.training is not None

    def _to(self, index: int) -> bool:
        """Go forward to a moment; return false at the end of the walk."""
        if self.reel.moment(index) is None:
            self._meet_end()
            return False
        self._put(index, forward=index == self._at + 1)
        return True

    def _go(self, index: int) -> None:
        if index != self._at:
            self._put(index, forward=False)

    def _put(self, index: int, *, forward: bool) -> None:
        scene, self._at = self.scene, index
        if self.reel.moments[index].scene != scene:
            self._layout, self._is_zoomed = "", None
        self.moved.emit(forward)
        self._wait()

    def _meet_end(self) -> None:
        """Pause at the end, or before a scene with a mistake, which is reported."""
        self.pause()
        if self.reel.fault is not None:
            self.faulted.emit(self.reel.fault)
