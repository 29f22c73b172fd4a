"""Settings of all tests: hypothesis without deadlines, with as many examples as the whole suite can afford."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from nnviz.cli import THREADS

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# The trainer's process takes these from here, and must add up in the same order as this one, whose NumPy comes later.
assert "numpy" not in sys.modules
for name in THREADS:
    os.environ.setdefault(name, "1")
# The suite draws the same examples every time; `--hypothesis-profile explore` draws others, and is worth a night.
settings.register_profile("explore", deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("explore"), derandomize=True)
settings.load_profile("ci")
# The programs that the tests start keep what they compile, whatever the surroundings ask for.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Where the tests are run in the background Ctrl-C is ignored, by the programs that they start and interrupt too.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let no collection of garbage look through the thousands of tests again: some tests collect, most windows do."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="module")
def _lasting_objects() -> None:
    """Let no collection look again at what the files before have left in caches: it took half a second in the end."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _decimal_points() -> Iterator[None]:
    """Write numbers with points in the next test, whatever a window of this one has chosen."""
    yield
    from nnviz.present.text.numbers import POINT, set_decimal_mark

    set_decimal_mark(POINT)


@pytest.fixture(autouse=True)
def _no_window_left() -> Iterator[None]:
    """Fail where a test leaves a window behind, and delete that, so that the tests after it do not fail as well."""
    yield
    widgets = sys.modules.get("PySide6.QtWidgets")
    application = None if widgets is None else widgets.QApplication.instance()  # or one without windows, for pictures
    if widgets is None or not isinstance(application, widgets.QApplication) or not application.topLevelWidgets():
        return
    from windows_left import delete_windows, windows_left

    left = windows_left()
    names = [repr(window) for window in left]
    delete_windows(left)
    assert not names, f"windows left behind: {names}"
