"""MiniStack's services, made to write what each request changed into the journal before they answer.

MiniStack handles a request in one piece on its event loop: between a change in memory and its record in the journal
nothing else runs, so the order on disk is the order in memory. The names patched here are MiniStack's own and private:
its version is pinned, and tests/gateway/test_cloud_durability.py notices when they change.
"""

import asyncio
import gc
import importlib
import json
import logging
import os
import sqlite3
import threading
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Any

from devcloud.journal import Journal, Record

log = logging.getLogger("devcloud.aws")

# DynamoDB's stores beside the tables themselves.
_TABLE_NOTES = ("_ttl_settings", "_tags", "_pitr_settings", "_resource_policies")
_ITEM_ACTIONS = {"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "ExecuteStatement"}
_READING = ("Get", "BatchGet", "Describe", "List", "Query", "Scan", "TransactGet", "Decrypt", "Encrypt", "Generate")
_MESSAGE_ACTIONS = {
    "SendMessage",
    "SendMessageBatch",
    "ReceiveMessage",
    "DeleteMessage",
    "DeleteMessageBatch",
    "ChangeMessageVisibility",
    "ChangeMessageVisibilityBatch",
}
_SMALL_SERVICES = ("secretsmanager", "ssm", "kms")
# A waiting receiver looks again after this time, because a message may become visible without a request.
_LOOK_AGAIN_SECONDS = 0.5


class DurableTables:
    """DynamoDB: one record an item, one a table."""

    def __init__(self, journal: Journal) -> None:
        from ministack.services import dynamodb

        self._service = dynamodb
        self._journal = journal
        self._changed: dict[tuple[int, str, str], tuple[Any, Any, Any]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._loop_thread = 0
        self._set, self._remove, self._handle = dynamodb._set_item, dynamodb._remove_item, dynamodb.handle_request
        dynamodb._set_item, dynamodb._remove_item = self._set_item, self._remove_item
        dynamodb.handle_request = self._handle_request

    def load(self) -> int:
        """Fills MiniStack's memory; the number of items."""
        count = 0
        for name, body in self._journal.read("table"):
            account, region, table_name = json.loads(name)
            table = {**_thaw(body), "items": defaultdict(dict)}
            items = table["items"]
            for keys, item in self._journal.read(_items_of(account, region, table_name)):
                pk, sk = json.loads(keys)
                items[pk][sk] = json.loads(item)
                count += 1
            self._service._items_replaced(table)
            self._service._tables.set_scoped(account, region, table_name, table)
        for name, body in self._journal.read("table-notes"):
            getattr(self._service, name).update(_thaw(body))
        return count

    async def _handle_request(self, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        self._loop, self._loop_thread = asyncio.get_running_loop(), threading.get_ident()
        action = headers.get("x-amz-target", "").rpartition(".")[2]
        try:
            return await self._handle(method, path, headers, body, query)
        finally:
            if self._changed:
                self._write_items()
            if action not in _ITEM_ACTIONS and not action.startswith(_READING):
                self._write_tables()

    def _set_item(self, table: Any, pk: str, sk: str, item: Any) -> Any:
        self._changed[id(table), pk, sk] = (table, (pk, sk), item)
        return self._set(table, pk, sk, item)

    def _remove_item(self, table: Any, pk: str, sk: str) -> Any:
        if threading.get_ident() != self._loop_thread and self._loop is not None:
            # MiniStack's reaper of expired items runs in a thread of its own and would change dictionaries that a
            # request is walking through.
            self._loop.call_soon_threadsafe(self._expire, table, pk, sk)
            return None
        self._changed[id(table), pk, sk] = (table, (pk, sk), None)
        return self._remove(table, pk, sk)

    def _expire(self, table: Any, pk: str, sk: str) -> None:
        item = table["items"].get(pk, {}).get(sk)
        until = item.get("expires_at", {}).get("N") if item else None
        if until is not None and float(until) <= time.time():
            self._remove_item(table, pk, sk)
            self._write_items()

    def _write_items(self) -> None:
        changed, self._changed = self._changed, {}
        puts: list[Record] = []
        deletes: list[tuple[str, str]] = []
        kinds: dict[int, str] = {}
        for (table_id, _, _), (table, keys, item) in changed.items():
            kind = kinds.setdefault(table_id, "") or _items_of(*_scope_of_table(table))
            kinds[table_id] = kind
            name = json.dumps(keys)
            if item is None:
                deletes.append((kind, name))
            else:
                puts.append((kind, name, json.dumps(item, separators=(",", ":"))))
        _or_die(lambda: self._journal.write(puts, deletes))

    def _write_tables(self) -> None:
        from ministack.services.dynamodb import _INDEX_MEMBERS

        known = {name for name, _ in self._journal.read("table")}
        puts: list[Record] = []
        for scope, table in self._service._tables.all_items():
            definition = {key: value for key, value in table.items() if key not in ("items", _INDEX_MEMBERS)}
            puts.append(("table", json.dumps(scope), _freeze(definition)))
        puts += [("table-notes", store, _freeze(getattr(self._service, store))) for store in _TABLE_NOTES]
        gone = known - {name for kind, name, _ in puts if kind == "table"}
        _or_die(lambda: self._journal.write(puts, [("table", name) for name in gone]))
        for name in gone:
            self._journal.delete_kind(_items_of(*json.loads(name)))


class DurableQueues:
    """SQS: one record a message, one a queue. Receivers that wait are woken by the message instead of looking often."""

    def __init__(self, journal: Journal) -> None:
        from ministack.services import sqs

        self._service = sqs
        self._journal = journal
        self._stored: dict[str, dict[str, tuple[Any, ...]]] = {}
        self._arrival = asyncio.Event()
        self._dispatch = sqs._dispatch
        sqs._dispatch = self._dispatch_durably

    def load(self, *, release: bool) -> int:
        """Fills MiniStack's memory; the number of messages. `release` frees those that were being worked on."""
        count, now = 0, time.time()
        for name, body in self._journal.read("queue"):
            account, region, url = json.loads(name)
            messages = [json.loads(message) for _, message in self._journal.read(f"message {name}")]
            for message in messages:
                if release and message["receive_count"]:
                    message["visible_at"] = min(message["visible_at"], now)
            self._stored[name] = {message["id"]: _progress(message) for message in messages}
            self._service._queues.set_scoped(account, region, url, {**json.loads(body), "messages": messages})
            count += len(messages)
        self._service._rebuild_queue_name_index()
        return count

    async def _dispatch_durably(self, action: str, data: Any, url: str) -> Any:
        if action == "ReceiveMessage":
            answer = await self._receive(data, url)
        else:
            answer = await self._dispatch(action, data, url)
        self._write_messages(queues_too=action not in _MESSAGE_ACTIONS and not action.startswith(_READING))
        if action.startswith(("Send", "Change")):
            self._arrival.set()
            self._arrival = asyncio.Event()
        return answer

    async def _receive(self, data: Any, url: str) -> Any:
        deadline = time.monotonic() + int(data.get("WaitTimeSeconds") or 0)
        while True:
            arrival = self._arrival
            answer = await self._dispatch("ReceiveMessage", {**data, "WaitTimeSeconds": 0}, url)
            left = deadline - time.monotonic()
            if answer.get("Messages") or left <= 0:
                return answer
            try:
                await asyncio.wait_for(arrival.wait(), min(left, _LOOK_AGAIN_SECONDS))
            except TimeoutError:
                continue

    def _write_messages(self, *, queues_too: bool) -> None:
        puts: list[Record] = []
        deletes: list[tuple[str, str]] = []
        alive = set()
        for scope, queue in self._service._queues.all_items():
            name = json.dumps(scope)
            alive.add(name)
            if queues_too:
                puts.append(("queue", name, json.dumps({k: v for k, v in queue.items() if k != "messages"})))
            before = self._stored.get(name, {})
            after = {message["id"]: _progress(message) for message in queue["messages"]}
            puts += [
                (f"message {name}", message["id"], json.dumps(message))
                for message in queue["messages"]
                if before.get(message["id"]) != after[message["id"]]
            ]
            deletes += [(f"message {name}", message_id) for message_id in before.keys() - after.keys()]
            self._stored[name] = after
        for name in self._stored.keys() - alive:
            deletes += [("queue", name), *((f"message {name}", message_id) for message_id in self._stored.pop(name))]
        if puts or deletes:
            _or_die(lambda: self._journal.write(puts, deletes))


class DurableBuckets:
    """S3: MiniStack writes the objects as files; a failed write is an error. Settings of buckets are a record."""

    def __init__(self, journal: Journal) -> None:
        from ministack.services import s3

        self._service = s3
        self._journal = journal
        self._handle, self._persist, self._write_file = s3.handle_request, s3._persist_object, s3._atomic_write
        s3.handle_request, s3._persist_object, s3._atomic_write = self._handle_request, self._keep, self._write

    def load(self) -> None:
        for _, body in self._journal.read("service s3"):
            self._service.load_persisted_state(_thaw(body))

    async def _handle_request(self, method: str, path: str, *rest: Any, **more: Any) -> Any:
        answer = await self._handle(method, path, *rest, **more)
        if method in ("PUT", "DELETE") and "/" not in path.strip("/"):
            _or_die(lambda: self._journal.write([("service s3", "s3", _freeze(self._service.get_state()))]))
        return answer

    def _keep(self, bucket: str, key: str, record: Any) -> None:
        self._persist(bucket, key, record)
        if isinstance(record, dict) and record.get("body") is not None:
            # MiniStack only logs that it could not write the file.
            raise OSError(f"The object {key} could not be written.")

    def _write(self, path: str, data: Any, **more: Any) -> None:
        self._write_file(path, data, **more)
        self._journal.flush_file(path)


class DurableService:
    """A service that holds little: its whole state is one record."""

    def __init__(self, journal: Journal, name: str) -> None:
        self._service = _module(name)
        self._journal = journal
        self._kind = f"service {name}"
        self._handle: Callable[..., Awaitable[Any]] = self._service.handle_request
        self._service.handle_request = self._handle_request

    def load(self) -> None:
        for _, body in self._journal.read(self._kind):
            self._service.load_persisted_state(_thaw(body))

    async def _handle_request(self, method: str, path: str, headers: Any, body: bytes, query: Any) -> Any:
        answer = await self._handle(method, path, headers, body, query)
        if not headers.get("x-amz-target", "").rpartition(".")[2].startswith(_READING):
            _or_die(lambda: self._journal.write([(self._kind, "all", _freeze(self._service.get_state()))]))
        return answer


def make_durable(journal: Journal, *, release_messages: bool) -> str:
    """Patches the services and loads what the journal holds. A sentence about it, for the log."""
    tables, queues, buckets = DurableTables(journal), DurableQueues(journal), DurableBuckets(journal)
    # All of it stays: looking through it for garbage would take longer than loading it, now and at every collection.
    gc.disable()
    items, messages = tables.load(), queues.load(release=release_messages)
    buckets.load()
    for name in _SMALL_SERVICES:
        DurableService(journal, name).load()
    gc.freeze()
    gc.enable()
    return f"{items} items and {messages} messages were there."


def _module(name: str) -> Any:
    return importlib.import_module(f"ministack.services.{name}")


def _items_of(account: str, region: str, table: str) -> str:
    return f"items {account} {region} {table}"


def _scope_of_table(table: Any) -> tuple[str, str, str]:
    # arn:aws:dynamodb:region:account:table/name
    _, _, _, region, account, name = table["TableArn"].split(":", 5)
    return account, region, name.removeprefix("table/")


def _progress(message: Any) -> tuple[Any, ...]:
    return message["receipt_handle"], message["visible_at"], message["receive_count"]


def _freeze(state: Any) -> str:
    from ministack.core.persistence import _json_default

    return json.dumps(state, default=_json_default)


def _thaw(body: str) -> Any:
    from ministack.core.persistence import _json_object_hook

    return json.loads(body, object_hook=_json_object_hook)


def _or_die(write: Callable[[], None]) -> None:
    """A change that is in memory but not on disk must not be answered: the process ends, and starts again from disk."""
    try:
        write()
    except (sqlite3.Error, OSError) as error:
        log.critical("The data could not be written: %s", error)
        logging.shutdown()
        os._exit(70)
