"""Writes the files that are generated from the doors and models, or with --check says which are stale.

    python -m cli.contracts            writes docs/openapi.json, docs/asyncapi.json, docs/socket.md, web/src/api/schema.ts
    python -m cli.contracts --check    fails when one of them is not what it would write
"""

import sys
from pathlib import Path

from chalicelib.entrypoints.rest.doors import all_doors
from cli.typescript import schema_ts

ROOT = Path(__file__).resolve().parent.parent


def generated() -> dict[str, str]:
    """Every generated file by its path."""
    doors = all_doors()
    return {
        "web/src/api/schema.ts": schema_ts(doors),
    }


def main() -> int:
    stale = [path for path, text in generated().items() if _read(ROOT / path) != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            print(f"{path} is stale. Run `make generate`.")
        return 1 if stale else 0
    for path, text in generated().items():
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        if path in stale:
            print(f"wrote {path}")
    return 0


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
