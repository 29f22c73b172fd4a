"""A lesson with other initial weights: drawn anew, from another seed, as its file says."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson

LARGEST_SEED = 2**32 - 1


def is_drawn(lesson: Lesson) -> bool:
    """Whether any of a lesson's weights are drawn, so that a seed can change them."""
    return lesson.initializer is not None


def reseeded(lesson: Lesson, seed: int) -> Lesson:
    """The lesson read anew with `network.init.seed` set, from 0 to LARGEST_SEED.

    With a seed that is not the file's, the document's printed figures are not compared: they are of other weights.
    Data that the lesson draws from the same generator change too. Raises LessonError where the file is gone or wrong.
    """
    own = load_lesson(lesson.path)
    if own.initializer is None or own.initializer.seed == seed:
        return own
    keys = ["network.init.seed", *(["data.seed"] if draws_data(lesson) else [])]
    return replace(load_lesson(lesson.path, [f"{key}={seed}" for key in keys]), printed=())


def draws_data(lesson: Lesson) -> bool:
    """Whether a lesson's data come from the generator of its weights, as far as its file can still be read."""
    try:
        data = tomllib.loads(lesson.path.read_text(encoding="utf-8-sig")).get("data", {})
    except (OSError, ValueError):
        return False
    return bool(data.get("shared_generator")) and "seed" in data
