"""Kept prompts in the bucket: one compressed file a reply, for 30 days.

    {owner}/manifests/{chat}/{generation}     gzip of a line of JSON (a KeptPrompt), then the request's bytes

On AWS a lifecycle rule deletes what has the tag `kept=30-days`; `sweep` does it where nobody looks at such rules.
"""

import gzip
from collections.abc import Iterator
from datetime import datetime, timedelta

from chalicelib.errors import NotFound
from chalicelib.models.manifests import KeptPrompt
from chalicelib.stores.files import Files

KEPT = timedelta(days=30)
TAG = "kept=30-days"
FOLDER = "manifests"
# A prompt of 32k tokens takes 1.4 ms so, and 7 ms at the usual level for a quarter less.
_CHEAP = 1


class ManifestStore:
    def __init__(self, *, files: Files) -> None:
        self._files = files

    def put(self, owner_id: str, kept: KeptPrompt, request: bytes) -> None:
        head = kept.model_dump_json(exclude_defaults=True).encode()
        packed = gzip.compress(head + b"\n" + request, _CHEAP)
        key = f"{_folder(owner_id, kept.chat_id)}{kept.generation_id}"
        self._files.put(key, packed, "application/gzip", tag=TAG)

    def get(self, owner_id: str, chat_id: str, generation_id: str) -> tuple[KeptPrompt, bytes]:
        """The prompt, and the request as it was sent (b"" where none was). Raises NotFound."""
        return _unpacked(self._files.get(f"{_folder(owner_id, chat_id)}{generation_id}"))

    def list_all(self, owner_id: str) -> Iterator[tuple[KeptPrompt, bytes]]:
        """All that somebody has, those of a chat in the order they were made."""
        for key, _ in self._files.list_under(f"{owner_id}/{FOLDER}/"):
            try:
                yield _unpacked(self._files.get(key))
            except NotFound:
                # Its time has come meanwhile.
                continue

    def delete_chat(self, owner_id: str, chat_id: str) -> None:
        self._files.delete_prefix(_folder(owner_id, chat_id))

    def sweep(self, now: datetime) -> int:
        """Deletes what is too old, of everybody; the number of files."""
        old = [
            key
            for key, put_at in self._files.list_under("")
            if key.split("/", 2)[1:2] == [FOLDER] and now - put_at > KEPT
        ]
        self._files.delete_all(old)
        return len(old)


def _folder(owner_id: str, chat_id: str) -> str:
    return f"{owner_id}/{FOLDER}/{chat_id}/"


def _unpacked(packed: bytes) -> tuple[KeptPrompt, bytes]:
    head, _, request = gzip.decompress(packed).partition(b"\n")
    return KeptPrompt.model_validate_json(head), request
