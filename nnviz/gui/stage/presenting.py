"""Presentation mode: the stage follows the session, and its keys do what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QScreen
from PySide6.QtWidgets import QApplication

from nnviz.debugger.commands import go_to, step
from nnviz.debugger.state.session import Session
from nnviz.gui.control.store import Store
from nnviz.gui.control.training_controller import TrainingController
from nnviz.gui.kit.actions import Actions
from nnviz.gui.kit.settings import Settings
from nnviz.gui.kit.theme import Theme
from nnviz.gui.main_window import MainWindow
from nnviz.gui.stage.lecturer_window import LecturerWindow
from nnviz.gui.stage.stage_view import place_in
from nnviz.gui.stage.stage_window import STAGE_SET, WALK_SET, StageWindow
from nnviz.gui.stage.walking import Walking
from nnviz.present.core.palette import Palette, load_palette
from nnviz.present.stage.notes import lecturer_notes
from nnviz.present.stage.regions import LAYOUTS, LEAST_TYPE, MOST_TYPE
from nnviz.present.stage.stage import Stage, StageLook, StageRun, stage
from nnviz.present.stage.transition import follows, travellers, without_result
from nnviz.walks.walk_shots import WalkShot

TYPE_STEP = 1.1
_CYCLE = tuple(name for name in LAYOUTS if name != "text")


class Presenting(QObject):
    """Opens and closes the stage. `changed(bool)` is emitted when the presentation begins or ends.

    `go` applies a move after player and training have paused. While a walk plays, the stage shows it instead of the
    store's session; `walk_left(session)` is emitted with the session shown last before the presentation ends.
    `layout_changed(name)` is emitted when the user chooses a layout for the session.
    """

    changed = Signal(bool)
    walk_left = Signal(object)
    layout_changed = Signal(str)

    def __init__(
        self,
        store: Store,
        window: MainWindow,
        actions: Actions,
        training: TrainingController,
        theme: Theme,
        settings: Settings,
    ) -> None:
        super().__init__(window)
        self._store, self._window, self._actions = store, window, actions
        self._training, self._theme, self._settings = training, theme, settings
        self._look = replace(StageLook(), layout=settings.stage_layout, scale=settings.stage_scale)
        self._stage_window: StageWindow | None = None
        self._lecturer: LecturerWindow | None = None
        self._shown: Session | None = None
        self._walking: Walking | None = None
        self._is_recorded = False
        self._walk_shot: WalkShot | None = None
        self._go: Callable[[Callable[[Session], Session]], None] = store.apply
        store.changed.connect(self._follow)
        training.state_changed.connect(lambda _: self._show())
        theme.changed.connect(self._repaint)

    @property
    def is_on(self) -> bool:
        """Whether the stage is open."""
        return self._stage_window is not None

    @property
    def stage_window(self) -> StageWindow | None:
        """The window of the stage while it is open."""
        return self._stage_window

    @property
    def lecturer_window(self) -> LecturerWindow | None:
        """The lecturer's view while it is open."""
        return self._lecturer

    @property
    def look(self) -> StageLook:
        """How the stage is shown."""
        return self._look

    @property
    def walking(self) -> Walking | None:
        """The walk that plays on the stage, if one does."""
        return self._walking

    def set_recorded(self, on: bool) -> None:
        """Show on the stage that a walk is recorded."""
        self._is_recorded = on
        if self._stage_window is not None:
            self._stage_window.view.set_recorded(on)

    def commands(self) -> dict[str, Callable[[], object]]:
        """Return what the commands of presentation mode do, by their ids."""
        return {
            "presentation": self.toggle,
            "stage_layout": self._next_layout,
            "stage_larger": lambda: self._scale(TYPE_STEP),
            "stage_smaller": lambda: self._scale(1 / TYPE_STEP),
            "stage_zoom": self._zoom,
            "stage_spotlight": lambda: self._change(replace(self._look, is_spotlit=not self._look.is_spotlit)),
            "stage_blank": self._blank,
            "stage_pen": self._pen,
            "stage_color": self._next_color,
            "stage_clear": self._clear,
            "lecturer": self._toggle_lecturer,
            **({} if self._walking is None else self._walking.commands()),
        }

    def connect_moves(self, go: Callable[[Callable[[Session], Session]], None]) -> None:
        """Apply moves that begin on the stage by a function, which pauses what runs."""
        self._go = go

    def toggle(self) -> None:
        """Begin the presentation on the screen of the window, or end it."""
        if self._stage_window is None:
            self._begin()
        else:
            self.end()

    def play(self, walking: Walking) -> None:
        """Open the stage with a walk, in the walk's theme, and play it."""
        self.end()
        self._walking = walking
        walking.moved.connect(self._show_moment)
        walking.playing_changed.connect(self._show_playing)
        self._begin()
        walking.begin()

    def end(self) -> None:
        """Close the stage and the lecturer's view; the window is as it was before."""
        opened, self._stage_window = self._stage_window, None
        if opened is None:
            return
        self.leave_walk()
        self._close_lecturer()
        opened.closing.disconnect(self.end)
        opened.close()
        opened.deleteLater()
        self._actions["presentation"].setChecked(False)
        self._window.activateWindow()
        self.changed.emit(False)

    def leave_walk(self) -> None:
        """Play the walk no more; the session goes on from what was shown."""
        walking, self._walking, self._walk_shot = self._walking, None, None
        if walking is not None:
            walking.end()
            self.walk_left.emit(walking.session)

    def _begin(self) -> None:
        controls = STAGE_SET if self._walking is None else WALK_SET
        opened = StageWindow(self._actions.items(), lambda name: self.commands()[name](), self._window, controls)
        self._stage_window = opened
        opened.closing.connect(self.end)
        opened.layout_chosen.connect(self._choose_layout)
        opened.view.resized.connect(self._show)
        opened.view.clicked.connect(self._click)
        opened.set_palette(self._palette)
        opened.view.set_recorded(self._is_recorded)
        opened.setGeometry(self._window.screen().geometry())
        opened.showFullScreen()
        opened.activateWindow()
        self._actions["presentation"].setChecked(True)
        self._show()
        self.changed.emit(True)

    @property
    def _palette(self) -> Palette:
        """The colors of the stage: those of the walk, or else of the window."""
        return self._theme.palette if self._walking is None else load_palette(self._walking.walk.stage.theme)

    def _run(self) -> StageRun:
        session = self._store.session
        return StageRun(self._training.runs, self._training.running, session.training.epochs)

    def _make(self, session: Session, width: int, height: int) -> Stage:
        return stage(session, self._look, width, height, self._run())

    def _show(self) -> None:
        """Show the session at once."""
        if self._stage_window is None:
            return
        if self._walking is not None:
            self._show_moment(False)
            return
        session, view = self._store.session, self._stage_window.view
        view.show_stage(self._make(session, view.width(), view.height()))
        self._shown = session
        self._show_lecturer()

    def _follow(self, session: Session) -> None:
        """Show a changed session, with a transition if it is the next step."""
        if self._stage_window is None or self._walking is not None:
            return
        view, before = self._stage_window.view, self._shown
        was = view.stage
        moves = not self._settings.reduced_motion and before is not None and follows(before, session)
        shown = self._make(session, view.width(), view.height())
        values = travellers(session, shown.picture) if moves and shown.picture is not None else ()
        if values and was is not None:
            view.show_stage(shown, without_result(shown, was), values)
        else:
            view.show_stage(shown)
        self._shown = session
        self._show_lecturer()

    def _show_moment(self, forward: bool) -> None:
        """Show the moment of the walk, with a transition if it is the step after the one shown."""
        if self._stage_window is None or self._walking is None:
            return
        view, before = self._stage_window.view, self._walk_shot
        size = view.width(), view.height()
        shown = self._walking.shot(self._look, *size, before if forward else None)
        self._walk_shot, shot = shown, shown.shot
        if shot.early is not None and not self._settings.reduced_motion:
            view.show_stage(shot.stage, replace(shot.early, scenes=shot.stage.scenes), shot.travellers)
        else:
            view.show_stage(shot.stage)
        self._show_lecturer()

    def _show_playing(self, on: bool) -> None:
        if self._stage_window is not None:
            self._stage_window.bar.set_icon("walk_play", "player-pause" if on else "player-play")

    def _change(self, look: StageLook) -> None:
        """Show the stage in another way, which is remembered."""
        if look.layout != self._look.layout:
            self.layout_changed.emit(look.layout)
        self._look = look
        self._settings.stage_layout, self._settings.stage_scale = look.layout, look.scale
        self._show()

    def _choose_layout(self, name: str) -> None:
        if self._walking is None:
            self._change(replace(self._look, layout=name))
        else:
            self._walking.choose_layout(name)

    def _next_layout(self) -> None:
        shown = self._look.layout if self._walking is None else self._walking.moment.layout
        at = _CYCLE.index(shown) if shown in _CYCLE else -1
        self._choose_layout(_CYCLE[(at + 1) % len(_CYCLE)])

    def _zoom(self) -> None:
        if self._walking is None:
            self._change(replace(self._look, is_zoomed=not self._look.is_zoomed))
        else:
            self._walking.toggle_zoom()

    def _scale(self, factor: float) -> None:
        scale = min(max(self._look.scale * factor, LEAST_TYPE), MOST_TYPE)
        self._change(replace(self._look, scale=scale))

    def _blank(self) -> None:
        if self._stage_window is not None:
            self._stage_window.view.set_blank(not self._stage_window.view.is_blank)

    def _next_color(self) -> None:
        if self._stage_window is not None:
            self._stage_window.next_color()

    def _clear(self) -> None:
        if self._stage_window is not None:
            self._stage_window.view.clear_strokes()

    def _pen(self) -> None:
        if self._stage_window is not None:
            self._stage_window.set_pen(self._stage_window.view.pen is None)

    def _click(self, place: QPointF) -> None:
        """Go to the step of a clicked cell of the timeline, or to the scene of one of a walk."""
        assert self._stage_window is not None
        shown = self._stage_window.view.stage
        if shown is None or not place_in(shown.regions.line, place):
            return
        left, _, width, _ = shown.regions.line
        share = (place.x() - left) / width
        if shown.scenes is not None and self._walking is not None:
            self._walking.go_to_scene(min(int(share * len(shown.scenes.titles)), len(shown.scenes.titles) - 1))
        elif shown.line is not None:
            cells = shown.line.cells
            cell = cells[min(int(share * len(cells)), len(cells) - 1)]
            self._go(lambda session: go_to(session, cell.end))

    def _repaint(self) -> None:
        for window in (self._stage_window, self._lecturer):
            if window is not None:
                window.set_palette(self._palette)

    # The lecturer's view

    def _toggle_lecturer(self) -> None:
        if self._lecturer is not None:
            self._close_lecturer()
            return
        if self._stage_window is None:
            return
        opened = self._lecturer = LecturerWindow(self._window, "step" if self._walking is None else "scene")
        opened.addActions(self._stage_window.actions())
        opened.set_palette(self._palette)
        opened.closing.connect(self._close_lecturer)
        opened.resized.connect(self._show_lecturer)
        other = other_screen(self._stage_window.screen())
        if other is None:
            opened.resize(1100, 640)
            opened.show()
        else:
            opened.setGeometry(other.geometry())
            opened.showFullScreen()
        self._show_lecturer()

    def _close_lecturer(self) -> None:
        opened, self._lecturer = self._lecturer, None
        if opened is not None:
            opened.closing.disconnect(self._close_lecturer)
            opened.close()
            opened.deleteLater()

    def _show_lecturer(self) -> None:
        if self._lecturer is None:
            return
        session, lecturer = self._store.session, self._lecturer
        size = lecturer.here.width(), lecturer.here.height()
        small = lecturer.next.width(), lecturer.next.height()
        walking = self._walking
        if walking is not None:
            here = walking.shot(self._look, *size).shot.stage
            lecturer.show_stages(here, walking.following(self._look, *small), walking.notes)
            return
        following = step(session) if session.asked is None and not session.at_end else None
        lecturer.show_stages(
            self._make(session, *size),
            None if following is None else self._make(following, *small),
            lecturer_notes(session, following),
        )


def other_screen(screen: QScreen) -> QScreen | None:
    """Return the first screen besides one; None if there is only one."""
    return next((other for other in QApplication.screens() if other is not screen), None)
