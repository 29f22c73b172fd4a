"""What a session file is called; apart from the format, so that asking costs nothing."""

from __future__ import annotations

import os

SUFFIX = ".nnviz"


def is_session_file(name: str | os.PathLike[str]) -> bool:
    """Whether a name is that of a session file."""
    return str(name).lower().endswith(SUFFIX)
