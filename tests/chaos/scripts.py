"""What happens in each generation, and what the model says in it: all of it follows from the seed."""

import math
import random
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeVar

Fault = Literal["", "stall", "fail_first", "fail_always", "cut_first", "fail_after", "cut_after", "reset_after"]
Kind = Literal["reply", "swipe", "continue"]
T = TypeVar("T")

_FAULTS: dict[Fault, int] = {
    "": 70,
    "stall": 8,
    "fail_first": 4,
    "fail_always": 2,
    "cut_first": 2,
    "fail_after": 4,
    "cut_after": 5,
    "reset_after": 5,
}
_KINDS: dict[Kind, int] = {"reply": 70, "swipe": 15, "continue": 15}
_WORDS = (
    "sea", "lamp", "gull", "灯塔", "浪", "naïve", "Ω≈ç√", "e\u0301tude", "𝄞clef", "😀", "👩\u200d🚀ship", "𠮷野家",
    '"quoted"', "back\\slash", "<b>bold</b>", "&amp;", "*sighs*", "tab\there", "line\u2028break", "שלום", "नमस्ते",
    "\u202eright", "zero\u200bwidth", "🏴\U000e0067\U000e0062\U000e007f", "100%", "{\"json\": 1}", "data:", "[DONE]",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Script:
    """One generation. Times are seconds."""

    number: int
    kind: Kind
    tokens: int
    pace: float
    """Tokens a second."""
    first_after: float
    reasoning: int
    """How many of the tokens are reasoning; they come first."""
    fault: Fault
    fault_at: int
    """The token before which the fault happens."""
    stall: float
    stop_at: int | None
    """The reader stops the reply when the model has sent so many tokens."""
    stop_by_socket: bool
    sent_twice: bool
    """The same turn goes out twice at once."""
    ordered_again: tuple[float, ...]
    """When the order is put into the queue once more."""
    stream_joins: float | None
    poll_joins: float | None
    socket_joins: float | None
    reads_log_after: bool
    impatient: bool
    """A dead worker's chat is written to as soon as that must be possible, whatever the readers know."""

    @property
    def seconds(self) -> float:
        """How long the model takes when nothing interferes."""
        return self.first_after + self.tokens / self.pace + self.stall


def script(seed: int, number: int, *, calm: bool = False) -> Script:
    """The script of one generation; a calm one has no fault and ends by itself."""
    dice = random.Random(f"{seed}/script/{number}")
    pace = math.exp(dice.uniform(0, math.log(500)))
    is_long = dice.random() < 0.03
    lasts = math.exp(dice.uniform(math.log(0.4), math.log(8)))
    tokens = max(3, min(round(pace * lasts), 400))
    if is_long:
        pace, tokens = dice.uniform(60, 200), dice.randint(900, 2_000)
    fault = "" if calm or is_long else _weighted(dice, _FAULTS)
    stops = not calm and fault in ("", "stall") and dice.random() < 0.12
    return Script(
        number=number,
        kind=_weighted(dice, _KINDS),
        tokens=tokens,
        pace=pace,
        first_after=dice.choice((0.0, 0.02, 0.1, 0.4, 1.5)),
        reasoning=min(tokens - 2, dice.randint(1, 60)) if dice.random() < 0.15 else 0,
        fault=fault,
        fault_at=dice.randint(1, tokens - 1),
        stall=dice.uniform(1.0, 5.0) if fault == "stall" else 0.0,
        stop_at=dice.randint(0, tokens - 1) if stops else None,
        stop_by_socket=dice.random() < 0.5,
        sent_twice=dice.random() < 0.1,
        ordered_again=tuple(dice.uniform(0, 6) for _ in range(dice.choice((0, 0, 0, 1, 1, 2)))),
        stream_joins=_joins(dice, 0.3),
        poll_joins=_joins(dice, 0.15),
        socket_joins=_joins(dice, 0.2),
        reads_log_after=dice.random() < 0.25,
        impatient=dice.random() < 0.5,
    )


@lru_cache(512)
def tokens(seed: int, script: Script, ask: int) -> tuple[str, ...]:
    """The tokens the model sends when it is asked for the `ask`-th time, no two of all asks alike.

    None ends in white space, and text and reasoning do not begin with it: what the filters leave is what was sent.
    """
    dice = random.Random(f"{seed}/text/{script.number}/{ask}")
    made = []
    for index in range(script.tokens):
        word = dice.choice(_WORDS)
        if dice.random() < 0.01:
            word = word * dice.randint(20, 400)
        begins = index in (0, script.reasoning)
        gap = "" if begins else dice.choices((" ", "\n", "\n\n", "  "), (90, 6, 3, 1))[0]
        made.append(f"{gap}{index}{chr(97 + ask % 26)}{script.number}·{word}")
    return tuple(made)


def _joins(dice: random.Random, chance: float) -> float | None:
    joins = dice.choice((0.0, 0.3, dice.uniform(0, 5)))
    return joins if dice.random() < chance else None


def _weighted(dice: random.Random, weights: dict[T, int]) -> T:
    return dice.choices(list(weights), list(weights.values()))[0]
