"""1 to 1,000 replies at once, through everything: `make bench-streaming`.

    python -m benchmarks.streaming --only 1,10,100 --targets product --no-pages

Starts the local cloud, the paced model and the bare relay, and lets the same load run through each of them in turn:
straight from the model, through the relay, through REST, queue, workers, log, gateway and sockets. Prints tables and
a line of JSON, draws the curves and writes docs/benchmarks-streaming.md. How the load goes about it is told by
benchmarks/load.py.
"""

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from benchmarks import streaming_page
from benchmarks.cpu import pids
from benchmarks.load import SETTLE_SECONDS
from benchmarks.pages import machine
from benchmarks.processes import free_port
from benchmarks.seeding import add_readers
from benchmarks.streaming_table import goals, table
from devcloud.supervisor import Cloud

TARGETS = ("direct", "relay", "product")
FIRST_TOKEN_MS = 200
FRAMES_READERS = 4
FRAMES = ["--tokens-a-second", "25", "--tokens", "300,400", "--seconds", "15", "--quiet", "0"]
"""A cell of its own for the number of frames, which depends on the pace."""
QUIET_SECONDS = 3.0
KNOBS = {
    "TAVERN_REQUESTS_PER_MINUTE": "1000000",
    "TAVERN_SOCKET_FRAMES_PER_MINUTE": "1000000",
    "TAVERN_SOCKETS_MOST": "1000000",
    "TAVERN_REPLIES_PER_DAY": "1000000",
    "TAVERN_TOKENS_PER_DAY": "1000000000",
}


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def main() -> None:
    chosen = arguments(sys.argv[1:])
    # So that what was started is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    results: dict[str, Any] = {"machine": machine(), "workers": chosen.workers}
    with stage(workers=chosen.workers, at_once=chosen.at_once) as one:
        rows = [run_cell(one, readers, target, chosen) for readers in chosen.only for target in chosen.targets]
        results["cells"] = rows
        if "product" in chosen.targets and chosen.frames:
            results["frames_at_25"] = run_cell(one, FRAMES_READERS, "product", arguments(FRAMES))
    print(goals(results))
    print()
    print(table(rows))
    print(json.dumps(results))
    if chosen.pages:
        streaming_page.write(results)
    if any(row["lost"] or row["repeated"] or row["disordered"] or row["failed"] for row in rows):
        sys.exit(1)


@dataclass(frozen=True)
class Stage:
    """What the load runs through; addresses by target."""

    cloud: Cloud
    addresses: dict[str, str]
    model_pid: int
    relay_pid: int


@contextmanager
def stage(
    *,
    workers: int,
    at_once: int,
    socket_limits: Mapping[str, float] | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Stage]:
    """A local cloud in a temporary folder, the paced model, and the bare relay. `settings` are TAVERN_ variables."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavern-bench-")))
        ports = free_port(), free_port()
        model, relay = f"http://127.0.0.1:{ports[0]}/v1", f"http://127.0.0.1:{ports[1]}"
        model_pid = stack.enter_context(_program("benchmarks.paced_model", ports[0]))
        relay_pid = stack.enter_context(_program("benchmarks.bare_relay", ports[1], "--model", model))
        knobs, limits = {**KNOBS, **(settings or {})}, dict(socket_limits or {})
        cloud = Cloud(
            folder, port=0, workers=workers, replies_at_once=at_once, settings=knobs, socket_limits=limits, say=say
        )
        stack.callback(cloud.stop)
        cloud.start()
        yield Stage(cloud, {"direct": model, "relay": relay, "product": cloud.url}, model_pid, relay_pid)


def run_cell(one: Stage, readers: int, target: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """The figures of so many readers through one target."""
    cell = make_cell(readers, target, chosen)
    cell |= {"address": one.addresses[target], "processes": {"model": one.model_pid}}
    if target == "relay":
        cell["processes"]["relay"] = one.relay_pid
    elif target == "product":
        cell["processes"] |= pids(one.cloud)
        cell["people"] = add_readers(one.cloud.environment, one.addresses["direct"], cell["models"])
        time.sleep(chosen.quiet)
    say(f"{readers:,} at once, {target} …")
    row = measure(cell, one.addresses["direct"])
    say(json.dumps(row))
    return row


def make_cell(readers: int, target: str, chosen: argparse.Namespace) -> dict[str, Any]:
    """The `Cell` of benchmarks/load.py: few readers go the closed way, many the ramp."""
    cell: dict[str, Any] = {"target": target, "readers": readers, "tokens_a_second": chosen.tokens_a_second}
    if readers < chosen.ramp_from:
        least, most = chosen.tokens
        tokens = [least + (most - least) * number // max(1, readers - 1) for number in range(readers)]
        cell["seconds"] = chosen.seconds * (2 if readers == 1 else 1)
    else:
        spare = round(chosen.trickle * chosen.trickle_a_second)
        cell |= {
            "starts_a_second": chosen.starts_a_second,
            "steady": chosen.steady,
            "trickle": chosen.trickle,
            "trickle_a_second": chosen.trickle_a_second,
        }
        longest = readers / chosen.starts_a_second + chosen.steady + chosen.trickle
        longest += chosen.trickle_tokens / chosen.tokens_a_second + 3 * SETTLE_SECONDS
        long = max(chosen.long_tokens, round(longest * chosen.tokens_a_second))
        tokens = [long] * readers + [chosen.trickle_tokens] * spare
    cell["tokens"] = tokens
    cell["models"] = [f"paced-ttft{FIRST_TOKEN_MS}-tps{chosen.tokens_a_second:g}-n{count}" for count in tokens]
    return cell


def measure(cell: dict[str, Any], model_address: str) -> dict[str, Any]:
    """The cell's figures, and how late the model itself was."""
    ask_model(model_address, "/stats?reset")
    load = [sys.executable, "-m", "benchmarks.load"]
    ran = subprocess.run(load, input=json.dumps(cell), stdout=subprocess.PIPE, text=True, check=True)
    row: dict[str, Any] = json.loads(ran.stdout)
    row["model_late_ms"] = ask_model(model_address, "/stats")["lateness_ms"]
    return row


def ask_model(model_address: str, path: str) -> Any:
    """What the paced model says of itself."""
    with urllib.request.urlopen(model_address.removesuffix("/v1") + path, timeout=60) as answer:
        return json.load(answer)


@contextmanager
def _program(module: str, port: int, *arguments: str) -> Iterator[int]:
    """A running program of ours that listens on this port; its process."""
    process = subprocess.Popen([sys.executable, "-m", module, "--port", str(port), *arguments])
    try:
        until = time.monotonic() + 30
        while not any(one.laddr.port == port for one in psutil.Process(process.pid).net_connections()):
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"{module} did not start.")
            time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait()


def arguments(given: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    whole = lambda text: [int(part) for part in text.split(",")]  # noqa: E731
    parser.add_argument("--only", type=whole, default=[1, 10, 100, 500, 1000], help="how many at once: 1,10,100")
    parser.add_argument("--targets", type=_targets, default=list(TARGETS), help="some of direct,relay,product")
    parser.add_argument("--workers", type=int, default=1, help="worker processes")
    parser.add_argument("--at-once", type=int, default=1200, help="replies that one worker writes at the same time")
    parser.add_argument("--tokens-a-second", type=float, default=20, help="of each reply")
    parser.add_argument("--seconds", type=float, default=30, help="of a closed cell; one reader takes twice as long")
    parser.add_argument("--tokens", type=whole, default=[100, 200], help="of a closed cell's replies: least,most")
    parser.add_argument("--ramp-from", type=int, default=500, help="from so many readers on with long replies")
    parser.add_argument("--long-tokens", type=int, default=1500, help="of a long reply, at least")
    parser.add_argument("--starts-a-second", type=float, default=10, help="of the ramp")
    parser.add_argument("--steady", type=float, default=20, help="seconds in which no reply begins or ends")
    parser.add_argument("--trickle", type=float, default=20, help="seconds of short replies beside the long ones")
    parser.add_argument("--trickle-a-second", type=float, default=5)
    parser.add_argument("--trickle-tokens", type=int, default=100)
    parser.add_argument("--quiet", type=float, default=QUIET_SECONDS, help="seconds of rest before a cell")
    parser.add_argument("--no-frames", dest="frames", action="store_false", help="leave out the cell at 25 a second")
    parser.add_argument("--no-pages", dest="pages", action="store_false", help="leave docs/ as it is")
    return parser.parse_args(given)


def _targets(text: str) -> Sequence[str]:
    chosen = text.split(",")
    if set(chosen) - set(TARGETS):
        raise argparse.ArgumentTypeError(f"Targets are {', '.join(TARGETS)}.")
    return chosen


if __name__ == "__main__":
    main()
