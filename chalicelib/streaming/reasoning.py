"""Reasoning out of text: models whose server does not separate it wrap it in `<think>` tags at the beginning.

Only a tag that opens the reply counts: in the middle of a story the word in brackets is the story's.
"""

from typing import Literal

OPENINGS = ("<think>", "<thinking>", "<reasoning>")
Mode = Literal["before", "inside", "after"]


LEAD_CHARACTERS_MOST = 1_000
"""White space before a tag. After more of it no tag is waited for: it would be walked again with each piece."""


class ReasoningTags:
    """Splits one reply as it comes. Every letter of the model's, save the tags, comes out once and in order."""

    def __init__(self) -> None:
        self._mode: Mode = "before"
        self._held = ""
        self._closing = ""
        self._fresh = False
        """Whether nothing came since the last tag: line ends next to a tag belong to it."""

    def feed(self, delta: str) -> tuple[str, str]:
        """(text, reasoning) that is certain by now."""
        if self._mode == "after":
            return self._first_line_ends_off(delta), ""
        self._held += delta
        if self._mode == "before":
            start = self._held.lstrip()
            opening = next((tag for tag in OPENINGS if start.startswith(tag)), None)
            if opening is None:
                if any(tag.startswith(start) for tag in OPENINGS) and len(self._held) <= LEAD_CHARACTERS_MOST:
                    return "", ""
                self._mode = "after"
                return self._release(), ""
            self._mode, self._fresh = "inside", True
            self._closing = f"</{opening[1:]}"
            self._held = start[len(opening) :]
        return self._inside()

    def rest(self) -> tuple[str, str]:
        """What was held back, at the end of the reply."""
        mode, self._mode = self._mode, "after"
        return ("", self._release()) if mode == "inside" else (self._release(), "")

    def _inside(self) -> tuple[str, str]:
        self._held = self._first_line_ends_off(self._held)
        reasoning, closing, text = self._held.partition(self._closing)
        if closing:
            self._mode, self._held, self._fresh = "after", "", True
            return self._first_line_ends_off(text), reasoning.rstrip("\n")
        keep = _overlap(self._held, self._closing)
        # Line ends before the closing tag belong to the tag.
        cut = len(self._held[: len(self._held) - keep].rstrip("\n"))
        reasoning, self._held = self._held[:cut], self._held[cut:]
        return "", reasoning

    def _first_line_ends_off(self, text: str) -> str:
        if self._fresh:
            text = text.lstrip("\n")
            self._fresh = not text
        return text

    def _release(self) -> str:
        held, self._held = self._held, ""
        return held


def _overlap(text: str, tag: str) -> int:
    """Length of the longest end of `text` that the tag may begin with."""
    return next((size for size in range(min(len(text), len(tag) - 1), 0, -1) if text.endswith(tag[:size])), 0)
