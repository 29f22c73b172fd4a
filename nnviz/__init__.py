"""A desktop debugger for small neural networks: the public API, each name imported when it is asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnviz.api.checked import check
    from nnviz.api.debugged import debug
    from nnviz.api.file_exports import export, record
    from nnviz.api.traced import trace
    from nnviz.api.trained import train
    from nnviz.debugger.state.session import start_session
    from nnviz.engine.passes import run_pass
    from nnviz.engine.training import Trainer
    from nnviz.lessons.catalog import load as load_lesson
    from nnviz.tracing.trace import Trace

    __version__: str

__all__ = [
    "Trace",
    "Trainer",
    "__version__",
    "check",
    "debug",
    "export",
    "load_lesson",
    "record",
    "run_pass",
    "start_session",
    "trace",
    "train",
]

# The module of each public name: importing nnviz itself stays light.
_PLACES = {
    "Trace": ("nnviz.tracing.trace", "Trace"),
    "Trainer": ("nnviz.engine.training", "Trainer"),
    "check": ("nnviz.api.checked", "check"),
    "debug": ("nnviz.api.debugged", "debug"),
    "export": ("nnviz.api.file_exports", "export"),
    "load_lesson": ("nnviz.lessons.catalog", "load"),
    "record": ("nnviz.api.file_exports", "record"),
    "run_pass": ("nnviz.engine.passes", "run_pass"),
    "start_session": ("nnviz.debugger.state.session", "start_session"),
    "trace": ("nnviz.api.traced", "trace"),
    "train": ("nnviz.api.trained", "train"),
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _version() -> str:
    """The version of the installed package, or one that says that it is not installed."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("nnviz-debugger")
    except PackageNotFoundError:
        return "0+unknown"
