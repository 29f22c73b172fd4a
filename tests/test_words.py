"""Words that a user must not read again: odd English that plain terms have replaced."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import nnviz
from nnviz.resources import resource_names, resource_path

PACKAGE = Path(nnviz.__file__).parent
ROOT = Path(__file__).parents[1]
# The pattern of each word or phrase, and what to write in its place.
REPLACED = {
    r"\bails?\b|\bailing\b": "the problem: dead, saturated, vanishing …",
    r"\banew\b": "again, or new",
    r"\btells?\b|\btelling\b|\btold\b": "says, shows, returns",
    r"\bstands?\b|\bstood\b": "is, or has",
    r"\bso many\b": "the number",
    r"\bgot to\b": "reached",
    r"\bcomes? to this\b": "the result",
    r"\bcounted otherwise\b|\bcounts otherwise\b|\bcount the pass otherwise\b": "under other conventions",
    r"\bbehind (it|them|this|that|its|the)\b": "after",
    r"\bhe\b|\bhis\b|\bhim\b": "they",
    r"\bwalk on\b": "play, or continue",
    r"\barrange as at first\b": "reset panel layout",
    r"\bput this line away\b": "dismiss",
    r"\ball keys\b": "keyboard shortcuts",
    r"\bexact to its digits\b": "matches every printed digit",
    r"\bexamples an update\b": "batch size",
    r"\bupdate after\b": "batch size",
    r"\bfirst number not finite\b": "first NaN or infinity",
    r"\bgo on beside\b": "start a branch",
    r"\bwhat is made of\b|\bwhat does it feed\b": "where is it used",
    r"\btrain on from\b": "resume training",
    r"\bwhat lies beyond\b": "a later epoch",
    r"\bdid not end as it should\b": "did not shut down properly",
    r"\bhits do not stop\b": "ignore count",
    r"\bpage errs\b|\bits page is wrong\b": "known erratum",
    r"\bnot shown while a value is asked for\b": "hidden while you predict",
    r"\bcut after its digits\b": "truncated",
    r"\bone step a product\b": "one step per product",
    r"\berror reaching\b|\bsends? back\b|\bsent back\b": "gradient of the loss, back-propagated term",
    r"\bslope at\b": "derivative of the activation",
    r"\basks? of\b": "gradient, term",
    r"\bwhat was remembered\b": "the previous hidden state",
    r"\bbatch counts as\b": "batch gradient",
    r"\btaken off first\b": "subtracted first",
    r"\bsquash": "apply the activation function",
    r"\bis fed\b|\bare fed\b": "is given",
    r"\bup the slope\b|\bdown the slope\b|\bclimbs?\b": "gradient ascent, gradient descent",
    r"\bone a line\b": "one per line",
}
_REPLACED = re.compile("|".join(f"(?:{pattern})" for pattern in REPLACED), re.IGNORECASE)
# A string that may keep a listed word, with the reason.
ALLOWED: dict[str, str] = {
    "Try larger initial weights (Xavier or He), relu instead of sigmoid, or fewer layers.": "He is an initialization.",
}


def words_in(text: str) -> list[str]:
    """Return the listed words in a text."""
    return [match[0] for match in _REPLACED.finditer(text)]


def python_strings(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings of a module that may be sentences, with their lines: no docstrings, and no single words."""
    tree = ast.parse(source)
    docstrings = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            docstrings.add(node.body[0].value)  # type: ignore[attr-defined]  # it has a docstring
    for node in ast.walk(tree):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in docstrings:
            continue
        if " " in node.value.strip() or node.value.istitle():
            yield node.lineno, node.value


def table_strings(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield the texts of a TOML file, each with its key."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from table_strings(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from table_strings(item, path)


def prose(text: str) -> str:
    """Return a page of Markdown without its code."""
    return re.sub(r"`[^`]*`", "", re.sub(r"```.*?```", "", text, flags=re.DOTALL))


def faults(texts: Iterator[tuple[Any, str]]) -> list[str]:
    return [f"{where}: {word!r} in {text!r}" for where, text in texts if text not in ALLOWED for word in words_in(text)]


MODULES = sorted(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py"))
PAGES = ["README.md", *(f"resources/guide/{name}.md" for name in resource_names("guide", ".md"))]


@pytest.mark.parametrize("module", MODULES)
def test_no_string_of_a_module_has_a_replaced_word(module: str) -> None:
    assert faults(python_strings((PACKAGE / module).read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("name", resource_names("lessons", ".toml"))
def test_no_text_of_a_lesson_has_a_replaced_word(name: str) -> None:
    table = tomllib.loads(resource_path("lessons", f"{name}.toml").read_text(encoding="utf-8"))
    assert faults(table_strings(table)) == []


@pytest.mark.parametrize("name", resource_names("walks", ".toml"))
def test_no_text_of_a_walk_has_a_replaced_word(name: str) -> None:
    table = tomllib.loads(resource_path("walks", f"{name}.toml").read_text(encoding="utf-8"))
    assert faults(table_strings(table)) == []


@pytest.mark.parametrize("page", PAGES)
def test_no_page_has_a_replaced_word(page: str) -> None:
    lines = prose((ROOT / page).read_text(encoding="utf-8")).splitlines()
    assert faults((f"{page}, line {number + 1}", line) for number, line in enumerate(lines)) == []


def test_every_allowed_string_is_still_needed() -> None:
    found = {text for module in MODULES for _, text in python_strings((PACKAGE / module).read_text(encoding="utf-8"))}
    for text, reason in ALLOWED.items():
        assert text in found, text
        assert words_in(text), text
        assert reason, text


@pytest.mark.parametrize(
    ("source", "word"),
    [
        ('TIP = "The step is counted anew."', "anew"),
        ('def tip(name):\n    """Return a tip."""\n    return f"What ails {name}."', "ails"),
        ('TITLES = {"reset": "Arrange as at first"}', "Arrange as at first"),
        ('button.setText("All keys")', "All keys"),
    ],
)
def test_a_planted_word_is_found(source: str, word: str) -> None:
    (fault,) = faults(python_strings(source))
    assert repr(word) in fault


def test_docstrings_and_identifiers_are_left_to_readers_of_the_code() -> None:
    assert faults(python_strings('def told():\n    """It is told anew."""\n    return {"told": 1}')) == []
    assert faults(table_strings({"captions": {"z": "It is told."}})) == ["captions.z: 'told' in 'It is told.'"]
    assert words_in(prose("Run `nnviz tell`.\n```\nIt stands.\n```\n")) == []
