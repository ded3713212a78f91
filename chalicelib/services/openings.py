"""What a chat opens with: the greeting of its character, or one of each member of its group.

Macros are resolved now, as SillyTavern does: what was said stays, whatever the names become later.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message, Swipe
from chalicelib.models.scenes import Group
from chalicelib.prompting.macros.expander import Macros

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock

Opening = tuple[Message, list[Swipe]]
"""A message with its alternatives, [] when it has but one."""


def greetings_of(card: CardData, *, user: str, clock: "Clock", group: Group | None = None) -> list[str]:
    """The card's greetings in order, macros resolved; in a group those that are meant for groups come first."""
    for_groups = card.group_only_greetings if group else []
    texts = [text for text in (*for_groups, card.first_mes, *card.alternate_greetings) if text.strip()]
    macros = Macros(
        char=card.nickname or card.name,
        user=user,
        now=clock.now(),
        dice=clock.dice(),
        values={"group": ", ".join(actor.card.name for actor in group.actors)} if group else None,
    )
    return [macros.expand(text) for text in texts]


def opening(
    texts: Sequence[str], *, chat_id: str, message_id: str, character_id: str, name: str, shown: int, now: datetime
) -> Opening:
    """The message that greets, showing one of its `texts`."""
    swipes = [Swipe(index=index, text=text, created_at=now) for index, text in enumerate(texts)]
    message = Message(
        id=message_id,
        chat_id=chat_id,
        role="assistant",
        name=name,
        text=texts[shown],
        character_id=character_id,
        swipe_index=shown,
        swipe_count=len(texts),
        created_at=now,
    )
    return message, swipes if len(swipes) > 1 else []
