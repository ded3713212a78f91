"""`python -m devcloud`: starts the local cloud, says where, and stops it on Ctrl-C."""

import argparse
import os
import signal
import sys
import threading
from pathlib import Path

from devcloud.places import CannotStart
from devcloud.supervisor import Cloud


def main() -> int:
    arguments = _arguments()
    stopping = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    cloud = Cloud(arguments.data, port=arguments.port, workers=arguments.workers, lan=arguments.lan, say=_say)
    try:
        cloud.start()
    except CannotStart as problem:
        print(f"\n{problem}\n", file=sys.stderr)
        return 1
    _say(f"Ready. Your data: {cloud.data}. Logs: {cloud.data / 'logs'}. Stop with Ctrl-C.")
    if arguments.lan:
        _show_code(cloud.url)
    _say(f"open {cloud.url}")
    stopping.wait()
    _say("Stopping …")
    cloud.stop()
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="devcloud", description="TavernAI Plus on this machine.")
    parser.add_argument("--port", type=int, default=8787, help="where the page is (8787)")
    parser.add_argument("--data", type=Path, default=Path(".data"), help="folder of the data (.data)")
    parser.add_argument("--workers", type=int, default=2, help="processes that run replies (2)")
    parser.add_argument("--lan", action="store_true", help="let other devices of this network in, such as a phone")
    return parser.parse_args()


def _say(line: str) -> None:
    print(f"  {line}", flush=True)


def _show_code(url: str) -> None:
    import segno

    if os.isatty(sys.stdout.fileno()):
        segno.make(url, error="l").terminal(compact=True)


if __name__ == "__main__":
    sys.exit(main())
