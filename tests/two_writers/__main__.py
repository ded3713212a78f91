"""`python -m tests.two_writers --seed 1 --schedules 10000`: one line of JSON, and status 1 when a rule was broken.

A schedule that broke a rule is named by its seed: `--only 1/4711` plays it again and tells each step. rules.py has the
rules. `--plant message` drops the conditions on messages' rows: then rules must be found broken.
"""

import argparse
import json
import logging
import sys
import time
import traceback
from collections import Counter

from tests.two_writers.play import Theatre
from tests.two_writers.rules import Broken

SHOWN_MOST = 5


def main() -> int:
    arguments = _arguments()
    # What the services would tell an operator is not of interest here.
    logging.disable(logging.CRITICAL)
    theatre = Theatre()
    theatre.cloud.blind = arguments.plant
    seeds = [arguments.only] if arguments.only else [f"{arguments.seed}/{n}" for n in range(arguments.schedules)]
    counts: Counter[str] = Counter()
    troubles: Counter[str] = Counter()
    broken: dict[str, str] = {}
    calls = switches = 0
    began, cpu = time.monotonic(), time.process_time()
    for seed in seeds:
        try:
            played = theatre.play(seed)
        except Exception as failure:  # noqa: BLE001  told below
            # What a service raises that it should not is broken, too.
            broken[seed] = str(failure) if isinstance(failure, Broken) else f"{type(failure).__name__}: {failure}"
            if arguments.only:
                traceback.print_exception(failure)
            if len(broken) >= arguments.most:
                break
            continue
        counts += played.counts
        troubles += played.troubles
        calls += theatre.cloud.calls
        switches += len(played.scheduler.trace)
    told = {
        "seed": arguments.seed,
        "schedules": len(seeds),
        "broken": len(broken),
        "deeds": sum(counts.values()),
        "conflicts_shown": sum(count for what, count in counts.items() if what.endswith(":conflict")),
        "dynamodb_calls": calls,
        "steps": switches,
        "troubles": dict(sorted(troubles.items())),
        "seconds": round(time.monotonic() - began, 1),
        "cpu_seconds": round(time.process_time() - cpu, 1),
        "answers": dict(sorted(counts.items())),
        "first": dict(list(broken.items())[:SHOWN_MOST]),
    }
    print(json.dumps(told))
    return 1 if broken else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="two_writers")
    parser.add_argument("--seed", default="1")
    parser.add_argument("--schedules", type=int, default=200)
    parser.add_argument("--only", help="the seed of one schedule, as it is told when a rule was broken")
    parser.add_argument("--most", type=int, default=20, help="broken schedules after which it stops")
    parser.add_argument("--plant", default="", help="drop all conditions on rows of a kind (message, branch, once …)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
