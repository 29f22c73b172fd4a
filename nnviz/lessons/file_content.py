"""Reading a file that a person names: only regular files of bounded size, so that no pipe or device is waited for."""

from __future__ import annotations

import os
import stat
from pathlib import Path

_OF_SYSTEM = ("/proc/", "/sys/")  # what the system only shows as files, such as /proc/kmsg; they have no size


class FileContentError(ValueError):
    """A file that is not read; its text is the reason in one line, without the name of the file."""


def read_content(path: str | Path, limit: int, noun: str = "file") -> bytes:
    """Return the content of a regular file of at most `limit` bytes. Raises FileContentError.

    `noun` is the kind of file that the message asks for instead of a folder.
    """
    # A pipe without a writer is opened at once, and then refused, as a device is before anything of it is read.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check(os.stat(path), limit, noun)
        if os.path.realpath(path).startswith(_OF_SYSTEM):
            raise FileContentError("not a regular file")
        with open(os.open(path, flags), "rb") as file:
            status = os.fstat(file.fileno())
            _check(status, limit, noun)
            return file.read(status.st_size)
    except OSError as error:
        raise FileContentError(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise error if isinstance(error, FileContentError) else FileContentError("not the name of a file") from None


def _check(status: os.stat_result, limit: int, noun: str) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileContentError(f"this is a folder; name a {noun}")
    if not stat.S_ISREG(status.st_mode):
        raise FileContentError("not a regular file")
    if status.st_size > limit:
        raise FileContentError(f"larger than {limit // 1_000_000} MB")


def one_line(name: str | Path) -> str:
    """Return the name of a file as it is shown: on one line, its line breaks and broken characters as escapes."""
    text = str(name)
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)
