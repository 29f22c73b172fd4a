"""`nnviz train --sweep KEY=V,V,… --seeds N`: many runs in several processes or on a cluster, and their results."""

from __future__ import annotations

import argparse
import io
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from nnviz.cli.common import INTERRUPTED, OK, RequestError, say, whole_number, write_utf8
from nnviz.cli.progress import with_count

if TYPE_CHECKING:
    from nnviz.debugger.training.sweep import RunChoice, Swept
    from nnviz.lessons.lesson import Lesson


def sweep_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of a sweep."""
    parser.add_argument(
        "--sweep",
        action="append",
        default=[],
        metavar="KEY=V,V,…",
        help="train once with each value of a field; may be repeated, for every combination",
    )
    parser.add_argument("--seeds", type=whole_number, metavar="N", help="train each setting with the seeds 1 to N")
    parser.add_argument(
        "--jobs", type=whole_number, default=0, metavar="N", help="processes of a sweep (default: one for each core)"
    )
    parser.add_argument(
        "--cluster", default="", metavar="ADDRESS", help="the Dask scheduler that a sweep runs on: tcp://host:8786"
    )


def is_sweep(args: argparse.Namespace) -> bool:
    """Return whether the arguments ask for a sweep. Raises RequestError for options that only a sweep has."""
    if args.sweep or args.seeds is not None:
        return True
    for name in ("jobs", "cluster"):
        if getattr(args, name):
            raise RequestError(f"--{name} belongs to a sweep: add --sweep training.learning_rate=0.1,1 or --seeds 10")
    return False


def run_sweep(args: argparse.Namespace, lesson: Lesson, load: Callable[[Sequence[str]], Lesson]) -> int:
    """Train the runs of a sweep and write them; `load` gives the lesson with further assignments.

    Ctrl-C ends it with the runs that are done. Raises RequestError and LessonError.
    """
    from nnviz.debugger.training.sweep import choices, run_job, sweep_jobs
    from nnviz.formats.runs.sweep_files import SWEEP_EXPORTERS, Sweep
    from nnviz.process.parallel import ParallelError, in_parallel

    swept = [_swept(text) for text in args.sweep]
    if args.seeds == 0:
        raise RequestError("--seeds 0: give at least one seed")
    seeds = range(1, args.seeds + 1) if args.seeds is not None else ()
    if seeds and lesson.initializer is None and not lesson.training.shuffle:
        raise RequestError(f"--seeds: nothing of {lesson.name} is drawn, so that seeds change nothing")
    planned = list(choices(swept, seeds))
    _check_values(planned, load)
    done, status = [], OK
    jobs = sweep_jobs(planned, load, args.epochs, args.until)
    try:
        answers = in_parallel(run_job, jobs, workers=args.jobs or -1, cluster=args.cluster)
        for run in with_count(answers, what="runs", total=len(planned)):
            done.append(run)
    except ParallelError as error:
        raise RequestError(str(error)) from None
    except KeyboardInterrupt:
        status = INTERRUPTED
        say(f"{lesson.name}: interrupted; {len(done)} of {len(planned)} runs are done")
    sweep = Sweep(lesson.name, done, len(planned))
    if args.out is not None:
        from nnviz.formats.atomic_files import write_atomically

        text = io.StringIO()
        SWEEP_EXPORTERS["csv" if Path(args.out).suffix == ".csv" else "json"](sweep, text)
        write_atomically(args.out, text.getvalue())
        say(f"wrote {len(done)} runs to {args.out}")
    if args.format != "table":
        write_utf8()
    SWEEP_EXPORTERS[args.format](sweep, sys.stdout)
    return status


def _check_values(planned: Sequence[RunChoice], load: Callable[[Sequence[str]], Lesson]) -> None:
    """Load the lesson of each setting, so that a value that is refused is said before anything is trained."""
    from nnviz.lessons.faults import LessonError

    for overrides in dict.fromkeys(choice.overrides for choice in planned):
        try:
            load(overrides)
        except LessonError as error:
            keys = {assignment.partition("=")[0] for assignment in overrides}
            faults = [replace(fault, origin="--sweep") if fault.field in keys else fault for fault in error.faults]
            raise LessonError(error.file, faults) from None


def _swept(text: str) -> Swept:
    """Return the setting that a text names, with its values. Raises RequestError."""
    from nnviz.debugger.training.sweep import Swept, read_values

    key, equals, values = text.partition("=")
    try:
        if equals and key.strip():
            return Swept(key.strip(), read_values(values))
    except ValueError:
        pass
    raise RequestError(f"--sweep {text!r} is not KEY=VALUE,VALUE, such as training.learning_rate=0.01,0.1,1")
