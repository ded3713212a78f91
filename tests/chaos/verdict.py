"""What came of a generation, held against what the model sent: lost, doubled, out of order, or as it must be."""

import hashlib
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.model import Ask
from tests.chaos.monkey import Outage

LOSS_SECONDS = 2.0
"""Text a killed worker may lose."""
STOP_SECONDS = 1.0
"""What was sent so long before a stop must be there."""
_NOTED_SECONDS = 2.0
"""A worker that is killed is gone so soon after the monkey has looked what it works at."""
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
    ended_at: float
    redis_outages: list[Outage] = field(default_factory=list)
    polled: list[tuple[int, str, str]] = field(default_factory=list)
    """Epoch, text and reasoning, as somebody saw them who asks now and then for the whole state."""
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
        if taken_back(read.text, read.reasoning, outcome, patience=patience):
            count.taken_back += 1
        else:
            wrong.append(f"{read.reader} has {_shown(read.text)}, stored is {_shown(outcome.text)}.")
            _differ(outcome.reasoning + outcome.text, read.reasoning + read.text, count)
    wrong += _polled(outcome, count, patience)
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


def taken_back(text: str, reasoning: str, outcome: Outcome, *, patience: float) -> bool:
    """Whether what somebody saw and is not stored was lost to two blows at once.

    A lost worker may lose its last two seconds, which readers may have seen. Redis has them still, unless it was struck
    too between these words and the reply's end. Such readers find that their text is not the one of the `end`, and
    load the message.
    """
    if not (text.startswith(outcome.text) and reasoning.startswith(outcome.reasoning)):
        return False
    sent = (one for one in outcome.asks if one.text().startswith(text) and one.reasoning().startswith(reasoning))
    ask = next(sent, None)
    lost_at = None if ask is None else _lost_at(ask, outcome)
    if ask is None or lost_at is None or outcome.state["finish_reason"] not in ("interrupted", "stopped", "error"):
        return False
    if not _has(outcome, ask, ask.sent_by(lost_at - LOSS_SECONDS * patience)):
        return False
    appeared_at = ask.sent_at[_whole_tokens(ask, outcome)]
    return any(one.touches(appeared_at, outcome.ended_at) for one in outcome.redis_outages)


def _polled(outcome: Outcome, count: Count, patience: float) -> list[str]:
    """What somebody who asks now and then has seen of the last attempt; one reader, however often they asked."""
    count.readers += bool(outcome.polled)
    own = [(text, reasoning) for epoch, text, reasoning in outcome.polled if epoch == outcome.state["epoch"]]
    other = [
        (text, reasoning)
        for text, reasoning in own
        if not (outcome.text.startswith(text) and outcome.reasoning.startswith(reasoning))
    ]
    if not other:
        return []
    if all(taken_back(text, reasoning, outcome, patience=patience) for text, reasoning in other):
        count.taken_back += 1
        return []
    text, reasoning = max(other, key=lambda one: len(one[0]) + len(one[1]))
    _differ(outcome.reasoning + outcome.text, reasoning + text, count)
    return [f"Polling saw {_shown(text)}, stored is {_shown(outcome.text)}."]


def _lost_at(ask: Ask, outcome: Outcome) -> float | None:
    """When its worker was lost: known of one that was reading then, else the blow that fits best."""
    if ask.hurt_at is not None:
        return ask.hurt_at
    if ask.closed_at is None:
        return None
    blows = sorted(outcome.worker_blows)
    # Asked while the monkey looked who is at work: killed, or halted for so long that another one ended the reply …
    asked = [at for at in blows if abs(at - ask.opened_at) < _NOTED_SECONDS]
    # A model may have told a halted worker all it had to say.
    nothing = not (outcome.text or outcome.reasoning)
    if asked and (ask.closing == "by the client" or nothing):
        return asked[-1]
    before = [at for at in blows if ask.closed_at - _NOTED_SECONDS < at <= ask.closed_at]
    if before and ask.closing == "by the client":
        return before[-1]
    # … or struck between the last word of the model, or the stop, and the end of the reply.
    return next((at for at in blows if at > ask.closed_at), None)


def _whole_tokens(ask: Ask, outcome: Outcome) -> int:
    """How many tokens are stored from first to last; at most all but one, so that there is a next one."""
    left = len(outcome.reasoning), len(outcome.text)
    for index, token in enumerate(ask.tokens[: len(ask.sent_at)]):
        is_text = index >= ask.script.reasoning
        left = (left[0], left[1] - len(token)) if is_text else (left[0] - len(token), left[1])
        if left[is_text] < 0:
            return index
    return len(ask.sent_at) - 1


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
        lost_at = _lost_at(ask, outcome)
        hurt_at = min(outcome.worker_blows) if lost_at is None else lost_at
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
