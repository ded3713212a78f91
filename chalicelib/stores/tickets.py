"""Things good for one use, in `live`: socket tickets, links that reset a password, ID tokens already seen.

Only a hash of the secret is kept, as `pk {kind}#{sha256}`. Using one up is a conditional delete, so two who come at the
same moment do not both get in.
"""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from pynamodb.attributes import JSONAttribute
from pynamodb.exceptions import DeleteError, DoesNotExist, PutError

from chalicelib.errors import Conflict
from chalicelib.stores.tables import LiveMeta, LiveRow

TicketKind = Literal["ticket", "reset", "id_token"]


class TicketRow(LiveRow):
    class Meta(LiveMeta):
        pass

    holds = JSONAttribute(default=dict)


class TicketStore:
    def add(self, kind: TicketKind, secret: str, holds: Mapping[str, str], *, expires_at: datetime) -> None:
        """Raises Conflict when this secret is kept already."""
        row = TicketRow(_key(kind, secret), kind, holds=dict(holds), expires_at=int(expires_at.timestamp()))
        try:
            row.save(condition=TicketRow.pk.does_not_exist())
        except PutError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            raise Conflict("This was used before.") from None

    def use_up(self, kind: TicketKind, secret: str, *, now: datetime) -> dict[str, str] | None:
        """What the secret holds, for the first who asks in time; None for everybody else."""
        try:
            row = TicketRow.get(_key(kind, secret), kind, consistent_read=True)
            row.delete(condition=TicketRow.pk.exists())
        except DoesNotExist:
            return None
        except DeleteError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise
            return None
        return dict(row.holds) if (row.expires_at or 0) > now.timestamp() else None


def _key(kind: TicketKind, secret: str) -> str:
    return f"{kind}#{hashlib.sha256(secret.encode()).hexdigest()}"
