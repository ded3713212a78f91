"""Rows of turns and generations in `main`, and the way between rows and models.

    generation   pk owner   sk generation#{generation}    index1 `unfinished` by the time it was queued, until it ends
    turn         pk owner   sk turn#{turn}

Both go 30 days after their beginning: what they brought forth stands in the chat. docs/decisions/0007-streaming.md.
"""

from datetime import UTC, datetime
from typing import Any

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.models.generations import GenerationRecord, Turn
from chalicelib.models.prompt import TokenUsage
from chalicelib.stores.tables import MainMeta, MainRow

KEPT_SECONDS = 30 * 86_400
UNFINISHED = "unfinished"


class TurnRow(MainRow):
    class Meta(MainMeta):
        pass

    chat_id = UnicodeAttribute()
    branch_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    generation_ids = JSONAttribute()
    speakers = JSONAttribute(default=list)
    stopped = BooleanAttribute(null=True)
    """Nobody speaks after who is speaking."""
    created_at = UnicodeAttribute()


class GenerationRow(MainRow):
    class Meta(MainMeta):
        pass

    turn_id = UnicodeAttribute()
    chat_id = UnicodeAttribute()
    branch_id = UnicodeAttribute()
    character_id = UnicodeAttribute()
    kind = UnicodeAttribute()
    status = UnicodeAttribute()
    epoch = NumberAttribute(default=0)
    message_id = UnicodeAttribute(null=True)
    log = UnicodeAttribute(default="dynamo")
    queued_at = UnicodeAttribute()
    waits_until = UnicodeAttribute(null=True)
    started_at = UnicodeAttribute(null=True)
    ended_at = UnicodeAttribute(null=True)
    lease_until = NumberAttribute(null=True)
    """Milliseconds since 1970."""
    read_at = NumberAttribute(null=True)
    """When a reader without a socket was here, about; in milliseconds since 1970."""
    stop_asked = BooleanAttribute(default=False)
    instruction = UnicodeAttribute(default="")
    connection_id = UnicodeAttribute(null=True)
    repeats = UnicodeAttribute(null=True)
    seq = NumberAttribute(default=0)
    text = UnicodeAttribute(default="")
    reasoning = UnicodeAttribute(default="")
    finish_reason = UnicodeAttribute(null=True)
    error_code = UnicodeAttribute(null=True)
    error_message = UnicodeAttribute(null=True)
    usage = JSONAttribute(null=True)
    connection = UnicodeAttribute(default="")
    model = UnicodeAttribute(default="")
    end = UnicodeAttribute(null=True)
    """The `end` frame as it was sent."""


def generation_key(owner_id: str, generation_id: str) -> tuple[str, str]:
    return owner_id, f"generation#{generation_id}"


def turn_key(owner_id: str, turn_id: str) -> tuple[str, str]:
    return owner_id, f"turn#{turn_id}"


def milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def moment(since_1970: int) -> datetime:
    """The inverse of `milliseconds`."""
    return datetime.fromtimestamp(since_1970 / 1000, UTC)


def record_of(row: GenerationRow) -> GenerationRecord:
    return GenerationRecord(
        id=row.sk.removeprefix("generation#"),
        owner_id=row.pk,
        turn_id=row.turn_id,
        chat_id=row.chat_id,
        branch_id=row.branch_id,
        character_id=row.character_id,
        kind=row.kind,  # type: ignore[arg-type]  # only GenerationKind is ever written
        status=row.status,  # type: ignore[arg-type]  # only GenerationStatus
        epoch=int(row.epoch),
        message_id=row.message_id,
        log=row.log,  # type: ignore[arg-type]  # only LogKind
        queued_at=datetime.fromisoformat(row.queued_at),
        waits_until=_moment(row.waits_until),
        started_at=_moment(row.started_at),
        ended_at=_moment(row.ended_at),
        lease_until=None if row.lease_until is None else moment(int(row.lease_until)),
        read_at=None if row.read_at is None else moment(int(row.read_at)),
        stop_asked=bool(row.stop_asked),
        instruction=row.instruction,
        connection_id=row.connection_id,
        repeats=row.repeats,
        seq=int(row.seq),
        text=row.text,
        reasoning=row.reasoning,
        finish_reason=row.finish_reason,  # type: ignore[arg-type]  # only FinishReason
        error_code=row.error_code,
        error_message=row.error_message,
        usage=TokenUsage.model_validate(row.usage) if row.usage else None,
        connection=row.connection,
        model=row.model,
    )


def queued_row(record: GenerationRecord) -> GenerationRow:
    """The row of a generation that nobody has claimed yet."""
    queued_at = record.queued_at.isoformat()
    return GenerationRow(
        *generation_key(record.owner_id, record.id),
        i1pk=UNFINISHED,
        i1sk=f"{queued_at}#{record.id}",
        expires_at=int(record.queued_at.timestamp()) + KEPT_SECONDS,
        turn_id=record.turn_id,
        chat_id=record.chat_id,
        branch_id=record.branch_id,
        character_id=record.character_id,
        kind=record.kind,
        status=record.status,
        message_id=record.message_id,
        queued_at=queued_at,
        waits_until=record.waits_until.isoformat() if record.waits_until else None,
        instruction=record.instruction,
        connection_id=record.connection_id,
        repeats=record.repeats,
    )


def turn_of(row: TurnRow) -> Turn:
    return Turn(
        id=row.sk.removeprefix("turn#"),
        chat_id=row.chat_id,
        branch_id=row.branch_id,
        kind=row.kind,  # type: ignore[arg-type]  # only GenerationKind is ever written
        generation_ids=row.generation_ids,
        speakers=row.speakers,
        stopped=bool(row.stopped),
        created_at=datetime.fromisoformat(row.created_at),
    )


def turn_row(owner_id: str, turn: Turn) -> TurnRow:
    return TurnRow(
        *turn_key(owner_id, turn.id),
        expires_at=int(turn.created_at.timestamp()) + KEPT_SECONDS,
        chat_id=turn.chat_id,
        branch_id=turn.branch_id,
        kind=turn.kind,
        generation_ids=turn.generation_ids,
        speakers=turn.speakers,
        created_at=turn.created_at.isoformat(),
    )


def _moment(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
