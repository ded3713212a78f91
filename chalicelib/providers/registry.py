"""Which providers this deployment offers, a module an API."""

from collections.abc import Iterable

from chalicelib.errors import Invalid
from chalicelib.models.connections import ProviderInfo, ProviderKind
from chalicelib.providers.provider import Provider


class Registry:
    def __init__(self, providers: Iterable[Provider]) -> None:
        self._providers = {provider.info.kind: provider for provider in providers}

    def provider_for(self, kind: ProviderKind) -> Provider:
        """Raises Invalid when the operator does not offer this kind."""
        provider = self._providers.get(kind)
        if provider is None or not provider.info.offered:
            raise Invalid(f"This server does not offer connections of the kind {kind}.", code="provider_not_offered")
        return provider

    def infos(self) -> list[ProviderInfo]:
        """All kinds in the order they are shown, those not offered too."""
        return [provider.info for provider in self._providers.values()]
