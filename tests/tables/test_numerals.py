"""Numbers as people write them: read with their digits, or refused in one line, and never as another number."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.tables.numerals import LONGEST, NumeralError, decimal_signs, is_plain, read_numeral

NARROW = "\N{NARROW NO-BREAK SPACE}"
THIN = "\N{THIN SPACE}"


@pytest.mark.parametrize(
    ("text", "value", "unit", "decimals"),
    [
        ("0.5", 0.5, 0.1, 1),
        (".5", 0.5, 0.1, 1),
        ("5.", 5.0, 1.0, 0),
        ("007", 7.0, 1.0, 0),
        ("2.50", 2.5, 0.01, 2),
        ("1e-3", 0.001, 0.001, 0),
        ("1.5E+03", 1500.0, 100.0, 1),
        ("2×10^-3", 0.002, 0.001, 0),
        ("2·10^-3", 0.002, 0.001, 0),
        ("3.6 × 10⁻²", 0.036, 0.001, 1),
        (r"3.6 \times 10^{-2}", 0.036, 0.001, 1),
        ("1.5x10**(3)", 1500.0, 100.0, 1),
        ("1,5·10⁻³", 0.0015, 0.0001, 1),
        ("10⁻³", 0.001, 0.001, 0),
        ("10^2", 100.0, 100.0, 0),
        ("−0.036", -0.036, 0.001, 3),
        ("–0.5", -0.5, 0.1, 1),
        ("‑0.5", -0.5, 0.1, 1),
        ("‐0.5", -0.5, 0.1, 1),
        ("‒0.5", -0.5, 0.1, 1),
        ("－0.5", -0.5, 0.1, 1),
        ("- 5", -5.0, 1.0, 0),
        ("+5", 5.0, 1.0, 0),
        ("-0", -0.0, 1.0, 0),
        ("0,332", 0.332, 0.001, 3),
        (",5", 0.5, 0.1, 1),
        ("1234,5", 1234.5, 0.1, 1),
        ("1,2345", 1.2345, 0.0001, 4),
        ("00,332", 0.332, 0.001, 3),
        ("1,234.5", 1234.5, 0.1, 1),
        ("1.234,5", 1234.5, 0.1, 1),
        ("1,234,567", 1234567.0, 1.0, 0),
        ("1.234.567", 1234567.0, 1.0, 0),
        ("12,345,678.25", 12345678.25, 0.01, 2),
        ("1'234.5", 1234.5, 0.1, 1),
        ("1’234,5", 1234.5, 0.1, 1),
        (f"1{THIN}234,5", 1234.5, 0.1, 1),
        (f"1{NARROW}234.5", 1234.5, 0.1, 1),
        ("1\N{NO-BREAK SPACE}234", 1234.0, 1.0, 0),
        (f"3.141{THIN}592{THIN}65", 3.14159265, 1e-8, 8),
        ("0·332", 0.332, 0.001, 3),
        ("0⋅332", 0.332, 0.001, 3),
        ("1,234·5", 1234.5, 0.1, 1),
        ("５．１", 5.1, 0.1, 1),
        ("٣٫٥", 3.5, 0.1, 1),
        ("१२.५", 12.5, 0.1, 1),
        ("25%", 0.25, 0.01, 0),
        ("25 %", 0.25, 0.01, 0),
        ("74.26％", 0.7426, 0.0001, 2),
        (r"74.26\%", 0.7426, 0.0001, 2),
        ("5‰", 0.005, 0.001, 0),
        (" 0.5\n", 0.5, 0.1, 1),
        ("\N{ZERO WIDTH SPACE}0.5\N{LEFT-TO-RIGHT MARK}", 0.5, 0.1, 1),
        ("1.7976931348623157e308", 1.7976931348623157e308, 1e292, 16),
        ("5e-324", 5e-324, 5e-324, 0),
    ],
)
def test_a_number_is_read_with_its_digits(text: str, value: float, unit: float, decimals: int):
    numeral = read_numeral(text)
    assert (numeral.value, numeral.decimals, numeral.note) == (value, decimals, "")
    assert math.copysign(1, numeral.value) == math.copysign(1, value)
    assert numeral.unit == pytest.approx(unit)
    assert float(numeral.exact) == value
    assert not numeral.is_fraction


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        ("1/4", Fraction(1, 4)),
        ("-1/3", Fraction(-1, 3)),
        ("3 / 8", Fraction(3, 8)),
        ("1⁄4", Fraction(1, 4)),
        ("0.5/3", Fraction(1, 6)),
        ("½", Fraction(1, 2)),
        ("−¾", Fraction(-3, 4)),
        ("1½", Fraction(3, 2)),
        ("9" * 400 + "/" + "3" * 400, Fraction(3)),
    ],
)
def test_a_fraction_is_given_exactly(text: str, exact: Fraction):
    numeral = read_numeral(text)
    assert (numeral.exact, numeral.value, numeral.is_fraction) == (exact, float(exact), True)
    assert 0 < numeral.unit < 1e-8 * max(1.0, abs(numeral.value))


@pytest.mark.parametrize(
    ("text", "value", "note"),
    [
        ("1,234", 1.234, "1,234 is read as 1.234; write 1234 for thousands"),
        ("-12,345", -12.345, "-12,345 is read as -12.345; write -12345 for thousands"),
        ("1 234,5", 1234.5, "1 234,5 is read as 1234.5"),
        ("3·14", 3.14, "3·14 is read as 3.14"),
        ("0.332f", 0.332, "0.332f is read as 0.332"),
        ("1e5F", 1e5, "1e5F is read as 1e5"),
        ("2×10−3", 0.002, "2×10−3 is read as 2e-3"),
        ("1,234e3", 1234.0, "1,234e3 is read as 1.234e3; write 1234e3 for thousands"),
        ("0.333…", 0.333, "0.333… is read as 0.333"),
        ("0.333...", 0.333, "0.333... is read as 0.333"),
    ],
)
def test_what_could_be_meant_otherwise_is_read_with_a_note(text: str, value: float, note: str):
    numeral = read_numeral(text)
    assert (numeral.value, numeral.note) == (value, note)
    assert numeral.is_cut == ("…" in text or "..." in text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no number; write one"),
        ("   ", "there is no number"),
        ("5_1", "an underscore is no part of a number"),
        ("1_000", "an underscore is no part of a number"),
        ("inf", "not a finite number"),
        ("-Infinity", "not a finite number"),
        ("∞", "not a finite number"),
        ("NaN", "not a finite number"),
        ("1.#INF", "not a finite number"),
        ("1e999", "beyond the range"),
        ("1e-999", "beyond the range"),
        ("1e99999999999999999999", "beyond the range"),
        ("0e500", "beyond the range"),
        ("9" * 400, "beyond the range"),
        ("1/" + "9" * 400, "beyond the range"),
        ("9" * 400 + "/7", "beyond the range"),
        ("1/0", "divides by zero"),
        ("1/0.0", "divides by zero"),
        ("1/4/2020", "looks like a date"),
        ("12:30", "a time or a ratio"),
        ("0x1F", "only decimal digits"),
        ("1D3", "a D is no exponent"),
        ("5j", "an imaginary number"),
        ("$3.50", "without a currency sign"),
        ("3,50 €", "without a currency sign"),
        ("5 cm", "without letters or a unit"),
        ("12F", "without letters or a unit"),
        ("(1.5)", "without brackets"),
        ("[0.5]", "without brackets"),
        ("<0.01", "without a sign before it"),
        ("≈3", "without a sign before it"),
        ("--5", "two signs"),
        ("5-", "the minus sign before the number"),
        ("5-7", "a sum or a range"),
        ("1e", "the exponent is a whole number"),
        ("1e5.5", "the exponent is a whole number"),
        ("1 e5", "without spaces"),
        ("2*10-3", r"a power of ten needs a \^"),
        ("3×105", r"a power of ten needs a \^"),
        ("2·10", "may be a product"),
        ("2*3", "only a power of ten"),
        ("2^3", "only a power of ten"),
        ("1,2,3", "its points and commas"),
        ("1.2.3", "its points and commas"),
        ("12,34,567", "its points and commas"),
        ("1234.567,8", "its points and commas"),
        ("1.234.5", "its points and commas"),
        ("0,123,456", "its points and commas"),
        ("1''234", "its points and commas"),
        ("5,", "a comma at the end"),
        ("1'23", "groups of three digits"),
        ("1 23", "groups of three digits"),
        ("0.5 0.7", "groups of three digits"),
        ("1;2", "groups of three digits"),
        ("25%%", "percent is a number and one %"),
        ("abc", "write it in digits"),
        ("h_1", "underscore"),
        ("²", "write it in digits"),
        ("1²", "without letters|write it in digits"),
        ("e5", "write it in digits"),
        (".", "write it in digits"),
        ("-", "write it in digits"),
        ("5\n6", "groups of three digits"),
        ("0.5\x00", "write it in digits"),
        ("\ud800", "write it in digits"),
        ("1" * (LONGEST + 1), "characters are too many"),
    ],
)
def test_what_is_no_number_is_refused_with_the_reason(text: str, reason: str):
    with pytest.raises(NumeralError, match=reason) as refusal:
        read_numeral(text)
    message = str(refusal.value)
    assert message.isprintable()
    assert len(message) < 160
    message.encode()


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1,234", ".", 1234.0),
        ("1,234", ",", 1.234),
        ("1.234", ",", 1234.0),
        ("1.234", ".", 1.234),
        ("1234", ",", 1234.0),
        ("0·5", ",", 0.5),
        ("1/4", ",", 0.25),
        ("0,5/2", ",", 0.25),
    ],
)
def test_a_known_decimal_sign_decides(text: str, decimal: str, value: float):
    numeral = read_numeral(text, decimal)
    assert (numeral.value, numeral.note) == (value, "")


@pytest.mark.parametrize(("text", "decimal"), [("0,5", "."), ("0.5", ","), ("1.234,5", "."), ("0.5/2", ",")])
def test_another_decimal_sign_than_the_known_one_is_refused(text: str, decimal: str):
    with pytest.raises(NumeralError):
        read_numeral(text, decimal)


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("1,234", ".,"),
        ("1.234", ".,"),
        ("0,234", ","),
        ("1,23", ","),
        ("1.2", "."),
        ("1,234.5", "."),
        ("1,234,567", "."),
        ("1.234.567", ","),
        ("1234", ""),
        ("1/4", ""),
        ("abc", ""),
    ],
)
def test_a_number_says_its_decimal_sign(text: str, signs: str):
    assert decimal_signs(text) == frozenset(signs)


# Every float in every style


def grouped(digits: str, mark: str) -> str:
    first = len(digits) % 3 or 3
    return mark.join([digits[:first], *(digits[place : place + 3] for place in range(first, len(digits), 3))])


SIGNS = ("-", "−", "–", "‑", "－")
POINTS = (".", ",", "·")
THOUSANDS = {".": ("", ",", "'", THIN, NARROW, " "), ",": ("", ".", "’", THIN, " "), "·": ("", ",", THIN)}
EXPONENTS = ("e{}", "E{}", "×10^{}", " × 10^{{{}}}", r"\times 10^{{{}}}", "·10^({})", "*10**{}")
SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
WIDE = str.maketrans("0123456789.,-", "０１２３４５６７８９．，－")


@st.composite
def written(draw: st.DrawFn) -> tuple[str, float]:
    """A float in some style, and the float itself."""
    value = draw(st.floats(allow_nan=False, allow_infinity=False))
    point = draw(st.sampled_from(POINTS))
    sign = draw(st.sampled_from(SIGNS)) if math.copysign(1, value) < 0 else draw(st.sampled_from(("", "+")))
    mantissa, exponent = repr(abs(value)).lower().partition("e")[::2]
    is_percent = draw(st.booleans())
    if not exponent and draw(st.booleans()):
        mantissa = format(Decimal(mantissa) * 100 if is_percent else Decimal(mantissa), "f")
    else:
        shifted = Decimal(f"{mantissa}e{exponent or 0}").scaleb(2 if is_percent else 0)
        digits = shifted.as_tuple()
        mantissa = "".join(map(str, digits.digits))
        exponent = str(digits.exponent)
    whole, _, decimals = mantissa.partition(".")
    mark = draw(st.sampled_from(THOUSANDS[point])) if whole.strip("0") else ""
    text = grouped(whole, mark) if mark else whole
    # A lone group of three behind a comma is a decimal part: it is not written as thousands.
    if mark in (",", ".") and text.count(mark) == 1 and not decimals:
        text = whole
    if point == "·" and decimals == "10":
        point = "."
        text = whole
    text += f"{point}{decimals}" if decimals else ""
    if exponent:
        style = draw(st.sampled_from(EXPONENTS))
        text += style.format(exponent)
    text = sign + text + (draw(st.sampled_from(("%", " %"))) if is_percent else "")
    if draw(st.booleans()):
        text = text.translate(WIDE)
    return draw(st.sampled_from(("{}", " {}", "{}\n", "\t{} "))).format(text), value


@given(written())
def test_every_float_comes_back_from_every_style(case: tuple[str, float]):
    text, value = case
    numeral = read_numeral(text)
    assert numeral.value == value
    assert math.copysign(1, numeral.value) == math.copysign(1, value)
    assert numeral.unit > 0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_its_own_fraction(value: float):
    numerator, denominator = value.as_integer_ratio()
    text = f"{numerator}/{denominator}"
    assert read_numeral(text).value == value


@given(st.floats(allow_nan=False, allow_infinity=False), st.sampled_from((".", ",")))
def test_superscripts_and_a_known_sign(value: float, decimal: str):
    digits = Decimal(value).as_tuple() if value == int(value) and abs(value) < 1e15 else Decimal(repr(value)).as_tuple()
    power = str(digits.exponent).translate(SUPERSCRIPTS)
    text = "-" * digits.sign + "".join(map(str, digits.digits)) + f"×10{power}"
    assert read_numeral(text, decimal).value == value


# Any text


ALPHABET = "0123456789.,'’·-+−eEfF×x*^/%_ \N{THIN SPACE}\N{NO-BREAK SPACE}()½²…"


@given(st.one_of(st.text(max_size=60), st.text(ALPHABET, max_size=14)), st.sampled_from(("", ".", ",")))
def test_any_text_is_read_whole_or_refused(text: str, decimal: str):
    try:
        numeral = read_numeral(text, decimal)
    except NumeralError as refusal:
        message = str(refusal)
        assert message.isprintable()
        return
    assert math.isfinite(numeral.value)
    assert numeral.unit > 0
    assert float(numeral.exact) == numeral.value
    assert numeral.note.isprintable() or not numeral.note
    assert numeral.text == text.strip()
    # No digit is dropped: the digits of the value's own decimal writing are those of the text.
    if not numeral.is_fraction and not set(text) & set("eE×x*^%·²½"):
        digits = "".join(c for c in text if c.isascii() and c.isdigit())
        if text.isascii():
            assert numeral.exact == Fraction(int(digits), 10**numeral.decimals) * (-1 if "-" in text else 1)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_python_writes_needs_no_reading(value: float):
    text = repr(value)
    assert is_plain(text)
    assert read_numeral(text).value == float(text) == value
