"""How many times faster than it plays a film is recorded: 1920x1080, 30 pictures a second, with captions.

    python tests/benchmarks/bench_record.py [RUNS]

The goal is at least twice real time on two cores. Each film is made by `nnviz record` in a process of its own, start-up
included; medians of the runs are printed, by the clock and by the processor's time, which other programs change less.
With `--cfr` each picture is encoded, as programs that edit films want.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import av

FILMS = (
    ("koehn", "film.mp4"),
    ("koehn", "film.webm"),
    ("koehn", "film.mp4", "--cfr"),
    ("krzeminski-rnn", "film.mp4"),
    ("one-minute", "film.mp4"),  # with training
)


def record(source: str, out: Path, *options: str) -> tuple[float, float, float]:
    """Record a film; return how many seconds it lasts, and how many it took by the clock and of the processor."""
    command = [sys.executable, "-m", "nnviz", "record", source, "-o", str(out), *options]
    begun, before = time.perf_counter(), os.times()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"})
    took, after = time.perf_counter() - begun, os.times()
    worked = after.children_user + after.children_system - before.children_user - before.children_system
    with av.open(str(out)) as film:
        return float(film.duration or 0) / av.time_base, took, worked


def main(runs: int) -> None:
    """Print for each film how many times real time it is recorded."""
    for source, name, *options in FILMS:
        with tempfile.TemporaryDirectory() as folder:
            made = [record(source, Path(folder, name), *options) for _ in range(runs)]
        lasts, took, worked = (statistics.median(column) for column in zip(*made, strict=True))
        words = " ".join((source, Path(name).suffix, *options))
        told = f"{lasts:.0f} s of film in {took:.1f} s: {lasts / took:.1f} times real time"
        print(f"{words}: {told}, {lasts / worked:.1f} times the processor's", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3)
