"""Stop strings, found however the deltas cut them. The string itself and all after it are not part of the reply."""

from collections.abc import Sequence


class StopStrings:
    """Watches one reply. What might be the beginning of a stop string is held back until it is certain."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(dict.fromkeys(stop for stop in stops if stop))
        self._held = ""
        self.found = False

    def feed(self, delta: str) -> str:
        """The text that is certain by now."""
        if self.found or not self._stops:
            return "" if self.found else delta
        text = self._held + delta
        hits = [at for stop in self._stops if (at := text.find(stop)) >= 0]
        if hits:
            self.found, self._held = True, ""
            return text[: min(hits)]
        keep = max(_overlap(text, stop) for stop in self._stops)
        cut = len(text) - keep
        self._held = text[cut:]
        return text[:cut]

    def rest(self) -> str:
        """What was held back, at the end of the reply."""
        held, self._held = self._held, ""
        return held


def speaker_stops(*, user_name: str, speaker: str, impersonates: bool) -> list[str]:
    """Stop strings that keep a model from speaking for the other side."""
    other = speaker if impersonates else user_name
    return [f"\n{other}:"] if other and other != (user_name if impersonates else speaker) else []


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of `text` that the stop string may begin with."""
    return next((size for size in range(min(len(text), len(stop) - 1), 0, -1) if text.endswith(stop[:size])), 0)
