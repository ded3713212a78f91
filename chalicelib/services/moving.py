"""Doing a move: its items are read one after the other, taken several at once, and told in order.

A batch of lines is written together with how far the move is: whoever goes on after a break starts behind the last
batch, and what the broken one made already is found by its id. So nothing is taken twice, and nothing is told twice.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from chalicelib.errors import AppError, Unavailable
from chalicelib.models.moves import Move, MoveKind, MoveLine, Tally
from chalicelib.moving.layout import Item, LeftOut
from chalicelib.moving.reasons import sentence
from chalicelib.services.move_items import Errand, Read, Taken, Taker, changed, left_out, refused
from chalicelib.services.move_reading import Reader
from chalicelib.stores.moves import MoveStore, TakenOnce, content_key, place_key

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock

AT_ONCE = 4
BATCH_ITEMS_MOST = 24
BATCH_BYTES_MOST = 48_000_000
_SEVERAL_AT_ONCE = ("characters", "chats", "backgrounds", "pictures")
"""They take long, and nobody minds in which order they were made."""
_BEAT_SECONDS = 10
_TRIES = 3
_ODD = (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError)
"""What readers trip over in a file whose form nobody thought of: it costs that file, not the move."""

Heard = Callable[[Move, Sequence[MoveLine]], bool]
"""Hears of the move after each batch, and of its new lines; False when it is to pause there."""
Step = tuple[int, Item | LeftOut]


class Moving:
    def __init__(self, *, store: MoveStore, takers: Callable[[], Mapping[MoveKind, Taker]], clock: "Clock") -> None:
        """`takers` is asked when the first item is taken: it needs most of the product."""
        self._store, self._takers, self._clock = store, takers, clock

    def run(self, errand: Errand, move: Move, heard: Heard, *, beat: Callable[[], None] = lambda: None) -> Move:
        """Takes what is left of the move; the move as it is then: `done` is its `total` when all of it is.

        `beat` is called at least every ten seconds. Stops where the move was stopped from outside.
        """
        steps = list(enumerate(errand.plan.steps))
        if move.total is None:
            move = self._begun(errand, move, steps)
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="move") as pool:
            for batch in self._batches(errand, steps[move.done :], beat):
                lines, took = self._take(errand, batch, pool, beat)
                further = self._counted(move, lines, [], done=move.done + len(batch))
                if not self._store.write_lines(errand.owner_id, further, lines, took, []):
                    break
                move = further
                if not heard(move, lines):
                    break
        return move

    def take_again(
        self, errand: Errand, move: Move, before: Sequence[MoveLine], *, beat: Callable[[], None] = lambda: None
    ) -> Move:
        """Takes items all the same that were left out before; `before` are their lines."""
        found = {line.position: line for line in before}
        steps = [(place, step) for place, step in enumerate(errand.plan.steps) if place in found]
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="move") as pool:
            for batch in self._batches(errand, steps, beat):
                lines, took = self._take(errand, batch, pool, beat)
                gone = [found[line.position] for line in lines]
                move = self._counted(move, lines, gone, done=move.done)
                self._store.write_lines(errand.owner_id, move, lines, took, gone)
        return move

    def _begun(self, errand: Errand, move: Move, steps: Sequence[Step]) -> Move:
        counts: dict[MoveKind, Tally] = {}
        for _, step in steps:
            tally = counts.get(step.kind, Tally())
            counts[step.kind] = tally.model_copy(update={"total": tally.total + 1})
        begun = move.model_copy(update={"total": len(steps), "counts": counts, "done": 0})
        held = {kind: tally.model_dump() for kind, tally in counts.items()}
        self._store.change(errand.owner_id, move.id, now=self._clock.now(), total=len(steps), counts=held, done=0)
        return begun

    def _counted(self, move: Move, lines: Sequence[MoveLine], gone: Sequence[MoveLine], *, done: int) -> Move:
        counts = dict(move.counts)
        for sign, told in ((1, lines), (-1, gone)):
            for line in told:
                tally = counts.get(line.kind, Tally())
                now = getattr(tally, line.outcome) + sign
                counts[line.kind] = tally.model_copy(update={line.outcome: now})
        again = move.again or any(line.again for line in lines)
        return move.model_copy(update={"counts": counts, "done": done, "again": again, "updated_at": self._clock.now()})

    # --- batches

    def _batches(
        self, errand: Errand, steps: Sequence[Step], beat: Callable[[], None]
    ) -> Iterator[list[tuple[Step, Read | Taken]]]:
        """Steps with what was read of each, or why it could not be: a few at a time, since they lie in memory.

        Equal files never share a batch: the second one shall find the first.
        """
        batch: list[tuple[Step, Read | Taken]] = []
        size, contents, kind = 0, set[str](), None
        reader = Reader(errand)
        for step in steps:
            coming = reader.size_of(step)
            full = len(batch) >= BATCH_ITEMS_MOST or size + coming > BATCH_BYTES_MOST
            # Room is made before a large file is read. What another kind names must be there by then.
            if batch and (full or step[1].kind != kind):
                yield batch
                batch, size, contents = [], 0, set()
            read = reader.read(step)
            beat()
            content = read.content if isinstance(read, Read) else ""
            if content in contents:
                yield batch
                batch, size, contents = [], 0, set()
            batch.append((step, read))
            size, kind = size + coming, step[1].kind
            if content:
                contents.add(content)
        if batch:
            yield batch

    def _take(
        self,
        errand: Errand,
        batch: Sequence[tuple[Step, Read | Taken]],
        pool: ThreadPoolExecutor,
        beat: Callable[[], None],
    ) -> tuple[list[MoveLine], list[TakenOnce]]:
        reads = [read for _, read in batch if isinstance(read, Read)]
        known = self._store.find_taken(
            errand.owner_id, [(read.item.kind, read.item.place, read.content) for read in reads]
        )
        several = {read.position: read for read in reads if read.item.kind in _SEVERAL_AT_ONCE}
        running = {place: pool.submit(self._become, errand, read, known) for place, read in several.items()}
        done = {read.position: self._become(errand, read, known) for read in reads if read.position not in several}
        _wait(list(running.values()), beat)
        done |= {place: future.result() for place, future in running.items()}
        lines, took = [], []
        for (position, step), read in batch:
            became = done[position] if isinstance(read, Read) else read
            if isinstance(read, Read) and became.id:
                kind = read.item.kind
                took.append(TakenOnce(kind, read.item.place, read.content, became.id))
                self._store.lead(errand.owner_id, kind, became.also, became.id)
                for place in (read.item.place, *became.also):
                    errand.note(kind, place, became.id)
            lines.append(_line(position, step, became))
        return lines, took

    def _become(self, errand: Errand, read: Read, known: Mapping[str, TakenOnce]) -> Taken:
        taker, item = self._takers()[read.item.kind], read.item
        there = known.get(place_key(item.kind, item.place))
        same = known.get(content_key(item.kind, read.content))
        try:
            if not errand.again:
                for found in (same, there):
                    if found and found.content == read.content and taker.is_here(errand, found.became):
                        return left_out("here_already", found.became)
                if there and taker.is_here(errand, there.became):
                    return left_out("differs", there.became)
            return _with_notes(read, self._patiently(taker, errand, read))
        except AppError as error:
            if isinstance(error, Unavailable):
                raise
            return refused(error)
        except _ODD:
            return left_out("unreadable")

    def _patiently(self, taker: Taker, errand: Errand, read: Read) -> Taken:
        """Several that are taken at once may meet in a row, a tag's for instance."""
        for attempt in range(_TRIES):
            try:
                return taker.take(errand, read)
            except Unavailable:
                if attempt == _TRIES - 1:
                    raise
                self._clock.sleep(0.2 * (attempt + 1))
        raise AssertionError("the last attempt either returned or raised")


def _line(position: int, step: Item | LeftOut, became: Taken) -> MoveLine:
    return MoveLine(
        position=position,
        kind=step.kind,
        name=step.name[:200],
        outcome=became.outcome,
        reason=became.reason,
        values=dict(became.values),
        note=became.note[:1_000],
        code=became.code,
        id=became.id,
        again=became.reason in _CAN_BE_TAKEN,
    )


_CAN_BE_TAKEN = ("differs", "set_already")


def _with_notes(read: Read, became: Taken) -> Taken:
    """The same, with what is to be told of the file's name and of what lies beside it."""
    told = [sentence("beside_lost", {"count": str(read.lost)})] if read.lost else []
    note = read.item.note
    if became.outcome == "left_out" or not (note or told):
        return became
    if became.reason or not note:
        told += [sentence(note, {})] if note else []
        return became._replace(outcome="changed", notes=(*became.notes, *told))
    return changed(became.id, note, *became.notes, *told)._replace(also=became.also)


def _wait(running: Sequence["Future[Taken]"], beat: Callable[[], None]) -> None:
    left = set(running)
    while left:
        _, left = wait(left, timeout=_BEAT_SECONDS)
        beat()
