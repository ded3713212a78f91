"""Search indexes in `main`: which parts there are, how far each chat is known, and who works on it.

    index            pk owner   sk search#state
    part of it       pk owner   sk search#part#{id}               its file lies in S3
    waiting change   pk owner   sk search#mark#{id}               for whoever works on the index at this moment
    searched chat    pk owner   sk searched#{chat}                up to which position each segment is in the index

One process at a time writes an owner's index: the one that has the lease. Others leave a mark.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError

from chalicelib.models.search import IndexState
from chalicelib.stores.tables import MainMeta, MainRow, ask
from chalicelib.stores.times import stamp

_STATE = "search#state"
_PART = "search#part#"
_MARK = "search#mark#"
_SEARCHED = "searched#"
_CONDITION = "ConditionalCheckFailedException"

Heads = dict[str, int]
"""Segments, and the last position of each that the index knows."""


class SearchRow(MainRow):
    class Meta(MainMeta):
        pass

    status = UnicodeAttribute(default="building")
    done = NumberAttribute(default=0)
    total = NumberAttribute(default=0)
    after = UnicodeAttribute(default="")
    lease_until = UnicodeAttribute(default="")


class PartRow(MainRow):
    class Meta(MainMeta):
        pass

    messages = NumberAttribute()
    bytes = NumberAttribute()
    newest = NumberAttribute()
    chats: JSONAttribute = JSONAttribute(default=list)


class MarkRow(MainRow):
    class Meta(MainMeta):
        pass

    chat_id = UnicodeAttribute()
    message_ids: JSONAttribute = JSONAttribute(default=list)


class SearchedRow(MainRow):
    class Meta(MainMeta):
        pass

    heads = JSONAttribute(default=dict)


@dataclass(frozen=True, slots=True)
class PartFacts:
    id: str
    messages: int
    bytes: int
    newest: int
    """When the newest of its messages was said, in milliseconds."""
    chats: frozenset[str]


@dataclass(frozen=True, slots=True)
class State:
    status: IndexState
    done: int
    total: int
    after: str
    """While it is built: the chat that was taken in last."""
    lease_until: str = ""
    """Whose turn it is ends then; "" when it is nobody's."""


class Mark(NamedTuple):
    """A change of a chat."""

    chat_id: str
    message_ids: list[str]
    """Messages that may read otherwise now; what is new at the end of a branch is found without."""


class Index(NamedTuple):
    state: State
    parts: list[PartFacts]


class SearchIndexStore:
    def read(self, owner_id: str) -> Index | None:
        """The index as it is; None where there was never a search. One query, written out."""
        request: dict[str, Any] = {
            "TableName": MainRow.Meta.table_name,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {":pk": {"S": owner_id}, ":low": {"S": _PART}, ":high": {"S": _STATE}},
            "ConsistentRead": True,
        }
        parts: list[PartFacts] = []
        while True:
            answer = ask("Query", request)
            for item in answer["Items"]:
                if item["sk"]["S"] == _STATE:
                    return Index(_state_of(SearchRow.from_raw_data(item)), parts)
                parts.append(_facts_of(PartRow.from_raw_data(item)))
            if "LastEvaluatedKey" not in answer:
                return None
            request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    def exists(self, owner_id: str) -> bool:
        try:
            SearchRow.get(owner_id, _STATE, consistent_read=True)
        except SearchRow.DoesNotExist:
            return False
        return True

    def begin(self, owner_id: str) -> None:
        """An empty index, to be built; quiet when there is one."""
        _done(SearchRow(owner_id, _STATE).save, condition=SearchRow.pk.does_not_exist())

    def take(self, owner_id: str, *, now: datetime, until: datetime) -> State | None:
        """The lease, till `until`; None when somebody else has it, or there is no index."""
        row = SearchRow(owner_id, _STATE)
        free = SearchRow.pk.exists() & (SearchRow.lease_until <= stamp(now))
        return _state_of(row) if _done(row.update, [SearchRow.lease_until.set(stamp(until))], condition=free) else None

    def report(self, owner_id: str, state: State, *, until: datetime | None) -> None:
        """Says how far the index is, and keeps the lease till `until`; with None gives it back."""
        row = SearchRow(owner_id, _STATE)
        actions = [
            SearchRow.status.set(state.status),
            SearchRow.done.set(state.done),
            SearchRow.total.set(state.total),
            SearchRow.after.set(state.after),
            SearchRow.lease_until.set(stamp(until) if until else ""),
        ]
        _done(row.update, actions, condition=SearchRow.pk.exists())

    # --- parts

    def add_part(self, owner_id: str, part: PartFacts) -> None:
        PartRow(
            owner_id,
            _PART + part.id,
            messages=part.messages,
            bytes=part.bytes,
            newest=part.newest,
            chats=sorted(part.chats),
        ).save()

    def delete_part(self, owner_id: str, part_id: str) -> None:
        PartRow(owner_id, _PART + part_id).delete()

    # --- chats

    def find_heads(self, owner_id: str, chat_id: str) -> Heads | None:
        """How far a chat is in the index; None when it is not in it at all."""
        try:
            row = SearchedRow.get(owner_id, _SEARCHED + chat_id, consistent_read=True)
        except SearchedRow.DoesNotExist:
            return None
        return {segment: int(upto) for segment, upto in row.heads.items()}

    def put_heads(self, owner_id: str, chat_id: str, heads: Mapping[str, int]) -> None:
        SearchedRow(owner_id, _SEARCHED + chat_id, heads=dict(heads)).save()

    def delete_heads(self, owner_id: str, chat_id: str) -> None:
        SearchedRow(owner_id, _SEARCHED + chat_id).delete()

    # --- marks

    def mark(self, owner_id: str, mark_id: str, mark: Mark) -> None:
        MarkRow(owner_id, _MARK + mark_id, chat_id=mark.chat_id, message_ids=mark.message_ids).save()

    def list_marks(self, owner_id: str) -> dict[str, Mark]:
        """What waits, by the marks' ids."""
        found = MarkRow.query(owner_id, MarkRow.sk.startswith(_MARK), consistent_read=True)
        return {row.sk.removeprefix(_MARK): Mark(row.chat_id, list(row.message_ids)) for row in found}

    def delete_marks(self, owner_id: str, mark_ids: Iterable[str]) -> None:
        with MarkRow.batch_write() as batch:
            for mark_id in mark_ids:
                batch.delete(MarkRow(owner_id, _MARK + mark_id))


def searched_place(owner_id: str, chat_id: str) -> tuple[str, str]:
    """Where it says how far a chat is in the index."""
    return owner_id, _SEARCHED + chat_id


def _state_of(row: SearchRow) -> State:
    status: IndexState = "ready" if row.status == "ready" else "building"
    return State(status=status, done=int(row.done), total=int(row.total), after=row.after, lease_until=row.lease_until)


def _facts_of(row: PartRow) -> PartFacts:
    return PartFacts(
        id=row.sk.removeprefix(_PART),
        messages=int(row.messages),
        bytes=int(row.bytes),
        newest=int(row.newest),
        chats=frozenset(row.chats),
    )


def _done(write: Any, *given: Any, **more: Any) -> bool:
    """Whether the write's condition held."""
    try:
        write(*given, **more)
    except (PutError, UpdateError) as error:
        if error.cause_response_code == _CONDITION:
            return False
        raise
    return True
