"""Writing and reading session files; faults are reported like those of a lesson file."""

from __future__ import annotations

import os
from pathlib import Path

from nnviz.formats.atomic_files import write_atomically
from nnviz.lessons.faults import Fault, LessonError
from nnviz.sessions import runs_part as session_runs
from nnviz.sessions import why_part as session_why
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import LARGEST_FILE, PARTS, SessionPart, session_of_text, session_text

# All parts of a session, with those that belong to the window.
ALL_PARTS = (
    *PARTS,
    SessionPart(session_runs.NAME, session_runs.runs_data, session_runs.runs_from),
    SessionPart(session_why.NAME, session_why.why_data, session_why.why_from),
)


def write_session(path: str | Path, saved: Saved) -> None:
    """Write a session file. After a failure the old file is unchanged. Raises OSError."""
    write_atomically(path, session_text(saved, ALL_PARTS))


def read_session(path: str | Path) -> Saved:
    """Read the session in a file. Raises LessonError, with one fault."""
    try:
        return session_of_text(_text(Path(path)), ALL_PARTS)
    except SessionError as error:
        raise LessonError(str(path), [Fault(None, error.field, error.message)]) from None


def _text(path: Path) -> str:
    """Read the text of a session file. Raises SessionError."""
    try:
        if not os.path.isfile(path):
            raise SessionError("", "there is no such file" if not os.path.exists(path) else "not a file")
        with path.open("rb") as stream:
            content = stream.read(LARGEST_FILE + 1)
        if len(content) > LARGEST_FILE:
            raise SessionError("", f"larger than {LARGEST_FILE // 1_000_000} MB")
        return content.decode("utf-8-sig")
    except OSError as error:
        raise SessionError("", f"cannot be read: {error.strerror or error}") from None
    except UnicodeDecodeError:
        raise SessionError("", "not UTF-8 text") from None
