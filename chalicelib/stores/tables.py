"""The two tables, and what every row of them shares. docs/decisions/0002-keys.md lists the access patterns.

`main` holds what must last; `live` holds what expires by itself (sockets, logs, counters). Both have a partition key
`pk`, which begins with its owner, a sort key `sk`, and a TTL `expires_at`. `main` has two sparse indexes for lists.
"""

from collections.abc import Callable
from contextvars import ContextVar
from datetime import datetime
from threading import Lock
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection, TableConnection
from pynamodb.exceptions import PynamoDBException
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model

pages_ahead: ContextVar[dict[tuple[str, str, int], Any] | None] = ContextVar("pages_ahead", default=None)
rows_ahead: ContextVar[dict[tuple[str, str], Any] | None] = ContextVar("rows_ahead", default=None)
"""Items of `main` that were read ahead (ahead.py), by their keys."""
_UNREAD = object()
Prepare = Callable[[Any], Any]


class _Connection(Connection):
    """pynamodb's connection, whose client is prepared before it is used."""

    prepare: Prepare = staticmethod(lambda client: client)
    _prepared: Any = None

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._making = Lock()

    @property
    def client(self) -> Any:
        if self._prepared is not None and self._prepared is self._client:
            return super().client
        # A process that starts with a hundred readers at its door would make a hundred: seconds of work.
        with self._making:
            client = super().client
            if client is not self._prepared:
                self._prepared = self.prepare(client)
            return client


class _Place:
    """Where tables are: set once by `place_tables` before the first request."""

    region = "us-east-1"
    host: str | None = None
    billing_mode = "PAY_PER_REQUEST"
    connect_timeout_seconds = 2
    read_timeout_seconds = 5
    max_retry_attempts = 3
    max_pool_connections = 50


class MainMeta(_Place):
    table_name = "tavern-main"


class LiveMeta(_Place):
    table_name = "tavern-live"


class Index1(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # pynamodb has no types there
    """First list order of a row; each aggregate says what it is."""

    class Meta(_Place):
        index_name = "index1"
        projection = AllProjection()

    i1pk = UnicodeAttribute(hash_key=True)
    i1sk = UnicodeAttribute(range_key=True)


class Index2(GlobalSecondaryIndex[Any]):  # type: ignore[no-untyped-call]  # pynamodb has no types there
    """Second list order of a row."""

    class Meta(_Place):
        index_name = "index2"
        projection = AllProjection()

    i2pk = UnicodeAttribute(hash_key=True)
    i2sk = UnicodeAttribute(range_key=True)


class _Row(Model):
    """What the rows of both tables share: one client. Making one for each class of rows would take 50 ms each."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        own = super()._get_connection()
        shared = transaction_connection()
        if own.connection is not shared:
            if own.table_name not in shared._tables:
                shared.add_meta_table(own.get_meta_table())
            own.connection = shared
        return own


class MainRow(_Row):
    """A row of `main`. Subclasses repeat `class Meta(MainMeta): pass` and add attributes."""

    class Meta(MainMeta):
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    i1pk = UnicodeAttribute(null=True)
    i1sk = UnicodeAttribute(null=True)
    i2pk = UnicodeAttribute(null=True)
    i2sk = UnicodeAttribute(null=True)
    expires_at = NumberAttribute(null=True)
    index1 = Index1()
    index2 = Index2()

    @classmethod
    def get(cls, hash_key: Any, range_key: Any = None, *more: Any, **options: Any) -> Self:
        ahead = rows_ahead.get()
        item = ahead.pop((hash_key, range_key), _UNREAD) if ahead else _UNREAD
        if item is _UNREAD:
            return super().get(hash_key, range_key, *more, **options)
        if item is None:
            raise cls.DoesNotExist
        return cls.from_raw_data(item)  # type: ignore[arg-type]  # an item, by now


class LiveRow(_Row):
    """A row of `live`. Subclasses repeat `class Meta(LiveMeta): pass` and add attributes."""

    class Meta(LiveMeta):
        pass

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    expires_at = NumberAttribute(null=True)


def place_tables(*, prefix: str, region: str, endpoint: str | None, prepare: Prepare | None = None) -> None:
    """Points every row class, also those imported later, at the tables of one deployment.

    `prepare` is what is done to the client before it is used.
    """
    if prepare is not None:
        _Connection.prepare = staticmethod(prepare)
    place = (f"{prefix}-main", region, endpoint)
    if place == (MainMeta.table_name, _Place.region, _Place.host):
        return
    _Place.region, _Place.host = region, endpoint
    MainMeta.table_name, LiveMeta.table_name = f"{prefix}-main", f"{prefix}-live"
    _connections.clear()
    for root in (MainRow, LiveRow):
        for row in (root, *_descendants(root)):
            row._connection = None


_connections: list[Connection] = []
_connecting = Lock()


def transaction_connection() -> Connection:
    """The connection for TransactWrite and TransactGet over both tables. Making its client takes 50 ms."""
    if not _connections:
        with _connecting:
            if not _connections:
                _connections.append(_connect())
    return _connections[0]


def ask(operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """A request that is written out, for what is done so often that row classes cost too much.

    Raises PynamoDBException, as the row classes do.
    """
    try:
        answer: dict[str, Any] = transaction_connection().dispatch(operation, request)
    except (BotoCoreError, ClientError) as error:
        raise PynamoDBException(f"{operation} failed: {error}", error) from error
    return answer


def _connect() -> Connection:
    return _Connection(
        region=_Place.region,
        host=_Place.host,
        read_timeout_seconds=_Place.read_timeout_seconds,
        connect_timeout_seconds=_Place.connect_timeout_seconds,
        max_retry_attempts=_Place.max_retry_attempts,
        max_pool_connections=_Place.max_pool_connections,
    )


def time_text(at: datetime) -> str:
    """To the millisecond, so that text sorts by time."""
    return at.isoformat(timespec="milliseconds")


def create_tables() -> None:
    """Creates both tables with their time to live, where they are missing: for a laptop and for tests."""
    for row in (MainRow, LiveRow):
        if not row.exists():
            row.create_table(wait=True)
            row._get_connection().update_time_to_live("expires_at")


def _descendants(row: type[Model]) -> list[type[Model]]:
    children = row.__subclasses__()
    return [*children, *(d for child in children for d in _descendants(child))]
