"""What the emulated AWS holds, on disk: named records in SQLite, written in the order they were applied.

MiniStack keeps its data in memory and saves them when it is stopped cleanly. The journal receives the *effects* of each
request (this item is now so, that message is gone) as one transaction, before the request is answered. So a start
reads the last state instead of replaying history, there is nothing to compact, and a torn last write is SQLite's to
roll back.

A killed process loses nothing: committed pages are in the kernel. For a machine that loses power, a thread flushes them
to the disk every 100 ms, and moves them from the write-ahead log into the database, without stopping writers.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

FLUSH_SECONDS = 0.1
# SQLite's log grows until its pages are moved; at this size the thread moves them.
LOG_BYTES = 8_000_000

_SCHEMA = """
CREATE TABLE IF NOT EXISTS records (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, body TEXT NOT NULL, UNIQUE (kind, name)
)
"""
_PUT = """
INSERT INTO records (kind, name, body) VALUES (?, ?, ?) ON CONFLICT (kind, name) DO UPDATE SET body = excluded.body
"""

Record = tuple[str, str, str]
"""Kind, name, body."""


class Journal:
    def __init__(self, path: Path) -> None:
        """Opens the journal, made when missing. One thread writes."""
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._connection = _connect(path)
        self._connection.execute(_SCHEMA)
        self._dirty = threading.Event()
        self._stopping = threading.Event()
        self._files: set[str] = set()
        self._files_lock = threading.Lock()
        self._flusher = threading.Thread(target=self._flush_often, name="journal-flusher", daemon=True)
        self._flusher.start()

    def write(self, puts: Iterable[Record], deletes: Iterable[tuple[str, str]] = ()) -> None:
        """Applies all of it or nothing. Raises sqlite3.Error, for example when the disk is full."""
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("DELETE FROM records WHERE kind = ? AND name = ?", deletes)
            self._connection.executemany(_PUT, puts)
        self._dirty.set()

    def delete_kind(self, kind: str) -> None:
        with self._connection:
            self._connection.execute("DELETE FROM records WHERE kind = ?", (kind,))
        self._dirty.set()

    def read(self, kind: str) -> Iterator[tuple[str, str]]:
        """Names and bodies of one kind, in the order the names first came."""
        yield from self._connection.execute("SELECT name, body FROM records WHERE kind = ? ORDER BY id", (kind,))

    def flush_file(self, path: str) -> None:
        """Also brings this file, written by somebody else, to the disk within the next 100 ms."""
        with self._files_lock:
            self._files.add(path)
        self._dirty.set()

    def close(self) -> None:
        """Flushes everything; the write-ahead log is gone afterwards."""
        self._stopping.set()
        self._dirty.set()
        self._flusher.join(timeout=10)
        self._connection.close()

    def _flush_often(self) -> None:
        mover = _connect(self._path)
        log = Path(f"{self._path}-wal")
        while not self._stopping.is_set():
            self._dirty.wait()
            self._stopping.wait(FLUSH_SECONDS)
            self._dirty.clear()
            with self._files_lock:
                files, self._files = self._files, set()
            for path in (str(log), *files):
                _sync(path)
            if log.exists() and log.stat().st_size > LOG_BYTES:
                _quietly(lambda: mover.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall())
        mover.close()


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    return connection


def _sync(path: str) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _quietly(action: Callable[[], object]) -> None:
    try:
        action()
    except sqlite3.OperationalError:
        # Somebody is writing: the next round moves the pages.
        return
