"""The painters of nnviz: data to draw → strokes, without widgets; gui is the only other package that imports Qt."""

import builtins
from importlib import import_module


def _import_qt() -> None:
    """Import Qt and restore Python's own import function.

    PySide6 replaces it to support `__feature__`, which is not used here. Its function reads the source of every module
    imported later, which takes a tenth of the start-up time.
    """
    plain = builtins.__import__
    import_module("PySide6.QtCore")
    builtins.__import__ = plain


_import_qt()
