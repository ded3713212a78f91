"""Connections: a person's ways to language models, their keys, and which one is in use."""

from datetime import UTC, datetime
from urllib.parse import urlsplit

from pydantic import SecretStr

from chalicelib.clients.clock import Clock
from chalicelib.clients.secrets import Secrets
from chalicelib.errors import Forbidden, Invalid, NotFound, QuotaExceeded
from chalicelib.models.connections import (
    Connection,
    ConnectionChange,
    NewConnection,
    ProviderInfo,
    ProviderKind,
)
from chalicelib.models.users import Account, User
from chalicelib.providers.provider import Access
from chalicelib.providers.registry import Registry
from chalicelib.stores.connections import CONNECTIONS_MOST, ConnectionStore, Kept
from chalicelib.stores.idempotency import Idempotency
from chalicelib.stores.users import UserStore

DEMO_ID = "demo"
_ROUTE = "connections"
HINT_CHARACTERS = 4
HINTED_KEY_CHARACTERS_LEAST = 16
"""Of a shorter key even four characters would tell too much."""
_DEMO = Connection(
    id=DEMO_ID,
    name="Demo",
    kind=ProviderKind.demo,
    address="",
    model="demo",
    has_key=False,
    created_at=datetime(2026, 1, 1, tzinfo=UTC),
    updated_at=datetime(2026, 1, 1, tzinfo=UTC),
)


class Connections:
    def __init__(
        self,
        *,
        connection_store: ConnectionStore,
        idempotency: Idempotency,
        user_store: UserStore,
        secrets: Secrets,
        providers: Registry,
        clock: Clock,
        demo: bool,
    ) -> None:
        self._store, self._idempotency, self._users = connection_store, idempotency, user_store
        self._secrets, self._providers, self._clock = secrets, providers, clock
        self._demo = demo

    def list_all(self, user: User) -> list[Connection]:
        """The demo first, where there is one, then the person's own, oldest first."""
        return [*([_DEMO] if self._demo else []), *self._store.list_all(user.id)]

    def get(self, user: User, connection_id: str) -> Connection:
        return self._kept(user.id, connection_id).connection

    def infos(self) -> list[ProviderInfo]:
        return self._providers.infos()

    def add(self, user: User, new: NewConnection, key: str | None = None) -> Connection:
        """A new one; with an idempotency key that was used before, the one made then."""
        if key and (answer := self._idempotency.find(user.id, _ROUTE, key, new)):
            return self.get(user, answer["connection_id"])
        if len(self._store.list_all(user.id)) >= CONNECTIONS_MOST:
            raise QuotaExceeded(f"There are {CONNECTIONS_MOST} connections already. Delete one first.")
        now = self._clock.now()
        connection = Connection(
            id=self._clock.new_id(),
            name=new.name,
            kind=new.kind,
            address=self._address(new.kind, new.address),
            model=new.model.strip(),
            has_key=False,
            fallback_id=new.fallback_id,
            tokenizer=new.tokenizer,
            context_tokens=new.context_tokens,
            text_format=new.text_format,
            sees=new.sees,
            created_at=now,
            updated_at=now,
        )
        self._check_fallback(user.id, connection)
        kept = self._with_key(user.id, connection, new.key)
        answer = self._idempotency.once(
            user.id,
            _ROUTE,
            key,
            new,
            {"connection_id": connection.id},
            now,
            lambda join: self._store.add(user.id, kept, join),
        )
        return kept.connection if answer["connection_id"] == connection.id else self.get(user, answer["connection_id"])

    def change(self, user: User, connection_id: str, change: ConnectionChange) -> Connection:
        """The connection after the change. Another address drops the saved key unless a new one comes with it."""
        if connection_id == DEMO_ID:
            raise _demo_is_fixed()
        kept = self._kept(user.id, connection_id)
        old, given = kept.connection, change.model_fields_set
        address = old.address if change.address is None else self._address(old.kind, change.address)
        connection = old.model_copy(
            update={
                "name": change.name or old.name,
                "address": address,
                "model": old.model if change.model is None else change.model.strip(),
                "fallback_id": change.fallback_id if "fallback_id" in given else old.fallback_id,
                "tokenizer": change.tokenizer or old.tokenizer,
                "text_format": change.text_format or old.text_format,
                "sees": change.sees or old.sees,
                "context_tokens": change.context_tokens if "context_tokens" in given else old.context_tokens,
                "updated_at": self._clock.now(),
                "revision": change.revision + 1,
            }
        )
        self._check_fallback(user.id, connection)
        if "key" in given or address != old.address:
            kept = self._with_key(user.id, connection, change.key)
        else:
            kept = Kept(connection, kept.sealed_key)
        self._store.replace(user.id, kept, seen_revision=change.revision)
        return kept.connection

    def delete(self, user: User, connection_id: str) -> None:
        if connection_id == DEMO_ID:
            raise _demo_is_fixed()
        self._store.delete(user.id, connection_id)

    def access(self, owner_id: str, connection_id: str | None, account: Account | None = None) -> Access:
        """What a provider needs, the key in the clear. None means the connection in use, else the demo.

        `account` is the owner's, where the caller has read it.

        Raises NotFound for a connection that is not there, and where none is chosen and there is no demo.
        """
        kept = self._kept(owner_id, connection_id) if connection_id else self._in_use(owner_id, account)
        fallback_id = kept.connection.fallback_id
        fallback = self._find(owner_id, fallback_id) if fallback_id else None
        return self._access(owner_id, kept, self._access(owner_id, fallback, None) if fallback else None)

    def _in_use(self, owner_id: str, account: Account | None) -> Kept:
        if account is None:
            person = self._users.find(owner_id)
            account = person.account if person else None
        chosen_id = account.choices.connection_id if account else None
        chosen = self._find(owner_id, chosen_id or DEMO_ID) or self._find(owner_id, DEMO_ID)
        if chosen is None:
            raise NotFound("Choose a connection to a language model first.", code="no_connection")
        return chosen

    def _access(self, owner_id: str, kept: Kept, fallback: Access | None) -> Access:
        connection = kept.connection
        return Access(
            owner_id=owner_id,
            connection_id=connection.id,
            connection_name=connection.name,
            kind=connection.kind,
            address=connection.address,
            key=self._open(owner_id, kept),
            model=connection.model,
            tokenizer=connection.tokenizer,
            context_tokens=connection.context_tokens,
            text_format=connection.text_format,
            sees=connection.sees,
            fallback=fallback,
        )

    def _open(self, owner_id: str, kept: Kept) -> SecretStr | None:
        if kept.sealed_key is None:
            return None
        context = _context(owner_id, kept.connection)
        key = self._secrets.open(kept.sealed_key, context)
        if self._secrets.is_outdated(kept.sealed_key):
            self._store.reseal(owner_id, kept, self._secrets.seal(key, context))
        return SecretStr(key.decode())

    def _with_key(self, owner_id: str, connection: Connection, key: SecretStr | None) -> Kept:
        plain = key.get_secret_value().strip() if key else ""
        if not (plain.isascii() and plain.isprintable()):
            raise Invalid(
                "The key holds characters no key has.", fields={"key": "Copy the key again, without line breaks."}
            )
        hint = plain[-HINT_CHARACTERS:] if len(plain) >= HINTED_KEY_CHARACTERS_LEAST else ""
        connection = connection.model_copy(update={"has_key": bool(plain), "key_hint": hint})
        sealed = self._secrets.seal(plain.encode(), _context(owner_id, connection)) if plain else None
        return Kept(connection, sealed)

    def _address(self, kind: ProviderKind, given: str) -> str:
        """The address as it is kept. Raises AddressRefused, and Invalid for a kind that is not on offer."""
        info = self._providers.provider_for(kind).info
        if kind in (ProviderKind.demo, ProviderKind.bedrock):
            return info.address
        address = (given.strip() or info.address).rstrip("/")
        self._providers.check(address)
        return address

    def _check_fallback(self, owner_id: str, connection: Connection) -> None:
        if connection.fallback_id is None:
            return
        if connection.fallback_id == connection.id or self._find(owner_id, connection.fallback_id) is None:
            raise Invalid(
                "The fallback must be another of your connections.",
                fields={"fallback_id": "Choose another connection."},
            )

    def _kept(self, owner_id: str, connection_id: str) -> Kept:
        found = self._find(owner_id, connection_id)
        if found is None:
            raise NotFound("There is no such connection. It may have been deleted.")
        return found

    def _find(self, owner_id: str, connection_id: str) -> Kept | None:
        if connection_id == DEMO_ID:
            return Kept(_DEMO) if self._demo else None
        return self._store.find(owner_id, connection_id)


def _context(owner_id: str, connection: Connection) -> dict[str, str]:
    """What a sealed key is bound to: it opens for this owner, this connection and this origin only."""
    parts = urlsplit(connection.address)
    return {"owner": owner_id, "connection": connection.id, "origin": f"{parts.scheme}://{parts.netloc}"}


def _demo_is_fixed() -> Forbidden:
    return Forbidden("The demo cannot be changed. Add a connection of your own.")
