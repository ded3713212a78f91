"""How long a model may say nothing, whatever else its service sends, and what is made of answers in no known shape."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, closing

from chalicelib.models.connections import ModelInfo
from chalicelib.models.prompt import Delta, Prompt
from chalicelib.providers import failures
from chalicelib.providers.provider import Access, Provider
from chalicelib.providers.seeing import seen_by
from chalicelib.providers.stall import Stall

SILENT_STALLS_MOST = 5
"""Comments and pings show that a service is alive: for so many stalls they make up for a text that does not come."""


class Patient:
    """A provider as the rest of the product meets it."""

    def __init__(self, provider: Provider, *, stall_seconds: float) -> None:
        self._provider, self._seconds = provider, stall_seconds * SILENT_STALLS_MOST
        self.info = provider.info

    async def stream(self, prompt: Prompt, access: Access) -> AsyncGenerator[Delta, None]:
        """As `Provider.stream`. Raises ProviderFailed (`provider_silent`) when no text came for too long."""
        with closing(Stall(self._seconds)) as stall:
            async with aclosing(self._provider.stream(seen_by(prompt, access), access)) as deltas:
                while True:
                    try:
                        async with stall:
                            delta = await anext(deltas)
                    except StopAsyncIteration:
                        return
                    except TimeoutError:
                        raise failures.silent(access, self._seconds) from None
                    except failures.MISSHAPEN as error:
                        raise failures.not_an_api(access) from error
                    yield delta

    async def models(self, access: Access) -> list[ModelInfo]:
        try:
            return await self._provider.models(access)
        except failures.MISSHAPEN as error:
            raise failures.not_an_api(access) from error
