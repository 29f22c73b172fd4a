"""Reading a run saved by `nnviz train --out`, for the loss plot."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from nnviz.lessons.faults import toml_text
from nnviz.lessons.file_content import FileContentError, read_content

LARGEST_FILE = 200_000_000  # bytes


class RunFileError(ValueError):
    """A file that is not a saved run; its text is a one-line message."""


@dataclass(frozen=True)
class SavedRun:
    """A saved run: its lesson, the loss of each epoch, and the final accuracy, if any."""

    lesson: str
    losses: tuple[float, ...]
    accuracy: float | None


def read_run(path: Path) -> SavedRun:
    """Read the run in a JSON file. Raises RunFileError if it cannot be read or is not a run."""
    try:
        table = json.loads(read_content(path, LARGEST_FILE, "saved run").decode("utf-8"))
    except FileContentError as error:
        raise RunFileError(str(error)) from None
    except (ValueError, RecursionError):
        raise RunFileError("not JSON") from None
    if not isinstance(table, dict) or "format" not in table or "lesson" not in table:
        raise RunFileError("not a run saved by nnviz train")
    if type(table["format"]) is not int or table["format"] != 1:
        raise RunFileError(f"format: must be 1, not {toml_text(table['format'])}")
    if not isinstance(table["lesson"], str):
        raise RunFileError(f"lesson: must be a text, not {toml_text(table['lesson'])}")
    losses = table.get("loss")
    if not isinstance(losses, list) or not losses or not all(map(_is_number, losses)):
        raise RunFileError("loss: must be a list of numbers, one for each epoch, and not empty")
    accuracy = table.get("accuracy")
    if accuracy is not None and not _is_number(accuracy):
        raise RunFileError("accuracy: must be a number or null")
    return SavedRun(table["lesson"], tuple(map(float, losses)), None if accuracy is None else float(accuracy))


def _is_number(value: object) -> bool:
    """Return whether a value is a number that a float can hold."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return False
    try:
        return math.isfinite(float(value))
    except OverflowError:
        return False
