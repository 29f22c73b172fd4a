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

WEIGHTS_ALONE = ".safetensors"  # holds no activations, unless nnviz wrote it
MODEL_SUFFIXES = (".onnx", WEIGHTS_ALONE)


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


def sizes_to_ask_for(name: str | Path) -> tuple[int, ...]:
    """Return the sizes of the model in a file whose activations must be asked for; none if there is nothing to ask.

    What cannot be read has nothing to ask either: opening it says why.
    """
    if not str(name).lower().endswith(WEIGHTS_ALONE):
        return ()
    from nnviz.models.parts import ModelError
    from nnviz.models.safetensors_file import sizes_without_activations

    try:
        return sizes_without_activations(name)
    except ModelError:
        return ()
