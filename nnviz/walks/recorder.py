"""Recording a walk: what is done live becomes scenes, whose lines lead to the same sessions when they are played."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from nnviz.debugger.branches import Branches, one_branch
from nnviz.debugger.state.session import Session, start_session
from nnviz.walks.recorded_lines import Way, is_like, lines_to
from nnviz.walks.walk import Scene, Walk, WalkStage

TRAINING_SECONDS = 10.0  # that a recorded training is shown
_REPEATED = ("step", "back")


@dataclass(frozen=True, eq=False, kw_only=True)
class Recording:
    """A walk being recorded: its scenes, the one that continues, and the branches that playing them leads to.

    `missed` is how many changes no command of the debugger makes; the sessions after them may differ.
    """

    title: str
    lesson: str
    stage: WalkStage
    branches: Branches
    scenes: tuple[Scene, ...] = ()
    scene: Scene = field(default_factory=Scene)
    missed: int = 0


def begin_recording(session: Session, lesson: str, title: str, stage: WalkStage | None = None) -> Recording:
    """Begin to record at a session of a lesson, named by its name or file.

    If the session is not at the start of its lesson, the first scene goes there.
    """
    stage = replace(stage or WalkStage(), grain=session.grain.word)
    start = start_session(session.own_lesson, grain=session.grain)
    recording = Recording(title=title, lesson=lesson, stage=stage, branches=one_branch(start))
    return _with_lines(recording, session, lines_to(recording.branches, session))


def record_session(recording: Recording, session: Session, seconds: float = TRAINING_SECONDS) -> Recording:
    """Record that another session is shown: a step, an edit, a choice, a training.

    A training has a scene of its own, which shows it in `seconds`.
    """
    if is_like(recording.branches.here.session, session):
        return recording
    way = lines_to(recording.branches, session)
    if not way.has_trained or session.run.end <= recording.branches.here.session.run.end + 1:
        return _with_lines(recording, session, way)
    trained = _with_lines(end_scene(recording), session, way)
    return end_scene(replace(trained, scene=replace(trained.scene, seconds=seconds)))


def record_layout(recording: Recording, layout: str) -> Recording:
    """Record that another layout is chosen: a new scene begins."""
    if layout == (recording.scene.layout or recording.stage.layout):
        return recording
    ended = end_scene(recording)
    return replace(ended, scene=Scene(layout="" if layout == ended.stage.layout else layout))


def record_pause(recording: Recording, seconds: float) -> Recording:
    """Record that nothing was done for some seconds: the scene ends and is held as long."""
    if not recording.scene.do and recording.scenes:
        *before, last = recording.scenes
        return replace(recording, scenes=(*before, replace(last, hold=round((last.hold or 0.0) + seconds, 1))))
    return end_scene(replace(recording, scene=replace(recording.scene, hold=round(seconds, 1))))


def end_scene(recording: Recording) -> Recording:
    """End the present scene, if anything is in it, and begin another with the same layout."""
    empty = Scene(layout=recording.scene.layout)
    if recording.scene == empty:
        return recording
    return replace(recording, scenes=(*recording.scenes, recording.scene), scene=empty)


def recorded_walk(recording: Recording) -> Walk:
    """Return the walk as recorded so far."""
    ended = end_scene(recording)
    scenes = ended.scenes or (Scene(title=recording.title),)
    return Walk(title=recording.title, lesson=recording.lesson, scenes=scenes, stage=recording.stage)


def _with_lines(recording: Recording, session: Session, way: Way) -> Recording:
    """Add the lines that lead to a session to the present scene."""
    scene, do = recording.scene, recording.scene.do
    for line in way.lines:
        do = _joined(do, line)
    missed = recording.missed + (not is_like(way.branches.here.session, session))
    return replace(recording, scene=replace(scene, do=do), branches=way.branches, missed=missed)


def _joined(do: tuple[str, ...], line: str) -> tuple[str, ...]:
    """Add a line; steps in the same direction are counted in one line."""
    word, count = _counted(line)
    if do and word in _REPEATED:
        before, earlier = _counted(do[-1])
        if before == word:
            return (*do[:-1], f"{word} {earlier + count}")
    return (*do, line)


def _counted(line: str) -> tuple[str, int]:
    """Return the command of a line and how often it is repeated; no command if it is another kind of line."""
    word, _, number = line.partition(" ")
    return (word, int(number)) if number.isdecimal() else (word if not number else "", 1)
