"""Numbers as text: rounded right, signed right, never a stray zero or minus."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.debugger.state.session import start_session
from nnviz.lessons.catalog import load
from nnviz.present.graph.graph_picture import graph_picture
from nnviz.present.network.picture import picture
from nnviz.present.text.numbers import (
    COMMA,
    array_text,
    echoed,
    fixed,
    full,
    marked,
    pretty,
    separator,
    set_decimal_mark,
    short,
    tex_number,
    trimmed,
)
from nnviz.present.values.values_table import value_rows
from nnviz.present.words.card import card
from nnviz.tracing.steps import Grain

DIGIT_POINT = re.compile(r"\d\.\d")
FINITE = st.floats(-1e300, 1e300)


@pytest.mark.parametrize(
    ("value", "fixed_text", "short_text", "trimmed_text"),
    [
        (3.0, "3.0000", "3", "3.0"),
        (-0.0, "0.0000", "0", "0.0"),
        (0.25, "0.2500", "0.25", "0.25"),
        (1 / 3, "0.3333", "0.3333", "0.3333"),
        (-2 / 3, "-0.6667", "-0.6667", "-0.6667"),
        (0.9999999, "1.0000", "1.0000", "1.0000"),
        (100.0, "100.0000", "100", "100.0"),
        (0.0001, "0.0001", "0.0001", "0.0001"),
        (0.00005, "5.00e-05", "5.00e-05", "5.00e-05"),
        (-1.5e12, "-1.50e+12", "-1.50e+12", "-1.50e+12"),
        (math.nan, "nan", "nan", "nan"),
        (-math.inf, "-inf", "-inf", "-inf"),
    ],
)
def test_four_decimals(value: float, fixed_text: str, short_text: str, trimmed_text: str) -> None:
    assert fixed(value, 4) == fixed_text
    assert short(value, 4) == short_text
    assert trimmed(value, 4) == trimmed_text


@pytest.mark.parametrize(
    ("value", "fixed_text", "short_text"),
    [
        (0.000034521, "3.45210e-05", "3.4521e-05"),
        (0.0000345214567, "3.45215e-05", "3.45215e-05"),
        (-0.0000012345678, "-1.23457e-06", "-1.23457e-06"),
        (0.00009999999, "1.00000e-04", "1.00000e-04"),
        (0.0001, "0.000100", "0.0001"),
        (0.0001234567, "0.000123", "0.000123"),
        (0.000001, "1.00000e-06", "1e-06"),
        (0.00005, "5.00000e-05", "5e-05"),
    ],
)
def test_small_numbers_keep_six_digits_on_the_card(value: float, fixed_text: str, short_text: str) -> None:
    assert fixed(value, 6) == fixed_text
    assert short(value, 6) == short_text


@given(FINITE, st.integers(1, 8))
def test_a_fixed_number_reads_back_to_its_digits(value: float, decimals: int) -> None:
    text = fixed(value, decimals)
    assert "e" in text or abs(float(text) - value) <= 0.5 * 10.0**-decimals + 1e-15 * abs(value)
    if "e" in text:
        assert float(text) == pytest.approx(value, rel=0.5 * 10.0 ** -max(decimals - 2, 1) * 1.001)
    assert not (text.startswith("-") and float(text) == 0.0)


@given(FINITE, st.integers(1, 8))
def test_a_short_number_is_exact_or_has_all_its_decimals(value: float, decimals: int) -> None:
    text = short(value, decimals)
    assert float(text) == value or text == fixed(value, decimals)


@given(FINITE)
def test_all_digits_read_back(value: float) -> None:
    assert float(full(value)) == value
    assert full(value) != "-0.0"


def test_numbers_for_people() -> None:
    assert pretty("-0.25") == "\N{MINUS SIGN}0.25"
    assert pretty("-1.5e-07") == "\N{MINUS SIGN}1.5×10⁻⁷"
    assert pretty("2.5e+12") == "2.5×10¹²"
    assert pretty("[1e-07, -2.5e+12, inf]") == "[1×10⁻⁷, \N{MINUS SIGN}2.5×10¹², ∞]"
    assert pretty("-inf") == "\N{MINUS SIGN}∞"
    assert pretty("nan") == "nan"


def test_numbers_in_tex() -> None:
    assert tex_number("-0.25") == "-0.25"
    assert tex_number("1e-08") == r"1\times 10^{-8}"
    assert tex_number("nan") == r"\text{nan}"
    assert tex_number("-inf") == r"-\infty"


def test_arrays_as_numpy_shows_them() -> None:
    assert array_text(0.5, 3) == "0.500"
    assert array_text(np.array([1.0, -0.5]), 2) == "[1.00, -0.50]"
    assert array_text(np.array([[1.0, 2.0], [3.0, 0.25]]), 2, given=True) == "[[1, 2], [3, 0.25]]"
    assert array_text(np.arange(10.0), 1, most=3) == "[0.0, 1.0, 2.0, …]"


@pytest.fixture
def comma() -> None:
    set_decimal_mark(COMMA)  # every test ends with points


@pytest.mark.usefixtures("comma")
def test_a_decimal_comma_is_for_people_alone() -> None:
    assert (fixed(0.5, 4), short(0.5, 4), trimmed(0.5, 4), full(0.5)) == ("0.5000", "0.5", "0.5", "0.5")
    assert pretty("-1.5e-05") == "−1,5×10⁻⁵"
    assert pretty(array_text(np.array([[0.5, 1.0], [2.0, 3.25]]), 2)) == "[[0,50; 1,00]; [2,00; 3,25]]"
    assert pretty(pretty("[0.5, 1.0]")) == "[0,5; 1,0]"
    assert tex_number("0.5") == "0{,}5"
    assert tex_number("1.50e-05") == r"1{,}50\times 10^{-5}"
    assert tex_number("nan") == r"\text{nan}"
    assert separator() == "; "


@pytest.mark.usefixtures("comma")
@pytest.mark.parametrize(
    ("written", "shown"),
    [("0.742", "0,742"), ("-0,742", "−0,742"), ("1,234.5", "1,234.5"), ("1.234,5", "1.234,5"), ("1/4", "1/4")],
)
def test_what_somebody_wrote_keeps_its_own_commas(written: str, shown: str) -> None:
    assert echoed(written) == shown


@pytest.mark.usefixtures("comma")
def test_names_and_numbered_places_are_no_numbers() -> None:
    assert marked("w₁₂ = 0.5, b2 = 1") == "w₁₂ = 0,5, b2 = 1"
    assert marked("softmax.toml · rate 0.1") == "softmax.toml · rate 0,1"


@pytest.mark.usefixtures("comma")
@pytest.mark.parametrize("lesson", ["koehn", "softmax", "krzeminski-rnn", "graph"])
def test_nothing_that_is_drawn_has_a_point(lesson: str) -> None:
    session = start_session(load(lesson))
    end = session.trace.length(Grain.TERM)
    for position in range(0, end, max(1, end // 25)):
        here = replace(session, position=position)
        for shown in (picture(here), graph_picture(here), value_rows(here)):
            assert [text for text in texts_of(shown) if DIGIT_POINT.search(text)] == []
        worked = card(here).formula
        assert worked is None or not DIGIT_POINT.search(" ".join(worked.texts()))


def texts_of(part: object) -> Iterator[str]:
    """Every text within frozen dataclasses and tuples."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, tuple | list):
        for each in part:
            yield from texts_of(each)
    elif is_dataclass(part):
        for each in fields(part):
            yield from texts_of(getattr(part, each.name))


def test_of_very_many_digits_the_first_and_last_are_shown() -> None:
    assert echoed("0." + "7" * 800) == f"0.{'7' * 46}…{'7' * 12}"
    assert echoed("7" * 300 + "e-5").endswith("×10⁻⁵")
    assert echoed("0." + "7" * 58) == "0." + "7" * 58
