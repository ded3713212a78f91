"""Writes the files that are generated from the doors and models, or with --check says which are stale.

python -m cli.contracts            writes docs/openapi.json, asyncapi.json, socket.md and web/src/api/schema.ts
python -m cli.contracts --check    fails when one of them is not what it would write
"""

import json
import sys
import tomllib
from pathlib import Path
from typing import Any

from chalicelib.entrypoints.rest.doors import all_doors
from cli.asyncapi import asyncapi, socket_md
from cli.openapi import openapi
from cli.typescript import schema_ts

ROOT = Path(__file__).resolve().parent.parent


def generated() -> dict[str, str]:
    """Every generated file by its path."""
    doors = all_doors()
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    return {
        "docs/openapi.json": _json(openapi(doors, version=version)),
        "docs/asyncapi.json": _json(asyncapi(version=version)),
        "docs/socket.md": socket_md(),
        "web/src/api/schema.ts": schema_ts(doors),
    }


def main() -> int:
    stale = {path: text for path, text in generated().items() if _read(ROOT / path) != text}
    check = "--check" in sys.argv[1:]
    for path, text in stale.items():
        if check:
            print(f"{path} is stale. Run `make generate`.")
            continue
        (ROOT / path).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / path).write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    return 1 if check and stale else 0


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


if __name__ == "__main__":
    sys.exit(main())
