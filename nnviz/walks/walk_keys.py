"""The keys of a walk file: a table of what each one takes, its default, a sentence, and the check of its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import isfinite

from nnviz.lessons.faults import not_one_of, toml_text
from nnviz.resources import resource_names
from nnviz.tracing.steps import Grain
from nnviz.walks.caption import CaptionError, read_caption
from nnviz.walks.walk import LAYOUTS, WalkStage

FORMAT = 1
NEEDED = "needed"
LONGEST = 3600.0  # seconds
MOST_ENTRIES = 1000  # of one list

Read = Callable[[object], object]


class WalkValueError(ValueError):
    """A value that a key does not take: what is wrong and what is allowed. `entry` is its place in a list, from 0."""

    def __init__(self, message: str, entry: int | None = None) -> None:
        super().__init__(message)
        self.entry = entry


@dataclass(frozen=True)
class WalkKey:
    """A key: what it takes and its default in words, a sentence about it, and the function that reads its value.

    `read` returns the value as the walk has it, and raises WalkValueError.
    """

    name: str
    takes: str
    default: str
    sentence: str
    read: Read

    @property
    def is_needed(self) -> bool:
        """Whether a file without it is refused."""
        return self.default == NEEDED


def _format(value: object) -> object:
    if type(value) is not int or value != FORMAT:
        raise WalkValueError(f"{toml_text(value)} is not a format that this version reads; write format = {FORMAT}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise WalkValueError(f"{toml_text(value)} is not a text")
    if not value.strip():
        raise WalkValueError("empty; write a few words, or leave the key out")
    if not all(sign.isprintable() or sign == "\n" for sign in value):
        raise WalkValueError("must be without control characters")
    return value


def _line(value: object) -> str:
    text = _text(value)
    if "\n" in text:
        raise WalkValueError("must be on one line")
    return text


def _caption(value: object) -> str:
    text = _text(value)
    try:
        read_caption(text)
    except CaptionError as error:
        raise WalkValueError(str(error)) from None
    return text


def _lines(value: object) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise WalkValueError(f"{toml_text(value)} is not a list of texts; write it in brackets")
    if len(value) > MOST_ENTRIES:
        raise WalkValueError(f"has {len(value)} entries; at most {MOST_ENTRIES} are allowed")
    return tuple(_entry(each, at) for at, each in enumerate(value))


def _entry(value: object, at: int) -> str:
    try:
        return _line(value)
    except WalkValueError as error:
        raise WalkValueError(str(error), at) from None


def _one_of(known: Sequence[str]) -> Read:
    def read(value: object) -> str:
        text = _line(value)
        if text not in known:
            raise WalkValueError(not_one_of(text, known))
        return text

    return read


def _seconds(least: float, is_least_allowed: bool) -> Read:
    def read(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise WalkValueError(f"{toml_text(value)} is not a number")
        is_enough = value >= least if is_least_allowed else value > least
        if not (is_enough and value <= LONGEST and isfinite(value)):
            wanted = f"at least {least:g}" if is_least_allowed else f"above {least:g}"
            raise WalkValueError(f"{toml_text(value)} is not a number of seconds {wanted} and at most {LONGEST:g}")
        return float(value)

    return read


def _words(known: Sequence[str]) -> str:
    return ", ".join(f"`{word}`" for word in known)


_above_zero, _from_zero = _seconds(0.0, False), _seconds(0.0, True)
_THEMES = resource_names("themes", ".toml")
_GRAINS = tuple(grain.word for grain in Grain)
_STAGE = WalkStage()

# By the heading of their table; the empty one is the top of the file.
WALK_KEYS: dict[str, tuple[WalkKey, ...]] = {
    "": (
        WalkKey("format", f"`{FORMAT}`", NEEDED, "The version of the format.", _format),
        WalkKey("title", "text", NEEDED, "What the walk shows, in a few words.", _line),
        WalkKey("lesson", "text", NEEDED, "A bundled lesson by name, or a lesson file beside the walk.", _line),
    ),
    "[stage]": (
        WalkKey("theme", _words(_THEMES), _STAGE.theme, "The colors.", _one_of(_THEMES)),
        WalkKey("layout", _words(LAYOUTS), _STAGE.layout, "What scenes without a layout show.", _one_of(LAYOUTS)),
        WalkKey("grain", _words(_GRAINS), _STAGE.grain, "The level of detail of the steps at first.", _one_of(_GRAINS)),
        WalkKey("pace", "seconds", f"{_STAGE.pace}", "How long a step is shown that a line passes.", _above_zero),
    ),
    "[[scene]]": (
        WalkKey("title", "text", "", "The scene's name: a chapter of a film, a heading on paper.", _line),
        WalkKey("do", "list of commands", "", "Commands of `nnviz debug`, run one after another.", _lines),
        WalkKey("say", "caption", "", "The caption, with TeX in `$…$` and numbers as `{expression:format}`.", _caption),
        WalkKey("notes", "text", "", "What only the lecturer sees.", _text),
        WalkKey("layout", _words(LAYOUTS), "the stage's", "What this scene shows.", _one_of(LAYOUTS)),
        WalkKey("point", "list of names", "", "The values to ring; of a vector or matrix, all its numbers.", _lines),
        WalkKey("zoom", "name", "all", "What to enlarge: a neuron (`h[1]`), a layer (`layer 1`) or `all`.", _line),
        WalkKey("hold", "seconds", "time to read", "How long the scene stays after its last line.", _from_zero),
        WalkKey("seconds", "seconds", "not shown", "How long the training of this scene is shown.", _above_zero),
        WalkKey("expect", "list of conditions", "", "What `nnviz check` finds true after the scene.", _lines),
        WalkKey("ask", "name", "", "A value to ask for; its step is taken after the answer.", _line),
        WalkKey("audio", "text", "", "The narration: a sound file beside the walk (WAV, FLAC, Ogg).", _line),
    ),
}


def keys_of(heading: str) -> tuple[str, ...]:
    """Return the names of the keys of a table."""
    return tuple(key.name for key in WALK_KEYS[heading])
