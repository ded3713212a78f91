"""Who of a group speaks next, in which order. Dice are handed in.

Source of the rules: SillyTavern 1.19 (docs/prompting.md).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.scenes import ActionKind, Actor, Dice, Group, History

_WORD = re.compile(r"\b\w+\b", re.ASCII)
_WORD_BEYOND_ASCII = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What makes a group speak."""

    kind: ActionKind = "normal"
    said: str = ""
    """What the user has just said; empty when nobody said anything."""
    forced: str = ""
    """Id of the member who is to speak, whoever's turn it is and muted or not."""
    by_itself: bool = False
    """Whether the group goes on of its own accord (auto mode)."""


def speakers(group: Group, history: History, call: Call, dice: Dice) -> list[Actor]:
    """The members that speak now, one after the other; [] when nobody does.

    `history` holds what the user has just said, and the message that is swiped or continued. Before the group answers
    anew (`regenerate`) all replies to the user's last message are taken out of it.
    """
    if call.forced:
        return [actor for actor in group.actors if actor.id == call.forced][:1]
    able = [actor for actor in group.actors if not actor.muted]
    match call.kind:
        case "swipe" | "continue":
            last = _speaker_of(_last_reply(history), group)
            return [last] if last else []
        case "quiet":
            last = _speaker_of(_last_reply(history), group)
            return [last] if last else list(group.actors[:1])
        case "impersonate":
            return [group.actors[dice.randrange(len(group.actors))]] if group.actors else []
        case _:
            pass
    match group.order:
        case "list":
            return able
        case "manual":
            return [] if call.said or not able else [able[dice.randrange(len(able))]]
        case "pooled":
            return _pooled(able, history, dice)
        case "natural":
            return _natural(able, group, history, call, dice)


def talkativeness(card: CardData) -> float:
    """How likely a member speaks up, from 0 to 1; half where the card does not say."""
    try:
        return float(card.extensions.get("talkativeness", 0.5))
    except (TypeError, ValueError):
        return 0.5


def _natural(able: Sequence[Actor], group: Group, history: History, call: Call, dice: Dice) -> list[Actor]:
    """Who is named speaks, then whoever feels like it; if nobody does, somebody who is not silent by nature."""
    last = next(history.visible(), None)
    silent = None
    if not call.said and not group.self_replies and last is not None and last.role != "user":
        silent = last.name
    may = [actor for actor in able if actor.card.name != silent]
    found: list[Actor] = []
    for word in _words(call.said or (last.text if last else "")):
        named = next((actor for actor in may if word in _words(actor.card.name)), None)
        if named is not None:
            found.append(named)
    found += [actor for actor in _shuffled(may, dice) if talkativeness(actor.card) >= dice.random()]
    if not found and may:
        pool = [actor for actor in may if talkativeness(actor.card) > 0] or may
        found.append(pool[dice.randrange(len(pool))])
    return list({actor.id: actor for actor in found}.values())


def _pooled(able: Sequence[Actor], history: History, dice: Dice) -> list[Actor]:
    """One of those who have not spoken since the user did; when all have, anybody but the last."""
    if not able:
        return []
    spoken: list[str] = []
    for message in history.visible():
        if message.role == "user":
            break
        if message.role == "assistant":
            spoken.append(message.name)
    waiting = [actor for actor in able if actor.card.name not in spoken]
    if not waiting:
        waiting = [actor for actor in able if not spoken or actor.card.name != spoken[0]] or list(able)
    return [waiting[dice.randrange(len(waiting))]]


def _last_reply(history: History) -> Message | None:
    return next((message for message in history.visible() if message.role == "assistant"), None)


def _speaker_of(message: Message | None, group: Group) -> Actor | None:
    if message is None:
        return None
    by_id = next((actor for actor in group.actors if actor.id == message.character_id), None)
    return by_id or next((actor for actor in group.actors if actor.card.name == message.name), None)


def _words(text: str) -> list[str]:
    """Words as SillyTavern takes them, and those of other scripts besides, which it does not see."""
    low = text.lower()
    return _WORD.findall(low) + [word for word in _WORD_BEYOND_ASCII.findall(low) if not word.isascii()]


def _shuffled(actors: Sequence[Actor], dice: Dice) -> list[Actor]:
    left, found = list(actors), []
    while left:
        found.append(left.pop(dice.randrange(len(left))))
    return found
