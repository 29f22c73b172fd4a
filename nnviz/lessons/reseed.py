"""A lesson with other initial weights: drawn anew, from another seed, as its file says."""

from __future__ import annotations

import tomllib
from dataclasses import replace

from nnviz.lessons.lesson import Lesson
from nnviz.lessons.loader import load_lesson
from nnviz.lessons.schema import SEED_LIMIT

LARGEST_SEED = SEED_LIMIT


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
    return replace(load_lesson(lesson.path, seed_overrides(draws_data(lesson), seed)), printed=())


def draws_data(lesson: Lesson) -> bool:
    """Whether a lesson's data come from the generator of its weights, as far as its file can still be read."""
    try:
        return says_data_are_drawn(lesson.path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return False


def says_data_are_drawn(text: str) -> bool:
    """Whether the text of a lesson file has data from the generator of its weights. Raises ValueError for no TOML."""
    data = tomllib.loads(text).get("data", {})
    return isinstance(data, dict) and bool(data.get("shared_generator")) and "seed" in data


def seed_overrides(data_too: bool, seed: int) -> tuple[str, ...]:
    """What to set in a lesson file, as `--set` does, for weights from another seed, and data where they share it."""
    return tuple(f"{key}={seed}" for key in ("network.init.seed", *(("data.seed",) if data_too else ())))
