"""Many similar sessions in one part of a file: shared data is written once, and referred to by its number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nnviz.debugger.state.edit import Edit, Spot
from nnviz.debugger.state.session import Session
from nnviz.engine.conventions import Convention
from nnviz.engine.training import Checkpoint, TrainingSettings
from nnviz.lessons.lesson import Lesson
from nnviz.sessions.checkpoints import checkpoint_data, is_like, like_data, whole_size
from nnviz.sessions.edit_fields import data_edits_from, data_edits_of, edit_data
from nnviz.sessions.fields import Field
from nnviz.sessions.run_fields import convention_data, convention_from, training_data, training_from
from nnviz.sessions.session_fields import MOST_CHECKPOINTS, Reader, SessionWriter

KEYS = ("trainings", "conventions", "data", "checkpoints")


class SharedWriter(SessionWriter):
    """Also numbers settings and conventions; a checkpoint may be `like` another, and runs have no marks between."""

    is_short = True

    def __init__(self, lesson: Lesson) -> None:
        super().__init__(lesson)
        self._like: dict[int, int] = {}  # the numbers of two similar checkpoints
        self._trainings: dict[TrainingSettings, int] = {}
        self._conventions: dict[Convention, int] = {}
        self._data: list[tuple[Edit, ...]] = []
        self._data_numbers: dict[frozenset[tuple[Spot, str]], int] = {}
        self.size = 0  # how many numbers of checkpoints are written

    def checkpoint(self, checkpoint: Checkpoint) -> int:
        number = len(self._checkpoints)
        found = super().checkpoint(checkpoint)
        if found == number:  # it is new
            whole = (at for at in reversed(range(number)) if at not in self._like)
            other = next((at for at in whole if is_like(checkpoint, self._checkpoints[at])), None)
            if other is None:
                self.size += whole_size(checkpoint, self.lesson)
            else:
                self._like[number] = other
        return found

    def checkpoints(self) -> list[dict[str, Any]]:
        return [
            like_data(each, self._like[number], self._checkpoints[self._like[number]])
            if number in self._like
            else checkpoint_data(each, self.lesson)
            for number, each in enumerate(self._checkpoints)
        ]

    def training(self, settings: TrainingSettings) -> Any:
        return self._trainings.setdefault(settings, len(self._trainings))

    def convention(self, convention: Convention) -> Any:
        return self._conventions.setdefault(convention, len(self._conventions))

    def data_edits(self, edits: tuple[Edit, ...]) -> Any:
        key = data_edits_of(edits)
        if key not in self._data_numbers:
            self._data_numbers[key] = len(self._data)
            self._data.append(edits)
        return self._data_numbers[key]

    def shared(self) -> dict[str, Any]:
        """Return the data that the sessions refer to by numbers, under the KEYS."""
        return {
            "trainings": list(map(training_data, self._trainings)),
            "conventions": list(map(convention_data, self._conventions)),
            "data": [[edit_data(edit) for edit in edits] for edits in self._data],
            "checkpoints": self.checkpoints(),
        }


class SharedReader(Reader):
    """Reads sessions that a SharedWriter has written."""

    reads_alike = True

    def __init__(self, lesson: Lesson, shared: dict[str, Field], known: Sequence[Session]) -> None:
        super().__init__(lesson, shared["checkpoints"], known)
        self._trainings = [training_from(item) for item in shared["trainings"].items(MOST_CHECKPOINTS)]
        self._conventions = [convention_from(item, lesson) for item in shared["conventions"].items(MOST_CHECKPOINTS)]
        self._data = [data_edits_from(item, lesson) for item in shared["data"].items(MOST_CHECKPOINTS)]

    def training(self, field: Field) -> TrainingSettings:
        return self._trainings[field.whole(0, len(self._trainings) - 1)]

    def convention(self, field: Field) -> Convention:
        return self._conventions[field.whole(0, len(self._conventions) - 1)]

    def data_edits(self, field: Field) -> tuple[Edit, ...]:
        return self._data[field.whole(0, len(self._data) - 1)]
