"""Moves in `main`, what became of each of their items, and what was taken once.

move    pk owner             sk move#{id}                          index1 open-moves by the time of the last change,
                                                                   as long as files of it may lie in the bucket
line    pk owner#move#{id}   sk line#{outcome}#{kind}#{position}
taken   pk owner             sk taken#{kind}#{hash of its place}   what lay at a place, and what it became
        pk owner             sk taken#{kind}#={hash of it}         the same by what was in it

A batch of lines, what they took and the move's counts are one transaction: who goes on after a break goes on there.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, cast

from pynamodb.attributes import BooleanAttribute, JSONAttribute, NumberAttribute, UnicodeAttribute
from pynamodb.exceptions import UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.errors import NotFound
from chalicelib.models.moves import KINDS, OUTCOMES, Move, MoveKind, MoveLine, MoveOutcome, MoveStatus, Tally
from chalicelib.models.shapes import Page
from chalicelib.stores.cursors import after_id
from chalicelib.stores.tables import MainMeta, MainRow, time_text
from chalicelib.stores.transactions import commit

KEPT = timedelta(days=60)
_OPEN = "open-moves"
_LISTED_MOST = 20


class MoveRow(MainRow):
    class Meta(MainMeta):
        pass

    name = UnicodeAttribute()
    status = UnicodeAttribute()
    kinds = JSONAttribute()
    size = NumberAttribute(default=0)
    done = NumberAttribute(default=0)
    total = NumberAttribute(null=True)
    counts = JSONAttribute(default=dict)
    again = BooleanAttribute(default=False)
    error = UnicodeAttribute(null=True)
    code = UnicodeAttribute(null=True)
    job_id = UnicodeAttribute(null=True)
    created_at = UnicodeAttribute()
    updated_at = UnicodeAttribute()


class LineRow(MainRow):
    class Meta(MainMeta):
        pass

    line = JSONAttribute()


class TakenRow(MainRow):
    class Meta(MainMeta):
        pass

    became = UnicodeAttribute()
    content = UnicodeAttribute()


class TakenOnce(NamedTuple):
    """What somebody took once: where it lay, a hash of what was in it, and the id of what it became."""

    kind: MoveKind
    place: str
    content: str
    became: str


class MoveStore:
    def add(self, owner_id: str, move: Move) -> None:
        row = MoveRow(
            owner_id,
            _sort_key(move.id),
            name=move.name,
            status=move.status,
            kinds=list(move.kinds),
            size=move.size,
            created_at=time_text(move.created_at),
            updated_at=time_text(move.updated_at),
            expires_at=int((move.created_at + KEPT).timestamp()),
        )
        if move.size:
            row.i1pk, row.i1sk = _OPEN, _open_since(move.updated_at, owner_id, move.id)
        row.save()

    def get(self, owner_id: str, move_id: str) -> Move:
        """Raises NotFound."""
        try:
            return _move_of(MoveRow.get(owner_id, _sort_key(move_id), consistent_read=True))
        except MoveRow.DoesNotExist:
            raise NotFound("There is no such move, or it is too long ago.") from None

    def list(self, owner_id: str) -> list[Move]:
        """The newest, newest first."""
        found = MoveRow.query(
            owner_id,
            MoveRow.sk.startswith("move#"),
            scan_index_forward=False,
            limit=_LISTED_MOST,
            consistent_read=True,
        )
        return [_move_of(row) for row in found]

    def change(
        self, owner_id: str, move_id: str, *, only: Sequence[MoveStatus] = (), now: datetime, **fields: Any
    ) -> bool:
        """Sets fields of a move; False when it is gone or its status is none of `only`."""
        actions: list[Action] = [MoveRow.updated_at.set(time_text(now))]
        actions += [_set(getattr(MoveRow, name), value) for name, value in fields.items()]
        condition = MoveRow.sk.exists()
        if only:
            condition &= MoveRow.status.is_in(*only)
        try:
            MoveRow(owner_id, _sort_key(move_id)).update(actions, condition=condition)
        except UpdateError as error:
            if error.cause_response_code == "ConditionalCheckFailedException":
                return False
            raise
        return True

    def close(self, owner_id: str, move_id: str) -> None:
        """Nothing of it lies in the bucket any more."""
        actions: list[Action] = [MoveRow.i1pk.remove(), MoveRow.i1sk.remove(), MoveRow.again.set(False)]
        try:
            MoveRow(owner_id, _sort_key(move_id)).update(actions, condition=MoveRow.sk.exists())
        except UpdateError as error:
            if error.cause_response_code != "ConditionalCheckFailedException":
                raise

    def list_open(self, *, before: datetime, limit: int) -> Iterable[tuple[str, Move]]:
        """Owner and move of those whose files may lie in the bucket since before that time."""
        for row in MoveRow.index1.query(_OPEN, MoveRow.i1sk < time_text(before), limit=limit):
            yield row.pk, _move_of(row)

    def write_lines(
        self, owner_id: str, move: Move, lines: Sequence[MoveLine], took: Sequence[TakenOnce], gone: Sequence[MoveLine]
    ) -> bool:
        """Writes lines and what they took, and `move`'s `done`, `counts` and `again`; `gone` are lines these replace.

        False when the move is not running any more; then nothing is written. At most 30 lines at once.
        """

        def fill(transaction: TransactWrite) -> None:
            actions: list[Action] = [
                MoveRow.done.set(move.done),
                MoveRow.counts.set({kind: tally.model_dump() for kind, tally in move.counts.items()}),
                MoveRow.again.set(move.again),
                MoveRow.updated_at.set(time_text(move.updated_at)),
            ]
            transaction.update(MoveRow(owner_id, _sort_key(move.id)), actions, condition=MoveRow.status == "running")
            expires_at = int((move.created_at + KEPT).timestamp())
            for row in _taken_rows(owner_id, took):
                transaction.save(row)
            kept = {_line_key(line) for line in lines}
            for line in gone:
                if _line_key(line) not in kept:
                    transaction.delete(LineRow(_inside(owner_id, move.id), _line_key(line)))
            for line in lines:
                held = line.model_dump(mode="json", exclude_defaults=True)
                transaction.save(LineRow(_inside(owner_id, move.id), _line_key(line), line=held, expires_at=expires_at))

        return not commit(fill)

    def lead(self, owner_id: str, kind: MoveKind, places: Sequence[str], became: str) -> None:
        """Has other places lead to what an item became."""
        if not places:
            return
        with TakenRow.batch_write() as batch:
            for place in dict.fromkeys(places):
                batch.save(TakenRow(owner_id, place_key(kind, place), became=became, content=""))

    def list_lines(
        self,
        owner_id: str,
        move_id: str,
        *,
        outcome: MoveOutcome | None = None,
        kind: MoveKind | None = None,
        cursor: str | None = None,
        limit: int,
    ) -> Page[MoveLine]:
        """Lines by outcome (left out first), kind and position."""
        pk = _inside(owner_id, move_id)
        prefixes = (
            [_prefix(one, kind) for one in ([outcome] if outcome else OUTCOMES)] if kind else [_prefix(outcome, None)]
        )
        items: list[MoveLine] = []
        start = after_id(cursor, pk=pk, sk_prefix="line#")
        for prefix in prefixes:
            if cursor and f"line#{cursor}" > prefix and not f"line#{cursor}".startswith(prefix):
                continue
            found = LineRow.query(
                pk,
                LineRow.sk.startswith(prefix),
                limit=limit - len(items),
                consistent_read=True,
                last_evaluated_key=start if cursor and f"line#{cursor}".startswith(prefix) else None,
            )
            items += [_line_of(row) for row in found]
            if len(items) >= limit:
                return Page(items=items, next=_line_key(items[-1]).removeprefix("line#"))
        return Page(items=items)

    def find_taken(self, owner_id: str, wanted: Iterable[tuple[MoveKind, str, str]]) -> dict[str, TakenOnce]:
        """What was taken before, by the sort keys `place_key` and `content_key` give."""
        keys = {key for kind, place, content in wanted for key in (place_key(kind, place), content_key(kind, content))}
        rows = TakenRow.batch_get([(owner_id, key) for key in sorted(keys)], consistent_read=True) if keys else []
        return {row.sk: TakenOnce("others", "", row.content, row.became) for row in rows}

    def wipe(self, owner_id: str, move_id: str) -> None:
        """Deletes a move and its lines."""
        with LineRow.batch_write() as batch:
            for row in LineRow.query(_inside(owner_id, move_id), attributes_to_get=["pk", "sk"]):
                batch.delete(row)
        MoveRow(owner_id, _sort_key(move_id)).delete()


def place_key(kind: MoveKind, place: str) -> str:
    return f"taken#{kind}#{hashlib.sha256(place.encode()).hexdigest()[:32]}"


def content_key(kind: MoveKind, content: str) -> str:
    return f"taken#{kind}#={content[:40]}"


def _taken_rows(owner_id: str, took: Sequence[TakenOnce]) -> Iterable[TakenRow]:
    rows: dict[str, TakenRow] = {}
    for one in took:
        for key in (place_key(one.kind, one.place), content_key(one.kind, one.content)):
            rows[key] = TakenRow(owner_id, key, became=one.became, content=one.content)
    return rows.values()


def _move_of(row: MoveRow) -> Move:
    return Move(
        id=row.sk.removeprefix("move#"),
        name=row.name,
        status=cast(MoveStatus, row.status),
        kinds=[kind for kind in KINDS if kind in row.kinds],
        size=int(row.size),
        done=int(row.done),
        total=None if row.total is None else int(row.total),
        counts={kind: Tally.model_validate(row.counts[kind]) for kind in KINDS if kind in row.counts},
        again=row.again,
        error=row.error,
        code=row.code,
        job_id=row.job_id,
        created_at=datetime.fromisoformat(row.created_at),
        updated_at=datetime.fromisoformat(row.updated_at),
    )


def _line_of(row: LineRow) -> MoveLine:
    return MoveLine.model_validate(row.line)


def _set(attribute: Any, value: Any) -> Any:
    return attribute.remove() if value is None else attribute.set(value)


def _inside(owner_id: str, move_id: str) -> str:
    return f"{owner_id}#move#{move_id}"


def _sort_key(move_id: str) -> str:
    return f"move#{move_id}"


def _prefix(outcome: MoveOutcome | None, kind: MoveKind | None) -> str:
    if outcome is None:
        return "line#"
    return f"line#{OUTCOMES.index(outcome)}#" + (f"{KINDS.index(kind):02d}#" if kind else "")


def _line_key(line: MoveLine) -> str:
    return f"{_prefix(line.outcome, line.kind)}{line.position:07d}"


def _open_since(at: datetime, owner_id: str, move_id: str) -> str:
    return f"{time_text(at)}#{owner_id}#{move_id}"
