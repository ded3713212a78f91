"""Which worlds belong to a character, a chat or a persona, in `main`.

links   pk owner   sk worlds-of#{id}     the id is the character's, the chat's or the persona's: all ids differ
"""

from collections.abc import Sequence

from pynamodb.attributes import JSONAttribute

from chalicelib.stores.tables import MainMeta, MainRow

PREFIX = "worlds-of#"


class WorldLinksRow(MainRow):
    class Meta(MainMeta):
        pass

    world_ids = JSONAttribute(default=list)


class WorldLinkStore:
    def get(self, owner_id: str, thing_id: str) -> list[str]:
        """Ids of worlds in their order; none for what has none."""
        try:
            return list(WorldLinksRow.get(*links_place(owner_id, thing_id), consistent_read=True).world_ids)
        except WorldLinksRow.DoesNotExist:
            return []

    def list_all(self, owner_id: str) -> dict[str, list[str]]:
        """Ids of worlds by the id of what has them."""
        rows = WorldLinksRow.query(owner_id, WorldLinksRow.sk.startswith(PREFIX))
        return {row.sk.removeprefix(PREFIX): list(row.world_ids) for row in rows}

    def forget(self, owner_id: str, world_id: str) -> None:
        """Takes a world that goes for good out of all that have it."""
        for thing_id, world_ids in self.list_all(owner_id).items():
            if world_id in world_ids:
                self.put(owner_id, thing_id, [one for one in world_ids if one != world_id])

    def put(self, owner_id: str, thing_id: str, world_ids: Sequence[str]) -> None:
        row = WorldLinksRow(*links_place(owner_id, thing_id), world_ids=list(world_ids))
        if world_ids:
            row.save()
        else:
            row.delete()


def links_place(owner_id: str, thing_id: str) -> tuple[str, str]:
    """Partition and sort key of the item."""
    return owner_id, PREFIX + thing_id
