"""A training run as CSV: a header and the loss of each epoch."""

from __future__ import annotations

import csv
from typing import TextIO

from nnviz.debugger.training.headless import FinishedRun


def write(run: FinishedRun, stream: TextIO) -> None:
    """Write a row for each epoch, from 1."""
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(("epoch", "loss"))
    writer.writerows(enumerate(run.loss, start=1))
