"""The prompt a provider gets, and the pieces of reply it gives back."""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field

from chalicelib.models.presets import Samplers
from chalicelib.models.shapes import Held, MessageRole
from chalicelib.models.templates import TextSamplers
from chalicelib.models.worlds import Timed

FinishReason = Literal["stop", "length", "stopped", "interrupted", "filtered", "tool_limit", "error"]


Reason = str
"""Why something is in a prompt: `order` (the preset says so), `history`, `example`, `action`, `card`, `persona`,
`note`, `inject`, or of an entry of a world how it woke: `constant`, `key`, `sticky`, `decorator`.

Why it is out: `budget`, `bytes` (a picture too many), `switched_off`, `trigger`, `empty`, `place` (nothing to stand in
or beside), `replaced` (by the card's), `kept` (the preset keeps its own), `interval` (a note that is not due), `note`
(stands in such a note), `outlet` (nobody asked for it), or of an entry what kept it out: `no_key`, `no_keys`,
`secondary`, `disabled`, `trigger`, `character`, `tag`, `delay`, `cooldown`, `recursion_only`, `not_by_recursion`,
`suppressed`, `group`, `group_score`, `chance`, `budget`.
"""


class Block(Held):
    """One stretch of a prompt, explained."""

    source: str
    """main, charDescription, history:<message id>, world:<world>:<uid>, example:2, note …"""
    title: str = ""
    tokens: int = 0
    reason: Reason = "order"
    detail: str = ""
    """The key that was found, the depth, the message …"""
    place: int
    """In which message of the prompt it stands, and from where how far."""
    start: int = 0
    length: int = 0


class LeftOut(Held):
    """What could have been in a prompt and is not."""

    source: str
    title: str = ""
    tokens: int = 0
    reason: Reason
    detail: str = ""


class Manifest(Held):
    """A prompt explained: its blocks in order, and what was left out."""

    blocks: list[Block] = []
    left_out: list[LeftOut] = []
    unread: int = 0
    """Messages above those that were looked at: nobody read them."""
    older: int = 0
    """Messages, about, that found no room; only the newest of them is in `left_out`."""
    silent: int = 0
    """Entries of worlds none of whose keys was said, where there are too many to list them in `left_out`."""
    worlds: list[str] = []
    """Names of the worlds in play."""
    budget: int = 0
    """Tokens the prompt might have."""
    tokens: int = 0


JOINT = "\n\n"
"""What stands between messages that were joined into one."""
PictureDetail = Literal["auto", "low", "high"]


class PromptPicture(Held):
    """A picture beside the words of a message."""

    place: str
    """What the message calls it."""
    media_type: str
    width: int
    height: int
    bytes: int
    at: int = 0
    """Before which letter of the message it stands."""
    detail: PictureDetail = "auto"
    """How closely the model is to look."""
    tokens: int = 0
    key: str = Field(default="", exclude=True)
    """Where its file lies. Neither this nor the file itself is kept with a prompt."""
    data: str = Field(default="", exclude=True, repr=False)
    """The file in Base64, once somebody is about to send it."""


class PromptMessage(Held):
    role: MessageRole
    content: str
    name: str | None = None
    """Whose words they are, as services are told: `example_user` and `example_assistant` in example dialogues."""
    source: str = ""
    """Where it came from: main, description, history:<message id> …"""
    tokens: int = 0
    pictures: list[PromptPicture] = []
    """In the order of their places in the content."""

    @property
    def parts(self) -> "list[str | PromptPicture]":
        """Words and pictures in turn. What joined two messages is not said where a picture stands between them."""
        found: list[str | PromptPicture] = []
        told = 0
        for picture in self.pictures:
            text = self.content[told : picture.at]
            found += [*([text.removeprefix(JOINT) if told else text] if text or not found else []), picture]
            told = picture.at
        rest = self.content[told:].removeprefix(JOINT if told else "")
        return [*found, rest] if rest or not found else found


class Prompt(Held):
    """A request in provider-neutral form."""

    messages: list[PromptMessage]
    samplers: Samplers
    model: str
    stop: list[str] = []
    replies: int = 1
    """How many answers are asked for at once."""
    begins: str = ""
    """Words the reply begins with, before the model's own: they are stored with it."""
    bias: dict[int, float] = {}
    """What tokens are made likelier by, by their numbers in the model's encoding."""
    prefill: str = ""
    """Text the reply continues (kind `continue`)."""
    lead: str = ""
    """Words the model finds in its mouth and goes on from. They are no part of the reply."""
    verbosity: str | None = None
    """How much the model is to say, where the service knows such a setting."""
    system_apart: bool = True
    """Whether system texts at the beginning go into the service's field for them."""
    web_search: bool = False
    """Whether the service may search the web, where it does so by itself."""
    tools: list[dict[str, Any]] = []
    speaker: str = ""
    """Name of who speaks next: the character, or the user when impersonated."""
    character_name: str = ""
    user_name: str = ""
    tokens: int = 0
    explain: Callable[[], Manifest] = Field(default=Manifest, exclude=True)
    """Makes the manifest when it is asked for: a reply's beginning does not wait for it."""
    timed: Timed | None = None
    """Which entries of worlds stick or rest from now on; None when no world was looked at."""
    lacking: Literal["", "cards", "history"] = ""
    """What found no room though it must be there: card, persona and prompts, or even the newest message."""
    flat: str = ""
    """The same as one text, for services that complete text."""
    flat_stop: list[str] = []
    text_samplers: TextSamplers = TextSamplers()
    """What only services that complete text know, besides `samplers`."""

    @property
    def manifest(self) -> Manifest:
        return self.explain()


class TokenUsage(Held):
    prompt_tokens: int = 0
    reply_tokens: int = 0
    reasoning_tokens: int = 0


class Delta(Held):
    """One piece of a reply, in the order the provider sent it. The last one carries `finish_reason`."""

    text: str = ""
    reasoning: str = ""
    finish_reason: FinishReason | None = None
    usage: TokenUsage | None = None
    others: "list[Delta]" = []
    """Of the last piece: further answers, where more than one was asked for, each whole."""
    tool_calls: list[dict[str, Any]] = []
