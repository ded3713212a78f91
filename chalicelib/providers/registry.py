"""Which providers this deployment offers, a module an API."""

from collections.abc import Iterable

from chalicelib.errors import Invalid
from chalicelib.models.connections import ProviderInfo, ProviderKind
from chalicelib.providers.anthropic import Anthropic
from chalicelib.providers.gemini import Gemini
from chalicelib.providers.koboldcpp import KoboldCpp
from chalicelib.providers.llamacpp import LlamaCpp
from chalicelib.providers.openai_chat import OpenAiChat
from chalicelib.providers.openai_text import OpenAiText
from chalicelib.providers.patience import Patient
from chalicelib.providers.provider import Provider
from chalicelib.providers.wire import Wire


class Registry:
    def __init__(self, wire: Wire, more: Iterable[Provider] = ()) -> None:
        """`more` are those that need something of their own: the demo, Bedrock."""
        self._wire = wire
        over_http = (OpenAiChat, Anthropic, Gemini, OpenAiText, KoboldCpp, LlamaCpp)
        known: list[Provider] = [*more, *(provider(wire) for provider in over_http)]
        self._providers: dict[ProviderKind, Provider] = {
            provider.info.kind: Patient(provider, stall_seconds=wire.stall_seconds) for provider in known
        }

    def provider_for(self, kind: ProviderKind) -> Provider:
        """Raises Invalid when the operator does not offer this kind."""
        if kind not in self._providers:
            raise Invalid(f"This server does not offer connections of the kind {kind}.", code="provider_not_offered")
        return self._providers[kind]

    def infos(self) -> list[ProviderInfo]:
        """Those on offer, in the order they are shown."""
        return [provider.info for provider in self._providers.values()]

    def check(self, address: str) -> None:
        """Raises AddressRefused for an address that could never be reached from here."""
        self._wire.check(address)

    async def close(self) -> None:
        """Closes what this event loop has open towards the services. Awaited before a loop ends."""
        await self._wire.close()
