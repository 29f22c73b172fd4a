"""The public API: small, complete, and light to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import nnviz
from nnviz.debugger.state.session import start_session
from nnviz.engine.passes import run_pass
from nnviz.engine.training import Trainer
from nnviz.lessons.catalog import load
from nnviz.tracing.trace import Trace


def test_the_public_names() -> None:
    names = ["Trace", "Trainer", "__version__", "check", "debug", "export", "load_lesson", "record", "run_pass"]
    assert nnviz.__all__ == [*names, "start_session", "trace", "train"]
    assert nnviz.load_lesson is load
    assert nnviz.start_session is start_session
    assert nnviz.run_pass is run_pass
    assert nnviz.Trace is Trace
    assert nnviz.Trainer is Trainer
    assert nnviz.__version__[0].isdigit()


def test_dir_lists_the_public_names() -> None:
    assert set(nnviz.__all__) <= set(dir(nnviz))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nnviz.nothing


def test_a_package_that_is_not_installed_has_a_version_too(monkeypatch: pytest.MonkeyPatch) -> None:
    from importlib import metadata

    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "version", missing)
    assert nnviz.__version__ == "0+unknown"


def imported_by(code: str) -> set[str]:
    told = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(' '.join(sys.modules))"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return set(told.stdout.split())


def test_importing_nnviz_imports_nothing_else() -> None:
    modules = imported_by("import nnviz")
    assert not [name for name in ("PySide6", "pyqtgraph", "numpy", "pydantic", "rich") if name in modules]
    assert [name for name in modules if name.split(".")[0] == "nnviz"] == ["nnviz"]


def test_using_the_public_api_imports_no_qt() -> None:
    modules = imported_by("from nnviz import *\nstart_session(load_lesson('koehn'))")
    assert "numpy" in modules
    assert not [name for name in ("PySide6", "pyqtgraph") if name in modules]


def test_the_module_runs_as_the_command_does() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "nnviz", "--version"], capture_output=True, text=True, check=True, timeout=60
    )
    assert told.stdout == f"nnviz {nnviz.__version__}\n"


def test_importing_the_main_module_runs_nothing() -> None:
    assert "nnviz.cli" in imported_by("import nnviz.__main__")
