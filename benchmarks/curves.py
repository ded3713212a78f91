"""The curves of the streaming benchmark, as SVG that can be read on a light and on a dark page."""

from collections.abc import Callable, Sequence
from html import escape
from math import floor, log10
from pathlib import Path
from typing import Any

from benchmarks.streaming_table import NAMES, role_order

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 72, 24, 56, 52
COLOURS = {"direct": "#10a37f", "relay": "#d97706", "product": "#4c7dff"}
PROCESS_COLOURS = ("#4c7dff", "#8b5cf6", "#d97706", "#dc4a68", "#10a37f", "#8a94a3", "#b0892f", "#3aa7c4")
STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #3d444d }
  .title { font-size: 16px; font-weight: 600 }
  .grid { stroke: #8a94a3; stroke-opacity: .3 }
  @media (prefers-color-scheme: dark) { text { fill: #d1d7e0 } }
"""


FIRST_TOKENS = "Added time to first token, milliseconds: p50, and up to p95"
CPU = "CPU per 1,000 tokens by process, milliseconds"


def draw(rows: Sequence[dict[str, Any]], folder: Path) -> dict[str, str]:
    """Writes the pictures that these cells are enough for; what each file shows."""
    drawn = {}
    for name, title, text in (
        ("streaming-first-token.svg", FIRST_TOKENS, first_tokens(rows)),
        ("streaming-cpu.svg", CPU, cpu(rows)),
    ):
        if text:
            (folder / name).write_text(text)
            drawn[name] = title
    return drawn


def first_tokens(rows: Sequence[dict[str, Any]]) -> str:
    """Added time to the first token over the number of replies: the median as a line, up to p95 as a band."""
    cells = [row for row in rows if "p50" in row["first_token_ms"]]
    counts = sorted({row["readers"] for row in cells})
    if len(counts) < 2:
        return ""
    values = [max(0.01, row["first_token_ms"][part]) for row in cells for part in ("p50", "p95")]
    low, high = floor(log10(min(values))), floor(log10(max(values))) + 1
    across = _log_scale(counts[0], counts[-1], LEFT + 20, WIDTH - RIGHT - 20)
    up = _log_scale(10**low, 10**high, HEIGHT - BOTTOM, TOP)
    parts = [_title(FIRST_TOKENS), _across_title()]
    parts += [_line_across(up(10**power), _number(10**power)) for power in range(low, high + 1)]
    parts += [_text(across(count), HEIGHT - BOTTOM + 18, f"{count:,}", "middle") for count in counts]
    for target in NAMES:
        found = sorted((row for row in cells if row["target"] == target), key=lambda row: int(row["readers"]))
        if not found:
            continue
        middle = [(across(row["readers"]), up(row["first_token_ms"]["p50"])) for row in found]
        above = [(across(row["readers"]), up(row["first_token_ms"]["p95"])) for row in found]
        band = " ".join(f"{x:.1f},{y:.1f}" for x, y in [*middle, *reversed(above)])
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in middle)
        colour = COLOURS[target]
        parts.append(f'<polygon points="{band}" fill="{colour}" fill-opacity=".18"/>')
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2.5"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in middle]
    shown = [(NAMES[target], COLOURS[target]) for target in NAMES if any(row["target"] == target for row in cells)]
    return _picture([*parts, *_key(shown)])


def cpu(rows: Sequence[dict[str, Any]]) -> str:
    """What the product's processes spend on 1,000 tokens, a column for each number of replies; in the steady time where
    there is one. One reader is left out: the columns of the others would be too low to read."""
    cells = {row["readers"]: row for row in rows if row["target"] == "product" and row["readers"] > 1}
    if not cells:
        return ""
    spent = {count: _merged((row.get("steady") or row["counted"])["cpu_ms"]) for count, row in sorted(cells.items())}
    roles = sorted({role for each in spent.values() for role in each}, key=role_order)
    colours = dict(zip(roles, PROCESS_COLOURS, strict=False))
    step = _step(max(sum(each.values()) for each in spent.values()))
    top = step * (int(max(sum(each.values()) for each in spent.values()) / step) + 1)
    high = HEIGHT - BOTTOM - TOP
    parts = [_title(CPU), _across_title()]
    for mark in range(0, round(top) + 1, step):
        parts.append(_line_across(HEIGHT - BOTTOM - high * mark / top, _number(mark), WIDTH - 136))
    room = (WIDTH - LEFT - RIGHT - 120) / len(spent)
    for place, (count, each) in enumerate(spent.items()):
        x, y = LEFT + room * (place + 0.2), float(HEIGHT - BOTTOM)
        for role in roles:
            tall = high * each.get(role, 0) / top
            y -= tall
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{room * 0.6:.1f}" height="{tall:.1f}" fill="{colours[role]}"/>'
            )
        parts.append(_text(x + room * 0.3, y - 6, f"{sum(each.values()):.0f}", "middle"))
        parts.append(_text(x + room * 0.3, HEIGHT - BOTTOM + 18, f"{count:,}", "middle"))
    for place, role in enumerate(reversed(roles)):
        y = TOP + 14 + place * 20
        parts.append(f'<rect x="{WIDTH - 118}" y="{y - 10}" width="12" height="12" rx="2" fill="{colours[role]}"/>')
        parts.append(_text(WIDTH - 100, y, role, "start"))
    return _picture(parts)


def _merged(spent: dict[str, float]) -> dict[str, float]:
    """Several workers as one."""
    merged: dict[str, float] = {}
    for role, amount in spent.items():
        name = "workers" if role.startswith("worker") else role
        merged[name] = merged.get(name, 0.0) + max(0.0, amount)
    return merged


def _step(most: float) -> int:
    """Between two lines of a scale: 1, 2 or 5 times a power of ten, and about five of them."""
    rough = max(1.0, most / 5)
    power = 10 ** floor(log10(rough))
    return int(next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough))


def _log_scale(low: float, high: float, begin: float, end: float) -> Callable[[float], float]:
    return lambda value: begin + (end - begin) * (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low))


def _picture(parts: Sequence[str]) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img"><style>{STYLE}</style>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _title(text: str) -> str:
    return f'<text class="title" x="{LEFT}" y="24">{escape(text)}</text>'


def _across_title() -> str:
    return _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 12, "replies at once", "middle")


def _line_across(y: float, label: str, end: float = WIDTH - RIGHT) -> str:
    line = f'<line class="grid" x1="{LEFT}" x2="{end}" y1="{y:.1f}" y2="{y:.1f}"/>'
    return line + _text(LEFT - 8, y + 4, label, "end")


def _key(shown: Sequence[tuple[str, str]]) -> list[str]:
    parts, x = [], float(LEFT)
    for name, colour in shown:
        parts.append(f'<rect x="{x:.0f}" y="34" width="12" height="12" rx="2" fill="{colour}"/>')
        parts.append(_text(x + 18, 45, name, "start"))
        x += 40 + 8 * len(name)
    return parts


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"
