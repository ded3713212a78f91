"""The figures of docs/benchmarks.md: `make bench`.

Starts the whole local stack and the paced model, measures each thing beside its baseline in the same run, prints a
table and writes it with the machine's description between the marks in docs/benchmarks.md.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks import library, processes, replies, rest
from benchmarks.pages import DOCS, machine, write_between_marks
from devcloud.supervisor import Cloud

BEGIN = "<!-- figures: written by make bench -->"
PAGE = DOCS / "benchmarks.md"


async def measure(cloud: Cloud, model_address: str) -> list[dict[str, Any]]:
    """Every figure, one after another: they share two cores."""
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        rows = await replies.first_tokens(http, cloud, model_address)
        rows += await rest.eight_clients(http, cloud, model_address)
        rows += await library.wall_and_chats(http, cloud, model_address)
    return rows + processes.imports_and_cards()


def table(rows: list[dict[str, Any]]) -> str:
    """The rows in Markdown."""
    lines = ["| what | measured | baseline in the same run | goal |", "|---|---|---|---|"]
    lines += [
        f"| {row['what']} | {row['measured']} | {row.get('baseline', '–')} | {row.get('goal', '–')} |" for row in rows
    ]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--print", action="store_true", help="leave docs/benchmarks.md as it is")
    only_print = parser.parse_args().print
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavern-bench-")))
        port = processes.free_port()
        model = subprocess.Popen([sys.executable, "-m", "benchmarks.paced_model", "--port", str(port)])
        stack.callback(model.wait)
        stack.callback(model.terminate)
        knobs = {"TAVERN_REQUESTS_PER_MINUTE": "1000000", "TAVERN_SIGN_INS_PER_MINUTE": "1000000"}
        cloud = Cloud(folder, port=0, workers=1, settings=knobs, say=lambda line: print(line, file=sys.stderr))
        cloud.start()
        stack.callback(cloud.stop)
        rows = asyncio.run(measure(cloud, f"http://127.0.0.1:{port}/v1"))
    print(table(rows))
    print(json.dumps(rows))
    if not only_print:
        write_between_marks(PAGE, BEGIN, f"Machine: {machine()}\n\n{table(rows)}")


if __name__ == "__main__":
    main()
