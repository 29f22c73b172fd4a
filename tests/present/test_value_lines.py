"""The lines of the values: a batch's matrices row by row, what a gradient adds up, and never a number too early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nnviz.debugger.state.session import Session, look_at_example, start_session
from nnviz.lessons.catalog import load
from nnviz.lessons.notation import load_notation
from nnviz.present.core.voice import voice_of
from nnviz.present.text.numbers import UNKNOWN
from nnviz.present.values.value_lines import Line, LineKind, Lines, tab_separated
from nnviz.present.values.values_table import ValueRow, shown_columns, value_rows
from nnviz.tracing.steps import Grain, Kind, Quantity
from nnviz.tracing.values import EVERY_EXAMPLE

MINUS = "\N{MINUS SIGN}"


def lines_at(session: Session, position: int, opened: frozenset[Quantity] = frozenset()) -> Lines:
    at = replace(session, position=position)
    return Lines(at, value_rows(at), opened)


def lines_of(lines: Lines, name: str) -> list[Line]:
    return [line for line in map(lines.line, range(len(lines))) if lines.rows[line.row].name == name]


def told(lines: Lines, name: str) -> list[str]:
    """The texts of a quantity's lines, under that of its name."""
    return [lines.text(line) for line in lines_of(lines, name)[1:]]


def numbers(text: str) -> list[float | None]:
    cells = text.strip("[] ").replace(MINUS, "-").split(",")
    return [None if cell.strip() == UNKNOWN else float(cell) for cell in cells]


def row_of(session: Session, name: str) -> ValueRow:
    return next(row for row in value_rows(session) if row.name == name)


def end_of(session: Session, kind: Kind, layer: int | None, unit: int | None = None, source: int | None = None) -> int:
    position = session.trace.find(Quantity(kind, layer, unit, source))
    assert position is not None
    return position


def batch() -> Session:
    return start_session(load("krzeminski-batch"))


def test_a_single_example_has_a_line_a_quantity() -> None:
    session = start_session(load("koehn"))
    lines = lines_at(session, session.trace.end)
    assert len(lines) == len(lines.rows)
    assert {lines.line(at).kind for at in range(len(lines))} == {LineKind.QUANTITY}
    assert not any(row.examples for row in lines.rows)


def test_what_is_given_stands_as_a_matrix_of_examples() -> None:
    lines = lines_at(batch(), 0)
    assert row_of(batch(), "x").shape == "(4, 2)"
    assert told(lines, "x") == ["[0, 0]", "[1, 0]", "[0, 1]", "[1, 1]"]
    assert told(lines, "y") == ["[0]", "[1]", "[1]", "[0]"]
    assert row_of(batch(), "w1").shape == "(2, 3)"
    assert told(lines, "w1") == []
    assert [lines.label(line) for line in lines_of(lines, "x")] == ["", "1", "2", "3", "4"]
    assert [lines.is_stepped(line) for line in lines_of(lines, "x")] == [False, True, False, False, False]


def test_what_is_not_known_is_one_line() -> None:
    lines = lines_at(batch(), 0)
    assert len(lines_of(lines, "act1")) == 1
    assert lines.text(lines_of(lines, "act1")[0]) == UNKNOWN
    assert lines.spoken(lines_of(lines, "act1")[0]) == "act1, not known yet"


def test_the_stepped_row_fills_and_the_others_come_with_the_last() -> None:
    session = look_at_example(batch(), 2)
    z = session.record.z[0][0]
    for unit in range(3):
        lines = lines_at(session, end_of(session, Kind.Z, 0, unit))
        rows = [numbers(text) for text in told(lines, "act1")]
        for example, row in enumerate(rows):
            for at, number in enumerate(row):
                if (example == 2 and at <= unit) or unit == 2:
                    assert number == pytest.approx(z[example, at], abs=6e-7)
                else:
                    assert number is None
        lit = [lines.is_lit(line) for line in lines_of(lines, "act1")]
        assert lit == [True, False, False, True, False]


@pytest.mark.parametrize("name", ["krzeminski-batch", "graph", "softmax-deep"])
@pytest.mark.parametrize("grain", [Grain.NEURON, Grain.TERM])
def test_every_number_of_every_line_is_the_records(name: str, grain: Grain) -> None:
    session = replace(start_session(load(name)), grain=grain)
    voice = voice_of(session)
    for position in {*range(0, session.trace.end, max(session.trace.end // 60, 1)), session.trace.end}:
        lines = lines_at(session, position)
        for line in map(lines.line, range(len(lines))):
            if line.kind is not LineKind.EXAMPLE:
                continue
            row = lines.rows[line.row]
            true = np.ravel(voice.value(replace(row.quantity, example=line.item)))
            told = [None if cell == UNKNOWN else cell for cell in lines.full(line).split(", ")]
            for number, value in zip(told, true, strict=True):
                if number is not None:
                    assert float(number.replace(MINUS, "-").split("×")[0]) == pytest.approx(value, rel=1e-9) or (
                        "×" in number
                    )
            others = line.item != session.record.row and row.known != "whole"
            assert not others or set(told) == {None}


def test_a_gradient_tells_what_each_example_adds() -> None:
    session = batch()
    end = end_of(session, Kind.DW, 1, 0, 1)
    delta, a = session.record.delta[1][0, :, 0], session.record.a[0][0, :, 1]
    lines = lines_at(session, end)
    *terms, total = told(lines, "corr_w2")
    assert len(terms) == 4
    for text, term in zip(terms, delta * a, strict=True):
        assert " · " in text
        assert numbers(text.split(" = ")[1]) == [pytest.approx(term, abs=6e-7)]
    assert total == f"sum = corr_w2₂ = {sum(delta * a):.6f}".replace("-", MINUS)
    assert [line.kind for line in lines_of(lines, "corr_w2") if lines.is_lit(line)] == [
        LineKind.QUANTITY,
        LineKind.TOTAL,
    ]
    assert told(lines, "corr_w1") == []


def test_its_terms_become_known_one_by_one() -> None:
    session = replace(batch(), grain=Grain.TERM)
    end = end_of(session, Kind.DW, 0, 2, 1)
    for known in range(1, 5):
        lines = lines_at(session, end - 5 + known)
        *terms, total = told(lines, "corr_w1")
        assert [text != UNKNOWN for text in terms] == [at < known for at in range(4)]
        assert total == f"sum = corr_w1₂₃ = {UNKNOWN}"
        lit = next(line for line in lines_of(lines, "corr_w1")[1:] if lines.is_lit(line))
        assert (lit.kind, lit.item) == (LineKind.TERM, known - 1)


def test_the_bias_adds_deltas_and_a_mean_says_so() -> None:
    lesson = load("krzeminski-batch", ["training.reduce=mean"])
    session = start_session(lesson)
    lines = lines_at(session, end_of(session, Kind.DB, 1, 0))
    *terms, total = told(lines, "corr_b2")
    deltas = session.record.delta[1][0, :, 0]
    assert [numbers(text)[0] for text in terms] == pytest.approx(deltas.tolist(), abs=6e-7)
    assert total == f"mean = corr_b2 = {deltas.mean():.6f}".replace("-", MINUS)


@pytest.mark.parametrize(("after", "examples"), [("batch", 4), ("example", 1)])
def test_a_bias_that_neurons_share_adds_the_delta_of_each(after: str, examples: int) -> None:
    shared = "network.layers=[{units=3,activation='sigmoid',bias='shared'},{units=1,activation='sigmoid'}]"
    parts = ("network.init.scheme=xavier", f"training.update_after={after}")
    session = start_session(load("krzeminski-batch", [shared, *parts]))
    lines = lines_at(session, end_of(session, Kind.DB, 0, 0), frozenset({Quantity(Kind.DB, 0)}))
    terms = [lines.text(line) for line in lines_of(lines, "corr_b1") if line.kind is LineKind.TERM]
    total = next(lines.text(line) for line in lines_of(lines, "corr_b1") if line.kind is LineKind.TOTAL)
    deltas = session.record.delta[0][0].ravel()
    assert len(terms) == len(deltas) == 3 * examples
    assert [numbers(text.split(" = ")[1])[0] for text in terms] == pytest.approx(deltas.tolist(), abs=6e-7)
    assert [text.split(" = ")[0] for text in terms[:3]] == [text.split(" = ")[0] for text in terms[-3:]]
    labels = [lines.label(line) for line in lines_of(lines, "corr_b1") if line.kind is LineKind.TERM]
    assert labels == [str(example + 1) for example in session.record.examples for _ in range(3)]
    assert numbers(total.split(" = ")[-1]) == [pytest.approx(deltas.sum(), abs=6e-7)]


def test_a_selected_weight_tells_its_terms_once_they_are_known() -> None:
    session = replace(batch(), selection=Quantity(Kind.WEIGHT, 0, 1, 0))
    end = end_of(session, Kind.DW, 0, 1, 0)
    assert told(lines_at(session, end_of(session, Kind.DELTA, 0)), "corr_w1") == []
    assert told(lines_at(session, session.trace.end), "corr_w1")[-1].startswith("sum = corr_w1₁₂ = ")
    assert told(lines_at(replace(session, grain=Grain.LAYER), end), "corr_w1")[-1].startswith("sum = corr_w1₁₂ = ")


def test_of_a_large_batch_a_window_is_shown_and_the_rest_is_counted() -> None:
    session = look_at_example(start_session(load("softmax")), 700)
    lines = lines_at(session, session.trace.end)
    block = lines_of(lines, "Z")
    assert [(line.kind.value, line.item) for line in block[1:]] == [
        *(("example", 0), ("example", 1), ("more", 697)),
        *(("example", 699), ("example", 700), ("example", 701), ("more", 798)),
    ]
    assert lines.text(block[3]) == "… 697 more"
    assert row_of(session, "Z").shape == "(1500, 3)"
    quantity = lines.rows[block[0].row].quantity
    opened = lines_at(session, session.trace.end, frozenset([quantity]))
    block = lines_of(opened, "Z")
    assert len(block) == 1502
    assert block[-1].kind is LineKind.FEWER
    assert opened.text(block[1 + 1234]) == opened.text(Line(LineKind.EXAMPLE, block[0].row, 1234))
    assert numbers(opened.text(block[1235])) == pytest.approx(session.record.a[0][0, 1234].tolist(), abs=6e-7)
    assert opened.place(block[1235]) == opened.first_of(block[0].row) + 1235


def test_a_large_batch_counts_all_its_examples() -> None:
    for example in (0, 1, 2, 3, 4, 700, 1497, 1498, 1499):
        session = look_at_example(start_session(load("softmax")), example)
        block = lines_of(lines_at(session, session.trace.end), "Z")[1:]
        shown = [line.item for line in block if line.kind is LineKind.EXAMPLE]
        assert example in shown
        assert len(shown) + sum(line.item for line in block if line.kind is LineKind.MORE) == 1500


def test_the_middle_of_wide_layers_is_left_out_and_the_step_is_not() -> None:
    assert shown_columns(5) == [0, 1, 2, 3, 4]
    assert shown_columns(50) == [0, 1, None, 48, 49]
    assert shown_columns(50, 20) == [0, None, 20, None, 49]
    assert shown_columns(50, 49) == [0, None, 49]
    session = start_session(load("graph-20-50-10"))
    position = end_of(session, Kind.Z, 0, 20)
    row = next(row for row in value_rows(replace(session, position=position)) if row.active)
    value = voice_of(session).number(Quantity(Kind.Z, 0, 20))
    text = f"{value:.6f}".replace("-", MINUS)
    assert text in row.text or any(text in told for told in told(lines_at(session, position), row.name))


def test_words_for_a_screen_reader() -> None:
    session = batch()
    lines = lines_at(session, end_of(session, Kind.Z, 0, 0))
    heading, first, second, *_ = lines_of(lines, "act1")
    assert lines.spoken(heading) == "act1, 4 examples"
    assert lines.spoken(first).startswith("act1, example 1, stepped, [0.077")
    assert lines.spoken(second) == "act1, example 2, not known yet"


def test_a_matrix_is_copied_with_all_digits() -> None:
    session = batch()
    done = replace(session, position=session.trace.end)
    text = tab_separated(done, row_of(done, "act1"))
    copied = [[float(cell) for cell in line.split("\t")] for line in text.split("\n")]
    assert copied == session.record.z[0][0].tolist()
    middle = replace(session, position=end_of(session, Kind.Z, 0, 1))
    cells = [line.split("\t") for line in tab_separated(middle, row_of(middle, "act1")).split("\n")]
    assert [[bool(cell) for cell in row] for row in cells] == [[True, True, False], *[[False] * 3] * 3]
    weights = tab_separated(done, row_of(done, "w1"))
    assert [[float(c) for c in line.split("\t")] for line in weights.split("\n")] == (
        session.record.parameters.W[0].tolist()
    )
    losses = tab_separated(done, row_of(done, "E"))
    assert [float(line) for line in losses.split("\n")] == session.record.loss.tolist()


def test_a_matrix_is_copied_as_the_document_has_it() -> None:
    koehn = start_session(load("koehn"))
    assert tab_separated(koehn, row_of(koehn, "W")) == "3.0\t4.0\n2.0\t3.0"
    standard = start_session(load("koehn"), notation=load_notation("standard"))
    assert tab_separated(standard, row_of(standard, "W1")) == "3.0\t2.0\n4.0\t3.0"
    assert tab_separated(koehn, row_of(koehn, "x")) == "1.0\t0.0"


def test_the_losses_of_all_examples_are_told() -> None:
    session = start_session(load("softmax"))
    value = voice_of(session).value(Quantity(Kind.LOSS, example=EVERY_EXAMPLE))
    assert np.shape(value) == (1500,)
    assert np.asarray(value) == pytest.approx(-session.record.loss)


def test_the_term_just_added_is_in_the_window_of_a_large_batch() -> None:
    session = replace(start_session(load("graph-20-50-10")), grain=Grain.TERM)
    end = end_of(session, Kind.DW, 1, 3, 30)
    for known in range(1, 13):
        lines = lines_at(session, end - 13 + known)
        lit = [line for line in map(lines.line, range(len(lines))) if lines.is_lit(line)]
        assert [(line.kind, line.item) for line in lit[1:]] == [(LineKind.TERM, known - 1)]
    lines = lines_at(session, end)
    assert any(line.kind is LineKind.TERM and line.item == 0 for line in map(lines.line, range(len(lines))))
