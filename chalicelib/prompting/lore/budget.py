"""What entries may cost, and what is left of it."""

import math

from chalicelib.prompting.lore.asking import Scan

# How many tokens more a joined text may count than its parts do, for each place where they meet.
_SEAM_TOKENS = 2


class Purse:
    """The budget of a scan. Within a pass, texts are counted together; the passes before it count as one text."""

    def __init__(self, ask: Scan) -> None:
        self._count = ask.count
        share = math.floor(ask.settings.budget_percent * ask.prompt_tokens / 100 + 0.5) or 1
        self.budget = min(share, ask.settings.budget_cap) if ask.settings.budget_cap > 0 else share
        self.overflowed = False
        self._spent: list[str] = []
        self._before = 0
        self._texts: list[str] = []
        self._bound = 0

    def open(self) -> None:
        """A pass begins."""
        self._before = self._count("\n".join(self._spent)) if self._spent else 0
        self._texts, self._bound = [], 0

    def pay(self, text: str, *, always: bool) -> str | None:
        """None when the text is in; else how far it is above the budget, in words.

        After the first that does not fit no other is tried, except those that are in `always`. Reaching the budget is
        too much already.
        """
        if self.overflowed and not always:
            return "no room was left"
        self._texts.append(f"{text}\n")
        if always:
            self._bound += self._count(f"{text}\n") + _SEAM_TOKENS
            return None
        self._bound += self._count(f"{text}\n") + _SEAM_TOKENS
        if self._before + self._bound < self.budget:
            return None
        cost = self._before + self._count("".join(self._texts))
        if cost < self.budget:
            return None
        self.overflowed = True
        return f"{cost:,} of {self.budget:,} tokens"

    def close(self, paid: list[str]) -> None:
        self._spent += paid
