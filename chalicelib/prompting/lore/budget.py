"""What entries may cost, and what is left of it."""

import math
from collections.abc import Callable

from chalicelib.prompting.lore.asking import Scan

SEAM_TOKENS = 2
"""How many tokens a joined text may count more or less than its parts, for each place where they meet."""
MESSAGE_TOKENS = 6
"""What a count may add for each text that is counted alone."""


class Purse:
    """The budget of a scan. Within a pass, texts are counted together; what the passes before it gave on to be looked
    at counts as one text, whether it found room or not.

    Each text is counted alone first. Only where the sum is so near the budget that the seams decide are they counted
    together, which is what counts.
    """

    def __init__(self, ask: Scan) -> None:
        self._count = ask.count
        share = math.floor(ask.settings.budget_percent * ask.prompt_tokens / 100 + 0.5) or 1
        self.budget = min(share, ask.settings.budget_cap) if ask.settings.budget_cap > 0 else share
        self.overflowed = False
        self._before, self._now = _Pile(ask.count), _Pile(ask.count)

    def open(self) -> None:
        """A pass begins."""
        self._now = _Pile(self._count)

    def pay(self, text: str, *, always: bool) -> str | None:
        """None when the text is in; else how far it is above the budget, in words.

        After the first that does not fit none is brought here any more but those that are in `always`. Reaching the
        budget is too much already.
        """
        self._now.add(f"{text}\n")
        if always or self._before.most + self._now.most < self.budget:
            return None
        cost = self._before.least + self._now.least
        if cost < self.budget:
            cost = self._before.exact() + self._now.exact()
        if cost < self.budget:
            return None
        self.overflowed = True
        return f"{cost:,} of {self.budget:,} tokens"

    def hand_on(self, text: str) -> None:
        """The contents of a pass go on to the next one."""
        self._before.add(f"{text}\n", first=True)


class _Pile:
    """Texts to be counted as one."""

    def __init__(self, count: Callable[[str], int]) -> None:
        self._count = count
        self._texts: list[str] = []
        self._sum = 0
        self._known: tuple[int, int] = (0, 0)

    def add(self, text: str, *, first: bool = False) -> None:
        self._texts.insert(0 if first else len(self._texts), text)
        self._sum += self._count(text)

    @property
    def most(self) -> int:
        return self._sum + len(self._texts) * SEAM_TOKENS

    @property
    def least(self) -> int:
        return max(self._sum - len(self._texts) * (SEAM_TOKENS + MESSAGE_TOKENS), 0)

    def exact(self) -> int:
        if self._known[0] != len(self._texts):
            self._known = (len(self._texts), self._count("".join(self._texts)))
        return self._known[1]
