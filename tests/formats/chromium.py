"""A browser for tests: Chromium without a window, driven over a pipe by the DevTools protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MODIFIERS = {"ctrl": 2, "shift": 8}
CODES = {"ArrowRight": 39, "ArrowLeft": 37, "ArrowUp": 38, "ArrowDown": 40, "Home": 36, "End": 35, "Escape": 27}
CODES |= {" ": 32, "Enter": 13}


def chromium_path() -> str | None:
    """The program, or None where it is not installed."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


class Page:
    """One page of the browser."""

    def __init__(self, commands: BinaryIO, answers: BinaryIO) -> None:
        self._commands, self._answers = commands, answers
        self._count = 0
        self._session = ""
        self.requests: list[str] = []
        self.errors: list[str] = []

    def attach(self) -> None:
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.send("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its result; events that come before it are kept."""
        self._count += 1
        message: dict[str, Any] = {"id": self._count, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        self._commands.flush()
        while (answer := self._next()).get("id") != self._count:
            pass
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def _next(self) -> dict[str, Any]:
        """Read one message; note requests and errors."""
        text = bytearray()
        while (sign := self._answers.read(1)) != b"\0":
            assert sign, "the browser has ended"
            text += sign
        message: dict[str, Any] = json.loads(text)
        parameters = message.get("params", {})
        match message.get("method"):
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])
            case "Runtime.exceptionThrown":
                self.errors.append(str(parameters["exceptionDetails"].get("exception", {}).get("description")))
            case "Log.entryAdded":
                if parameters["entry"]["level"] == "error":
                    self.errors.append(parameters["entry"]["text"])
        return message

    def open(self, path: Path, fragment: str = "") -> None:
        """Open a file and wait until it is loaded."""
        self.send("Page.navigate", url="about:blank")
        self.send("Page.navigate", url=f"{path.as_uri()}{fragment}")
        while self.run("document.readyState") != "complete" or not self.run("!!document.body.dataset.at"):
            pass

    def run(self, code: str) -> Any:
        """Return the value of an expression in the page."""
        result = self.send("Runtime.evaluate", expression=code, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in result, result
        return result["result"].get("value")

    def text(self, selector: str) -> str:
        """Return the text of an element."""
        found: str = self.run(f"document.querySelector({json.dumps(selector)}).textContent")
        return found

    def press(self, key: str) -> None:
        """Press and release a key."""
        typed = {"text": key} if len(key) == 1 else {}
        code = {"windowsVirtualKeyCode": CODES[key]} if key in CODES else {}
        self.send("Input.dispatchKeyEvent", type="keyDown", key=key, **typed, **code)
        self.send("Input.dispatchKeyEvent", type="keyUp", key=key, **code)

    def click(self, selector: str) -> None:
        """Click the middle of the first element that a selector finds."""
        where = (
            f"(() => {{ const found = document.querySelector({json.dumps(selector)}); found.scrollIntoView({{block: "
            "'center'}); const r = found.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        x, y = self.run(where)
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def size(self, width: int, height: int, *, dark: bool = False, is_phone: bool = False) -> None:
        """Give the page a size, and the system's theme."""
        self.send(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=is_phone
        )
        scheme = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.send("Emulation.setEmulatedMedia", features=scheme)

    def screenshot(self, path: Path) -> None:
        """Write what the page looks like."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """Start the browser with a profile in a folder, and end it afterwards."""
    program = chromium_path()
    assert program is not None
    to_browser, from_here = os.pipe()
    to_here, from_browser = os.pipe()

    def connect() -> None:
        """Give the browser its pipes as files 3 and 4."""
        ends = os.dup(to_browser), os.dup(from_browser)
        os.dup2(ends[0], 3)
        os.dup2(ends[1], 4)

    process = subprocess.Popen(
        [
            *(program, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe"),
            *("--no-first-run", "--disable-extensions", "--disable-background-networking", "--hide-scrollbars"),
            f"--user-data-dir={folder}",
        ],
        close_fds=False,
        preexec_fn=connect,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(to_browser)
    os.close(from_browser)
    with os.fdopen(from_here, "wb") as commands, os.fdopen(to_here, "rb") as answers:
        page = Page(commands, answers)
        try:
            page.attach()
            yield page
        finally:
            with contextlib.suppress(OSError, AssertionError, ValueError):
                page._session = ""
                page.send("Browser.close")
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
