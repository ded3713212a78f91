"""`python -m tests.chaos --seed 1 --generations 2000 --mode redis`: one line of JSON a mode; 1 when anything is wrong.

The same seed gives the same scripts, the same blows at the same times, and the same lines to the readers.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.chaos.run import MODES, Run, run


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--generations", type=int, default=2_000)
    parser.add_argument("--mode", choices=MODES, help="all three, one after the other, when it is not given")
    parser.add_argument("--chats", type=int, default=50, help="how many at once")
    parser.add_argument("--blow-every", type=float, default=4.0, help="seconds between two blows at a process")
    parser.add_argument("--blows", type=int, default=500, help="after so many, peace")
    parser.add_argument("--lease", type=float, default=15.0, help="seconds after which a lost worker is noticed")
    parser.add_argument("--patience", type=float, default=1.0, help="multiplies the bounds, for a busy machine")
    parser.add_argument("--calm", action="store_true", help="break nothing")
    parser.add_argument("--plant", choices=("", "lost-frame", "wrong-byte"), default="", help="a fault to be found")
    parser.add_argument("--folder", type=Path, help="for data and logs; kept when anything is wrong")
    asked = parser.parse_args()
    # Whoever ends it means all of it: the cloud and Redis, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    passed = True
    for mode in [asked.mode] if asked.mode else MODES:
        wanted = Run(
            seed=asked.seed,
            generations=asked.generations,
            mode=mode,
            chats=asked.chats,
            blow_every=asked.blow_every,
            blows=asked.blows,
            lease=asked.lease,
            patience=asked.patience,
            calm=asked.calm,
            plant=asked.plant,
        )
        folder = Path(tempfile.mkdtemp(prefix=f"chaos-{mode}-", dir=asked.folder))
        figures = uvloop.run(run(wanted, folder))
        print(json.dumps(figures), flush=True)
        if figures["passed"]:
            shutil.rmtree(folder)
        else:
            passed = False
            replay = f"make chaos SEED={asked.seed} GENERATIONS={asked.generations} MODE={mode}"
            print(f"Failed. Replay it: {replay}\nThe logs are in {folder}.", file=sys.stderr)
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main())
