"""A redis-server to be broken: alone or in cluster mode, killed, halted, emptied, started again on the same port."""

import signal
import subprocess
import time
from pathlib import Path

import redis

from tests.support.redis import free_port, redis_binary

UP_SECONDS = 20.0


class RedisProcess:
    """Keeps its data as the local cloud's does: what was written within the last second may be lost with it."""

    def __init__(self, folder: Path, *, cluster: bool) -> None:
        folder.mkdir(parents=True)
        self._folder, self.cluster, self.port = folder, cluster, free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        arguments = ["--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder), "--save", ""]
        arguments += ["--appendonly", "yes", "--appendfsync", "everysec", "--loglevel", "warning"]
        if self.cluster:
            arguments += ["--cluster-enabled", "yes"]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([redis_binary(), *arguments], stdout=log, stderr=log)

    def wait_until_up(self) -> None:
        """Until it serves; a cluster of one node is given all slots. Raises TimeoutError."""
        deadline = time.monotonic() + UP_SECONDS
        with self._client() as client:
            while time.monotonic() < deadline:
                try:
                    client.ping()
                    if not self.cluster:
                        return
                    told = str(client.execute_command("CLUSTER", "INFO"))
                    if "cluster_slots_assigned:16384" not in told:
                        for first in range(0, 16384, 1024):
                            client.execute_command("CLUSTER", "ADDSLOTS", *range(first, first + 1024))
                    elif "cluster_state:ok" in told:
                        return
                except redis.RedisError:
                    pass
                time.sleep(0.05)
        raise TimeoutError("redis-server does not answer.")

    def kill(self, *, forgets: bool) -> None:
        """Ends it at once; `forgets`: its data is gone, too."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._process = None
        if forgets:
            for path in sorted((self._folder / "appendonlydir").glob("*")) + sorted(self._folder.glob("*.aof")):
                path.unlink()

    def flush(self) -> None:
        """Empties it. Raises redis.RedisError."""
        with self._client() as client:
            client.flushall()

    def halt(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGCONT)

    def _client(self) -> "redis.Redis":
        return redis.Redis(port=self.port, socket_timeout=1, socket_connect_timeout=1)
