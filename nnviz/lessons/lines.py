"""The line of each key in a TOML text, for faults with line numbers."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from nnviz.lessons.faults import FieldPath

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'
    r"|'''.*?'{3,5}"
    r'|"(?:[^"\\\n]++|\\.)*+"'
    r"|'[^'\n]*'"
    r"|\#[^\n]*|[\[\]{}=]|\n|[^\[\]{}=\"'#\n]+|.",
    re.DOTALL,
)
# What no lesson needs, and what takes long to read.
MOST_LINES = 1_000_000
MOST_KEYS = 10_000
MOST_TABLES = 3_000
MOST_PARTS = 50  # of a dotted key
_HEADING = re.compile(r"^[ \t]*\[{1,2}[ \t]*[\w\"'-][^,\n]*\][ \t]*(?:#[^\n]*)?$", re.MULTILINE)
_KEY_PART = r"(?:[\w-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+"
_DOTTED = re.compile(rf"(?<![\w-])(?:{_KEY_PART}){{{MOST_PARTS}}}")
_NESTING = {"[": 1, "{": 1, "]": -1, "}": -1}


def excess(text: str) -> str:
    """Return what a TOML text has too much of for a lesson; empty for a text that can be read quickly."""
    if text.count("\n") > MOST_LINES:
        return f"more than {MOST_LINES} lines"
    if text.count("=") > MOST_KEYS:
        return f"more than {MOST_KEYS} keys"
    if sum(1 for _ in _HEADING.finditer(text)) > MOST_TABLES:
        return f"more than {MOST_TABLES} tables"
    dotted = _DOTTED.search(text)
    if dotted is not None:
        line = text.count("\n", 0, dotted.start()) + 1
        return f"line {line} has a key of more than {MOST_PARTS} parts"
    return ""


def key_lines(text: str) -> dict[FieldPath, int]:
    """Return the line (from 1) of each table heading and key of a valid TOML text.

    Elements of an array of tables count from 0; the inside of a value has no line of its own.
    """
    lines: dict[FieldPath, int] = {}
    counts: dict[FieldPath, int] = {}
    table: FieldPath = ()
    for line, brackets, keys in _statements(text):
        if brackets == 2:
            parent = _resolve((), keys[:-1], counts)
            array = (*parent, keys[-1])
            counts[array] = counts.get(array, 0) + 1
            lines.setdefault(array, line)
            table = (*array, counts[array] - 1)
            lines[table] = line
        elif brackets == 1:
            table = _resolve((), keys, counts)
            lines.setdefault(table, line)
        else:
            path = table
            for key in keys:
                path = (*path, key)
                lines.setdefault(path, line)
    return lines


def entry_lines(text: str, line: int) -> Iterator[int]:
    """Yield the line of each text in an array of texts whose key is on a line, counted from 1, of a valid TOML text."""
    rest = "\n".join(text.split("\n")[line - 1 :])
    depth, is_value = 0, False
    for match in _TOKEN.finditer(rest):
        token = match[0]
        if not is_value:
            is_value = token == "="
        elif depth == 1 and token[0] in "\"'":
            yield line
        elif token in _NESTING:
            depth += _NESTING[token]
            if not depth:
                return
        line += token.count("\n")


def find_line(lines: dict[FieldPath, int], path: FieldPath) -> int | None:
    """Return the line of a field, or of the nearest field around it that has one; None at the top."""
    for end in range(len(path), 0, -1):
        if path[:end] in lines:
            return lines[path[:end]]
    return None


def _resolve(table: FieldPath, keys: tuple[str, ...], counts: dict[FieldPath, int]) -> FieldPath:
    """Return the path of a key below a table; an array of tables means its last element so far."""
    for key in keys:
        table = (*table, key)
        if table in counts:
            table = (*table, counts[table] - 1)
    return table


def _statements(text: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield each heading and assignment: its line, number of brackets (0 for an assignment), and keys."""
    line = 1
    start, depth, is_value, words = 1, 0, False, [""]
    for match in _TOKEN.finditer(text + "\n"):
        token = match[0]
        if token == "\n" and depth == 0:
            yield from _read_keys(start, "".join(words).strip())
            start, is_value, words = line + 1, False, [""]
        elif is_value:
            depth += _NESTING.get(token, 0)
        elif token == "=":
            is_value = True
        elif not token.startswith("#"):
            words.append(token)
        line += token.count("\n")


def _read_keys(line: int, words: str) -> Iterator[tuple[int, int, tuple[str, ...]]]:
    """Yield one heading or assignment; the TOML parser itself reads its keys."""
    if not words:
        return
    brackets = 2 if words.startswith("[[") else 1 if words.startswith("[") else 0
    inner: object = tomllib.loads(f"{words[brackets : len(words) - brackets]} = 0")
    keys: list[str] = []
    while isinstance(inner, dict):
        ((key, inner),) = inner.items()
        keys.append(key)
    yield line, brackets, tuple(keys)
