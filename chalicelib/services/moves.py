"""Moves: what somebody brings along from another program, from the first look to the report."""

import builtins
import io
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

from chalicelib.errors import AppError, Conflict, Invalid, NotFound
from chalicelib.models.characters import Download
from chalicelib.models.media import Upload
from chalicelib.models.moves import (
    Move,
    MoveKind,
    MoveLine,
    MoveLook,
    MoveQuery,
    NewLook,
    NewMove,
    NewSlices,
    SlicesThere,
    TakeAgain,
)
from chalicelib.models.shapes import Page
from chalicelib.models.users import User
from chalicelib.moving.archives import Archive
from chalicelib.moving.looking import look
from chalicelib.moving.planning import plan
from chalicelib.moving.sources import Source
from chalicelib.services.jobs import Outcome, Work
from chalicelib.services.move_items import Errand
from chalicelib.services.move_slices import Slices, slice_count, slice_key, slice_size
from chalicelib.services.moving import Heard, Moving
from chalicelib.stores.moves import MoveStore

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.services.jobs import Jobs
    from chalicelib.stores.files import Files

KEPT = timedelta(days=3)
"""How long an archive stays in the bucket after the last sign of life: for an upload that goes on, or for what is
taken all the same."""
STRETCH_SECONDS = 600
"""How long one run of the job works before it hands over to the next: a function may take 15 minutes."""
SILENCE = timedelta(minutes=5)
"""A command that says nothing for so long was broken off."""
OPEN_MOST = 3
_SWEPT_AT_ONCE = 20
_LINES_AT_ONCE = 500


class Moves:
    def __init__(self, *, store: MoveStore, moving: Moving, jobs: "Jobs", files: "Files", clock: "Clock") -> None:
        self._store, self._moving, self._jobs, self._files, self._clock = store, moving, jobs, files, clock

    # --- before it starts

    def look(self, body: NewLook) -> MoveLook:
        return look(body.files)

    def start(self, user: User, body: NewMove) -> Move:
        """A move whose archive is to be sent in slices. It counts to nobody's space: it goes when it is done."""
        mine = self._store.list(user.id)
        uploading = [move for move in mine if move.status in ("uploading", "running", "stopped") and move.size]
        if len(uploading) >= OPEN_MOST:
            raise Conflict("Three moves are open already. Finish or delete one of them first.", code="moves_open")
        now = self._clock.now()
        move = Move(
            id=self._clock.new_id(),
            name=body.name,
            status="uploading",
            kinds=sorted(set(body.kinds)),
            size=body.size,
            created_at=now,
            updated_at=now,
        )
        self._store.add(user.id, move)
        return move

    def slices(self, user: User, move_id: str) -> SlicesThere:
        """Which slices have arrived whole."""
        move = self._store.get(user.id, move_id)
        folder = _folder(user.id, move_id)
        sizes = self._files.sizes(folder)
        count = slice_count(move.size)
        there = [n for n in range(count) if sizes.get(slice_key(folder, n)) == slice_size(move.size, n)]
        return SlicesThere(count=count, there=there)

    def slice_forms(self, user: User, move_id: str, body: NewSlices) -> builtins.list[Upload]:
        """A form for each slice that is to be sent. Raises Conflict when the move has started."""
        move = self._store.get(user.id, move_id)
        if not self._store.change(user.id, move_id, only=["uploading"], now=self._clock.now()):
            raise Conflict("This move has started already.", code="move_started")
        folder = _folder(user.id, move_id)
        if any(slice_size(move.size, number) <= 0 for number in body.numbers):
            raise Invalid("The archive has no such slice.", fields={"numbers": "beyond the archive's end"})
        return [
            self._files.presigned_post(
                str(number),
                slice_key(folder, number),
                size=slice_size(move.size, number),
                content_type="application/octet-stream",
            )
            for number in body.numbers
        ]

    def begin(self, user: User, move_id: str) -> Move:
        """Starts it, or goes on with one that was stopped or failed. Raises Invalid when slices are missing."""
        move = self.get(user, move_id)
        if move.status in ("running", "done"):
            return move
        there = self.slices(user, move_id)
        if not move.size or len(there.there) < there.count:
            raise Invalid("The archive has not arrived whole. Send the rest of it.", code="upload_missing")
        return self._start_job(user, move_id, [])

    # --- while it runs, and after

    def list(self, user: User) -> list[Move]:
        return [self._seen(user, move) for move in self._store.list(user.id)]

    def get(self, user: User, move_id: str) -> Move:
        return self._seen(user, self._store.get(user.id, move_id))

    def lines(self, user: User, move_id: str, query: MoveQuery) -> Page[MoveLine]:
        """Left out first, then changed, then taken."""
        self._store.get(user.id, move_id)
        return self._store.list_lines(
            user.id, move_id, outcome=query.outcome, kind=query.kind, cursor=query.cursor, limit=query.limit
        )

    def all_lines(self, owner_id: str, move_id: str) -> Iterator[MoveLine]:
        cursor: str | None = None
        while True:
            page = self._store.list_lines(owner_id, move_id, cursor=cursor, limit=_LINES_AT_ONCE)
            yield from page.items
            cursor = page.next
            if cursor is None:
                return

    def report(self, user: User, move_id: str) -> Download:
        """All lines as a file for a spreadsheet."""
        move = self._store.get(user.id, move_id)
        text = "".join(_row(cells) for cells in self._cells(user.id, move_id))
        key = f"{user.id}/exports/{self._clock.new_id()}.csv"
        self._files.put(key, b"\xef\xbb\xbf" + text.encode(), "text/csv; charset=utf-8")
        return self._files.download(key, f"{move.created_at:%Y-%m-%d} move.csv")

    def take_again(self, user: User, move_id: str, body: TakeAgain) -> Move:
        """Takes items all the same that are here in another state, beside what is here."""
        move = self._store.get(user.id, move_id)
        if move.status != "done" or not move.again:
            raise Conflict("These can no longer be taken: the archive is gone.", code="move_gone")
        return self._start_job(user, move_id, body.positions)

    def stop(self, user: User, move_id: str) -> Move:
        """Stops it after the items at hand; `begin` goes on."""
        self._store.get(user.id, move_id)
        self._store.change(user.id, move_id, only=["running"], now=self._clock.now(), status="stopped")
        return self.get(user, move_id)

    def delete(self, user: User, move_id: str) -> None:
        """Forgets a move and its report; what was taken stays. Quiet when it is gone."""
        try:
            move = self._store.get(user.id, move_id)
        except NotFound:
            return
        if move.status == "running":
            raise Conflict("Stop this move before you delete it.", code="move_started")
        self._drop_archive(user.id, move_id)
        self._store.wipe(user.id, move_id)

    def sweep(self, now: datetime) -> None:
        """Drops archives that nobody has gone on with."""
        for owner_id, move in self._store.list_open(before=now - KEPT, limit=_SWEPT_AT_ONCE):
            if move.status == "uploading":
                self._drop_archive(owner_id, move.id)
                self._store.wipe(owner_id, move.id)
            elif now - move.updated_at > KEPT:
                self._drop_archive(owner_id, move.id)

    # --- the work

    def run(self, work: Work) -> Outcome:
        """The job of a move; a long one hands over to another run of itself."""
        user = User(id=work.owner_id, session_id="")
        try:
            move = self._store.get(user.id, work.arguments["move_id"])
        except NotFound:
            return Outcome()
        if move.status != "running":
            return Outcome()
        try:
            return self._run(work, user, move)
        except AppError as error:
            if error.code in _PASSING:
                raise
            self._store.change(
                user.id, move.id, now=self._clock.now(), status="failed", error=error.message, code=error.code
            )
            raise

    def bring(
        self, user: User, name: str, source: Source, kinds: Sequence[MoveKind], heard: Heard, again: bool
    ) -> Move:
        """A move that is done here and now, from a source of the caller's: for the command line."""
        now = self._clock.now()
        move = Move(
            id=self._clock.new_id(),
            name=name[:255],
            status="running",
            kinds=list(kinds),
            created_at=now,
            updated_at=now,
        )
        self._store.add(user.id, move)
        move = self._moving.run(self._errand(user, move, source, again=again), move, heard)
        self._store.change(user.id, move.id, now=self._clock.now(), status="done")
        self._store.close(user.id, move.id)
        return self._store.get(user.id, move.id)

    def _run(self, work: Work, user: User, move: Move) -> Outcome:
        began, positions = self._clock.now(), cast(builtins.list[int], work.arguments["positions"])
        source = Archive(cast(BinaryIO, io.BufferedReader(Slices(self._files, _folder(user.id, move.id), move.size))))
        errand = self._errand(user, move, source, again=bool(positions))

        def beat() -> None:
            work.progress(move.done, move.total)

        def heard(now: Move, lines: Sequence[MoveLine]) -> bool:
            work.progress(now.done, now.total)
            return (self._clock.now() - began).total_seconds() < STRETCH_SECONDS

        if positions:
            before = [line for line in self.all_lines(user.id, move.id) if line.position in set(positions)]
            move = self._moving.take_again(errand, move, [line for line in before if line.again], beat=beat)
        else:
            move = self._moving.run(errand, move, heard, beat=beat)
        if move.done < (move.total or 0):
            return Outcome(unfinished=self._store.get(user.id, move.id).status == "running")
        self._store.change(user.id, move.id, only=["running"], now=self._clock.now(), status="done")
        if not any(line.again for line in self._left_out(user.id, move.id)):
            self._drop_archive(user.id, move.id)
        return Outcome(result={"move_id": move.id})

    def _errand(self, user: User, move: Move, source: Source, *, again: bool) -> Errand:
        made = plan(source, move.kinds)
        return Errand(user, move.id, source, made, self._store, self._clock.now(), again=again)

    def _start_job(self, user: User, move_id: str, positions: builtins.list[int]) -> Move:
        job_id = f"{move_id}-{self._clock.new_id()}"
        self._store.change(
            user.id, move_id, now=self._clock.now(), status="running", job_id=job_id, error=None, code=None
        )
        self._jobs.start(user.id, "move_in", {"move_id": move_id, "positions": positions}, job_id=job_id)
        return self.get(user, move_id)

    def _seen(self, user: User, move: Move) -> Move:
        """The move with what its job says: one that broke off for good leaves it running."""
        if move.status != "running":
            return move
        if move.job_id is None:
            silent = self._clock.now() - move.updated_at > SILENCE
            return move.model_copy(update={"status": "stopped"}) if silent else move
        try:
            job = self._jobs.get(user.id, move.job_id)
        except NotFound:
            return move.model_copy(update={"status": "stopped"})
        if job.status == "failed":
            return move.model_copy(update={"status": "failed", "error": job.error, "code": job.code})
        return move

    def _drop_archive(self, owner_id: str, move_id: str) -> None:
        self._files.delete_prefix(_folder(owner_id, move_id))
        self._store.close(owner_id, move_id)

    def _left_out(self, owner_id: str, move_id: str) -> Iterator[MoveLine]:
        return (line for line in self.all_lines(owner_id, move_id) if line.outcome == "left_out")

    def _cells(self, owner_id: str, move_id: str) -> Iterator[Sequence[str]]:
        yield "outcome", "kind", "name", "note"
        for line in self.all_lines(owner_id, move_id):
            yield line.outcome.replace("_", " "), line.kind.replace("_", " "), line.name, line.note


_PASSING = ("unavailable",)


def _folder(owner_id: str, move_id: str) -> str:
    return f"{owner_id}/moves/{move_id}/"


def _row(cells: Sequence[str]) -> str:
    """A line of CSV. A cell that begins like a formula is quoted: spreadsheets would reckon with it."""
    safe = [f"'{cell}" if cell[:1] in ("=", "+", "-", "@", "\t") else cell for cell in cells]
    return ",".join(json.dumps(cell, ensure_ascii=False).replace('\\"', '""') for cell in safe) + "\r\n"
