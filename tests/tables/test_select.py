"""Columns by name, missing values, scaling, a part held out, and only regular files of bounded size."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.tables import dialect, files
from nnviz.tables.data import Data, select
from nnviz.tables.selection import Needs
from nnviz.tables.table import TableError, parse_table, read_table

TEXT = "id,width,height,color,kind\n1,1,10,red,a\n2,2,20,blue,b\n3,4,,red,a\n4,5,50,,b\n5,8,90,red,\n"
TABLE = parse_table(TEXT)
CURVE = "x,y\n" + "".join(f"{x},{x * x}\n" for x in range(10))


def refusal(**settings: object) -> str:
    with pytest.raises(TableError) as refused:
        select(TABLE, **settings)  # type: ignore[arg-type]
    return str(refused.value)


def test_columns_are_taken_by_name_in_the_order_given():
    data = select(TABLE, columns=["height", "width"], target="kind")
    assert data.input_names == ("height", "width")
    assert data.inputs.tolist() == [[10, 1], [20, 2], [50, 5]]
    assert data.targets.tolist() == [[1, 0], [0, 1], [0, 1]]
    assert data.class_names == data.target_names == ("a", "b")
    assert data.training.lines == (2, 3, 5)
    assert data.held_out is None
    assert data.report == (
        "5 rows; 2 inputs, 2 classes of kind (a, b); 2 rows left out: row 4 has no height, row 6 has no kind; "
        "id is left out: it numbers the rows"
    )
    with pytest.raises(ValueError, match="read-only"):
        data.inputs[0, 0] = 3


def test_words_of_an_input_become_columns():
    data = select(TABLE, columns=["width", "color"], target="kind")
    assert data.input_names == ("width", "color=blue", "color=red")
    assert data.inputs.tolist() == [[1, 0, 1], [2, 1, 0], [4, 0, 1]]


def test_several_target_columns():
    data = select(TABLE, columns=["width"], target=["height", "id"])
    assert data.targets.tolist() == [[10, 1], [20, 2], [50, 4], [90, 5]]
    assert data.class_names == ()


def test_a_column_without_a_name_is_named_by_its_place():
    table = parse_table("1.5,2,3\n2.5,3,4\n")
    assert select(table, columns=["1"], target="column 3").inputs.tolist() == [[1.5], [2.5]]


def test_a_name_in_capitals_is_found():
    assert select(TABLE, columns=["Width"], target="KIND").input_names == ("width",)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"target": "kinds"}, "no column 'kinds'; the columns are id, width, height, color, kind; did you mean kind?"),
        ({"target": "zzz"}, "no column 'zzz'; the columns are id, width, height, color, kind"),
        ({"target": []}, "no target column is named; name at least one"),
        ({"columns": []}, "no input column is named; name at least one"),
        ({"columns": ["width", "width"]}, "width is named twice; name each column once"),
        ({"columns": ["width"], "target": "width"}, "width is named as input and as target; name it once"),
        (
            {"target": ["kind", "width"]},
            "kind holds text, and is one of several targets; name it alone, for its classes",
        ),
        (
            {"target": "kind", "needs": Needs(2, 3, "cross_entropy", low=0, exclusive=True)},
            "kind has 2 classes (a, b), but the network has 3 outputs; "
            "give it one output for each class, or name another target",
        ),
        (
            {"target": "kind", "needs": Needs(7, 2)},
            "3 columns of numbers or classes beside the target (width, height, color: 2 words), "
            "but the network needs 7 inputs; name the inputs in columns; id is left out: it numbers the rows",
        ),
        (
            {"target": "kind", "columns": ["width"], "needs": Needs(2, 2)},
            "the columns give 1 input, but the network has 2 inputs; name others in columns",
        ),
        (
            {"target": "width", "needs": Needs(None, 3)},
            "width has 5 classes (1, 2, 4, 5, 8), but the network has 3 outputs; "
            "give it one output for each class, or name another target",
        ),
    ],
)
def test_names_and_sizes_that_do_not_fit_are_refused(settings: dict[str, object], message: str):
    assert refusal(**settings) == message


def test_missing_numbers_become_the_mean_of_the_training_part():
    data = select(TABLE, columns=["height"], target="width", missing="mean")
    assert data.inputs[:, 0].tolist() == [10, 20, 42.5, 50, 90]
    assert "1 missing value set to the mean: row 4 height" in data.report
    assert "left out: row" not in data.report


def test_a_missing_target_or_word_leaves_the_row_out_even_then():
    data = select(TABLE, columns=["height", "color"], target="kind", missing="mean")
    assert data.training.lines == (2, 3, 4)
    assert "2 rows left out: row 5 has no color, row 6 has no kind" in data.report


def test_scaling_is_fitted_on_the_training_part_alone():
    table = parse_table(CURVE)
    for scale in ("standard", "minmax"):
        data = select(table, scale=scale, held_out=0.3, seed=4)
        assert data.held_out is not None
        assert (len(data.inputs), len(data.held_out.inputs)) == (7, 3)
        raw = np.array([[line - 2.0] for line in data.training.lines])
        if scale == "standard":
            expected = (raw - raw.mean()) / raw.std()
        else:
            expected = (raw - raw.min()) / (raw.max() - raw.min())
        assert data.inputs == pytest.approx(expected)
        aside = np.array([[line - 2.0] for line in data.held_out.lines])
        assert data.scaling is not None
        assert data.held_out.inputs == pytest.approx(data.scaling.apply(aside))
        assert data.targets[:, 0].tolist() == (raw[:, 0] ** 2).tolist()
        assert data.report == f"10 rows; 1 input, 1 target (y); 3 rows held out; inputs scaled ({scale})"


def test_means_are_those_of_the_training_part():
    table = parse_table("x,y\n1.5,0\n,1\n2.5,2\n100.5,3\n7.5,4\n")
    data = select(table, held_out=0.4, seed=1, missing="mean")
    assert data.held_out is not None
    known = [float(table.columns[0].values[line - 2]) for line in data.training.lines if line != 3]
    part = data.training if 3 in data.training.lines else data.held_out
    assert part.inputs[part.lines.index(3), 0] == pytest.approx(np.mean(known))


def test_constant_columns_and_classes_keep_their_size():
    table = parse_table("a,b,kind,y\n5,yes,p,1\n5,no,q,2\n5,yes,p,3\n")
    data = select(table, scale="standard")
    assert data.inputs.tolist() == [[0, 1, 1, 0], [0, 0, 0, 1], [0, 1, 1, 0]]


@given(st.integers(2, 40), st.floats(0.01, 0.99), st.integers(0, 2**32 - 1))
def test_each_row_is_held_out_or_trained_on(count: int, share: float, seed: int):
    table = parse_table("x,y\n" + "".join(f"{row}.5,{row}\n" for row in range(count)))
    data, again = (select(table, held_out=share, seed=seed) for _ in range(2))
    assert data.held_out is not None
    assert sorted((*data.training.lines, *data.held_out.lines)) == list(range(2, count + 2))
    assert list(data.training.lines) == sorted(data.training.lines)
    assert data.training.lines
    assert data.held_out.lines == again.held_out.lines  # type: ignore[union-attr]
    assert abs(len(data.held_out.lines) - share * count) <= 1


def test_another_seed_holds_out_other_rows():
    table = parse_table(CURVE)
    parts = {select(table, held_out=0.3, seed=seed).training.lines for seed in range(8)}
    assert len(parts) > 3


@pytest.mark.parametrize(
    ("text", "settings", "message"),
    [
        ("x,y\n1.5,2\n", {"held_out": 0.5}, "one complete row, of which none can be held out; leave held_out away"),
        ("x,y\n1e308,2\n-1e308,3\n", {"scale": "minmax"}, "x has numbers too large to be scaled"),
        ("x,y\n1e308,2\n1e308,3\n", {"scale": "standard"}, "x has numbers too large to be scaled"),
        ("x,y\n,2\n1.5,\n", {}, "no row is complete: row 2 has no x, row 3 has no y"),
        ("x,y\n,2\n,3\n1.5,\n", {"missing": "mean"}, "x has no value in the training part"),
    ],
)
def test_what_cannot_be_done_is_said(text: str, settings: dict[str, object], message: str):
    with pytest.raises(TableError, match=message):
        select(parse_table(text), **settings)  # type: ignore[arg-type]


def test_columns_without_numbers_are_refused_by_name():
    table = parse_table(",day,void,x,y\nann,2024-01-02,,1,2\nbob,2024-01-03,,2,3\n")
    for name, what in (("day", "dates; write numbers"), ("void", "no value"), ("column 1", "names of rows")):
        for settings in ({"columns": [name], "target": "y"}, {"columns": ["x"], "target": name}):
            with pytest.raises(TableError, match=f"{name} holds {what}") as refused:
                select(table, **settings)  # type: ignore[arg-type]
            assert refused.value.key == ("columns" if settings["columns"] == [name] else "target")


def test_a_column_that_is_not_used_may_hold_anything():
    table = parse_table("a,b,y\n1,2,3\nx2,3,4\n5,6,7\n")
    data: Data = select(table, columns=["b"], target="y")
    assert data.inputs.tolist() == [[2], [3], [6]]
    with pytest.raises(TableError, match="row 3, a: “x2” is not a number"):
        select(table, columns=["a"], target="y")


# Files


def test_a_row_is_the_line_of_the_file():
    table = parse_table("# one\n\nx,y\n1.5,2\n\n# two\n3.5,4\n")
    assert table.lines == (4, 7)


def test_only_regular_files_are_read(tmp_path: Path):
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for name in ("fifo", "socket", "/dev/zero", "/dev/null"):
            with pytest.raises(TableError, match="not a regular file"):
                read_table(tmp_path / name)
    with pytest.raises(TableError, match="this is a folder"):
        read_table(tmp_path)
    with pytest.raises(TableError, match="cannot be read: No such file"):
        read_table(tmp_path / "none.csv")
    with pytest.raises(TableError, match="cannot be read: not a file name"):
        read_table(tmp_path / "no\0ne.csv")
    with pytest.raises(TableError, match="empty"):
        read_table("/proc/self/status")


def test_sizes_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "large.csv"
    with path.open("wb") as file:
        file.truncate(files.BYTE_LIMIT + 1)
    with pytest.raises(TableError, match="larger than 50 MB"):
        read_table(path)
    monkeypatch.setattr(dialect, "ROW_LIMIT", 10)
    monkeypatch.setattr(dialect, "CELL_LIMIT", 25)
    for quote in ("", '"'):
        with pytest.raises(TableError, match="more than 10 rows"):
            parse_table(f"{quote}1{quote},2\n" * 12)
        with pytest.raises(TableError, match="more than 25 cells"):
            parse_table(f"{quote}1{quote},2,3\n" * 9)
        with pytest.raises(TableError, match="row 1 has 10001 cells; at most 10000"):
            parse_table(f"{quote}1{quote}," * 10_000 + "\n")
        with pytest.raises(TableError, match="row 2, column 2: a cell of more than 2000 characters"):
            parse_table(f"{quote}1{quote},2\n3,{'4' * 2001}\n")
    with pytest.raises(TableError, match="21 lines"):
        parse_table("\n" * 20 + "1")


def test_nothing_of_a_hostile_name_reaches_the_message():
    table = parse_table("a\x1b[31m,b\u2028c,y\n1,2,3\n")
    assert all(name.isprintable() for name in table.names)
    with pytest.raises(TableError) as refused:
        select(table, target="x\n\x1b")
    assert str(refused.value).isprintable()


CELLS = st.sampled_from(
    (*("1", "0", "2.5", "-3", "", "NA", "?", "x", "y", "red", "yes", "no", "1,5", "25%", "1/4", "2024-01-02", "inf"),)
)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=8),
    st.sampled_from((None, 1, 2, 3)),
    st.sampled_from((None, 1, 2, 3)),
    st.sampled_from((("", {}), ("cross_entropy", {"low": 0, "exclusive": True}), ("hinge", {"low": -1, "high": 1}))),
    st.sampled_from(("none", "standard", "minmax")),
    st.sampled_from(("leave_out", "mean")),
    st.sampled_from((0.0, 0.5)),
)
def test_any_table_gives_finite_examples_or_is_refused(rows, inputs, outputs, loss, scale, missing, held_out):
    text = "a;b;c;d\n" + "\n".join(";".join(row) for row in rows)
    needs = Needs(inputs, outputs, loss[0], **loss[1])
    try:
        data = select(parse_table(text), needs=needs, scale=scale, missing=missing, held_out=held_out)
    except TableError as refused:
        message = str(refused)
        assert message.isprintable()
        return
    for part in filter(None, (data.training, data.held_out)):
        assert np.isfinite(part.inputs).all()
        assert np.isfinite(part.targets).all()
        assert part.inputs.shape == (len(part.lines), len(data.input_names))
        assert part.targets.shape == (len(part.lines), len(data.target_names))
        assert inputs in (None, part.inputs.shape[1])
        assert outputs in (None, part.targets.shape[1])
    assert data.report.isprintable()
