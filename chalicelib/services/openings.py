"""What a chat opens with: the greeting of its character, or one of each member of its group.

Macros are resolved now, as SillyTavern does: what was said stays, whatever the names become later.
"""

import re
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message, Swipe
from chalicelib.models.scenes import Group, Variables
from chalicelib.prompting.macros.expander import Macros

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock

Opening = tuple[Message, list[Swipe]]
"""A message with its alternatives, [] when it has but one."""


_VARIABLES = re.compile(r"\{\{\s*(?:#?\w*var\w*|[.$])", re.IGNORECASE)


class Greeting(NamedTuple):
    text: str
    variables: Variables
    """As they are when it has been said."""


def ask_variables(card: CardData) -> bool:
    """Whether a greeting has to do with variables."""
    return any(
        _VARIABLES.search(text) for text in (card.first_mes, *card.alternate_greetings, *card.group_only_greetings)
    )


def greetings_of(
    card: CardData, *, user: str, clock: "Clock", variables: Variables, group: Group | None = None
) -> list[Greeting]:
    """The card's greetings in order, macros resolved; in a group those that are meant for groups come first.

    Each begins with the `variables` there are, which stay as they were.
    """
    for_groups = card.group_only_greetings if group else []
    texts = [text for text in (*for_groups, card.first_mes, *card.alternate_greetings) if text.strip()]
    found = []
    for text in texts:
        own = Variables(deepcopy(variables.local), deepcopy(variables.everywhere))
        macros = Macros(
            char=card.nickname or card.name,
            user=user,
            now=clock.now(),
            dice=clock.dice(),
            values={"group": ", ".join(actor.card.name for actor in group.actors)} if group else None,
            variables=own,
        )
        found.append(Greeting(macros.expand(text), own))
    return found


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
