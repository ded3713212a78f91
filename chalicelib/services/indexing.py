"""Keeping search indexes: building one at the first search, and taking in what was written since.

Orders come through the job queue a moment after something was written. Where nobody ever searched there is no index,
and an order costs one read. One process at a time works on an index; who finds it taken leaves a mark.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from chalicelib.models.jobs import IndexOrder
from chalicelib.models.search import Spot
from chalicelib.services.index_changes import PART_BYTES, Changes, facts_of, in_parts
from chalicelib.stores.chat_keys import split_message_id
from chalicelib.stores.search_index import Index, Mark, State
from chalicelib.stores.search_texts import Place
from chalicelib.stores.times import stamp

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.clients.queue import Queue
    from chalicelib.searching.parts import Part
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.search_index import SearchIndexStore
    from chalicelib.stores.search_parts import SearchParts
    from chalicelib.stores.search_texts import SearchTexts

LEASE = timedelta(seconds=60)
SLICE = timedelta(seconds=60)
"""How long one order works on an index that is being built; then it sends the next."""
AT_ONCE = timedelta(seconds=1)
"""How long the first search itself builds: enough for some thousand messages."""


class Indexing:
    def __init__(
        self,
        *,
        index: "SearchIndexStore",
        parts: "SearchParts[Part]",
        texts: "SearchTexts",
        chat_store: "ChatStore",
        queue: "Queue",
        clock: "Clock",
    ) -> None:
        self._index, self._parts, self._texts = index, parts, texts
        self._chats, self._queue, self._clock = chat_store, queue, clock

    def run(self, order: IndexOrder) -> None:
        """Takes in what an order names; quiet where there is no index."""
        mark = Mark(order.chat_id, order.message_ids) if order.chat_id else None
        state = self._take(order.owner_id)
        if state is None:
            if not self._index.exists(order.owner_id):
                return
            if mark:
                self._index.mark(order.owner_id, self._clock.new_id(), mark)
            # Who had it may have given it back before the mark was there.
            state = self._take(order.owner_id)
            mark = None
        while state is not None:
            self._work(order.owner_id, state, [mark] if mark else [], slice=SLICE)
            mark = None
            state = self._take(order.owner_id) if self._index.list_marks(order.owner_id) else None

    def open(self, owner_id: str) -> Index:
        """The index as it is; where there is none, as much of it as a second gives."""
        found = self._index.read(owner_id)
        if found is None:
            self._index.begin(owner_id)
            if state := self._take(owner_id):
                self._work(owner_id, state, [], slice=AT_ONCE)
        elif found.state.status == "building" and found.state.lease_until <= stamp(self._clock.now()):
            # The order that was to go on with it was lost.
            self._queue.send_index(IndexOrder(owner_id=owner_id), delay_seconds=0)
            return found
        else:
            return found
        return self._index.read(owner_id) or Index(State("building", 0, 0, ""), [])

    def _take(self, owner_id: str) -> State | None:
        now = self._clock.now()
        return self._index.take(owner_id, now=now, until=now + LEASE)

    def _work(self, owner_id: str, state: State, given: list[Mark], *, slice: timedelta) -> None:
        """Takes in what is given and what waits, goes on building where that is not done, and gives the lease back."""
        waiting = self._index.list_marks(owner_id)
        if given or waiting:
            self._take_in(owner_id, [*given, *waiting.values()])
            self._index.delete_marks(owner_id, waiting)
        if state.status == "building":
            state = self._build(owner_id, state, slice)
        self._index.report(owner_id, state, until=None)
        if state.status == "building":
            self._queue.send_index(IndexOrder(owner_id=owner_id), delay_seconds=0)

    def _take_in(self, owner_id: str, marks: Iterable[Mark]) -> None:
        by_chat: dict[str, set[str]] = {}
        for mark in marks:
            by_chat.setdefault(mark.chat_id, set()).update(mark.message_ids)
        changes = Changes()
        for chat_id, message_ids in by_chat.items():
            place = self._texts.find_place(owner_id, chat_id)
            if place is None:
                changes.drop_chat(chat_id)
            else:
                changes = self._read(owner_id, place, message_ids, changes)
        self._write(owner_id, changes)

    def _build(self, owner_id: str, state: State, slice: timedelta) -> State:
        """Goes on from chat to chat, for as long as the slice is."""
        began, changes = self._clock.now(), Changes()
        places = list(self._texts.places(owner_id))
        state = replace(state, total=sum(place.messages for place in places))
        for place in places:
            if place.id <= state.after:
                continue
            if self._index.find_heads(owner_id, place.id) is None:
                changes = self._read(owner_id, place, (), changes)
            state = replace(state, after=place.id, done=min(state.done + place.messages, state.total))
            if changes.bytes >= PART_BYTES:
                changes = self._write(owner_id, changes)
                self._index.report(owner_id, state, until=self._clock.now() + LEASE)
            if self._clock.now() - began >= slice:
                self._write(owner_id, changes)
                return state
        self._write(owner_id, changes)
        return replace(state, status="ready", done=state.total)

    def _read(self, owner_id: str, place: Place, message_ids: Iterable[str], changes: Changes) -> Changes:
        """Adds to the changes what is new in a chat, what may read otherwise, and what is on no branch any more.

        What does not fit into a part is written on the way: then the changes are others afterwards.
        """
        known = self._index.find_heads(owner_id, place.id) or {}
        reach: dict[str, int] = {}
        for branch in self._chats.list_branches(owner_id, place.id):
            for span in branch.spans:
                reach[span.segment] = max(span.upto, reach.get(span.segment, -1))
        for segment, upto in known.items():
            if upto > reach.get(segment, -1):
                changes.cut(place.id, segment, reach.get(segment, -1))
        changed = [spot for spot in _spots(place.id, message_ids) if spot.position <= known.get(spot.segment, -1)]
        for spot in changed:
            changes.drop(spot)
        on_a_branch = [spot for spot in changed if spot.position <= reach.get(spot.segment, -1)]
        for text in self._texts.get(owner_id, on_a_branch).values():
            changes.add(text, place)
        heads: dict[str, int] = {}
        for segment, upto in reach.items():
            # Where a reply is being written, its message comes later: only what is there counts as known.
            heads[segment] = min(known.get(segment, -1), upto)
            if heads[segment] == upto:
                continue
            for text in self._texts.above(owner_id, place.id, segment, heads[segment], upto):
                heads[segment] = text.spot.position
                changes.add(text, place)
                if changes.bytes >= PART_BYTES:
                    changes = self._write(owner_id, changes)
        changes.heads[place.id] = heads
        return changes

    def _write(self, owner_id: str, changes: Changes) -> Changes:
        """Writes new parts before old ones go, and last how far the chats are known: broken off, it is done again."""
        index = self._index.read(owner_id)
        concerned = [facts for facts in (index.parts if index else []) if changes.concern(facts)]
        entries, replaced = list(changes.entries), []
        for facts, part in zip(
            concerned, self._parts.get_all(owner_id, [facts.id for facts in concerned]), strict=True
        ):
            kept = changes.kept(part)
            if len(kept) == len(part) and not changes.entries:
                continue
            replaced.append(facts.id)
            entries = kept + entries
        for stretch in in_parts(entries):
            part_id = self._clock.new_id()
            part = self._parts.put(owner_id, part_id, stretch)
            self._index.add_part(owner_id, facts_of(part_id, stretch, part.size))
        for part_id in replaced:
            self._index.delete_part(owner_id, part_id)
            self._parts.drop(owner_id, part_id)
        for chat_id, heads in changes.heads.items():
            if heads is None:
                self._index.delete_heads(owner_id, chat_id)
            else:
                self._index.put_heads(owner_id, chat_id, heads)
        return Changes()


def _spots(chat_id: str, message_ids: Iterable[str]) -> list[Spot]:
    return [Spot(chat_id, *split_message_id(message_id)) for message_id in message_ids]
