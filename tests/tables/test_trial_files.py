"""The files of data that learners have: each is read exactly, or refused in one line that names the fix."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nnviz.tables.data import select
from nnviz.tables.selection import Needs
from nnviz.tables.table import TableError, read_table

FOLDER = Path(__file__).parent.parent / "data" / "csv"
FLOWERS = Needs(4, 3, "cross_entropy", low=0, exclusive=True)
CURVE = Needs(1, 1, "half_squared")

# sepal length and width, petal length and width, and the class
IRIS = [
    (5.0, 3.4, 1.6, 0.2, 0),
    (4.9, 3.5, 1.8, 0.4, 0),
    (4.9, 3.1, 1.4, 0.2, 0),
    (4.5, 3.4, 1.3, 0.1, 0),
    (5.8, 2.7, 4.4, 1.5, 1),
    (5.9, 3.1, 4.2, 1.4, 1),
    (6.1, 2.8, 4.2, 1.1, 1),
    (5.8, 2.8, 4.1, 1.3, 1),
    (6.6, 3.1, 5.6, 2.1, 2),
    (6.5, 3.0, 5.8, 2.3, 2),
    (6.3, 3.3, 5.9, 2.2, 2),
    (6.7, 2.9, 5.9, 2.4, 2),
]
X = np.array([row[:4] for row in IRIS])
T = np.eye(3)[[row[4] for row in IRIS]]
ALL = "12 rows; 4 inputs, 3 targets (a, b, c)"


def first_column(value: float) -> np.ndarray:
    changed = X.copy()
    changed[:, 0] = value
    return changed


def without(row: int) -> tuple[np.ndarray, np.ndarray]:
    return np.delete(X, row, axis=0), np.delete(T, row, axis=0)


HUGE = X * [1e6, 1e4, 1, 1]
READ = {
    "d01-text-class": (X, T, "12 rows; 4 inputs, 3 classes of species (setosa, versicolor, virginica)"),
    "d02-label-012": (X, T, "12 rows; 4 inputs, 3 classes of species (0, 1, 2)"),
    "d03-onehot-header": (X, T, ALL),
    "d04-index-col": (X, T, f"{ALL}; column 1 is left out: it numbers the rows"),
    "d05-quoted": (
        X,
        T,
        "12 rows; 4 inputs, 3 classes of Species (setosa, versicolor, virginica); "
        "column 1 is left out: it numbers the rows",
    ),
    "d06-semicolon": (X, T, ALL),
    "d07-semicolon-decimal-comma": (X, T, f"{ALL}; decimal commas"),
    "d08-tab": (X, T, ALL),
    "d09-bom-crlf": (X, T, ALL),
    "d10-missing": (*without(3), f"{ALL}; 1 row left out: row 5 has no sepal_width"),
    "d11-question-mark": (*without(3), f"{ALL}; 1 row left out: row 5 has no sepal_length"),
    "d12-latin1": (X, T, f"{ALL}; not UTF-8: read as Windows-1252 (Latin-1)"),
    "d13-utf16": (X, T, ALL),
    "d15-comment": (X, T, f"{ALL}; 1 comment line left out"),
    "d16-sep-line": (X, T, ALL),
    "d17-two-header": (X, T, f"{ALL}; row 2, (cm, cm, cm, cm), is left out: units or a second heading"),
    "d18-true-false": (X, T, ALL),
    "d19-percent-thousand": (first_column(1234.5), T, ALL),
    "d20-trailing-comma": (X, T, f"{ALL}; the empty end of the rows is left out"),
    "d21-spaces": (X, T, ALL),
    "d22-nan-word": (*without(3), f"{ALL}; 1 row left out: row 5 has no sepal_length"),
    "d23-na": (*without(3), f"{ALL}; 1 row left out: row 5 has no sepal_length"),
    "d25-first-row-missing-noheader": (
        *without(0),
        "12 rows; 4 inputs, 3 targets (column 5, column 6, column 7); "
        "1 row left out: row 1 has no value in column 1; no heading",
    ),
    "d27-huge": (HUGE, T, ALL),
    "d32-date": (X, T, f"{ALL}; date is left out: it holds dates (write days or years to use them)"),
    "d33-cr-only": (X, T, ALL),
    "d35-fullwidth": (first_column(5.1), T, ALL),
    "d36-numeric-header": (
        X,
        T,
        "12 rows; 4 inputs, 3 targets (4, 5, 6); row 1, (0, 1, 2, 3, 4, …), is read as the heading",
    ),
}
REFUSED = {
    "d14-label-first": "row 1, the heading, has 5 names, but the rows below it have 7 cells; "
    "give one name for each column, or no heading",
    "d24-first-row-bad": "row 1, column 1: “x5.0” is not a number: "
    "write it in digits, such as 0.5, 1e-3 or 1/4; NA where a value is missing; names in all columns for a heading",
    "d34-unclosed-quote": 'row 4 has a quote that is not closed; remove it, or write " before the end of the cell',
}


def test_every_file_is_tried():
    names = {path.stem for path in FOLDER.glob("*.csv")}
    assert names == {*READ, *REFUSED, "d28-single"}


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read_exactly(name: str):
    inputs, targets, report = READ[name]
    data = select(read_table(FOLDER / f"{name}.csv"), needs=FLOWERS)
    assert data.report == report
    np.testing.assert_allclose(data.inputs, inputs, rtol=1e-15)
    np.testing.assert_array_equal(data.targets, targets)


def test_a_curve_is_read_exactly():
    data = select(read_table(FOLDER / "d28-single.csv"), needs=CURVE)
    x = np.array([0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    assert data.report == "11 rows; 1 input, 1 target (y)"
    assert data.inputs[:, 0].tolist() == x.tolist()
    assert data.targets[:, 0] == pytest.approx(x**2)


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_in_one_line(name: str):
    with pytest.raises(TableError) as refusal:
        select(read_table(FOLDER / f"{name}.csv"), needs=FLOWERS)
    assert str(refusal.value) == REFUSED[name]


def test_the_same_file_is_read_from_bytes():
    for path in FOLDER.glob("*.csv"):
        try:
            table = read_table(path)
        except TableError as refusal:
            with pytest.raises(TableError) as again:
                read_table(path.read_bytes())
            assert str(again.value) == str(refusal)  # noqa: PT017
        else:
            assert read_table(path.read_bytes()).notes == table.notes
