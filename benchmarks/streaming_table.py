"""The figures of the streaming benchmark as tables in Markdown."""

from collections.abc import Sequence
from typing import Any

NAMES = {"direct": "the model alone", "relay": "bare relay", "product": "TavernAI Plus"}
SHORT = "begin and store a short one"
FIRST_TOKEN_GOALS = {1: 25, 100: 60, 500: 150, 1000: 355}
WORKER_GOAL_MS, FRAMES_GOAL = 45, 200
AROUND = ("client", "model")
"""Processes that are not of the target."""


def table(rows: Sequence[dict[str, Any]]) -> str:
    parts = [_times(rows), _traffic(rows), _cpu(rows), _cpu_by_process(rows), _starts(rows), _memory(rows)]
    return "\n\n".join(part for part in parts if part)


def goals(results: dict[str, Any]) -> str:
    """The figures that were set as goals, as far as the run has them, beside the bare relay's."""
    rows, cells = results["cells"], {(row["readers"], row["target"]): row for row in results["cells"]}
    lines = []
    ours = [row for row in rows if row["target"] == "product"]
    if ours:
        worst = [max(row[what] for row in ours) for what in ("lost", "repeated", "disordered", "failed")]
        lines.append(("lost / doubled / out of order / failed, at every load", " / ".join(map(str, worst)), "–", "0"))
        envelope = max(row["envelope_bytes"]["most"] for row in ours)
        twice = sum(row["sent_twice_bytes"] for row in ours)
        what = "envelope of a text frame at most; text sent twice, bytes"
        lines.append((what, f"{envelope}; {twice}", "–", "≤ 45; 0"))
    for readers, most in FIRST_TOKEN_GOALS.items():
        product, relay = cells.get((readers, "product")), cells.get((readers, "relay"))
        if product:
            of_relay = f"{relay['first_token_ms'].get('p50', 0):.1f}" if relay else "–"
            what = f"added time to first token at {readers:,}, p50, ms"
            lines.append((what, f"{product['first_token_ms'].get('p50', 0):.1f}", of_relay, f"≤ {most}"))
    if product := cells.get((1000, "product")):
        relay = cells.get((1000, "relay"))
        for what, role, goal in (
            ("CPU of the workers per 1,000 tokens at 1,000, steady, ms", "worker", f"≤ {WORKER_GOAL_MS}"),
            ("CPU of all the product's processes, likewise", "", "–"),
        ):
            spent = {name: ms for name, ms in product["steady"]["cpu_ms"].items() if name.startswith(role)}
            lines.append((what, f"{own(spent):.1f}", f"{own(relay['steady']['cpu_ms']):.1f}" if relay else "–", goal))
    if frames := results.get("frames_at_25"):
        what = "text frames per 1,000 tokens at 25 a second"
        lines.append((what, f"{frames['text_frames']:.0f}", "1,000", f"≤ {FRAMES_GOAL}"))
    return _markdown(("what", "TavernAI Plus", "bare relay", "goal"), lines)


def _times(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "at once", "through", "added time to first token, ms: p50 / p95 / p99 (samples)",
        "a token on its way, ms: p50 / p95 / p99", "replies (tokens each)", "lost / doubled / out of order / failed",
        "used by others, cores",
    )  # fmt: skip
    return _markdown(
        head,
        [
            (
                f"{row['readers']:,}",
                NAMES[row["target"]],
                f"{_three(row['first_token_ms'])} ({row['first_token_ms']['samples']})",
                _three(row["in_flight_ms"]),
                f"{row['replies']:,} ({_range(row['tokens_a_reply'])})",
                f"{row['lost']} / {row['repeated']} / {row['disordered']} / {row['failed']}",
                f"{_counted(row)['cores_of_others']:.2f}",
            )
            for row in rows
        ],
    )


def _traffic(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "at once", "through", "text frames per 1,000 tokens", "all frames per 1,000 tokens", "bytes per 1,000 tokens",
        "of these text", "envelope of a text frame, bytes: mean / most", "text sent twice, bytes",
        "asked again", "begun anew",
    )  # fmt: skip
    return _markdown(
        head,
        [
            (
                f"{row['readers']:,}",
                NAMES[row["target"]],
                f"{row['text_frames']:.0f}",
                f"{row['frames']:.0f}",
                f"{row['bytes']:,.0f}",
                f"{row['text_bytes']:,.0f}",
                f"{row['envelope_bytes']['mean']} / {row['envelope_bytes']['most']}",
                f"{row['sent_twice_bytes']}",
                f"{row['resumes']}",
                f"{row['replaced']}",
            )
            for row in rows
            if row["target"] == "product"
        ],
    )


def _cpu(rows: Sequence[dict[str, Any]]) -> str:
    head = (
        "at once", "through", "CPU of the target per 1,000 tokens, ms: whole run", "steady time",
        "beyond that, to begin and store a short reply, ms",
    )  # fmt: skip
    return _markdown(
        head,
        [
            (
                f"{row['readers']:,}",
                NAMES[row["target"]],
                f"{own(row['whole']['cpu_ms']):.1f}",
                f"{own(row['steady']['cpu_ms']):.1f}" if "steady" in row else "–",
                f"{own(row['beyond_tokens_cpu_ms'][SHORT]):.1f}" if "beyond_tokens_cpu_ms" in row else "–",
            )
            for row in rows
            if row["target"] != "direct"
        ],
    )


def _cpu_by_process(rows: Sequence[dict[str, Any]]) -> str:
    """Of the product: what each of its processes spends, and the model and the client beside it."""
    found = [row for row in rows if row["target"] == "product"]
    if not found:
        return ""
    roles = sorted({role for row in found for role in row["whole"]["cpu_ms"]}, key=role_order)
    lines = []
    for row in found:
        for name, window in (("whole run", "whole"), ("steady time", "steady")):
            if window in row:
                spent = row[window]["cpu_ms"]
                lines.append((f"{row['readers']:,}", name, *(f"{spent.get(role, 0):.1f}" for role in roles)))
    return "CPU per 1,000 tokens by process, ms:\n\n" + _markdown(("at once", "when", *roles), lines)


def _starts(rows: Sequence[dict[str, Any]]) -> str:
    found = [row for row in rows if row["target"] == "product" and "beyond_tokens_cpu_ms" in row]
    if not found:
        return ""
    roles = sorted(found[0]["steady"]["cpu_ms"], key=role_order)
    lines = [
        (f"{row['readers']:,}", f"to {what}", f"{own(spent):.1f}", *(f"{spent.get(role, 0):.1f}" for role in roles))
        for row in found
        for what, spent in row["beyond_tokens_cpu_ms"].items()
    ]
    return "CPU of a reply beyond that of its tokens, ms:\n\n" + _markdown(
        ("at once", "what", "the product", *roles), lines
    )


def _memory(rows: Sequence[dict[str, Any]]) -> str:
    lines = [
        (
            f"{row['readers']:,}",
            NAMES[row["target"]],
            ", ".join(f"{role} {row['memory_mib'][role]:.0f}" for role in sorted(row["memory_mib"], key=role_order)),
            f"{row['model_late_ms']['p50']} / {row['model_late_ms']['p99']}",
            f"{row['client_late_ms']['p50']} / {row['client_late_ms']['p99']}",
        )
        for row in rows
    ]
    head = ("at once", "through", "memory at its most, MiB", "model late, ms: p50 / p99", "client late, ms: p50 / p99")
    return _markdown(head, lines)


def own(spent: dict[str, float]) -> float:
    """What the target's own processes spent."""
    return sum(amount for role, amount in spent.items() if role not in AROUND)


def role_order(role: str) -> tuple[int, str]:
    order = ("worker", "front", "aws", "redis", "relay", "model", "client")
    return next(place for place, name in enumerate(order) if role.startswith(name)), role


def _counted(row: dict[str, Any]) -> dict[str, Any]:
    counted: dict[str, Any] = row.get("steady") or row["counted"]
    return counted


def _three(values: dict[str, float]) -> str:
    return f"{values['p50']:.1f} / {values['p95']:.1f} / {values['p99']:.1f}" if "p50" in values else "–"


def _range(values: Sequence[int]) -> str:
    least, most = values
    return f"{least:,}" if least == most else f"{least:,} to {most:,}"


def _markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    if not lines:
        return ""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
