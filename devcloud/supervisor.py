"""One local cloud: its processes in the order they need each other, kept alive, stopped together.

aws      MiniStack: DynamoDB, S3, SQS, secrets          redis    where there is one
front    REST, sockets, media, pages                    worker   the queues; the first one also is the clock
"""

import contextlib
import fcntl
import http.client
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO

import psutil

from chalicelib.settings import InvalidSettings, Settings
from devcloud.child import Child
from devcloud.places import (
    CannotStart,
    Places,
    base_environment,
    choose_places,
    outside_redis,
    redis_program,
    write_environment,
)

START_SECONDS = 60.0
STOP_SECONDS = 5.0


class Cloud:
    def __init__(
        self,
        data: Path,
        *,
        port: int = 8787,
        workers: int = 2,
        replies_at_once: int = 200,
        lan: bool = False,
        settings: Mapping[str, str] | None = None,
        socket_limits: Mapping[str, float] | None = None,
        function_seconds: float | None = None,
        say: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`settings` are TAVERN_ variables for the processes; port 0 takes a free one; `say` gets the progress.

        `replies_at_once` is what one worker writes at the same time. `socket_limits` are other `idle_seconds`
        and `connection_seconds` than API Gateway's. `function_seconds` is a worker's time for a reply, as a function on
        AWS has it; without it a slow model may take as long as it likes.
        """
        self.data = data.resolve()
        self._wanted_port, self._lan, self._worker_count = port, lan, workers
        self._replies_at_once = replies_at_once
        self._settings = dict(settings or {})
        self._socket_limits = dict(socket_limits or {})
        self._function_seconds = function_seconds
        self._say = say
        self._children: dict[str, Child] = {}
        self._watching = threading.Event()
        self._watcher: threading.Thread | None = None
        self._paused: set[str] = set()
        self._lock: IO[str] | None = None
        self.places: Places
        self.environment: dict[str, str] = {}

    # --- the whole

    def start(self) -> None:
        """Returns when everything answers. Raises CannotStart."""
        self.data.mkdir(parents=True, exist_ok=True)
        self._lock = _lock(self.data)
        try:
            _end_leftovers(self.data)
            self.places = choose_places(self.data, self._wanted_port, lan=self._lan)
            self._start_parts()
        except BaseException:
            self.stop()
            raise
        self._watching.set()
        self._watcher = threading.Thread(target=self._watch, name="supervisor", daemon=True)
        self._watcher.start()

    def stop(self) -> None:
        """Stops all, the front and the workers first: they finish with what the others hold."""
        self._watching.clear()
        if self._watcher is not None:
            self._watcher.join()
            self._watcher = None
        outer = [child for role, child in self._children.items() if role not in ("aws", "redis")]
        for group in (outer, [child for child in self._children.values() if child not in outer]):
            for child in group:
                child.ask_to_stop()
            deadline = time.monotonic() + STOP_SECONDS
            for child in group:
                child.wait(max(0.1, deadline - time.monotonic()))
        for name in ("children.json", "environment"):
            (self.data / name).unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    @property
    def url(self) -> str:
        return self.places.public_url

    # --- its parts, for tests that break them

    @property
    def roles(self) -> list[str]:
        """aws, redis, front, worker-1, worker-2 …"""
        return list(self._children)

    def pid(self, role: str) -> int | None:
        """None while the process is not running."""
        return self._children[role].pid

    def kill(self, role: str, number: int = signal.SIGKILL) -> int:
        """Sends a signal; the process id it went to. A dead process is started again at once, unless it is held."""
        child = self._children[role]
        if child.process is None or child.pid is None:
            raise ProcessLookupError(f"{role} is not running.")
        child.process.send_signal(number)
        return child.process.pid

    def hold(self, role: str) -> None:
        """From now on the process stays away when it dies, until `release`."""
        self._paused.add(role)

    def release(self, role: str) -> None:
        self._paused.discard(role)

    def wait_until_up(self, role: str, *, not_pid: int | None = None, timeout_seconds: float = 20) -> int:
        """The id of the running process that answers; `not_pid` is the dead one. Raises TimeoutError."""
        deadline = time.monotonic() + timeout_seconds
        while time.monotonic() < deadline:
            pid = self._children[role].pid
            if pid is not None and pid != not_pid and self._answers(role):
                return pid
            time.sleep(0.02)
        raise TimeoutError(f"{role} did not come up again.")

    # --- starting

    def _start_parts(self) -> None:
        redis_url = outside_redis(self._settings)
        program = redis_program() if redis_url is None else None
        if redis_url:
            self._say(f"Redis: {redis_url.rpartition('@')[2]}")
        elif program:
            redis_url = f"redis://127.0.0.1:{self.places.redis_port}/0"
            self._say(f"Redis: {program[1]}")
        else:
            self._say("Redis: none found. Everything works without it, a little slower.")
        self.environment = base_environment(self.places, self._settings, redis_url)
        try:
            Settings.from_environment(self.environment)
        except InvalidSettings as problem:
            raise CannotStart(str(problem)) from None
        module = [sys.executable, "-m"]
        if program:
            (self.data / "redis").mkdir(exist_ok=True)
            self._add("redis", [*module, "devcloud.leash", program[0], *self._redis_arguments()])
        self._add(
            "aws",
            [
                *module,
                "devcloud.aws",
                "--port",
                str(self.places.aws_port),
                "--data",
                str(self.data),
                "--release-messages",
            ],
        )
        self._say("Starting the emulated AWS …")
        provisioning = self._begin_provision()
        try:
            self._wait_for("aws")
        except BaseException:
            provisioning.kill()
            provisioning.communicate()
            raise
        # Only now: when the emulator alone starts again, the workers still hold their messages.
        self._children["aws"].command.remove("--release-messages")
        self.environment.update(_queues(provisioning))
        write_environment(self.data / "environment", self.environment)
        self._say("Starting the doors and the workers …")
        front = ["--host", self.places.host, "--port", str(self.places.port), "--aws", self.places.aws_endpoint]
        for name, seconds in self._socket_limits.items():
            front += [f"--{name.replace('_', '-')}", str(seconds)]
        self._add("front", [*module, "devcloud.front", *front])
        for number in range(1, self._worker_count + 1):
            worker = [*module, "devcloud.worker", "--at-once", str(self._replies_at_once)]
            if self._function_seconds is not None:
                worker += ["--function-seconds", str(self._function_seconds)]
            self._add(f"worker-{number}", [*worker, *(["--clock"] if number == 1 else [])])
        for role in self._children:
            self._wait_for(role)
        self._note_children()

    def _begin_provision(self) -> "subprocess.Popen[str]":
        """Creates tables, bucket and queues as soon as the emulator answers; meanwhile it loads what that needs."""
        prefix = self.environment.get("TAVERN_TABLE_PREFIX", "tavern")
        command = [sys.executable, "-m", "devcloud.provision", self.places.aws_endpoint, prefix]
        return subprocess.Popen(
            command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def _redis_arguments(self) -> list[str]:
        arguments = {
            "--port": str(self.places.redis_port),
            "--bind": "127.0.0.1",
            "--dir": str(self.data / "redis"),
            "--appendonly": "yes",
            "--appendfsync": "everysec",
            "--save": "",
            "--loglevel": "warning",
            "--maxmemory-policy": "noeviction",
        }
        return [part for pair in arguments.items() for part in pair]

    def _add(self, role: str, command: list[str]) -> None:
        child = Child(role, command, self.environment, self.data / "logs" / f"{role.partition('-')[0]}.log")
        self._children[role] = child
        child.start()

    def _wait_for(self, role: str) -> None:
        child = self._children[role]
        deadline = time.monotonic() + START_SECONDS
        while not self._answers(role):
            if child.pid is None:
                raise CannotStart(f"{role} did not start. The end of {child.log}:\n\n{child.last_words()}")
            if time.monotonic() > deadline:
                raise CannotStart(f"{role} does not answer. Look into {child.log}.")
            time.sleep(0.02)

    def _answers(self, role: str) -> bool:
        match role:
            case "aws":
                return _http_answers(self.places.aws_port, "/_ministack/health")
            case "front":
                return _http_answers(self.places.port, "/socket/health")
            case "redis":
                return _listens(self.places.redis_port)
            case _:
                return self._children[role].pid is not None

    def _note_children(self) -> None:
        living = [(pid, psutil.Process(pid).create_time()) for c in self._children.values() if (pid := c.pid)]
        (self.data / "children.json").write_text(json.dumps(living))

    # --- watching

    def _watch(self) -> None:
        while self._watching.is_set():
            for role, child in self._children.items():
                code = child.died()
                if code is not None:
                    self._say(f"{role} ended ({_how(code)}); starting it again. Its log: {child.log}")
                if role not in self._paused and child.start_when_due():
                    with contextlib.suppress(psutil.NoSuchProcess):
                        self._note_children()
            time.sleep(0.05)


def _queues(provisioning: "subprocess.Popen[str]") -> dict[str, str]:
    """The settings that name the queues, once they are made."""
    said, complained = provisioning.communicate()
    if provisioning.returncode:
        raise CannotStart(f"The tables could not be made:\n\n{complained}")
    queues = json.loads(said)
    return {"TAVERN_GENERATION_QUEUE_URL": queues["generations"], "TAVERN_JOB_QUEUE_URL": queues["jobs"]}


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"


def _lock(data: Path) -> IO[str]:
    file = (data / "lock").open("w")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise CannotStart(
            f"TavernAI Plus already runs with the data in {data}. Stop it, or choose another folder: make run DATA=…"
        ) from None
    return file


def _end_leftovers(data: Path) -> None:
    """Ends processes that an earlier supervisor left when it was killed: they would hold the files."""
    noted = data / "children.json"
    if not noted.exists():
        return
    left = []
    for pid, created in json.loads(noted.read_text() or "[]"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            # The same number may belong to another program by now.
            if abs(process.create_time() - created) < 1:
                process.kill()
                left.append(process)
    psutil.wait_procs(left, timeout=5)
    noted.unlink()


def _http_answers(port: int, path: str) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
