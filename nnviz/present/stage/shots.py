"""The shots of a film: stages in the order in which they are shown, with their times, chapters and captions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from nnviz.debugger.commands import first, step
from nnviz.debugger.state.session import Session
from nnviz.present.stage.stage import Stage, StageLook, StageRun, stage
from nnviz.present.stage.transition import Traveller, follows, travellers, without_result
from nnviz.present.words.card import card

BURNT, BESIDE, NONE = "burnt", "beside", "none"
CAPTIONS = (BURNT, BESIDE, NONE)
PACE = 2.0  # seconds that a step is shown
LAST_SECONDS = 4.0  # that the end of a pass is shown
OPENING_SECONDS = 3.0


@dataclass(frozen=True, kw_only=True)
class FilmLook:
    """How a film looks: its size in pixels, the look of its stages, the seconds of a step, where its captions are."""

    width: int = 1920
    height: int = 1080
    look: StageLook = field(default_factory=StageLook)
    pace: float = PACE
    captions: str = BURNT


@dataclass(frozen=True, eq=False, kw_only=True)
class Shot:
    """A stage and the seconds that it is shown, the transition to it included.

    `early` is the stage before the result of its step is shown, with the `travellers` that move meanwhile; None without
    a transition. `chapter` is the title of the chapter that begins here, or empty; `sound` is the file of the narration
    that begins here, or empty.
    """

    stage: Stage
    seconds: float
    early: Stage | None = None
    travellers: tuple[Traveller, ...] = ()
    chapter: str = ""
    caption: str = ""
    sound: str = ""


def make_shot(
    session: Session,
    film: FilmLook,
    seconds: float,
    before: Shot | None = None,
    came_from: Session | None = None,
    *,
    chapter: str = "",
    caption: str | None = None,
    run: StageRun = StageRun(),  # noqa: B008 it is frozen
) -> Shot:
    """Return the shot of a session; with the shot and session before it, a transition leads to it if it is their step.

    Without a `caption` it has the sentence of its step.
    """
    text = card(session).text if caption is None else caption
    shown = stage(session, film.look, film.width, film.height, run)
    shown = with_caption(shown, text, film.captions, is_written=caption is not None)
    early: Stage | None = None
    moving: tuple[Traveller, ...] = ()
    if before is not None and came_from is not None and shown.picture is not None and follows(came_from, session):
        moving = travellers(session, shown.picture)
        early = without_result(shown, before.stage) if moving else None
    return Shot(stage=shown, seconds=seconds, early=early, travellers=moving, chapter=chapter, caption=text)


def with_caption(shown: Stage, caption: str, captions: str, *, is_written: bool) -> Stage:
    """Return a stage with a caption in its band or under its plots, or without any if captions are not burnt in.

    One that `is_written`, by the author of a walk, is never shortened.
    """
    text = caption if captions == BURNT else ""
    if shown.regions.text is not None:
        return replace(shown, caption=text)
    if shown.card is not None:
        return replace(shown, card=replace(shown.card, text=text, is_captioned=is_written))
    return replace(shown, caption=text or shown.caption)


def pass_shots(session: Session, film: FilmLook) -> Iterator[Shot]:
    """Yield a shot of each step of a session's pass, with a chapter for each phase."""
    session = first(session)
    shot = make_shot(session, film, OPENING_SECONDS, chapter=session.lesson.title)
    yield shot
    phase = ""
    while not session.at_end:
        before, session = session, step(session)
        taken = session.step
        assert taken is not None
        chapter = taken.phase.capitalize() if taken.phase != phase else ""
        phase = taken.phase
        seconds = LAST_SECONDS if session.at_end else film.pace
        shot = make_shot(session, film, seconds, shot, before, chapter=chapter)
        yield shot


def pass_length(session: Session) -> int:
    """Return the number of shots of a session's pass."""
    return session.trace.length(session.grain) + 1
