"""DynamoDB and SQS inside this process: every request of our stores stops here, where the scheduler may switch.

The real stores speak to it through botocore's own hook for emulated clouds, so nothing of ours is replaced. What is
written is noted as it is committed: that history is what the rules are judged by.
"""

import json
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionClosedError

from chalicelib.clients.direct import shorten

REGION = "us-east-1"
ACCOUNT = "000000000000"
_WRITES = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"}
Item = dict[str, Any]


class Change(NamedTuple):
    """One row as it was before and after a commit; None: it was not there."""

    pk: str
    sk: str
    before: Item | None
    after: Item | None


class Commit(NamedTuple):
    """What one request wrote, and who sent it."""

    actor: str
    changes: tuple[Change, ...]


class Cloud:
    """The emulated services. `step` is called before each request to DynamoDB with what it asks for."""

    def __init__(self) -> None:
        from ministack.core import responses
        from ministack.services import dynamodb

        from devcloud.ordered import keep_order
        from devcloud.quick import make_quick

        make_quick()
        keep_order()
        self._dynamodb, self._responses = dynamodb, responses
        self._lock = threading.Lock()
        self.step: Callable[[str], None] = lambda label: None
        self.actor: Callable[[], str] = lambda: ""
        self.trouble: Callable[[str], str | None] = lambda operation: None
        """What befalls a request: `unheard`, `unanswered` (done, but the answer is lost), `busy`, or nothing."""
        self.commits: list[Commit] = []
        self.queue: list[str] = []
        self.calls = 0
        self.blind = ""
        """Rows of this kind are written whatever their conditions say: a bug planted to see that it is caught."""
        self._kept: dict[str, dict[str, dict[str, Item]]] = {}

    def prepare(self, client: Any) -> Any:
        """Has a botocore client of ours served by this cloud."""
        service = client.meta.service_model.service_name
        answer = self._answer_dynamodb if service == "dynamodb" else self._answer_sqs
        client.meta.events.register_first(f"before-send.{service}", answer)
        return shorten(client)

    # --- what lies in the tables

    def item(self, pk: str, sk: str) -> Item | None:
        """A row of the main table as it is now."""
        return self._items().get(pk, {}).get(sk)

    def partition(self, pk: str) -> dict[str, Item]:
        """All rows of a partition of the main table, by sort key."""
        return dict(self._items().get(pk, {}))

    def keep(self) -> None:
        """Remembers all tables as they are: `restore` brings them back."""
        self._enter()
        for name, table in self._tables():
            self._kept[name] = json.loads(json.dumps(table["items"]))

    def restore(self) -> None:
        self._enter()
        for name, table in self._tables():
            for pk, rows in list(table["items"].items()):
                for sk in list(rows):
                    if self._kept[name].get(pk, {}).get(sk) is None:
                        self._dynamodb._remove_item(table, pk, sk)
            for pk, rows in self._kept[name].items():
                for sk, item in rows.items():
                    if table["items"].get(pk, {}).get(sk) != item:
                        self._dynamodb._set_item(table, pk, sk, json.loads(json.dumps(item)))
        self.commits, self.queue, self.calls = [], [], 0

    def _tables(self) -> list[tuple[str, Any]]:
        return [(name, self._dynamodb._tables.get(name)) for name in ("writers-main", "writers-live")]

    def _items(self) -> dict[str, dict[str, Item]]:
        self._enter()
        items: dict[str, dict[str, Item]] = self._dynamodb._tables.get("writers-main")["items"]
        return items

    def _enter(self) -> None:
        self._responses.set_request_account_id(ACCOUNT)
        self._responses.set_request_region(REGION)

    # --- answering

    def _answer_dynamodb(self, request: Any, **_: Any) -> AWSResponse:
        operation = _header(request, "X-Amz-Target").rpartition(".")[2]
        data = json.loads(request.body)
        places = _places(operation, data)
        self.step(f"{operation} {' '.join(_short(sk) for _, _, sk in places) or _asked(data)}")
        trouble = self.trouble(operation)
        if trouble == "unheard":
            raise ConnectionClosedError(endpoint_url=request.url)
        if trouble == "busy":
            return _busy(request, len(data["TransactItems"]))
        with self._lock:
            self._enter()
            self.calls += 1
            if self.blind:
                _blind(operation, data, self.blind)
            before = [self._look(*place) for place in places]
            handler = getattr(self._dynamodb, f"_{_snake(operation)}")
            status, headers, body = handler(data)
            if status < 300 and operation in _WRITES:
                found = [self._look(*place) for place in places]
                changes = [
                    Change(pk, sk, old, new)
                    for (_, pk, sk), old, new in zip(places, before, found, strict=True)
                    if old != new
                ]
                self.commits.append(Commit(self.actor(), tuple(changes)))
        if trouble == "unanswered":
            raise ConnectionClosedError(endpoint_url=request.url)
        return _response(request, status, headers, body)

    def _answer_sqs(self, request: Any, **_: Any) -> AWSResponse:
        data = json.loads(request.body)
        self.step("SendMessage")
        if data["QueueUrl"].endswith("generations"):  # the search index is nobody's business here
            self.queue.append(data["MessageBody"])
        return _response(request, 200, {}, json.dumps({"MessageId": f"m{len(self.queue)}"}))

    def _look(self, table: str, pk: str, sk: str) -> Item | None:
        item = self._dynamodb._tables.get(table)["items"].get(pk, {}).get(sk)
        return json.loads(json.dumps(item)) if item is not None else None


def _blind(operation: str, data: Any, kind: str) -> None:
    """Makes the conditions on rows of this kind always true."""
    wrote = [one for action in data.get("TransactItems", ()) for one in action.values()] or [data]
    for one in wrote if operation in _WRITES else ():
        key = one.get("Item") or one.get("Key")
        if key and key["sk"]["S"].startswith(f"{kind}#") and "ConditionExpression" in one:
            one["ConditionExpression"] += " OR attribute_exists(pk) OR attribute_not_exists(pk)"


def _busy(request: Any, actions: int) -> AWSResponse:
    """Another transaction holds one of the rows."""
    reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
    told = {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons",
        "CancellationReasons": reasons + [{"Code": "None"}] * (actions - 1),
    }
    return _response(request, 400, {}, json.dumps(told))


def _places(operation: str, data: Any) -> list[tuple[str, str, str]]:
    """Table, partition and sort key of each row that a write touches."""
    if operation == "TransactWriteItems":
        wrote = [(kind, one) for action in data["TransactItems"] for kind, one in action.items()]
        return [
            (one["TableName"], *_key(one["Item"] if kind == "Put" else one["Key"]))
            for kind, one in wrote
            if kind != "ConditionCheck"
        ]
    if operation == "BatchWriteItem":
        return [
            (table, *_key(one["PutRequest"]["Item"] if "PutRequest" in one else one["DeleteRequest"]["Key"]))
            for table, requests in data["RequestItems"].items()
            for one in requests
        ]
    if operation in _WRITES:
        return [(data["TableName"], *_key(data["Item"] if operation == "PutItem" else data["Key"]))]
    return []


def _key(item: Item) -> tuple[str, str]:
    return item["pk"]["S"], item["sk"]["S"]


def _asked(data: Any) -> str:
    if "Key" in data:
        return _short(data["Key"]["sk"]["S"])
    return " ".join(
        str(value.get("S", "")).rpartition("#")[2] for value in data.get("ExpressionAttributeValues", {}).values()
    )


def _short(sk: str) -> str:
    return "#".join(part.lstrip("0")[-4:] or "0" for part in sk.split("#"))


def _snake(operation: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")


def _header(request: Any, name: str) -> str:
    value = request.headers[name]
    return value.decode() if isinstance(value, bytes) else str(value)


def _response(request: Any, status: int, headers: dict[str, Any], body: str | bytes) -> AWSResponse:
    response = AWSResponse(request.url, status, headers, None)
    response._content = body if isinstance(body, bytes) else body.encode()
    return response
