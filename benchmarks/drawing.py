"""How smoothly a page draws a long reply on a slow machine: `make bench-drawing`.

Chromium is slowed down to a quarter of its speed (CDP, `Emulation.setCPUThrottlingRate`), a phone-sized page is open in
a chat, and a reply of 4,000 tokens comes through the whole local stack. Each kind of text is measured beside the same
page at rest. *Frames* are the times between two `requestAnimationFrame` calls. *Work* is the CPU time of the page's
main thread for each frame, from Chromium's trace of the reply's last third, when the page is longest: it hardly
depends on what else the machine does. The traces are kept in test-results/, for Chromium's DevTools; the figures
stand in docs/benchmarks-drawing.md.
"""

import argparse
import json
import platform
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.prose_model import KINDS, reply_of, served
from devcloud.supervisor import Cloud
from tests.browser.stage import Person, Story, wait_until

FRAME_MS = 1000 / 60
SLOWED = 4
TOKENS, PACE = 4_000, 100
TRACED_SECONDS = TOKENS / PACE / 3
REST_SECONDS = 8.0
RESULTS = Path("test-results")
RUN_TASK = ("ThreadControllerImpl::RunTask", "RunTask")
"""What Chromium calls a task of a thread, in its versions."""
PAGE = Path("docs/benchmarks-drawing.md")
BEGIN, END = "<!-- figures: written by make bench-drawing -->", "<!-- end of figures -->"
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]

WATCH = """() => {
  const seen = { frames: [], tasks: [] }
  window.seen = seen
  let before = null
  const frame = (now) => {
    if (before !== null) seen.frames.push(now - before)
    before = now
    seen.handle = requestAnimationFrame(frame)
  }
  seen.handle = requestAnimationFrame(frame)
  seen.observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.tasks.push(entry.duration)
  })
  seen.observer.observe({ type: 'longtask' })
}"""
SEEN = """() => {
  cancelAnimationFrame(window.seen.handle)
  window.seen.observer.disconnect()
  return { frames: window.seen.frames, tasks: window.seen.tasks }
}"""


@dataclass(frozen=True)
class Figures:
    """Of one stretch of time. Times are milliseconds."""

    frames: int
    frame_p50: float
    frame_p95: float
    frame_p99: float
    dropped: int
    """Frames that did not come: what is missing of 60 a second."""
    longest_task: float
    """0 when none was longer than 50 ms."""
    work_p50: float
    work_p95: float
    work_p99: float
    work_most: float


def part(values: Sequence[float], share: float) -> float:
    ordered = sorted(values) or [0.0]
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def figures_of(seen: dict[str, list[float]], work: Sequence[float]) -> Figures:
    frames = seen["frames"]
    return Figures(
        frames=len(frames),
        frame_p50=part(frames, 0.5),
        frame_p95=part(frames, 0.95),
        frame_p99=part(frames, 0.99),
        dropped=sum(max(0, round(frame / FRAME_MS) - 1) for frame in frames),
        longest_task=round(max(seen["tasks"], default=0.0), 1),
        work_p50=part(work, 0.5),
        work_p95=part(work, 0.95),
        work_p99=part(work, 0.99),
        work_most=part(work, 1),
    )


def work_of(trace: Path) -> list[float]:
    """CPU milliseconds of the page's main thread from each frame to the next, by a trace."""
    events = json.loads(trace.read_text())["traceEvents"]
    threads = {
        (one["pid"], one["tid"])
        for one in events
        if one.get("name") == "thread_name" and one["args"]["name"] == "CrRendererMain"
    }
    fires = [one for one in events if one.get("name") == "FireAnimationFrame" and (one["pid"], one["tid"]) in threads]
    if not fires:
        return []
    main = max(threads, key=lambda thread: sum((one["pid"], one["tid"]) == thread for one in fires))
    starts = sorted({one["ts"] for one in fires if (one["pid"], one["tid"]) == main})
    # Several callbacks may run in one frame.
    frames = [start for before, start in zip([0, *starts], starts, strict=False) if start - before > 8_000]
    tasks = sorted((one["ts"], one.get("tdur", 0)) for one in events if one.get("name") in RUN_TASK and _on(one, main))
    return list(_summed(tasks, frames))


def _on(event: dict[str, Any], thread: tuple[int, int]) -> bool:
    return (event["pid"], event["tid"]) == thread


def _summed(tasks: Iterable[tuple[int, int]], frames: Sequence[int]) -> Iterable[float]:
    """The tasks' time within each frame. A frame's own task begins a little before its first callback is fired."""
    sums = [0.0] * len(frames)
    at = 0
    for begun, took in tasks:
        while at < len(frames) and frames[at] < begun:
            at += 1
        if at < len(frames):
            sums[at] += took / 1000
    return sums[1:]


class Bench:
    def __init__(self, cloud: Cloud, model: str, browser: Browser) -> None:
        self._browser = browser
        self._ada = Person(cloud, model, f"bench{int(time.time())}")
        self._cloud = cloud

    def measure(self, kind: str, *, still: bool) -> tuple[Figures, Figures]:
        """The page at rest, and while a reply of this kind is drawn."""
        model = f"prose-{kind.replace(' ', '-')}-tps{PACE}-n{TOKENS}"
        self._use(model)
        chat_id = self._ada.begin()
        motion: Any = "reduce" if still else "no-preference"
        context = self._browser.new_context(
            base_url=self._cloud.url, storage_state=self._ada.signed_in(), reduced_motion=motion, **PHONE
        )
        page = context.new_page()
        story = Story(page).open(chat_id)
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})
        page.wait_for_timeout(2_000)
        rest = self._watched(page, f"rest-{kind}", lambda: page.wait_for_timeout(REST_SECONDS * 1000))
        story.say("Tell me of the sea.")
        story.wait_for_text(20)
        page.evaluate(WATCH)
        page.wait_for_timeout((TOKENS / PACE - TRACED_SECONDS) * 1000)
        trace = RESULTS / f"drawing-{kind.replace(' ', '-')}{'-still' if still else ''}.json"
        self._browser.start_tracing(page=page, path=trace, categories=["devtools.timeline", "toplevel"])
        wait_until(lambda: self._done(chat_id), 120)
        page.wait_for_timeout(1_500)
        self._browser.stop_tracing()
        drawn = figures_of(page.evaluate(SEEN), work_of(trace))
        expected = "".join(reply_of(model)[0]).rstrip()
        stored = self._ada.messages(chat_id)[-1]["text"]
        assert stored == expected, "The stored message is not what the model sent."
        context.close()
        return rest, drawn

    def _watched(self, page: Page, name: str, wait: Any) -> Figures:
        trace = RESULTS / f"drawing-{name.replace(' ', '-')}.json"
        page.evaluate(WATCH)
        self._browser.start_tracing(page=page, path=trace, categories=["devtools.timeline", "toplevel"])
        wait()
        self._browser.stop_tracing()
        return figures_of(page.evaluate(SEEN), work_of(trace))

    def _use(self, model: str) -> None:
        wanted = {"name": "Prose", "kind": "openai_chat", "address": self._ada.model, "model": model}
        self._ada.choose(connection_id=str(self._ada.ask("POST", "/connections", wanted)["id"]))

    def _done(self, chat_id: str) -> bool:
        last = self._ada.messages(chat_id)[-1]
        return bool(last["reply"] and last["reply"]["finished_at"])


def table(rows: Sequence[tuple[str, Figures]]) -> str:
    head = (
        "| | frames ms: p50 | p95 | p99 | dropped | longest task ms | work a frame ms: p50 | p95 | p99 | most |\n"
        "|---|---|---|---|---|---|---|---|---|---|"
    )
    lines = [
        f"| {name} | {one.frame_p50} | {one.frame_p95} | {one.frame_p99} | {one.dropped} of {one.frames + one.dropped} "
        f"| {one.longest_task or '< 50'} | {one.work_p50} | {one.work_p95} | {one.work_p99} | {one.work_most} |"
        for name, one in rows
    ]
    return "\n".join([head, *lines])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="leave docs/benchmarks-drawing.md as it is")
    parser.add_argument("--kinds", default=",".join(KINDS), help=f"some of {', '.join(KINDS)}")
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("The benchmark needs Chromium on the path.")
    RESULTS.mkdir(exist_ok=True)
    rows: list[tuple[str, Figures]] = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavern-bench-")))
        model = stack.enter_context(served())
        knobs = {"TAVERN_REQUESTS_PER_MINUTE": "1000000", "TAVERN_SIGN_INS_PER_MINUTE": "1000000"}
        cloud = Cloud(folder, port=0, workers=1, settings=knobs, say=lambda line: print(line, file=sys.stderr))
        cloud.start()
        stack.callback(cloud.stop)
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=program, args=SWITCHES))
        version = browser.version
        bench = Bench(cloud, model, browser)
        for kind in asked.kinds.split(","):
            rest, drawn = bench.measure(kind, still=False)
            rows += [(f"at rest, before *{kind}*", rest), (f"*{kind}* is drawn", drawn)]
        _, drawn = bench.measure("story", still=True)
        rows.append(("*story* with reduced motion", drawn))
    print(table(rows))
    print(json.dumps({name: asdict(one) for name, one in rows}))
    if not asked.print:
        from benchmarks.run import machine

        text = PAGE.read_text()
        before, after = text.split(BEGIN)[0], text.split(END)[1]
        where = f"Machine: {machine()} Chromium {version} ({platform.machine()}), {TOKENS} tokens at {PACE} a second."
        PAGE.write_text(f"{before}{BEGIN}\n\n{where}\n\n{table(rows)}\n\n{END}{after}")


if __name__ == "__main__":
    main()
