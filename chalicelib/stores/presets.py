"""Presets in `main`.

preset   pk owner   sk preset#{id}
seeded   pk owner   sk seeded#presets     this owner was given the presets everybody starts with
"""

from collections.abc import Callable, Sequence

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.transactions import TransactWrite

from chalicelib.errors import NotFound
from chalicelib.models.presets import Preset, Samplers
from chalicelib.models.shapes import Page
from chalicelib.stores.chat_rows import moment, stamp
from chalicelib.stores.chat_updates import Join, commit
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.tables import MainMeta, MainRow

_PREFIX = "preset#"
_SEEDED = "seeded#presets"


class PresetRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    samplers = JSONAttribute(default=dict)
    main_prompt = UnicodeAttribute(default="")
    post_history = UnicodeAttribute(default="")
    continue_nudge = UnicodeAttribute(default="")
    impersonation_prompt = UnicodeAttribute(default="")
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class SeededRow(MainRow):
    class Meta(MainMeta):
        pass


class PresetStore:
    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[Preset]:
        """The oldest first."""
        return read_owned(PresetRow, owner_id, _PREFIX, _preset_of, cursor=cursor, limit=limit)

    def find(self, owner_id: str, preset_id: str) -> Preset | None:
        try:
            return _preset_of(PresetRow.get(owner_id, _PREFIX + preset_id, consistent_read=True))
        except PresetRow.DoesNotExist:
            return None

    def get(self, owner_id: str, preset_id: str) -> Preset:
        found = self.find(owner_id, preset_id)
        if found is None:
            raise NotFound("There is no such preset.")
        return found

    def add(self, owner_id: str, preset: Preset, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when what `join` adds is there already."""
        add_with(_row(owner_id, preset), join)

    def replace(self, owner_id: str, preset: Preset, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        put_if_revision(_row(owner_id, preset), seen)

    def delete(self, owner_id: str, preset_id: str) -> None:
        PresetRow(owner_id, _PREFIX + preset_id).delete()

    def seed(self, owner_id: str, make: Callable[[], Sequence[Preset]]) -> None:
        """Gives an owner these presets, once in a lifetime: what was deleted does not come back."""
        if SeededRow.count(owner_id, SeededRow.sk == _SEEDED, consistent_read=True):
            return

        def fill(transaction: TransactWrite) -> None:
            transaction.save(SeededRow(owner_id, _SEEDED), condition=SeededRow.pk.does_not_exist())
            for preset in make():
                transaction.save(_row(owner_id, preset))

        commit(fill)


def _row(owner_id: str, preset: Preset) -> PresetRow:
    return PresetRow(
        owner_id,
        _PREFIX + preset.id,
        name=preset.name,
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
    return Preset(
        id=row.sk.removeprefix(_PREFIX),
        name=row.name,
        samplers=Samplers.model_validate(row.samplers),
        main_prompt=row.main_prompt,
        post_history=row.post_history,
        continue_nudge=row.continue_nudge,
        impersonation_prompt=row.impersonation_prompt,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        revision=int(row.revision),
    )
