"""SillyTavern running on a data folder, and a page of it in Chromium that answers questions."""

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

from playwright.sync_api import sync_playwright

STARTING_SECONDS = 900
"""Its page is put together at the first start: half a minute, and much more on a busy machine."""
_READY = """() => window.SillyTavern?.getContext?.()?.characters?.length > 0
  && !document.querySelector('#preloader')"""
_ASK = """async ([path, body]) => {
  const headers = { ...SillyTavern.getContext().getRequestHeaders() }
  const answer = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${path} answered ${answer.status}`)
  return answer.json()
}"""


class Program:
    """Started and opened in a `with`."""

    def __init__(self, folder: Path, data: Path) -> None:
        self._folder, self._data = folder, data

    def __enter__(self) -> "Program":
        port = _free_port()
        log = (self._data.parent / "program.log").open("wb")
        asked = {"port": port, "dataRoot": self._data, "configPath": self._config()}
        asked |= {"browserLaunchEnabled": "false", "listen": "false"}
        self._process = subprocess.Popen(
            ["node", "server.js", *(f"--{name}={value}" for name, value in asked.items())],
            cwd=self._folder,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
        )
        address = f"http://127.0.0.1:{port}"
        self._await(address)
        self._playwright = sync_playwright().start()
        self._browser = self._playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        self._page = self._browser.new_page()
        self._page.goto(address, timeout=STARTING_SECONDS * 1000)
        self._page.wait_for_function(_READY, timeout=STARTING_SECONDS * 1000)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if hasattr(self, "_playwright"):
            self._browser.close()
            self._playwright.stop()
        self._process.terminate()
        self._process.wait(20)
        if error is not None:
            print((self._data.parent / "program.log").read_text("utf-8", "replace")[-3000:])

    def ask(self, path: str, body: Any = None) -> Any:
        """What its server answers its own page."""
        return self._page.evaluate(_ASK, [path, body or {}])

    def look(self, expression: str, given: Any = None) -> Any:
        """What its page holds."""
        return self._page.evaluate(expression, given)

    def _config(self) -> Path:
        """Its configuration, copied, so that what is installed stays as it is."""
        config = self._data.parent / "config.yaml"
        shutil.copyfile(self._folder / "default" / "config.yaml", config)
        return config

    def _await(self, address: str) -> None:
        for _ in range(STARTING_SECONDS):
            if self._process.poll() is not None:
                raise SystemExit("SillyTavern did not start.")
            try:
                urlopen(address, timeout=5).close()
                return
            except (URLError, OSError):
                time.sleep(1)
        raise SystemExit("SillyTavern does not answer.")


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
