"""Other initial weights for a lesson: those that its file draws from another seed."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.reseed import LARGEST_SEED, draws_data, is_drawn, reseed

DRAWN = [name for name in lesson_names() if is_drawn(load(name))]


@pytest.mark.parametrize("name", DRAWN)
def test_every_lesson_that_draws_is_drawn_anew(name: str) -> None:
    lesson = load(name)
    other = reseed(lesson, LARGEST_SEED)
    assert other.initializer is not None
    assert other.initializer.seed == LARGEST_SEED
    assert not np.array_equal(other.network.parameters.vector, lesson.network.parameters.vector)
    assert draws_data(lesson) != np.array_equal(other.dataset.inputs, lesson.dataset.inputs)
    assert other.printed == ()
    assert lesson.initializer is not None
    back = reseed(other, lesson.initializer.seed)
    assert back.network.parameters.vector.tobytes() == lesson.network.parameters.vector.tobytes()
    assert back.printed == lesson.printed


def test_it_is_the_command_lines_seed() -> None:
    set_outside = load("krzeminski-sgd", ["network.init.seed=0"])
    assert reseed(load("krzeminski-sgd"), 0).network.parameters.vector.tolist() == (
        set_outside.network.parameters.vector.tolist()
    )


def test_given_weights_are_not_drawn() -> None:
    assert not is_drawn(load("koehn"))


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    shutil.copy(load("krzeminski-sgd").path, file)
    lesson = load(file)
    file.unlink()
    with pytest.raises(LessonError):
        reseed(lesson, 3)
    assert not draws_data(lesson)
