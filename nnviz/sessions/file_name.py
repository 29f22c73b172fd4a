"""The names of session files; a module of its own, so that checking a name loads nothing else."""

from __future__ import annotations

import os

SUFFIX = ".nnviz"


def is_session_file(name: str | os.PathLike[str]) -> bool:
    """Return whether a name is that of a session file."""
    return str(name).lower().endswith(SUFFIX)
