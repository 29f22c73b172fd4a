"""Arrays as Python source code: exact to the last bit, short ones on one line, long ones in rows."""

from __future__ import annotations

import math

import numpy as np

from nnviz.engine.arrays import FloatArray

WIDTH = 100
MOST_ROWS = 12  # with more, several short rows share a line


def assignment(name: str, array: FloatArray) -> list[str]:
    """Return the lines that assign an array of one to three axes; with three, it has a matrix for each time step."""
    if array.size and not array.any() and not np.signbit(array).any():
        return [f"{name} = np.zeros({array.shape if array.ndim > 1 else array.size})"]
    head = f"{name} = np.array("
    line = f"{head}{_row_text(array)})"
    if len(line) <= WIDTH:
        return [line]
    if array.ndim == 1:
        return [f"{head}[", *_wrapped(array, "    "), "])"]
    if array.ndim > 2:
        return [f"{head}[", *(line for matrix in array for line in _block(matrix, "    ")), "])"]
    return [f"{head}[", *_rows(array, "    "), "])"]


def _block(matrix: FloatArray, indent: str) -> list[str]:
    line = f"{indent}{_row_text(matrix)},"
    return [line] if len(line) <= WIDTH else [f"{indent}[", *_rows(matrix, f"{indent}    "), f"{indent}],"]


def _rows(matrix: FloatArray, indent: str) -> list[str]:
    rows = [_row_text(row) for row in matrix]
    if len(matrix) > MOST_ROWS and max(map(len, rows)) < WIDTH // 2:
        return _filled_lines(rows, indent)
    lines = []
    for row, text in zip(matrix, rows, strict=True):
        whole = f"{indent}{text},"
        wrapped = [f"{indent}[", *_wrapped(row, f"{indent}    "), f"{indent}],"]
        lines += [whole] if len(whole) <= WIDTH else wrapped
    return lines


def number(value: float) -> str:
    """Return a number as source code that is read back as the same bits."""
    return repr(float(value)) if math.isfinite(value) else f'float("{value}")'


def _row_text(array: FloatArray) -> str:
    if array.ndim == 1:
        return f"[{', '.join(map(number, array.tolist()))}]"
    return f"[{', '.join(_row_text(row) for row in array)}]"


def _wrapped(array: FloatArray, indent: str) -> list[str]:
    """Return the lines of a long row, each with as many numbers as fit."""
    return _filled_lines([number(value) for value in array.tolist()], indent)


def _filled_lines(texts: list[str], indent: str) -> list[str]:
    lines, line = [], indent
    for text in texts:
        if len(line) + len(text) + 1 > WIDTH and line.strip():
            lines.append(line.rstrip())
            line = indent
        line += f"{text}, "
    return [*lines, line.rstrip()]
