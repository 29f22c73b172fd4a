"""Progress bars on a terminal."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

TICK_SECONDS = 0.1

Item = TypeVar("Item")


def with_progress(losses: Iterable[float], epochs: int) -> Iterable[float]:
    """Return the losses of some epochs unchanged; on a terminal, show a progress bar meanwhile."""
    return _with_bar(losses, epochs) if sys.stderr.isatty() else losses


def _with_bar(losses: Iterable[float], epochs: int) -> Iterator[float]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("loss {task.fields[loss]:.6f}"))
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("epoch", total=epochs, loss=float("nan"))
        shown = time.monotonic()
        for count, loss in enumerate(losses, start=1):
            if time.monotonic() - shown > TICK_SECONDS:
                progress.update(task, completed=count, loss=loss)
                shown = time.monotonic()
            yield loss


def with_count(items: Iterable[Item], *, what: str, total: int | None) -> Iterable[Item]:
    """Return items unchanged; on a terminal, show meanwhile how many of them are done and the time left."""
    return _with_counter(items, what, total) if sys.stderr.isatty() else items


def _with_counter(items: Iterable[Item], what: str, total: int | None) -> Iterator[Item]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn(what), MofNCompleteColumn(), BarColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=total)
        for item in items:
            yield item
            progress.advance(task)


def with_lines(items: Iterable[Item], *, what: str, total: int) -> Iterator[Item]:
    """Yield items unchanged; print how many of them are done as lines of JSON, for the program that reads them."""
    shown = 0.0
    for done, item in enumerate(items, start=1):
        yield item
        if done == total or time.monotonic() - shown > TICK_SECONDS:
            print(json.dumps({"what": what, "done": done, "total": total}), flush=True)
            shown = time.monotonic()
