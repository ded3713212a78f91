"""How a process of the local cloud begins: it does not outlive its parent, and logs to the file it was given.

`python -m devcloud.leash program …` puts a program that is not ours on the leash and becomes it.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
import time

_PR_SET_PDEATHSIG = 1


def die_with_parent(parent: int | None = None) -> None:
    """This process gets SIGTERM (Linux) or ends (elsewhere) when its parent is gone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if parent is not None and os.getppid() != parent:
            os._exit(0)
        return
    watched = os.getppid() if parent is None else parent
    threading.Thread(target=_watch, args=(watched,), name="leash", daemon=True).start()


def log_to_stderr() -> None:
    """Our own lines, and warnings of everybody."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("devcloud").setLevel(logging.INFO)


def parent_from_environment() -> int | None:
    """The supervisor's process id, which it leaves for its children."""
    given = os.environ.get("DEVCLOUD_PARENT")
    return int(given) if given else None


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(0)


if __name__ == "__main__":
    die_with_parent(parent_from_environment())
    os.execvp(sys.argv[1], sys.argv[1:])  # noqa: S606
