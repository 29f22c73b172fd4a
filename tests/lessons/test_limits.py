"""A lesson of somebody else takes neither minutes nor gigabytes to refuse: counts and lengths have limits."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from nnviz.lessons.faults import MOST_FAULTS, Fault, LessonError, format_path, toml_text
from nnviz.lessons.loader import parse_lesson
from nnviz.resources import resource_path
from nnviz.sessions.fields import SessionError
from nnviz.sessions.session_file import session_of_text

KOEHN = resource_path("lessons", "koehn.toml").read_text(encoding="utf-8")
HEAD = 'format = 1\ntitle = "x"\n[network]\ninputs = 1\n'
LAYER = '[[network.layers]]\nunits = 1\nactivation = "sigmoid"\nW = [[1]]\nb = [0]\n'
DATA = "[data]\ninputs = [[1]]\ntargets = [[1]]\n"
SECONDS = 10.0  # a slow machine; the old ways took minutes


def faults(text: str) -> list[str]:
    begun = time.process_time()
    with pytest.raises(LessonError) as caught:
        parse_lesson(text, Path("own.toml"))
    lines = str(caught.value).splitlines()
    assert time.process_time() - begun < SECONDS
    assert len(lines) <= MOST_FAULTS + 1
    assert max(map(len, lines)) < 1000
    return lines


def dotted(parts: int, key: str = "a", join: str = ".") -> str:
    return join.join([key] * parts)


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("".join(f"k{i} = 1\n" for i in range(100_000)) + KOEHN, "own.toml: more than 10000 keys"),
        (KOEHN + '[[printed]]\nvalue = "0.5"\nquantity = "z"\n' * 30_000, "own.toml: more than 10000 keys"),
        (KOEHN + "".join(f"[t{i}]\n" for i in range(50_000)), "own.toml: more than 3000 tables"),
        (KOEHN + "".join(f"[t{i}]\n" for i in range(1500)), "own.toml: has more than 1000 keys"),
        (HEAD + LAYER * 1500 + DATA, "own.toml:5: network.layers: has 1500 entries; at most 200 are allowed"),
        (f'format = 1\ntitle = "{"x" * 9_000_000}"\n', "own.toml:2: title: longer than 10000 characters"),
        ("\n" * 2_000_000 + KOEHN, "own.toml: more than 1000000 lines"),
        (f"{KOEHN}\n{dotted(20_000)} = 1\n", "own.toml: line 112 has a key of more than 50 parts"),
        (f"{KOEHN}\n[{dotted(20_000)}]\n", "own.toml: line 112 has a key of more than 50 parts"),
        (f"{KOEHN}\n[{dotted(20_000, chr(39) + 'a' + chr(39), ' . ')}]\n", "own.toml: line 112 has a key of more than"),
        (f"{KOEHN}\nx = {{ {dotted(20_000)} = 1 }}\n", "own.toml: line 112 has a key of more than 50 parts"),
        (f"{KOEHN}\n{'k' * 1_000_000} = 1\n", 'own.toml:112: captions."kkkkk'),
        (f"{KOEHN}\nx = [{'[' * 3000}{']' * 3000}]\n", "own.toml: tables or arrays are nested too deeply"),
        (
            HEAD + LAYER + "[data]\ninputs = [" + '["a"],' * 100_000 + "]\ntargets = [[1]]\n",
            "own.toml:11: data.inputs: more than 50 entries are not numbers; the first is 'a'",
        ),
        (
            HEAD + LAYER.replace("[[1]]", f"[[{'true,' * 100}]]") + DATA,
            "own.toml:8: network.layers[1].W: more than 50 entries are not numbers; the first is true",
        ),
        (
            KOEHN.replace("\n[convention]\n", "\n[convention]\nfrozen = [" + '"W",' * 2001 + "]\n"),
            "own.toml:34: convention.frozen: has 2001 entries",
        ),
    ],
)
def test_what_is_too_much_is_refused_in_a_line(text: str, begins: str) -> None:
    (line,) = faults(text)
    assert line.startswith(begins)


def test_at_most_fifty_faults_are_told_and_how_many_more() -> None:
    lines = faults(KOEHN + '[[printed]]\nqantity = "z"\nvalue = 3\nlayr = 1\n' * 1500)
    assert len(lines) == MOST_FAULTS + 1
    assert lines[-1] == f"… and {4 * 1500 - MOST_FAULTS} more"
    error = LessonError("a.toml", [Fault(None, "b", "c")] * MOST_FAULTS)
    assert len(str(error).splitlines()) == MOST_FAULTS


def test_many_layers_and_much_data_within_the_limits_are_read() -> None:
    assert len(parse_lesson(HEAD + LAYER * 200 + DATA, Path("own.toml")).network.architecture.layers) == 200
    inputs, targets = "[1]," * 20_000, "[0.5],\n" * 20_000
    text = f"{HEAD}{LAYER}[data]\ninputs = [{inputs}]\ntargets = [{targets}]\n"
    assert len(parse_lesson(text, Path("own.toml")).dataset) == 20_000
    versions = f'{KOEHN}\n[[errata]]\ntext = "{dotted(45, "1")}"\n'
    assert parse_lesson(versions, Path("own.toml")).errata[-1].text.startswith("1.1")


def test_a_session_with_very_many_unknown_parts_is_refused_at_once() -> None:
    begun = time.process_time()
    with pytest.raises(SessionError) as caught:
        session_of_text(json.dumps({"format": 1} | {f"k{i}": 1 for i in range(50_000)}))
    assert str(caught.value) == "has 50000 unknown parts"
    assert time.process_time() - begun < SECONDS


def test_a_value_that_is_nothing_and_a_long_key_are_shown_briefly() -> None:
    assert toml_text(None) == "null"
    with pytest.raises(SessionError, match="format: must be a whole number, not null"):
        session_of_text('{"format": null}')
    assert format_path(("a", "k" * 1000)) == f'a."{"k" * 60}…"'
