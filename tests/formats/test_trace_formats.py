"""Every format of a trace: what it writes, what it escapes, and that it writes step by step."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.formats import EXPORTERS, export_trace
from nnviz.formats.tex import broken, escaped, unmarked
from nnviz.formats.trace_csv import COLUMNS
from nnviz.formats.trace_json import step_tables
from nnviz.formats.trace_markdown import escaped as escaped_markdown
from nnviz.formats.worksheet.worksheet import WorksheetOptions, make_worksheet
from nnviz.formats.worksheet.write_latex import latex_text
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.lesson import PrintedFigure
from nnviz.lessons.loader import parse_lesson
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.voice import voice_of
from nnviz.present.formula.step_formula import formula
from nnviz.tracing.steps import Grain

# Every lesson whose trace is short: the long ones have the same formulas, only more of them.
SHORT_LESSONS = tuple(name for name in lesson_names() if start_session(load(name)).trace.end < 400)

MEDIUM = """\
format = 1
title = "20-12-10"
[network]
inputs = 20
loss = "cross_entropy"
[network.init]
[[network.layers]]
units = 12
activation = "relu"
[[network.layers]]
units = 10
activation = "softmax"
[data]
inputs = [[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]]
targets = [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]
"""


class Terminal(io.StringIO):
    """A stream that says that it is a terminal."""

    def isatty(self) -> bool:
        return True


class Counting(io.StringIO):
    """A stream that notes how much is written at once."""

    longest = 0

    def write(self, text: str) -> int:
        self.longest = max(self.longest, len(text))
        return len(text)


def written(session: Session, form: str) -> str:
    stream = io.StringIO()
    EXPORTERS[form](session, stream)
    return stream.getvalue()


def koehn(grain: Grain = Grain.NEURON) -> Session:
    return start_session(load("koehn"), grain=grain)


def hostile() -> Session:
    """Koehn's lesson with texts that mean something in Markdown, LaTeX and CSV."""
    lesson = load("koehn")
    figure = PrintedFigure(
        quantity="a",
        layer=2,
        unit=1,
        source=None,
        example=1,
        time=None,
        value="0.7425526",
        where='p. 5 & 6, "the $y$" | 100 %\n_next_ line',
    )
    return start_session(
        replace(lesson, title="50% of $x_1$ & {y} | #z ~ ^\\", source="1. *Not* a [list]", printed=(figure,))
    )


def test_json_has_one_step_a_line() -> None:
    lines = written(koehn(), "json").splitlines()
    assert len(lines) == 35 + 2
    assert json.loads(lines[1].rstrip(","))["index"] == 0
    assert json.loads("".join(lines))["steps"] == list(step_tables(koehn()))


def test_csv_has_a_header_and_one_row_a_step() -> None:
    rows = list(csv.reader(io.StringIO(written(koehn(), "csv"))))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 1 + 35
    table = [dict(zip(rows[0], row, strict=True)) for row in rows[1:]]
    assert table[0]["formula"] == "s_1 = W_11 x_1 + W_12 x_2 + b_1"
    assert (table[0]["layer"], table[0]["unit"], table[0]["source"], table[0]["time"]) == ("1", "1", "", "")
    assert float(table[10]["value"]) == 0.04921576534979593
    assert (table[5]["printed"], table[5]["where"], table[5]["match"]) == ("0.7425526", "5.7.2", "exact")


def test_csv_writes_a_matrix_as_json() -> None:
    rows = list(csv.DictReader(io.StringIO(written(koehn(Grain.LAYER), "csv"))))
    assert json.loads(rows[16]["value"]) == [[3.0483820338569125, 4.0], [1.9741633016877362, 3.0]]


def test_csv_keeps_any_text() -> None:
    rows = list(csv.DictReader(io.StringIO(written(hostile(), "csv"))))
    assert rows[5]["where"] == 'p. 5 & 6, "the $y$" | 100 %\n_next_ line'


def test_markdown_has_a_table_for_each_phase() -> None:
    text = written(koehn(), "markdown")
    assert re.findall("^#+ .*", text, re.MULTILINE) == [
        "# XOR by hand",
        "## Forward",
        "## Error",
        "## Backward",
        "## Update",
    ]
    assert r"| 3 | Activation of h₁ | $h_{1} = \operatorname{sigmoid}\left(s_{1}\right)$ |" in text
    assert "| ✓ printed 0.7425526 (5.7.2) |" in text


def test_markdown_is_escaped_and_every_row_has_its_cells() -> None:
    lines = written(hostile(), "markdown").splitlines()
    assert lines[0] == r"# 50% of \$x\_1\$ \& \{y\} \| \#z \~ ^\\"
    assert lines[2] == r"1\. \*Not\* a \[list\]"
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == 35 + 4 * 2
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {7}
    assert any(r'(p. 5 \& 6, "the \$y\$" \| 100 % \_next\_ line)' in row for row in rows)


@pytest.mark.parametrize("text", ["- item", "+ item", "12) item", "3. item"])
def test_markdown_text_begins_no_list(text: str) -> None:
    assert "\\" in escaped_markdown(text)


@pytest.mark.parametrize("name", notation_names())
@pytest.mark.parametrize("grain", list(Grain))
def test_latex_is_balanced_in_every_notation(name: str, grain: Grain) -> None:
    for lesson in SHORT_LESSONS:
        session = start_session(load(lesson), grain=grain, notation=load_notation(name))
        text = written(session, "latex")
        bare = re.sub(r"\\[\\{}%]", "", text)
        assert bare.count("{") == bare.count("}")
        assert "textcolor" not in text
        assert text.count(r"\left") - text.count(r"\leftarrow") == text.count(r"\right")
        for display in re.findall(r"\\begin\{align\*\}\n(.*?)\\end\{align\*\}", text, re.DOTALL):
            rows = re.sub("^%.*\n", "", display, flags=re.MULTILINE)
            rows = re.sub(r"\\begin\{pmatrix\}.*?\\end\{pmatrix\}", "", rows)
            assert all(row.count("&") == 1 for row in re.split(r"\\\\\n", rows))
            assert "\n\n" not in display  # an empty line ends a formula, which TeX refuses


def test_latex_says_who_made_it_and_what_it_needs() -> None:
    first = written(koehn(), "latex").splitlines()[0]
    assert first.startswith("% Generated by nnviz")
    assert "amsmath" in first


def test_latex_sets_a_formula_on_one_line_where_it_fits() -> None:
    lines = written(koehn(), "latex").splitlines()
    assert r"s_{1} &= W_{11}\,x_{1} + W_{12}\,x_{2} + b_{1} = 3 \cdot 1 + 4 \cdot 0 - 2 = 1 \\" in lines
    assert sum(line.startswith("E &") for line in lines) == 1  # the error of a single output is the whole error
    assert any(r"= 0.74255 \qquad \checkmark\ \text{printed 0.7425526 (5.7.2)}" in line for line in lines)


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="needs pdflatex")
def test_latex_compiles(tmp_path: Path) -> None:
    preamble = r"\documentclass{article}\usepackage[utf8]{inputenc}\usepackage{amsmath,amssymb}\begin{document}"
    trace = f"{preamble}\n{written(koehn(), 'latex')}\n\\end{{document}}"
    sheet = latex_text(make_worksheet(start_session(load("koehn")), WorksheetOptions(blanks=True)))
    for name, text in (("trace", trace), ("sheet", sheet)):
        (tmp_path / f"{name}.tex").write_text(text, encoding="utf-8")
        command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", f"{name}.tex"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stdout[-2000:]
        assert "Overfull" not in done.stdout


def test_latex_is_escaped() -> None:
    lines = written(hostile(), "latex").splitlines()
    title = r"50\% of \$x\_1\$ \& \{y\} | \#z \textasciitilde{} \textasciicircum{}\textbackslash{}"
    assert lines[2] == rf"\section*{{{title}}}"
    assert any(r'(p. 5 \& 6, "the \$y\$" | 100 \% \_next\_ line)' in line for line in lines)


def test_latex_breaks_long_numbers() -> None:
    session = start_session(parse_lesson(MEDIUM, "medium.toml"), grain=Grain.NEURON)
    text = written(session, "latex")
    assert r"&\qquad {} + " in text
    assert text.count(r"\begin{align*}") > 6


def test_operand_marks_are_removed_and_needed_braces_stay() -> None:
    mark = r"\textcolor{#000001}"
    assert unmarked(rf"{mark}{{x_{{1}}}} + {mark}{{\frac{{\partial E}}{{\partial h_{{1}}}}}}") == (
        r"x_{1} + \frac{\partial E}{\partial h_{1}}"
    )
    assert unmarked(rf"{mark}{{h^{{(1)}}}}^2") == r"{h^{(1)}}^2"
    assert unmarked(rf"2 \cdot{mark}{{x}}") == r"2 \cdot{x}"
    assert unmarked(rf"\ln {mark}{{y}}") == r"\ln y"


@pytest.mark.parametrize("name", notation_names())
def test_marks_are_the_only_thing_removed(name: str) -> None:
    session = start_session(load("koehn"), notation=load_notation(name))
    for step in session.trace.at(Grain.TERM):
        told = formula(session.trace, step, voice_of(session))
        bare = re.sub(r"\\textcolor\{#[0-9a-f]{6}\}|[{}]", "", told.symbols)
        assert re.sub("[{}]", "", unmarked(told.symbols)) == bare


def test_a_long_sum_is_broken_before_its_signs_and_its_brackets_stop_growing() -> None:
    parts = " + ".join(f"w_{{{n}}}" for n in range(30))
    lines = broken(rf"\left[{parts}\right] - 1", 20)
    assert all(len(line) <= 60 for line in lines)
    assert " ".join(lines) == rf"\bigl[{parts}\bigr] - 1"
    assert all(line.startswith(("+ ", "- ")) for line in lines[1:])
    assert broken("a + b", 20) == ["a + b"]


def test_latex_text_is_one_line() -> None:
    assert escaped("a\n\nb_c") == r"a b\_c"


def test_the_table_is_a_worked_solution() -> None:
    lines = written(koehn(), "table").splitlines()
    assert lines[:8] == [
        "XOR by hand",
        "Philipp Koehn, Neural Machine Translation, 5.7",
        "2-2-1 · sigmoid, sigmoid · half squared error",
        "example 1 of 0 to 3: x = [1, 0], t = [1]",
        "",
        "FORWARD",
        "    1  Weighted sum into h₁ · hidden layer, neuron 1",
        "       s₁ = W₁₁ x₁ + W₁₂ x₂ + b₁ = 3 · 1 + 4 · 0 + (−2) = 1.000000",
    ]
    assert "       ✓ printed 0.7425526 (5.7.2)" in lines
    assert [line for line in lines if line.isupper() and not line.startswith(" ")] == [
        "FORWARD",
        "ERROR",
        "BACKWARD",
        "UPDATE",
        "ERRATA",
    ]
    assert any(line.strip().startswith("eq. 5.36:") for line in lines)


@pytest.mark.parametrize("width", ["60", "80", "100"])
@pytest.mark.parametrize("grain", list(Grain))
def test_the_table_keeps_within_its_width(width: str, grain: Grain, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", width)
    for name in SHORT_LESSONS:
        for line in written(start_session(load(name), grain=grain), "table").splitlines():
            assert len(line) <= int(width), line


def test_a_terminal_gets_the_same_text_in_color(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    stream = Terminal()
    EXPORTERS["table"](koehn(), stream)
    assert "\x1b[" in stream.getvalue()
    bare = re.sub("\x1b\\[[0-9;]*m", "", stream.getvalue())
    assert [line.rstrip() for line in bare.splitlines()] == written(koehn(), "table").splitlines()


def test_figures_that_do_not_agree_are_marked() -> None:
    lesson = load("koehn")
    figures = (
        PrintedFigure(quantity="a", layer=2, unit=1, source=None, example=1, time=None, value="0.7", where="p. 1"),
        PrintedFigure(quantity="a", layer=2, unit=1, source=None, example=1, time=None, value="0.9", where="p. 2"),
        PrintedFigure(quantity="a", layer=2, unit=1, source=None, example=1, time=None, value="-0.74255", where="p. 3"),
    )
    session = start_session(replace(lesson, printed=figures))
    text = written(session, "table")
    assert "✓ printed 0.7 (p. 1)\n" in text
    assert "✗ printed 0.9 (p. 2): differs\n" in text
    assert "≈ printed -0.74255 (p. 3): the value with the opposite sign\n" in text
    step = next(table for table in step_tables(session) if table["printed"])
    assert step["printed"] == {"value": "0.7", "where": "p. 1", "match": "exact"}


@pytest.mark.parametrize("form", EXPORTERS)
def test_a_long_trace_is_written_step_by_step(form: str) -> None:
    session = start_session(parse_lesson(MEDIUM, "medium.toml"), grain=Grain.TERM)
    EXPORTERS[form](session, Counting())  # fill the caches first
    stream = Counting()
    tracemalloc.start()
    EXPORTERS[form](session, stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert session.trace.length(Grain.TERM) > 1500
    assert stream.longest < 100_000
    assert peak < 2_000_000


@pytest.mark.parametrize("form", EXPORTERS)
def test_a_trace_goes_to_a_file_whole(form: str, tmp_path: Path) -> None:
    path = tmp_path / "trace"
    export_trace(koehn(), form, path)
    assert path.read_text(encoding="utf-8") == written(koehn(), form)


def test_an_unknown_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(KeyError):
        export_trace(koehn(), "pdf", tmp_path / "trace")
    assert list(tmp_path.iterdir()) == []
