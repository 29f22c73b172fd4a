"""`nnviz.debug`: the window on a lesson or model; in a notebook the replay of a pass."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from nnviz.api.sources import opened_lesson, stepped_at
from nnviz.api.traced import TracedPass, trace


def debug(
    source: Any,
    x: object = None,
    t: object = None,
    *,
    example: int | None = None,
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
) -> TracedPass | None:
    """Open the window, and return when it is closed; in a notebook return the pass, which is shown as its replay.

    `source`, `x`, `t`, `loss` and `training` are as for `opened_lesson`. Raises LessonError, ModelError, IndexError,
    and ImportError where PySide6 is not installed.
    """
    if isinstance(source, TracedPass):
        source, example = source.session.lesson, source.session.example if example is None else example
    lesson = stepped_at(opened_lesson(source, x, t, loss=loss, training=training), example)
    if in_notebook():
        return trace(lesson)
    try:
        from nnviz.gui.app import run
    except ImportError as error:
        raise ImportError(f"the window cannot be opened: {error}") from error
    run(lesson)
    return None


def in_notebook() -> bool:
    """Return whether this runs in a notebook, whose shell is IPython's for kernels."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return type(shell).__name__ == "ZMQInteractiveShell"
