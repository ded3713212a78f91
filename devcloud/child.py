"""One process of the local cloud: started, watched, started again when it dies, stopped."""

import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

# Between two starts of a process that keeps dying.
_MOST_PAUSE_SECONDS = 5.0
_LOG_BYTES = 5_000_000


class Child:
    def __init__(self, role: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        self.role = role
        self.command = list(command)
        self.environment = dict(environment)
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.deaths = 0
        self._started_at = 0.0
        self._start_again_at = 0.0

    @property
    def pid(self) -> int | None:
        """None while it is not running."""
        return self.process.pid if self.process is not None and self.process.poll() is None else None

    def start(self) -> None:
        with _log_file(self.log) as log:
            self.process = subprocess.Popen(  # the log's descriptor is the child's own copy
                self.command,
                env={**self.environment, "DEVCLOUD_PARENT": str(os.getpid())},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C reaches the supervisor only, which stops its children in order.
                start_new_session=True,
            )
        self._started_at = time.monotonic()

    def died(self) -> int | None:
        """How the process ended, once for each end; None while it runs."""
        if self.process is None:
            return None
        code = self.process.poll()
        if code is None:
            return None
        self.process = None
        lived = time.monotonic() - self._started_at
        self.deaths = self.deaths + 1 if lived < 10 else 1
        pause = 0.0 if self.deaths == 1 else min(0.25 * 2**self.deaths, _MOST_PAUSE_SECONDS)
        self._start_again_at = time.monotonic() + pause
        return code

    def start_when_due(self) -> bool:
        """True when it was started now."""
        if self.process is not None or time.monotonic() < self._start_again_at:
            return False
        self.start()
        return True

    def ask_to_stop(self) -> None:
        if self.pid is not None:
            os.kill(self.pid, signal.SIGTERM)

    def wait(self, timeout_seconds: float) -> None:
        """Until it has ended; killed when it takes longer."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def last_words(self, lines: int = 15) -> str:
        """The end of its log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


def _log_file(path: Path) -> IO[bytes]:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > _LOG_BYTES:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
