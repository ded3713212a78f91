"""The scan: pass after pass over the entries that may wake, until nothing new does.

A pass looks at messages and further texts; the contents of what woke are looked at in the next one (recursion). When
that ends and too few woke, the scan goes one message deeper; then the entries that wait for recursion get their turn,
level by level. Only entries that something was found for are ever looked at: the rest is not in, and `why` says so.
"""

from collections.abc import Iterator
from typing import Literal, cast

from chalicelib.models.worlds import WorldEntry
from chalicelib.prompting.lore.asking import Activated, Considered, Scan, Scanned, Verdict
from chalicelib.prompting.lore.books import Ready
from chalicelib.prompting.lore.budget import Purse
from chalicelib.prompting.lore.groups import Rules, group_of, lost
from chalicelib.prompting.lore.hearing import DEPTH_MOST, Heard
from chalicelib.prompting.lore.judging import Judge, Judged, score
from chalicelib.prompting.lore.shelving import Spot, placed_shelves
from chalicelib.prompting.lore.timing import Effects

Phase = Literal["first", "recursion", "deeper"]
# Each look at an entry takes some microseconds. Books that wake each other one by one end here, after about a second.
LOOKS_MOST = 100_000


def scan(ask: Scan) -> Scanned:
    return _Scanning(ask).run()


class _Scanning:
    def __init__(self, ask: Scan) -> None:
        self._ask = ask
        self._heard = Heard(ask)
        self._shelves = placed_shelves(ask, self._heard)
        self._depth = min(ask.settings.depth, DEPTH_MOST)
        self._phase: Phase = "first"
        levels = sorted({level for placed in self._shelves for level in placed.book.levels})
        self._level, self._levels = (levels[0] if levels else 0), levels[1:]
        running = self._by_key()
        self._effects = Effects(ask.timed, {key: self._ready(spot).entry for key, spot in running.items()}, ask.length)
        self._sticky = {running[key] for key in self._effects.sticky if key in running}
        self._judge = Judge(ask, self._effects.matched)
        self._purse = Purse(ask)
        self._active: dict[Spot, str] = {}
        self._verdicts: dict[Spot, tuple[Verdict, str]] = {}
        self._failed: set[Spot] = set()
        self._matched: set[str] = set()
        self._won: set[str] = set()
        self._looks = 0

    def run(self) -> Scanned:
        deepest = max((placed.book.deepest for placed in self._shelves), default=0)
        self._heard.listen(max(self._depth, deepest))
        for placed in self._shelves:
            placed.ear.begin()
        for spot in self._sticky:
            self._shelves[spot.shelf].ear.awaited.add(spot.number)
        passes, phase = 0, cast(Phase | Literal[""], self._phase)
        while phase:
            passes += 1
            if 0 < self._ask.settings.recursion_most < passes or self._looks > LOOKS_MOST:
                break
            self._phase = phase
            phase = self._next(self._pass())
        return self._scanned()

    def _pass(self) -> list[str]:
        """Wakes what this pass finds; contents the next one may look at."""
        found = [spot for spot in self._candidates() if self._considered(spot)]
        found.sort(key=lambda spot: spot not in self._sticky)
        losers = lost(
            found,
            entry_of=lambda spot: self._ready(spot).entry,
            sticks=lambda spot: spot in self._sticky,
            rests=lambda spot: bool(self._effects.cooldown) and self._key(spot) in self._effects.cooldown,
            score=self._score,
            won=self._won,
            rules=Rules(self._ask.settings.group_scoring, self._ask.dice),
        )
        self._verdicts.update(losers)
        left = [spot for spot in found if spot not in losers]
        # What a decorator gives up first is tried last.
        left.sort(key=lambda spot: self._ready(spot).decorators.yields)
        return self._paid(left)

    def _paid(self, spots: list[Spot]) -> list[str]:
        """Throws for those that are left, and pays for them; the contents of all that had luck."""
        self._purse.open()
        contents: list[str] = []
        for spot in spots:
            entry = self._ready(spot).entry
            if self._purse.overflowed and not entry.ignore_budget:
                # Nothing is thrown for it, and its macros do nothing.
                self._verdicts[spot] = (Verdict.BUDGET, "no room was left")
                text = entry.content
            elif self._is_lucky(spot):
                text = self._ask.expand(entry.content)
                self._settle(spot, text, self._purse.pay(text, always=entry.ignore_budget))
            else:
                continue
            if not entry.prevent_recursion:
                contents.append(text)
        return contents

    def _settle(self, spot: Spot, text: str, missing: str | None) -> None:
        if missing is not None:
            self._verdicts[spot] = (Verdict.BUDGET, missing)
            return
        self._active[spot] = text
        self._shelves[spot.shelf].ear.wake(spot.number)
        self._won.add(group_of(self._ready(spot).entry))

    def _next(self, contents: list[str]) -> Phase | Literal[""]:
        phase = self._next_phase(contents)
        text = "\n".join(contents)
        if phase and text:
            self._purse.hand_on(text)
            self._heard.contents.append(text)
            for placed in self._shelves:
                placed.ear.hear_content(text)
        return phase

    def _next_phase(self, contents: list[str]) -> Phase | Literal[""]:
        settings = self._ask.settings
        goes_on = contents or (self._phase == "deeper" and self._heard.contents)
        if goes_on and settings.recursive and not self._purse.overflowed:
            return "recursion"
        if not self._purse.overflowed and len(self._active) < settings.min_activations and self._go_deeper():
            return "deeper"
        if self._levels:
            self._level = self._levels.pop(0)
            return "recursion"
        return ""

    def _go_deeper(self) -> bool:
        """One message more; False at the end of the chat, or where the settings end it."""
        most = self._ask.settings.min_activations_depth
        if (0 < most < self._depth) or self._depth >= DEPTH_MOST:
            return False
        self._heard.listen(self._depth + 1)
        if self._depth > len(self._heard.messages):
            return False
        self._depth += 1
        for placed in self._shelves:
            placed.ear.hear_messages()
        return True

    def _candidates(self) -> list[Spot]:
        """Entries worth looking at, in the order they are tried."""
        spots = [Spot(number, entry) for number, placed in enumerate(self._shelves) for entry in placed.ear.awaited]
        spots = [spot for spot in spots if spot not in self._failed]
        self._looks += len(spots)
        return sorted(spots, key=self._rank)

    def _considered(self, spot: Spot) -> bool:
        judged = self._judged(spot)
        self._verdicts[spot] = (judged.verdict, judged.detail)
        if judged.verdict.active and self._ready(spot).decorators.remembers:
            self._matched.add(self._key(spot))
        return judged.verdict.active

    def _judged(self, spot: Spot) -> Judged:
        placed, ready = self._shelves[spot.shelf], self._ready(spot)
        sticks = spot in self._sticky
        key = self._key(spot)
        out = self._judge.barred(ready, key)
        if out is None and not sticks and key in self._effects.cooldown:
            out = Judged(Verdict.COOLDOWN, f"until message {self._effects.cooldown[key].end}")
        if out is None and not sticks:
            out = self._by_recursion(ready.entry)
        return out or self._judge.woken(
            ready, placed.ear, key, sticks=sticks, depth=self._depth_of(ready), recursing=self._phase != "deeper"
        )

    def _by_recursion(self, entry: WorldEntry) -> Judged | None:
        if self._phase == "recursion":
            if entry.delay_until_recursion > self._level:
                return Judged(Verdict.RECURSION_ONLY, f"level {entry.delay_until_recursion}")
            if self._ask.settings.recursive and entry.exclude_recursion:
                return Judged(Verdict.NOT_BY_RECURSION)
        elif entry.delay_until_recursion:
            return Judged(Verdict.RECURSION_ONLY, f"level {entry.delay_until_recursion}")
        return None

    def _is_lucky(self, spot: Spot) -> bool:
        entry = self._ready(spot).entry
        if not entry.use_probability or entry.probability >= 100 or spot in self._sticky:
            return True
        thrown = self._ask.dice.random() * 100
        if thrown <= entry.probability and entry.probability > 0:
            return True
        self._failed.add(spot)
        self._verdicts[spot] = (Verdict.CHANCE, f"{entry.probability:g} %")
        return False

    def _score(self, spot: Spot) -> int:
        ready = self._ready(spot)
        ear = self._shelves[spot.shelf].ear
        return score(ready, ear.said(ready, self._depth_of(ready), self._phase != "deeper"), ear.holds)

    def _depth_of(self, ready: Ready) -> int:
        own = ready.entry.scan_depth
        return self._depth if own is None else min(own, DEPTH_MOST)

    def _ready(self, spot: Spot) -> Ready:
        return self._shelves[spot.shelf].book.entries[spot.number]

    def _rank(self, spot: Spot) -> tuple[int, float, int, int]:
        placed = self._shelves[spot.shelf]
        return (placed.bucket, -placed.book.entries[spot.number].entry.order, placed.position, spot.number)

    def _key(self, spot: Spot) -> str:
        return f"{self._shelves[spot.shelf].shelf.world.name}.{self._ready(spot).entry.uid}"

    def _by_key(self) -> dict[str, Spot]:
        """Where the entries with running effects are; all of them are looked through only if there are any."""
        running = self._ask.timed.sticky.keys() | self._ask.timed.cooldown.keys()
        if not running:
            return {}
        spots = (
            Spot(number, ready.number) for number, placed in enumerate(self._shelves) for ready in placed.book.entries
        )
        return {key: spot for spot in spots if (key := self._key(spot)) in running}

    def _scanned(self) -> Scanned:
        active = list(self._active.items())
        total = len(self._heard.messages)
        activated = [
            Activated(
                self._shelves[spot.shelf].shelf,
                _from_the_start(self._ready(spot), self._ask.length or total),
                text,
                self._ready(spot).decorators,
            )
            for spot, text in active
        ]
        woken = {self._key(spot): self._ready(spot).entry for spot, _ in active}
        return Scanned(
            activated=activated,
            timed=self._effects.keep(woken, frozenset(self._matched)),
            budget=self._purse.budget,
            overflowed=self._purse.overflowed,
            without=frozenset(part for one in activated for part in one.decorators.without),
            judged=self._judged_ones,
            why=self._why,
        )

    def _judged_ones(self) -> Iterator[Considered]:
        for spot in sorted(self._verdicts, key=self._rank):
            yield Considered(self._shelves[spot.shelf].shelf, self._ready(spot).entry, *self._verdicts[spot])

    def _why(self) -> Iterator[Considered]:
        spots = [
            Spot(number, ready.number) for number, placed in enumerate(self._shelves) for ready in placed.book.entries
        ]
        for spot in sorted(spots, key=self._rank):
            ready = self._ready(spot)
            verdict = self._verdicts.get(spot)
            if verdict is None:
                judged = self._judge.barred(ready, self._key(spot)) or self._judge.silent(ready)
                verdict = (judged.verdict, judged.detail)
            yield Considered(self._shelves[spot.shelf].shelf, ready.entry, *verdict)


def _from_the_start(ready: Ready, messages: int) -> WorldEntry:
    """The entry with its depth counted from the end, where a decorator counts from the start."""
    decorators = ready.decorators
    if decorators.reverse_depth is None or decorators.depth is not None or decorators.place is not None:
        return ready.entry
    return ready.entry.model_copy(update={"depth": max(messages - decorators.reverse_depth, 0)})
