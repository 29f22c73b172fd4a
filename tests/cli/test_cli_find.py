"""`nnviz find`: sentences or JSON, an exit status that says whether it was found, and one line for what is wrong."""

from __future__ import annotations

import json
import time

import pytest

from nnviz.cli import main
from nnviz.debugger.finder import search


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    status = main(["find", *words])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_it_says_what_a_number_is(capsys):
    status, out, err = run(capsys, "koehn", "0.7425526")
    assert (status, err) == (0, "")
    assert out.startswith("0.7425526 is the activation y to 7 decimals.\n    y = 0.742552600098")


def test_several_numbers_are_one_paste(capsys):
    for words in (("[0.03597961,", "0.00586666]"), ("[0.03597961, 0.00586666]",)):
        status, out, _ = run(capsys, "koehn", *words)
        assert status == 0
        assert out.startswith("Together they form the matrix ΔW₂, in order.\n")


def test_a_negative_number_needs_no_dashes(capsys):
    for words in (
        ("-0.2574",),
        ("−0.2574",),
        ("--", "-0.2574"),
        ("-0,2574",),
        ("-2.574e-1",),
        ("-25.74%",),
        ("-0·2574",),
    ):
        status, out, _ = run(capsys, "koehn", *words)
        assert status == 0
        assert "with the opposite sign" in out


def test_what_is_not_found_has_status_1_and_the_nearest_miss(capsys):
    status, out, err = run(capsys, "koehn", "0.7462")
    assert (status, err) == (1, "")
    assert out.splitlines()[:2] == [
        "0.7462 is not a value of this pass.",
        "Two digits are swapped: the activation y is 0.7426.",
    ]


def test_example_update_and_notation_choose_the_pass(capsys):
    _, out, _ = run(capsys, "koehn", "0.2689414", "--example", "2")
    assert out.startswith("0.2689414 is the activation h₂ to 7 decimals.\n")
    _, out, _ = run(capsys, "koehn", "0.7425526", "--update", "1", "--example", "1")
    assert "one update earlier" in out
    _, out, _ = run(capsys, "koehn", "0.7425526", "--notation", "standard")
    assert "the activation a" in out


def test_json_holds_the_same(capsys):
    status, out, _ = run(capsys, "koehn", "-0.2574", "0.7426", "--format", "json")
    document = json.loads(out)
    assert status == 0
    assert document["format"] == 1
    assert document["together"]["changes"] == {"sign": ""}
    found = document["numbers"][0]["found"][0]
    assert (found["quantity"], found["layer"], found["unit"], found["example"]) == ("dE_da", 2, 1, 1)
    assert found["value"] == pytest.approx(-0.2574474)


@pytest.mark.parametrize(
    "words",
    [("koehn", "abc"), ("koehn", ""), ("koehn", "1e999"), ("koehn", "0.5", "--example", "9"), ("nosuch", "0.5")],
)
def test_what_is_asked_wrongly_is_one_line(capsys, words):
    status, out, err = run(capsys, *words)
    assert (status, out) == (2, "")
    assert len(err.strip().splitlines()) == 1


def test_numbers_as_pages_write_them(capsys):
    for word in ("0·7426", "0.7426f", "0,7426", "７４.２６%", "7.426×10^-1"):
        status, out, err = run(capsys, "koehn", word)
        assert (status, err) == (0, "")
        assert "is the activation y to" in out


def test_a_doubtful_number_is_said_in_one_line(capsys):
    _, out, _ = run(capsys, "koehn", "1,234")
    assert out.startswith("1,234 is read as 1.234; write 1234 for thousands. ")
    _, out, _ = run(capsys, "koehn", "1,234", "--format", "json")
    assert json.loads(out)["numbers"][0]["value"] == 1.234


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("5_1", "“5_1” is not a number: an underscore is no part of a number; write the digits without it"),
        ("1/" + "9" * 400, "is beyond the range of floating-point numbers, 5e-324 to 1.8e308"),
        ("9" * 400, "is beyond the range of floating-point numbers, 5e-324 to 1.8e308"),
        ("1/" + "9" * 5000, "5002 characters are too many for a number; at most 1000 are read"),
        ("1/0", "divides by zero"),
    ],
)
def test_what_cannot_be_read_is_one_line_with_the_reason(capsys, word, reason):
    status, out, err = run(capsys, "koehn", word)
    assert (status, out) == (2, "")
    assert err.startswith("nnviz: ")
    assert err.rstrip().endswith(reason)
    assert err.count("\n") == 1


def test_ctrl_c_gives_what_has_been_found_so_far(capsys, monkeypatch):
    whole = search.search

    def interrupted(session, paste):
        for count, finding in enumerate(whole(session, paste)):
            if count == 3:
                raise KeyboardInterrupt
            yield finding

    monkeypatch.setattr(search, "search", interrupted)
    status, out, err = run(capsys, "koehn", "0.7425526")
    assert status == 130
    assert out.startswith("0.7425526 is the activation y to 7 decimals.")
    assert err == "nnviz: interrupted: not all passes have been searched\n"


def test_many_numbers_are_found_in_one_go(capsys):
    begun = time.process_time()
    numbers = [f"{number / 397:.2f}" for number in range(400)]
    status, out, _ = run(capsys, "koehn", "--format", "json", *numbers)
    assert status in (0, 1)
    assert [entry["number"] for entry in json.loads(out)["numbers"]] == numbers
    assert time.process_time() - begun < 10, "it took 47 s"


@pytest.mark.parametrize(
    ("number", "line"),
    [
        ("7.426e-1", "7.426×10⁻¹ is the activation y to 4 digits."),
        ("742.6‰", "742.6‰ is the activation y to 1 decimal of per mille."),
        (f"0.{'7' * 40}", "The nearest value is the activation y: 0.7425526000982021, off by 0.035."),
    ],
)
def test_the_digits_of_a_number_are_counted_as_it_is_written(capsys, number, line):
    _, out, _ = run(capsys, "koehn", number)
    assert line in out.splitlines()
