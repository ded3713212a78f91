"""Where figures are written down: between the marks of a page in docs/, with the machine they come from."""

import platform
from datetime import UTC, datetime
from pathlib import Path

import psutil

DOCS = Path(__file__).resolve().parent.parent / "docs"
END = "<!-- end of figures -->"


def write_between_marks(page: Path, begin: str, text: str) -> None:
    """Replaces what stands between `begin` and the next `END`."""
    before, _, rest = page.read_text().partition(begin)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{begin}\n\n{text}\n\n{END}{after}")


def machine() -> str:
    """One line about where the figures come from."""
    memory = round(psutil.virtual_memory().total / 2**30)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {psutil.cpu_count()} cores ({_processor()}), {memory} GiB, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}; the client, the model, the "
        "gateway, the emulated AWS, Redis and the workers all on this one machine."
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
