"""Suggestions: each other name leads to the right one, what nnviz has not is said, and no unlike word is suggested."""

from __future__ import annotations

from difflib import SequenceMatcher

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnviz.cli.program import COMMANDS
from nnviz.debugger.conditions.functions import FUNCTIONS
from nnviz.debugger.conditions.names import scope_of
from nnviz.debugger.state.session import start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.initializers import BIASES, SCHEMES
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError, did_you_mean, not_one_of
from nnviz.lessons.loader import parse_lesson
from nnviz.lessons.schema import TABLES
from nnviz.shell.command_table import SHELL_COMMANDS
from nnviz.tables.synonyms import _ABSENT, _NAMES_OF, _OTHER_NAMES, absent, nearest, plain, same_as

RULES = {"activations": tuple(ACTIVATIONS), "losses": tuple(LOSSES), "optimizers": tuple(OPTIMIZERS)}
KEYS = {path: tuple(model.model_fields) for path, model in TABLES.items()}
NAMES = tuple(scope_of(start_session(load("koehn"))).entries)
SHELL = tuple(command.name for command in SHELL_COMMANDS)
SETS = (*RULES.values(), tuple(SCHEMES), BIASES, *KEYS.values(), NAMES, SHELL, tuple(FUNCTIONS), tuple(COMMANDS))
TEXT = """format = 1
title = "a lesson"
{top}
[network]
inputs = 1
{network}
[[network.layers]]
units = 1
{layers}
[network.init]
[data]
inputs = [[1]]
targets = [[1]]
{data}
[training]
{training}
"""


@pytest.mark.parametrize(
    ("word", "sort", "meant"),
    [
        ("ReLU", "activations", "relu"),
        ("RELU", "activations", "relu"),
        ("LeakyReLU", "activations", "leaky_relu"),
        ("leaky-relu", "activations", "leaky_relu"),
        ("Sigmoid", "activations", "sigmoid"),
        ("logistic", "activations", "sigmoid"),
        ("expit", "activations", "sigmoid"),
        ("identity", "activations", "linear"),
        ("swish", "activations", "silu"),
        ("SiLU", "activations", "silu"),
        ("GELU", "activations", "gelu"),
        ("tahn", "activations", "tanh"),
        ("sigmiod", "activations", "sigmoid"),
        ("mse", "losses", "mean_squared"),
        ("MSELoss", "losses", "mean_squared"),
        ("bce", "losses", "binary_cross_entropy"),
        ("BCELoss", "losses", "binary_cross_entropy"),
        ("BCEWithLogitsLoss", "losses", "binary_cross_entropy"),
        ("binary_crossentropy", "losses", "binary_cross_entropy"),
        ("mae", "losses", "mean_absolute"),
        ("L1Loss", "losses", "mean_absolute"),
        ("nll", "losses", "cross_entropy"),
        ("NLLLoss", "losses", "cross_entropy"),
        ("crossentropy", "losses", "cross_entropy"),
        ("CrossEntropyLoss", "losses", "cross_entropy"),
        ("categorical_crossentropy", "losses", "cross_entropy"),
        ("Adam", "optimizers", "adam"),
        ("AdamW", "optimizers", "adamw"),
        ("rms_prop", "optimizers", "rmsprop"),
        ("RMSprop", "optimizers", "rmsprop"),
        ("SGD", "optimizers", "sgd"),
        ("NAG", "optimizers", "nesterov"),
    ],
)
def test_the_right_rule_is_named(word: str, sort: str, meant: str):
    assert not_one_of(word, RULES[sort]).endswith(f"; did you mean {meant!r}?")


@pytest.mark.parametrize(
    ("word", "sort", "missing"),
    [
        ("SELU", "activations", "SELU is not among the activations"),
        ("prelu", "activations", "PReLU is not among the activations"),
        ("hardtanh", "activations", "hard tanh is not among the activations"),
        ("softsign", "activations", "softsign is not among the activations"),
        ("nadam", "optimizers", "Nadam is not among the optimizers"),
        ("Adamax", "optimizers", "Adamax is not among the optimizers"),
    ],
)
def test_what_nnviz_has_not_is_said_and_what_it_has_is_listed(word: str, sort: str, missing: str):
    assert not_one_of(word, RULES[sort]) == f"{word!r} is not one of {', '.join(RULES[sort])}; {missing}"


def test_another_rule_is_not_suggested_for_one_that_is_left_out():
    without = tuple(name for name in ACTIVATIONS if name != "gelu")
    assert did_you_mean("gelu", without) == ""
    assert did_you_mean("elu", ("relu", "gelu")) == ""
    assert did_you_mean("examine", SHELL) == ""


@pytest.mark.parametrize(
    ("table", "line", "hint"),
    [
        ("layers", "weights = [[1]]", "did you mean 'W'?"),
        ("layers", "biases = [1]", "did you mean 'b'?"),
        ("layers", "activation_function = 'relu'", "did you mean 'activation'?"),
        ("layers", "hidden = 3", "did you mean 'units'?"),
        ("layers", "nodes = 3", "did you mean 'units'?"),
        ("layers", "learning_rate = 0.1", "learning_rate belongs to [training]"),
        ("layers", "loss = 'squared'", "loss belongs to [network]"),
        ("network", "learning_rate = 0.1", "learning_rate belongs to [training]"),
        ("network", "lr = 0.1", "did you mean 'learning_rate'? It belongs to [training]"),
        ("network", "batch_size = 1", "did you mean 'update_after'? It belongs to [training]"),
        ("network", "activation = 'relu'", "activation belongs to [[network.layers]]"),
        ("network", "weights = [[1]]", "did you mean 'W'? It belongs to [[network.layers]]"),
        ("network", "weights = 'units_first'", "weights belongs to [convention]"),
        ("network", "hidden = 3", "did you mean 'layers'?"),
        ("training", "lr = 0.1", "did you mean 'learning_rate'?"),
        ("training", "optimiser = 'adam'", "did you mean 'optimizer'?"),
        ("training", "batch_size = 1", "did you mean 'update_after'?"),
        ("training", "epsilon = 1e-8", "did you mean 'eps'?"),
        ("training", "Momentum = 0.5", "did you mean 'momentum'?"),
        ("training", "activation = 'relu'", "activation belongs to [[network.layers]]"),
        ("training", "loss = 'squared'", "loss belongs to [network]"),
        ("data", "labels = [[1]]", "did you mean 'targets'?"),
        ("data", "epochs = 3", "epochs belongs to [training]"),
        ("top", "learning_rate = 0.1", "learning_rate belongs to [training]"),
        ("top", "name = 'x'", "did you mean 'title'?"),
    ],
)
def test_the_right_key_or_table_is_named(table: str, line: str, hint: str):
    text = TEXT.format(**{"top": "", "network": "", "layers": "", "data": "", "training": "", table: line})
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, "mine.toml")
    (fault,) = caught.value.faults
    known = KEYS[{"top": (), "layers": ("network", "layers")}.get(table, (table,))]
    assert fault.message == f"unknown key; known keys are {', '.join(known)}; {hint}"


@pytest.mark.parametrize(
    ("assignment", "hint"),
    [
        ("learning_rate=0.5", "learning_rate belongs to [training]"),
        ("training.lr=0.5", "did you mean 'learning_rate'?"),
        ("training.optimizer=Adam", "did you mean 'adam'?"),
        ("network.layers[1].activation=ReLU", "did you mean 'relu'?"),
        ("network.loss=mae", "did you mean 'mean_absolute'?"),
        ("network.batch_size=2", "did you mean 'update_after'? It belongs to [training]"),
    ],
)
def test_assignments_are_answered_alike(assignment: str, hint: str):
    with pytest.raises(LessonError) as caught:
        load("koehn", [assignment])
    assert str(caught.value).endswith(hint)


@pytest.mark.parametrize(
    ("known", "word", "meant"),
    [
        (NAMES, "weights", "W"),
        (NAMES, "cost", "loss"),
        (NAMES, "Z1", "z1"),
        (tuple(FUNCTIONS), "ln", "log"),
        (SHELL, "exit", "quit"),
        (SHELL, "finish", "out"),
        (SHELL, "fit", "train"),
        (tuple(COMMANDS), "fit", "train"),
        (tuple(COMMANDS), "validate", "check"),
        (tuple(COMMANDS), "chekc", "check"),
    ],
)
def test_names_of_expressions_and_commands(known: tuple[str, ...], word: str, meant: str):
    assert nearest(word, known) == meant


WORDS = st.text(st.characters(codec="utf-8"), max_size=70) | st.from_regex(r"[A-Za-z_]{1,14}[0-9]?", fullmatch=True)


@given(WORDS | st.sampled_from(sorted(_NAMES_OF)), st.sampled_from(SETS))
def test_every_suggestion_is_an_allowed_name(word: str, known: tuple[str, ...]):
    for meant in (nearest(word, known), same_as(word, known)):
        assert meant is None or meant in known
    hint = did_you_mean(word, known)
    assert hint == "" or hint == f"; {absent(word, known)}" or hint == f"; did you mean {nearest(word, known)!r}?"


@given(WORDS, st.sampled_from(SETS))
def test_a_word_unlike_everything_gets_no_suggestion(word: str, known: tuple[str, ...]):
    alike = (*map(plain, known), *_NAMES_OF)
    if max(SequenceMatcher(None, plain(word), other).ratio() for other in alike) < 0.6 and not word[-1:].isdecimal():
        assert nearest(word, known) is None


@given(st.sampled_from(SETS), st.data())
def test_one_slip_is_forgiven(known: tuple[str, ...], data: st.DataObject):
    words = [each for each in known if len(plain(each)) > 5]
    if not words:
        return
    word = data.draw(st.sampled_from(words))
    place = data.draw(st.integers(1, len(word) - 2))
    slipped = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if slipped not in known and plain(slipped) not in _NAMES_OF:
        assert nearest(slipped, known) is not None


def test_every_name_of_the_table_is_one_of_nnviz():
    everything = {name for known in SETS for name in known} | {"mean", "sum", "example", "batch", "gradient"}
    assert set(_OTHER_NAMES) <= everything
    for table in _ABSENT:
        known = next(names for names in SETS if table.rule in names)
        for words in table.names:
            for word in words.split():
                assert word in known or did_you_mean(word, known).endswith(f"is not among the {table.sort}")
