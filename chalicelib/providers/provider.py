"""What every language model's service looks like from here."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Literal, Protocol

from pydantic import InstanceOf, SecretStr

from chalicelib.models.connections import ModelInfo, ProviderInfo, ProviderKind, Sight, TextFormat
from chalicelib.models.prompt import Delta, Prompt
from chalicelib.models.shapes import Held


class Rest:
    """The pause between two reads of an answer.

    Text leaves for the readers a few times a second. Meanwhile the model's tokens gather in the kernel and are read at
    once, which costs a fraction of waking up for each.
    """

    def __init__(self, seconds: Callable[[], float]) -> None:
        """`seconds` tells how long the next pause is."""
        self._seconds = seconds
        self._over = False

    async def take(self) -> None:
        if not self._over:
            await asyncio.sleep(self._seconds())

    def end(self) -> None:
        """No pauses from now on: the reply is complete, and what follows is only read away."""
        self._over = True


class Sent:
    """The body of the request that was sent last."""

    def __init__(self, again: bytes | None = None) -> None:
        """`again` is sent byte for byte instead of what a provider makes."""
        self._again = again
        self.body = b""

    def body_of(self, made: bytes) -> bytes:
        """The bytes to send, noted here. The same made twice is the same."""
        self.body = made if self._again is None else self._again
        return self.body


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
    text_format: TextFormat = "auto"
    sees: Sight = "auto"
    fallback: "Access | None" = None
    """Where to turn when this one fails before its first token. A fallback has none of its own."""
    rest: InstanceOf[Rest] | None = None
    """How long the answer may lie unread."""
    sent: InstanceOf[Sent] | None = None
    """Where the request's body is noted."""


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
