"""Runs the benchmarks, one after the other, and prints their ratios.

python tests/benchmarks/run.py [NAME ...] [--playground PATH]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

PREFIX = "bench_"


def main() -> int:
    """Run each bench_*.py of this folder, or those that are named; gives 1 if one of them fails."""
    scripts = {path.stem.removeprefix(PREFIX): path for path in sorted(Path(__file__).parent.glob(f"{PREFIX}*.py"))}
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"all if left out: {', '.join(scripts)}")
    parser.add_argument("--playground", help="a copy of TensorFlow Playground's nn.ts, for the benchmark of the engine")
    options = parser.parse_args()
    unknown = set(options.names) - set(scripts)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(scripts)}")
    more = {"engine": ["--playground", options.playground] if options.playground else []}
    failed = False
    for name in options.names or scripts:
        print(f"\n== {name}", flush=True)
        failed |= subprocess.run([sys.executable, str(scripts[name]), *more.get(name, [])], check=False).returncode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
