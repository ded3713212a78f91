"""The presets everybody starts with. An empty prompt means the one the prompt room has built in."""

from datetime import datetime
from typing import Literal

from chalicelib.models.presets import Preset, Samplers

Locale = Literal["en", "zh-CN"]

DEFAULT_ID = "balanced"

_NOVELIST = (
    "You and the user write a story together. You are {{char}}, and everybody else who is not {{user}}. "
    "Write as in a novel: past tense, third person, the senses before the abstract, every voice its own. "
    "Let things happen: each reply moves the scene by one step that {{user}} can answer. "
    "Never decide what {{user}} says, feels or does."
)
_BRIEF = (
    "You are {{char}} in a conversation with {{user}}. Answer in one to three sentences, the way people really talk: "
    "concrete, in character, with room for an answer. Put the little that is done rather than said between asterisks. "
    "Never speak for {{user}}."
)


_NAMES: dict[Locale, dict[str, str]] = {
    "en": {DEFAULT_ID: "Balanced", "brief": "Brief talk", "novelist": "Novelist", "plain": "As the model likes"},
    "zh-CN": {DEFAULT_ID: "均衡", "brief": "短对话", "novelist": "小说家", "plain": "随模型所好"},
}


def seeds(now: datetime, locale: Locale = "en") -> list[Preset]:
    """In the order they are shown, named in a person's language; the first is the default."""
    names = _NAMES[locale]
    return [
        Preset(
            id=DEFAULT_ID,
            name=names[DEFAULT_ID],
            samplers=Samplers(temperature=0.9, top_p=0.95),
            created_at=now,
            updated_at=now,
        ),
        Preset(
            id="brief",
            name=names["brief"],
            samplers=Samplers(reply_tokens=220, temperature=0.8, top_p=0.95),
            main_prompt=_BRIEF,
            created_at=now,
            updated_at=now,
        ),
        Preset(
            id="novelist",
            name=names["novelist"],
            samplers=Samplers(context_tokens=32_768, reply_tokens=1_200, temperature=1.0, min_p=0.05),
            main_prompt=_NOVELIST,
            created_at=now,
            updated_at=now,
        ),
        Preset(
            id="plain",
            name=names["plain"],
            samplers=Samplers(),
            created_at=now,
            updated_at=now,
        ),
    ]
