"""Every table that is keyed by a rule has a row for each, and nothing else decides by a rule's name."""

from __future__ import annotations

import ast
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from rules.guards import audit_has_rows, rows_are_complete
from rules.worlds import activation_world, open_world, optimizer_world, world, worlds

import nnviz
from nnviz.debugger.choices import choose, loss_obstacle
from nnviz.debugger.finder.cases import COSTS, _toggles, setup_of
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.conventions import CHOICES
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS, Rates
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.notation import FUNCTIONS, QUANTITIES
from nnviz.lessons.schema import LAYER_CONSTANTS, TRAINING_CONSTANTS, LayerTable, TrainingTable
from nnviz.present.finding.finder_phrases import COMPOSED, PLAIN
from nnviz.present.runs.run_names import OPTIMIZER_TITLES
from nnviz.present.words.convention_choices import convention_controls
from nnviz.present.words.lesson_notes import convention_summary

NAMES = {*ACTIVATIONS, *LOSSES, *OPTIMIZERS}
# Files whose rows they are.
TABLES = {"engine/activations.py", "engine/losses.py", "engine/optimizers.py", "tracing/audit.py"}
TABLES |= {f"present/rules/{name}.py" for name in ("activations", "losses", "optimizers")}
TABLES |= {
    "tables/synonyms.py"
}  # other libraries' names of rules; a name without an entry is suggested by its spelling
# What also means something else: a constant that every session file has, the axis of a plot, a step of a pass, the
# name of what a network gives.
WORDS = {"momentum", "linear", "step", "output"}
# Defaults, and a notation's own name for a slope, of which others are made.
DEFAULTS = {"lessons/schema.py", "engine/training.py", "engine/optimizers.py", "present/rules/rule_names.py"}
# A table of what other programs call the rules.
# Those of `models` translate the classes of other programs.
DEFAULTS |= {"lessons/making/defaults.py", "formats/script/torch_rules.py", "presets/preset_table.py"}
DEFAULTS |= {"formats/formulas/tex_tree.py"}  # TeX's own functions
COMMAND = "step"
PLACE = "output"  # a layer, in the finder


def test_the_presentation_has_every_row() -> None:
    rows_are_complete()


def test_the_audit_has_every_row() -> None:
    audit_has_rows()


def test_every_table_of_the_words_has_every_name() -> None:
    assert set(OPTIMIZER_TITLES) == set(OPTIMIZERS)
    assert len(set(OPTIMIZER_TITLES.values())) == len(OPTIMIZERS)
    assert set(FUNCTIONS) == set(ACTIVATIONS)
    assert {name for row in OPTIMIZERS.values() for name in row.memory} <= set(QUANTITIES)
    assert {value for name, value in PLAIN if name == "loss"} == set(LOSSES)
    controls = {control.id: control for control in convention_controls(open_world(activation_world("sigmoid")))}
    assert [choice.value for choice in controls["loss"].choices] == list(LOSSES)
    for field, values in CHOICES.items():
        assert [choice.value for choice in controls[field].choices] == list(values)
        assert all(choice.tip.endswith(".") for choice in controls[field].choices)
        told = {value for name, value in PLAIN if name == {"update": "update_order"}.get(field, field)}
        assert told == (set(values) if field in COSTS or field == "update" else set()), field


@pytest.mark.parametrize("name", worlds())
def test_the_finder_has_words_for_every_change_that_it_makes(name: str) -> None:
    for change, _ in _toggles(setup_of(world(name))):
        assert (change.name, change.value) in PLAIN or change.name in COMPOSED, change


@pytest.mark.parametrize("name", LOSSES)
def test_every_loss_can_be_chosen_or_says_why_not(name: str) -> None:
    for output in ACTIVATIONS:
        session = open_world(activation_world(output))
        obstacle = loss_obstacle(session.lesson, name)
        allowed = not LOSSES[name].outputs or output in LOSSES[name].outputs
        assert (obstacle == "") == allowed
        if allowed:
            assert choose(session, "loss", name).record.architecture.loss == name
        else:
            assert obstacle.endswith(".")
    lesson = open_world(activation_world("sigmoid")).lesson
    network = replace(lesson.network, architecture=replace(lesson.network.architecture, loss=name))
    assert all(line.endswith(".") for line in convention_summary(replace(lesson, network=network)))


def comparisons(path: Path) -> list[str]:
    """Every comparison with a rule's name, and every look-up of one that falls back on something else."""
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Compare):
            texts = [each for each in ast.walk(node) if isinstance(each, ast.Constant)]
        elif isinstance(node, ast.match_case):
            texts = [each for each in ast.walk(node.pattern) if isinstance(each, ast.Constant)]
        else:
            continue
        names = NAMES - {COMMAND, PLACE}
        found += [f"{path.name}:{each.lineno}: {each.value}" for each in texts if each.value in names]
    return found


def literals(path: Path) -> list[str]:
    """Every text that is a rule's name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    texts = (each for each in ast.walk(tree) if isinstance(each, ast.Constant) and isinstance(each.value, str))
    return [f"{path.name}:{each.lineno}: {each.value}" for each in texts if each.value in NAMES]


def test_nothing_decides_by_the_name_of_a_rule() -> None:
    root = Path(nnviz.__file__).parent
    for path in sorted(root.rglob("*.py")):
        assert comparisons(path) == [], path
        if path.relative_to(root).as_posix() not in TABLES | DEFAULTS and path.parent != root / "models":
            named = [each for each in literals(path) if each.split(": ")[-1] not in WORDS]
            assert named == [], path


# What a row declares of its constants is what lesson files take.


def test_every_declared_constant_is_a_key_of_the_lesson_file() -> None:
    assert set(LAYER_CONSTANTS) <= set(LayerTable.model_fields)
    assert set(TRAINING_CONSTANTS) <= set(TrainingTable.model_fields)
    assert set(TRAINING_CONSTANTS) <= {field.name for field in fields(Rates)}
    for row in (*ACTIVATIONS.values(), *OPTIMIZERS.values()):
        for constant in row.constants:
            assert constant.description.endswith(".")
            assert constant.allows(constant.default)
            assert constant.name in {**LAYER_CONSTANTS, **TRAINING_CONSTANTS}
    # Two rules that take a constant of one name mean the same, though their defaults may differ.
    for rows, named in ((ACTIVATIONS, LAYER_CONSTANTS), (OPTIMIZERS, TRAINING_CONSTANTS)):
        assert all(named[each.name].allowed == each.allowed for row in rows.values() for each in row.constants)


@pytest.mark.parametrize("name", [name for name, row in ACTIVATIONS.items() if row.constants])
def test_a_constant_of_a_layer_changes_that_layer(name: str) -> None:
    plain = open_world(activation_world(name), update=0)
    for constant in ACTIVATIONS[name].constants:
        other = 0.5 * constant.default
        settings = (*activation_world(name), f"network.layers[2].{constant.name}={other}")
        changed = open_world(settings, update=0)
        assert changed.record.architecture.constants(1) == (other,)
        assert changed.record.architecture.constants(0) == plain.record.architecture.constants(0)
        assert np.array_equal(changed.record.a[0], plain.record.a[0])
        assert not np.array_equal(changed.record.a[1], plain.record.a[1])
        with pytest.raises(LessonError, match=f"is not {constant.allowed}"):
            load("from-scratch", (*activation_world(name), f"network.layers[2].{constant.name}={constant.low - 1}"))
        with pytest.raises(LessonError, match="only used with activation = "):
            load("from-scratch", (*activation_world("linear"), f"network.layers[2].{constant.name}={other}"))


@pytest.mark.parametrize("name", [name for name, row in OPTIMIZERS.items() if row.constants])
def test_a_constant_of_an_optimizer_changes_its_update(name: str) -> None:
    plain = open_world(optimizer_world(name))
    for constant in OPTIMIZERS[name].constants:
        assert plain.training.rates.constant(constant) == constant.default
        other = 0.5 * constant.default if constant.default > 1e-3 else 0.5
        changed = open_world((*optimizer_world(name), f"training.{constant.name}={other}"))
        assert changed.training.rates.constant(constant) == other
        assert not np.array_equal(changed.record.updated.vector, plain.record.updated.vector)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_takes_what_adjusts_gradients(name: str) -> None:
    plain = open_world(optimizer_world(name))
    for key, value in (("weight_decay", 0.5), ("l1", 0.25), ("clip", 0.01)):
        changed = open_world((*optimizer_world(name), f"training.{key}={value}"))
        assert not np.array_equal(changed.record.updated.vector, plain.record.updated.vector)
        assert changed.record.rule.adjusts == (name != "adamw" or key != "weight_decay")


def test_decay_needs_a_schedule() -> None:
    for key in ("decay", "decay_every"):
        with pytest.raises(LessonError) as refused:
            load("from-scratch", (f"training.{key}=2",))
        (fault,) = refused.value.faults
        needed = "'step' or 'exponential' or 'inverse'"
        assert (fault.field, fault.message) == (
            f"training.{key}",
            f"only used with a schedule; write schedule = {needed}",
        )


def test_the_slope_of_a_lesson_is_the_one_of_layers_that_give_none() -> None:
    settings = (
        *activation_world("leaky_relu"), "training.negative_slope=0.25", "network.layers[1].negative_slope=0.125",
    )  # fmt: skip
    architecture = open_world(settings).record.architecture
    assert [architecture.constants(layer) for layer in range(3)] == [(0.125,), (0.25,), (0.25,)]


def test_the_guide_names_every_activation_optimizer_and_constant() -> None:
    text = (Path(__file__).parents[2] / "resources" / "guide" / "lesson-format.md").read_text(encoding="utf-8")
    for name in (*ACTIVATIONS, *OPTIMIZERS, *LAYER_CONSTANTS, *TRAINING_CONSTANTS):
        assert f"`{name}`" in text, name
