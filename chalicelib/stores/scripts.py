"""Regex scripts in `main`.

scripts              pk owner   sk scripts                              all of an owner's scripts in order, gzipped; S3
script permission    pk owner   sk script-permission#{source}#{id}      what was said to a card's or a preset's scripts

All scripts for all chats are one row: every prompt needs them all, and their order is theirs together.
"""

import json
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from pynamodb.attributes import BooleanAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.errors import Conflict, NotFound
from chalicelib.models.scripts import ScriptPermission
from chalicelib.stores.ahead import Place
from chalicelib.stores.packed import PackedRow, Packing
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join, commit

if TYPE_CHECKING:
    from chalicelib.stores.files import Files

_KEY = "scripts"
_PERMISSION = "script-permission"
_TRIES = 3


class ScriptsRow(PackedRow):
    class Meta(MainMeta):
        pass

    revision = NumberAttribute(default=0)
    came = BooleanAttribute(default=False)
    """Whether scripts of any card or preset were ever allowed: else nobody has to look for them."""


class ScriptPermissionRow(MainRow):
    class Meta(MainMeta):
        pass

    digest = UnicodeAttribute()
    allowed = BooleanAttribute()
    decided_at = UnicodeAttribute()


class KeptScript(NamedTuple):
    """A script as it is stored: the JSON of its file."""

    id: str
    revision: int
    file: dict[str, Any]


class KeptScripts(NamedTuple):
    """All scripts of an owner in their order. `revision` 0: there are none yet."""

    revision: int
    items: list[KeptScript]
    came: bool = False
    """Whether scripts of any card or preset were ever allowed."""


class ScriptStore:
    def __init__(self, *, files: "Files") -> None:
        self._packing = Packing(files, "scripts/")

    def get(self, owner_id: str) -> KeptScripts:
        for attempt in range(_TRIES):
            try:
                row = ScriptsRow.get(owner_id, _KEY, consistent_read=True)
                kept = json.loads(self._packing.unpack(row)) if int(row.size) else []
                return KeptScripts(int(row.revision), [KeptScript(*one) for one in kept], row.came)
            except ScriptsRow.DoesNotExist:
                return KeptScripts(0, [])
            except NotFound:
                # The file of a long list goes when another takes its place: then the row names that one.
                if attempt == _TRIES - 1:
                    raise
        raise AssertionError

    def put(self, owner_id: str, scripts: KeptScripts, *, join: Join | None = None) -> None:
        """Writes them over the revision before theirs. Raises Conflict when that is not the stored one."""
        row = ScriptsRow(owner_id, _KEY, revision=scripts.revision, came=scripts.came)
        self._packing.pack(row, owner_id, json.dumps([list(one) for one in scripts.items], ensure_ascii=False))
        before = self._row(owner_id)

        def fill(transaction: TransactWrite) -> None:
            seen = scripts.revision - 1
            condition = ScriptsRow.revision == seen if seen else ScriptsRow.revision.does_not_exist()
            condition &= ScriptsRow.came == True if scripts.came else ScriptsRow.came != True  # noqa: E712
            transaction.save(row, condition=condition)
            if join:
                join(transaction)

        if commit(fill):
            raise Conflict("This was changed elsewhere meanwhile.")
        if before is not None:
            self._packing.drop(before, row)

    def find_permission(self, owner_id: str, source: str, id: str) -> ScriptPermission | None:
        try:
            row = ScriptPermissionRow.get(*permission_place(owner_id, source, id), consistent_read=True)
        except ScriptPermissionRow.DoesNotExist:
            return None
        return ScriptPermission(digest=row.digest, allowed=row.allowed, decided_at=moment(row.decided_at))

    def list_answered(self, owner_id: str) -> list[tuple[str, str]]:
        """To whose scripts something was said: (source, id)."""
        rows = ScriptPermissionRow.query(owner_id, ScriptPermissionRow.sk.startswith(f"{_PERMISSION}#"))
        return [(source, id) for _, source, id in (row.sk.split("#", 2) for row in rows)]

    def put_permission(self, owner_id: str, source: str, id: str, permission: ScriptPermission) -> None:
        if permission.allowed:
            ScriptsRow(owner_id, _KEY).update(actions=[ScriptsRow.came.set(True)])
        ScriptPermissionRow(
            *permission_place(owner_id, source, id),
            digest=permission.digest,
            allowed=permission.allowed,
            decided_at=stamp(permission.decided_at),
        ).save()

    def _row(self, owner_id: str) -> ScriptsRow | None:
        try:
            return ScriptsRow.get(owner_id, _KEY, consistent_read=True)
        except ScriptsRow.DoesNotExist:
            return None


def script_places(owner_id: str, *, character_id: str | None, preset_id: str | None) -> list[Place]:
    """Where the scripts of a scene lie, and what was said to those of its card and preset."""
    inside: list[tuple[Literal["character", "preset"], str | None]] = [
        ("character", character_id),
        ("preset", preset_id),
    ]
    return [(owner_id, _KEY), *(permission_place(owner_id, source, id) for source, id in inside if id)]


def permission_place(owner_id: str, source: str, id: str) -> Place:
    """Where it lies what was said to the scripts of a character's card or of a preset."""
    return owner_id, f"{_PERMISSION}#{source}#{id}"
