"""A rule that ends a run after an epoch, such as `loss < 0.01`: an expression over a few numbers of the run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnviz.debugger.conditions.functions import ALL_FUNCTIONS, FUNCTIONS, ValueType, applied_type
from nnviz.debugger.conditions.grammar import (
    Call,
    Changes,
    ComparisonNode,
    ExpressionError,
    Name,
    Node,
    Number,
    Operation,
    parse,
)
from nnviz.engine.training import Trainer, accuracy, are_classes, loss_of
from nnviz.lessons.faults import did_you_mean
from nnviz.lessons.lesson import Lesson

NAMES = {
    "loss": "the mean loss of the epoch",
    "accuracy": "the share of the examples that are classified correctly",
    "held_out_loss": "the mean loss of the examples held out",
    "held_out_accuracy": "the share of the examples held out that are classified correctly",
    "epoch": "the number of epochs trained",
}
Measure = Callable[[Trainer, float], float]


@dataclass(frozen=True, eq=False)
class StopRule:
    """A rule as read: its text, its tree, and how each number in it is measured after an epoch."""

    text: str
    root: Node
    measures: Mapping[str, Measure]

    def is_met(self, trainer: Trainer, loss: float) -> bool:
        """Return whether the rule holds after an epoch with this mean loss."""
        values = {name: measure(trainer, loss) for name, measure in self.measures.items()}
        with np.errstate(all="ignore"):
            return bool(_value(self.root, values))


def read_stop_rule(text: str, lesson: Lesson) -> StopRule:
    """Read a rule for the run of a lesson. Raises ExpressionError, one line with the column."""
    root = parse(text)
    known = _measures(lesson)
    names: dict[str, Measure] = {}
    sort = _sort(root, known, names)
    if not sort.is_truth:
        raise ExpressionError("a rule must be true or false: add a comparison, as in loss < 0.01", 1)
    return StopRule(text.strip(), root, names)


def _measures(lesson: Lesson) -> dict[str, Measure]:
    """Return how each name is measured; a name that the lesson has no numbers for is missing."""
    dataset, held_out = lesson.dataset, lesson.held_out
    measures: dict[str, Measure] = {"loss": lambda _, loss: loss, "epoch": lambda trainer, _: float(trainer.epoch)}
    has_classes = are_classes(dataset.targets)
    if has_classes:
        measures["accuracy"] = lambda trainer, _: accuracy(trainer.network(), dataset) or 0.0
    if held_out is not None:
        measures["held_out_loss"] = lambda trainer, _: loss_of(trainer.network(), held_out)
    if held_out is not None and has_classes:
        measures["held_out_accuracy"] = lambda trainer, _: (
            accuracy(trainer.network(), held_out, trained_on=dataset) or 0.0
        )
    return measures


def _sort(node: Node, known: Mapping[str, Measure], names: dict[str, Measure]) -> ValueType:
    """Check a tree, and collect the measures of its names. Raises ExpressionError."""
    match node:
        case Number():
            return ValueType()
        case Name(word, places, time, column):
            names[word] = _measure(word, known, column)
            if places is not None or time is not None:
                raise ExpressionError(f"{word} is a single number and takes no index", column)
            return ValueType()
        case Changes(_, column):
            raise ExpressionError("'changes' belongs to breakpoints; compare numbers here", column)
        case ComparisonNode(signs, operands, column):
            return applied_type(signs[0], [_sort(each, known, names) for each in operands], column)
        case Call(word, operands, column) if word not in FUNCTIONS:
            hint = did_you_mean(word, tuple(FUNCTIONS)) or f"; known are {', '.join(FUNCTIONS)}"
            raise ExpressionError(f"unknown function {word!r}{hint}", column)
        case Call(word, operands, column) | Operation(word, operands, column):
            return applied_type(word, [_sort(each, known, names) for each in operands], column)


def _measure(word: str, known: Mapping[str, Measure], column: int) -> Measure:
    if word in known:
        return known[word]
    if word in NAMES:
        is_held_out = word.startswith("held_out") and "held_out_loss" not in known
        why = "no examples are held out" if is_held_out else "the targets are not classes"
        raise ExpressionError(f"{word} is not known: {why}", column)
    hint = did_you_mean(word, tuple(known)) or f"; known are {', '.join(known)}"
    raise ExpressionError(f"unknown name {word!r}{hint}", column)


def _value(node: Node, values: Mapping[str, float]) -> Any:
    match node:
        case Number(value):
            return value
        case Name(word):
            return values[word]
        case ComparisonNode(signs, operands):
            read = [_value(each, values) for each in operands]
            pairs = zip(signs, read, read[1:], strict=False)
            return all(ALL_FUNCTIONS[sign].apply(one, other) for sign, one, other in pairs)
        case Call(word, operands) | Operation(word, operands):
            return ALL_FUNCTIONS[word].apply(*(_value(each, values) for each in operands))
        case Changes():
            raise AssertionError("refused when it was read")
