"""Opening by a name: a bundled lesson, a lesson file, or the file of a model, whose readers are imported late."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.lessons.catalog import load
from nnviz.lessons.faults import Fault, LessonError
from nnviz.lessons.lesson import Lesson

if TYPE_CHECKING:
    from nnviz.lessons.data_file import OwnData

MODEL_SUFFIXES = (".onnx", ".safetensors")


def is_model_file(name: str | Path) -> bool:
    """Return whether a name is that of a file of a model."""
    return str(name).lower().endswith(MODEL_SUFFIXES)


def open_lesson(
    name: str | Path, overrides: Sequence[str] = (), own: OwnData | None = None, activations: Sequence[str] = ()
) -> Lesson:
    """Return a bundled lesson by its name, or what is in a lesson file or in the file of a model. Raises LessonError.

    `activations` are those of a model whose file has none.
    """
    if not is_model_file(name) or not os.path.exists(name):
        return load(name, overrides, own)
    if overrides or own is not None:
        raise LessonError(str(name), [Fault(None, "", "a model takes no --set, --data or --target")])
    from nnviz.models.opening import open_model_file

    return open_model_file(name, activations=activations)
