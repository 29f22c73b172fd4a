"""The score file: how often each kind of step was predicted correctly, per lesson, as JSON."""

from __future__ import annotations

import errno
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from nnviz.debugger.state.prediction import Score, score_data, tally_of
from nnviz.debugger.why import STEP_KINDS
from nnviz.formats.atomic_files import write_atomically
from nnviz.lessons.faults import toml_text
from nnviz.lessons.file_content import FileContentError, one_line, read_content

FORMAT = 1
LARGEST_FILE = 20_000_000  # bytes
SCORE_FILE = "scores.json"


class ScoreError(ValueError):
    """A file without readable scores; its text is a one-line message."""


def scores_path() -> Path:
    """Return the path of the user's score file, in the folder of the window's settings."""
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        folder = home / "Library" / "Preferences"
    elif sys.platform == "win32":
        folder = Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    else:
        named = os.environ.get("XDG_CONFIG_HOME", "")
        folder = Path(named) if os.path.isabs(named) else home / ".config"
    return folder / "nnviz" / SCORE_FILE


def load_score(path: Path, lesson: str, report: Callable[[str], object]) -> Score:
    """Load the score of a lesson. A damaged file is renamed; `report` receives the message about it."""
    try:
        return read_scores(path).get(lesson, ())
    except ScoreError as error:
        _report_renamed(path, str(error), report)
    except OSError as error:
        report(f"The score file cannot be read: {error.strerror}.")
    return ()


def save_score(path: Path, lesson: str, score: Score, report: Callable[[str], object]) -> None:
    """Save the score of a lesson. A damaged file is renamed; `report` receives the message about any failure."""
    try:
        write_score(path, lesson, score)
    except ScoreError as error:
        if _report_renamed(path, str(error), report):
            save_score(path, lesson, score, report)
    except OSError as error:
        report(f"The score cannot be saved: {error.strerror}.")


def read_scores(path: Path) -> dict[str, Score]:
    """Read the score of each lesson; no file means no scores. Raises ScoreError and OSError."""
    try:
        text = read_content(path, LARGEST_FILE).decode("utf-8")
    except FileContentError as error:
        if not path.exists():
            return {}
        raise OSError(errno.EINVAL, str(error), str(path)) from None
    except UnicodeDecodeError:
        raise ScoreError("it is not text") from None
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        raise ScoreError("it is not JSON") from None
    if not isinstance(document, dict) or "format" not in document:
        raise ScoreError(f"its format is not {FORMAT}")
    if type(document["format"]) is not int or document["format"] != FORMAT:
        raise ScoreError(f"its format is not {FORMAT}, but {toml_text(document['format'])}")
    lessons = document.get("lessons")
    if not isinstance(lessons, dict):
        raise ScoreError("it has no lessons")
    return {str(name): _score(name, kinds) for name, kinds in lessons.items()}


def write_score(path: Path, lesson: str, score: Score) -> None:
    """Replace the score of one lesson in the file and keep the others. Raises ScoreError and OSError."""
    scores = read_scores(path)
    scores[lesson] = score
    if not score:
        del scores[lesson]
    lessons = {name: score_data(score) for name, score in scores.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, json.dumps({"format": FORMAT, "lessons": lessons}, indent=1, ensure_ascii=False) + "\n")


def rename_damaged(path: Path) -> Path:
    """Rename a damaged file, so that nothing in it is lost; return its new path. Raises OSError."""
    number = 1
    while (kept := path.with_name(f"{path.stem}.unread-{number}{path.suffix}")).exists():
        number += 1
    path.rename(kept)
    return kept


def _report_renamed(path: Path, reason: str, report: Callable[[str], object]) -> bool:
    try:
        kept = rename_damaged(path)
    except OSError as error:
        report(f"The score file cannot be read: {reason}. It cannot be renamed either: {error.strerror}.")
        return False
    report(f"The score file cannot be read: {reason}. It was renamed to {one_line(kept.name)}.")
    return True


def _score(lesson: str, kinds: object) -> Score:
    if not isinstance(kinds, dict):
        raise ScoreError(f"the score of {lesson} is not a table")
    for kind in kinds:
        if kind not in STEP_KINDS:
            raise ScoreError(f"{lesson}: {kind[:30]} is not a kind of step")
    tallies = []
    for kind, counts in kinds.items():
        try:
            tallies.append((kind, tally_of(counts)))
        except ValueError as error:
            raise ScoreError(f"{lesson}: the counts of {kind} {error}") from None
    return tuple(tallies)
