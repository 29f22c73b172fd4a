"""The session file (`.nnviz`): one versioned JSON text with the lesson, the session, further parts, and checkpoints.

    {"format": 1, "lesson": {…}, "session": {…}, "checkpoints": [{…}, …]}

Other data of a learner's session, such as branches and score, are *parts*: rows of PARTS, each with its own name. They
are written between session and checkpoints. A part uses its own `SessionWriter` and `Reader` for sessions and
checkpoints, so that it is complete in itself. A part of a newer nnviz that this version does not know is kept and
written again unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from nnviz.sessions import branches_part as session_branches
from nnviz.sessions import compared_part as session_compared
from nnviz.sessions import predict_part as session_predict
from nnviz.sessions import undo_part as session_undo
from nnviz.sessions.fields import Field, SessionError
from nnviz.sessions.lesson_fields import lesson_data, lesson_from
from nnviz.sessions.session_fields import Reader, Saved, SessionWriter

FORMAT = 1
LARGEST_FILE = 800_000_000  # bytes: ten million parameters, with the memory of Adam, in two checkpoints
MOST_KEPT = 100
_CORE = ("format", "lesson", "session", "checkpoints")
_OPTIONAL = ("file",)


@dataclass(frozen=True)
class SessionPart:
    """A part of the file: return its data from a `Saved`, None for nothing, or add it to one; raises SessionError."""

    name: str
    to_data: Callable[[Saved], Any]
    from_data: Callable[[Saved, Field], Saved]


# In the order in which they are read: parts that refer to branches follow the branches.
PARTS: tuple[SessionPart, ...] = (
    SessionPart(session_branches.NAME, session_branches.branches_data, session_branches.branches_from),
    SessionPart(session_undo.NAME, session_undo.undo_data, session_undo.undo_from),
    SessionPart(session_compared.NAME, session_compared.compared_data, session_compared.compared_from),
    SessionPart(session_predict.NAME, session_predict.predict_data, session_predict.predict_from),
)


def session_data(saved: Saved, parts: tuple[SessionPart, ...] = PARTS) -> dict[str, Any]:
    """Return a session and its further parts as plain data."""
    lesson = saved.session.own_lesson
    writer = SessionWriter(lesson)
    data: dict[str, Any] = {"format": FORMAT}
    if saved.file:
        data["file"] = saved.file
    data |= {"lesson": lesson_data(lesson), "session": writer.session(saved.session)}
    for part in parts:
        content = part.to_data(saved)
        if content is not None:
            data[part.name] = content
    data |= {name: value for name, value in saved.unknown_parts.items() if name not in data}
    return data | {"checkpoints": writer.checkpoints()}


def session_from(data: object, parts: tuple[SessionPart, ...] = PARTS) -> Saved:
    """Read a session with all its parts, or raise SessionError."""
    top = Field(data)
    if not isinstance(data, dict) or "format" not in data:
        top.refuse("not a session saved by nnviz")
    table = top.entries()
    number = table["format"].whole()
    if number != FORMAT:
        table["format"].refuse(
            f"{number} is newer than {FORMAT}, the latest that this version of nnviz reads"
            if number
            else "must be at least 1"
        )
    known = {part.name: part for part in parts}
    kept = {name: field.value for name, field in table.items() if name not in (*_CORE, *_OPTIONAL, *known)}
    if len(kept) > MOST_KEPT:
        top.refuse(f"has {len(kept)} unknown parts")
    top.table(_CORE, (*_OPTIONAL, *known, *kept))
    lesson, notes = lesson_from(table["lesson"])
    reader = Reader(lesson, table["checkpoints"])
    session = reader.session(table["session"])
    file = table["file"].file_path() if "file" in table else ""
    saved = Saved(session, notes=(*notes, *reader.notes), file=file)
    for name, part in known.items():
        if name in table:
            saved = part.from_data(saved, table[name])
    more = (
        (f"kept but not shown, because this version of nnviz does not know it: {', '.join(map(_short, kept))}",)
        if kept
        else ()
    )
    return replace(saved, unknown_parts=kept, notes=(*saved.notes, *more))


def _short(name: str) -> str:
    return name[:40] if name.isprintable() else ascii(name[:40])


def session_text(saved: Saved, parts: tuple[SessionPart, ...] = PARTS) -> str:
    """Return the text of a session file: tables and texts over several lines, rows of numbers on one."""
    text = "".join(_written(session_data(saved, parts), "")) + "\n"
    return text if _is_unicode(text) else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _is_unicode(text: str) -> bool:
    """Return whether a text has no half characters, as the names of files that are not UTF-8 have."""
    try:
        return text.isascii() or bool(text.encode())
    except UnicodeEncodeError:
        return False


def session_of_text(text: str, parts: tuple[SessionPart, ...] = PARTS) -> Saved:
    """Read the session in the text of a file. Raises SessionError."""
    try:
        data = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        whole = " (the file ends too early)" if error.pos >= len(text.rstrip()) else ""
        raise SessionError("", f"line {error.lineno}: not JSON: {error.msg}{whole}") from None
    except RecursionError:
        raise SessionError("", "nested too deeply") from None
    except ValueError as error:
        raise (
            error if isinstance(error, SessionError) else SessionError("", "not JSON: a number has too many digits")
        ) from None
    return session_from(data, parts)


def _refuse_constant(word: str) -> float:
    raise SessionError("", f"not JSON: {word} is not a JSON number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    table = dict(pairs)
    if len(table) < len(pairs):
        raise SessionError("", "a key occurs twice in one table")
    return table


def _written(value: Any, indent: str) -> list[str]:
    """Yield JSON in pieces: a list of numbers and words on one line, anything else with one entry per line."""
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    is_text = isinstance(value, list) and len(value) > 1 and all(isinstance(entry, str) for entry in value)
    if not value or (not is_text and not any(isinstance(entry, dict | list) for entry in inner)):
        return [json.dumps(value, ensure_ascii=False, allow_nan=False)]
    deeper = f"{indent}  "
    pieces = ["{" if isinstance(value, dict) else "["]
    entries = value.items() if isinstance(value, dict) else ((None, entry) for entry in value)
    for count, (key, entry) in enumerate(entries):
        named = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        pieces += [",\n" if count else "\n", deeper, named, *_written(entry, deeper)]
    return [*pieces, "\n", indent, "}" if isinstance(value, dict) else "]"]
