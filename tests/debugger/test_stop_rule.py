"""Rules that end a run: what they may name, and what they are worth after an epoch."""

from __future__ import annotations

import pytest

from nnviz.debugger.conditions.grammar import ExpressionError
from nnviz.debugger.training.stop_rule import read_stop_rule
from nnviz.engine.datasets import make_dataset
from nnviz.engine.training import Trainer
from nnviz.lessons.lesson import Lesson
from nnviz.lessons.making.from_values import make_lesson

LINE = make_dataset([[0.0], [1.0]], [[0.0], [2.0]])


def lesson(held_out: bool = False) -> Lesson:
    return make_lesson((1, 1), LINE, loss="half_squared", held_out=LINE if held_out else None)


@pytest.mark.parametrize(
    ("text", "loss", "expected"),
    [
        ("loss < 0.01", 0.005, True),
        ("loss < 0.01", 0.01, False),
        ("0 < loss < 0.01 or epoch >= 3", 0.5, False),
        ("epoch == 0 and not loss > 1", 0.5, True),
        ("sqrt(loss) * 2 == 1", 0.25, True),
        ("held_out_loss < 9", 0.5, True),
        ("-loss > 0", float("nan"), False),
        ("abs(accuracy - 1) <= 1", 0.5, True),
    ],
)
def test_a_rule_is_worked_out(text: str, loss: float, expected: bool) -> None:
    own = lesson(held_out=True)
    rule = read_stop_rule(text, own)
    assert rule.is_met(Trainer(own.network, own.dataset, own.training, own.convention), loss) is expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("loss", "column 1: a rule must be true or false"),
        ("los < 1", "column 1: unknown name 'los'; did you mean 'loss'?"),
        ("loss < ", "is missing at the end"),
        ("loss[1] < 1", "column 1: loss is a single number and takes no index"),
        ("loss changes", "'changes' belongs to breakpoints"),
        ("held_out_loss < 1", "held_out_loss is not known: no examples are held out"),
        ("median(loss) < 1", "unknown function 'median'"),
        ("not loss", "not needs truth values"),
        ("loss < (loss < 1)", "< needs numbers, not truth values"),
    ],
)
def test_a_rule_that_cannot_be_used_is_refused(text: str, message: str) -> None:
    with pytest.raises(ExpressionError) as caught:
        read_stop_rule(text, lesson())
    assert message in str(caught.value)


def test_an_accuracy_needs_classes() -> None:
    curve = make_lesson((1, 1), make_dataset([[0.0], [1.0], [2.0]], [[0.0], [2.0], [5.0]]))
    with pytest.raises(ExpressionError, match="accuracy is not known: the targets are not classes"):
        read_stop_rule("accuracy > 0.9", curve)
