"""A lesson with other initial weights, drawn from another seed in the way its file says."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from nnviz.engine.initializers import draw_parameters
from nnviz.lessons.file_content import read_content
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import FILE_LIMIT, load_lesson
from nnviz.lessons.schema import SEED_LIMIT

LARGEST_SEED = SEED_LIMIT


def is_drawn(lesson: Lesson) -> bool:
    """Return whether any weights of a lesson are drawn, so that a seed can change them."""
    return lesson.initializer is not None


def reseed(lesson: Lesson, seed: int) -> Lesson:
    """Load a lesson again with `network.init.seed` set, from 0 to LARGEST_SEED.

    With a seed other than the file's the lesson has no printed results, because they belong to other weights. Data
    drawn from the same generator change, too. Raises LessonError if the file is missing or invalid.
    """
    if not lesson.text:
        return _redrawn(lesson, seed)
    own = load_lesson(lesson.path)
    if own.initializer is None or own.initializer.seed == seed:
        return own
    return replace(load_lesson(lesson.path, seed_overrides(draws_data(lesson), seed)), printed=())


def _redrawn(lesson: Lesson, seed: int) -> Lesson:
    """Return a lesson made from values with the weights of another seed."""
    if lesson.initializer is None:
        return lesson
    initializer = replace(lesson.initializer, seed=seed)
    vector = draw_parameters(lesson.network.architecture, initializer, {})
    return replace(lesson, network=lesson.network.with_vector(vector), initializer=initializer)


def draws_data(lesson: Lesson) -> bool:
    """Return whether a lesson's data come from the generator of its weights; False if its file cannot be read."""
    if not lesson.text:
        return False
    try:
        return draws_data_in_text(read_content(lesson.path, FILE_LIMIT).decode("utf-8-sig"))
    except ValueError:
        return False


def draws_data_in_text(text: str) -> bool:
    """Return whether a lesson file draws data from the generator of its weights. Raises ValueError if not TOML."""
    data = tomllib.loads(text).get("data", {})
    return isinstance(data, dict) and bool(data.get("shared_generator")) and "seed" in data


def seed_overrides(data_too: bool, seed: int) -> tuple[str, ...]:
    """Return the overrides, as for `--set`, that draw the weights, and the data if shared, from another seed."""
    return tuple(f"{key}={seed}" for key in ("network.init.seed", *(("data.seed",) if data_too else ())))
