"""Texts of messages, read for the search: only the columns it needs, in requests that are written out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from chalicelib.models.chats import Span
from chalicelib.models.search import Spot
from chalicelib.stores.chat_keys import branch_key, chat_key, inside, message_key, message_sort_key
from chalicelib.stores.chat_shapes import spans_of
from chalicelib.stores.tables import MainRow, ask
from chalicelib.stores.times import moment

if TYPE_CHECKING:
    from chalicelib.stores.chat_bodies import ChatBodies

_COLUMNS = ("pk", "sk", "text", "role", "name", "character_id", "created_at", "deleted_at", "body_key")
_CHAT_COLUMNS = ("pk", "sk", "title", "character_id", "branch_id", "deleted_at", "message_count")
_KEYS_MOST = 100
Item = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Text:
    """A message as far as the search needs it."""

    spot: Spot
    role: Any
    name: str
    text: str
    created_at: datetime
    character_id: str | None

    @property
    def message_id(self) -> str:
        return f"{self.spot.segment}.{self.spot.position}"


class Place(NamedTuple):
    """A chat as far as the search needs it."""

    id: str
    title: str
    character_id: str
    branch_id: str
    messages: int
    trashed: bool


class SearchTexts:
    def __init__(self, *, bodies: "ChatBodies") -> None:
        self._bodies = bodies

    def places(self, owner_id: str) -> Iterator[Place]:
        """Every chat outside the trash, in the order of their ids."""
        request = {
            "KeyConditionExpression": "pk = :pk AND begins_with(sk, :low)",
            "ExpressionAttributeValues": {":pk": {"S": owner_id}, ":low": {"S": "chat#"}},
        }
        places = map(_place_of, _query(request, _CHAT_COLUMNS))
        yield from (place for place in places if not place.trashed)

    def find_place(self, owner_id: str, chat_id: str) -> Place | None:
        """The chat, also one in the trash; None when it is gone."""
        return next((_place_of(item) for item in _batch([chat_key(owner_id, chat_id)], _CHAT_COLUMNS)), None)

    def newest(self, owner_id: str, limit: int) -> list[Place]:
        """The chats that were used last."""
        request = {
            "IndexName": "index1",
            "KeyConditionExpression": "i1pk = :pk",
            "ExpressionAttributeValues": {":pk": {"S": f"{owner_id}#chats"}},
            "ScanIndexForward": False,
            "Limit": limit,
        }
        answer = ask("Query", request | _projected(_CHAT_COLUMNS))
        return [_place_of(item) for item in answer["Items"]]

    def above(self, owner_id: str, chat_id: str, segment: str, known: int, upto: int) -> Iterator[Text]:
        """What a segment holds behind position `known`, up to `upto`; deleted messages are left out."""
        request = {
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": {
                ":pk": {"S": inside(owner_id, chat_id)},
                ":low": {"S": message_sort_key(segment, known + 1)},
                ":high": {"S": message_sort_key(segment, upto)},
            },
            "ConsistentRead": True,
        }
        for item in _query(request, _COLUMNS):
            if text := self._text_of(item):
                yield text

    def get(self, owner_id: str, spots: Iterable[Spot]) -> dict[Spot, Text]:
        """Those of these messages that are there and not deleted."""
        keys = [message_key(owner_id, spot.chat_id, f"{spot.segment}.{spot.position}") for spot in spots]
        texts = [text for item in _batch(keys, _COLUMNS) if (text := self._text_of(item))]
        return {text.spot: text for text in texts}

    def get_shown(self, owner_id: str, spots: Sequence[Spot]) -> tuple[dict[Spot, Text], dict[str, Place]]:
        """The same, and their chats outside the trash, in one request."""
        keys = [message_key(owner_id, spot.chat_id, f"{spot.segment}.{spot.position}") for spot in spots]
        keys += [chat_key(owner_id, chat_id) for chat_id in dict.fromkeys(spot.chat_id for spot in spots)]
        texts: dict[Spot, Text] = {}
        places: dict[str, Place] = {}
        for item in _batch(keys, tuple(dict.fromkeys((*_COLUMNS, *_CHAT_COLUMNS)))):
            if item["sk"]["S"].startswith("chat#"):
                place = _place_of(item)
                if not place.trashed:
                    places[place.id] = place
            elif text := self._text_of(item):
                texts[text.spot] = text
        return texts, places

    def paths(self, owner_id: str, places: Iterable[Place]) -> dict[str, list[Span]]:
        """The path of each chat's opening branch."""
        keys = [branch_place(owner_id, place) for place in places]
        found: dict[str, list[Span]] = {}
        for item in _batch(keys, ("pk", "sk", "spans", "segment", "upto")):
            pairs = [[pair["L"][0]["S"], pair["L"][1]["N"]] for pair in item.get("spans", {}).get("L", ())]
            head = Span(segment=item["segment"]["S"], upto=int(item["upto"]["N"]))
            found[item["pk"]["S"].rsplit("#", 1)[1]] = [*spans_of(pairs), head]
        return found

    def _text_of(self, item: Item) -> Text | None:
        if "deleted_at" in item and "S" in item["deleted_at"]:
            return None
        body = self._bodies.read(item["body_key"]["S"]) if "S" in item.get("body_key", {}) else None
        _, segment, position = item["sk"]["S"].split("#")
        return Text(
            spot=Spot(item["pk"]["S"].rsplit("#", 1)[1], segment, int(position)),
            role=item["role"]["S"],
            name=item["name"]["S"],
            text=str(body["text"]) if body else item.get("text", {}).get("S", ""),
            created_at=moment(item["created_at"]["S"]),
            character_id=item.get("character_id", {}).get("S"),
        )


def branch_place(owner_id: str, place: Place) -> tuple[str, str]:
    """Where the branch lies that a chat opens with."""
    return branch_key(owner_id, place.id, place.branch_id)


def _place_of(item: Item) -> Place:
    return Place(
        id=item["sk"]["S"].removeprefix("chat#"),
        title=item["title"]["S"],
        character_id=item["character_id"]["S"],
        branch_id=item["branch_id"]["S"],
        messages=max(0, int(item["message_count"]["N"])),
        trashed="S" in item.get("deleted_at", {}),
    )


def _projected(columns: Sequence[str]) -> dict[str, Any]:
    names = {f"#{column}": column for column in columns}
    return {
        "TableName": MainRow.Meta.table_name,
        "ProjectionExpression": ", ".join(names),
        "ExpressionAttributeNames": names,
    }


def _query(request: dict[str, Any], columns: Sequence[str]) -> Iterator[Item]:
    request = request | _projected(columns)
    while True:
        answer = ask("Query", request)
        yield from answer["Items"]
        if "LastEvaluatedKey" not in answer:
            return
        request["ExclusiveStartKey"] = answer["LastEvaluatedKey"]


def _batch(keys: Sequence[tuple[str, str]], columns: Sequence[str]) -> Iterator[Item]:
    """Rows by their keys, strongly consistent, in no order; what is too much for one answer is asked for again."""
    wanted = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in dict.fromkeys(keys)]
    columns_asked = _projected(columns)
    table = columns_asked.pop("TableName")
    while wanted:
        now, wanted = wanted[:_KEYS_MOST], wanted[_KEYS_MOST:]
        answer = ask("BatchGetItem", {"RequestItems": {table: {"Keys": now, "ConsistentRead": True, **columns_asked}}})
        yield from answer["Responses"].get(table, ())
        wanted = answer.get("UnprocessedKeys", {}).get(table, {}).get("Keys", []) + wanted
