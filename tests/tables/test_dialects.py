"""Random tables of numbers, written in random dialects, come back exactly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from nnviz.tables.dialect import SEPARATORS
from nnviz.tables.table import TableError, read_table

NAMES = ("alpha", "Höhe", "sepal length", "x1", "petal.width", "w_2", "Preis", "größe", "Δt", "label")
# Thousands by decimal sign; the first table cell says which sign that is.
THOUSANDS = {".": ("", "", ",", "'", "\N{THIN SPACE}", " "), ",": ("", "", ".", "’", "\N{NARROW NO-BREAK SPACE}", " ")}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252")


@dataclass(frozen=True)
class Dialect:
    """How a table is written."""

    separator: str
    decimal: str
    thousands: str
    encoding: str
    line_end: str
    quoted: str
    has_heading: bool
    has_index: bool
    comments: int
    blanks: int
    minus: str
    spaced: bool
    ends: bool
    named_separator: bool
    in_fixed: bool
    missing: str


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    separator = draw(st.sampled_from((",", ";", "\t", "|", " ")))
    decimal = draw(st.sampled_from((".", ",")))
    has_heading = draw(st.booleans())
    encoding = draw(st.sampled_from(ENCODINGS))
    thousands = draw(st.sampled_from(THOUSANDS[decimal]))
    if encoding == "cp1252" and len(thousands.encode("cp1252", "ignore")) != len(thousands):
        thousands = "\N{NO-BREAK SPACE}"
    return Dialect(
        separator,
        decimal,
        thousands,
        encoding,
        draw(st.sampled_from(("\n", "\r\n", "\r"))),
        draw(st.sampled_from(("none", "all", "names"))),
        has_heading,
        has_heading and draw(st.booleans()),
        draw(st.sampled_from((0, 0, 1, 3))),
        draw(st.sampled_from((0, 0, 2))),
        "-" if encoding == "cp1252" else draw(st.sampled_from(("-", "−", "–"))),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from(("", "NA", "?", "nan", "-", "NULL", "n/a", "#N/A", "NaN"))),
    )


def grouped(digits: str, mark: str) -> str:
    first = len(digits) % 3 or 3
    return mark.join([digits[:first], *(digits[place : place + 3] for place in range(first, len(digits), 3))])


def number(value: float, dialect: Dialect) -> str:
    if math.isnan(value):
        return dialect.missing
    text = repr(abs(value))
    mantissa, mark, exponent = text.partition("e")
    if mark and dialect.in_fixed:
        mantissa, mark, exponent = format(Decimal(text), "f"), "", ""
    whole, _, decimals = mantissa.partition(".")
    thousands = dialect.thousands if not mark else ""
    text = grouped(whole, thousands) if thousands else whole
    text += f"{dialect.decimal}{decimals}" if decimals else ""
    sign = dialect.minus if math.copysign(1, value) < 0 else ""
    return sign + text + mark + exponent


def cell(text: str, dialect: Dialect, is_name: bool) -> str:
    needs = dialect.separator in text or (dialect.separator == " " and not text)
    if needs or dialect.quoted == "all" or (dialect.quoted == "names" and is_name):
        return f'"{text}"'
    return text


def written(names: list[str], rows: list[list[float]], dialect: Dialect) -> bytes:
    lines = [f"# comment {at}, made by a script" for at in range(dialect.comments)]
    if dialect.named_separator and dialect.separator != " ":
        lines.insert(0, f"sep={dialect.separator}")
    table = [[cell(name, dialect, True) for name in names]] if dialect.has_heading else []
    table += [[cell(number(value, dialect), dialect, False) for value in row] for row in rows]
    if dialect.has_index:
        index = [cell("", dialect, True), *(str(place) for place in range(len(rows)))]
        table = [[start, *row] for start, row in zip(index, table, strict=True)]
    joint = f"{dialect.separator} " if dialect.spaced else dialect.separator
    lines += [joint.join(row) for row in table]
    lines += [""] * dialect.blanks
    text = dialect.line_end.join(lines) + dialect.line_end * dialect.ends
    return text.encode(dialect.encoding, "replace")


VALUES = st.one_of(
    st.integers(-3, 12).map(float),
    st.floats(-1e9, 1e9),
    st.floats(-2, 2).map(lambda value: round(value, 3)),
    st.integers(-(10**7), 10**7).map(lambda number: number / 100),
    st.sampled_from((0.0, 1.0, 1234.0, 1234567.0, -0.5, 1e-12, 3.25e20)),
)


@given(st.data(), dialects())
def test_a_table_comes_back_in_every_dialect(data: st.DataObject, dialect: Dialect):
    width = data.draw(st.integers(2, 6))
    names = data.draw(st.permutations(NAMES))[:width]
    if dialect.encoding == "cp1252":
        names = [name.replace("Δ", "d") for name in names]
    rows = data.draw(st.lists(st.lists(VALUES, min_size=width, max_size=width), min_size=2, max_size=12))
    for place, row in enumerate(rows[1:], start=1):
        for column in range(width):
            if data.draw(st.integers(0, 9)) == 0 and (column or place > 1):
                row[column] = math.nan
        if all(map(math.isnan, row)):
            row[0] = 1.0
    if dialect.missing == "#N/A" or dialect.separator == " ":
        rows = [
            [1.0 if math.isnan(value) and not column else value for column, value in enumerate(row)] for row in rows
        ]
    rows[0] = [value if value else 0.5 for value in rows[0]]
    rows[0][0] = 0.25  # shows the decimal sign, and that no whole numbers head the rows
    content = written(names, rows, dialect)
    table = read_table(content)
    columns = table.columns
    if dialect.has_index:
        assert columns[0].kind == "index"
        columns = columns[1:]
    assert table.has_heading == dialect.has_heading
    assert ("no heading" in table.notes) != dialect.has_heading
    if dialect.has_heading:
        assert [column.name for column in columns] == names
    assert [column.kind for column in columns] == ["number"] * width
    read = [list(row) for row in zip(*(column.values.tolist() for column in columns), strict=True)]
    assert list(map(repr, read)) == list(map(repr, [list(map(float, row)) for row in rows]))
    assert len(table.lines) == len(rows)
    # Each row's line is where the file has it.
    encoding = dialect.encoding.removesuffix("-sig")
    lines = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert all(lines[line - 1].strip() for line in table.lines)
    assert not any(lines[line - 1].startswith("#") for line in table.lines)


@given(st.lists(st.lists(VALUES, min_size=3, max_size=3), min_size=1, max_size=8), st.sampled_from(sorted(SEPARATORS)))
def test_rows_of_numbers_alone_are_data_or_in_doubt(rows: list[list[float]], separator: str):
    lines = [(separator or ";").join(f"{value:g}" for value in row) for row in rows]
    try:
        table = read_table("\n".join(lines).encode())
    except TableError as refusal:
        message = str(refusal)
        assert "may be a heading or numbers" in message
        return
    read = [list(row) for row in zip(*(column.values.tolist() for column in table.columns), strict=True)]
    expected = [[float(f"{value:g}") for value in row] for row in rows]
    if table.has_heading:
        # Only 0, 1, 2 above numbers of another kind, and that is said.
        assert read == expected[1:]
        assert any("is read as the heading" in note for note in table.notes)
    else:
        assert read == expected
        assert "no heading" in table.notes


@given(st.one_of(st.binary(max_size=300), st.text("0123456789,;. \t\n\"'#-ab|=", max_size=120).map(str.encode)))
def test_any_bytes_are_a_table_or_refused(content: bytes):
    try:
        table = read_table(content)
    except TableError as refusal:
        message = str(refusal)
        assert message.isprintable()
        assert len(message) < 400
        return
    assert len(table) == len(table.lines) >= 1
    assert all(note.isprintable() for note in table.notes)
    for column in table.columns:
        assert column.name.isprintable()
        assert len(column.missing) in (len(table), 0)
