"""Scenes for tests of text prompts, with what does not matter filled in."""

import math
import random
from datetime import UTC, datetime
from typing import Any

from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.prompt import Prompt
from chalicelib.models.scenes import Action, Actor, AuthorsNote, Group, History, Injection, Preferences, Scene, Who
from chalicelib.models.templates import ContextTemplate, Instruct, SystemPrompt, TextTemplates
from chalicelib.prompting.assemble import assemble
from chalicelib.prompting.scripts.patterns import Patterns
from chalicelib.prompting.tokens import ESTIMATE

NOW = datetime(2026, 5, 17, 14, 0, tzinfo=UTC)
STORY = "{{#if system}}{{system}}\n{{/if}}{{#if description}}{{description}}\n{{/if}}{{trim}}"
TAGS = Instruct(
    enabled=True,
    input_sequence="[in]",
    output_sequence="[out]",
    system_sequence="[sys]",
    input_suffix="[/in]\n",
    output_suffix="[/out]\n",
    system_suffix="[/sys]\n",
    story_string_prefix="[sys]",
    story_string_suffix="[/sys]\n",
    stop_sequence="[/out]",
)
PLAIN_CONTEXT = ContextTemplate(story_string=STORY, chat_start="***")


def bytes_third(text: str) -> int:
    return math.ceil(len(text.encode()) / 3)


def told(*lines: str) -> list[Message]:
    """Messages from lines like `Robin: Hi.`; Robin is the user, `*:` a narrator. Newest first."""
    roles = {"Robin": "user", "*": "system"}
    found = []
    for number, line in enumerate(lines):
        name, _, text = line.partition(": ")
        found.append(
            Message.model_validate(
                {
                    "id": f"s.{number}",
                    "chat_id": "c",
                    "role": roles.get(name, "assistant"),
                    "name": name,
                    "text": text,
                    "created_at": NOW,
                    "extra": {"force_avatar": "x"} if name == "Wind" else {},
                }
            )
        )
    return found[::-1]


def prompt(*lines: str, card: dict[str, Any] | None = None, **more: Any) -> Prompt:
    """The prompt after these lines. `more` are fields of scene, action and templates by their names."""
    templates = TextTemplates(
        instruct=more.pop("instruct", Instruct()),
        context=more.pop("context", PLAIN_CONTEXT),
        system=more.pop("system", SystemPrompt(text="Play {{char}}.")),
        context_tokens=more.pop("context_tokens", 4096),
        reply_tokens=more.pop("reply_tokens", 96),
    )
    action = Action(kind=more.pop("kind", "normal"), instruction=more.pop("quiet", ""), aloud=more.pop("aloud", False))
    members = more.pop("members", ())
    actor = Actor(
        id="tessa", card=CardData.model_validate({"name": "Tessa", "description": "A keeper."} | (card or {}))
    )
    others = tuple(Actor(id=name.lower(), card=CardData(name=name)) for name in members)
    return assemble(
        Scene(
            api="text",
            speaker=actor,
            group=Group(actors=(actor, *others)) if others else None,
            history=History(more.pop("history", None) or told(*lines)),
            now=NOW,
            dice=random.Random(1),
            count=bytes_third,
            encoding=ESTIMATE,
            encode=lambda text: [1],
            persona=Who(name="Robin"),
            action=action,
            note=more.pop("note", AuthorsNote()),
            injections=tuple(more.pop("injections", ())),
            templates=templates,
            preferences=Preferences(**more),
        ),
        Patterns(clock=lambda: 0.0),
    )


def injection(text: str, depth: int, role: str = "system") -> Injection:
    return Injection(id=text, text=text, place="in_chat", depth=depth, role=role)  # type: ignore[arg-type]
