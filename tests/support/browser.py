"""A real Chromium over its own pipe: a page is opened from a file, and everything that happens in it is kept.

The protocol is Chrome's DevTools protocol: a JSON object a message, ended by NUL, on the descriptors 3 and 4.
"""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

__all__ = ["Page", "axe_core", "browser"]

# The wheel has axe-core 4.12 in it. Nothing else of it is used.
AXE: Final = "axe-playwright-python==0.1.8"
FLAGS: Final = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--remote-debugging-pipe",
)


def _missing(what: str) -> None:
    """Skip, but not where nothing may skip."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what} is not installed")
    pytest.skip(f"{what} is not installed")


class Page:
    """One tab.

    :ivar events: what it reported: messages of the console, errors, and requests.
    """

    def __init__(self, chromium: "_Chromium", session: str) -> None:
        self._chromium, self._session = chromium, session
        self.events: list[dict[str, Any]] = []
        chromium.pages[session] = self
        for domain in ("Page", "Runtime", "Log", "Network", "Performance", "Security"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> Any:
        """Call a method of the protocol."""
        return self._chromium.call(method, parameters, self._session)

    def show(
        self, path: Path, *, width: int = 1280, dark: bool = False, script: bool = True, paper: bool = False
    ) -> None:
        """Open a file, and wait until it is loaded."""
        media = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.call("Emulation.setEmulatedMedia", media="print" if paper else "", features=media)
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=width < 600
        )
        self.call("Emulation.setScriptExecutionDisabled", value=not script)
        self.events.clear()
        self.call("Page.navigate", url=path.as_uri())
        self._chromium.until(lambda: "Page.loadEventFired" in self.names())

    def names(self) -> set[str]:
        return {event["method"] for event in self.events}

    def run(self, expression: str) -> Any:
        """The value of an expression, awaited."""
        done = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def complaints(self) -> list[str]:
        """Errors, messages of the console, and requests for anything but the file itself."""
        found = []
        for event in self.events:
            method, parameters = event["method"], event["params"]
            if method == "Network.requestWillBeSent" and not parameters["request"]["url"].startswith(
                ("file:", "data:")
            ):
                found.append(parameters["request"]["url"])
            if method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
                found.append(json.dumps(parameters))
        return found

    def seconds(self) -> float:
        """How long scripts took since the page was opened."""
        metrics = self.call("Performance.getMetrics")["metrics"]
        return float(next(one["value"] for one in metrics if one["name"] == "ScriptDuration"))

    def picture(self, path: Path) -> None:
        """Write a picture of the whole page."""
        import base64

        done = self.call("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(done["data"]))


class _Chromium:
    def __init__(self, commands: int, answers: int) -> None:
        self._commands, self._answers = commands, answers
        self._number, self._rest = 0, b""
        self.pages: dict[str, Page] = {}

    def call(self, method: str, parameters: dict[str, Any], session: str | None = None) -> Any:
        self._number += 1
        number = self._number
        message = {"id": number, "method": method, "params": parameters} | ({"sessionId": session} if session else {})
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data) :]
        while True:
            answer = self._next()
            if answer.get("id") == number:
                assert "error" not in answer, (method, answer["error"])
                return answer["result"]

    def until(self, done: Any) -> None:
        while not done():
            self._next()

    def _next(self) -> dict[str, Any]:
        while b"\0" not in self._rest:
            data = os.read(self._answers, 1 << 20)
            assert data, "Chromium has ended"
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        answer: dict[str, Any] = json.loads(message)
        if "method" in answer and answer.get("sessionId") in self.pages:
            self.pages[answer["sessionId"]].events.append(answer)
        return answer


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A page of a Chromium with a new profile. Skips where there is none, and fails where nothing may skip."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        _missing("Chromium")
    theirs_in, commands = os.pipe()
    answers, theirs_out = os.pipe()
    # The shell puts the pipes where Chromium expects them.
    start = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
    process = subprocess.Popen(
        ["bash", "-c", start, str(program), *FLAGS, f"--user-data-dir={profile}", "about:blank"],
        pass_fds=(theirs_in, theirs_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(theirs_in)
    os.close(theirs_out)
    try:
        chromium = _Chromium(commands, answers)
        target = chromium.call("Target.createTarget", {"url": "about:blank"})["targetId"]
        session = chromium.call("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        yield Page(chromium, session)
        chromium.call("Browser.close", {})
    finally:
        os.close(commands)
        os.close(answers)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def axe_core(folder: Path) -> str:
    """The script of axe-core. It is kept in a folder, as the wheel that carries it."""
    wheels = sorted(folder.glob(f"{AXE.replace('-', '_').replace('==', '-')}-*.whl"))
    if not wheels:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), AXE]
        if subprocess.run(command, capture_output=True, check=False, timeout=120).returncode:
            _missing("axe-core")
        wheels = sorted(folder.glob("*.whl"))
    with zipfile.ZipFile(wheels[0]) as wheel:
        return wheel.read("axe_playwright_python/axe.min.js").decode()
