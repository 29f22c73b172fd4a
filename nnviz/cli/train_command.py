"""`nnviz train`: train a lesson's network without the window."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from nnviz.cli.common import FAILED, OK, SubCommand, check_output, lesson_argument, load, say, whole_number, write_utf8
from nnviz.cli.progress import with_progress

if TYPE_CHECKING:
    from nnviz.lessons.data_file import OwnData

RUN_FORMATS = ("table", "json")


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    lesson_argument(parser)
    parser.add_argument("--epochs", type=whole_number, metavar="N", help="number of epochs (default: the lesson's own)")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field of the lesson; may be repeated",
    )
    parser.add_argument("--data", metavar="FILE", help="train on a table of data, instead of the lesson's own examples")
    parser.add_argument(
        "--target",
        action="append",
        default=[],
        metavar="NAME",
        help="the column of the classes or targets; may be repeated (default: the last)",
    )
    parser.add_argument("--out", metavar="FILE", help="also write the run to a file, as JSON")
    parser.add_argument("--format", choices=RUN_FORMATS, default="table", help="output format (default: table)")


def _own_data(args: argparse.Namespace) -> OwnData | None:
    if args.data is None and not args.target:
        return None
    from nnviz.lessons.data_file import OwnData

    return OwnData(args.data, tuple(args.target))


def _train(args: argparse.Namespace) -> int:
    from nnviz.debugger.training.headless import train_run
    from nnviz.engine.optimizers import warnings_of
    from nnviz.formats import RUN_EXPORTERS
    from nnviz.formats.atomic_files import write_atomically
    from nnviz.formats.run_json import run_text
    from nnviz.lessons.data_file import files_of
    from nnviz.lessons.overrides import override_notes
    from nnviz.present.words.nonfinite_text import nonfinite_line

    lesson = load(args.lesson, args.set, _own_data(args))
    for note in override_notes(args.set):
        say(f"--set {note}")
    if lesson.report:
        say(f"{lesson.name}: {lesson.report}")
    for warning in warnings_of(lesson.training.rule()):
        say(f"{lesson.name}: {warning}")
    if args.out is not None:
        own = () if args.data is None else (args.data,)
        check_output("--out", args.out, (*files_of(lesson), *own))
    epochs = lesson.training.epochs if args.epochs is None else args.epochs
    run = train_run(lesson, epochs, lambda losses: with_progress(losses, epochs))
    if run.stopped:
        say(f"{lesson.name}: training stopped: {run.stopped}")
    if run.failed is not None:
        say(f"{lesson.name}: {nonfinite_line(run.failed)}")
    if args.out is not None:
        write_atomically(args.out, run_text(run))
        say(f"wrote the run to {args.out}")
    if args.format != "table":
        write_utf8()
    RUN_EXPORTERS[args.format](run, sys.stdout)
    return FAILED if run.stopped else OK


TRAIN = SubCommand(
    "train",
    "Train a lesson's network and print its losses.",
    _train_arguments,
    _train,
    (
        "nnviz train krzeminski-batch --set network.init.seed=0",
        "nnviz train koehn --epochs 50 --set training.learning_rate=0.5 --set training.optimizer=adam",
        "nnviz train my-lesson.toml --format json --out run.json",
        "nnviz train my-lesson.toml --data iris.csv --target species",
    ),
)
