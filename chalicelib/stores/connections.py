"""Connections in `main`: pk owner, sk connection#{id}. The key lies sealed in its row and is not opened here."""

from dataclasses import dataclass
from datetime import datetime

from pynamodb.attributes import BinaryAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import DoesNotExist, PutError, UpdateError

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.connections import Connection
from chalicelib.stores.owned import add_with
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.transactions import Join

CONNECTIONS_MOST = 100
_FAILED = "ConditionalCheckFailedException"


class ConnectionRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    address = UnicodeAttribute(default="")
    model = UnicodeAttribute(default="")
    sealed_key = BinaryAttribute(legacy_encoding=False, null=True)
    key_hint = UnicodeAttribute(default="")
    fallback_id = UnicodeAttribute(null=True)
    tokenizer = UnicodeAttribute(default="o200k_base")
    context_tokens = NumberAttribute(null=True)
    text_format = UnicodeAttribute(default="auto")
    sees = UnicodeAttribute(default="auto")
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


@dataclass(frozen=True)
class Kept:
    """A connection with its sealed key."""

    connection: Connection
    sealed_key: bytes | None = None


class ConnectionStore:
    def list_all(self, owner_id: str) -> list[Connection]:
        """All of a person's connections, oldest first; there are at most CONNECTIONS_MOST."""
        rows = ConnectionRow.query(
            owner_id, ConnectionRow.sk.startswith("connection#"), consistent_read=True, limit=CONNECTIONS_MOST
        )
        return [_kept(row).connection for row in rows]

    def get(self, owner_id: str, connection_id: str) -> Kept:
        found = self.find(owner_id, connection_id)
        if found is None:
            raise NotFound("There is no such connection. It may have been deleted.")
        return found

    def find(self, owner_id: str, connection_id: str) -> Kept | None:
        try:
            return _kept(ConnectionRow.get(owner_id, f"connection#{connection_id}", consistent_read=True))
        except DoesNotExist:
            return None

    def add(self, owner_id: str, kept: Kept, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when what `join` adds is there already."""
        add_with(_row(owner_id, kept), join)

    def replace(self, owner_id: str, kept: Kept, *, seen_revision: int) -> None:
        """Raises Conflict when the stored revision is another one."""
        self._save(owner_id, kept, ConnectionRow.revision == seen_revision)

    def reseal(self, owner_id: str, kept: Kept, sealed_key: bytes) -> None:
        """Puts a newly sealed key in place of the one in `kept`, unless somebody was faster."""
        row = ConnectionRow(owner_id, f"connection#{kept.connection.id}")
        try:
            row.update(
                actions=[ConnectionRow.sealed_key.set(sealed_key)],
                condition=ConnectionRow.sealed_key == kept.sealed_key,
            )
        except UpdateError as error:
            if error.cause_response_code != _FAILED:
                raise

    def delete(self, owner_id: str, connection_id: str) -> None:
        ConnectionRow(owner_id, f"connection#{connection_id}").delete()

    def _save(self, owner_id: str, kept: Kept, condition: object) -> None:
        try:
            _row(owner_id, kept).save(condition=condition)  # type: ignore[arg-type]  # pynamodb's Condition
        except PutError as error:
            if error.cause_response_code != _FAILED:
                raise
            theirs = self.get(owner_id, kept.connection.id).connection
            raise Conflict(
                "This connection was changed elsewhere. Look at both versions and save again.",
                yours=kept.connection.model_dump(mode="json"),
                theirs=theirs.model_dump(mode="json"),
            ) from None


def _row(owner_id: str, kept: Kept) -> ConnectionRow:
    held = kept.connection
    return ConnectionRow(
        owner_id,
        f"connection#{held.id}",
        name=held.name,
        kind=held.kind.value,
        address=held.address,
        model=held.model,
        sealed_key=kept.sealed_key,
        key_hint=held.key_hint,
        fallback_id=held.fallback_id,
        tokenizer=held.tokenizer,
        context_tokens=held.context_tokens,
        text_format=held.text_format,
        sees=held.sees,
        created_at=held.created_at.isoformat(),
        updated_at=held.updated_at.isoformat(),
        revision=held.revision,
    )


def _kept(row: ConnectionRow) -> Kept:
    connection = Connection.model_validate(
        {
            "id": row.sk.removeprefix("connection#"),
            "name": row.name,
            "kind": row.kind,
            "address": row.address,
            "model": row.model,
            "has_key": row.sealed_key is not None,
            "key_hint": row.key_hint,
            "fallback_id": row.fallback_id,
            "tokenizer": row.tokenizer,
            "context_tokens": None if row.context_tokens is None else int(row.context_tokens),
            "text_format": row.text_format,
            "sees": row.sees,
            "created_at": datetime.fromisoformat(row.created_at),
            "updated_at": datetime.fromisoformat(row.updated_at),
            "revision": int(row.revision),
        }
    )
    return Kept(connection, row.sealed_key)
