"""An export as work in slices between the window's events: each kind of file, with its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nnviz.debugger.state.session import Session
from nnviz.formats.atomic_files import replaced_file, write_atomically
from nnviz.formats.pictures.view_svg import SVG_VIEWS, SvgLook, view_svg
from nnviz.formats.player.page import about, page_parts
from nnviz.formats.player.page_frames import pass_content
from nnviz.present.stage.stage import StageRun
from nnviz.render.slides import slide_pages
from nnviz.render.stills import VIEWS, StillLook, write_pdf, write_png
from nnviz.walks.walk import Walk
from nnviz.walks.walk_page import walk_content
from nnviz.walks.walk_stages import pass_slides, walk_slides


@dataclass(frozen=True)
class ExportKind:
    """A kind of file: its title, ending, and the views that it has; `has_walks` is true if it can be of a walk."""

    title: str
    ending: str
    views: tuple[str, ...] = ()
    has_walks: bool = False


KINDS = {
    "html": ExportKind("Page with a player (HTML)", ".html", has_walks=True),
    "png": ExportKind("Picture (PNG)", ".png", tuple(VIEWS)),
    "svg": ExportKind("Picture (SVG)", ".svg", tuple(SVG_VIEWS)),
    "pdf": ExportKind("Picture (PDF)", ".pdf", tuple(VIEWS)),
    "slides": ExportKind("Slides (PDF)", ".pdf", has_walks=True),
}


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What is exported: a session at its step, or a walk if there is one, as a kind of file with a look."""

    kind: str
    path: str
    session: Session
    walk: Walk | None
    look: StillLook
    run: StageRun


def export_work(order: ExportOrder) -> Iterator[float]:
    """Write a file, and yield the finished share. Raises OSError, LessonError and ValueError."""
    return _WORK[order.kind](order)


def _page(order: ExportOrder) -> Iterator[float]:
    walk, session = order.walk, order.session
    content = pass_content(session, about(session)) if walk is None else walk_content(walk)
    work = page_parts(content)
    while True:
        try:
            yield next(work) / len(content.frames)
        except StopIteration as done:
            write_atomically(order.path, str(done.value))
            return


def _svg(order: ExportOrder) -> Iterator[float]:
    look = order.look
    made = SvgLook(
        view=look.view,
        width=look.width,
        height=look.height,
        theme=look.theme,
        is_transparent=look.is_transparent,
    )
    write_atomically(order.path, view_svg(order.session, made))
    yield 1.0


def _png(order: ExportOrder) -> Iterator[float]:
    with replaced_file(order.path) as path:
        write_png(path, order.session, order.look, order.run)
    yield 1.0


def _pdf(order: ExportOrder) -> Iterator[float]:
    with replaced_file(order.path) as path:
        write_pdf(path, [order.session], order.look, order.run)
    yield 1.0


def _slides(order: ExportOrder) -> Iterator[float]:
    size = order.look.width, order.look.height
    slides = pass_slides(order.session, *size) if order.walk is None else walk_slides(order.walk, *size)
    with replaced_file(order.path) as path:
        for number in slide_pages(Path(path), slides.stages, order.look.theme):
            yield number / slides.count


_WORK: dict[str, Callable[[ExportOrder], Iterator[float]]] = {
    "html": _page,
    "svg": _svg,
    "png": _png,
    "pdf": _pdf,
    "slides": _slides,
}
