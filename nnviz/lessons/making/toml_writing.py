"""Tables as the text of a TOML file, which is read as the same tables again."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

LINE = 110  # characters, after which an array has a line for each entry
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_file(tables: Mapping[str, Any]) -> str:
    """Return the text of a TOML file: keys in their order, tables after the values. Raises ValueError for NaN."""
    return "\n".join(_table(tables, ())).strip("\n") + "\n"


def _table(table: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[str]:
    inner = {key: value for key, value in table.items() if _is_tables(value)}
    yield from (f"{_key(key)} = {toml_value(value)}" for key, value in table.items() if key not in inner)
    for key, value in inner.items():
        name = ".".join(map(_key, (*path, key)))
        for each in [value] if isinstance(value, Mapping) else value:
            yield from ("", f"[{name}]" if isinstance(value, Mapping) else f"[[{name}]]")
            yield from _table(each, (*path, key))


def _is_tables(value: object) -> bool:
    if isinstance(value, Mapping):
        return True
    return isinstance(value, Sequence) and bool(value) and isinstance(value[0], Mapping)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _quoted(key)


def toml_value(value: object) -> str:
    """Return one value as TOML: a text, a number, a truth value, or an array of values."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _text(value)
    if not isinstance(value, Sequence):
        raise TypeError(f"{type(value).__name__} is not a value of TOML")
    entries = [toml_value(each) for each in value]
    line = f"[{', '.join(entries)}]"
    has_rows = bool(value) and isinstance(value[0], Sequence) and not isinstance(value[0], str)
    if len(line) <= LINE or not has_rows:
        return line
    return "\n".join(("[", *(f"    {entry}," for entry in entries), "]"))


def _number(value: float) -> str:
    """Return a number with all its digits; a whole one without its point."""
    if not math.isfinite(value):
        raise ValueError("a number is NaN or infinite, which no lesson file can hold")
    text = repr(value)
    return text[:-2] if text.endswith(".0") and text != "-0.0" else text


def _text(text: str) -> str:
    """Return a text as a TOML string: as it is where that is possible, else with escapes."""
    if "\\" in text and "'" not in text and text.isprintable():
        return f"'{text}'"
    return _quoted(text)


def _quoted(text: str) -> str:
    """Return a text in quotes. JSON's escapes are TOML's, but JSON leaves DEL as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
