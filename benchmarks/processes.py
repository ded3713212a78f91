"""What whole processes and pure rooms cost in CPU time: opening the app, reading a card."""

import io
import os
import socket
import statistics
import subprocess
import sys
from importlib.resources import files
from time import process_time
from typing import Any

from PIL import Image

from benchmarks.seeding import card
from chalicelib.cards.reading import read_card_file
from chalicelib.cards.writing import to_png
from chalicelib.services.pictures import encode

RUNS = 9
CARDS = 50


def imports_and_cards() -> list[dict[str, Any]]:
    """A row for `import app`, one for importing a card."""
    app = _import_milliseconds("app")
    chalice = _import_milliseconds("chalice")
    png = to_png(card(7), _PORTRAIT, {})
    reading = _cpu_milliseconds(lambda: read_card_file(png, "card.png"))
    importing = _cpu_milliseconds(lambda: encode(read_card_file(png, "card.png").picture or b""))
    return [
        {
            "what": "`import app`, CPU",
            "measured": f"{app:.0f} ms",
            "baseline": f"`import chalice`: {chalice:.0f} ms",
            "goal": "≤ 150 ms",
        },
        {
            "what": f"import a card from a PNG of {len(png) // 1024} KB: read, re-encode, thumbnail; CPU",
            "measured": f"{importing:.1f} ms, of it reading the card {reading:.1f} ms",
            "goal": "≤ 20 ms",
        },
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _import_milliseconds(module: str) -> float:
    """Median CPU time of one import in a fresh process, without the interpreter's own start."""
    code = f"import time; began = time.process_time(); import {module}; print((time.process_time() - began) * 1000)"
    # Compiled modules lie ready in a deployment, so they may here.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    run = [sys.executable, "-c", code]
    took = [float(subprocess.check_output(run, env=environment)) for _ in range(RUNS)]
    return statistics.median(took)


def _cpu_milliseconds(work: Any) -> float:
    work()
    began = process_time()
    for _ in range(CARDS):
        work()
    return (process_time() - began) * 1000 / CARDS


def _portrait() -> bytes:
    """A painted portrait at the size people share: the one of a character that comes along."""
    painted = Image.open(io.BytesIO((files("chalicelib") / "welcome" / "wen.jpg").read_bytes()))
    written = io.BytesIO()
    painted.resize((512, 768)).save(written, "PNG")
    return written.getvalue()


_PORTRAIT = _portrait()
