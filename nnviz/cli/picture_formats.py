"""`nnviz export --format html|svg|png|pdf|slides`: a pass or a walk as a page, a picture or slides."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.cli.common import (
    FAILED,
    OK,
    THEMES,
    RequestError,
    check_output,
    paint_offscreen,
    refuse_options,
    say,
    size_like,
    write_text,
)
from nnviz.cli.progress import with_count

if TYPE_CHECKING:
    from nnviz.debugger.state.session import Session
    from nnviz.formats.player.page_frames import PageContent
    from nnviz.present.stage.figure import FigureLook
    from nnviz.present.stage.stage import Stage, StageRun
    from nnviz.sessions.session_fields import Saved

_PICTURES = ("svg", "png", "pdf")
PICTURE_FORMATS = ("html", *_PICTURES, "slides")
VIEWS = ("network", "graph", "formula", "loss", "boundary", "stage")  # as in `present.stage.figure`
SIZE = (1600, 900)  # of slides
# The options, and the formats that have them.
_OPTIONS: dict[str, tuple[str, ...]] = {
    "grain": PICTURE_FORMATS,
    "view": _PICTURES,
    "at": _PICTURES,
    "size": (*_PICTURES, "slides"),
    "theme": (*_PICTURES, "slides"),
    "transparent": _PICTURES,
    "frames": ("slides",),
}
SavedOf = Callable[[argparse.Namespace], "Saved | None"]


def picture_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of pictures and slides."""
    parser.add_argument("--view", choices=VIEWS, help="svg, png, pdf: what is drawn (default: network)")
    parser.add_argument(
        "--at",
        metavar="STEP",
        help="svg, png, pdf: a step's number, or a value such as delta_2 (default: the end); several, as 3,7,12 or "
        "1-6, make a strip; of a walk, a scene's number",
    )
    parser.add_argument(
        "--size",
        type=size_like("1600x900"),
        metavar="WxH",
        help="pictures: in pixels (default: 1600x900, of a strip 2400 wide)",
    )
    parser.add_argument("--theme", choices=THEMES, help="pictures: the colors (default: light)")
    parser.add_argument("--transparent", action="store_true", default=None, help="svg, png, pdf: without a background")
    parser.add_argument(
        "--frames", action="store_true", default=None, help="slides: a folder of SVG files instead of a PDF"
    )


def refuse_picture_options(args: argparse.Namespace) -> None:
    """Raise RequestError if an option is given that the format does not have."""
    for name, formats in _OPTIONS.items():
        if getattr(args, name) is not None and args.format not in formats:
            raise RequestError(f"--{name}: only for --format {', '.join(formats)}")


def export_picture(args: argparse.Namespace, saved_of: SavedOf) -> int:
    """Write the page, picture or slides of the requested pass or walk. Raises RequestError, LessonError, OSError."""
    from nnviz.walks.walk_names import is_walk

    refuse_picture_options(args)
    is_text = args.format in ("html", "svg")
    if args.out is None and not is_text:
        raise RequestError(f"--format {args.format}: name the file with -o FILE")
    if args.out is not None and not args.frames:
        check_output("--out", args.out, (args.lesson,))
    if is_walk(args.lesson) and args.format in _PICTURES:
        return _scene(args)
    return _WRITERS[args.format](args, saved_of)


def _html(args: argparse.Namespace, saved_of: SavedOf) -> int:
    from nnviz.formats.player.page import page_parts

    content = _content(args, saved_of)
    if content is None:
        return FAILED
    text = ""

    def frames() -> Iterator[int]:
        nonlocal text
        text = yield from page_parts(content)

    for _ in with_count(frames(), what="frame", total=len(content.frames)):
        pass
    write_text(text, args.out, "page")
    return OK


def _content(args: argparse.Namespace, saved_of: SavedOf) -> PageContent | None:
    """Return what a page shows; None if training stops before the pass."""
    from nnviz.formats.player.page import about
    from nnviz.formats.player.page_frames import in_few_steps, pass_content
    from nnviz.walks.walk_names import is_walk

    if is_walk(args.lesson):
        from nnviz.walks.walk_file import load_walk
        from nnviz.walks.walk_page import walk_content

        _refuse_pass_options(args)
        return walk_content(load_walk(args.lesson))
    saved = saved_of(args)
    if saved is None:
        return None
    _check_files(args, saved.session)
    session = saved.session if args.grain is not None else in_few_steps(saved.session)
    if session is not saved.session:
        steps = [each.trace.length(each.grain) for each in (saved.session, session)]
        say(f"of {steps[0]} steps, the page shows the {steps[1]} of layers; --grain neuron shows them all")
    return pass_content(session, about(session))


def _svg(args: argparse.Namespace, saved_of: SavedOf) -> int:
    from nnviz.formats.pictures.view_svg import view_svg

    figure = _figure(args, saved_of)
    if figure is None:
        return FAILED
    write_text(view_svg(*figure), args.out, "picture")
    return OK


def _still(args: argparse.Namespace, saved_of: SavedOf) -> int:
    figure = _figure(args, saved_of)
    if figure is None:
        return FAILED
    paint_offscreen()
    from nnviz.render.film.film_program import film_program
    from nnviz.render.stills import write_pdf, write_png

    write = write_png if args.format == "png" else write_pdf
    with film_program():
        _replace(args.out, lambda path: write(path, *figure))
    say(f"wrote the picture to {args.out}")
    return OK


def _scene(args: argparse.Namespace) -> int:
    """Write the picture of a walk's scene: the stage at its end."""
    from nnviz.formats.pictures.view_svg import stage_svg
    from nnviz.walks.walk_file import load_walk
    from nnviz.walks.walk_stages import scene_stage

    _refuse_pass_options(args)
    for name in ("view", "transparent"):
        if getattr(args, name) is not None:
            raise RequestError(f"--{name}: not available for a walk, whose picture is its stage")
    theme = args.theme or THEMES[0]
    try:
        shown = scene_stage(load_walk(args.lesson), args.at, *(args.size or SIZE))
    except ValueError as error:
        raise RequestError(f"--at {args.at}: {error}") from None
    if args.format == "svg":
        write_text(stage_svg(shown, theme), args.out, "picture")
        return OK
    paint_offscreen()
    from nnviz.render.film.film_program import film_program
    from nnviz.render.slides import write_slide_png, write_slides

    with film_program():
        if args.format == "png":
            _replace(args.out, lambda path: write_slide_png(path, shown, theme))
        else:
            _replace(args.out, lambda path: write_slides(path, [shown], theme))
    say(f"wrote the picture to {args.out}")
    return OK


def _slides(args: argparse.Namespace, saved_of: SavedOf) -> int:
    from nnviz.walks.walk_names import is_walk

    width, height = args.size or SIZE
    theme = args.theme or THEMES[0]
    if is_walk(args.lesson):
        from nnviz.walks.walk_file import load_walk
        from nnviz.walks.walk_stages import walk_slides

        _refuse_pass_options(args)
        slides = walk_slides(load_walk(args.lesson), width, height)
    else:
        from nnviz.walks.walk_stages import pass_slides

        saved = saved_of(args)
        if saved is None:
            return FAILED
        _check_files(args, saved.session)
        slides = pass_slides(saved.session, width, height)
    shown = with_count(slides.stages, what="slide", total=slides.count)
    if args.frames:
        return _write_frames(args, shown, theme)
    paint_offscreen()
    from nnviz.render.film.film_program import film_program
    from nnviz.render.slides import write_slides

    with film_program():
        _replace(args.out, partial(write_slides, stages=shown, theme=theme))
    say(f"wrote {slides.count} slides to {args.out}")
    return OK


def _write_frames(args: argparse.Namespace, stages: Iterable[Stage], theme: str) -> int:
    """Write a folder of SVG files."""
    from nnviz.formats.atomic_files import write_atomically
    from nnviz.formats.pictures.view_svg import stage_svg

    folder = Path(args.out)
    folder.mkdir(exist_ok=True)
    count = 0
    for count, shown in enumerate(stages, start=1):
        write_atomically(folder / f"{count:04}.svg", stage_svg(shown, theme))
    say(f"wrote {count} slides to {args.out}")
    return OK


def _figure(args: argparse.Namespace, saved_of: SavedOf) -> tuple[tuple[Session, ...], FigureLook, StageRun] | None:
    """Return the steps of a figure, how it looks and its run; None if training stops before the pass."""
    from nnviz.present.stage.figure import OF_RUN, FigureLook, check_figure, figure_size
    from nnviz.present.stage.stage import StageRun
    from nnviz.sessions.runs_part import plotted_runs

    saved, view = saved_of(args), args.view or VIEWS[0]
    if saved is None:
        return None
    _check_files(args, saved.session)
    sessions = _sessions_at(args, saved.session)
    run = StageRun(plotted_runs(saved) if view in OF_RUN else ())
    try:
        check_figure(sessions, view, bool(run.runs))
    except ValueError as error:
        more = "; --update N trains first" if view == "loss" and not run.runs else ""
        raise RequestError(f"{args.lesson}: {error}{more}") from None
    width, height = args.size or figure_size(len(sessions))
    theme = args.theme or THEMES[0]
    look = FigureLook(view=view, width=width, height=height, theme=theme, is_transparent=bool(args.transparent))
    return sessions, look, run


def _sessions_at(args: argparse.Namespace, session: Session) -> tuple[Session, ...]:
    """Return the session at each of the steps of --at, by default at the end of its pass."""
    from nnviz.debugger.commands import last
    from nnviz.shell.positions import sessions_at
    from nnviz.shell.shell import ShellError

    if args.at is None:
        return (last(session),)
    try:
        return sessions_at(session, args.at)
    except ShellError as error:
        raise RequestError(f"--at {args.at}: {error}") from None


def _check_files(args: argparse.Namespace, session: Session) -> None:
    """Raise RequestError if the output is a file of the lesson."""
    from nnviz.lessons.data_file import files_of

    if args.out is not None and not args.frames:
        check_output("--out", args.out, files_of(session.lesson))


def _refuse_pass_options(args: argparse.Namespace) -> None:
    refuse_options(args, ("example", "update", "notation", "grain"), "a walk")


def _replace(out: str, write: Callable[[Path], None]) -> None:
    """Write a file under a temporary name and rename it. Raises OSError."""
    from nnviz.formats.atomic_files import replaced_file

    with replaced_file(out) as path:
        write(path)


_WRITERS: dict[str, Callable[[argparse.Namespace, SavedOf], int]] = {
    "html": _html,
    "svg": _svg,
    "png": _still,
    "pdf": _still,
    "slides": _slides,
}
