"""Worksheets: their numbers are those of the engine, blanks hide every result, and variants are right."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

from nnviz.debugger.state.session import Session, start_session
from nnviz.formats.atomic_files import write_bytes_atomically
from nnviz.formats.worksheet.drawn_variants import draw_variants
from nnviz.formats.worksheet.sheet import (
    Equation,
    NameLine,
    NumberedStep,
    PageBreak,
    SheetFigure,
    SheetHeading,
    SheetTables,
    TextPart,
    Worksheet,
)
from nnviz.formats.worksheet.sheet_drawing import sheet_drawing
from nnviz.formats.worksheet.short_numbers import short_number, short_tex
from nnviz.formats.worksheet.solution import SolutionForm, solution_blocks
from nnviz.formats.worksheet.worksheet import WorksheetOptions, make_worksheet
from nnviz.formats.worksheet.worksheet_files import TEXT_WRITERS, ending_of, pdf_bytes, write_worksheet
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.loader import parse_lesson
from nnviz.lessons.notation import load_notation, notation_names
from nnviz.present.core.palette import load_palette
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import COMMA, set_decimal_mark
from nnviz.tracing.audit import audit
from nnviz.tracing.steps import Grain, Kind, Quantity

SMALL = ("from-scratch", "graph", "koehn", "krzeminski-sgd", "softmax")
OPTIMIZER = """\
format = 1
title = "Adam"
[network]
inputs = 1
loss = "half_squared"
[[network.layers]]
units = 2
activation = "leaky_relu"
W = [[0.5, -0.5]]
b = [0.1, 0.2]
[data]
inputs = [[1]]
targets = [[1, 0]]
[training]
optimizer = "adam"
"""


def session_of(lesson: str = "koehn") -> Session:
    return start_session(load(lesson))


def steps_of(sheet: Worksheet) -> list[NumberedStep]:
    return [block for block in sheet.blocks if isinstance(block, NumberedStep)]


def equations_of(sheet: Worksheet) -> list[Equation]:
    return [equation for step in steps_of(sheet) for equation in step.equations]


def solution(lesson: str = "koehn", **options: object) -> Worksheet:
    return make_worksheet(session_of(lesson), WorksheetOptions(**options))  # type: ignore[arg-type]


def task_and_answers(sheet: Worksheet) -> tuple[Worksheet, Worksheet]:
    """Split a sheet with blanks before its first page of answers."""
    at = next(
        index
        for index, block in enumerate(sheet.blocks)
        if isinstance(block, SheetHeading) and block.text.startswith("Answers")
    )
    return Worksheet(sheet.title, sheet.blocks[:at]), Worksheet(sheet.title, sheet.blocks[at:])


@pytest.mark.parametrize("name", SMALL)
def test_every_result_is_a_number_of_the_pass(name: str) -> None:
    session = session_of(name)
    voice, single = voice_of(session), session.record.architecture.sizes[-1] == 1

    def is_repeated(q: Quantity) -> bool:
        return (q.kind is Kind.ERROR and single) or (q.kind is Kind.DE_DA and not voice.code(q))

    quantities = [step.quantity for step in session.trace.at(Grain.NEURON)]
    values = [voice.number(quantity) for quantity in quantities if not is_repeated(quantity)]
    assert [equation.result for equation in equations_of(solution(name))] == [short_tex(value) for value in values]


def test_the_numbers_of_an_equation_give_its_result() -> None:
    names = {"sigmoid": lambda v: 1 / (1 + math.exp(-v))}
    checked = 0
    for equation in equations_of(solution("koehn")):
        if not equation.numbers:
            continue
        text = equation.numbers.replace(r"\frac{1}{2}", "0.5*").replace(r"\cdot", "*").replace("^2", "**2")
        text = re.sub(r"\\left|\\right", "", text).replace(r"\operatorname{sigmoid}", "sigmoid")
        value = eval(text, {"__builtins__": {}}, names)
        assert value == pytest.approx(float(equation.result), rel=2e-4, abs=1e-9), equation
        checked += 1
    assert checked > 20


def test_numbers_are_short_and_exact_ones_are_not_padded() -> None:
    values = (1.0, 0.5, -2.0, 0.0, 0.7310585786300049, 417.0153932, 1.59327412, 0.1 + 0.2, 0.005866749, 3.45e-7)
    assert [short_number(value) for value in values] == [
        *("1", "0.5", "-2", "0", "0.73106", "417.02", "1.5933", "0.3", "0.0058667", "3.45e-07"),
    ]
    assert short_number(1.59327) == "1.59327"
    assert short_number(12345678.91) == "12345679"
    for value in np.random.default_rng(1).normal(0, 100, 500):
        assert float(short_number(float(value))) == pytest.approx(value, rel=6e-5)


def test_a_single_output_has_its_error_once() -> None:
    titles = [step.title for step in steps_of(solution("koehn"))]
    assert titles.count("The error") == 1
    assert len(titles) == len(set(titles))


def test_what_is_given_is_in_tables() -> None:
    tables = next(block for block in solution("koehn").blocks if isinstance(block, SheetTables)).tables
    assert [table.caption for table in tables] == [
        "Hidden layer: weights and biases",
        "Output layer: weights and bias",
    ]
    cells = [getattr(part, "tex", "") for row in tables[0].rows for cell in row for part in cell]
    assert cells == [
        "h_{1}",
        "W_{11} = 3",
        "W_{12} = 4",
        "b_{1} = -2",
        "h_{2}",
        "W_{21} = 2",
        "W_{22} = 3",
        "b_{2} = -4",
    ]


def test_printed_results_and_errata_are_footnotes_once() -> None:
    notes = [
        "".join(part.text for part in note.line if isinstance(part, TextPart))
        for step in steps_of(solution("koehn"))
        for note in (*step.notes, *(note for equation in step.equations for note in equation.notes))
    ]
    assert "The document prints 0.7425526 (5.7.2)." in notes
    assert sum("eq. 5.36" in note for note in notes) == 1
    assert len(notes) == len(set(notes)) == 7


def test_a_case_is_chosen_with_its_reason() -> None:
    equations = equations_of(solution("from-scratch"))
    reasons = [equation.reason for equation in equations if equation.reason]
    assert reasons
    assert all(r"\text{since }" in reason and (r"\leq 0" in reason or "> 0" in reason) for reason in reasons)
    assert all(r"\text{ if }" not in f"{equation.symbols}{equation.numbers}" for equation in equations)


@pytest.mark.parametrize("name", ["koehn", "krzeminski-sgd", "from-scratch", "krzeminski-rnn"])
def test_blanks_hide_every_result(name: str) -> None:
    task, answers = task_and_answers(solution(name, blanks=True))
    assert any(isinstance(block, PageBreak) for block in task.blocks)
    shown = [equation for equation in equations_of(task) if not equation.is_blank]
    assert shown == []
    results = [equation.result.removeprefix("-") for equation in equations_of(answers)]
    long = {result for result in results if len(result.replace(".", "").strip("0")) >= 4 and "times" not in result}
    given = {number for block in task.blocks if isinstance(block, SheetTables) for number in numbers_in(repr(block))}
    assert len(long - given) > 8
    for write in TEXT_WRITERS.values():
        text = re.sub(r"base64,[A-Za-z0-9+/=]*", "", write(task))
        assert [result for result in long - given if result in text] == []


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d+\.\d+|\d+", text))


def test_the_drawing_of_the_task_has_no_result() -> None:
    task, answers = task_and_answers(solution(blanks=True))
    (given,) = (block for block in task.blocks if isinstance(block, SheetFigure))
    (solved,) = (block for block in answers.blocks if isinstance(block, SheetFigure))

    def texts(svg: str) -> list[str]:
        root = ElementTree.fromstring(svg)
        return ["".join(each.itertext()) for each in root.iter("{http://www.w3.org/2000/svg}text")]

    assert "0.7426" in texts(solved.svg)
    assert "0.7426" not in texts(given.svg)
    assert not [text for text in texts(given.svg) if text.endswith(("—", "–"))]
    assert {"1", "0", "5.0"} <= set(texts(given.svg))


def test_points_are_summed_on_the_line_for_the_name() -> None:
    for points, each in ((None, None), (2, 2)):
        task, _ = task_and_answers(solution(blanks=True, points=points))
        steps = steps_of(task)
        wanted = [len(step.equations) if each is None else each for step in steps]
        assert [step.points for step in steps] == wanted
        (line,) = (block for block in task.blocks if isinstance(block, NameLine))
        assert line.points == sum(wanted)


def test_sums_over_a_batch_are_given() -> None:
    task, _ = task_and_answers(solution("krzeminski-batch", blanks=True))
    kinds = [(step.title.startswith("Gradients of weights"), step.equations[0].is_blank) for step in steps_of(task)]
    assert (True, False) in kinds
    assert all(is_sum != is_blank for is_sum, is_blank in kinds)


@pytest.mark.parametrize("name", ["koehn", "from-scratch", "krzeminski-rnn", "softmax", "graph"])
def test_variants_differ_are_reproducible_and_right(name: str) -> None:
    session = session_of(name)
    drawn = draw_variants(session, 3, seed=7)
    again = draw_variants(session, 1, seed=7)
    vectors = [variant.record.parameters.vector for variant in drawn]
    assert vectors[0].tolist() == again[0].record.parameters.vector.tolist()
    assert len({tuple(vector) for vector in vectors}) == 3
    other = draw_variants(session, 1, seed=8)[0]
    assert not np.array_equal(vectors[0], other.record.parameters.vector)
    for variant in drawn:
        assert np.allclose(variant.record.parameters.vector * 10, np.round(variant.record.parameters.vector * 10))
        assert audit(variant.trace, variant.trace.at(Grain.NEURON)) == ()
        assert variant.record.x[:, variant.record.row].any()
        assert variant.lesson.printed == ()


def test_variants_share_one_file_with_the_answers_at_the_end() -> None:
    sheet = solution("koehn", blanks=True, variants=3, seed=2)
    titles = [block.text for block in sheet.blocks if isinstance(block, SheetHeading) and block.level == 1]
    names = [f"XOR by hand, variant {number}" for number in (1, 2, 3)]
    assert titles == [*names, *(f"Answers: {name}" for name in names)]
    assert sheet == solution("koehn", blanks=True, variants=3, seed=2)
    assert sheet != solution("koehn", blanks=True, variants=3, seed=3)


def test_a_network_too_large_for_hands_has_no_variants() -> None:
    with pytest.raises(ValueError, match="too large"):
        draw_variants(session_of("graph-20-50-10"), 1, seed=1)


@pytest.mark.parametrize("name", lesson_names())
def test_every_lesson_compiles(name: str, tmp_path: Path) -> None:
    pytest.importorskip("typst")
    for blanks in (False, True):
        assert pdf_bytes(solution(name, blanks=blanks)).startswith(b"%PDF")


@pytest.mark.parametrize("notation", notation_names())
def test_every_notation_compiles(notation: str) -> None:
    pytest.importorskip("typst")
    session = start_session(load("koehn"), notation=load_notation(notation))
    assert pdf_bytes(make_worksheet(session, WorksheetOptions(blanks=True))).startswith(b"%PDF")


def test_powers_of_numbers_with_a_decimal_comma_compile() -> None:
    pytest.importorskip("typst")
    set_decimal_mark(COMMA)  # every test ends with points
    for name in ("softmax", "graph"):
        assert '0","' in TEXT_WRITERS[".typ"](solution(name))
        assert pdf_bytes(solution(name)).startswith(b"%PDF")


def test_an_optimizer_with_a_memory_compiles() -> None:
    pytest.importorskip("typst")
    session = start_session(parse_lesson(OPTIMIZER, "adam.toml"))
    assert pdf_bytes(make_worksheet(session, WorksheetOptions())).startswith(b"%PDF")


def test_a_pdf_is_the_same_each_time_and_its_text_can_be_read(tmp_path: Path) -> None:
    pytest.importorskip("typst")
    sheet = solution("koehn", blanks=True)
    path = tmp_path / "sheet.pdf"
    write_worksheet(sheet, path)
    assert path.read_bytes() == pdf_bytes(sheet)
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is missing")
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, encoding="utf-8", check=True).stdout
    task, _, answers = text.partition("Answers: XOR by hand")
    assert "Name" in task
    assert "Multiply each input by its weight" in task
    assert "0.74255" in answers
    assert "0.74255" not in task


def hostile() -> Session:
    return start_session(
        replace(load("koehn"), title='50% of $x_1$ & {y} | #z ~ ^\\ <b> "q" [c] @d', source="*a* _b_ `c`")
    )


@pytest.mark.parametrize("ending", TEXT_WRITERS)
def test_a_text_is_written_whole_and_escaped(ending: str, tmp_path: Path) -> None:
    sheet = make_worksheet(hostile(), WorksheetOptions())
    path = tmp_path / f"sheet{ending}"
    write_worksheet(sheet, path)
    assert path.read_text(encoding="utf-8") == TEXT_WRITERS[ending](sheet)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
    text = path.read_text(encoding="utf-8")
    assert {".html": "&lt;b&gt;", ".md": r"\$x\_1\$", ".tex": r"50\% of \$x\_1\$", ".typ": r"50% of \$x\_1\$"}[
        ending
    ] in text


def test_any_title_compiles() -> None:
    pytest.importorskip("typst")
    assert pdf_bytes(make_worksheet(hostile(), WorksheetOptions())).startswith(b"%PDF")


def test_latex_is_balanced() -> None:
    for name in SMALL:
        text = TEXT_WRITERS[".tex"](solution(name))
        bare = re.sub(r"\\[\\{}%]", "", text)
        assert bare.count("{") == bare.count("}")
        assert text.count(r"\begin{") == text.count(r"\end{")
        for display in re.findall(r"\\begin\{align\*\}\n(.*?)\\end\{align\*\}", text, re.DOTALL):
            assert "\n\n" not in display
            assert all(row.count("&") == 1 for row in display.split(" \\\\\n"))


def test_a_page_loads_nothing() -> None:
    text = TEXT_WRITERS[".html"](solution(blanks=True))
    assert "default-src 'none'" in text
    assert not re.search(r"<script|<link|<img|src=|url\(", text)
    assert text.count("<math") == text.count("</math>") > 40


@pytest.mark.parametrize("name", ["koehn", "krzeminski-rnn", "graph-20-50-10", "softmax-deep"])
def test_a_drawing_marks_no_step_and_is_plain_latex(name: str) -> None:
    session, palette = session_of(name), load_palette("light")
    for is_solved in (False, True):
        figure = sheet_drawing(session, is_solved)
        assert ElementTree.fromstring(figure.svg)[0].text == figure.caption
        assert f'stroke="{palette.update}"' not in figure.svg
        assert figure.tikz.startswith(r"\begin{tikzpicture}")
        assert figure.tikz.count("{") == figure.tikz.count("}")
        assert figure.tikz.isascii()


@pytest.mark.parametrize("path", ["sheet", "sheet.docx", "sheet.pdf.gz", ".pdf"])
def test_another_ending_is_refused_with_the_known_ones(path: str) -> None:
    with pytest.raises(ValueError, match=r"\.pdf, \.typ, \.tex, \.md, \.html"):
        ending_of(path)


def test_bytes_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    write_bytes_atomically(path, b"old")
    with pytest.raises(TypeError):
        write_bytes_atomically(path, "text")  # type: ignore[arg-type]
    assert path.read_bytes() == b"old"
    assert [each.name for each in tmp_path.iterdir()] == ["a.pdf"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device")
def test_a_full_device_is_named() -> None:
    with pytest.raises(OSError, match="No space") as caught:
        write_bytes_atomically("/dev/full", b"a" * 100_000)
    assert caught.value.filename == "/dev/full"


def test_many_equations_are_cut_before_the_last() -> None:
    step = next(
        block
        for block in solution_blocks(session_of("graph-20-50-10"), SolutionForm())
        if isinstance(block, NumberedStep)
    )
    assert (len(step.equations), step.skipped) == (4, 46)


MEMORY = """format = 1
title = "adam with clipping, layer by layer"
[network]
inputs = 1
input_gradients = true
[[network.layers]]
units = 1
activation = "linear"
W = [[0]]
bias = false
[data]
inputs = [[1]]
targets = [[-2]]
[convention]
update = "sequential"
[training]
optimizer = "adam"
learning_rate = 0.1
clip = 1.0
"""


def test_the_memory_of_an_optimizer_and_the_clipping_have_steps_of_their_own():
    # The gradient is 2, clipped to 1: m = 0.1, v = 0.001, both corrected to 1, so that w moves by the rate.
    steps = [
        block
        for block in solution_blocks(start_session(parse_lesson(MEMORY, "t.toml")), SolutionForm())
        if isinstance(block, NumberedStep)
    ]
    updates = {step.title: [float(equation.result) for equation in step.equations] for step in steps[-8:-1]}
    assert list(updates) == [
        "Clip factor of the gradient, output layer",
        "Adjusted gradient of weights, output layer",
        "First moment of weights, output layer",
        "Second moment of weights, output layer",
        "Corrected first moment of weights, output layer",
        "Corrected second moment of weights, output layer",
        "New weights, output layer",
    ]
    wanted = [[0.5], [1.0], [0.1], [0.001], [1.0], [1.0], [-0.1]]
    for title, expected in zip(updates, wanted, strict=True):
        assert updates[title] == pytest.approx(expected, rel=1e-4), title
    assert not any(step.title.startswith("Errors of the outputs") for step in steps)
    assert steps[-1].title == "Gradient at the input"
