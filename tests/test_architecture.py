"""The architecture, as sentences: what may import what, what each file and table must have, what Qt must not do."""

from __future__ import annotations

import ast
import subprocess
import sys
import textwrap
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from nnviz.debugger.commands import COMMANDS
from nnviz.debugger.state.session import start_session
from nnviz.engine.activations import ACTIVATIONS
from nnviz.engine.losses import LOSSES
from nnviz.engine.optimizers import OPTIMIZERS
from nnviz.lessons.catalog import load
from nnviz.lessons.faults import LessonError
from nnviz.lessons.notation import FUNCTIONS, QUANTITIES, load_notation, notation_names
from nnviz.present.core import voice
from nnviz.present.formula import step_formula as formula
from nnviz.present.formula import vector_formula as whole
from nnviz.present.listing import statements as listing_statements
from nnviz.present.rules.rule_names import function_code, function_tex, slope_code
from nnviz.present.words import captions
from nnviz.resources import resource_names
from nnviz.tracing import audit, provenance, values
from nnviz.tracing.steps import PASS_KINDS, Grain, Kind

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "nnviz"
LAYERS = [
    *("cli : api", "gui", "render", "walks", "shell", "sessions", "formats", "present", "debugger", "models"),
    *("lessons", "presets", "tracing", "tables", "process", "engine", "resources"),
]
PACKAGES = {name for layer in LAYERS for name in layer.split(" : ")}
TOP_LEVEL = {
    *("nnviz", "resources", "tests", "pyproject.toml"),
    *("README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md"),
}
MADE_BY_TOOLS = {"build", "dist", "__pycache__"}


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """Run code in a fresh interpreter, from the top of the repository."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def settings() -> dict[str, object]:
    found: dict[str, object] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    return found


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def modules() -> list[str]:
    names = (".".join(path.relative_to(ROOT).with_suffix("").parts) for path in sources())
    return [name.removesuffix(".__init__") for name in names]


def told_kinds(*grains: Grain) -> set[Kind]:
    """The kinds that the steps of these grains have, in any lesson."""
    chain_rule, standard = load_notation("koehn-chain-rule"), load_notation("standard")
    memory = ('training.optimizer="adam"', "training.clip=0.1", "training.l1=0.1")
    full = ('convention.through_time="full"',)
    traces = [
        start_session(load("from-scratch"), notation=chain_rule).trace,
        start_session(load("krzeminski-batch", memory), notation=standard).trace,
        start_session(load("from-scratch", memory)).trace,
        start_session(load("softmax", ("network.input_gradients=true",))).trace,
        start_session(load("krzeminski-rnn", ("network.layers[2].recurrent=true", *full))).trace,
    ]
    return {step.kind for trace in traces for grain in grains for step in trace.at(grain)}


# What may import what


def test_each_package_imports_only_what_is_below_it_and_none_in_a_circle() -> None:
    result = run_python(
        """
        from importlinter.cli import lint_imports
        raise SystemExit(lint_imports(no_cache=True))
        """
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_contracts_name_every_package() -> None:
    importlinter = settings()["importlinter"]
    assert isinstance(importlinter, dict)
    contracts = {contract["type"]: contract for contract in importlinter["contracts"]}
    assert contracts["layers"]["layers"] == LAYERS
    assert contracts["layers"]["exhaustive"] is True
    there = {path.stem for path in PACKAGE.iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert there - {"__init__", "__main__"} == PACKAGES
    forbidden = [contract for contract in importlinter["contracts"] if contract["type"] == "forbidden"]
    for external, allowed in (
        ("PySide6", {"gui", "render", "cli"}),
        ("pyqtgraph", {"gui", "cli"}),
        ("pydantic", {"lessons", "cli"}),
    ):
        guarded = {
            name.removeprefix("nnviz.")
            for contract in forbidden
            if external in contract["forbidden_modules"]
            for name in contract["source_modules"]
        }
        assert guarded >= PACKAGES - allowed, external


def test_nothing_below_the_painters_brings_qt_with_it() -> None:
    below = [
        name for name in modules() if not name.startswith(("nnviz.gui", "nnviz.render")) and name != "nnviz.__main__"
    ]
    assert len(below) > 40
    result = run_python(
        f"""
        import importlib, sys
        for name in {below!r}:
            importlib.import_module(name)
        print(*(name for name in ("PySide6", "pyqtgraph", "shiboken6") if name in sys.modules))
        """
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""


def test_the_engine_brings_numpy_alone() -> None:
    engine = [name for name in modules() if name.startswith(("nnviz.engine", "nnviz.tracing"))]
    result = run_python(
        f"""
        import importlib, sys
        for name in {engine!r}:
            importlib.import_module(name)
        print(*(name for name in ("pydantic", "rich", "mathra", "pygments", "nnviz.lessons") if name in sys.modules))
        """
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == ""


def test_two_files_alone_import_pyqtgraph() -> None:
    """They are imported behind the first frame."""
    importing = {path.name for path in sources() if "import pyqtgraph" in path.read_text(encoding="utf-8")}
    assert importing == {"curve_view.py", "plane_view.py"}


# How functions are called

MOST_POSITIONAL = 6
# What takes the record of a pass gets its arrays in one order.
LONG_CALLS_LEFT = {"take_record"}


def own_names() -> set[str]:
    """The functions and classes of nnviz that take a fixed number of arguments."""
    nodes = [node for path in sources() for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))]
    functions = [node for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    variadic = {node.name for node in functions if node.args.vararg is not None}
    return {node.name for node in nodes if isinstance(node, ast.ClassDef)} | {
        node.name for node in functions
    } - variadic


def long_calls(code: str, names: set[str]) -> list[tuple[int, str]]:
    """The line and name of each call of one of these with more positional arguments than a reader tells apart."""
    found = []
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.Call) and len(node.args) > MOST_POSITIONAL:
            name = node.func.attr if isinstance(node.func, ast.Attribute) else ast.unparse(node.func)
            found += [(node.lineno, name)] if name in names else []
    return found


def test_long_calls_name_their_arguments() -> None:
    """So that mypy sees two arrays that are swapped."""
    names = own_names()
    found = {
        f"{path.relative_to(ROOT)}:{line} {name}"
        for path in sources()
        for line, name in long_calls(path.read_text(encoding="utf-8"), names - LONG_CALLS_LEFT)
    }
    assert found == set()
    assert long_calls("mark(1, 2, 3, 4, 5, 6, 7)\nview.mark(1, 2, 3, 4, 5, *six, **more)", {"mark"}) == [(1, "mark")]


# What each file and folder must have


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_sentence_heads_the_file(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert docstring, "it has none"
    heading = " ".join(docstring.split("\n\n")[0].split())
    assert heading.endswith((".", "!", "?"))
    assert len(heading) <= 160
    assert ". " not in heading.replace("e.g. ", "").replace("i.e. ", ""), "one sentence, not two"


MOST_FILES = 17  # in a folder, without its __init__; a room whose files can be read off at a glance

# File names that occur twice, each with the reason.
TWICE = {
    "activations.py": "the engine's rows, and in present/rules how each of them is written",
    "losses.py": "the engine's rows, and in present/rules how each of them is written",
    "optimizers.py": "the engine's rows, and in present/rules how each of them is written",
    "conventions.py": "the engine's choices, and in present/rules how each of them is written",
}


def test_a_folder_has_few_files_and_says_what_lives_there() -> None:
    for folder in sorted({path.parent for path in sources()}):
        files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= MOST_FILES, f"{folder.relative_to(ROOT)} has {len(files)} files"
        docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
        assert len(docstring.split()) > 5, folder


def test_a_file_name_occurs_once() -> None:
    counts = Counter(path.name for path in sources() if path.name != "__init__.py")
    assert {name for name, count in counts.items() if count > 1} == set(TWICE)
    assert all(counts[name] == 2 for name in TWICE)


def test_no_two_public_classes_have_one_name() -> None:
    classes = Counter(
        node.name
        for path in sources()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_")
    )
    assert [name for name, count in classes.items() if count > 1] == []


@pytest.mark.parametrize("path", sorted((ROOT / "resources").rglob("*.toml")), ids=lambda path: path.name)
def test_a_comment_heads_a_resource(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("# ")


def test_every_entry_of_the_repository_is_on_the_design_card() -> None:
    there = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    made = {name for name in there if name in MADE_BY_TOOLS or name.endswith(".egg-info")}
    assert there - made <= TOP_LEVEL
    assert {"nnviz", "resources", "tests", "pyproject.toml", "README.md", "LICENSE"} <= there


# Commands


def test_no_two_commands_share_an_id_or_a_key() -> None:
    from nnviz.gui.kit.actions import WINDOW_COMMANDS

    commands = (*COMMANDS, *WINDOW_COMMANDS)
    ids = Counter(command.id for command in commands)
    keys = Counter(key.lower() for command in commands for key in command.keys)
    assert [name for name, count in (ids + keys).items() if count > 1 and (ids[name] > 1 or keys[name] > 1)] == []


def test_every_command_has_its_icon() -> None:
    from nnviz.gui.kit.actions import WINDOW_COMMANDS

    icons = set(resource_names("icons", ".svg"))
    used = {command.icon for command in (*COMMANDS, *WINDOW_COMMANDS) if command.icon}
    assert used - icons == set()


def test_commands_are_told_in_words() -> None:
    from nnviz.gui.kit.actions import WINDOW_COMMANDS

    for command in (*COMMANDS, *WINDOW_COMMANDS):
        assert command.id.isidentifier()
        assert command.title[0].isupper() or command.title.startswith("&")
        assert command.tip
        assert not command.tip.endswith(".")


# Tables match their enums


def test_every_kind_of_quantity_has_a_value() -> None:
    assert set(values._LOOKUPS) == set(Kind)


def test_every_step_of_one_number_has_operands_a_check_a_formula_and_a_title() -> None:
    told = told_kinds(Grain.NEURON, Grain.TERM)
    assert set(provenance._PARTS) == told
    assert set(audit._RULES) == told
    assert set(formula._RULES) == told
    assert set(captions._HEADLINES) == told


def test_every_step_has_a_sentence() -> None:
    assert set(captions._SENTENCES) | set(captions._EXPLAINED) == told_kinds(*Grain)
    assert all(sentence.endswith(".") for sentence in captions._SENTENCES.values())


def test_every_whole_layer_has_an_expression_and_a_line() -> None:
    groups = told_kinds(Grain.LAYER)
    assert set(listing_statements.STATEMENTS) == groups
    assert set(whole._RULES) == groups | set(PASS_KINDS.values())


def test_every_kind_has_a_symbol() -> None:
    assert set(voice._NAMES) | set(voice._COMPOSED) == set(Kind)
    assert set(voice._NAMES) & set(voice._COMPOSED) == set()
    assert set(voice._NAMES.values()) <= set(QUANTITIES)
    memory = {name for optimizer in OPTIMIZERS.values() for name in optimizer.memory}
    assert memory <= set(QUANTITIES)
    assert set(QUANTITIES) == set(voice._NAMES.values()) | memory | {"kronecker"}


def test_every_notation_has_a_name_for_every_activation() -> None:
    assert set(FUNCTIONS) == set(ACTIVATIONS)
    for name in notation_names():
        notation = load_notation(name)
        assert set(notation.functions_tex) == set(notation.functions_code) <= set(FUNCTIONS)
        assert set(notation.slopes_code) == set(notation.functions_code)
        tex, code, slopes = (
            [names(notation, each) for each in ACTIVATIONS] for names in (function_tex, function_code, slope_code)
        )
        assert len(set(tex)) == len(ACTIVATIONS)
        assert len({*code, *slopes}) == 2 * len(ACTIVATIONS)


@pytest.mark.parametrize(
    ("field", "table"),
    [
        ("network.layers[1].activation", ACTIVATIONS),
        ("network.loss", LOSSES),
        ("training.optimizer", OPTIMIZERS),
    ],
)
def test_a_lesson_may_use_whatever_the_engine_has(field: str, table: dict[str, object]) -> None:
    for name in table:
        load("koehn", [f'{field}="{name}"'])
    with pytest.raises(LessonError) as refused:
        load("koehn", [f'{field}="none of them"'])
    assert all(name in str(refused.value) for name in table)
    assert {name: getattr(entry, "name", None) for name, entry in table.items()} == {name: name for name in table}


# What Qt must not do


def test_painting_leaves_the_count_of_none_alone() -> None:
    """PySide6 6.12.0 on Python 3.11 loses a reference to None in every call that returns nothing, and aborts."""
    result = run_python(
        """
        import os, sys
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        from PySide6.QtCore import QLineF
        from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPen

        application = QGuiApplication([])
        image = QImage(20, 20, QImage.Format.Format_RGB32)
        painter, pen, font, line = QPainter(image), QPen(QColor("black")), QFont(), QLineF(0, 0, 9, 9)
        before = sys.getrefcount(None)
        for _ in range(10_000):
            painter.setPen(pen)
            painter.drawLine(line)
            painter.setFont(font)
        after = sys.getrefcount(None)
        painter.end()
        print(after - before)
        """
    )
    assert result.returncode == 0, result.stderr
    assert abs(int(result.stdout)) < 100
