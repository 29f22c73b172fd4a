"""Writing a worksheet to a file: Typst, PDF, LaTeX, Markdown or HTML, by the ending of its name."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from pathlib import Path

from nnviz.formats.atomic_files import write_atomically, write_bytes_atomically
from nnviz.formats.worksheet.sheet import PageBreak, Worksheet
from nnviz.formats.worksheet.write_html import html_text
from nnviz.formats.worksheet.write_latex import latex_text
from nnviz.formats.worksheet.write_markdown import markdown_text
from nnviz.formats.worksheet.write_typst import typst_text

PDF = ".pdf"
TEXT_WRITERS: dict[str, Callable[[Worksheet], str]] = {
    ".typ": typst_text,
    ".tex": latex_text,
    ".md": markdown_text,
    ".html": html_text,
}
PAGE_INCHES = 8.27  # the width of A4
PAGE_BLOCKS = 30  # more than fit on a page
ENDINGS = (PDF, *TEXT_WRITERS)
MISSING_TYPST = "a PDF needs the typst package; install it with: pip install 'nnviz-debugger[print]'"


class MissingTypstError(ImportError):
    """Typst is not installed; the text says how to install it."""

    def __init__(self) -> None:
        super().__init__(MISSING_TYPST)


def ending_of(path: str | Path) -> str:
    """Return the ending that says the format of a worksheet. Raises ValueError, in one line, for another one."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        found = f"{ending} is not one of" if ending else "it needs an ending:"
        raise ValueError(f"{found} {', '.join(ENDINGS)}")
    return ending


def check_typst() -> None:
    """Raise MissingTypstError if no PDF can be made. Call it before long work."""
    try:
        import typst  # noqa: F401
    except ImportError:
        raise MissingTypstError from None


def write_worksheet(sheet: Worksheet, path: str | Path) -> None:
    """Write a worksheet, completely or not at all. Raises OSError, ValueError and MissingTypstError."""
    ending = ending_of(path)
    if ending == PDF:
        write_bytes_atomically(path, pdf_bytes(sheet))
    else:
        write_atomically(path, TEXT_WRITERS[ending](sheet))


def pdf_bytes(sheet: Worksheet) -> bytes:
    """Return a worksheet as a PDF, the same on every machine. Raises MissingTypstError."""
    check_typst()
    import typst

    compiled = typst.compile(typst_text(sheet).encode(), ignore_system_fonts=True, timestamp=0)
    assert isinstance(compiled, bytes)
    return compiled


def first_page(sheet: Worksheet, width: int) -> bytes:
    """Return the first page of a worksheet as PNG of a width in pixels, as a preview. Raises MissingTypstError."""
    check_typst()
    import typst

    blocks = list(takewhile(lambda block: not isinstance(block, PageBreak), sheet.blocks))[:PAGE_BLOCKS]
    text = typst_text(Worksheet(sheet.title, tuple(blocks)))
    pages: object = typst.compile(text.encode(), ignore_system_fonts=True, format="png", ppi=width / PAGE_INCHES)
    page = pages[0] if isinstance(pages, list) else pages
    assert isinstance(page, bytes)
    return page
