"""Where a move is read from: an archive or a folder, as files by their paths."""

from typing import NamedTuple, Protocol


class SourceFile(NamedTuple):
    path: str
    """With slashes, without `..`, NFC."""
    size: int
    note: str = ""
    """A word of `moving.reasons` when something about its name is to be told."""


class Refused(NamedTuple):
    """A file that is not even read."""

    path: str
    reason: str
    """A word of `moving.reasons`."""


class Source(Protocol):
    files: list[SourceFile]
    refused: list[Refused]

    def read(self, path: str) -> bytes:
        """One file whole. Raises an AppError when it is broken, above its bounds, or gone."""
        ...
