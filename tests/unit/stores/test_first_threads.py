"""A process that starts with many at its door: threads that come first together."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from chalicelib.stores import tables

THREADS = 16


def test_threads_that_come_first_together_share_one_client(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []

    def prepare(client: Any) -> Any:
        made.append(client)
        return client

    monkeypatch.setattr(tables._Connection, "prepare", staticmethod(prepare))
    monkeypatch.setattr(tables, "_connections", [])
    together = Barrier(THREADS)

    def come(_: int) -> Any:
        together.wait()
        return tables.transaction_connection().client

    with ThreadPoolExecutor(THREADS) as threads:
        clients = list(threads.map(come, range(THREADS)))
    assert len({id(client) for client in clients}) == 1
    assert len(made) == 1
