"""The only place that builds things: each part once, when first needed.

The list of properties is the table of contents. Imports stand inside them, so that a Lambda pays only for what its door
opens. Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.issuer import Issuer
    from chalicelib.clients.passwords import Passwords
    from chalicelib.clients.queue import Queue
    from chalicelib.clients.secrets import Secrets
    from chalicelib.clients.tokens import Tokens
    from chalicelib.models.jobs import JobKind
    from chalicelib.providers.provider import Provider
    from chalicelib.providers.registry import Registry
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.branches import Branches
    from chalicelib.services.card_files import CardFiles
    from chalicelib.services.characters import Characters
    from chalicelib.services.chat_files import ChatFiles
    from chalicelib.services.chat_news import ChatNews
    from chalicelib.services.chats import Chats
    from chalicelib.services.connections import Connections
    from chalicelib.services.jobs import Handler, Jobs
    from chalicelib.services.limits import Limits
    from chalicelib.services.mail import Mails
    from chalicelib.services.media import Media
    from chalicelib.services.messages import Messages
    from chalicelib.services.personas import Personas
    from chalicelib.services.presets import Presets
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.tickets import Tickets
    from chalicelib.services.trials import Trials
    from chalicelib.services.uploads import Uploads
    from chalicelib.stores.branches import BranchStore
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.connections import ConnectionStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.limits import LimitsStore
    from chalicelib.stores.messages import MessageStore
    from chalicelib.stores.personas import PersonaStore
    from chalicelib.stores.presets import PresetStore
    from chalicelib.stores.rates import RedisRates
    from chalicelib.stores.sessions import SessionStore
    from chalicelib.stores.tickets import TicketStore
    from chalicelib.stores.users import UserStore


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
        from chalicelib.clients.queue import Queue

        return Queue(
            make_sqs=lambda: self.aws("sqs"),
            generation_queue_url=self.settings.generation_queue_url,
            job_queue_url=self.settings.job_queue_url,
        )

    def aws(self, service: str) -> Any:
        """A new boto3 client of this deployment's AWS. Parts keep theirs: making one takes 40 to 90 ms."""
        import boto3

        return boto3.client(service, region_name=self.settings.region, endpoint_url=self.settings.aws_endpoint)

    # --- providers

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

    # --- stores

    @cached_property
    def user_store(self) -> "UserStore":
        from chalicelib.stores.users import UserStore

        return UserStore()

    @cached_property
    def session_store(self) -> "SessionStore":
        from chalicelib.stores.sessions import SessionStore

        return SessionStore()

    @cached_property
    def ticket_store(self) -> "TicketStore":
        from chalicelib.stores.tickets import TicketStore

        return TicketStore()

    @cached_property
    def limits_store(self) -> "LimitsStore":
        from chalicelib.stores.limits import LimitsStore

        return LimitsStore()

    @cached_property
    def redis_rates(self) -> "RedisRates | None":
        url = self.settings.redis_url
        if url is None:
            return None
        from chalicelib.stores.rates import RedisRates
        from chalicelib.stores.redis import connect

        knobs = self.settings
        return RedisRates(
            lambda: connect(url, cluster=knobs.redis_cluster, timeout_seconds=knobs.redis_timeout_seconds)
        )

    @cached_property
    def files(self) -> "Files":
        from chalicelib.stores.files import Files

        return Files(
            bucket=self.settings.media_bucket,
            region=self.settings.region,
            endpoint=self.settings.aws_endpoint,
            public_endpoint=self.settings.media_endpoint,
            now=self.clock.now,
        )

    @cached_property
    def chat_store(self) -> "ChatStore":
        from chalicelib.stores.chats import ChatStore

        return ChatStore(files=self.files)

    @cached_property
    def message_store(self) -> "MessageStore":
        from chalicelib.stores.messages import MessageStore

        return MessageStore(chats=self.chat_store)

    @cached_property
    def branch_store(self) -> "BranchStore":
        from chalicelib.stores.branches import BranchStore

        return BranchStore()

    @cached_property
    def persona_store(self) -> "PersonaStore":
        from chalicelib.stores.personas import PersonaStore

        return PersonaStore()

    @cached_property
    def preset_store(self) -> "PresetStore":
        from chalicelib.stores.presets import PresetStore

        return PresetStore()

    @cached_property
    def connection_store(self) -> "ConnectionStore":
        from chalicelib.stores.connections import ConnectionStore

        return ConnectionStore()

    # --- services

    @cached_property
    def connections(self) -> "Connections":
        from chalicelib.services.connections import Connections

        return Connections(
            connection_store=self.connection_store,
            user_store=self.user_store,
            secrets=self.secrets,
            providers=self.providers,
            clock=self.clock,
            demo=self.settings.demo_model,
        )

    @cached_property
    def trials(self) -> "Trials":
        from chalicelib.services.trials import Trials

        return Trials(connections=self.connections, providers=self.providers, local=self.settings.stage == "local")

    @cached_property
    def mails(self) -> "Mails":
        from chalicelib.clients.mail import Mail
        from chalicelib.services.mail import Mails

        sender = self.settings.mail_from
        return Mails(mail=Mail(ses=self.aws("ses"), sender=sender) if sender else None)

    @cached_property
    def limits(self) -> "Limits":
        from chalicelib.services.limits import Limits

        return Limits(
            limits_store=self.limits_store, redis_rates=self.redis_rates, settings=self.settings, clock=self.clock
        )

    @cached_property
    def sessions(self) -> "Sessions":
        from chalicelib.services.sessions import Sessions

        return Sessions(
            session_store=self.session_store,
            user_store=self.user_store,
            tokens=self.tokens,
            refresh_key=self.secrets.derive("refresh-tokens"),
            # Looked up when needed: most requests end no session.
            close_sockets=lambda user_id, session_id: (
                self.announcements.close_session(user_id, session_id) if hasattr(type(self), "announcements") else None
            ),
            clock=self.clock,
        )

    @cached_property
    def tickets(self) -> "Tickets":
        from chalicelib.services.tickets import Tickets

        return Tickets(ticket_store=self.ticket_store, socket_url=self.settings.socket_url, clock=self.clock)

    @cached_property
    def accounts(self) -> "Accounts":
        from chalicelib.services.accounts import Accounts

        return Accounts(
            user_store=self.user_store,
            ticket_store=self.ticket_store,
            sessions=self.sessions,
            passwords=self.passwords,
            mails=self.mails,
            issuer=self.issuer,
            # Looked up when needed: signing in wants neither.
            welcome=lambda user_id, locale: (
                self.characters.welcome(user_id, locale) if hasattr(type(self), "characters") else None
            ),
            start_deletion=lambda user_id: self.jobs.start(user_id, "delete_account", {}),
            sign_up=self.settings.sign_up,
            public_url=self.settings.public_url,
            clock=self.clock,
        )

    @cached_property
    def media(self) -> "Media":
        from chalicelib.services.media import Media

        return Media(files=self.files, limits=self.limits)

    @cached_property
    def characters(self) -> "Characters":
        from chalicelib.services.characters import Characters
        from chalicelib.stores.characters import CharacterStore
        from chalicelib.stores.idempotency import Idempotency
        from chalicelib.stores.library import Library

        return Characters(
            store=CharacterStore(files=self.files),
            library=Library(),
            idempotency=Idempotency(),
            files=self.files,
            media=self.media,
            limits=self.limits,
            clock=self.clock,
        )

    @cached_property
    def jobs(self) -> "Jobs":
        from chalicelib.services.jobs import Jobs
        from chalicelib.stores.jobs import JobStore

        return Jobs(store=JobStore(), queue=self.queue, files=self.files, clock=self.clock, handlers=self._job_handlers)

    def _job_handlers(self) -> "Mapping[JobKind, Handler]":
        """Who does which kind of long work."""
        return {"import_file": self.uploads.run_import, "export_character": self.card_files.run_export}

    @cached_property
    def card_files(self) -> "CardFiles":
        from chalicelib.services.card_files import CardFiles

        return CardFiles(characters=self.characters, media=self.media, files=self.files, jobs=self.jobs)

    @cached_property
    def uploads(self) -> "Uploads":
        from chalicelib.services.uploads import Uploads
        from chalicelib.stores.uploads import UploadStore

        return Uploads(
            store=UploadStore(),
            files=self.files,
            limits=self.limits,
            jobs=self.jobs,
            characters=self.characters,
            card_files=self.card_files,
            take_chat=lambda *given: self.chat_files.import_jsonl(*given),
            clock=self.clock,
        )

    @cached_property
    def chat_news(self) -> "ChatNews":
        from chalicelib.services.chat_news import ChatNews

        return ChatNews(store=self.chat_store, announcements=self.announcements)

    @cached_property
    def chats(self) -> "Chats":
        from chalicelib.services.chats import Chats

        return Chats(
            store=self.chat_store,
            messages=self.message_store,
            generation=self.generation,
            characters=self.characters,
            personas=self.personas,
            accounts=self.accounts,
            news=self.chat_news,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def branches(self) -> "Branches":
        from chalicelib.services.branches import Branches

        return Branches(
            store=self.chat_store,
            branches=self.branch_store,
            news=self.chat_news,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def messages(self) -> "Messages":
        from chalicelib.services.messages import Messages

        return Messages(
            store=self.chat_store,
            messages=self.message_store,
            branch_store=self.branch_store,
            branches=self.branches,
            news=self.chat_news,
            clock=self.clock,
        )

    @cached_property
    def chat_files(self) -> "ChatFiles":
        from chalicelib.services.chat_files import ChatFiles

        return ChatFiles(
            store=self.chat_store,
            messages=self.message_store,
            characters=self.characters,
            files=self.files,
            limits=self.limits,
            idempotency=self.idempotency,
            clock=self.clock,
        )

    @cached_property
    def personas(self) -> "Personas":
        from chalicelib.services.personas import Personas

        return Personas(store=self.persona_store, media=self.media, idempotency=self.idempotency, clock=self.clock)

    @cached_property
    def presets(self) -> "Presets":
        from chalicelib.services.presets import Presets

        return Presets(store=self.preset_store, idempotency=self.idempotency, clock=self.clock)


_current: list[Container] = []


def container() -> Container:
    """This process's container, made at the first call."""
    if not _current:
        from chalicelib.stores.tables import place_tables

        knobs = settings()
        place_tables(prefix=knobs.table_prefix, region=knobs.region, endpoint=knobs.aws_endpoint)
        _current.append(Container(knobs))
    return _current[0]


def use(replacement: Container | None) -> None:
    """Puts another container in place, or with None forgets the present one: for tests and the command line."""
    _current[:] = [] if replacement is None else [replacement]
