"""Writes docs/benchmarks-streaming.md, its pictures and its JSON from the results of a run.

    python -m benchmarks.streaming_page

without a run: again from the JSON that lies in docs/.
"""

import json
from typing import Any

from benchmarks.curves import draw
from benchmarks.pages import DOCS, write_between_marks
from benchmarks.streaming_table import goals, table

PAGE, RESULTS = DOCS / "benchmarks-streaming.md", DOCS / "benchmarks-streaming.json"
BEGIN = "<!-- figures: written by make bench-streaming -->"


def write(results: dict[str, Any]) -> None:
    """`results`: machine, workers, cells and `frames_at_25`, the cell that the number of frames is told by."""
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    drawn = draw(results["cells"], DOCS / "pictures")
    pictures = [f"![{title}](pictures/{name})" for name, title in drawn.items()]
    parts = [told_machine(results), goals(results), *pictures, table(results["cells"])]
    write_between_marks(PAGE, BEGIN, "\n\n".join(parts))


def told_machine(results: dict[str, Any]) -> str:
    count = results["workers"]
    return f"Machine: {results['machine']} {count} worker process{'es' if count > 1 else ''}."


if __name__ == "__main__":
    write(json.loads(RESULTS.read_text()))
