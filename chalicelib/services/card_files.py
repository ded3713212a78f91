"""Card files into the library and out of it."""

import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from chalicelib.cards.reading import CardFile, read_card_file
from chalicelib.cards.writing import to_charx, to_json, to_png
from chalicelib.errors import Conflict, Invalid, TooLarge
from chalicelib.leaving.names import safe
from chalicelib.models.cards import Book, Card
from chalicelib.models.characters import CardBody, CharacterSummary, Download, ExportQuery, ImportedCharacter
from chalicelib.models.jobs import Job, ReportLine
from chalicelib.models.users import User
from chalicelib.services.jobs import Outcome, Work

if TYPE_CHECKING:
    from chalicelib.services.characters import Characters
    from chalicelib.services.jobs import Jobs
    from chalicelib.services.media import Encoded, Media
    from chalicelib.stores.files import Files

_Format = Literal["png", "json", "charx"]
BookOf = Callable[[str, str], Book | None]
"""Owner, character -> the world that counts for it in place of its card's own book."""
AT_ONCE_BYTES_MOST = 10_000_000
"""Exports with more files than this are a job: a request may take 29 seconds."""
_CONTENT_TYPES = {"png": "image/png", "json": "application/json", "charx": "application/zip"}


class CardFiles:
    def __init__(
        self, *, characters: "Characters", book_of: BookOf, media: "Media", files: "Files", jobs: "Jobs"
    ) -> None:
        self._characters, self._book_of = characters, book_of
        self._media, self._files, self._jobs = media, files, jobs

    def take(
        self, owner_id: str, data: bytes, filename: str, *, character_id: str | None = None, counted: bool = True
    ) -> ImportedCharacter:
        """What became of a file: a new character, or nothing where the same file is here already.

        Raises InvalidCard, TooLarge, QuotaExceeded. With an id that exists already, tells of that character.
        """
        file_hash = hashlib.sha256(data).hexdigest()
        name = filename or "character"
        existing = self._characters.find_by_file(owner_id, file_hash)
        if existing and existing != character_id:
            return _left_out(name, existing)
        found = read_card_file(data, filename)
        picture, notes = self._picture(found)
        try:
            taken = self._characters.add_card(
                owner_id,
                found.card,
                picture=picture,
                files=found.files,
                file_hash=file_hash,
                character_id=character_id,
                counted=counted,
            )
        except Conflict:
            existing = self._characters.find_by_file(owner_id, file_hash)
            if existing is None:
                raise
            return _left_out(name, existing)
        return ImportedCharacter(line=_line(name, taken, notes), character=taken)

    def export(self, user: User, character_id: str, query: ExportQuery) -> Download | Job:
        """Where to fetch the character's file, or the job that makes it when it is large."""
        held = self._characters.get_record(user.id, character_id)
        if held.file_bytes > AT_ONCE_BYTES_MOST:
            return self._jobs.start(user.id, "export_character", {"character_id": character_id, "format": query.format})
        key, filename = self._make(user.id, character_id, query)
        return self._files.download(key, filename)

    def run_export(self, work: Work) -> Outcome:
        """The job of a large export."""
        query = ExportQuery(format=work.arguments["format"])
        key, filename = self._make(work.owner_id, work.arguments["character_id"], query)
        return Outcome(result={"key": key, "filename": filename})

    def pack(self, owner_id: str, character_id: str, format: _Format) -> bytes:
        """The character as it is kept here, as a file. Raises NotFound."""
        body = self._characters.get_body(owner_id, character_id)
        return self._written(owner_id, character_id, body, body.card, format)

    def read(self, owner_id: str, character_id: str, query: ExportQuery) -> tuple[bytes, str]:
        """A file for others, and its name: the character's first world travels inside of it. Raises NotFound."""
        body = self._characters.get_body(owner_id, character_id)
        card = self._with_world(owner_id, character_id, body.card)
        name = f"{safe(body.card.data.name) or 'character'}.{query.format}"
        return self._written(owner_id, character_id, body, card, query.format), name

    def _written(self, owner_id: str, character_id: str, body: CardBody, card: Card, format: _Format) -> bytes:
        if format == "json":
            return to_json(card)
        held = self._characters.get_record(owner_id, character_id)
        files = {path: self._files.get(file.key) for path, file in body.files.items()}
        write = to_png if format == "png" else to_charx
        return write(card, self._media.read_png(held.picture), files)

    def _with_world(self, owner_id: str, character_id: str, card: Card) -> Card:
        """The card with the world that counts for it as its book, as SillyTavern writes it."""
        book = self._book_of(owner_id, character_id)
        if book is None:
            return card
        extensions = {**card.data.extensions, "world": book.name or ""}
        data = card.data.model_copy(update={"character_book": book, "extensions": extensions})
        return card.model_copy(update={"data": data})

    def _make(self, owner_id: str, character_id: str, query: ExportQuery) -> tuple[str, str]:
        """Writes the file into the bucket; its key and its name. A character keeps one export of each format."""
        data, name = self.read(owner_id, character_id, query)
        folder = f"{owner_id}/characters/{character_id}/exports/{query.format}/"
        key = f"{folder}{hashlib.sha256(data).hexdigest()[:24]}"
        self._files.delete_prefix(folder)
        self._files.put(key, data, _CONTENT_TYPES[query.format])
        return key, name

    def _picture(self, found: CardFile) -> "tuple[Encoded | None, list[str]]":
        """The portrait, encoded, and what is to be told."""
        if found.picture is None:
            return None, found.notes
        try:
            return self._media.encode(found.picture), found.notes
        except (Invalid, TooLarge) as error:
            return None, [*found.notes, f"The portrait was left out. {error.message}"]


def _line(name: str, taken: CharacterSummary, notes: list[str]) -> ReportLine:
    return ReportLine(name=name, outcome="changed" if notes else "taken", note=" ".join(notes), id=taken.id)


def _left_out(name: str, existing: str) -> ImportedCharacter:
    note = "This very file is in your library already."
    return ImportedCharacter(line=ReportLine(name=name, outcome="left_out", note=note, id=existing, code="duplicate"))
