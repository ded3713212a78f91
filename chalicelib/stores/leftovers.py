"""Rows of `main` that lie beside a thing and are about it: they go for good with it, and stay while it is in a trash.

The keys are those of world_links.py, notes.py and scripts.py.
"""

from typing import Literal

from pynamodb.transactions import TransactWrite

from chalicelib.stores.notes import note_place
from chalicelib.stores.scripts import permission_place
from chalicelib.stores.tables import MainRow
from chalicelib.stores.transactions import Join
from chalicelib.stores.world_links import links_place

Kind = Literal["character", "chat", "persona", "preset"]


def without_leftovers(owner_id: str, kind: Kind, thing_id: str) -> Join:
    """Adds to the transaction that deletes a thing for good what lies beside it."""

    def join(write: TransactWrite) -> None:
        for place in _places(owner_id, kind, thing_id):
            write.delete(MainRow(*place))

    return join


def drop_leftovers(owner_id: str, kind: Kind, thing_id: str) -> None:
    """The same where there is no transaction: called before the thing's own row goes."""
    for place in _places(owner_id, kind, thing_id):
        MainRow(*place).delete()


def _places(owner_id: str, kind: Kind, thing_id: str) -> list[tuple[str, str]]:
    match kind:
        case "character":
            permission = permission_place(owner_id, "character", thing_id)
            return [links_place(owner_id, thing_id), note_place(owner_id, thing_id), permission]
        case "chat" | "persona":
            return [links_place(owner_id, thing_id)]
        case "preset":
            return [permission_place(owner_id, "preset", thing_id)]
