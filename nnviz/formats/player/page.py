"""A page: one HTML file with data, player and style in it, which loads nothing from anywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import fields
from html import escape

from nnviz.debugger.state.session import Session
from nnviz.formats.player.page_data import page_data
from nnviz.formats.player.page_frames import PageContent, pass_content
from nnviz.present.core.examples import example_text
from nnviz.present.core.palette import Palette, load_palette
from nnviz.resources import read_text

FOLDER = "player"
_PART = re.compile(r"<!--(\w+)-->")
# In this order: each file uses functions of those before it.
SCRIPTS = ("data.js", "draw.js", "card.js", "why.js", "timeline.js", "search.js", "player.js")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'"


def page_html(content: PageContent) -> str:
    """Return the page of some content."""
    work = page_parts(content)
    while True:
        try:
            next(work)
        except StopIteration as done:
            return str(done.value)


def page_parts(content: PageContent) -> Generator[int, None, str]:
    """Make a page frame by frame: yield the number of frames that are done, and return the page."""
    made = yield from page_data(content)
    data = json.dumps(made, ensure_ascii=False, separators=(",", ":"))
    parts = {
        "title": escape(content.title),
        "about": escape(content.about),
        "policy": POLICY,
        "style": _themes() + read_text(FOLDER, "player.css"),
        "data": data.replace("<", "\\u003c"),
        "script": "\n".join(read_text(FOLDER, name) for name in SCRIPTS),
    }
    # In one pass, so that nothing in a part is replaced.
    return _PART.sub(lambda found: parts[found[1]], read_text(FOLDER, "page.html"))


def pass_page(session: Session) -> str:
    """Return the page of a session's pass at its grain."""
    return page_html(pass_content(session, about(session)))


def about(session: Session) -> str:
    """Return the line under the title: the source, the example, and the updates before the pass."""
    update = session.checkpoint.update
    after = f"after {update} update{'' if update == 1 else 's'}" if update else ""
    parts = (session.lesson.source, f"example {example_text(session.lesson, session.example)}", after)
    return " · ".join(part for part in parts if part)


def _themes() -> str:
    """Return the colors of both themes as properties; the one of the system applies until the reader chooses."""
    light, dark = (_properties(load_palette(name)) for name in ("light", "dark"))
    return (
        f":root{{color-scheme:light;{light}}}\n"
        f"@media (prefers-color-scheme:dark){{:root:not([data-theme=light]){{color-scheme:dark;{dark}}}}}\n"
        f":root[data-theme=dark]{{color-scheme:dark;{dark}}}\n"
        f"@media print{{:root,:root[data-theme=dark],:root:not([data-theme=light]){{color-scheme:light;{light}}}}}\n"
    )


def _properties(palette: Palette) -> str:
    roles = (field.name for field in fields(palette) if isinstance(getattr(palette, field.name), str))
    colors = {role: getattr(palette, role) for role in roles if role != "name"}
    colors |= {f"series{index}": color for index, color in enumerate(palette.series)}
    return ";".join(f"--{role}:{color}" for role, color in colors.items())
