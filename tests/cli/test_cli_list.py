"""`nnviz list`, the window's command, and what all commands share: help, version, errors, start-up."""

from __future__ import annotations

import subprocess
import sys
import types
from pathlib import Path

import pytest

from nnviz import cli
from nnviz.cli import main
from nnviz.formats import EXPORTERS, RUN_EXPORTERS
from nnviz.lessons.catalog import lesson_names, load
from nnviz.lessons.faults import Fault, LessonError
from nnviz.tracing.steps import Grain
from nnviz.walks.walk_file import load_walk
from nnviz.walks.walk_names import walk_names

SLOW_MODULES = ("PySide6", "pyqtgraph", "pydantic", "rich", "numpy", "nnviz.engine")


def modules_after(*words: str) -> set[str]:
    """What is imported when a command has run, in a process of its own."""
    code = f"import sys; from nnviz.cli import main; main({list(words)!r}); print('\\n' + ' '.join(sys.modules))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    return set(told.stdout.splitlines()[-1].split())


def piped(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nnviz", *words]
    return subprocess.run(command, stderr=subprocess.PIPE, text=True, timeout=60, check=False, **options)  # type: ignore[call-overload,no-any-return]


def listed(capsys: pytest.CaptureFixture[str]) -> tuple[list[str], list[str]]:
    """The lines of the lessons and those of the walks."""
    assert main(["list"]) == 0
    lessons, walks = capsys.readouterr().out.split("\n\nWalks\n")
    return lessons.splitlines(), walks.splitlines()


def test_list_names_every_bundled_lesson(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = listed(capsys)
    assert [line.split()[0] for line in lines] == list(lesson_names())


def test_list_names_every_bundled_walk(capsys: pytest.CaptureFixture[str]) -> None:
    _, lines = listed(capsys)
    assert [line.split()[0] for line in lines] == list(walk_names())
    for line in lines:
        walk = load_walk(line.split()[0])
        assert walk.title in line
        assert f"  {walk.lesson}  " in line
        assert line.endswith(f"  {len(walk.scenes)} scenes")


def test_list_tells_title_sizes_and_source_as_the_lesson_has_them(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = listed(capsys)
    for line in lines:
        lesson = load(line.split()[0])
        sizes = "-".join(map(str, lesson.network.architecture.sizes))
        assert lesson.title in line
        assert f"  {sizes}  " in f"{line}  "
        assert lesson.source in line
        assert line.endswith(lesson.summary)


def test_list_is_aligned_when_piped(capsys: pytest.CaptureFixture[str]) -> None:
    lines, _ = listed(capsys)
    assert len({line.index(load(line.split()[0]).title) for line in lines}) == 1


@pytest.mark.parametrize("words", [["list"], ["--version"], ["--help"], ["trace", "--help"]])
def test_quick_commands_import_nothing_slow(words: list[str]) -> None:
    modules = modules_after(*words)
    assert not [name for name in SLOW_MODULES if name in modules]


def test_a_trace_imports_neither_qt_nor_rich() -> None:
    modules = modules_after("trace", "koehn")
    assert "numpy" in modules
    assert not [name for name in ("PySide6", "pyqtgraph", "rich") if name in modules]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.startswith("nnviz ")


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for name, command in cli.COMMANDS.items():
        assert f"  {name}" in text
        assert command.help in text
        assert command.examples[0] in text


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_help_of_a_command_has_its_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    for example in cli.COMMANDS[name].examples:
        assert f"  {example}\n" in text


def test_choices_are_those_of_the_tables() -> None:
    assert tuple(EXPORTERS) == cli.TRACE_FORMATS
    assert tuple(RUN_EXPORTERS) == cli.RUN_FORMATS
    assert tuple(grain.word for grain in Grain) == cli.GRAINS


def test_no_lesson_is_called_like_a_command() -> None:
    assert not set(lesson_names()) & set(cli.COMMANDS)


@pytest.mark.parametrize("words", [["koehm"], ["trace", "koehm"], ["train", "koehm"]])
def test_an_unknown_lesson_is_one_line_with_a_hint(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("koehm: no lesson or file has this name")
    assert told.err.endswith("did you mean 'koehn'?\n")
    assert told.err.count("\n") == 1


def test_a_mistyped_command_is_one_line_with_a_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chek", "koehn"]) == 2
    assert capsys.readouterr().err.endswith("did you mean 'check'?\n")


@pytest.mark.parametrize(
    "words", [["--wrong"], ["list", "koehn"], ["trace"], ["trace", "koehn", "--grain", "fine"], ["train", "--ep", "3"]]
)
def test_wrong_arguments_are_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert "--help" in told.err


def stand_in_window(monkeypatch: pytest.MonkeyPatch, run: object) -> None:
    window = types.ModuleType("nnviz.gui.app")
    window.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "nnviz.gui.app", window)


@pytest.mark.parametrize(("words", "opened"), [([], None), (["koehn"], "koehn")])
def test_without_a_command_the_window_opens(
    words: list[str], opened: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons: list[str | None] = []

    def run(lesson: str | None) -> int:
        lessons.append(lesson)
        return 7

    stand_in_window(monkeypatch, run)
    assert main(words) == 7
    assert lessons == [opened]


def test_a_faulty_lesson_of_the_window_is_told_line_by_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(lesson: str | None) -> int:
        raise LessonError("mine.toml", [Fault(3, "title", "missing"), Fault(None, "", "wrong")])

    stand_in_window(monkeypatch, run)
    assert main(["koehn"]) == 2
    assert capsys.readouterr().err == "mine.toml:3: title: missing\nmine.toml: wrong\n"


def test_a_window_that_cannot_be_imported_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "nnviz.gui.app", None)
    assert main(["koehn"]) == 1
    assert capsys.readouterr().err.startswith("nnviz: the window cannot be opened: ")


def test_an_interrupt_is_status_130_without_a_word(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(lesson: str | None) -> int:
        raise KeyboardInterrupt

    stand_in_window(monkeypatch, run)
    assert main([]) == 130
    assert capsys.readouterr().err == ""


def test_a_closed_pipe_is_no_traceback() -> None:
    reader = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.readline()"], stdin=subprocess.PIPE)
    assert reader.stdin is not None
    told = piped("trace", "krzeminski-batch", "--grain", "term", "--format", "json", stdout=reader.stdin)
    reader.stdin.close()
    reader.wait(timeout=60)
    assert told.stderr == ""
    assert told.returncode in (0, 141)  # 0 where the pipe took everything before it was closed


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk to write to")
@pytest.mark.parametrize("words", [["list"], ["trace", "koehn", "--format", "json"], ["train", "koehn"], ["check"]])
def test_a_full_disk_is_one_line(words: list[str]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        told = piped(*words, stdout=full)
    assert told.returncode == 1
    assert told.stderr == "nnviz: the output: cannot be written: No space left on device\n"


def test_a_terminal_of_few_letters_is_no_traceback() -> None:
    command = [sys.executable, "-m", "nnviz", "trace", "koehn"]
    told = subprocess.run(command, capture_output=True, env={"PYTHONIOENCODING": "ascii"}, timeout=60, check=False)
    assert told.returncode == 0
    assert told.stderr == b""
    assert b"XOR by hand" in told.stdout
