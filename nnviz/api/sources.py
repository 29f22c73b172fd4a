"""What the functions of nnviz take: a lesson or model, by name, file or object, and examples."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from nnviz.lessons.lesson import Lesson
from nnviz.models.model_files import is_model_file, open_lesson
from nnviz.models.model_lesson import model_lesson
from nnviz.models.opening import is_model, open_model_file, read_model, with_data
from nnviz.models.parts import ModelError


def opened_lesson(
    source: Any,
    x: object = None,
    t: object = None,
    *,
    loss: Any = None,
    training: Mapping[str, Any] | None = None,
) -> Lesson:
    """Return the lesson of a source, and of examples in the place of its own.

    `source` is a lesson's name or file, a Lesson, a model of PyTorch or scikit-learn, or a file .onnx or .safetensors.
    `x` are the inputs and `t` the targets, or labels; a model without them has one drawn example. `loss` is that of a
    model, by name or as PyTorch's object; `training` has the keys of `[training]`. Raises LessonError, ModelError.
    """
    if isinstance(source, str | Path) and is_model_file(source):
        return open_model_file(source, x=x, t=t, loss=loss, training=training)
    if is_model(source):
        return model_lesson(read_model(source), x, t, loss=loss, training=training)
    if not isinstance(source, str | Path | Lesson):
        read_model(source)  # says what it is not
    if loss is not None:
        raise ModelError("loss belongs to a model; a lesson has its own")
    opened = source if isinstance(source, Lesson) else open_lesson(source, _assignments(training))
    if isinstance(source, Lesson) and training:
        raise ModelError("training belongs to a model or a file; replace the settings of a Lesson itself")
    return opened if x is None else with_data(opened, x, t)


def _assignments(training: Mapping[str, Any] | None) -> tuple[str, ...]:
    """Return settings of training as assignments of a lesson file."""
    from nnviz.lessons.making.toml_writing import toml_value

    return tuple(f"training.{key}={toml_value(value)}" for key, value in (training or {}).items())


def stepped_at(lesson: Lesson, example: int | None) -> Lesson:
    """Return a lesson that steps an example first. Raises IndexError if it has no such example."""
    check_example(lesson, example)
    return lesson if example is None else replace(lesson, example=example)


def check_example(lesson: Lesson, example: int | None) -> None:
    """Raise IndexError if a lesson has no such example; None is the lesson's own."""
    if example is not None and not 0 <= example < len(lesson.dataset):
        raise IndexError(f"{lesson.name} has examples 0 to {len(lesson.dataset) - 1}, not {example}")
