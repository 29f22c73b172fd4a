"""`nnviz record`: write a pass or a walk as a film."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.cli.common import (
    FAILED,
    OK,
    THEMES,
    RequestError,
    SubCommand,
    check_output,
    paint_offscreen,
    refuse_options,
    say,
    size_like,
)
from nnviz.cli.pass_commands import GRAINS, pass_arguments, session_of
from nnviz.cli.progress import with_count, with_lines

if TYPE_CHECKING:
    from nnviz.present.stage.shots import FilmLook, Shot
    from nnviz.render.film.recording import FilmKind
    from nnviz.walks.walk import Walk

LAYOUTS = ("network", "graph", "code", "network+plots", "plots")
CAPTIONS = ("burnt", "beside", "none")
RATES = (1, 120)


@dataclass(frozen=True, eq=False)
class _Filmed:
    """What is filmed: its shots and how many there are; of a walk, the scenes that have a narration, from 0."""

    shots: Iterable[Shot]
    count: int
    walk: Walk | None = None
    narrated: tuple[int, ...] = ()


def _arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument(
        "-o", "--out", metavar="FILE", required=True, help="film.mp4, .webm, .gif, .apng, or a folder frames/"
    )
    parser.add_argument(
        "--size",
        type=size_like("1920x1080"),
        default=(1920, 1080),
        metavar="WxH",
        help="in pixels (default: 1920x1080)",
    )
    parser.add_argument("--fps", type=_rate, default=30, metavar="N", help="pictures a second (default: 30)")
    parser.add_argument("--theme", choices=THEMES, help="(default: light, or the walk's own)")
    parser.add_argument("--layout", choices=LAYOUTS, help="what is shown (default: network)")
    parser.add_argument("--grain", choices=GRAINS, help="level of detail (default: neuron)")
    parser.add_argument("--scenes", type=_scenes, metavar="A-B", help="only these scenes of a walk, counted from 1")
    parser.add_argument(
        "--captions",
        choices=CAPTIONS,
        default="burnt",
        help="burnt: in the picture; beside: in a file .vtt; none (default: burnt)",
    )
    parser.add_argument("--pace", type=_pace, metavar="SECONDS", help="seconds of a step (default: 2)")
    parser.add_argument("--progress", choices=("json",), help=argparse.SUPPRESS)  # lines for the program that runs this
    parser.add_argument("--beside", metavar="FOLDER", help=argparse.SUPPRESS)  # where the files of an unsaved walk are
    parser.add_argument("--cfr", action="store_true", help="encode every picture, for programs that edit films")


def _scenes(text: str) -> range:
    found = re.fullmatch(r"(\d{1,4})(?:[-–](\d{1,4}))?", text)
    first = 0 if found is None else int(found[1])
    last = first if found is None or found[2] is None else int(found[2])
    if not 1 <= first <= last:
        raise argparse.ArgumentTypeError(f"{text!r} is not a scene or a range of scenes, such as 2-4")
    return range(first - 1, last)


def _rate(text: str) -> int:
    if not re.fullmatch(r"\d{1,3}", text) or not RATES[0] <= int(text) <= RATES[1]:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {RATES[0]} to {RATES[1]}")
    return int(text)


def _pace(text: str) -> float:
    from nnviz.tables.numerals import NumeralError, read_numeral

    try:
        pace = read_numeral(text).value
    except NumeralError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if not (math.isfinite(pace) and 0.05 <= pace <= 600):
        raise argparse.ArgumentTypeError(f"{text} is not in the range 0.05 to 600 seconds")
    return pace


def _record(args: argparse.Namespace) -> int:
    paint_offscreen()
    from nnviz.present.stage.shots import PACE, FilmLook
    from nnviz.present.stage.stage import StageLook
    from nnviz.render.film.recording import KINDS, FilmError, FilmFile, check_film, kind_of, record

    look = StageLook(layout=args.layout or "network")
    pace = PACE if args.pace is None else args.pace
    film = FilmLook(width=args.size[0], height=args.size[1], look=look, pace=pace, captions=args.captions)
    file = FilmFile(path=args.out, theme=_theme(args), fps=args.fps, is_constant=args.cfr)
    try:
        check_film(file, film)
    except FilmError as error:
        raise RequestError(str(error)) from None
    if not args.out.endswith("/"):
        check_output("--out", args.out, (args.lesson,))
    found = _filmed(args, film)
    if found is None:
        return FAILED
    if found.walk is not None and found.narrated:
        file = replace(file, has_sound=_has_sound(found.walk, found.narrated, KINDS[kind_of(args.out)]))
    from nnviz.render.film.film_program import film_program

    with film_program():
        shown = with_lines if args.progress else with_count
        record(found.shots, film, file, partial(shown, what="step", total=found.count))
    say(f"wrote the film to {args.out}")
    return OK


def _filmed(args: argparse.Namespace, film: FilmLook) -> _Filmed | None:
    """Return what is filmed, a pass or a walk; None if training stops before the pass."""
    from nnviz.present.stage.shots import pass_length, pass_shots
    from nnviz.walks.walk_names import is_walk

    if is_walk(args.lesson):
        return _filmed_walk(args, film)
    if args.scenes is not None:
        raise RequestError("--scenes: only a walk has scenes")
    session = session_of(args, args.grain or "neuron")
    return None if session is None else _Filmed(pass_shots(session, film), pass_length(session))


def _filmed_walk(args: argparse.Namespace, film: FilmLook) -> _Filmed:
    from nnviz.walks.walk import SUFFIX
    from nnviz.walks.walk_file import load_walk
    from nnviz.walks.walk_shots import moments_of, shots_of

    refuse_options(args, ("example", "update", "notation", "grain", "pace", "layout"), "a walk")
    walk = load_walk(args.lesson)
    if args.beside is not None:
        walk = replace(walk, path=Path(args.beside) / f"{walk.name}{SUFFIX}")
    scenes = args.scenes or range(len(walk.scenes))
    if scenes.stop > len(walk.scenes):
        raise RequestError(f"--scenes: {args.lesson} has scenes 1 to {len(walk.scenes)}")
    moments = tuple(moments_of(walk, scenes))
    shots = (made.shot for made in shots_of(walk, moments, film))
    return _Filmed(shots, len(moments), walk, tuple(at for at in scenes if walk.scenes[at].audio))


def _has_sound(walk: Walk, narrated: Sequence[int], kind: FilmKind) -> bool:
    """Return whether a film of a kind has the narration of some scenes; say so if not. Raises LessonError."""
    from nnviz.render.film.sound_track import check_sounds

    if not kind.has_sound:
        say(kind.silence)
        return False
    check_sounds(walk, narrated)
    return True


def _theme(args: argparse.Namespace) -> str:
    """Return the theme that was asked for, or the walk's own."""
    from nnviz.walks.walk_file import load_walk
    from nnviz.walks.walk_names import is_walk

    if args.theme is not None:
        return str(args.theme)
    return load_walk(args.lesson).stage.theme if is_walk(args.lesson) else "light"


RECORD = SubCommand(
    "record",
    "Write one pass or a walk as a film.",
    _arguments,
    _record,
    (
        "nnviz record koehn -o koehn.mp4",
        "nnviz record one-minute -o one-minute.mp4",
        "nnviz record koehn -o koehn.gif --size 960x540 --pace 1.5",
        "nnviz record softmax --theme dark --captions beside -o softmax.webm",
    ),
)
