"""The program as a process of its own, on a real X screen: keys come from the server, not from Qt."""

from __future__ import annotations

import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nnviz.resources import resource_path

SPEC = resource_path("desktop", "nnviz.spec")
PATIENCE = 30.0
TOOLS = ("Xvfb", "xdotool")

pytestmark = [
    pytest.mark.xvfb,
    pytest.mark.skipif(any(shutil.which(tool) is None for tool in TOOLS), reason="needs Xvfb and xdotool"),
    pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="needs Linux"),
]


@pytest.fixture(scope="module")
def display() -> Iterator[str]:
    """A virtual screen on a display that the server finds free itself."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(write,), stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        ready, _, _ = select.select([read], [], [], PATIENCE)
        number = os.read(read, 16).decode().strip() if ready else ""
        if not number:
            pytest.skip("Xvfb gives no screen here")
        yield f":{number}"
    finally:
        os.close(read)
        server.terminate()
        server.wait(PATIENCE)


class Program:
    """A running program and the keys that a person presses in it."""

    def __init__(self, display: str, home: Path, *start: str) -> None:
        self.environment = os.environ | {"DISPLAY": display, "XDG_CONFIG_HOME": str(home), "QT_QPA_PLATFORM": "xcb"}
        self.environment.pop("WAYLAND_DISPLAY", None)
        command = start or (sys.executable, "-m", "nnviz")
        self.process = subprocess.Popen(
            [*command, "koehn"], env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def tool(self, *words: str) -> str:
        done = subprocess.run(
            ["xdotool", *words], env=self.environment, capture_output=True, text=True, timeout=PATIENCE, check=True
        )
        return done.stdout.strip()

    def see(self, title: str) -> None:
        """Wait until the window has a title that contains this."""
        self.tool("search", "--sync", "--onlyvisible", "--name", title)

    def focus(self) -> None:
        """Give the window the keyboard: there is no window manager to do it."""
        window = self.tool("search", "--sync", "--onlyvisible", "--name", "nnviz").split()[-1]
        self.tool("windowfocus", "--sync", window)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.tool("key", key)

    def family(self) -> list[int]:
        """The processes that the program has started and those started by them."""
        found, waiting = [], [self.process.pid]
        while waiting:
            children = _children(waiting.pop())
            found += children
            waiting += children
        return found

    def end(self) -> tuple[int, str, str]:
        """Wait for the end: exit status, and what was written."""
        out, err = self.process.communicate(timeout=PATIENCE)
        return self.process.returncode, out, err


def _children(pid: int) -> list[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return []


def have_ended(handles: list[int]) -> bool:
    """Whether every process behind these handles ends in time."""
    return all(select.select([handle], [], [], PATIENCE)[0] for handle in handles)


@pytest.fixture
def program(display: str, tmp_path: Path) -> Iterator[Program]:
    with running(Program(display, tmp_path)) as program:
        yield program


@contextmanager
def running(program: Program) -> Iterator[Program]:
    """A program that has opened its window and has the keyboard; ended with all that it started."""
    try:
        program.see("XOR by hand · 35 steps ahead")
        program.focus()
        yield program
    finally:
        for pid in [*program.family(), program.process.pid] if program.process.poll() is None else []:
            os.kill(pid, signal.SIGKILL)
        program.process.wait(PATIENCE)
        for stream in (program.process.stdout, program.process.stderr):
            if stream is not None:
                stream.close()


def test_keys_of_a_real_keyboard(program: Program):
    program.press("Right")
    program.see("XOR by hand · step 1 of 35 · nnviz")
    program.press("End")
    program.see("step 35 of 35")
    program.press("Left", "Page_Up")
    program.see("step 33 of 35")
    program.press("Home", "2", "Page_Down")
    program.see("step 1 of 20")
    program.press("shift+slash")
    program.see("Keyboard shortcuts")
    program.press("Escape")
    program.focus()
    program.press("ctrl+q")
    assert program.end() == (0, "", "")


def test_closing_the_window_while_training_ends_the_trainer(program: Program):
    train(program)
    handles = [os.pidfd_open(pid) for pid in program.family()]
    program.press("ctrl+q")
    assert program.end() == (0, "", "")
    assert have_ended(handles)
    close(handles)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda number: number.name)
def test_a_killed_program_takes_its_trainer_with_it(program: Program, number: signal.Signals):
    train(program)
    handles = [os.pidfd_open(pid) for pid in program.family()]
    program.process.send_signal(number)
    status, out, err = program.end()
    assert have_ended(handles)
    close(handles)
    assert status == (-number if number == signal.SIGKILL else 0)
    assert (out, err) == ("", "")


def test_the_trainer_waits_before_it_is_needed(program: Program):
    deadline = time.monotonic() + PATIENCE
    while not program.family():
        assert time.monotonic() < deadline
        program.see("35 steps ahead")  # takes its time


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_idle_program_ends_at_once(program: Program, number: signal.Signals):
    program.process.send_signal(number)
    assert program.end() == (0, "", "")


def test_a_built_folder_steps_trains_and_records(display: str, tmp_path: Path):
    pytest.importorskip("PyInstaller", reason="needs PyInstaller: pip install '.[build]'")
    places = ["--distpath", str(tmp_path / "dist"), "--workpath", str(tmp_path / "build")]
    subprocess.run([sys.executable, "-m", "PyInstaller", *places, str(SPEC)], check=True, capture_output=True)
    built = str(tmp_path / "dist" / "nnviz" / "nnviz")
    with running(Program(display, tmp_path, built)) as program:
        train(program)
        program.press("ctrl+q")
        assert program.end()[0] == 0
    film = tmp_path / "pass.mp4"
    subprocess.run([built, "record", "koehn", "-o", str(film), "--size", "320x180"], check=True, capture_output=True)
    assert film.stat().st_size > 10_000


def train(program: Program) -> None:
    """Let it train until an update has been made and told; then the session stands on other weights."""
    program.press("Right")
    program.see("step 1 of 35")
    program.press("t")
    program.see("35 steps ahead")
    assert program.family()


def close(handles: list[int]) -> None:
    for handle in handles:
        os.close(handle)
