"""Connections: saved ways to a language model. (A socket is never called a connection here.)"""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, SecretStr

from chalicelib.models.shapes import Asked, Held, Id, Instant


class ProviderKind(StrEnum):
    demo = "demo"
    openai_chat = "openai_chat"
    openai_text = "openai_text"
    koboldcpp = "koboldcpp"
    llamacpp = "llamacpp"
    anthropic = "anthropic"
    bedrock = "bedrock"
    gemini = "gemini"


TextFormat = Literal["auto", "plain", "chatml", "llama3", "mistral", "gemma", "phi", "command_r", "alpaca", "vicuna"]
"""How turns are marked in one text. `auto` goes by the model's name; `plain` are lines of `Name: text`."""
Sight = Literal["auto", "yes", "no"]
"""Whether the model sees pictures. `auto` goes by its name."""
Address = Annotated[str, Field(max_length=500)]


class Connection(Held):
    """A connection as its owner sees it: the key itself never leaves the server."""

    id: str
    name: str
    kind: ProviderKind
    address: str
    model: str
    has_key: bool
    key_hint: str = ""
    """The last four characters of the key."""
    fallback_id: str | None = None
    tokenizer: Literal["o200k_base", "cl100k_base"] = "o200k_base"
    context_tokens: int | None = None
    text_format: TextFormat = "auto"
    """For services that complete text; others mark turns by themselves."""
    sees: Sight = "auto"
    created_at: Instant
    updated_at: Instant
    revision: int = 1


class NewConnection(Asked):
    name: str = Field(min_length=1, max_length=120)
    kind: ProviderKind
    address: Address = ""
    """Empty means the provider's own address."""
    model: str = Field(default="", max_length=300)
    key: SecretStr | None = Field(default=None, max_length=2000)
    fallback_id: Id | None = None
    tokenizer: Literal["o200k_base", "cl100k_base"] = "o200k_base"
    context_tokens: int | None = Field(default=None, ge=512, le=2_000_000)
    text_format: TextFormat = "auto"
    sees: Sight = "auto"


class ConnectionChange(Asked):
    """A new address drops the saved key unless the change brings one."""

    revision: int
    name: str | None = Field(default=None, min_length=1, max_length=120)
    address: Address | None = None
    model: str | None = Field(default=None, max_length=300)
    key: SecretStr | None = Field(default=None, max_length=2000)
    fallback_id: Id | None = None
    tokenizer: Literal["o200k_base", "cl100k_base"] | None = None
    context_tokens: int | None = Field(default=None, ge=512, le=2_000_000)
    text_format: TextFormat | None = None
    sees: Sight | None = None


class ProviderInfo(Held):
    """What the page needs to know of a kind of provider."""

    kind: ProviderKind
    title: str
    address: str
    needs_key: bool
    local: bool
    offered: bool = True


class ModelInfo(Held):
    id: str
    title: str = ""
    context_tokens: int | None = None


class TestResult(Held):
    """Outcome of "test": the first words, or what is wrong."""

    __test__ = False
    ok: bool
    text: str = ""
    first_token_ms: int | None = None
    code: str | None = None
    message: str | None = None


class NearbyServer(Held):
    """A model server found on this machine."""

    kind: ProviderKind
    title: str
    address: str
    models: list[ModelInfo] = []
