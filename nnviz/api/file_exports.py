"""`nnviz.export` and `nnviz.record`: a lesson, walk or pass as a page, picture, slides or film, as the commands do."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nnviz.api.traced import TracedPass, trace
from nnviz.debugger.commands import last
from nnviz.debugger.state.session import Session, start_session
from nnviz.formats.atomic_files import replaced_file, write_atomically
from nnviz.formats.lesson_file import lesson_file_text
from nnviz.formats.pictures.view_svg import stage_svg, view_svg
from nnviz.formats.player.page import about, page_html
from nnviz.formats.player.page_frames import PageContent, in_few_steps, pass_content
from nnviz.formats.script.pass_script import script_text
from nnviz.formats.script.torch_script import torch_script
from nnviz.formats.weight_files import WEIGHT_EXPORTERS, write_weights
from nnviz.formats.worksheet.worksheet import WorksheetOptions, make_worksheet
from nnviz.formats.worksheet.worksheet_files import ending_of, write_worksheet
from nnviz.present.stage.figure import OF_RUN, SIZE, FigureLook, check_figure, figure_size
from nnviz.present.stage.stage import Stage, StageRun
from nnviz.sessions.file_name import is_session_file
from nnviz.sessions.runs_part import plotted_runs
from nnviz.sessions.save import read_session
from nnviz.sessions.session_fields import Saved
from nnviz.shell.positions import sessions_at
from nnviz.shell.shell import ShellError
from nnviz.walks.walk import Walk
from nnviz.walks.walk_file import load_lesson_of, load_walk
from nnviz.walks.walk_names import is_walk
from nnviz.walks.walk_page import walk_content
from nnviz.walks.walk_shots import walk_shots
from nnviz.walks.walk_stages import Slides, pass_slides, scene_stage, walk_slides

if TYPE_CHECKING:
    from PySide6.QtGui import QGuiApplication

# The formats, by the ending of a file's name; slides and other worksheets are asked for by name.
ENDINGS = {
    ".npz": "npz",
    ".safetensors": "safetensors",
    ".py": "script",
    ".toml": "lesson",
    ".html": "html",
    ".svg": "svg",
    ".png": "png",
    ".pdf": "pdf",
}
ENDINGS |= dict.fromkeys((".typ", ".tex", ".md"), "worksheet")
FILM_SIZE = (1920, 1080)
At = str | int | Sequence[str | int] | None  # one place or several


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is exported: a session or a walk, and how it looks."""

    format: str
    saved: Saved | None
    walk: Walk | None
    view: str
    at: At
    size: tuple[int, int] | None
    theme: str
    transparent: bool
    frames: bool
    worksheet: WorksheetOptions

    @property
    def own_session(self) -> Session:
        """The session; raises ValueError for a walk."""
        return self.own.session

    @property
    def own(self) -> Saved:
        """The session with the runs of its file; raises ValueError for a walk."""
        if self.saved is None:
            raise ValueError("a walk has its own pass; give a lesson, a session or a pass")
        return self.saved


def export(
    source: Any,
    path: str | Path,
    *,
    format: str | None = None,
    view: str = "network",
    at: At = None,
    size: tuple[int, int] | None = None,
    theme: str = "light",
    transparent: bool = False,
    frames: bool = False,
    blanks: bool = False,
    variants: int = 0,
    seed: int = 1,
    points: int | None = None,
    example: int | None = None,
    update: int = 0,
    grain: str | None = None,
    notation: str | None = None,
) -> None:
    """Write a lesson, walk, session file, model or pass to a file, as `nnviz export` does, whole or not at all.

    `format` is script, torch, lesson, npz, safetensors, html, svg, png, pdf, slides or worksheet, by default that of
    the file's ending. `view` is network, graph, formula, stage, loss or boundary. `at` is a step's number or a value,
    by default the end of the pass, or several of them for a strip: (3, 7, 12) or "3,7,12"; of a walk, a scene's number.
    With `frames`, slides are a folder of SVG files. A worksheet has `blanks` for the results, or `variants` drawn from
    `seed`, and `points` of a step. `source` is a lesson, walk or session by its name or file, a pass, or a model.
    Raises LessonError for a faulty file, ValueError for an option that does not exist, ImportError without typst, and
    OSError.
    """
    form = format or ENDINGS.get(Path(path).suffix.lower(), "")
    if form not in _WRITERS:
        raise ValueError(f"there is no format {form or Path(path).suffix!r}; known are {', '.join(_WRITERS)}")
    saved, walk = _opened(source, example=example, update=update, grain=grain or "neuron", notation=notation)
    if form == "html" and saved is not None and grain is None:
        saved = Saved(in_few_steps(saved.session))
    wanted = Wanted(
        format=form,
        saved=saved,
        walk=walk,
        view=view,
        at=at,
        size=size,
        theme=theme,
        transparent=transparent,
        frames=frames,
        worksheet=WorksheetOptions(blanks=blanks, variants=variants, seed=seed, points=points),
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
    """Write a pass of a lesson or model, or a walk, as a film; a walk's narration is in videos only.

    The ending is .mp4, .webm, .gif or .apng, or the name ends in a slash: a folder of pictures. Raises
    LessonError for a faulty file, ValueError for a film that cannot be made, and OSError.
    """
    from nnviz.present.stage.shots import FilmLook, pass_shots
    from nnviz.present.stage.stage import StageLook

    saved, walk = _opened(source, example=example, update=update, grain=grain, notation=notation)
    film = FilmLook(width=size[0], height=size[1], look=StageLook(layout=layout), pace=pace, captions=captions)
    app = _application()
    from nnviz.render.film.recording import KINDS, FilmError, FilmFile, check_film, kind_of
    from nnviz.render.film.recording import record as write_film
    from nnviz.render.film.sound_track import check_sounds

    file = FilmFile(path=str(path), theme=theme, fps=fps, is_constant=cfr)
    try:
        check_film(file, film)
    except FilmError as error:
        raise ValueError(str(error)) from None
    if walk is not None:
        narrated = [at for at, scene in enumerate(walk.scenes) if scene.audio]
        if narrated and KINDS[kind_of(file.path)].has_sound:
            check_sounds(walk, narrated)
            file = replace(file, has_sound=True)
        write_film((made.shot for made in walk_shots(walk, film)), film, file)
    elif saved is not None:
        write_film(pass_shots(saved.session, film), film, file)
    del app


def _opened(
    source: Any, *, example: int | None, update: int, grain: str, notation: str | None
) -> tuple[Saved | None, Walk | None]:
    """Return the session or the walk that is asked for."""
    if isinstance(source, Session):
        return Saved(source), None
    if isinstance(source, TracedPass):
        return Saved(source.session), None
    if isinstance(source, str) and is_walk(source):
        return None, load_walk(source)
    if isinstance(source, str) and is_session_file(source):
        return read_session(source), None
    return Saved(trace(source, example=example, update=update, grain=grain, notation=notation).session), None


def _script(path: Path, wanted: Wanted) -> None:
    write_atomically(path, script_text(wanted.own_session))


def _torch(path: Path, wanted: Wanted) -> None:
    write_atomically(path, torch_script(wanted.own_session))


def _lesson(path: Path, wanted: Wanted) -> None:
    write_atomically(path, lesson_file_text(wanted.own_session))


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
    text = view_svg(*_figure(wanted)) if wanted.walk is None else stage_svg(_scene(wanted, wanted.walk), wanted.theme)
    write_atomically(path, text)


def _png(path: Path, wanted: Wanted) -> None:
    _still(path, wanted, is_png=True)


def _pdf(path: Path, wanted: Wanted) -> None:
    _still(path, wanted, is_png=False)


def _still(path: Path, wanted: Wanted, is_png: bool) -> None:
    figure = _figure(wanted) if wanted.walk is None else None
    scene = None if wanted.walk is None else _scene(wanted, wanted.walk)
    app = _application()
    from nnviz.render.slides import write_slide_png, write_slides
    from nnviz.render.stills import write_pdf, write_png

    with replaced_file(path) as made:
        if figure is not None:
            (write_png if is_png else write_pdf)(made, *figure)
        elif scene is not None and is_png:
            write_slide_png(made, scene, wanted.theme)
        elif scene is not None:
            write_slides(made, [scene], wanted.theme)
    del app


def _scene(wanted: Wanted, walk: Walk) -> Stage:
    """Return the stage of a walk's scene. Raises ValueError."""
    at = wanted.at if isinstance(wanted.at, str | int) or wanted.at is None else ",".join(map(str, wanted.at))
    return scene_stage(walk, at, *(wanted.size or SIZE))


def _figure(wanted: Wanted) -> tuple[tuple[Session, ...], FigureLook, StageRun]:
    """Return the steps of a figure, how it looks, and its run. Raises ValueError."""
    sessions = _placed(wanted)
    run = StageRun(plotted_runs(wanted.own) if wanted.view in OF_RUN else ())
    check_figure(sessions, wanted.view, bool(run.runs))
    width, height = wanted.size or figure_size(len(sessions))
    look = FigureLook(
        view=wanted.view, width=width, height=height, theme=wanted.theme, is_transparent=wanted.transparent
    )
    return sessions, look, run


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


def _worksheet(path: Path, wanted: Wanted) -> None:
    ending_of(path)  # refused before any work
    session = wanted.own_session if wanted.walk is None else start_session(load_lesson_of(wanted.walk))
    write_worksheet(make_worksheet(session, wanted.worksheet), path)


def _stages(wanted: Wanted) -> Slides:
    size = wanted.size or SIZE
    if wanted.walk is not None:
        return walk_slides(wanted.walk, *size)
    return pass_slides(wanted.own_session, *size)


def _placed(wanted: Wanted) -> tuple[Session, ...]:
    """Return the session at each of its steps. Raises ValueError for a place that does not exist."""
    session, at = wanted.own_session, wanted.at
    if at is None:
        return (last(session),)
    places = [at] if isinstance(at, str | int) else at
    try:
        return sessions_at(session, ",".join(map(str, places)))
    except ShellError as error:
        raise ValueError(f"at {at}: {error}") from None


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
    "lesson": _lesson,
    **dict.fromkeys(WEIGHT_EXPORTERS, _weights),
    "html": _html,
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "slides": _slides,
    "worksheet": _worksheet,
}
