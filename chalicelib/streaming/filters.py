"""The streaming filters in their order: whole characters, reasoning apart, no leading space, stop strings, a limit.

What comes out of them is what the log holds: "the model's text" of every promise is the text after these filters.
"""

from collections.abc import Sequence

from chalicelib.models.prompt import Delta
from chalicelib.streaming.characters import Characters
from chalicelib.streaming.reasoning import ReasoningTags
from chalicelib.streaming.stops import StopStrings


class Filters:
    """One reply's filters. After `stopped` or `full` the provider has no more to say."""

    def __init__(self, *, stops: Sequence[str], bytes_most: int, continues: bool, begins: str = "") -> None:
        """`begins` are words that stand before the model's own, once it has said some."""
        self._text, self._reasoning = Characters(), Characters()
        self._tags = ReasoningTags()
        self._stops = StopStrings(stops)
        self._room = bytes_most
        # After words that were given, white space is the model's way of going on.
        self._begun = continues or bool(begins)
        self._begins = begins
        self.full = False

    @property
    def stopped(self) -> bool:
        return self._stops.found

    def feed(self, delta: Delta) -> tuple[str, str]:
        """(text, reasoning) that may go out now."""
        text, reasoning = self._tags.feed(self._text.feed(delta.text)) if delta.text else ("", "")
        if delta.reasoning:
            reasoning += self._reasoning.feed(delta.reasoning)
        return self._out(text), self._within(reasoning)

    def rest(self) -> tuple[str, str]:
        """What was held back, when the model has ended."""
        text, reasoning = self._tags.feed(self._text.rest())
        more_text, more_reasoning = self._tags.rest()
        out = self._out(text + more_text) + self._within(self._after_beginning(self._stops.rest()))
        return out, self._within(reasoning + more_reasoning + self._reasoning.rest())

    def _out(self, text: str) -> str:
        if not self._begun:
            text = text.lstrip()
            self._begun = bool(text)
        return self._within(self._after_beginning(self._stops.feed(text)))

    def _after_beginning(self, text: str) -> str:
        if not (text and self._begins):
            return text
        begins, self._begins = self._begins, ""
        return begins + text

    def _within(self, text: str) -> str:
        size = len(text.encode())
        if size > self._room:
            text = text.encode()[: self._room].decode("utf-8", "ignore")
            size, self.full = self._room, True
        self._room -= size
        return text
