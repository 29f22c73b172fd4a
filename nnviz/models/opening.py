"""A model as a lesson: an object of PyTorch or scikit-learn, or a file .onnx or .safetensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnviz.lessons.faults import Fault, LessonError
from nnviz.lessons.file_content import one_line
from nnviz.lessons.lesson import Lesson
from nnviz.models.model_data import model_dataset, model_inputs
from nnviz.models.model_lesson import model_lesson
from nnviz.models.onnx_file import onnx_parts
from nnviz.models.parts import DataShape, ModelError, ModelParts
from nnviz.models.safetensors_file import safetensors_parts
from nnviz.models.sklearn_models import is_sklearn, read_sklearn
from nnviz.models.torch_models import is_torch, read_torch

# The endings of files that hold models, with their readers; a reader is given the activations that a person names.
MODEL_FILES: dict[str, Callable[[str | Path, Sequence[str]], ModelParts]] = {
    ".onnx": lambda path, activations: onnx_parts(path),
    ".safetensors": safetensors_parts,
}
_OBJECTS: tuple[tuple[Callable[[object], bool], Callable[[Any], ModelParts]], ...] = (
    (is_sklearn, read_sklearn),
    (is_torch, read_torch),
)


def is_model(value: object) -> bool:
    """Return whether an object is a model that may be read."""
    return any(fits(value) for fits, _ in _OBJECTS)


def read_model(value: object) -> ModelParts:
    """Return the parts of an object of PyTorch or scikit-learn. Raises ModelError."""
    for fits, read in _OBJECTS:
        if fits(value):
            return read(value)
    kind = type(value).__name__
    raise ModelError(f"{kind} is no model that nnviz knows: a module of PyTorch, or a network of scikit-learn")


def open_model_file(
    path: str | Path,
    *,
    activations: Sequence[str] = (),
    x: object = None,
    t: object = None,
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
    example: int = 0,
) -> Lesson:
    """Return the lesson of a model in a file. Raises LessonError, in one line."""
    try:
        parts = MODEL_FILES[Path(path).suffix.lower()](path, activations)
        name = one_line(Path(path).stem)
        lesson = model_lesson(parts, x, t, loss=loss or None, training=training, example=example, name=name)
    except ModelError as error:
        raise LessonError(str(path), [Fault(None, "", str(error))]) from None
    except LessonError as error:
        raise LessonError(str(path), error.faults) from None
    return replace(lesson, path=Path(path))


def with_data(lesson: Lesson, x: object, t: object) -> Lesson:
    """Return a lesson with other examples, and without what its document says of its own. Raises ModelError."""
    architecture = lesson.network.architecture
    shape = DataShape(
        inputs=architecture.inputs, outputs=architecture.sizes[-1], is_recurrent=architecture.is_recurrent
    )
    if t is None:
        raise ModelError("x is given without t; give the targets too")
    dataset = model_dataset(shape, model_inputs(shape, x), t, architecture.loss)
    return replace(
        lesson,
        dataset=dataset,
        example=0,
        held_out=None,
        printed=(),
        errata=(),
        text="",
        points=None,
        data_source=None,
        report="",
    )
