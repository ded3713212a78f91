"""Effects of time on a branch: kept by its places, shown to a prompt by the messages that it sees.

World info counts messages, and counts no hidden ones, and deleted ones are gone. What is kept counts all places of the
branch instead, which never change: so a message that is deleted, hidden or brought back later moves an effect along,
and one whose messages are gone goes with them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Self

from chalicelib.models.chats import Branch, Chat, Message, Span
from chalicelib.models.worlds import Timed, TimedEffect
from chalicelib.presetfiles.metadata import read_timed
from chalicelib.stores.chat_keys import split_message_id

ABOVE = 12
"""Messages above the start of an effect that are looked after: it loses one with each that goes, as SillyTavern has it,
where all messages of a chat are counted."""


def timed_of(chat: Chat, branch: Branch) -> Timed:
    """Which entries stick or rest on a branch: its own effects, else those the chat had, else those of its file."""
    if branch.timed is not None:
        return branch.timed
    return chat.timed or read_timed(chat.metadata)


@dataclass(frozen=True, slots=True)
class Timing:
    """Effects as they are kept, and as a prompt counts them."""

    kept: Timed
    shown: Timed
    places: int
    """How many places the branch has."""
    seen: int
    """How many messages the prompt counts."""
    spans: Sequence[Span]
    newest_first: Iterable[Message]

    @classmethod
    def of(cls, kept: Timed, spans: Sequence[Span], newest_first: Iterable[Message], *, places: int, seen: int) -> Self:
        """Reads little further up than where the oldest effect began."""
        effects = [*kept.sticky.values(), *kept.cooldown.values()]
        if not effects:
            return cls(kept, kept, places, seen, spans, newest_first)
        visible = _visible_down_to(min(one.start for one in effects) - ABOVE, spans, newest_first)

        def shifted(effect: TimedEffect) -> TimedEffect:
            age = sum(place >= effect.start for place in visible)
            gone = 0 if effect.above is None else effect.above - _above(effect.start, visible)
            return _moved(effect, seen - age + gone)

        return cls(kept, _mapped(kept, shifted), places, seen, spans, newest_first)

    def back(self, after: Timed) -> Timed:
        """Effects that a prompt left behind, as they are kept: those that run on as they were, new ones by places."""

        def keep(effects: Mapping[str, TimedEffect], kind: str) -> dict[str, TimedEffect]:
            shown, kept = getattr(self.shown, kind), getattr(self.kept, kind)
            return {key: kept[key] if shown.get(key) == one else begun(one) for key, one in effects.items()}

        def begun(effect: TimedEffect) -> TimedEffect:
            visible = _visible_down_to(self.places - ABOVE, self.spans, self.newest_first)
            moved = _moved(effect, effect.start + self.places - self.seen)
            return moved.model_copy(update={"above": _above(moved.start, visible)})

        return after.model_copy(
            update={"sticky": keep(after.sticky, "sticky"), "cooldown": keep(after.cooldown, "cooldown")}
        )


def by_places(timed: Timed, visible: Sequence[int], places: int) -> Timed:
    """Effects of a file, which count messages that are seen; `visible` are the places of those, in order."""

    def placed(effect: TimedEffect) -> TimedEffect:
        return _moved(effect, visible[effect.start] if 0 <= effect.start < len(visible) else places)

    return _mapped(timed, placed)


def by_messages(timed: Timed, visible: Sequence[int]) -> Timed:
    """The way back: effects for a file."""
    return _mapped(timed, lambda effect: _moved(effect, sum(place < effect.start for place in visible)))


def _above(start: int, visible: Iterable[int]) -> int:
    return sum(start - ABOVE <= place < start for place in visible)


def visible_places(spans: Sequence[Span], messages: Iterable[Message]) -> list[int]:
    """Where on a branch the messages stand that a prompt sees, in order."""
    place_of = _places(spans)
    return sorted(place_of(one) for one in messages if not one.hidden)


def _visible_down_to(place: int, spans: Sequence[Span], newest_first: Iterable[Message]) -> list[int]:
    place_of, found = _places(spans), []
    for message in newest_first:
        at = place_of(message)
        if at < place:
            break
        if not message.hidden:
            found.append(at)
    return found


def _places(spans: Sequence[Span]) -> Callable[[Message], int]:
    ends = accumulate(span.upto + 1 for span in spans)
    begins = {span.segment: end - span.upto - 1 for span, end in zip(spans, ends, strict=True)}

    def place_of(message: Message) -> int:
        segment, position = split_message_id(message.id)
        return begins[segment] + position

    return place_of


def _mapped(timed: Timed, change: Callable[[TimedEffect], TimedEffect]) -> Timed:
    changed = {
        "sticky": {key: change(one) for key, one in timed.sticky.items()},
        "cooldown": {key: change(one) for key, one in timed.cooldown.items()},
    }
    return timed.model_copy(update=changed)


def _moved(effect: TimedEffect, start: int) -> TimedEffect:
    return effect.model_copy(update={"start": start, "end": start + effect.end - effect.start})
