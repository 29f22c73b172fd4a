"""Records shots to a file of any kind, completely or not at all."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nnviz.present.core.palette import load_palette
from nnviz.present.stage.shots import BESIDE, FilmLook, Shot
from nnviz.render.film.frames import Frame, frames
from nnviz.render.film.picture_files import DURATIONS
from nnviz.render.film.webvtt import write_captions

FOLDER = "frames/"


@dataclass(frozen=True)
class FilmKind:
    """A kind of film, by the ending of its name: the extra it needs and its module, easing, and sound."""

    title: str
    extra: str = ""
    module: str = ""
    is_eased: bool = True
    has_sound: bool = False

    @property
    def silence(self) -> str:
        """What becomes of a narration in a kind without sound."""
        return f"The narration is left out: a {self.title} has no sound."


KINDS = {
    ".mp4": FilmKind("MP4 video (H.264)", "video", "av", has_sound=True),
    ".webm": FilmKind("WebM video (VP9)", "video", "av", has_sound=True),
    ".gif": FilmKind("GIF animation", "anim", "PIL", is_eased=False),
    ".apng": FilmKind("APNG animation", "anim", "PIL", is_eased=False),
    FOLDER: FilmKind("folder of PNG pictures"),
}


class FilmError(Exception):
    """A film that cannot be made; its text is one line for the user."""


@dataclass(frozen=True, kw_only=True)
class FilmFile:
    """Where a film is written and how: its theme, pictures a second, whether each of them is encoded, and its easing.

    Without `is_eased`, the kind of file decides. `has_sound` is true if any of the shots has sound.
    """

    path: str
    theme: str = "light"
    fps: int = 30
    is_constant: bool = False
    is_eased: bool | None = None
    has_sound: bool = False


def kind_of(path: str) -> str:
    """Return the kind of film that a name asks for, a key of KINDS. Raises FilmError for another ending."""
    if path.endswith(("/", os.sep)) or Path(path).is_dir():
        return FOLDER
    ending = Path(path).suffix.lower()
    if ending not in KINDS:
        known = ", ".join(KINDS)
        raise FilmError(f"{path}: the ending of the name is the kind of film, one of {known} (a folder)")
    return ending


def check_film(file: FilmFile, film: FilmLook) -> None:
    """Raise FilmError if a film of this kind and size cannot be made here."""
    kind = KINDS[kind_of(file.path)]
    if kind.module and importlib.util.find_spec(kind.module) is None:
        raise FilmError(f"{kind.title} needs the extra {kind.extra}: pip install 'nnviz-debugger[{kind.extra}]'")
    folder = Path(file.path)
    if kind_of(file.path) == FOLDER and folder.is_dir() and not all(map(_is_ours, folder.iterdir())):
        raise FilmError(f"{file.path}: the folder has other files; name an empty or new one")
    if kind.extra == "video" and (film.width % 2 or film.height % 2):
        raise FilmError(f"the size {film.width}x{film.height}: a video needs an even width and height")


def _is_ours(file: Path) -> bool:
    """Return whether a file is part of a film that was written before."""
    return file.name in (DURATIONS, "captions.vtt") or bool(re.fullmatch(r"\d{5,}\.png", file.name))


def record(
    shots: Iterable[Shot], film: FilmLook, file: FilmFile, progress: Callable[[Iterable[Shot]], Iterable[Shot]] = iter
) -> None:
    """Write a film under a temporary name, then rename it; after a failure or Ctrl-C nothing is left. Raises OSError.

    `progress` passes the shots on and may show how far it is.
    """
    kind = kind_of(file.path)
    target = Path(file.path)
    eased = KINDS[kind].is_eased if file.is_eased is None else file.is_eased
    made = frames(progress(shots), load_palette(file.theme), file.fps, is_eased=eased)
    cues: list[tuple[int, str]] = []
    length = [0]
    with _Replacement(target, kind == FOLDER) as written:
        _write(kind, written, _noted(made, cues, length), film, file)
    if film.captions == BESIDE:
        beside = target / "captions.vtt" if kind == FOLDER else target.with_suffix(".vtt")
        write_captions(beside, cues, length[0], file.fps)


def _write(kind: str, path: Path, made: Iterable[Frame], film: FilmLook, file: FilmFile) -> None:
    from nnviz.render.film import picture_files, video_file

    if kind == FOLDER:
        picture_files.write_frames(path, made, file.fps)
    elif kind in video_file.CODECS:
        video_file.write_video(path, made, (film.width, film.height), file.fps, file.is_constant, file.has_sound)
    else:
        picture_files.write_animation(path, kind, made, file.fps)


def _noted(made: Iterable[Frame], cues: list[tuple[int, str]], length: list[int]) -> Iterator[Frame]:
    """Pass frames on, and note the ticks at which captions begin."""
    for frame in made:
        if frame.begins is not None and (not cues or cues[-1][1] != frame.begins.caption):
            cues.append((length[0], frame.begins.caption))
        length[0] += frame.ticks
        yield frame


class _Replacement:
    """A temporary file or folder beside a target, which replaces it if the block succeeds."""

    def __init__(self, target: Path, is_folder: bool) -> None:
        self._target, self._is_folder = target, is_folder

    def __enter__(self) -> Path:
        try:
            prefix = f".{self._target.name[:100]}."
            self._parent = tempfile.mkdtemp(prefix=prefix, suffix=".tmp", dir=self._target.parent)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._target)) from None
        self._made = Path(self._parent) / self._target.name
        if self._is_folder:
            self._made.mkdir()
        return self._made

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        try:
            if kind is None:
                self._replace()
        finally:
            shutil.rmtree(self._parent, ignore_errors=True)
        if isinstance(error, OSError) and str(error.filename or self._parent).startswith(self._parent):
            raise OSError(error.errno, error.strerror, str(self._target)) from None

    def _replace(self) -> None:
        if not (self._is_folder and self._target.is_dir()):
            os.replace(self._made, self._target)
            return
        old = Path(self._parent) / f"{self._target.name}.old"  # a folder is replaced only by moving it away
        os.replace(self._target, old)
        try:
            os.replace(self._made, self._target)
        except OSError:
            os.replace(old, self._target)
            raise
