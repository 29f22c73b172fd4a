"""Examples as people read them."""

from __future__ import annotations

from nnviz.lessons.catalog import load
from nnviz.present.core.examples import example_text, example_texts


def test_the_rows_of_xor() -> None:
    assert example_texts(load("koehn"), 10) == ("(0, 0) → 0", "(1, 0) → 1", "(0, 1) → 1", "(1, 1) → 0")


def test_no_more_than_asked_for() -> None:
    assert example_texts(load("koehn"), 2) == ("(0, 0) → 0", "(1, 0) → 1")


def test_signs_and_several_targets() -> None:
    assert example_text(load("from-scratch"), 0) == "(0.5, \N{MINUS SIGN}1) → (1, 0)"


def test_long_examples_are_cut() -> None:
    long = ("network.inputs=6", "data.inputs=[[1, 2, 3, 4, 5, 0.123456]]", "data.targets=[[1, 0]]", "printed=[]")
    assert example_text(load("from-scratch", long), 0) == "(1, 2, …) → (1, 0)"


def test_numbers_are_short() -> None:
    one = ("data.inputs=[[0.123456, 0]]", "data.targets=[[0.25, 0]]", "printed=[]")
    assert example_text(load("from-scratch", one), 0) == "(0.123, 0) → (0.25, 0)"
