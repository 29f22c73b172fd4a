"""The text of a table's file: only regular files of bounded size, in UTF-8, UTF-16, UTF-32 or Windows-1252."""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path

BYTE_LIMIT = 50_000_000
_TOO_LARGE = f"larger than {BYTE_LIMIT // 1_000_000} MB; keep fewer rows"

_BYTE_ORDER_MARKS: tuple[tuple[bytes, str], ...] = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16, whose mark begins it
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# How files begin that are no text, or another format's, and what can be done.
_EXPORT = "export it as CSV"
_OTHER_FORMATS: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", f"a spreadsheet or zip archive; {_EXPORT}"),
    (b"\xd0\xcf\x11\xe0", f"an Excel workbook; {_EXPORT}"),
    (b"\x1f\x8b", "a gzip archive; unpack it first"),
    (b"BZh", "a bzip2 archive; unpack it first"),
    (b"\xfd7zXZ", "an xz archive; unpack it first"),
    (b"%PDF", "a PDF document; give the table as CSV"),
    (b"PAR1", f"a Parquet file; {_EXPORT}"),
    (b"\x89HDF", f"an HDF5 file; {_EXPORT}"),
    (b"\x93NUMPY", "a NumPy array; write it with numpy.savetxt"),
    (b"SQLite format", f"a database; {_EXPORT}"),
    (b"version https://git-lfs", "a pointer of Git LFS; fetch the file itself with git lfs pull"),
)
_TEXT_FORMATS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("<!doctype", "<html", "<?xml", "<table"), "a web page or XML document; download the raw CSV file"),
    (("{", "["), "JSON or another notation with brackets; write it as CSV"),
    (("@relation",), "an ARFF file; keep the lines after @data, with a heading of names"),
)
# A text in UTF-16 without a mark has a zero in most of every second byte.
_MANY, _FEW = 0.6, 0.1


class TableError(ValueError):
    """A table that is not read; its message is one line that names row, column and what to do.

    `key` is the setting that it is about: file, or columns, target or held_out.
    """

    def __init__(self, message: str, key: str = "file") -> None:
        super().__init__(message)
        self.key = key


@dataclass(frozen=True)
class TableText:
    """The text of a file, and a note on its encoding; empty for UTF-8 and other Unicode."""

    text: str
    note: str = ""


def read_bytes(path: str | Path) -> bytes:
    """Return the content of a regular file of bounded size. Raises TableError for any other."""
    # What a pipe or a device holds is never read, and nobody waits for the other end of a pipe.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        _check_regular(os.stat(path))
        handle = os.open(path, flags)
        try:
            status = os.fstat(handle)
            _check_regular(status)
            with open(handle, "rb", closefd=False) as file:
                return file.read(min(status.st_size, BYTE_LIMIT))
        finally:
            os.close(handle)
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror or error}") from None
    except ValueError as error:
        raise error if isinstance(error, TableError) else TableError("cannot be read: not a file name") from None


def _check_regular(status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise TableError("this is a folder; name a file")
    if not stat.S_ISREG(status.st_mode):
        raise TableError("not a regular file; name a file with the table")
    if status.st_size > BYTE_LIMIT:
        raise TableError(_TOO_LARGE)


def decode(content: bytes) -> TableText:
    """Return the text of a file's bytes. Raises TableError where they are no text, or no table's."""
    if len(content) > BYTE_LIMIT:
        raise TableError(_TOO_LARGE)
    for beginning, fix in _OTHER_FORMATS:
        if content.startswith(beginning):
            raise TableError(f"not a text file, but {fix}" if b"://" not in beginning else f"not the table, but {fix}")
    found = _decoded(content)
    text = found.text.rstrip("\x1a\x00") if found.text.endswith("\x1a") else found.text
    if "\x00" in text:
        line = _lines_before(text, text.index("\x00"))
        raise TableError(f"row {line} holds a NUL character; this is no text file: export the table as CSV")
    check_text(text)
    return TableText(text, found.note)


def check_text(text: str) -> None:
    """Raise TableError for a text that is another format's."""
    beginning = text[:200].lstrip("\ufeff \t\r\n").lower()
    for heads, fix in _TEXT_FORMATS:
        if beginning.startswith(heads):
            raise TableError(f"not a table, but {fix}")


def _decoded(content: bytes) -> TableText:
    for mark, encoding in _BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return TableText(_strictly(content[len(mark) :], encoding))
    encoding = _wide_encoding(content)
    if encoding:
        return TableText(_strictly(content, encoding))
    try:
        return TableText(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        place = error.start
    try:
        return TableText(content.decode("cp1252"), "not UTF-8: read as Windows-1252 (Latin-1)")
    except UnicodeDecodeError:
        line = _lines_before(content[:place].decode("latin-1"), place)
        raise TableError(f"row {line} is neither UTF-8 nor Windows-1252 text; save the file as UTF-8") from None


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.upper().removesuffix("-LE").removesuffix("-BE")
        line = _lines_before(content[: error.start].decode(encoding, "replace"), error.start)
        raise TableError(f"row {line} is not {name} text; save the file as UTF-8") from None


def _wide_encoding(content: bytes) -> str:
    """The encoding of a text in UTF-16 without a mark, by the places of its zeros; empty for others."""
    sample = content[:4096]
    if len(content) % 2 or b"\x00" not in sample:
        return ""
    pairs = len(sample) // 2
    even, odd = sample[: 2 * pairs : 2].count(0) / pairs, sample[1 : 2 * pairs : 2].count(0) / pairs
    if odd > _MANY and even < _FEW:
        return "utf-16-le"
    return "utf-16-be" if even > _MANY and odd < _FEW else ""


def _lines_before(text: str, place: int) -> int:
    """The line of a place in a text, from 1."""
    before = text[:place].replace("\r\n", "\n").replace("\r", "\n")
    return before.count("\n") + 1
