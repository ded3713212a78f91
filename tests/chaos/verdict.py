"""What came of a generation, held against what the model sent: lost, doubled, out of order, or as it must be."""

import hashlib
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.model import Ask

LOSS_SECONDS = 2.0
"""Text a killed worker may lose."""
STOP_SECONDS = 1.0
"""What was sent so long before a stop must be there."""
_TOKEN = re.compile(r"\d+[a-z]\d+·")


@dataclass
class Read:
    """What one reader has in the end."""

    reader: str
    text: str
    reasoning: str
    fetches: bool = False
    """It was told that the log is gone, and loads the message."""
    dropped: int = 0


@dataclass
class Outcome:
    """A generation at its end."""

    state: dict[str, Any]
    """The answer to GET /generations/{id}."""
    text: str
    reasoning: str
    """What is stored."""
    message: str
    """The whole message, in which a continuation goes on from an older text."""
    asks: list[Ask]
    reads: list[Read]
    stopped_at: float | None
    """When its stop was asked for."""
    worker_blows: list[float]
    """When workers were killed or halted during its life."""
    redis_blows: list[float] = field(default_factory=list)
    """When Redis was struck since then."""
    end: dict[str, Any] | None = None


@dataclass
class Count:
    """The figures of a run."""

    lost: int = 0
    duplicated: int = 0
    out_of_order: int = 0
    unexpected: int = 0
    """Ends that nothing explains."""
    excess_losses: int = 0
    """Killed workers that lost more than they may."""
    orphaned: int = 0
    """Replies that lost a worker on the way."""
    taken_back: int = 0
    """Readers who saw the last moments of a reply that lost its worker, and then Redis too, before they were safe."""
    fetched: int = 0
    pieces_dropped: int = 0
    readers: int = 0
    endings: Counter[str] = field(default_factory=Counter)


def judge(outcome: Outcome, count: Count, *, patience: float) -> list[str]:
    """Adds a generation's figures; what is wrong with it, in sentences."""
    wrong: list[str] = []
    reason = outcome.state["finish_reason"]
    count.endings[reason] += 1
    count.orphaned += any(one.hurt_at is not None and one.closing == "by the client" for one in outcome.asks)
    ask = next((one for one in reversed(outcome.asks) if _begins(one, outcome)), None)
    if ask is None and (outcome.text or outcome.reasoning):
        wrong.append("The stored text is none that the model sent.")
        sent = max((one.text() for one in outcome.asks), key=len, default="")
        _differ(sent, outcome.text, count)
    elif ask is None:
        ask = outcome.asks[-1] if outcome.asks else None
    wrong += _explained(reason, ask, outcome, count, patience)
    for read in outcome.reads:
        count.readers += 1
        count.pieces_dropped += read.dropped
        if read.fetches:
            count.fetched += 1
            if outcome.text.startswith(read.text) and outcome.reasoning.startswith(read.reasoning):
                continue
        if (read.text, read.reasoning) == (outcome.text, outcome.reasoning):
            continue
        if _taken_back(read, outcome):
            count.taken_back += 1
        else:
            wrong.append(f"{read.reader} has {_shown(read.text)}, stored is {_shown(outcome.text)}.")
            _differ(outcome.reasoning + outcome.text, read.reasoning + read.text, count)
    if outcome.end is not None:
        digest = hashlib.sha256(outcome.message.encode()).hexdigest()
        if outcome.end["sha256"] != digest or outcome.end["length"] != len(outcome.message):
            wrong.append("The end frame does not fit the message.")
            count.unexpected += 1
    return wrong


def _begins(ask: Ask, outcome: Outcome) -> bool:
    """Whether what is stored is the beginning of what this ask was answered."""
    if not ask.text().startswith(outcome.text) or not ask.reasoning().startswith(outcome.reasoning):
        return False
    return bool(outcome.text or outcome.reasoning)


def _taken_back(read: Read, outcome: Outcome) -> bool:
    """Whether two things died at once: then what a lost worker may lose is what readers had seen already.

    They find that their text is not the one of the `end`, and load the message.
    """
    hurt = outcome.state["finish_reason"] == "interrupted" or any(one.hurt_at is not None for one in outcome.asks)
    both = hurt and bool(outcome.redis_blows)
    return both and read.text.startswith(outcome.text) and read.reasoning.startswith(outcome.reasoning)


def _explained(reason: str, ask: Ask | None, outcome: Outcome, count: Count, patience: float) -> list[str]:
    """Why it may have ended like this, or that it may not."""
    sent = ("", "") if ask is None else (ask.text(), ask.reasoning())
    whole = (outcome.text, outcome.reasoning) == sent
    script = ask.script if ask else None
    if reason == "stop" and ask is not None and ask.closing == "whole" and whole:
        return []
    if reason == "stopped" and outcome.stopped_at is not None:
        if ask is None:
            return []
        since = outcome.stopped_at - STOP_SECONDS * patience
        if ask.hurt_at is not None:
            since = min(since, ask.hurt_at - LOSS_SECONDS * patience)
        due = ask.sent_by(since)
        if _has(outcome, ask, due):
            return []
        _differ(ask.reasoning(due) + ask.text(due), outcome.reasoning + outcome.text, count)
        return [f"A stopped reply has {_shown(outcome.text)} of {_shown(ask.text(due))}."]
    if reason == "error" and script and script.fault in ("fail_after", "cut_after") and ask and ask.closing == "failed":
        if whole or ask.hurt_at is not None:
            return []
        _differ(sent[1] + sent[0], outcome.reasoning + outcome.text, count)
        return [f"A failed reply has {_shown(outcome.text)} of {_shown(sent[0])}."]
    if reason == "error" and script and script.fault in ("reset_after", "fail_always"):
        return []
    if reason in ("interrupted", "error") and outcome.worker_blows:
        if ask is None:
            return []
        # A worker can also be hit between the last word of the model and the end of the reply.
        before = [at for at in outcome.worker_blows if at <= (ask.closed_at or at)]
        hurt_at = ask.hurt_at or max(before, default=min(outcome.worker_blows))
        due = ask.sent_by(hurt_at - LOSS_SECONDS * patience)
        if _has(outcome, ask, due):
            return []
        count.excess_losses += 1
        lost = len(_TOKEN.findall(ask.text(due))) - len(_TOKEN.findall(outcome.text))
        return [f"A lost worker lost {lost} tokens more than those of its last seconds ({reason})."]
    count.unexpected += 1
    if reason == "stop" and ask is not None:
        _differ(sent[1] + sent[0], outcome.reasoning + outcome.text, count)
    error = outcome.state.get("error_message")
    closing = ask.closing if ask else "never asked"
    return [
        f"It ended with {reason} ({error}); the model's end: {closing}, {_shown(outcome.text)} of {_shown(sent[0])}."
    ]


def _has(outcome: Outcome, ask: Ask, due: int) -> bool:
    """Whether the first so many tokens are stored."""
    return outcome.text.startswith(ask.text(due)) and outcome.reasoning.startswith(ask.reasoning(due))


def _differ(wanted: str, found: str, count: Count) -> None:
    """Counts tokens that are missing, doubled, or at the wrong place; any other difference is a loss."""
    should, have = _TOKEN.findall(wanted), _TOKEN.findall(found)
    seen = Counter(have)
    missing = [token for token in should if token not in seen]
    doubled = sum(seen.values()) - len(seen)
    strangers = [token for token in seen if token not in set(should)]
    places = {token: place for place, token in enumerate(should)}
    order = [places[token] for token in dict.fromkeys(have) if token in places]
    swapped = sum(second < first for first, second in itertools.pairwise(order))
    count.lost += len(missing)
    count.duplicated += doubled
    count.out_of_order += swapped
    if not missing and not doubled and not swapped:
        count.lost += max(1, len(strangers))


def _shown(text: str) -> str:
    return f"{len(_TOKEN.findall(text))} tokens (…{text[-30:]!r})"
