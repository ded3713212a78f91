"""What whole processes and pure rooms cost in CPU time: opening the app, reading a card."""

import io
import socket
import statistics
import subprocess
import sys
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
    """A row for `import app`, one for reading a card, one for encoding its portrait."""
    app = _import_milliseconds("app")
    chalice = _import_milliseconds("chalice")
    png = to_png(card(7), _portrait(), {})
    reading = _cpu_milliseconds(lambda: read_card_file(png, "card.png"))
    return [
        {
            "what": "`import app`, CPU",
            "measured": f"{app:.0f} ms",
            "baseline": f"`import chalice`: {chalice:.0f} ms",
            "goal": "≤ 150 ms",
        },
        {
            "what": f"read a card from a PNG of {len(png) // 1024} KB, CPU",
            "measured": f"{reading:.1f} ms",
            "goal": "≤ 20 ms",
        },
        {
            "what": "re-encode its portrait of 512×768 and the thumbnail, CPU",
            "measured": f"{_cpu_milliseconds(lambda: encode(_PORTRAIT)):.0f} ms",
        },
    ]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _import_milliseconds(module: str) -> float:
    """Median CPU time of one import in a fresh process, without the interpreter's own start."""
    code = f"import time; began = time.process_time(); import {module}; print((time.process_time() - began) * 1000)"
    took = [float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(RUNS)]
    return statistics.median(took)


def _cpu_milliseconds(work: Any) -> float:
    work()
    began = process_time()
    for _ in range(CARDS):
        work()
    return (process_time() - began) * 1000 / CARDS


def _portrait() -> bytes:
    """A picture with as much detail as a painted one."""
    noise = Image.effect_noise((512, 768), 40).convert("RGB")
    written = io.BytesIO()
    noise.save(written, "PNG")
    return written.getvalue()


_PORTRAIT = _portrait()
