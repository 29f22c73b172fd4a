"""`nnviz new`: write a lesson file from the sizes of a network and a table or preset of data."""

from __future__ import annotations

import argparse

from nnviz.cli.common import OK, RequestError, SubCommand, check_output, say
from nnviz.cli.network_arguments import data_arguments, network_arguments, wish_of


def _new_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-o", "--out", required=True, metavar="FILE", help="the lesson file to write, NAME.toml")
    network_arguments(parser, needed=True)
    data_arguments(
        parser,
        "a table of data, or a preset: xor, and, or, circle, spiral, moons, clusters, sine, iris, digits, … "
        "(default: xor where the sizes fit, else 8 drawn examples)",
    )
    parser.add_argument("--title", default="", metavar="TEXT", help="what the lesson shows, in a few words")
    parser.add_argument("--force", action="store_true", help="replace the lesson file if it exists")
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="set a field of the lesson; may be repeated"
    )


def _new(args: argparse.Namespace) -> int:
    from pathlib import Path

    from nnviz.formats.write_lesson import write_lesson
    from nnviz.lessons.making.quick import choice_line, quick_lesson, quick_text

    path = Path(args.out)
    if path.suffix != ".toml":
        raise RequestError(f"-o {args.out}: a lesson file is named NAME.toml")
    if path.exists() and not args.force:
        raise RequestError(f"-o {args.out}: there is a file of this name; --force replaces it")
    check_output("-o", args.out, () if args.data is None else (args.data,))
    lesson = quick_lesson(wish_of(args, args.title), args.set, path=path)
    if lesson.report:
        say(f"{lesson.name}: {lesson.report}")
    say(f"{lesson.name}: {choice_line(lesson)}")
    write_lesson(path, lesson, quick_text(lesson, path.resolve().parent))
    say(f"wrote the lesson to {args.out}")
    return OK


NEW = SubCommand(
    "new",
    "Write a lesson file from the sizes of a network, with data of your own or a preset.",
    _new_arguments,
    _new,
    (
        "nnviz new -o my-lesson.toml --network 2-4-1 --activation relu",
        "nnviz new -o flowers.toml --network 4-8-3 --data iris.csv --target species",
        "nnviz new -o spiral.toml --network 2-8-8-1 --data spiral --set data.noise=0.05",
    ),
)
