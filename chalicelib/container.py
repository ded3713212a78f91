"""The only place that builds things: each part once, when first needed.

The list of properties is the table of contents. Imports stand inside them, so that a Lambda pays only for what its door
opens. Only entrypoints call `container()`; a test makes its own and may set a part before it is used.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from chalicelib.settings import Settings, settings

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.issuer import Issuer
    from chalicelib.clients.passwords import Passwords
    from chalicelib.clients.secrets import Secrets
    from chalicelib.clients.tokens import Tokens
    from chalicelib.services.accounts import Accounts
    from chalicelib.services.limits import Limits
    from chalicelib.services.mail import Mails
    from chalicelib.services.sessions import Sessions
    from chalicelib.services.tickets import Tickets
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.limits import LimitsStore
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

    # --- services

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

    def aws(self, service: str) -> Any:
        """A new boto3 client of this deployment's AWS. Parts keep theirs: making one takes 40 to 90 ms."""
        import boto3

        return boto3.client(service, region_name=self.settings.region, endpoint_url=self.settings.aws_endpoint)


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
