"""`nnviz.export` and `nnviz.record`: a lesson, walk or pass as a page, picture, slides or film, as the commands do."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnviz.api.traced import TracedPass, trace
from nnviz.debugger.state.session import Session
from nnviz.formats.atomic_files import replaced_file, write_atomically
from nnviz.formats.pictures.view_svg import SVG_VIEWS, SvgLook, stage_svg, view_svg
from nnviz.formats.player.page import about, page_html
from nnviz.formats.player.page_frames import PageContent, pass_content
from nnviz.formats.script.pass_script import script_text
from nnviz.formats.script.torch_script import torch_script
from nnviz.formats.weight_files import WEIGHT_EXPORTERS, write_weights
from nnviz.sessions.file_name import is_session_file
from nnviz.sessions.save import read_session
from nnviz.shell.positions import pass_end, session_at
from nnviz.shell.shell import ShellError
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import load_walk
from nnviz.walks.walk_names import is_walk
from nnviz.walks.walk_page import walk_content
from nnviz.walks.walk_shots import walk_shots
from nnviz.walks.walk_stages import Slides, pass_slides, walk_slides

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

# The formats, by the ending of a file's name; slides are asked for by their name.
ENDINGS = {
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".py": "script",
    ".html": "html",
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
}
SIZE, FILM_SIZE = (1600, 900), (1920, 1080)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is exported: a session or a walk, and how it looks."""

    format: str
    session: Session | None
    walk: Walk | None
    view: str
    at: str | int | None
    size: tuple[int, int]
    theme: str
    transparent: bool
    frames: bool

    @property
    def own_session(self) -> Session:
        """The session; raises ValueError for a walk."""
        if self.session is None:
            raise ValueError("of a walk there are the formats html and slides")
        return self.session


def export(
    source: Any,
    path: str | Path,
    *,
    format: str | None = None,
    view: str = "network",
    at: str | int | None = None,
    size: tuple[int, int] = SIZE,
    theme: str = "light",
    transparent: bool = False,
    frames: bool = False,
    example: int | None = None,
    update: int = 0,
    grain: str = "neuron",
    notation: str | None = None,
) -> None:
    """Write a lesson, walk, session file, model or pass to a file, as `nnviz export` does, whole or not at all.

    `format` is script, torch, npz, safetensors, html, svg, png, pdf or slides, by default that of the file's ending.
    `view` is network, graph, formula, stage, and for png and pdf loss or boundary; `at` is a step's number or a value,
    by default the end of the pass. With `frames`, slides are a folder of SVG files. `source` is a lesson, walk or
    session by its name or file, a pass, or a model. Raises LessonError for a faulty file, ValueError for an option that
    does not exist, and OSError.
    """
    form = format or ENDINGS.get(Path(path).suffix.lower(), "")
    if form not in _WRITERS:
        raise ValueError(f"there is no format {form or Path(path).suffix!r}; known are {', '.join(_WRITERS)}")
    session, walk = _opened(source, example=example, update=update, grain=grain, notation=notation)
    wanted = Wanted(
        format=form,
        session=session,
        walk=walk,
        view=view,
        at=at,
        size=size,
        theme=theme,
        transparent=transparent,
        frames=frames,
    )
    _WRITERS[form](Path(path), wanted)


def record(
    source: Any,
    path: str | Path,
    *,
    size: tuple[int, int] = FILM_SIZE,
    fps: int = 30,
    theme: str = "light",
    layout: str = "network",
    captions: str = "burnt",
    pace: float = 2.0,
    cfr: bool = False,
    example: int | None = None,
    update: int = 0,
    grain: str = "neuron",
    notation: str | None = None,
) -> None:
    """Write a pass of a lesson or model, or a walk, as a film, as `nnviz record` does.

    The ending is .mp4, .webm, .gif or .apng, or the name ends in a slash: a folder of pictures. Raises
    LessonError for a faulty file, ValueError for a film that cannot be made, and OSError.
    """
    from nnviz.present.stage.shots import FilmLook, pass_shots
    from nnviz.present.stage.stage import StageLook

    session, walk = _opened(source, example=example, update=update, grain=grain, notation=notation)
    film = FilmLook(width=size[0], height=size[1], look=StageLook(layout=layout), pace=pace, captions=captions)
    app = _application()
    from nnviz.render.film.recording import FilmError, FilmFile, check_film
    from nnviz.render.film.recording import record as write_film

    file = FilmFile(path=str(path), theme=theme, fps=fps, is_constant=cfr)
    try:
        check_film(file, film)
    except FilmError as error:
        raise ValueError(str(error)) from None
    if walk is not None:
        write_film((made.shot for made in walk_shots(walk, film)), film, file)
    elif session is not None:
        write_film(pass_shots(session, film), film, file)
    del app


def _opened(
    source: Any, *, example: int | None, update: int, grain: str, notation: str | None
) -> tuple[Session | None, Walk | None]:
    """Return the session or the walk that is asked for."""
    if isinstance(source, Session):
        return source, None
    if isinstance(source, TracedPass):
        return source.session, None
    if isinstance(source, str) and is_walk(source):
        return None, load_walk(source)
    if isinstance(source, str) and is_session_file(source):
        return read_session(source).session, None
    return trace(source, example=example, update=update, grain=grain, notation=notation).session, None


def _script(path: Path, wanted: Wanted) -> None:
    write_atomically(path, script_text(wanted.own_session))


def _torch(path: Path, wanted: Wanted) -> None:
    write_atomically(path, torch_script(wanted.own_session))


def _weights(path: Path, wanted: Wanted) -> None:
    write_weights(path, wanted.own_session, wanted.format)


def _html(path: Path, wanted: Wanted) -> None:
    write_atomically(path, page_html(content_of(wanted)))


def content_of(wanted: Wanted) -> PageContent:
    """Return what a page shows."""
    if wanted.walk is not None:
        return walk_content(wanted.walk)
    session = wanted.own_session
    return pass_content(session, about(session))


def _svg(path: Path, wanted: Wanted) -> None:
    _check_view(wanted.view, SVG_VIEWS)
    width, height = wanted.size
    look = SvgLook(view=wanted.view, width=width, height=height, theme=wanted.theme, is_transparent=wanted.transparent)
    write_atomically(path, view_svg(_placed(wanted), look))


def _png(path: Path, wanted: Wanted) -> None:
    _still(path, wanted, is_png=True)


def _pdf(path: Path, wanted: Wanted) -> None:
    _still(path, wanted, is_png=False)


def _still(path: Path, wanted: Wanted, is_png: bool) -> None:
    session = _placed(wanted)
    app = _application()
    from nnviz.render.stills import VIEWS, StillLook, write_pdf, write_png

    _check_view(wanted.view, VIEWS)
    width, height = wanted.size
    look = StillLook(
        view=wanted.view, width=width, height=height, theme=wanted.theme, is_transparent=wanted.transparent
    )
    with replaced_file(path) as made:
        if is_png:
            write_png(made, session, look)
        else:
            write_pdf(made, [session], look)
    del app


def _slides(path: Path, wanted: Wanted) -> None:
    slides = _stages(wanted)
    if wanted.frames:
        path.mkdir(exist_ok=True)
        for number, shown in enumerate(slides.stages, start=1):
            write_atomically(path / f"{number:04}.svg", stage_svg(shown, wanted.theme))
        return
    app = _application()
    from nnviz.render.slides import write_slides

    with replaced_file(path) as made:
        write_slides(made, slides.stages, wanted.theme)
    del app


def _stages(wanted: Wanted) -> Slides:
    if wanted.walk is not None:
        return walk_slides(wanted.walk, *wanted.size)
    return pass_slides(wanted.own_session, *wanted.size)


def _placed(wanted: Wanted) -> Session:
    """Return the session at its step. Raises ValueError for a place that does not exist."""
    session = wanted.own_session
    if wanted.at is None:
        return pass_end(session)
    try:
        return session_at(session, str(wanted.at))
    except ShellError as error:
        raise ValueError(f"at {wanted.at}: {error}") from None


def _check_view(view: str, views: Collection[str]) -> None:
    if view not in views:
        raise ValueError(f"there is no view {view!r} in this format; known are {', '.join(views)}")


def _application() -> QGuiApplication:
    """Return an application to paint with, and load the fonts: the one that runs, or one without a display."""
    from PySide6.QtGui import QGuiApplication

    running = QGuiApplication.instance()
    if isinstance(running, QGuiApplication):
        app = running
    else:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        app = QGuiApplication(["nnviz"])
    from nnviz.render.fonts import load_fonts

    load_fonts()
    return app


_WRITERS: dict[str, Callable[[Path, Wanted], None]] = {
    "script": _script,
    "torch": _torch,
    **dict.fromkeys(WEIGHT_EXPORTERS, _weights),
    "html": _html,
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "slides": _slides,
}
