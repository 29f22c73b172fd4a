"""Writing and reading session files; faults are reported like those of a lesson file."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

from nnviz.debugger.branches import Branches, one_branch
from nnviz.debugger.state.session import Session
from nnviz.formats.atomic_files import write_atomically
from nnviz.lessons.faults import Fault, LessonError
from nnviz.lessons.file_content import FileContentError, one_line, read_content
from nnviz.sessions import runs_part as session_runs
from nnviz.sessions import why_part as session_why
from nnviz.sessions.branches_part import NAME as BRANCHES
from nnviz.sessions.checkpoints import same_bits
from nnviz.sessions.fields import SessionError
from nnviz.sessions.file_name import SUFFIX
from nnviz.sessions.session_fields import Saved
from nnviz.sessions.session_file import LARGEST_FILE, PARTS, SessionPart, session_of_text, session_text

# All parts of a session, with those that belong to the window.
ALL_PARTS = (
    *PARTS,
    SessionPart(session_runs.NAME, session_runs.runs_data, session_runs.runs_from),
    SessionPart(session_why.NAME, session_why.why_data, session_why.why_from),
)
MOST_ASIDE = 9  # unreadable versions of a file that are kept


def write_session(path: str | Path, saved: Saved) -> None:
    """Write a session file and read it back before it replaces the old one, which a failure leaves unchanged.

    Raises OSError. What cannot be read back is kept beside the file, under a name that the error says.
    """

    def check(written: Path) -> None:
        problem = _read_back(written, saved)
        if problem:
            kept = name_aside(Path(path))
            os.replace(written, kept)
            raise OSError(
                errno.EIO, f"it cannot be read back ({problem}); what was written is kept as {one_line(kept)}"
            )

    write_atomically(path, session_text(saved, ALL_PARTS), check)


def file_version(path: str | Path) -> tuple[int, ...]:
    """Return what changes when a file is written again; empty if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return ()
    return status.st_mtime_ns, status.st_size, status.st_ino


def name_aside(path: Path) -> Path:
    """Return a name beside a session file, such as walk.unreadable-1.nnviz, for one that cannot be read.

    It is the name of no file, unless there are MOST_ASIDE of them already.
    """
    stem = path.name.removesuffix(SUFFIX)
    names = [path.with_name(f"{stem}.unreadable-{number}{SUFFIX}") for number in range(1, MOST_ASIDE + 1)]
    return next((name for name in names if not name.exists()), names[-1])


def _read_back(written: Path, saved: Saved) -> str:
    """Return why a file that was just written is not the session; empty if it is."""
    try:
        return difference(saved, session_of_text(_text(written), ALL_PARTS))
    except SessionError as error:
        return str(error)
    except Exception as error:  # whatever fails, the old file must not be replaced
        return f"{type(error).__name__}: {error}"


def read_session(path: str | Path) -> Saved:
    """Read the session in a file. Raises LessonError, with one fault."""
    try:
        return session_of_text(_text(Path(path)), ALL_PARTS)
    except SessionError as error:
        raise LessonError(str(path), [Fault(None, error.field, error.message)]) from None


def _text(path: Path) -> str:
    """Read the text of a session file. Raises SessionError."""
    try:
        return read_content(path, LARGEST_FILE, "session file").decode("utf-8-sig")
    except FileContentError as error:
        raise SessionError("", str(error) if os.path.exists(path) else "there is no such file") from None
    except UnicodeDecodeError:
        raise SessionError("", "not UTF-8 text") from None


def difference(written: Saved, read: Saved) -> str:
    """Return what differs between a session that was written and the same read back; empty if nothing does.

    The place, the settings and the data are compared, and where the run ends. A file keeps fewer checkpoints than the
    run and fewer changes that can be undone, so these are not.
    """
    branches, others = _branches(written), _branches(read)
    if _told(branches) != _told(others):
        return "its branches differ"
    for one, other in zip(branches.all, others.all, strict=True):
        found = next(_differing(one.session, other.session), None)
        if found is not None:
            return f"{found} of {one.name} differs"
    return (
        "" if written.unknown_parts == read.unknown_parts and written.file == read.file else "its further parts differ"
    )


def _branches(saved: Saved) -> Branches:
    branches = saved.parts.get(BRANCHES)
    return branches if isinstance(branches, Branches) else one_branch(saved.session)


def _told(branches: Branches) -> tuple[object, ...]:
    return branches.current, *((branch.number, branch.name, branch.furthest) for branch in branches.all)


def _differing(one: Session, other: Session) -> Iterator[str]:
    """Yield the names of the fields in which two sessions differ."""
    values, others = _values(one), _values(other)
    yield from (name for name, value in values.items() if value != others[name])
    if not same_bits(one.checkpoint, other.checkpoint) or not same_bits(
        one.recorded_checkpoint, other.recorded_checkpoint
    ):
        yield "checkpoint"


def _values(session: Session) -> dict[str, object]:
    """Return what is compared after reading back, by the names of the message."""
    data = session.lesson.dataset
    return {
        "notation": session.notation,
        "convention": session.convention,
        "loss": session.loss,
        "training": session.training,
        "example": session.example,
        "grain": session.grain,
        "position": session.position,
        "selection": session.selection,
        "breakpoints": session.breakpoints,
        "watches": session.watches,
        "edited": session.edited,
        "run": (session.run.end, session.run.position),
        "inputs": data.inputs.tobytes(),
        "targets": data.targets.tobytes(),
    }
