"""The demo: no model and no network, a small program that tells a story from the card. Its title says so.

The words depend on the card's name, the scenario, the user's last words and what was told before. Model `demo` speaks
at the pace of a real one and tells each swipe anew; `demo-instant` has no pauses and tells the same from the same.
"""

import asyncio
import hashlib
import random
import re
import secrets
from collections.abc import AsyncGenerator

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, Prompt, TokenUsage
from chalicelib.providers.demo_words import PARTS
from chalicelib.providers.provider import Access

INSTANT = "demo-instant"
TOKENS_PER_SECOND = 25
FIRST_TOKEN_SECONDS = 0.35
ECHO_CHARACTERS = 60
_HAN = re.compile(r"[\u4e00-\u9fff]")
_TOKEN = re.compile(r"[\u3000-\u9fff\uff00-\uffef]{1,2}|[^\s\u3000-\u9fff\uff00-\uffef]+\s*|\s+")
_SENTENCE = re.compile(r"(?:^|(?<=[.!?。！？]))\s*([^{}\[\]|+=\n.!?。！？]{12,160}[.!?。！？])")
_STORY = ("gesture", "answer", "turn", "thought", "close")


class Demo:
    """Tells a small story."""

    info = ProviderInfo(
        kind=ProviderKind.demo, title="Demo (a small program, no model)", address="", needs_key=False, local=True
    )

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        instant = access.model == INSTANT
        dice = random.Random(_seed(prompt, salt="" if instant else secrets.token_hex(8)))
        tokens = _TOKEN.findall(tell(prompt, dice))
        allowed = tokens[: prompt.samplers.reply_tokens]
        for number, token in enumerate(allowed):
            if not instant:
                await asyncio.sleep(FIRST_TOKEN_SECONDS if number == 0 else _pause(token, dice))
            yield Delta(text=token)
        yield Delta(
            finish_reason="stop" if len(allowed) == len(tokens) else "length",
            usage=TokenUsage(prompt_tokens=prompt.tokens, reply_tokens=len(allowed)),
        )

    async def models(self, access: Access) -> list[ModelInfo]:
        return [
            ModelInfo(id="demo", title="Demo, at the pace of a model"),
            ModelInfo(id=INSTANT, title="Demo, all at once and always the same"),
        ]


def tell(prompt: Prompt, dice: random.Random) -> str:
    """The text of one reply."""
    sources = {message.source.split(":")[0]: message.content for message in prompt.messages}
    history = [message for message in prompt.messages if message.source.startswith(("history:", "continue:"))]
    said = next((message.content for message in reversed(history) if message.role == "user"), "")
    told = "\n".join(message.content for message in history if message.role == "assistant")
    chinese = bool(_HAN.search(said or prompt.character_name + sources.get("description", "")))
    names = {"char": prompt.character_name, "user": prompt.user_name, "echo": _echo(said)}

    def one(part: str) -> str:
        """A sentence of this part, one that was not told yet where there is such a one."""
        choices = [
            _filled(sentence, names)
            for sentence in PARTS["zh" if chinese else "en"][part]
            if names["echo"] or "{echo}" not in sentence
        ]
        return dice.choice([choice for choice in choices if choice not in told] or choices or [""])

    if prompt.prefill:
        joint = "" if chinese or prompt.prefill[-1:].isspace() else " "
        return joint + ("" if chinese else " ").join((one("more"), one("turn"), one("close")))
    if "impersonate" in sources:
        return one("own")
    if "quiet" in sources:
        return one("title")
    scene = _untold(f"{sources.get('scenario', '')}\n{sources.get('description', '')}", told)
    if bool(_HAN.search(scene)) != chinese:
        scene = ""
    paragraphs = (f"{one('gesture')} {one('answer')}", f"{scene} {one('turn')}", one("thought"), one("close"))
    return "\n\n".join(paragraph.strip() for paragraph in paragraphs)


def _seed(prompt: Prompt, *, salt: str) -> int:
    content = "\0".join((salt, prompt.speaker, *(message.content for message in prompt.messages)))
    return int.from_bytes(hashlib.sha256(content.encode("utf-8", "replace")).digest()[:8], "big")


def _filled(sentence: str, names: dict[str, str]) -> str:
    for name, value in names.items():
        sentence = sentence.replace(f"{{{name}}}", value)
    return sentence


def _echo(said: str) -> str:
    """The user's last words, without gestures and marks, cut at a word."""
    words = " ".join(re.sub(r"\*[^*]*\*|[\"“”„]", " ", said).split()).rstrip(".!?,;:…。！？， ")
    if len(words) <= ECHO_CHARACTERS:
        return words
    cut = words[:ECHO_CHARACTERS]
    return (cut.rsplit(" ", 1)[0] if " " in cut else cut) + "…"


def _untold(text: str, told: str) -> str:
    """The first plain sentence of the text that was not told yet."""
    return next((found[1].strip() for found in _SENTENCE.finditer(text) if found[1].strip() not in told), "")


def _pause(token: str, dice: random.Random) -> float:
    """About 1/25 s, with some jitter and a breath after each sentence."""
    return dice.uniform(0.4, 1.6) / TOKENS_PER_SECOND + (0.08 if token.rstrip()[-1:] in ".?!。？！" else 0.0)
