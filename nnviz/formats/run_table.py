"""A training run as a table: the loss at a few epochs, the accuracy, and the final parameters."""

from __future__ import annotations

from typing import TextIO

from nnviz.debugger.training.headless import FinishedRun
from nnviz.present.text.numbers import array_text, fixed, pretty

DECIMALS = 6


def write(run: FinishedRun, stream: TextIO) -> None:
    """Write the run as aligned text."""
    count = len(run.loss)
    stream.write(f"{run.lesson}: {count} epoch{'' if count == 1 else 's'} in {run.seconds:.2f} s\n")
    shown = shown_epochs(count)
    if shown:
        width = max(len("epoch"), len(str(count)))
        stream.write(f"\n{'epoch':>{width}}  loss\n")
        for epoch in shown:
            stream.write(f"{epoch:>{width}}  {pretty(fixed(run.loss[epoch - 1], DECIMALS))}\n")
    if run.accuracy is not None:
        stream.write(f"\naccuracy {100 * run.accuracy:.1f} %\n")
    if run.held_out is not None:
        stream.write(f"held out: loss {pretty(fixed(run.held_out.loss, DECIMALS))}")
        share = run.held_out.accuracy
        stream.write("\n" if share is None else f", accuracy {100 * share:.1f} %\n")
    stream.write("\n")
    for layer, (W, b) in enumerate(zip(run.parameters.W, run.parameters.b, strict=True), start=1):
        stream.write(f"W{layer} = {pretty(array_text(W, DECIMALS))}\n")
        if b.size:
            stream.write(f"b{layer} = {pretty(array_text(b, DECIMALS))}\n")
    if run.stopped:
        stream.write(f"\nstopped: {run.stopped}\n")


def shown_epochs(count: int) -> list[int]:
    """Return the epochs to list, from 1: 1, 10, 100, … and the last."""
    epochs = [10**power for power in range(len(str(count))) if 10**power < count]
    return [*epochs, count] if count else []
