"""`nnviz train`: train a lesson's network, or one of a few words, without the window."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nnviz.cli.common import (
    FAILED,
    OK,
    RequestError,
    SubCommand,
    check_output,
    load,
    say,
    whole_number,
    write_utf8,
)
from nnviz.cli.network_arguments import data_arguments, network_arguments, refuse_network_words, wish_of
from nnviz.cli.progress import with_progress
from nnviz.cli.sweep_option import is_sweep, run_sweep, sweep_arguments

if TYPE_CHECKING:
    from nnviz.debugger.training.stop_rule import StopRule
    from nnviz.lessons.data_file import OwnData
    from nnviz.lessons.lesson import Lesson

RUN_FORMATS = ("table", "json", "csv")


def _train_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lesson", nargs="?", metavar="LESSON|FILE", help="a bundled lesson, or a lesson file; or else --network"
    )
    network_arguments(parser)
    parser.add_argument("--epochs", type=whole_number, metavar="N", help="number of epochs (default: the lesson's own)")
    parser.add_argument(
        "--until", default="", metavar="RULE", help='stop after the epoch where a rule holds: "loss < 0.01"'
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="override a field of the lesson; may be repeated",
    )
    data_arguments(parser, "train on a table of data, or a preset such as spiral, instead of the lesson's own examples")
    sweep_arguments(parser)
    parser.add_argument(
        "--out", metavar="FILE", help="also write the run to a file, as JSON; a sweep as CSV if it is NAME.csv"
    )
    parser.add_argument("--format", choices=RUN_FORMATS, default="table", help="output format (default: table)")


def _own_data(args: argparse.Namespace) -> OwnData | None:
    if args.data is None and not args.target:
        return None
    from nnviz.lessons.data_file import OwnData

    return OwnData(args.data, tuple(args.target))


def _load(args: argparse.Namespace, overrides: Sequence[str] = ()) -> Lesson:
    """Return the lesson to train, with further assignments. Raises LessonError."""
    assignments = (*args.set, *overrides)
    if args.network is None:
        return load(args.lesson, assignments, _own_data(args), args.activation)
    from nnviz.lessons.making.quick import quick_lesson

    return quick_lesson(wish_of(args), assignments)


def _check_what(args: argparse.Namespace) -> None:
    """Raise RequestError if not exactly one of a lesson and a network is named."""
    if args.lesson is not None and args.network is not None:
        raise RequestError(f"--network makes a network of its own, without {args.lesson!r}; leave one of them out")
    if args.network is None:
        if args.lesson is None:
            raise RequestError("name a lesson to train, or the sizes of a network: --network 2-8-1")
        refuse_network_words(args)


def _stop_rule(args: argparse.Namespace, lesson: Lesson) -> StopRule | None:
    if not args.until:
        return None
    from nnviz.debugger.conditions.grammar import ExpressionError
    from nnviz.debugger.training.stop_rule import read_stop_rule

    try:
        return read_stop_rule(args.until, lesson)
    except ExpressionError as error:
        raise RequestError(f"--until {args.until!r}: {error}") from None


def _say_what(args: argparse.Namespace, lesson: Lesson) -> None:
    """Write what was read and chosen on standard error."""
    from nnviz.engine.optimizers import warnings_of
    from nnviz.lessons.overrides import override_notes

    for note in override_notes(args.set):
        say(f"--set {note}")
    if lesson.report:
        say(f"{lesson.name}: {lesson.report}")
    if args.network is not None:
        from nnviz.lessons.making.quick import choice_line

        say(f"{lesson.name}: {choice_line(lesson, args.epochs)}")
    for warning in warnings_of(lesson.training.rule()):
        say(f"{lesson.name}: {warning}")


def _train(args: argparse.Namespace) -> int:
    from nnviz.debugger.training.headless import train_run
    from nnviz.formats import RUN_EXPORTERS
    from nnviz.formats.atomic_files import write_atomically
    from nnviz.formats.runs.run_json import run_text
    from nnviz.lessons.data_file import files_of
    from nnviz.present.words.nonfinite_text import nonfinite_line

    _check_what(args)
    lesson = _load(args)
    _say_what(args, lesson)
    until = _stop_rule(args, lesson)
    if args.out is not None:
        own = () if args.data is None else (args.data,)
        check_output("--out", args.out, (*files_of(lesson), *own))
    if is_sweep(args):
        return run_sweep(args, lesson, lambda overrides: _load(args, overrides))
    epochs = lesson.training.epochs if args.epochs is None else args.epochs
    run = train_run(lesson, epochs, lambda losses: with_progress(losses, epochs), until)
    if until is not None:
        after = f"after {len(run.loss)} epochs"
        say(f"{lesson.name}: {until.text} {'holds' if run.is_reached else 'does not hold'} {after}")
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
    "Train a lesson's network, or one of your own on a table of data, and print its losses.",
    _train_arguments,
    _train,
    (
        "nnviz train krzeminski-batch --set network.init.seed=0",
        "nnviz train koehn --epochs 50 --set training.learning_rate=0.5 --set training.optimizer=adam",
        "nnviz train my-lesson.toml --format json --out run.json",
        "nnviz train my-lesson.toml --data iris.csv --target species",
        "nnviz train --network 4-8-3 --data iris.csv --target species --set data.held_out=0.3",
        'nnviz train --network 2-8-8-1 --data spiral --until "loss < 0.01"',
        "nnviz train krzeminski-batch --sweep training.learning_rate=0.01,0.1,1 --seeds 20 --out sweep.csv",
    ),
)
