"""The only place that builds things: each part once, when first needed.

The list of properties is the table of contents. Imports stand inside them, so that a Lambda pays only for what its door
opens. Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.secrets import Secrets
    from chalicelib.stores.chats import ChatStore


class Container:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    # --- clients

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.clients.clock import Clock

        return Clock()

    @cached_property
    def secrets(self) -> "Secrets":
        from chalicelib.clients.root_key import read_root_keys
        from chalicelib.clients.secrets import Secrets

        return Secrets(read_root_keys(self.settings, self.aws))

    # --- stores

    @cached_property
    def chat_store(self) -> "ChatStore":
        from chalicelib.stores.chats import ChatStore

        return ChatStore(files=self.files)

    def aws(self, service: str) -> Any:
        """A new boto3 client of this deployment's AWS. Parts keep theirs: making one takes 40 to 90 ms."""
        import boto3

        return boto3.client(service, region_name=self.settings.region, endpoint_url=self.settings.aws_endpoint)


_current: list[Container] = []


def container() -> Container:
    """This process's container, made at the first call."""
    if not _current:
        _current.append(Container(settings()))
    return _current[0]


def use(replacement: Container | None) -> None:
    """Puts another container in place, or with None forgets the present one: for tests and the command line."""
    _current[:] = [] if replacement is None else [replacement]
