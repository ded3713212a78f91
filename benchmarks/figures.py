"""From what a load saw to the figures of a cell."""

from collections import Counter
from typing import TYPE_CHECKING, Any

from benchmarks.cpu import Window
from benchmarks.tokens import spread

if TYPE_CHECKING:
    from benchmarks.load import Load

SHARE_RUNNING = 0.9
"""A first token counts for so many readers when this share of them was reading."""


def report(load: "Load") -> dict[str, Any]:
    """Losses, times, traffic, and CPU by process and window. CPU and bytes are of 1,000 tokens."""
    cell, ramp = load.cell, bool(load.cell.starts_a_second)
    whole = load.window("begin", "end")
    counted = load.window("steady", "ending") if ramp else load.window("all", "until")
    full = [one for one in load.done if one.running >= SHARE_RUNNING * cell.readers]
    timed = full if ramp else [one for one in full if _within(one.began_ns, counted)]
    first = [one.tally.took_ns / 1e6 for one in timed if one.tally.took_ns is not None]
    figures = {
        "target": cell.target,
        "readers": cell.readers,
        "tokens_a_second": cell.tokens_a_second,
        "replies": len(load.done),
        "tokens_a_reply": [min(cell.tokens), max(cell.tokens)],
        **_losses(load),
        "first_token_ms": {**spread(first), "samples": len(first)},
        "in_flight_ms": spread(load.arrivals.in_flight_ms(counted.begin.at_ns, counted.end.at_ns)),
        **_traffic(load),
        "whole": _spent(load, whole),
        "memory_mib": {role: round(most / 2**20, 1) for role, most in load.meter.memory_most.items()},
        "client_late_ms": spread(load.late_ms),
        "opening_seconds": round(load.opening_seconds, 1),
        "seconds": round(whole.seconds, 1),
    }
    if ramp:
        starting, steady = load.window("begin", "steady"), load.window("steady", "trickle")
        trickle, ending = load.window("trickle", "ending"), load.window("ending", "end")
        figures["starting"] = _spent(load, starting)
        figures["steady"] = _spent(load, steady)
        figures["trickle"] = _spent(load, trickle)
        figures["ending"] = _spent(load, ending)
        short = sum(1 for one in load.done if _within(one.began_ns, trickle))
        figures["beyond_tokens_cpu_ms"] = {
            "begin a long reply": _beyond_tokens(load, steady, starting, cell.readers),
            "begin and store a short one": _beyond_tokens(load, steady, trickle, short),
            "store a long one": _beyond_tokens(load, steady, ending, cell.readers),
        }
    else:
        figures["counted"] = _spent(load, counted)
    return figures


def _losses(load: "Load") -> dict[str, Any]:
    problems = Counter(one.problem for one in load.done if one.problem)
    return {
        "lost": sum(one.tally.lost(one.tokens) for one in load.done),
        "repeated": sum(one.tally.repeated for one in load.done),
        "disordered": sum(one.tally.disordered for one in load.done),
        "failed": sum(problems.values()),
        "problems": dict(problems.most_common(5)),
    }


def _traffic(load: "Load") -> dict[str, Any]:
    wires = [reader.wire for reader in load.readers]
    tokens = max(1, sum(one.tally.seen for one in load.done))
    text_frames = sum(wire.text_frames for wire in wires)
    envelope = sum(wire.envelope_bytes for wire in wires)

    def each_thousand(amount: int) -> float:
        return round(amount * 1000 / tokens, 1)

    return {
        "tokens": tokens,
        "text_frames": each_thousand(text_frames),
        "frames": each_thousand(sum(wire.frames for wire in wires)),
        "bytes": each_thousand(sum(wire.bytes for wire in wires)),
        "text_bytes": each_thousand(sum(wire.text_bytes for wire in wires)),
        "envelope_bytes": {
            "mean": round(envelope / max(1, text_frames), 1),
            "most": max((wire.envelope_most for wire in wires), default=0),
        },
        "sent_twice_bytes": sum(wire.twice_bytes for wire in wires),
        "resumes": sum(wire.resumes for wire in wires),
        "snapshots": sum(wire.snapshots for wire in wires),
        "replaced": sum(wire.replaced for wire in wires),
    }


def _spent(load: "Load", window: Window) -> dict[str, Any]:
    tokens = load.arrivals.count(window.begin.at_ns, window.end.at_ns)
    starts = sum(1 for one in load.done if _within(one.began_ns, window))
    spent = window.cpu_seconds
    return {
        "seconds": round(window.seconds, 1),
        "tokens": tokens,
        "starts": starts,
        "cpu_ms": {role: round(seconds * 1e6 / max(1, tokens), 2) for role, seconds in spent.items()},
        "cores": {role: round(seconds / window.seconds, 3) for role, seconds in spent.items()},
        "cores_of_others": round(window.cores_of_others, 2),
    }


def _beyond_tokens(load: "Load", steady: Window, window: Window, times: int) -> dict[str, float]:
    """CPU milliseconds that one of so many events in `window` took beyond the price of the window's tokens, which is
    what they cost in the steady time."""
    arrivals = load.arrivals
    steady_tokens = max(1, arrivals.count(steady.begin.at_ns, steady.end.at_ns))
    tokens = arrivals.count(window.begin.at_ns, window.end.at_ns)
    price = {role: seconds / steady_tokens for role, seconds in steady.cpu_seconds.items()}
    spent = window.cpu_seconds
    return {role: round((spent[role] - price[role] * tokens) * 1000 / max(1, times), 1) for role in spent}


def _within(at_ns: int, window: Window) -> bool:
    return window.begin.at_ns <= at_ns <= window.end.at_ns
