"""Kept prompts: what a reply was made from and why, and where the request went."""

from typing import Any, Literal

from chalicelib.models.generations import GenerationKind
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Manifest, Prompt, PromptMessage
from chalicelib.models.shapes import Held, Instant


class Sending(Held):
    """Where a request went. It is only repeated at the very same place."""

    connection_id: str
    connection: str = ""
    """Its name then."""
    provider: str
    model: str = ""
    place: str
    """A hash of the address: it tells whether that has changed, and nothing else."""


class KeptPrompt(Held):
    """What is kept with a reply besides the request's bytes, whose sender needs to know it all again."""

    generation_id: str
    chat_id: str
    message_id: str | None = None
    kind: GenerationKind
    kept_at: Instant
    sending: Sending
    messages: list[PromptMessage] = []
    """Empty where the prompt was too large to be kept."""
    samplers: dict[str, Any] = {}
    """As they are: presets of the field hold numbers that ours would refuse."""
    stop: list[str] = []
    prefill: str = ""
    begins: str = ""
    speaker: str = ""
    character_name: str = ""
    user_name: str = ""
    tokens: int = 0
    manifest: Manifest

    @property
    def prompt(self) -> Prompt:
        """As far as it is needed to read the answer to a request that is repeated."""
        return Prompt(
            messages=self.messages,
            samplers=Samplers(),
            model=self.sending.model,
            stop=self.stop,
            prefill=self.prefill,
            begins=self.begins,
            speaker=self.speaker,
            character_name=self.character_name,
            user_name=self.user_name,
            tokens=self.tokens,
            explain=lambda: self.manifest,
        )


class Explanation(Held):
    """Why a reply is as it is, or what one would be made from: the prompt, its blocks, and what was left out."""

    generation_id: str | None = None
    """None of a prompt that was not sent."""
    kind: GenerationKind
    kept_at: Instant | None = None
    connection: str = ""
    model: str = ""
    samplers: dict[str, Any] = {}
    stop: list[str] = []
    messages: list[PromptMessage]
    """Empty where the prompt was too large to be kept."""
    manifest: Manifest
    request_bytes: int = 0
    """Of the request as it was sent; 0 where none was, as by the demo."""
    lacking: Literal["", "cards", "history"] = ""
    """What found no room though it must be there: such a prompt is not sent."""
