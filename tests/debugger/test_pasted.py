"""Numbers as people paste them: which values, to which digits, in which shape; and one line for what is none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.debugger.finder.pasted import LONGEST, PasteError, read_paste


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.7426", [(0.7426, 1e-4)]),
        ("−0.0360", [(-0.036, 1e-4)]),
        ("–0.5", [(-0.5, 0.1)]),
        (".25", [(0.25, 0.01)]),
        ("12.", [(12.0, 1.0)]),
        ("0.7426.", [(0.7426, 1e-4)]),
        ("(0.7426),", [(0.7426, 1e-4)]),
        ("3.6e-2", [(0.036, 0.001)]),
        ("3.6 × 10⁻²", [(0.036, 0.001)]),
        (r"3.6 \times 10^{-2}", [(0.036, 0.001)]),
        (r"$-0.036$", [(-0.036, 0.001)]),
        ("25 %", [(0.25, 0.01)]),
        (r"74.26\%", [(0.7426, 1e-4)]),
        ("0,7426", [(0.7426, 1e-4)]),
        ("-0,036; 0,25", [(-0.036, 0.001), (0.25, 0.01)]),
        ("z = 0,7426, a = 0,25", [(0.7426, 1e-4), (0.25, 0.01)]),
        ("[0,1]", [(0.0, 1.0), (1.0, 1.0)]),
        ("0.1,0.25", [(0.1, 0.1), (0.25, 0.01)]),
        ("[0.03597961, 0.00586666]", [(0.03597961, 1e-8), (0.00586666, 1e-8)]),
        ("delta_W_2 = [0.036  -0.006]", [(0.036, 0.001), (-0.006, 0.001)]),
        (r"W_{21} = - 0.5", [(-0.5, 0.1)]),
        (r"W^{(1)}_{12} = 0.5", [(0.5, 0.1)]),
        ("x1 0.5 h2=0.3", [(0.5, 0.1), (0.3, 0.1)]),
        ("(1,0) → 1", [(1.0, 1.0), (0.0, 1.0), (1.0, 1.0)]),
    ],
)
def test_numbers_are_read_with_their_printed_digits(text, expected):
    numbers = read_paste(text).numbers
    assert [number.value for number in numbers] == pytest.approx([value for value, _ in expected])
    assert [number.unit for number in numbers] == pytest.approx([unit for _, unit in expected])


@pytest.mark.parametrize(
    ("text", "values"),
    [
        # one number, as a page or a program writes it
        ("0·332", [0.332]),
        ("0.332f", [0.332]),
        ("1,234.5", [1234.5]),
        ("1.234,5", [1234.5]),
        ("1'234.5", [1234.5]),
        ("1\N{THIN SPACE}234,5", [1234.5]),
        ("1 234,5", [1234.5]),
        ("1,234", [1.234]),
        ("0,7", [0.7]),
        ("５．１", [5.1]),
        ("½", [0.5]),
        ("10^{-3}", [0.001]),
        ("3×10^5", [3e5]),
        ("3.6×10-2", [0.036]),
        ("9" * 400 + "/" + "9" * 400, [1.0]),
        ("1/−2", [-0.5]),
        ("-1/-2", [0.5]),
        (r"-\frac{1}{4}", [-0.25]),
        # several
        ("0.5 ½", [0.5, 0.5]),
        ("[1½, −¼]", [1.5, -0.25]),
        ("0.5 5‰", [0.5, 0.005]),
        ("0.5 1/2.5 3/-4", [0.5, 0.4, -0.75]),
        ("0.3 / 0.5 / 0.1", [0.3, 0.5, 0.1]),
        ("0·332 0·5", [0.332, 0.5]),
        ("[0.332f, 0.1f]", [0.332, 0.1]),
        ("loss 1,234.5 and 2,345.5", [1234.5, 2345.5]),
        ("1.234,5; 0,5", [1234.5, 0.5]),
        ("10⁻³ and 0.5", [0.001, 0.5]),
        ("0.5 × 100 = 50", [0.5, 100.0, 50.0]),
        ("0.5·0.3 = 0.15", [0.5, 0.3, 0.15]),
        ("[1,234.5]", [1.0, 234.5]),
        ("1 234", [1.0, 234.0]),
        ("100,200,300", [100.0, 200.0, 300.0]),
        ("a^2_1 = 0.5", [0.5]),
        ("np.float64(0.332)", [0.332]),
        ("the 2nd is 0.5", [0.5]),
        ("1.0·x + 0.5", [1.0, 0.5]),
    ],
)
def test_numbers_are_never_read_as_others(text, values):
    assert [number.value for number in read_paste(text).numbers] == values


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5_1", "an underscore is no part of a number"),
        ("x = 5_1", "an underscore is no part of a number"),
        ("1_000.5", "an underscore is no part of a number"),
        ("1/" + "9" * 400, "beyond the range"),
        ("0.5, 1/" + "9" * 400, "beyond the range"),
        ("1/" + "9" * 5000, "characters are too many"),
        ("3 × 105", r"a power of ten needs a \^"),
        ("2·10", "may be a product"),
        ("0.5 1.5d-3", "a D is no exponent"),
        ("1/2/2024", "looks like a date"),
        ("0x1F", "only decimal digits"),
        ("12.5kg", "without letters or a unit"),
        ("1.2.3", "its points and commas"),
    ],
)
def test_what_would_be_read_in_part_is_refused_with_the_reason(text, reason):
    with pytest.raises(PasteError, match=reason):
        read_paste(text)


@pytest.mark.parametrize(
    ("text", "note"),
    [
        ("1,234", "1,234 is read as 1.234; write 1234 for thousands."),
        ("0.332f", "0.332f is read as 0.332."),
        ("0.332", ""),
        ("0,332", ""),
        ("0.332…", ""),
    ],
)
def test_a_doubtful_number_has_a_note(text, note):
    (number,) = read_paste(text).numbers
    assert number.note == note


def test_several_numbers_that_are_asked_for_are_a_list():
    assert [number.value for number in read_paste("0,1", asked=2).numbers] == [0.0, 1.0]
    assert [number.value for number in read_paste("0,1", asked=1).numbers] == [0.1]


def test_a_fraction_is_exact_and_dots_say_that_digits_follow():
    (quarter,) = read_paste("1/4").numbers
    assert (quarter.value, quarter.fraction) == (0.25, True)
    assert read_paste("0.7425526…").numbers[0].cut
    assert read_paste("0.7425526...").numbers[0].cut


@pytest.mark.parametrize(
    "text",
    [
        "[[0.1, 0.2],\n [-0.3, 0.4]]",
        "[[0.1, 0.2], [-0.3, 0.4]]",
        "0.1 0.2\n-0.3 0.4",
        r"\begin{bmatrix} 0.1 & 0.2 \\ -0.3 & 0.4 \end{bmatrix}",
        "0.1 0.2; -0.3 0.4",
    ],
)
def test_rows_make_a_matrix(text):
    paste = read_paste(text)
    assert paste.shape == (2, 2)
    assert [number.value for number in paste.numbers] == [0.1, 0.2, -0.3, 0.4]


def test_rows_of_different_length_make_none():
    assert read_paste("0.1 0.2\n0.3").shape is None


@pytest.mark.parametrize(
    "text", ["", "   ", "nan", "h_1 and W_{21}", "1e999", "1/0", "9" * 2000, "0." + "0" * 400 + "1"]
)
def test_what_is_no_number_is_said_in_one_line(text):
    with pytest.raises(PasteError) as refusal:
        read_paste(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 120


def test_long_pastes_are_refused_at_once():
    with pytest.raises(PasteError, match="characters"):
        read_paste("0.5 " * LONGEST)
    with pytest.raises(PasteError, match="401 numbers"):
        read_paste("0.5 " * 401)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text):
    try:
        numbers = read_paste(text).numbers
    except PasteError as refusal:
        numbers, message = (), str(refusal)
        assert "\n" not in message
    else:
        assert all(number.unit > 0 and abs(number.value) < float("inf") for number in numbers)


@given(st.floats(-1e6, 1e6), st.integers(1, 8))
def test_a_printed_float_comes_back(value, decimals):
    text = f"{value:.{decimals}f}"
    (number,) = read_paste(text).numbers
    assert number.value == float(text)
    assert abs(number.value - value) <= 0.5 * number.unit * (1 + 1e-9)


@pytest.mark.parametrize("text", ["0." + "7" * 800, "0.7 0." + "7" * 330, "-0." + "7" * 990])
def test_a_number_has_any_count_of_digits(text):
    number = read_paste(text).numbers[-1]
    assert abs(number.value) == pytest.approx(7 / 9, rel=1e-15)
    assert 0.0 < number.unit <= 1e-300


def test_a_number_that_is_closer_to_0_than_can_be_compared_is_refused():
    for text in ("1e-320", "0." + "0" * 300 + "1"):
        with pytest.raises(PasteError, match="too close to 0 to be compared: closer than 1e-300"):
            read_paste(text)
    assert read_paste("0." + "0" * 320).numbers[0].value == 0.0
