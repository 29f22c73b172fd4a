"""An export as work in slices between the window's events: each kind of file, with its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nnviz.debugger.state.session import Session
from nnviz.formats.atomic_files import replaced_file, write_atomically
from nnviz.formats.pictures.view_svg import view_svg
from nnviz.formats.player.page import about, page_parts
from nnviz.formats.player.page_frames import in_few_steps, pass_content
from nnviz.formats.worksheet.worksheet import WorksheetOptions, make_worksheet
from nnviz.formats.worksheet.worksheet_files import ENDINGS, write_worksheet
from nnviz.present.stage.figure import FigureLook
from nnviz.present.stage.stage import StageRun
from nnviz.render.slides import slide_pages
from nnviz.render.stills import write_pdf, write_png
from nnviz.walks.walk import Walk
from nnviz.walks.walk_page import walk_content
from nnviz.walks.walk_stages import pass_slides, walk_slides


@dataclass(frozen=True)
class ExportKind:
    """A kind of file: its title and ending; whether it shows views, can be of a walk, or is a worksheet."""

    title: str
    ending: str
    has_views: bool = False
    has_walks: bool = False
    is_worksheet: bool = False


_WORKSHEETS = {".pdf": "PDF", ".typ": "Typst", ".tex": "LaTeX", ".md": "Markdown", ".html": "HTML"}
KINDS = {
    "html": ExportKind("Page with a player (HTML)", ".html", has_walks=True),
    "png": ExportKind("Picture (PNG)", ".png", has_views=True),
    "svg": ExportKind("Picture (SVG)", ".svg", has_views=True),
    "pdf": ExportKind("Picture (PDF)", ".pdf", has_views=True),
    "slides": ExportKind("Slides (PDF)", ".pdf", has_walks=True),
} | {
    f"worksheet{ending}": ExportKind(f"Worksheet ({_WORKSHEETS[ending]})", ending, is_worksheet=True)
    for ending in ENDINGS
}


@dataclass(frozen=True, kw_only=True)
class ExportOrder:
    """What is exported: a session, or a walk if there is one, as a kind of file with a look.

    `sessions` are the steps of a figure, `worksheet` what a worksheet has.
    """

    kind: str
    path: str
    session: Session
    walk: Walk | None
    sessions: tuple[Session, ...]
    look: FigureLook
    run: StageRun
    worksheet: WorksheetOptions


def export_work(order: ExportOrder) -> Iterator[float]:
    """Write a file, and yield the finished share. Raises OSError, LessonError, ValueError and MissingTypstError."""
    work = _worksheet if KINDS[order.kind].is_worksheet else _WORK[order.kind]
    return work(order)


def _page(order: ExportOrder) -> Iterator[float]:
    walk, session = order.walk, in_few_steps(order.session)
    content = pass_content(session, about(session)) if walk is None else walk_content(walk)
    work = page_parts(content)
    while True:
        try:
            yield next(work) / len(content.frames)
        except StopIteration as done:
            write_atomically(order.path, str(done.value))
            return


def _svg(order: ExportOrder) -> Iterator[float]:
    write_atomically(order.path, view_svg(order.sessions, order.look, order.run))
    yield 1.0


def _png(order: ExportOrder) -> Iterator[float]:
    with replaced_file(order.path) as path:
        write_png(path, order.sessions, order.look, order.run)
    yield 1.0


def _pdf(order: ExportOrder) -> Iterator[float]:
    with replaced_file(order.path) as path:
        write_pdf(path, order.sessions, order.look, order.run)
    yield 1.0


def _worksheet(order: ExportOrder) -> Iterator[float]:
    sheet = make_worksheet(order.session, order.worksheet)
    yield 0.5
    write_worksheet(sheet, order.path)
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
