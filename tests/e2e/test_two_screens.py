"""With two screens the stage is on that of the window, and the lecturer's view on the other one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SIZES = {"one": [1280, 720], "two": [1920, 1080]}


def screen(name: str, left: int) -> dict[str, Any]:
    width, height = SIZES[name]
    return {"name": name, "x": left, "y": 0, "width": width, "height": height, "logicalDpi": 96, "dpr": 1}


@pytest.mark.parametrize(("here", "other"), [("one", "two"), ("two", "one")])
def test_the_lecturers_view_is_on_the_other_screen(tmp_path: Path, here: str, other: str) -> None:
    setup = tmp_path / "screens.json"
    setup.write_text(json.dumps({"screens": [screen("one", 0), screen("two", 1280)]}))
    ran = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("two_screens.py")), here],
        env={**os.environ, "QT_QPA_PLATFORM": f"offscreen:configfile={setup}", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )
    found = json.loads(ran.stdout)
    assert (found["window"], found["stage"], found["lecturer"]) == (here, here, other)
    assert found["stage_size"] == SIZES[here]
    assert found["lecturer_size"] == SIZES[other]
    assert found["next"]
    assert found["left"]
