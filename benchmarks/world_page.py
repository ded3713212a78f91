"""How a world of 1,000 and of 10,000 entries feels in the built page: `python -m benchmarks.world_page`.

Chromium opens worlds of a whole local cloud, at its own speed and slowed down to a quarter (CDP). *Shown* is from a key
or a click to the frame that shows what it did; *saved* until the server has all of it. *CPU* is the page's main thread
until then, in its own time: that hardly depends on what else the machine does. Figures
stand in docs/benchmarks-worlds.md.
"""

import argparse
import json
import platform
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from benchmarks.drawing import FRAME_MS, SWITCHES, part
from devcloud.supervisor import Cloud
from tests.browser.stage import Person

COUNTS = (1_000, 10_000)
SPEEDS = (1, 4)
PAGE = Path("docs/benchmarks-worlds.md")
BEGIN, END = "<!-- figures: written by python -m benchmarks.world_page -->", "<!-- end of figures -->"
_WORDS = (
    "harbour",
    "lantern",
    "ember",
    "quay",
    "ledger",
    "marsh",
    "bell",
    "tower",
    "widow",
    "net",
    "tide",
    "oar",
    "gull",
)

HELPERS = """() => {
  window.frame = () => new Promise((go) => requestAnimationFrame(() => setTimeout(go)))
  window.until = async (holds) => {
    const begun = performance.now()
    while (!holds()) {
      // Frames while something is about to be shown, then seldom: to look costs, too.
      const away = performance.now() - begun
      await (away < 2_000 ? new Promise(requestAnimationFrame) : new Promise((go) => setTimeout(go, 100)))
      if (away > 300_000) throw new Error(`Never: ${holds}`)
    }
    await frame()
  }
  window.grid = () => document.querySelector('[role=grid]')
  window.told = () => document.querySelector('.shown')?.textContent ?? ''
  window.named = (one) => one.ariaLabel ?? one.textContent.trim()
  window.button = (name) => [...document.querySelectorAll('button')].find((one) => named(one) === name)
  window.saved = () => document.querySelector('.head .saved')?.textContent.includes('Saved')
  window.press = (key, more = {}) => {
    const focused = grid() ?? document.querySelector('.world')
    focused.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }))
  }
  window.type = (field, text) => {
    field.value = text
    field.dispatchEvent(new Event('input', { bubbles: true }))
  }
}"""
SCROLL = """async () => {
  const frames = []
  grid().scrollTop = 0
  let before = await new Promise(requestAnimationFrame)
  for (let step = 0; step < 180; step += 1) {
    grid().scrollTop += 400
    const now = await new Promise(requestAnimationFrame)
    frames.push(now - before)
    before = now
  }
  grid().scrollTop = 0
  return frames
}"""
TYPED = """async () => {
  const field = document.querySelector('[role=search] input')
  const times = []
  for (const text of ['l', 'la', 'lan', 'lant', 'lante', 'lanter', 'lantern']) {
    const begun = performance.now()
    type(field, text)
    await frame()
    times.push(performance.now() - begun)
  }
  return times
}"""
WRITTEN = """async () => {
  const field = document.querySelector('.right textarea')
  const times = []
  for (let letter = 0; letter < 20; letter += 1) {
    const begun = performance.now()
    type(field, field.value + 'a')
    await frame()
    times.push(performance.now() - begun)
  }
  return times
}"""


@dataclass(frozen=True)
class Figure:
    what: str
    shown: float | None = None
    saved: float | None = None
    cpu: float | None = None
    note: str = ""


def world_of(count: int) -> bytes:
    """Entries of four keys and some hundred words, in forty folders."""
    dice = random.Random(count)
    entries = {}
    for uid in range(count):
        words = [dice.choice(_WORDS) for _ in range(70)]
        entries[str(uid)] = {
            "uid": uid,
            "key": words[:4],
            "keysecondary": words[4:5],
            "comment": f"{words[0].title()} {words[1]} {uid}",
            "content": " ".join(words),
            "order": dice.randrange(1, 200),
            "position": dice.randrange(5),
            "selective": True,
            "useProbability": True,
            "probability": dice.choice((100, 100, 50)),
            "group": dice.choice(("", "", words[5])),
            "folder": f"Part {uid % 40}",
        }
    return json.dumps({"entries": entries}).encode()


class Bench:
    def __init__(self, cloud: Cloud, browser: Browser) -> None:
        self._cloud, self._browser = cloud, browser
        self._page: Page
        self._line: CDPSession

    def measure(self, count: int, speed: int) -> list[Figure]:
        ada = _newcomer(self._cloud)
        context = self._browser.new_context(
            base_url=self._cloud.url, storage_state=ada.signed_in(), viewport={"width": 1280, "height": 800}
        )
        context.set_default_timeout(300_000)
        page = self._page = context.new_page()
        line = self._line = context.new_cdp_session(page)
        line.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto("/worlds")
        file = {"name": "Large.json", "mimeType": "application/json", "buffer": world_of(count)}
        begun = time.monotonic()
        page.locator("input[type=file]").first.set_input_files([file])
        page.get_by_role("region", name="Imported worlds").get_by_role("link", name="Large.json").wait_for()
        taken = Figure("take in its file", saved=(time.monotonic() - begun) * 1000)
        page.evaluate(HELPERS)
        page.wait_for_timeout(1_000)
        small = self._heap()
        line.send("Emulation.setCPUThrottlingRate", {"rate": speed})
        found = [taken]
        for figure in self._deeds(f"{count:,}"):
            print(figure, file=sys.stderr)
            found.append(figure)
        line.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        large = self._heap()
        found.append(Figure("memory of it all (heap after all this)", note=f"{large - small:.0f} MB"))
        context.close()
        return found

    def _deeds(self, count: str) -> Iterator[Figure]:
        search = "document.querySelector('[role=search] input')"
        link = "document.querySelector('a[href^=\"/worlds/\"]').click()"
        submit = "document.querySelector('[role=dialog] button[type=submit]').click()"
        folder = "[role=dialog] input"
        opened = self._timed(link, "grid()?.querySelector('[role=row]')", f"told().trim() === '{count} entries'")
        yield Figure("open: first entries, then all of them", *opened)
        yield self._frames("scroll, 180 frames of 400 px", SCROLL)
        yield self._letters("search: a letter", TYPED)
        whole = self._timed(
            "0",
            "true",
            "told().includes(' of ') && !document.querySelector('.progress') && !told().includes('being read')",
        )
        yield Figure("search: contents read to their end", None, whole[1], whole[2])
        cleared = self._timed(f"type({search}, '')", f"told().trim() === '{count} entries'")
        yield Figure("search: all of them again", *cleared)
        chosen = self._timed(
            "grid().focus(), press('a', { ctrlKey: true })", "document.querySelector('[role=toolbar]')"
        )
        yield Figure("choose all (Ctrl+A)", *chosen)
        off = self._timed("button('Turn off').click()", "grid().querySelector('.power[aria-pressed=false]')", "saved()")
        yield Figure("turn all off", *off)
        self._page.get_by_role("button", name="Into a folder").click()
        self._page.locator(folder).fill("All of them")
        moved = self._timed(submit, "grid().querySelector('.folder')?.textContent.includes('All of them')", "saved()")
        yield Figure("move all into a folder", *moved)
        undone = self._timed(
            "press('z', { ctrlKey: true })",
            "grid().querySelector('.folder')?.textContent.includes('Part 0')",
            "saved()",
        )
        yield Figure("take that back (Ctrl+Z)", *undone)
        gone = self._timed("press('Delete')", "!grid()", "saved()")
        yield Figure("delete all", *gone)
        back = self._timed(
            "press('z', { ctrlKey: true })",
            "grid()?.querySelector('[role=row]')",
            "saved()",
        )
        yield Figure("take that back (Ctrl+Z)", *back)
        added = self._timed("button('New entry').click()", "document.querySelector('.right textarea')", "saved()")
        yield Figure("add one", *added)
        yield self._letters("write in it: a letter", WRITTEN)
        kept = self._timed("0", "true", "document.querySelector('.right [role=status]').textContent.includes('Saved')")
        yield Figure("save one (0.7 s after the last letter)", None, kept[1], kept[2])

    def _timed(self, deed: str, shown: str, saved: str = "true") -> tuple[float, float | None, float]:
        before = self._cpu()
        first, last = self._page.evaluate(
            f"""async () => {{
              const begun = performance.now()
              ;{deed}
              await until(() => {shown})
              const first = performance.now() - begun
              await until(() => {saved})
              return [first, performance.now() - begun]
            }}"""
        )
        return first, None if saved == "true" else last, self._cpu() - before

    def _frames(self, what: str, script: str) -> Figure:
        before = self._cpu()
        frames = self._page.evaluate(script)
        dropped = sum(max(0, round(one / FRAME_MS) - 1) for one in frames)
        note = f"frames p50 {part(frames, 0.5)}, p95 {part(frames, 0.95)} ms, {dropped} dropped"
        return Figure(what, cpu=(self._cpu() - before) / len(frames), note=f"CPU a frame; {note}")

    def _letters(self, what: str, script: str) -> Figure:
        before = self._cpu()
        times = self._page.evaluate(script)
        return Figure(
            what, shown=part(times, 0.5), cpu=(self._cpu() - before) / len(times), note=f"most {part(times, 1)} ms"
        )

    def _cpu(self) -> float:
        """Milliseconds of the page's main thread so far."""
        found = {one["name"]: one["value"] for one in self._line.send("Performance.getMetrics")["metrics"]}
        return float(found["TaskDuration"] * 1000)

    def _heap(self) -> float:
        self._line.send("HeapProfiler.collectGarbage")
        found = {one["name"]: one["value"] for one in self._line.send("Performance.getMetrics")["metrics"]}
        return float(found["JSHeapUsedSize"] / 1e6)


def _newcomer(cloud: Cloud) -> Person:
    """Somebody with an account: on a machine that has just begun the first try may come to nothing."""
    for _ in range(9):
        with suppress(AssertionError):
            return Person(cloud, "http://127.0.0.1:9/v1", f"bench{time.time_ns()}")
    sys.exit("Nobody could sign up.")


def table(found: dict[tuple[int, int], list[Figure]]) -> str:
    heads = [f"{count:,}{'' if speed == 1 else f', CPU ÷ {speed}'}" for count, speed in found]
    lines = ["| | " + " | ".join(heads) + " |", "|---" * (len(heads) + 1) + "|"]
    for row in zip(*found.values(), strict=True):
        lines.append(f"| {row[0].what} | " + " | ".join(_cell(one) for one in row) + " |")
    return "\n".join(lines)


def _cell(one: Figure) -> str:
    said = [
        f"{name} {_time(value)}" for name, value in (("shown", one.shown), ("saved", one.saved)) if value is not None
    ]
    said += [f"CPU {_time(one.cpu)}"] if one.cpu is not None else []
    return ", ".join([*said, *([one.note] if one.note else [])])


def _time(milliseconds: float) -> str:
    return f"{milliseconds / 1000:.1f} s" if milliseconds >= 1_000 else f"{milliseconds:.0f} ms"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--print", action="store_true", help="leave docs/benchmarks-worlds.md as it is")
    parser.add_argument("--counts", type=int, nargs="*", default=COUNTS)
    parser.add_argument(
        "--speeds", type=int, nargs="*", default=SPEEDS, help="4: the page has a quarter of the processor"
    )
    asked = parser.parse_args()
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        sys.exit("The benchmark needs Chromium on the path.")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tavern-bench-")))
        knobs = {"TAVERN_REQUESTS_PER_MINUTE": "1000000", "TAVERN_SIGN_INS_PER_MINUTE": "1000000"}
        cloud = Cloud(folder, port=0, workers=1, settings=knobs, say=lambda line: print(line, file=sys.stderr))
        cloud.start()
        stack.callback(cloud.stop)
        chromium = stack.enter_context(sync_playwright()).chromium
        browser = stack.enter_context(chromium.launch(executable_path=program, args=SWITCHES))
        bench = Bench(cloud, browser)
        found = {}
        for count in asked.counts:
            for speed in asked.speeds:
                found[count, speed] = bench.measure(count, speed)
        shown, version = table(found), browser.version
    print(shown)
    if not asked.print:
        _write(shown, version)


def _write(shown: str, version: str) -> None:
    from benchmarks.run import machine

    text = PAGE.read_text()
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    where: Any = f"Machine: {machine()} Chromium {version} ({platform.machine()})."
    PAGE.write_text(f"{before}{BEGIN}\n\n{where}\n\n{shown}\n\n{END}{after}")


if __name__ == "__main__":
    main()
