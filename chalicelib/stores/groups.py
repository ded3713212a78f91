"""Groups in `main`.

group   pk owner   sk group#{id}
"""

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.errors import NotFound
from chalicelib.models.groups import GroupSettings, Member, StoredGroup
from chalicelib.models.media import StoredPicture
from chalicelib.models.shapes import Page
from chalicelib.stores.owned import add_with, put_if_revision, read_owned
from chalicelib.stores.tables import MainMeta, MainRow
from chalicelib.stores.times import moment, stamp
from chalicelib.stores.transactions import Join

_PREFIX = "group#"


class GroupRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    settings = JSONAttribute(default=dict)
    """All of GroupSettings save the name."""
    members = JSONAttribute(default=list)
    file = JSONAttribute(default=dict)
    picture = JSONAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()
    revision = NumberAttribute(default=1)


class GroupStore:
    def list(self, owner_id: str, *, cursor: str | None, limit: int) -> Page[StoredGroup]:
        """The oldest first."""
        return read_owned(GroupRow, owner_id, _PREFIX, _group_of, cursor=cursor, limit=limit)

    def find(self, owner_id: str, group_id: str) -> StoredGroup | None:
        try:
            return _group_of(GroupRow.get(*group_place(owner_id, group_id), consistent_read=True))
        except GroupRow.DoesNotExist:
            return None

    def get(self, owner_id: str, group_id: str) -> StoredGroup:
        found = self.find(owner_id, group_id)
        if found is None:
            raise NotFound("There is no such group.")
        return found

    def add(self, owner_id: str, group: StoredGroup, join: Join | None = None) -> None:
        """A new one; `join` adds rows of others. Raises Conflict when it, or what `join` adds, is there already."""
        add_with(_row(owner_id, group), join)

    def replace(self, owner_id: str, group: StoredGroup, *, seen: int) -> None:
        """Writes it over revision `seen`. Raises Conflict."""
        put_if_revision(_row(owner_id, group), seen)

    def delete(self, owner_id: str, group_id: str) -> None:
        GroupRow(*group_place(owner_id, group_id)).delete()


def group_place(owner_id: str, group_id: str) -> tuple[str, str]:
    """Partition and sort key of a group."""
    return owner_id, _PREFIX + group_id


def _row(owner_id: str, group: StoredGroup) -> GroupRow:
    return GroupRow(
        *group_place(owner_id, group.id),
        name=group.name,
        settings=group.model_dump(include=set(GroupSettings.model_fields) - {"name"}),
        members=[member.model_dump(exclude_defaults=True) for member in group.members],
        file=group.file,
        picture=group.stored_picture.model_dump() if group.stored_picture else None,
        created_at=stamp(group.created_at),
        updated_at=stamp(group.updated_at),
        revision=group.revision,
    )


def _group_of(row: GroupRow) -> StoredGroup:
    return StoredGroup(
        id=row.sk.removeprefix(_PREFIX),
        name=row.name,
        **row.settings,
        members=[Member.model_validate(member) for member in row.members],
        file=row.file,
        stored_picture=StoredPicture.model_validate(row.picture) if row.picture else None,
        created_at=moment(row.created_at),
        updated_at=moment(row.updated_at),
        revision=int(row.revision),
    )
