"""Presets in `main`.

preset   pk owner   sk preset#{id}           its file is gzipped JSON; what does not fit the row lies in S3
seeded   pk owner   sk seeded#presets        this owner was given the presets everybody starts with

The file lies in the preset's own row, so that a reply reads both with one key. Lists leave it out.
"""

import gzip
import json
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from pynamodb.attributes import BinaryAttribute, BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.errors import NotFound
from chalicelib.models.presets import OpenPreset, Preset, Samplers
from chalicelib.models.shapes import Page
from chalicelib.stores.leftovers import drop_leftovers
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join, commit

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

# An item holds 400 KB; the texts of a plain preset may take 320 KB of them.
ROW_BYTES_MOST = 380_000
_PREFIX = "preset#"
_SEEDED = "seeded#presets"
_TEXTS = ("main_prompt", "post_history", "continue_nudge", "impersonation_prompt")
_LISTED = ("name", "kind", "folds", "scripts", "samplers", *_TEXTS, "created_at", "updated_at", "revision")


class PresetRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    kind = UnicodeAttribute(default="plain")
    folds = BooleanAttribute(default=False)
    scripts = NumberAttribute(default=0)
    samplers = JSONAttribute(default=dict)
    main_prompt = UnicodeAttribute(default="")
    post_history = UnicodeAttribute(default="")
    continue_nudge = UnicodeAttribute(default="")
    impersonation_prompt = UnicodeAttribute(default="")
    file = BinaryAttribute(null=True, legacy_encoding=False)
    file_key = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class SeededRow(MainRow):
    class Meta(MainMeta):
        pass


class PresetStore:
    def __init__(self, *, files: "Files") -> None:
        self._files = files

    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[Preset]:
        """The oldest first, without their files."""
        return read_owned(PresetRow, owner_id, _PREFIX, _preset_of, cursor=cursor, limit=limit, columns=_LISTED)

    def find(self, owner_id: str, preset_id: str) -> OpenPreset | None:
        try:
            row = PresetRow.get(owner_id, _PREFIX + preset_id, consistent_read=True)
            try:
                return self._opened(row)
            except NotFound:
                # The row was read ahead, and its file was replaced by another one since.
                return self._opened(PresetRow.get(owner_id, _PREFIX + preset_id, consistent_read=True))
        except PresetRow.DoesNotExist:
            return None

    def get(self, owner_id: str, preset_id: str) -> OpenPreset:
        found = self.find(owner_id, preset_id)
        if found is None:
            raise NotFound("There is no such preset.")
        return found

    def add(self, owner_id: str, preset: OpenPreset, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when the id, or what `join` adds, is there already."""
        add_with(self._row(owner_id, preset), join)

    def replace(self, owner_id: str, preset: OpenPreset, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        before = PresetRow.query(
            owner_id, PresetRow.sk == _PREFIX + preset.id, attributes_to_get=["pk", "sk", "file_key"]
        )
        left = [row.file_key for row in before if row.file_key]
        put_if_revision(self._row(owner_id, preset), seen)
        for key in filter(None, left):
            self._files.delete(key)

    def delete(self, owner_id: str, preset_id: str) -> None:
        drop_leftovers(owner_id, "preset", preset_id)
        PresetRow(owner_id, _PREFIX + preset_id).delete()
        self._files.delete_prefix(folder_of(owner_id, preset_id))

    def seed(self, owner_id: str, make: Callable[[], Sequence[Preset]]) -> None:
        """Gives an owner these presets, once in a lifetime: what was deleted does not come back."""
        if SeededRow.count(owner_id, SeededRow.sk == _SEEDED, consistent_read=True):
            return

        def fill(transaction: TransactWrite) -> None:
            transaction.save(SeededRow(owner_id, _SEEDED), condition=SeededRow.pk.does_not_exist())
            for preset in make():
                transaction.save(_row(owner_id, preset))

        commit(fill)

    def _row(self, owner_id: str, preset: OpenPreset) -> PresetRow:
        """The row; a file that does not fit is put into S3 before, so that no row points at nothing."""
        row = _row(owner_id, preset)
        if preset.file:
            packed = gzip.compress(json.dumps(preset.file, ensure_ascii=False).encode(), 6)
            texts = sum(len(getattr(preset, name).encode()) for name in _TEXTS)
            if len(packed) + texts <= ROW_BYTES_MOST:
                row.file = packed
            else:
                row.file_key = f"{folder_of(owner_id, preset.id)}{secrets.token_hex(12)}.json.gz"
                self._files.put(row.file_key, packed, "application/gzip")
        return row

    def _opened(self, row: PresetRow) -> OpenPreset:
        packed = self._files.get(row.file_key) if row.file_key else row.file
        file: dict[str, Any] = json.loads(gzip.decompress(packed)) if packed else {}
        return OpenPreset.model_construct(**dict(_preset_of(row)), file=file)


def _row(owner_id: str, preset: Preset) -> PresetRow:
    return PresetRow(
        owner_id,
        _PREFIX + preset.id,
        name=preset.name,
        kind=preset.kind,
        folds=preset.folds,
        scripts=preset.scripts,
        samplers=preset.samplers.model_dump(exclude_none=True),
        main_prompt=preset.main_prompt,
        post_history=preset.post_history,
        continue_nudge=preset.continue_nudge,
        impersonation_prompt=preset.impersonation_prompt,
        created_at=stamp(preset.created_at),
        updated_at=stamp(preset.updated_at),
        revision=preset.revision,
    )


def _preset_of(row: PresetRow) -> Preset:
    return Preset.model_validate(
        {
            "id": row.sk.removeprefix(_PREFIX),
            "name": row.name,
            "kind": row.kind,
            "folds": bool(row.folds),
            "scripts": int(row.scripts),
            "samplers": Samplers.model_validate(row.samplers),
            **{name: getattr(row, name) for name in _TEXTS},
            "created_at": moment(row.created_at),
            "updated_at": moment(row.updated_at),
            "revision": int(row.revision),
        }
    )


def folder_of(owner_id: str, preset_id: str) -> str:
    return f"{owner_id}/presets/{preset_id}/"
