"""Writing a file completely or not at all: under a temporary name in the same folder, then renamed."""

from __future__ import annotations

import contextlib
import io
import os
import stat
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO

_ERRORS = "backslashreplace"  # for names of files that are not UTF-8; JSON reads the escapes


def write_atomically(path: str | Path, text: str, check: Callable[[Path], None] = lambda written: None) -> None:
    """Write a text to a file as UTF-8. After a failure the old file is unchanged. Raises OSError.

    `check` takes the temporary file before it replaces the old one, and raises if it must not.
    """
    with open_atomically(path, check) as stream:
        stream.write(text)


def check_writable(path: str | Path) -> None:
    """Raise OSError if `write_atomically` could not begin. Call it before long work with that output file."""
    target = _target(path)
    if not _is_special(target):
        descriptor, name = _temporary(target)
        os.close(descriptor)
        os.unlink(name)


def is_one_of(path: str | Path, others: Iterable[str | Path]) -> bool:
    """Return whether a path, through whatever links, is one of other files."""
    try:
        return any(os.path.exists(other) and os.path.samefile(path, other) for other in others)
    except (OSError, ValueError):
        return False  # there is no such file yet


@contextmanager
def open_atomically(path: str | Path, check: Callable[[Path], None] = lambda written: None) -> Iterator[TextIO]:
    """Give a text stream that replaces the file if the block and `check` succeed, and leaves it unchanged if not."""
    with _open_bytes(path, check) as stream:
        text = io.TextIOWrapper(stream, encoding="utf-8", errors=_ERRORS, newline="\n", write_through=False)
        try:
            yield text
            text.flush()
        finally:
            with contextlib.suppress(OSError, ValueError):
                text.detach()


def write_bytes_atomically(path: str | Path, data: bytes) -> None:
    """Write bytes to a file. After a failure the old file is unchanged. Raises OSError."""
    with _open_bytes(path, lambda written: None) as stream:
        stream.write(data)


@contextmanager
def _open_bytes(path: str | Path, check: Callable[[Path], None]) -> Iterator[BinaryIO]:
    """Give a binary stream that replaces the file if the block and `check` succeed."""
    target = _target(path)
    if _is_special(target):  # a pipe or a device cannot be renamed over
        with named_in_errors(path), target.open("wb") as stream:
            yield stream
        return
    descriptor, name = _temporary(target)
    with _renamed(name, target, path):
        with open(descriptor, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        check(Path(name))


@contextmanager
def replaced_file(path: str | Path) -> Iterator[Path]:
    """Give the path of an empty file, which replaces the file if the block succeeds. Raises OSError."""
    target = _target(path)
    if _is_special(target):  # a pipe or a device cannot be renamed over
        with named_in_errors(path):
            yield target
        return
    descriptor, name = _temporary(target)
    os.close(descriptor)
    with _renamed(name, target, path):
        yield Path(name)


@contextmanager
def _renamed(name: str, target: Path, path: str | Path) -> Iterator[None]:
    """Rename a temporary file to the target if the block succeeds, or delete it. An OSError names the path."""
    with named_in_errors(path, name):
        try:
            yield
            os.chmod(name, _mode(target))
            os.replace(name, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


@contextmanager
def named_in_errors(path: str | Path, *temporary: str) -> Iterator[None]:
    """Name the path in an OSError that names no file, as that of a full disk, or a temporary one."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader has gone, which is no fault
    except OSError as error:
        if error.filename in (None, *temporary):
            raise OSError(error.errno, error.strerror or str(error), str(path)) from None
        raise


def _target(path: str | Path) -> Path:
    """Resolve links to the file itself. Raises IsADirectoryError for a folder."""
    target = Path(os.path.realpath(path))
    if target.is_dir():
        raise IsADirectoryError(21, "Is a directory", str(path))
    return target


def _is_special(target: Path) -> bool:
    return target.exists() and not target.is_file()


def _temporary(target: Path) -> tuple[int, str]:
    """Create a temporary file in the target's folder. An OSError names the target, not the temporary file."""
    try:
        return tempfile.mkstemp(prefix=f".{target.name[:100]}.", suffix=".tmp", dir=target.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(target)) from None


def _mode(target: Path) -> int:
    """Return the permissions of the file, or those of a new one."""
    if target.exists():
        return stat.S_IMODE(target.stat().st_mode)
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
