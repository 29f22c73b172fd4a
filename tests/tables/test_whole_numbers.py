"""Whole numbers as people write them, within bounds: read, or refused with the reason."""

from __future__ import annotations

import pytest

from nnviz.tables.numerals import NumeralError
from nnviz.tables.whole_numbers import read_whole

UNDERSCORE = "an underscore is no part of a number; write the digits without it"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("1000", 1000), ("1 000", 1000), ("1\N{NO-BREAK SPACE}000", 1000), ("1'000", 1000), ("1e3", 1000)),
        *(("1.000.000", 1_000_000), ("1,000,000", 1_000_000), ("12.0", 12), ("12,0", 12), ("+5", 5), ("5.", 5)),
        *(("４２", 42), ("٤٢", 42), ("−3", -3), ("4/2", 2), ("1 234 567", 1_234_567), ("0", 0), ("007", 7)),
    ],
)
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert read_whole(text) == number
    assert read_whole(f"  {text} ", -9, 10**7) == number


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "there is no number; write one from 1 to 99"),
        ("ten", "“ten” is not a whole number; write one from 1 to 99"),
        ("0,5", "“0,5” is not a whole number; write one from 1 to 99"),
        ("0·332", "“0·332” is not a whole number; write one from 1 to 99"),
        ("1,234.5", "“1,234.5” is not a whole number; write one from 1 to 99"),
        ("1,000", "“1,000” may be 1 or 1000; write 1000 without marks"),
        ("1.000", "“1.000” may be 1000 or 1; write 1000 without marks"),
        ("5_1", f"“5_1” is not a number: {UNDERSCORE}"),
        ("1 0", "“1 0” is not a number: write one number, with its thousands, if parted, in groups of three digits"),
        ("0x10", "“0x10” is not a number: only decimal digits are read; write 31 for 0x1F"),
        ("100", "100 is not in the range 1 to 99"),
        ("−3", "-3 is not in the range 1 to 99"),
        ("1e300", "1e300 is not in the range 1 to 99"),
        ("9" * 40, f"{'9' * 20}… is not in the range 1 to 99"),
    ],
)
def test_anything_else_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(NumeralError) as refusal:
        read_whole(text, 1, 99)
    assert str(refusal.value) == reason
