"""Keys of a move: each becomes a connection to the service it is for, when that was asked for."""

from typing import TYPE_CHECKING

from pydantic import SecretStr

from chalicelib.errors import NotFound
from chalicelib.models.connections import NewConnection
from chalicelib.services.move_items import Errand, Read, Taken, left_out, taken

if TYPE_CHECKING:
    from chalicelib.services.connections import Connections


class MovedSecrets:
    def __init__(self, *, connections: "Connections") -> None:
        self._connections = connections

    def is_here(self, errand: Errand, became: str) -> bool:
        try:
            self._connections.get(errand.user, became)
        except NotFound:
            return False
        return True

    def take(self, errand: Errand, read: Read) -> Taken:
        piece = errand.plan.secrets[int(read.item.place.rpartition("/")[2])]
        if piece.kind is None:
            return left_out("unknown_service")
        asked = NewConnection(
            name=piece.name, kind=piece.kind, address=piece.address, key=SecretStr(piece.value[:2_000])
        )
        return taken(self._connections.add(errand.user, asked, key=f"move-{errand.id_of(read.position)}").id)
