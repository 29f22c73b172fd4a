"""The window: the only package that imports Qt."""

import builtins
from importlib import import_module


def _import_qt() -> None:
    """Import Qt, and put Python's own import back in place.

    PySide6 replaces it by one that reads the source of every module imported from then on, for features (`__feature__`)
    that are not used here: a tenth of the start.
    """
    plain = builtins.__import__
    import_module("PySide6.QtCore")
    builtins.__import__ = plain


_import_qt()
