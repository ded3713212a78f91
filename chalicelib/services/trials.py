"""Trying a connection out: a few words from its model, the models it offers, and servers on this machine."""

import asyncio
import time
from collections.abc import Coroutine, Sequence
from contextlib import aclosing
from typing import Any

from chalicelib.clients.loop import run
from chalicelib.errors import AppError, Forbidden, Unavailable
from chalicelib.models.connections import ModelInfo, NearbyServer, ProviderKind, TestResult
from chalicelib.models.presets import Samplers
from chalicelib.models.prompt import Prompt, PromptMessage
from chalicelib.models.users import User
from chalicelib.prompting.flatten import flattened
from chalicelib.providers.provider import Access
from chalicelib.providers.registry import Registry
from chalicelib.services.connections import Connections

QUESTION = "Greet me in one short sentence."
TEST_CHARACTERS = 80
TEST_TOKENS = 200
TEST_SECONDS = 25.0
"""API Gateway gives an answer 29 s."""
NEARBY_SECONDS = 1.0
NEARBY = (
    NearbyServer(kind=ProviderKind.openai_chat, title="Ollama", address="http://127.0.0.1:11434/v1"),
    NearbyServer(kind=ProviderKind.koboldcpp, title="KoboldCpp", address="http://127.0.0.1:5001"),
    NearbyServer(kind=ProviderKind.openai_chat, title="LM Studio", address="http://127.0.0.1:1234/v1"),
    NearbyServer(kind=ProviderKind.openai_chat, title="llama.cpp", address="http://127.0.0.1:8080/v1"),
)


class Trials:
    def __init__(
        self,
        *,
        connections: Connections,
        providers: Registry,
        local: bool,
        nearby: Sequence[NearbyServer] = NEARBY,
    ) -> None:
        self._connections, self._providers = connections, providers
        self._local, self._nearby = local, nearby

    def test(self, user: User, connection_id: str) -> TestResult:
        """The first words of the connection's model, or what is wrong."""
        access = self._connections.access(user.id, connection_id)
        try:
            text, first_token_ms = run(self._first_words(access))
        except AppError as error:
            return TestResult(ok=False, code=error.code, message=error.message)
        except TimeoutError:
            return TestResult(ok=False, code="provider_silent", message=_slow(access))
        return TestResult(ok=True, text=text, first_token_ms=first_token_ms)

    def models(self, user: User, connection_id: str) -> list[ModelInfo]:
        """The models on offer, asked now, in the order of their names."""
        access = self._connections.access(user.id, connection_id)
        return sorted(run(self._models(access)), key=lambda model: model.id.lower())

    def nearby(self) -> list[NearbyServer]:
        """Model servers found on this machine. Raises Forbidden where this server is not a machine of one's own."""
        if not self._local:
            raise Forbidden("Servers nearby are only looked for when the program runs on your own machine.")
        return [server for server in run(self._all_nearby()) if server is not None]

    async def _models(self, access: Access) -> list[ModelInfo]:
        return await self._providers.provider_for(access.kind).models(access)

    async def _first_words(self, access: Access) -> tuple[str, int | None]:
        text, first_token_ms = "", None
        began = time.monotonic()
        provider = self._providers.provider_for(access.kind)
        async with asyncio.timeout(TEST_SECONDS), aclosing(provider.stream(_question(access), access)) as deltas:
            async for delta in deltas:
                if first_token_ms is None and (delta.text or delta.reasoning):
                    first_token_ms = round((time.monotonic() - began) * 1000)
                text += delta.text
                if len(text) >= TEST_CHARACTERS:
                    break
        if not text and first_token_ms is None:
            raise Unavailable(f"“{access.connection_name}” answers, but with no text. Try another model.")
        return text[:TEST_CHARACTERS].strip(), first_token_ms

    async def _all_nearby(self) -> list[NearbyServer | None]:
        looks: list[Coroutine[Any, Any, NearbyServer | None]] = [self._look(server) for server in self._nearby]
        return await asyncio.gather(*looks)

    async def _look(self, server: NearbyServer) -> NearbyServer | None:
        access = Access(
            owner_id="", connection_id="", connection_name=server.title, kind=server.kind, address=server.address
        )
        try:
            async with asyncio.timeout(NEARBY_SECONDS):
                models = await self._models(access)
        except (AppError, TimeoutError):
            return None
        return server.model_copy(update={"models": models})


def _question(access: Access) -> Prompt:
    return flattened(
        Prompt(
            messages=[PromptMessage(role="user", content=QUESTION, source="history:test")],
            samplers=Samplers(reply_tokens=TEST_TOKENS),
            model=access.model,
            speaker="Host",
            character_name="Host",
            user_name="Guest",
        )
    )


def _slow(access: Access) -> str:
    return (
        f"“{access.connection_name}” has not answered within {TEST_SECONDS:g} seconds. It may still be loading a model."
    )
