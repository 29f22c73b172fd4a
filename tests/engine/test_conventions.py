"""The conventions: what may be chosen, and which choices keep the gradients exact."""

from __future__ import annotations

from dataclasses import fields

import pytest

from nnviz.engine.conventions import CHOICES, Convention, is_frozen, is_frozen_name


def test_every_choice_has_a_field_whose_default_comes_first():
    assert [field.name for field in fields(Convention)] == [*CHOICES, "frozen"]
    assert all(getattr(Convention(), name) == values[0] for name, values in CHOICES.items())


@pytest.mark.parametrize("name", CHOICES)
def test_other_values_are_refused(name: str):
    for value in CHOICES[name]:
        assert getattr(Convention(**{name: value}), name) == value  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=f"{name}: 'sideways' is not one of"):
        Convention(**{name: "sideways"})  # type: ignore[arg-type]


def test_which_choices_keep_the_gradients_exact():
    inexact = {
        (name, value)
        for name, values in CHOICES.items()
        for value in values
        if not Convention(**{name: value}).is_exact  # type: ignore[arg-type]
    }
    assert inexact == {
        ("slope", "product_of_z"),
        ("slope", "derivative_of_a"),
        ("slope", "left_out"),
        ("update", "sequential"),
        ("through_time", "one_step"),
    }
    assert Convention(frozen=("weights",)).is_exact


@pytest.mark.parametrize("name", ["W1", "b2", "weights", "biases"])
def test_names_that_can_be_frozen(name: str):
    assert is_frozen_name(name, layers=2)


@pytest.mark.parametrize("name", ["W3", "W0", "b", "w1", "W1 ", "bias", "", "W01"])
def test_names_that_cannot(name: str):
    assert not is_frozen_name(name, layers=2)


@pytest.mark.parametrize(
    ("frozen", "still"),
    [("W1", {("W", 0)}), ("b2", {("b", 1)}), ("weights", {("W", 0), ("W", 1)}), ("biases", {("b", 0), ("b", 1)})],
)
def test_what_a_name_freezes(frozen: str, still: set[tuple[str, int]]):
    convention = Convention(frozen=(frozen,))
    assert {(letter, layer) for letter in "Wb" for layer in (0, 1) if is_frozen(convention, letter, layer)} == still
