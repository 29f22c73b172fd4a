"""The guide as data: its pages, the sections under their headings, links between them, and where words occur."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from nnviz.resources import read_text

FOLDER, SUFFIX = "guide", ".md"
# The pages by their file's name, in the order in which they are read; the title is that of the file.
PAGES: dict[str, str] = {
    "first-steps": "First steps",
    "stepping": "Stepping and debugging",
    "what-if": "What if: edits, branches and runs",
    "conventions": "Conventions and printed results",
    "lesson-format": "Lesson format",
    "own-networks": "Your own data, networks and models",
    "command-line": "Command line",
    "sessions": "Sessions",
    "worksheets": "Worksheets",
    "presenting": "Presenting",
    "walks": "Walks",
    "keys": "Keyboard shortcuts",
}
EXCERPT = 90  # characters

_HEADING = re.compile(r"(#{1,6}) +(.+?)\s*")
_COMMENT = re.compile(r"<!--.*?-->\n?", re.S)
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_LIST_MARK = re.compile(r"\s*(?:[-*]|[0-9]+\.) +")
_TABLE_RULE = re.compile(r"\|(?:\s*:?-+:?\s*\|)+")
_CELL_END = re.compile(r"(?<!\\)\|")
_EMPHASIS = re.compile(r"(?<!\w)\*([^*\s][^*]*)\*(?!\w)")


@dataclass(frozen=True)
class Section:
    """A heading with the text below it, up to the next heading. `place` is "page#anchor", `text` has no markup."""

    page: str
    anchor: str
    title: str
    level: int
    text: str

    @property
    def place(self) -> str:
        """Where the section is: the page and the anchor of the heading."""
        return f"{self.page}#{self.anchor}"


@dataclass(frozen=True)
class Page:
    """One page: its Markdown without comments, and its sections, of which the first has the title of the page."""

    name: str
    title: str
    markdown: str
    sections: tuple[Section, ...]


@dataclass(frozen=True)
class Hit:
    """A section in which all words of a search occur, with the text around the first of them."""

    section: Section
    excerpt: str


@lru_cache(maxsize=16)
def load_page(name: str) -> Page:
    """Return the page of this name; raises FileNotFoundError if there is none."""
    return parse_page(name, read_text(FOLDER, f"{name}{SUFFIX}"))


def parse_page(name: str, text: str) -> Page:
    """Return the page that a Markdown text describes."""
    markdown = _COMMENT.sub("", text)
    sections = tuple(_sections(name, markdown))
    return Page(name, sections[0].title if sections else name, markdown, sections)


def pages() -> tuple[Page, ...]:
    """Return all pages in the order in which they are read."""
    return tuple(load_page(name) for name in PAGES)


def slug(title: str) -> str:
    """Return the anchor of a heading, formed as GitHub forms it."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def split_place(place: str) -> tuple[str, str]:
    """Return page and anchor of a place; the anchor is empty for the top of the page."""
    page, _, anchor = place.partition("#")
    return page, anchor


def link_place(link: str, page: str) -> str | None:
    """Return the place to which a link on a page leads; None if it leads out of the guide."""
    target, _, anchor = link.partition("#")
    if not target:
        return f"{page}#{anchor}"
    name = target.removesuffix(SUFFIX)
    if name == target or name not in PAGES:
        return None
    return f"{name}#{anchor}" if anchor else name


def is_place(place: str) -> bool:
    """Return whether a place exists: its page, and its heading if it names one."""
    page, anchor = split_place(place)
    return page in PAGES and (not anchor or anchor in {section.anchor for section in load_page(page).sections})


def guide_title(place: str) -> str:
    """Return the title of the page of a place; reads no file."""
    return PAGES[split_place(place)[0]]


def search_words(query: str) -> tuple[str, ...]:
    """Return the words of a search, without regard to case and order."""
    return tuple(dict.fromkeys(query.casefold().split()))


def search(query: str) -> tuple[Hit, ...]:
    """Return the sections in which all words of a query occur, in the order in which the guide is read."""
    words = search_words(query)
    if not words:
        return ()
    sections = (section for page in pages() for section in page.sections)
    return tuple(Hit(section, _excerpt(section, words)) for section in sections if _has_all(section, words))


def _has_all(section: Section, words: Sequence[str]) -> bool:
    text = f"{section.title}\n{section.text}".casefold()
    return all(word in text for word in words)


def _excerpt(section: Section, words: Sequence[str]) -> str:
    """Return the text around the first word that occurs below the heading."""
    text = " ".join(section.text.split())
    folded = text.casefold()
    found = [place for word in words if (place := folded.find(word)) >= 0]
    start = max(0, min(found, default=0) - EXCERPT // 3)
    if start:
        start = text.find(" ", start) + 1
    end = start + EXCERPT
    cut = text[start:end] if end >= len(text) else text[start:end].rpartition(" ")[0]
    return f"{'… ' if start else ''}{cut}{' …' if start + len(cut) < len(text) else ''}"


def _sections(page: str, markdown: str) -> Iterator[Section]:
    title, level, lines = "", 0, list[str]()
    is_code = False
    for line in markdown.splitlines():
        if line.startswith("```"):
            is_code = not is_code
            continue
        heading = None if is_code else _HEADING.fullmatch(line)
        if heading is None:
            lines.append(line if is_code else _plain(line))
            continue
        if title:
            yield Section(page, slug(title), title, level, "\n".join(lines).strip())
        title, level, lines = _plain(heading[2]), len(heading[1]), []
    if title:
        yield Section(page, slug(title), title, level, "\n".join(lines).strip())


def _plain(line: str) -> str:
    """Return a line of Markdown without its markup."""
    if _TABLE_RULE.fullmatch(line.strip()):
        return ""
    if line.startswith("|"):
        line = _CELL_END.sub(" ", line).replace("\\|", "|")
    line = _LINK.sub(r"\1", _LIST_MARK.sub("", line, count=1) if _LIST_MARK.match(line) else line)
    return _EMPHASIS.sub(r"\1", line).replace("`", "").strip()
