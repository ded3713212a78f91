"""The lowest wires: what reaches outside the house, and the language models."""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.issuer import Issuer
    from chalicelib.clients.passwords import Passwords
    from chalicelib.clients.queue import Queue
    from chalicelib.clients.secrets import Secrets
    from chalicelib.clients.sockets import Poster
    from chalicelib.clients.tokens import Tokens
    from chalicelib.prompting.scripts.patterns import Patterns
    from chalicelib.providers.provider import Provider
    from chalicelib.providers.registry import Registry


class ClientWiring:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def clock(self) -> "Clock":
        from chalicelib.clients.clock import Clock

        return Clock()

    @cached_property
    def secrets(self) -> "Secrets":
        from chalicelib.clients.root_key import read_root_keys
        from chalicelib.clients.secrets import Secrets

        return Secrets(read_root_keys(self.settings, self.aws))

    @cached_property
    def passwords(self) -> "Passwords":
        from chalicelib.clients.passwords import Passwords

        return Passwords()

    @cached_property
    def tokens(self) -> "Tokens":
        from chalicelib.clients.tokens import Tokens

        return Tokens(self.secrets.derive("access-tokens"))

    @cached_property
    def issuer(self) -> "Issuer | None":
        """The OIDC issuer that may vouch for people, where one is named."""
        from chalicelib.clients.issuer import Issuer

        if not self.settings.oidc_issuer or not self.settings.oidc_client_id:
            return None
        return Issuer(issuer=self.settings.oidc_issuer, client_id=self.settings.oidc_client_id)

    @cached_property
    def queue(self) -> "Queue":
        from chalicelib.clients.direct import shorten
        from chalicelib.clients.queue import Queue

        return Queue(
            make_sqs=lambda: shorten(self.aws("sqs")),
            generation_queue_url=self.settings.generation_queue_url,
            job_queue_url=self.settings.job_queue_url,
        )

    @cached_property
    def poster(self) -> "Poster":
        from botocore.session import Session

        from chalicelib.clients.sockets import Poster

        credentials = Session().get_credentials()
        return Poster(
            endpoint=self.settings.socket_endpoint,
            region=self.settings.region,
            credentials=lambda: credentials.get_frozen_credentials(),
            now=self.clock.now,
        )

    def aws(self, service: str) -> Any:
        """A new boto3 client of this deployment's AWS. Parts keep theirs: making one takes 40 to 90 ms."""
        import boto3

        return boto3.client(service, region_name=self.settings.region, endpoint_url=self.settings.aws_endpoint)

    @cached_property
    def providers(self) -> "Registry":
        from chalicelib.providers.demo import Demo
        from chalicelib.providers.guard import Guard
        from chalicelib.providers.registry import Registry
        from chalicelib.providers.wire import Wire

        knobs = self.settings
        guard = Guard(private_networks=knobs.private_networks, forbidden_ports=knobs.forbidden_ports)
        wire = Wire(guard, stall_seconds=knobs.provider_stall_seconds)
        more: list[Provider] = [Demo()] if knobs.demo_model else []
        if knobs.bedrock_models and knobs.bedrock_tokens_per_day:
            from botocore.session import Session

            from chalicelib.providers.bedrock import Bedrock
            from chalicelib.stores.bedrock import BedrockAllowance

            allowance = BedrockAllowance(tokens_per_day=knobs.bedrock_tokens_per_day, now=self.clock.now)
            models = knobs.bedrock_models
            more.append(Bedrock(wire, session=Session(), region=knobs.region, models=models, allowance=allowance))
        return Registry(wire, more)

    @cached_property
    def patterns(self) -> "Patterns":
        import time
        from importlib.util import find_spec

        from chalicelib.prompting.scripts.patterns import Patterns, Second

        def second() -> Second | None:
            if find_spec("wasmtime") is None:
                return None
            from chalicelib.prompting.scripts.stepping import QuickJs

            return QuickJs()

        return Patterns(clock=time.thread_time, second=second)
