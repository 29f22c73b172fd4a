"""Which numbers are accepted as a value: any correct rounding to two digits or more, one cut, the value itself."""

from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from nnviz.debugger.finder.pasted import PasteError
from nnviz.debugger.quiz.answers import decimals_of, judge, read_answer, significant_digits
from nnviz.debugger.state.prediction import State

Y = 0.7425526190  # Koehn's output, 5.7.2


def verdict(value: float, text: str) -> State:
    (number,) = read_answer(text, 1)
    return judge(value, number)


@pytest.mark.parametrize(
    "text",
    [
        "0.74",
        "0.743",
        "0.7426",
        "0,743",
        "0,74",
        ".74",
        "+0.74",
        " 0.742553 ",
        "7.4e-1",
        "7.43×10⁻¹",
        "y = 0.743",
        "74 %",
    ],
)
def test_a_correct_rounding_is_right_however_it_is_written(text):
    assert verdict(Y, text) is State.RIGHT


@pytest.mark.parametrize("text", ["0.742", "0.7425"])
def test_digits_that_are_cut_are_right_and_said_to_be_cut(text):
    assert verdict(Y, text) is State.CUT
    assert verdict(-Y, f"\N{MINUS SIGN}{text}") is State.CUT
    assert verdict(Y, f"{text}…") is State.RIGHT


def test_one_digit_tells_too_little_unless_it_is_wrong():
    assert [verdict(Y, text) for text in ("0.7", "0,7", "1", "0")] == [State.SHORT] * 4  # 0 cuts all digits
    assert verdict(Y, "0.8") is State.WRONG


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.0, "0.00"), (1.0, "1"), (0.5, "0.5"), (0.5, "1/2"), (0.25, "1/4"), (-2.0, "\N{MINUS SIGN}2")],
)
def test_an_exact_value_may_be_short(value, text):
    assert verdict(value, text) is State.RIGHT


def test_a_fraction_is_exact_and_not_rounded():
    assert verdict(1 / 3, "1/3") is State.RIGHT
    assert verdict(0.3333, "1/3") is State.WRONG


@pytest.mark.parametrize("text", ["0.744", "0.75", "-0.74", "0.7427", "1.06", "74", "0.0743"])
def test_another_number_is_wrong(text):
    assert verdict(Y, text) is State.WRONG


def test_a_lone_decimal_comma_is_one_number_and_two_numbers_are_two():
    assert len(read_answer("0,7", 1)) == 1
    assert [number.value for number in read_answer("0.73 0.12", 2)] == [0.73, 0.12]
    assert [number.value for number in read_answer("0,73 0,12", 2)] == [0.73, 0.12]
    with pytest.raises(PasteError):
        read_answer("what?", 1)


@pytest.mark.parametrize(
    ("text", "digits", "decimals"), [("0.70", 2, 2), ("0.007", 1, 3), ("0.00", 0, 2), ("12", 2, 0)]
)
def test_digits_are_counted(text, digits, decimals):
    (number,) = read_answer(text, 1)
    assert (significant_digits(number), decimals_of(number)) == (digits, decimals)


VALUES = st.floats(min_value=1e-6, max_value=1e6).flatmap(lambda size: st.sampled_from([size, -size]))


@given(VALUES, st.integers(2, 12))
@example(10.999999999883585, 2)  # cut to 10
def test_every_rounding_to_two_digits_or_more_is_accepted(value, digits):
    exact = Decimal(repr(value))
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    assert verdict(value, str(exact.quantize(unit, ROUND_HALF_EVEN))) is State.RIGHT
    assert verdict(value, str(exact.quantize(unit, ROUND_DOWN))) in (State.RIGHT, State.CUT)


@given(VALUES, st.integers(2, 9), st.integers(-500, 500))
@example(0.12, 2, -1)
def test_anything_else_is_not(value, digits, off):
    exact = Decimal(repr(value))
    unit = Decimal(1).scaleb(exact.adjusted() - digits + 1)
    given_number = exact.quantize(unit, ROUND_HALF_EVEN) + off * unit
    assume(given_number not in (exact.quantize(unit, ROUND_HALF_EVEN), exact.quantize(unit, ROUND_DOWN)))
    assume(abs(abs(exact - given_number) / unit - Decimal("0.5")) > Decimal("1e-6"))
    text = str(given_number)
    assume(significant_digits(read_answer(text, 1)[0]) >= 2)
    assert verdict(value, text) is State.WRONG
