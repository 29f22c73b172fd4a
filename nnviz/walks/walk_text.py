"""Writing a walk as the text of a walk file, which is read as the same walk again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nnviz.formats.atomic_files import write_atomically
from nnviz.walks.walk import Scene, Walk, WalkStage
from nnviz.walks.walk_keys import FORMAT, WALK_KEYS, keys_of

LINE = 110  # characters, after which a list has a line for each entry
_TOP, _STAGE, _SCENE = WALK_KEYS
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\r": "\\r"}


def write_walk(walk: Walk) -> str:
    """Return the text of a walk file; what has its default is left out."""
    lines = [f"format = {FORMAT}", f"title = {_toml(walk.title)}", f"lesson = {_toml(walk.lesson)}"]
    stage = list(_changed(walk.stage, WalkStage(), _STAGE))
    if stage:
        lines += ["", _STAGE, *stage]
    for scene in walk.scenes:
        lines += ["", _SCENE, *_changed(scene, Scene(), _SCENE)]
    return "\n".join(lines) + "\n"


def save_walk(path: str | Path, walk: Walk) -> None:
    """Write a walk to a file. Raises OSError; the old file is then unchanged."""
    write_atomically(path, write_walk(walk))


def _changed(values: object, defaults: object, heading: str) -> Iterator[str]:
    """Yield a line for each key of a table whose value is not the default."""
    for name in keys_of(heading):
        value = getattr(values, name)
        if value != getattr(defaults, name):
            yield f"{name} = {_toml(value)}"


def _toml(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        entries = [_toml(each) for each in value]
        line = f"[{', '.join(entries)}]"
        return line if len(line) <= LINE else "\n".join(("[", *(f"    {entry}," for entry in entries), "]"))
    return repr(value)


def _text(text: str) -> str:
    """Return a text as a TOML string: without escapes where that is possible."""
    if text.isprintable():
        if "\\" in text and "'" not in text:
            return f"'{text}'"
        return f'"{_escaped(text)}"'
    if "\n" in text:
        return f'"""\n{_escaped(text)}"""'
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return "".join(_escape(sign) for sign in text)


def _escape(sign: str) -> str:
    if sign in _ESCAPES:
        return _ESCAPES[sign]
    if sign == "\n" or sign.isprintable() or ord(sign) > 0x9F:
        return sign
    return f"\\u{ord(sign):04X}"
