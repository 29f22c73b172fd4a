"""`nnviz trace` and `nnviz export`: write one pass, step by step or as a file of its own."""

from __future__ import annotations

import argparse
import io
import sys
from typing import TYPE_CHECKING

from nnviz.cli.common import (
    FAILED,
    OK,
    RequestError,
    SubCommand,
    activation_argument,
    check_output,
    lesson_argument,
    load,
    refuse_options,
    say,
    whole_number,
    write_text,
    write_utf8,
)
from nnviz.cli.picture_formats import PICTURE_FORMATS, export_picture, picture_arguments, refuse_picture_options
from nnviz.cli.worksheet_format import WORKSHEET, export_worksheet, refuse_worksheet_options, worksheet_arguments

if TYPE_CHECKING:
    from nnviz.debugger.state.session import Session
    from nnviz.sessions.session_fields import Saved
    from nnviz.tracing.steps import Grain

GRAINS = ("pass", "layer", "neuron", "term")
TRACE_FORMATS = ("table", "json", "csv", "markdown", "latex")
EXPORT_FORMATS = ("script", "torch", "lesson")
WEIGHT_FORMATS = ("npz", "safetensors")


def pass_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments that choose a pass and its notation."""
    lesson_argument(parser, sessions=True)
    parser.add_argument(
        "--example",
        type=whole_number,
        metavar="K",
        help="the example to step, counted from 0 (default: the lesson's own)",
    )
    parser.add_argument(
        "--update", type=whole_number, default=None, metavar="N", help="step the pass after N updates of training"
    )
    parser.add_argument("--notation", metavar="NAME", help="the notation of another document: koehn, standard, …")
    activation_argument(parser)


def _trace_arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument(
        "--grain", choices=GRAINS, default="neuron", help="level of detail of the steps (default: neuron)"
    )
    parser.add_argument("--format", choices=TRACE_FORMATS, default="table", help="output format (default: table)")


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    pass_arguments(parser)
    parser.add_argument(
        "--format",
        choices=(*EXPORT_FORMATS, *WEIGHT_FORMATS, *PICTURE_FORMATS, WORKSHEET),
        required=True,
        help="script: a Python script that needs only NumPy; torch: one for PyTorch; lesson: a lesson file (TOML); "
        "npz and safetensors: the weights; "
        "html: a page with a player; slides: a PDF of stages; "
        "worksheet: the pass as a solution to hand out",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        help="the file to write (default for script, torch, lesson, html and svg: standard output); of a worksheet, "
        ".pdf, .typ, .tex, .md or .html",
    )
    parser.add_argument("--grain", choices=GRAINS, help="level of detail (default: neuron)")
    picture_arguments(parser)
    worksheet_arguments(parser)


def _trace(args: argparse.Namespace) -> int:
    from nnviz.formats import EXPORTERS

    session = session_of(args, args.grain)
    if session is None:
        return FAILED
    if args.format != "table":
        write_utf8()
    EXPORTERS[args.format](session, sys.stdout)
    return OK


def _export(args: argparse.Namespace) -> int:
    if args.format == WORKSHEET:
        refuse_picture_options(args)
        return export_worksheet(args, session_of)
    refuse_worksheet_options(args)
    if args.format in PICTURE_FORMATS:
        return export_picture(args, lambda asked: saved_of(asked, asked.grain or "neuron"))
    refuse_picture_options(args)
    from nnviz.formats import PASS_EXPORTERS
    from nnviz.formats.weight_files import write_weights
    from nnviz.lessons.data_file import files_of

    if args.out is None and args.format in WEIGHT_FORMATS:
        raise RequestError(f"--format {args.format}: name the file with -o FILE")
    if args.out is not None:
        check_output("--out", args.out, (args.lesson,))
    session = session_of(args)
    if session is None:
        return FAILED
    if args.out is not None:
        check_output("--out", args.out, files_of(session.lesson))
    if args.format in WEIGHT_FORMATS:
        write_weights(args.out, session, args.format)
        say(f"wrote the weights to {args.out}")
        return OK
    text = io.StringIO()
    try:
        PASS_EXPORTERS[args.format](session, text)
    except ValueError as error:
        raise RequestError(f"{args.lesson}: {error}") from None
    write_text(text.getvalue(), args.out, args.format)
    return OK


def session_of(args: argparse.Namespace, grain: str = "neuron") -> Session | None:
    """Return the requested session; None, with a message, if training stops before it."""
    saved = saved_of(args, grain)
    return None if saved is None else saved.session


def saved_of(args: argparse.Namespace, grain: str) -> Saved | None:
    """Return the requested session with what its file holds beside it; None if training stops before it."""
    from dataclasses import replace

    from nnviz.sessions.file_name import is_session_file
    from nnviz.sessions.session_fields import Saved
    from nnviz.tracing.steps import Grain

    if is_session_file(args.lesson):
        saved = saved_session(args)
        return replace(saved, session=replace(saved.session, grain=Grain[grain.upper()]))
    session = _new_session(args, Grain[grain.upper()])
    return None if session is None else Saved(session)


def _new_session(args: argparse.Namespace, grain: Grain) -> Session | None:
    """Start a session of a lesson."""
    from nnviz.debugger.state.session import start_session
    from nnviz.engine.training import NonFiniteError
    from nnviz.lessons.notation import load_notation

    lesson = load(args.lesson, activations=args.activation)
    last = len(lesson.dataset) - 1
    if args.example is not None and args.example > last:
        raise RequestError(f"--example {args.example}: {lesson.name} has examples 0 to {last}")
    notation = lesson.notation
    if args.notation is not None and args.notation != notation.name:
        try:
            notation = load_notation(args.notation)
        except ValueError as error:
            raise RequestError(f"--notation: {error}") from None
    try:
        return start_session(lesson, example=args.example, update=args.update or 0, grain=grain, notation=notation)
    except NonFiniteError as error:
        say(f"{args.lesson}: training stops before the pass: {error}")
        return None


def saved_session(args: argparse.Namespace) -> Saved:
    """Read a session file and print its notes. Raises LessonError and RequestError."""
    from nnviz.sessions.save import read_session

    refuse_options(args, ("example", "update", "notation"), "a saved session")
    saved = read_session(args.lesson)
    for note in saved.notes:
        say(f"{args.lesson}: {note}")
    return saved


TRACE = SubCommand(
    "trace",
    "Write every step of one pass, with its formula and numbers.",
    _trace_arguments,
    _trace,
    (
        "nnviz trace koehn",
        "nnviz trace koehn --example 2 --grain term",
        "nnviz trace koehn --notation standard --format latex > solution.tex",
        "nnviz trace my-lesson.toml --update 100 --format json",
    ),
)
EXPORT = SubCommand(
    "export",
    "Write one pass as a script, or a pass or a walk as a page, a picture, slides or a worksheet.",
    _export_arguments,
    _export,
    (
        "nnviz export koehn --format script > koehn.py",
        "nnviz export koehn --format script --example 2 --notation standard -o koehn.py",
        "nnviz export my-lesson.toml --format script --update 100 -o after-100.py",
        "nnviz export koehn --format torch > koehn-torch.py",
        "nnviz export koehn --format safetensors --update 100 -o weights.safetensors",
        "nnviz export koehn --format worksheet -o solution.pdf",
        "nnviz export koehn --format worksheet --blanks --variants 5 --seed 1 -o exercises.pdf",
        "nnviz export koehn --format html -o koehn.html",
        "nnviz export koehn --format svg --at delta_2 -o delta.svg",
        "nnviz export koehn --format pdf --at 3,7,12 -o strip.pdf",
        "nnviz export koehn --format svg --view loss --update 4000 -o loss.svg",
        "nnviz export graph --format pdf --view graph --at 12 -o graph.pdf",
        "nnviz export koehn-walk --format slides -o slides.pdf",
    ),
)
