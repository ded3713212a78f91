"""Whether one entry wakes, and why or why not."""

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.models.worlds import WorldEntry
from chalicelib.prompting.lore.asking import Scan, Verdict
from chalicelib.prompting.lore.books import Key, Ready
from chalicelib.prompting.lore.hearing import Ear


@dataclass(frozen=True, slots=True)
class Judged:
    verdict: Verdict
    detail: str = ""


class Judge:
    def __init__(self, ask: Scan, matched: set[str]) -> None:
        """`matched` are the entries that have matched in earlier prompts."""
        self._ask, self._matched = ask, matched

    def barred(self, ready: Ready, key: str) -> Judged | None:
        """Why the entry stays out whatever is said; None when it may wake."""
        entry, ask = ready.entry, self._ask
        if entry.disabled:
            return Judged(Verdict.DISABLED)
        if entry.triggers and ask.trigger not in entry.triggers:
            return Judged(Verdict.TRIGGER, ask.trigger)
        return self._filtered(entry) or self._by_decorators(ready, key) or self._delayed(entry)

    def woken(self, ready: Ready, ear: Ear, key: str, *, sticks: bool, depth: int, recursing: bool) -> Judged:
        entry, decorators = ready.entry, ready.decorators
        if decorators.activate:
            return Judged(Verdict.DECORATOR, "activate")
        if decorators.dont_activate:
            return Judged(Verdict.SUPPRESSED, "dont_activate")
        if decorators.keep_after_match and key in self._matched:
            return Judged(Verdict.DECORATOR, "keep_activate_after_match")
        if entry.constant:
            return Judged(Verdict.CONSTANT)
        if sticks:
            return Judged(Verdict.STICKY)

        def found(one: Key) -> bool:
            return ear.matches(ready, one, depth, recursing)

        hit = next((one for one in ready.keys if found(one)), None)
        if hit is None:
            return self.silent(ready)
        if any(not any(found(one) for one in some) for some in ready.additional):
            return Judged(Verdict.SECONDARY, "additional_keys")
        if any(found(one) for one in ready.excluded):
            return Judged(Verdict.SECONDARY, "exclude_keys")
        if ready.secondary and not _holds(entry, [found(one) for one in ready.secondary]):
            return Judged(Verdict.SECONDARY, entry.logic)
        return Judged(Verdict.KEY, hit.text)

    def silent(self, ready: Ready) -> Judged:
        return Judged(Verdict.NO_KEY if ready.keys else Verdict.NO_KEYS)

    def _filtered(self, entry: WorldEntry) -> Judged | None:
        chosen = entry.filter
        if chosen is None:
            return None
        named = self._ask.actor in chosen.names or not self._ask.aliases.isdisjoint(chosen.names)
        if chosen.names and named is chosen.excludes:
            return Judged(Verdict.CHARACTER, self._ask.actor)
        if chosen.tags and (not self._ask.tags.isdisjoint(chosen.tags)) is chosen.excludes:
            return Judged(Verdict.TAG)
        return None

    def _delayed(self, entry: WorldEntry) -> Judged | None:
        if entry.delay and self._ask.length < entry.delay:
            return Judged(Verdict.DELAY, f"until message {entry.delay}")
        return None

    def _by_decorators(self, ready: Ready, key: str) -> Judged | None:
        said, ask = ready.decorators, self._ask
        if said.activate:
            return None
        if said.not_after_match and key in self._matched:
            return Judged(Verdict.SUPPRESSED, "dont_activate_after_match")
        if ask.replies is not None:
            if said.after is not None and ask.replies < said.after:
                return Judged(Verdict.SUPPRESSED, f"activate_only_after {said.after}")
            if said.every and ask.replies % said.every:
                return Judged(Verdict.SUPPRESSED, f"activate_only_every {said.every}")
        if said.greeting is not None and ask.greeting is not None and said.greeting != ask.greeting:
            return Judged(Verdict.SUPPRESSED, f"is_greeting {said.greeting}")
        if said.user_icon is not None and ask.user_icon is not None and said.user_icon != ask.user_icon:
            return Judged(Verdict.SUPPRESSED, f"is_user_icon {said.user_icon}")
        return None


def _holds(entry: WorldEntry, found: list[bool]) -> bool:
    match entry.logic:
        case "and_any":
            return any(found)
        case "not_all":
            return not all(found)
        case "not_any":
            return not any(found)
        case "and_all":
            return all(found)


def score(ready: Ready, text: str, holds: Callable[[Key, str], bool]) -> int:
    """How many keys are in the text, for groups that go by that.

    Keys count as they are written: macros are not resolved, white space around them is looked for too, an empty one is
    everywhere, and secondary keys count even where they do not decide.
    """
    entry = ready.entry
    if not entry.keys:
        return 0
    hits = sum(holds(ready.written(key), text) for key in entry.keys)
    second = sum(holds(ready.written(key), text) for key in entry.secondary_keys)
    if entry.logic == "and_any" or (entry.logic == "and_all" and second == len(entry.secondary_keys)):
        return hits + second
    return hits
