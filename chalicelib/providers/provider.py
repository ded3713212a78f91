"""What every language model's service looks like from here."""

from collections.abc import AsyncGenerator
from typing import Literal, Protocol

from pydantic import SecretStr

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind
from chalicelib.models.prompt import Delta, Prompt
from chalicelib.models.shapes import Held


class Access(Held):
    """All a provider needs to know of a connection, its key in the clear. It lives in memory only."""

    owner_id: str
    connection_id: str
    connection_name: str
    kind: ProviderKind
    address: str
    key: SecretStr | None = None
    model: str = ""
    tokenizer: Literal["o200k_base", "cl100k_base"] = "o200k_base"
    context_tokens: int | None = None
    fallback: "Access | None" = None
    """Where to turn when this one fails before its first token. A fallback has none of its own."""


class Provider(Protocol):
    """One kind of service. It keeps no state between requests besides open HTTP connections."""

    info: ProviderInfo

    def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        """The reply, piece by piece; the last piece, and only it, carries `finish_reason`.

        Closing the generator closes the request at once. Raises ProviderFailed, with `details["retryable"]`, and
        AddressRefused.
        """
        ...

    async def models(self, access: Access) -> list[ModelInfo]:
        """The models on offer, as the service lists them now. Raises ProviderFailed and AddressRefused."""
        ...
