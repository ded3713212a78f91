"""Which models see. Nobody tells: it goes by the names services give their models, unless the connection says so."""

import re

from chalicelib.models.connections import ProviderKind
from chalicelib.models.prompt import Prompt
from chalicelib.providers.provider import Access

BLIND = frozenset({ProviderKind.demo, ProviderKind.openai_text, ProviderKind.koboldcpp, ProviderKind.llamacpp})
"""Kinds whose requests have no place for a picture."""
_SEEING = re.compile(
    r"gpt-4o|gpt-4\.[15]|gpt-4-turbo|chatgpt-4o|gpt-[5-9]|\bo[1345]\b(?!-mini|-preview)|\bo4-mini"
    r"|claude-(?:3|opus|sonnet|haiku|[4-9])|gemini|gemma-?3|nova-(?:lite|pro|premier)|grok-(?:2-vision|4)"
    r"|vision|llava|pixtral|mistral-(?:small-3|medium-3)|llama-?4|llama-3\.2-(?:11|90)b|internvl|minicpm-v|molmo"
    r"|moondream|qvq|\bvl\b|[-_.\d]vl[-_.\d]|4\.[15]v\b",
    re.IGNORECASE,
)


def sees(access: Access) -> bool:
    """Whether pictures go to this model."""
    if access.kind in BLIND or access.sees == "no":
        return False
    return access.sees == "yes" or _SEEING.search(access.model[:300]) is not None


def seen_by(prompt: Prompt, access: Access) -> Prompt:
    """The prompt as a model gets it: one that does not see gets the words alone."""
    if sees(access) or not any(message.pictures for message in prompt.messages):
        return prompt
    messages = [one.model_copy(update={"pictures": []}) for one in prompt.messages if one.content]
    return prompt.model_copy(update={"messages": messages})
