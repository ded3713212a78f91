"""`make peers`: what somebody takes away from here is opened by SillyTavern, in a browser, and compared.

In a temporary place SillyTavern is installed from npm, a data folder with one of everything is taken in by us and
written out again, SillyTavern is started on that folder, and its own page in Chromium is asked what it has. Exit 1
where characters, chats, worlds, presets or anything else differ from what was exported.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.sillytavern.comparing import Finding, compare
from tests.sillytavern.exported import export_into
from tests.sillytavern.program import Program

VERSION = "1.19.0"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", type=Path, help="a folder in which SillyTavern is installed already")
    parser.add_argument("--folder", type=Path, help="an export to look at, instead of one that is made here")
    parser.add_argument("--keep", action="store_true", help="leave the temporary place where it is")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="tavern-peers-"))
    try:
        program = given.program or install(place / "program")
        data = place / "data" / "default-user"
        if given.folder:
            shutil.copytree(given.folder, data)
        else:
            data.mkdir(parents=True)
            export_into(data)
        # SillyTavern may write into its folder; what it was given is looked up in a copy.
        original = place / "original"
        shutil.copytree(data, original)
        with Program(program, data.parent) as running:
            findings = compare(original, running)
    finally:
        if given.keep:
            print(f"Left in {place}.")
        else:
            shutil.rmtree(place, ignore_errors=True)
    sys.exit(told(findings))


def install(place: Path) -> Path:
    """SillyTavern from npm, at the version that docs name; its folder."""
    place.mkdir(parents=True)
    (place / "package.json").write_text('{"private": true}')
    print(f"Installing SillyTavern {VERSION} from npm (some minutes) …", flush=True)
    asked = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", f"sillytavern@{VERSION}"]
    subprocess.run(asked, cwd=place, check=True, env=os.environ | {"CI": "1"})
    return place / "node_modules" / "sillytavern"


def told(findings: list[Finding]) -> int:
    """Prints a line for each thing that was looked at; 1 where one differs."""
    for finding in findings:
        print(f"{'same   ' if finding.same else 'DIFFERS'}  {finding.what}")
        for line in finding.lines:
            print(f"           {line}")
    differing = sum(not finding.same for finding in findings)
    print(f"\n{len(findings) - differing} of {len(findings)} are the same in SillyTavern {VERSION}.")
    return int(differing > 0)


if __name__ == "__main__":
    main()
