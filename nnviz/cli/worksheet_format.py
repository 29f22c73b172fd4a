"""`nnviz export --format worksheet`: a pass as a solution or an exercise on paper."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING

from nnviz.cli.common import FAILED, OK, RequestError, check_output, say, whole_number

if TYPE_CHECKING:
    from nnviz.debugger.state.session import Session

WORKSHEET = "worksheet"
_OPTIONS = {"blanks": False, "variants": None, "seed": None, "points": None}  # with their defaults


def worksheet_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of a worksheet."""
    parser.add_argument(
        "--blanks", action="store_true", help="worksheet: leave results out, with the answers on pages of their own"
    )
    parser.add_argument(
        "--variants", type=whole_number, metavar="N", help="worksheet: N variants with weights that are easy by hand"
    )
    parser.add_argument(
        "--seed", type=whole_number, metavar="S", help="worksheet: the seed that draws the variants (default: 1)"
    )
    parser.add_argument(
        "--points", type=whole_number, metavar="N", help="worksheet: points of each step (default: one per result)"
    )


def refuse_worksheet_options(args: argparse.Namespace) -> None:
    """Raise RequestError if an option of worksheets is given for another format."""
    for name, default in _OPTIONS.items():
        if getattr(args, name) != default:
            raise RequestError(f"--{name}: only for --format {WORKSHEET}")


def export_worksheet(args: argparse.Namespace, session_of: Callable[[argparse.Namespace], Session | None]) -> int:
    """Write the worksheet of the requested pass. Raises RequestError, LessonError and OSError."""
    from nnviz.formats.worksheet.drawn_variants import MOST_VARIANTS
    from nnviz.formats.worksheet.worksheet import WorksheetOptions, make_worksheet
    from nnviz.formats.worksheet.worksheet_files import (
        ENDINGS,
        PDF,
        MissingTypstError,
        check_typst,
        ending_of,
        write_worksheet,
    )
    from nnviz.lessons.data_file import files_of

    if args.out is None:
        raise RequestError(
            f"--format {WORKSHEET}: name the file with -o FILE; its ending is one of {', '.join(ENDINGS)}"
        )
    try:
        ending = ending_of(args.out)
    except ValueError as error:
        raise RequestError(f"--out {args.out}: {error}") from None
    _check_options(args, MOST_VARIANTS)
    if ending == PDF:
        try:
            check_typst()
        except MissingTypstError as error:
            say(str(error))
            return FAILED
    check_output("--out", args.out, (args.lesson,))
    session = session_of(_of_its_lesson(args))
    if session is None:
        return FAILED
    check_output("--out", args.out, files_of(session.lesson))
    options = WorksheetOptions(
        blanks=args.blanks,
        variants=args.variants or 0,
        seed=1 if args.seed is None else args.seed,
        points=args.points,
    )
    try:
        sheet = make_worksheet(session, options)
    except ValueError as error:
        raise RequestError(f"{args.lesson}: {error}") from None
    write_worksheet(sheet, args.out)
    say(f"wrote the worksheet to {args.out}")
    return OK


def _of_its_lesson(args: argparse.Namespace) -> argparse.Namespace:
    """Return the arguments with the lesson of a walk instead of the walk. Raises LessonError."""
    from nnviz.walks.walk_names import is_walk

    if not is_walk(args.lesson):
        return args
    from nnviz.walks.walk_file import load_lesson_of, load_walk

    return argparse.Namespace(**{**vars(args), "lesson": str(load_lesson_of(load_walk(args.lesson)).path)})


def _check_options(args: argparse.Namespace, most: int) -> None:
    """Raise RequestError for options that do not fit together."""
    if args.variants is not None and not 1 <= args.variants <= most:
        raise RequestError(f"--variants {args.variants}: a number from 1 to {most}")
    if args.seed is not None and args.variants is None:
        raise RequestError("--seed: only with --variants, which it draws")
    if args.points is not None and not args.blanks:
        raise RequestError("--points: only with --blanks")
