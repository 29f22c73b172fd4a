"""How much memory the window takes: after 10 000 steps, and after random actions over all lessons.

    python tests/benchmarks/bench_memory.py

The goal is to stay under 300 MB. What is compared with is the window when it is ready.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))

from monkey import memory, monkey, own_settings

from nnviz.debugger.commands import step

STEPS, ACTIONS, PARTS = 10_000, 10_000, 10


def main() -> None:
    """Print the memory along the way, and its most."""
    folder = Path(tempfile.mkdtemp(prefix="nnviz-bench-"))
    os.chdir(folder)
    with monkey(1, folder, own_settings(folder), is_quiet=True) as player:
        player.ways = [way for way in player.ways if way[1] != player.reopen]
        player.controller.open_lesson("koehn")
        while player.controller.training.client.pid is None:
            player.app.processEvents()
        base = most = memory()
        print(f"ready: {base:.0f} MB")
        for count in range(1, STEPS + 1):
            player.controller.store.apply(step)
            player.app.processEvents()
            if count % (STEPS // PARTS) == 0:
                most = max(most, memory())
                print(f"{count:6} steps: {memory():.0f} MB, {memory() / base:.2f}x", flush=True)
        for count in range(ACTIONS // PARTS, ACTIONS + 1, ACTIONS // PARTS):
            if not player.play(ACTIONS // PARTS):
                print(player.errors[0])
                break
            most = max(most, memory())
            print(f"{count:6} random actions: {memory():.0f} MB, {memory() / base:.2f}x", flush=True)
        print(f"at most {most:.0f} MB")


if __name__ == "__main__":
    main()
