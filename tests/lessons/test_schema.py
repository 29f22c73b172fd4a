"""The format: defaults, number types, and every refusal in plain words."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from nnviz.engine.conventions import CHOICES, Convention
from nnviz.engine.initializers import Initializer
from nnviz.engine.training import TrainingSettings
from nnviz.lessons.schema import TABLES, Document, is_hidden, validate


def tables(**changes: Any) -> dict[str, Any]:
    """The smallest lesson, as parsed TOML, with some of its keys changed."""
    return {
        "format": 1,
        "title": "smallest",
        "network": {"inputs": 1, "layers": [{"units": 1, "W": [[1]], "b": [0]}]},
        "data": {"inputs": [[0]], "targets": [[1]]},
        **changes,
    }


def refusals(**changes: Any) -> list[tuple[tuple[str | int, ...], str]]:
    _, issues = validate(tables(**changes))
    return [(issue.path, issue.message) for issue in issues]


def test_smallest_lesson_takes_the_first_named_choices() -> None:
    document, issues = validate(tables())
    assert issues == ()
    assert document is not None
    assert (document.source, document.notation) == ("", None)
    assert (document.network.loss, document.network.layers[0].activation) == ("half_squared", "sigmoid")
    assert document.data.example == 0
    for key, choices in CHOICES.items():
        assert getattr(document.convention, key) == choices[0]


def test_defaults_are_the_engines() -> None:
    document, _ = validate(tables(network={"inputs": 1, "layers": [{"units": 1}], "init": {}}))
    assert document is not None
    settings, training = TrainingSettings(), document.training
    for name in ("optimizer", "update_after", "reduce", "epochs", "seed", "shuffle"):
        assert getattr(training, name) == getattr(settings, name)
    for name in ("learning_rate", "momentum", "alpha", "eps", "beta1", "beta2"):
        assert getattr(training, name) == getattr(settings.rates, name)
    assert document.convention.frozen == list(Convention().frozen)
    init, drawn = document.network.init, Initializer(seed=1)
    assert init is not None
    assert init.model_dump() == {name: getattr(drawn, name) for name in TABLES["network", "init"].model_fields}


def test_integers_are_welcome_as_numbers() -> None:
    document, issues = validate(tables(training={"learning_rate": 2}))
    assert (document and document.training.learning_rate, issues) == (2.0, ())


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (True, "true is not a number"),
        ("1", "'1' is not a number"),
        ([1], "an array is not a number"),
        ({}, "a table is not a number"),
        (datetime.date(2020, 1, 2), "the date or time 2020-01-02 is not a number"),
        (float("nan"), "nan is not a finite number"),
        (float("-inf"), "-inf is not a finite number"),
        pytest.param(10**400, "a whole number of many digits is not a number", id="huge"),
        (0, "0.0 is not above 0"),
        (-0.5, "-0.5 is not above 0"),
    ],
)
def test_a_number_that_is_none(value: object, message: str) -> None:
    assert refusals(training={"learning_rate": value}) == [(("training", "learning_rate"), message)]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("epochs", 1.5, "1.5 is not a whole number"),
        ("epochs", True, "true is not a whole number"),
        ("epochs", -1, "-1 is not in the range 0 to 1000000000"),
        ("epochs", 10**9 + 1, "1000000001 is not in the range 0 to 1000000000"),
        pytest.param(
            "epochs",
            int("f" * 20_000, 16),
            "a whole number of many digits is not in the range 0 to 1000000000",
            id="huge",
        ),
        ("seed", 2**32, "4294967296 is not in the range 0 to 4294967295"),
        ("shuffle", 1, "1 is not true or false"),
        ("reduce", 3, "3 is not a text in quotes"),
        ("reduce", "maen", "'maen' is not one of sum, mean; did you mean 'mean'?"),
        ("momentum", -0.5, "-0.5 is not at least 0"),
        ("alpha", -0.1, "-0.1 is not at least 0 and below 1"),
        ("beta1", 1.5, "1.5 is not at least 0 and below 1"),
        ("beta2", 1.0, "1.0 is not at least 0 and below 1"),
        ("negative_slope", 1.0, "1.0 is not at least 0 and below 1"),
        ("eps", -1e-8, "-1e-08 is not at least 0"),
        (
            "update_after",
            "bacth",
            "'bacth' is not \"example\", \"batch\" or a number of examples from 1 to 1000000; did you mean 'batch'?",
        ),
        ("update_after", 0, '0 is not "example", "batch" or a number of examples from 1 to 1000000'),
        ("update_after", True, 'true is not "example", "batch" or a number of examples from 1 to 1000000'),
        ("update_after", [], 'an array is not "example", "batch" or a number of examples from 1 to 1000000'),
    ],
)
def test_refusals_of_training(key: str, value: object, message: str) -> None:
    assert refusals(training={key: value}) == [(("training", key), message)]


@pytest.mark.parametrize("value", ["example", "batch", 1, 64])
def test_update_after(value: str | int) -> None:
    document, issues = validate(tables(training={"update_after": value}))
    assert (document and document.training.update_after, issues) == (value, ())


@pytest.mark.parametrize(
    "value",
    ["0.7425526", "-0.1", "+1", "0.", ".5", "1e-6", "-1.2E+03", "7", "−1", "1,5", "0·332", "٣", "1,234.5", "25%"],
)
def test_printed_numbers(value: str) -> None:
    document, issues = validate(tables(printed=[{"quantity": "loss", "value": value}]))
    assert (document and document.printed[0].value, issues) == (value, ())


@pytest.mark.parametrize(
    "value", ["", " 1", "1_0", "nan", "inf", "1e999", "0x1", "1/4", "0.3…", "1.2.3", "1\n", "1" * 61]
)
def test_printed_words_that_are_no_numbers(value: str) -> None:
    ((path, message),) = refusals(printed=[{"quantity": "loss", "value": value}])
    assert path == ("printed", 0, "value")
    assert "not a" in message or "no number" in message or "beyond the range" in message
    assert "write" in message or "beyond the range" in message


def test_printed_number_needs_quotes() -> None:
    printed = [{"quantity": "loss", "value": 0.25}]
    message = "0.25 must be in quotes, as printed, so that its digits are kept"
    assert refusals(printed=printed) == [(("printed", 0, "value"), message)]


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("format", 2, "2 is not a format that this version reads; write format = 1"),
        ("format", True, "true is not a format that this version reads; write format = 1"),
        ("title", " ", "empty; write a few words"),
        ("title", 3, "3 is not a text in quotes"),
        ("notation", 3, "3 is neither the name of a notation nor a table"),
        ("convention", [], "an array is not a table"),
        ("printed", {}, "a table is not an array"),
    ],
)
def test_refusals_at_the_top(key: str, value: object, message: str) -> None:
    assert refusals(**{key: value}) == [((key,), message)]


def test_ragged_matrix() -> None:
    layers = [{"units": 2, "W": [[1, 2], [3]]}]
    message = "row 2 has 1 number and row 1 has 2; every row needs one number per unit"
    assert refusals(network={"inputs": 2, "layers": layers}) == [(("network", "layers", 0, "W"), message)]


def test_no_layers() -> None:
    message = "empty; at least one is needed"
    assert refusals(network={"inputs": 2, "layers": []}) == [(("network", "layers"), message)]


def test_everything_missing_is_told_with_what_is_needed() -> None:
    _, issues = validate({})
    assert [(issue.path, issue.message.split(";")[0]) for issue in issues] == [
        ((key,), "missing") for key in ("format", "title", "network", "data")
    ]


def test_unknown_key_names_the_known_ones() -> None:
    ((path, message),) = refusals(convention={"dleta": "gradient"})
    assert path == ("convention", "dleta")
    assert message == (
        "unknown key; known keys are delta, weights, slope, step, update, through_time, frozen; did you mean 'delta'?"
    )


def test_stand_ins_let_the_rest_be_checked() -> None:
    document, issues = validate(tables(title=3, training={"epochs": "many", "learning_rate": 0.25}))
    assert [issue.path for issue in issues] == [("title",), ("training", "epochs")]
    assert document is not None
    assert (document.training.epochs, document.training.learning_rate) == (1000, 0.25)


def test_issues_that_rest_on_a_stand_in_are_hidden() -> None:
    _, refused = validate(tables(data={"inputs": [["x"]], "targets": [[1]]}))
    (issue,) = refused
    assert issue.path == ("data", "inputs", 0, 0)
    assert is_hidden(type(issue)(("data", "inputs"), ""), refused)
    assert is_hidden(type(issue)(("data", "targets"), "", (("data", "inputs"),)), refused)
    assert not is_hidden(type(issue)(("data", "targets"), ""), refused)


@pytest.mark.parametrize("value", [None, 3, "x", [], [3], [[]], {}, {"x": {"y": 1}}, [{}], True])
@pytest.mark.parametrize("key", list(Document.model_fields))
def test_any_value_at_any_key_gives_issues_or_a_document(key: str, value: object) -> None:
    document, issues = validate(tables(**{key: value}))
    assert document is not None
    assert all(issue.message for issue in issues)


@pytest.mark.parametrize(
    ("key", "value", "path", "message"),
    [
        ("summary", 1, ("summary",), "1 is not a text in quotes"),
        ("summary", " ", ("summary",), "empty; write a few words"),
        ("summary", "two\nlines", ("summary",), "must be on one line, without control characters"),
        ("summary", "a" * 201, ("summary",), "201 characters; at most 200 are allowed"),
        ("topics", "Training", ("topics",), "'Training' is not an array"),
        ("topics", [1], ("topics", 0), "1 is not a text in quotes"),
        ("topics", ["Training", ""], ("topics", 1), "empty; write a few words"),
        ("topics", ["Training"] * 2, ("topics",), "'Training' is given twice"),
        ("topics", ["a" * 31], ("topics",), "topic 1 has 31 characters; at most 30 are allowed"),
        ("topics", [f"t{i}" for i in range(13)], ("topics",), "13 topics; at most 12 are allowed"),
    ],
)
def test_a_summary_and_topics_are_bounded(key: str, value: object, path: tuple[str | int, ...], message: str) -> None:
    assert refusals(**{key: value}) == [(path, message)]


def test_summary_and_topics_may_be_left_out() -> None:
    document, issues = validate(tables())
    assert (document and (document.summary, document.topics), issues) == ((None, []), ())
    document, issues = validate(tables(summary="a" * 200, topics=["a" * 30, "Training"]))
    assert (document and document.topics, issues) == (["a" * 30, "Training"], ())
