"""Characters: a library of cards, with portraits, tags, favourites and a trash of thirty days."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Literal

from chalicelib.cards.bounds import CARD_BYTES_MOST, check_size
from chalicelib.cards.plain import plain, write_json
from chalicelib.cards.spec import to_card
from chalicelib.cards.uris import embedded_path, icon_of
from chalicelib.cards.writing import to_document
from chalicelib.errors import AppError, Conflict
from chalicelib.models.cards import Card
from chalicelib.models.characters import (
    CardBody,
    Character,
    CharacterChange,
    CharacterQuery,
    CharacterRecord,
    CharacterSummary,
    NewCharacter,
    TagCount,
)
from chalicelib.models.media import StoredFile
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.services.card_edits import changed, shown_of
from chalicelib.services.welcome import demos

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.limits import Limits
    from chalicelib.services.media import Encoded, Media
    from chalicelib.stores.characters import CharacterStore
    from chalicelib.stores.files import Files
    from chalicelib.stores.idempotency import Idempotency
    from chalicelib.stores.library import Library

TRASH_DAYS = 30
_ROUTE = "characters"
_SWEPT_AT_ONCE = 50


class Characters:
    def __init__(
        self,
        *,
        store: "CharacterStore",
        library: "Library",
        idempotency: "Idempotency",
        files: "Files",
        media: "Media",
        limits: "Limits",
        clock: "Clock",
        unlock: Callable[[str, str], None],
    ) -> None:
        """`unlock` takes the locks of personas to an owner's character away."""
        self._store, self._library, self._idempotency = store, library, idempotency
        self._files, self._media, self._limits, self._clock = files, media, limits, clock
        self._unlock = unlock

    # --- reading

    def list_page(self, user: User, query: CharacterQuery) -> Page[CharacterSummary]:
        if query.ids is not None:
            named = self._store.list_by_ids(user.id, query.ids.split(","))
            return Page(items=[self._summary(held) for held in named])
        page = self._library.list(user.id, query)
        return Page(items=[self._summary(held) for held in page.items], next=page.next)

    def list_tags(self, user: User) -> list[TagCount]:
        return self._store.list_tags(user.id)

    def get(self, owner_id: str, character_id: str) -> Character:
        """The character with its card, also from the trash. Raises NotFound for others' ids."""
        held = self._store.get(owner_id, character_id)
        return self._character(held, self._store.get_body(owner_id, character_id))

    def get_record(self, owner_id: str, character_id: str) -> CharacterRecord:
        """The character without its card. Raises NotFound."""
        return self._store.get(owner_id, character_id)

    def get_body(self, owner_id: str, character_id: str) -> CardBody:
        """The card and what came with it. Raises NotFound."""
        return self._store.get_body(owner_id, character_id)

    def find_by_file(self, owner_id: str, file_hash: str) -> str | None:
        return self._store.find_by_file(owner_id, file_hash)

    # --- making

    def create(self, user: User, body: NewCharacter, *, idempotency_key: str | None = None) -> Character:
        """A character from a card's JSON. With a key that was used before, the character made then."""
        if idempotency_key:
            earlier = self._idempotency.find(user.id, _ROUTE, idempotency_key, body)
            if earlier:
                return self.get(user.id, earlier["id"])
        card = to_card(plain(body.card, []), [])
        held, kept = self._record(card), CardBody(card=card)
        answer = self._idempotency.once(
            user.id,
            _ROUTE,
            idempotency_key,
            body,
            {"id": held.id},
            held.created_at,
            lambda join: self._store.add(user.id, held, kept, join=join),
        )
        return self._character(held, kept) if answer["id"] == held.id else self.get(user.id, answer["id"])

    def add_card(
        self,
        owner_id: str,
        card: Card,
        *,
        picture: "Encoded | None",
        files: Mapping[str, bytes],
        file_hash: str | None = None,
        character_id: str | None = None,
        counted: bool = True,
        favourite: bool = False,
    ) -> CharacterSummary:
        """A character from a file that was read. With an id that exists already, the character as it is.

        `counted` is False where the caller counts the space, which is the record's `file_bytes`.

        Raises Conflict (`duplicate`) when the same file was taken before, QuotaExceeded when it does not fit.
        """
        if character_id and (existing := self._store.find(owner_id, character_id)):
            return self._summary(existing)
        held = self._record(card, character_id=character_id).model_copy(update={"favourite": favourite})
        folder, used = f"characters/{held.id}", 0
        try:
            stored = self._media.keep_encoded(owner_id, folder, picture, counted=counted) if picture else None
            used += stored.bytes if stored else 0
            if size := sum(map(len, files.values())):
                if counted:
                    self._limits.add_storage(owner_id, size)
                used += size
            kept = {path: self._keep_file(owner_id, folder, data) for path, data in files.items()}
            held = held.model_copy(update={"picture": stored, "file_bytes": used, "file_hash": file_hash})
            self._store.add(owner_id, held, CardBody(card=card, files=kept))
        except AppError:
            if counted:
                self._limits.add_storage(owner_id, -used)
            # Whoever was faster with the same id holds the same files under the same keys.
            if existing := self._store.find(owner_id, held.id):
                return self._summary(existing)
            self._files.delete_prefix(f"{owner_id}/{folder}/")
            raise
        return self._summary(held)

    def drop_unfinished(self, owner_id: str, character_id: str) -> None:
        """Deletes the files of a character that was never finished; quiet when it was."""
        if self._store.find(owner_id, character_id) is None:
            self._files.delete_prefix(f"{owner_id}/characters/{character_id}/")

    def welcome(self, user_id: str, locale: Literal["en", "zh-CN"]) -> None:
        """Gives somebody new the two characters that come with the product; twice is once."""
        for demo in demos(locale):
            self.add_card(user_id, demo.card, picture=demo.picture, files={}, character_id=demo.id)

    # --- changing

    def change(self, user: User, character_id: str, body: CharacterChange) -> Character:
        """Raises Conflict with both versions when somebody else was faster, Invalid for a card that cannot be kept."""
        before = self._store.get(user.id, character_id)
        kept = self._store.get_body(user.id, character_id)
        if before.revision != body.revision:
            raise self._conflict(before, kept, body)
        given = body.model_dump(include={"favourite", "allow_outside_media"}, exclude_none=True)
        card = changed(kept.card, body, self._clock.now()) if body.data or body.tags is not None else kept.card
        if card is not kept.card:
            given |= {**shown_of(card), "file_hash": None}
        after = self._next(before, given)
        new = kept.model_copy(update={"card": card})
        try:
            self._store.change(user.id, before, after, new if card is not kept.card else None)
        except Conflict:
            now_there = self._store.get(user.id, character_id)
            raise self._conflict(now_there, self._store.get_body(user.id, character_id), body) from None
        return self._character(after, new)

    def set_avatar(self, user: User, character_id: str, data: bytes) -> CharacterSummary:
        """A new portrait. Raises Invalid, TooLarge; Conflict when the character is being changed at this moment."""
        before = self._store.get(user.id, character_id)
        kept = self._store.get_body(user.id, character_id)
        stored = self._media.keep_encoded(user.id, f"characters/{character_id}", self._media.encode(data))
        old = before.picture
        size = before.file_bytes + stored.bytes - (old.bytes if old else 0)
        after = self._next(before, {"picture": stored, "file_bytes": size, "file_hash": None})
        # Exports take the portrait out of the files a card came with: the old one must not come back that way.
        icon = icon_of(kept.card)
        path = embedded_path(icon.uri) if icon else None
        others = {name: file for name, file in kept.files.items() if name != path}
        body = kept.model_copy(update={"files": others}) if len(others) < len(kept.files) else None
        try:
            self._store.change(user.id, before, after, body)
        except Conflict:
            now_there = self._store.find(user.id, character_id)
            self._media.let_go(user.id, stored, still=now_there.picture if now_there else None)
            raise
        if old:
            self._media.let_go(user.id, old, still=stored)
        return self._summary(after)

    def touch(self, owner_id: str, character_id: str, now: datetime) -> None:
        """Notes that a character was used; quiet when it is gone."""
        self._store.touch(owner_id, character_id, now)

    # --- the trash

    def trash(self, user: User, character_id: str) -> None:
        """Into the trash, for thirty days; quiet when it is there already."""
        before = self._store.get(user.id, character_id)
        if before.deleted_at is None:
            after = self._next(before, {"deleted_at": self._clock.now(), "file_hash": None})
            self._store.change(user.id, before, after)

    def restore(self, user: User, character_id: str) -> CharacterSummary:
        """Out of the trash; quiet when it is not in it."""
        before = self._store.get(user.id, character_id)
        if before.deleted_at is None:
            return self._summary(before)
        after = self._next(before, {"deleted_at": None})
        self._store.change(user.id, before, after)
        return self._summary(after)

    def delete(self, owner_id: str, character_id: str) -> None:
        """For good, with its pictures and files. Raises NotFound."""
        self._delete(owner_id, self._store.get(owner_id, character_id))

    def sweep(self, now: datetime) -> None:
        """Deletes what has been in the trash for thirty days."""
        for owner_id, held in self._store.list_trashed(before=now - timedelta(days=TRASH_DAYS), limit=_SWEPT_AT_ONCE):
            try:
                self._delete(owner_id, held)
            except Conflict:
                continue  # taken out of the trash at this very moment

    def _delete(self, owner_id: str, held: CharacterRecord) -> None:
        self._store.delete(owner_id, held)
        self._unlock(owner_id, held.id)
        self._limits.add_storage(owner_id, -held.file_bytes)

    # --- shapes

    def _record(self, card: Card, *, character_id: str | None = None) -> CharacterRecord:
        check_size(len(write_json(to_document(card))), CARD_BYTES_MOST, "The card's text")
        now = self._clock.now()
        held_id = character_id or self._clock.new_id()
        return CharacterRecord(id=held_id, created_at=now, updated_at=now, **shown_of(card))

    def _next(self, before: CharacterRecord, given: Mapping[str, Any]) -> CharacterRecord:
        return before.model_copy(update={**given, "updated_at": self._clock.now(), "revision": before.revision + 1})

    def _keep_file(self, owner_id: str, folder: str, data: bytes) -> StoredFile:
        key = f"{owner_id}/{folder}/files/{hashlib.sha256(data).hexdigest()[:32]}"
        self._files.put(key, data, "application/octet-stream")  # never shown: only given back with an export
        return StoredFile(key=key, bytes=len(data))

    def _summary(self, held: CharacterRecord) -> CharacterSummary:
        return CharacterSummary.model_construct(**self._shared(held))

    def _character(self, held: CharacterRecord, kept: CardBody) -> Character:
        return Character(**self._shared(held), card=kept.card, allow_outside_media=held.allow_outside_media)

    def _shared(self, held: CharacterRecord) -> dict[str, Any]:
        shared = {name: getattr(held, name) for name in CharacterSummary.model_fields if name != "picture"}
        return shared | {"picture": self._media.picture(held.picture) if held.picture else None}

    def _conflict(self, held: CharacterRecord, kept: CardBody, body: CharacterChange) -> Conflict:
        return Conflict(
            "This character was changed somewhere else in the meantime.",
            yours=body.model_dump(mode="json", exclude_unset=True),
            theirs=self._character(held, kept).model_dump(mode="json", exclude_unset=True),
        )
