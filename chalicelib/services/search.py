"""Search over everything somebody ever said or read here.

The index says where the words may be; what is shown is read from the messages themselves. So a deleted message is gone
at once, and an edited one never shows what it said before. What was written a moment ago, at the end of the chats used
last, is looked through beside the index.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid, NotFound, Unavailable
from chalicelib.models.chats import Span
from chalicelib.models.search import (
    Filter,
    Found,
    FoundChat,
    FoundMessage,
    Hit,
    SearchIndex,
    SearchQuery,
    Spot,
    TitleQuery,
)
from chalicelib.models.users import User
from chalicelib.searching.asking import read_words
from chalicelib.searching.snippets import holds, snippet_of
from chalicelib.services.index_changes import entry_of
from chalicelib.stores.ahead import read_ahead, using
from chalicelib.stores.chat_updates import lies_on
from chalicelib.stores.search_index import Index, searched_place
from chalicelib.stores.search_texts import Place, Text, branch_place

if TYPE_CHECKING:
    from chalicelib.searching.parts import Part
    from chalicelib.services.indexing import Indexing
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.search_index import SearchIndexStore
    from chalicelib.stores.search_parts import SearchParts
    from chalicelib.stores.search_texts import SearchTexts

_CHATS_SHOWN = 8
_TITLES_MOST = 1_000
_FRESH_CHATS = 3
_FRESH_MESSAGES = 60
_MORE = 5
"""Looked at beyond a page: some may have been deleted since they were taken in."""
_TRIES = 3


class Search:
    def __init__(
        self,
        *,
        indexing: "Indexing",
        index: "SearchIndexStore",
        parts: "SearchParts[Part]",
        texts: "SearchTexts",
        chat_store: "ChatStore",
    ) -> None:
        self._indexing, self._index, self._parts = indexing, index, parts
        self._texts, self._chats = texts, chat_store

    def find(self, user: User, query: SearchQuery) -> Found:
        """Messages with all of the words, the newest first. The first search of all builds the index."""
        words = read_words(query.q)
        if not words:
            raise Invalid("There is nothing to look for.", fields={"q": "Type at least one word."})
        before = _read_cursor(query.cursor)
        for _ in range(_TRIES):
            index = self._indexing.open(user.id)
            try:
                hits = self._hits(user.id, index, words, _filter_of(query))
            except NotFound:
                continue  # a part was written anew while we read
            return self._page(user.id, query, words, hits, before, index)
        raise Unavailable("The search is being brought up to date. Try again in a moment.")

    def find_chats(self, user: User, query: TitleQuery) -> list[FoundChat]:
        """Chats with all of the words in their titles, the one used last first; of the newest thousand."""
        words = read_words(query.q)
        if not words:
            return []
        found = (place for place in self._texts.newest(user.id, _TITLES_MOST) if holds(place.title, words))
        return [
            FoundChat(id=place.id, title=place.title, character_id=place.character_id)
            for place in islice(found, _CHATS_SHOWN)
        ]

    def _hits(self, owner_id: str, index: Index, words: Sequence[str], wanted: Filter) -> list[Hit]:
        """Every place the words were found at, the newest first."""
        facts = [one for one in index.parts if wanted.chat_id is None or wanted.chat_id in one.chats]
        parts = self._parts.get_all(owner_id, [one.id for one in facts])
        found = {hit for part in parts for hit in part.find(words, wanted)}
        found.update(self._fresh(owner_id, words, wanted))
        return sorted(found, reverse=True)

    def _fresh(self, owner_id: str, words: Sequence[str], wanted: Filter) -> Iterator[Hit]:
        """The same among messages that the queue has not brought to the index yet."""
        places = self._texts.newest(owner_id, _FRESH_CHATS)
        rows = [branch_place(owner_id, place) for place in places]
        rows += [searched_place(owner_id, place.id) for place in places]
        with using(read_ahead(rows)):
            for place in places:
                try:
                    head = self._chats.get_branch(owner_id, place.id, place.branch_id).spans[-1]
                except NotFound:
                    continue
                known = (self._index.find_heads(owner_id, place.id) or {}).get(head.segment, -1)
                if head.upto > known:
                    after = max(known, head.upto - _FRESH_MESSAGES)
                    texts = self._texts.above(owner_id, place.id, head.segment, after, head.upto)
                    yield from _matching(texts, place, words, wanted)

    def _page(
        self, owner_id: str, query: SearchQuery, words: Sequence[str], hits: list[Hit], before: Hit | None, index: Index
    ) -> Found:
        rest = [hit for hit in hits if before is None or hit < before]
        items: list[FoundMessage] = []
        following: Hit | None = None
        while rest and len(items) < query.limit:
            now, rest = rest[: query.limit + _MORE], rest[query.limit + _MORE :]
            texts, places = self._texts.get_shown(owner_id, [hit.spot for hit in now])
            paths = self._texts.paths(owner_id, places.values())
            for number, hit in enumerate(now):
                text, place = texts.get(hit.spot), places.get(hit.spot.chat_id)
                if text is None or place is None or not holds(text.text, words):
                    continue
                branch_id = self._branch(owner_id, place, paths.get(place.id, []), text.message_id)
                if branch_id is None:
                    continue
                items.append(_found(text, place, branch_id, words))
                if len(items) == query.limit:
                    following = hit if rest or number + 1 < len(now) else None
                    break
        state = index.state
        return Found(
            items=items,
            next=_write_cursor(following) if following else None,
            index=SearchIndex(state=state.status, done=state.done, total=state.total),
        )

    def _branch(self, owner_id: str, place: Place, path: Sequence[Span], message_id: str) -> str | None:
        """A branch that leads through a message; None when none does, since it was cut off."""
        if lies_on(path, message_id):
            return place.branch_id
        branches = self._chats.list_branches(owner_id, place.id)
        return next((one.id for one in reversed(branches) if lies_on(one.spans, message_id)), None)


def _matching(texts: Iterable[Text], place: Place, words: Sequence[str], wanted: Filter) -> Iterator[Hit]:
    for text in texts:
        entry = entry_of(text, place)
        fits = (
            wanted.chat_id in (None, place.id)
            and wanted.character_id in (None, entry.character_id)
            and (wanted.since is None or entry.at >= wanted.since)
            and (wanted.until is None or entry.at < wanted.until)
        )
        if fits and all(word in entry.text for word in words):
            yield Hit(entry.at, entry.spot)


def _found(text: Text, place: Place, branch_id: str, words: Sequence[str]) -> FoundMessage:
    shown = snippet_of(text.text, words)
    return FoundMessage(
        chat_id=place.id,
        chat_title=place.title,
        character_id=place.character_id,
        branch_id=branch_id,
        message_id=text.message_id,
        role=text.role,
        name=text.name,
        created_at=text.created_at,
        snippet=shown.text,
        matches=shown.matches,
    )


def _filter_of(query: SearchQuery) -> Filter:
    return Filter(
        chat_id=query.chat_id,
        character_id=query.character_id,
        since=int(query.since.timestamp() * 1000) if query.since else None,
        until=int(query.until.timestamp() * 1000) if query.until else None,
    )


def _write_cursor(hit: Hit) -> str:
    return f"{hit.at}~{hit.spot.chat_id}~{hit.spot.segment}~{hit.spot.position}"


def _read_cursor(cursor: str | None) -> Hit | None:
    if cursor is None:
        return None
    try:
        at, chat_id, segment, position = cursor.split("~")
        return Hit(int(at), Spot(chat_id, segment, int(position)))
    except ValueError:
        raise Invalid(
            "This list cannot go on from there. Load it again.", fields={"cursor": "not from this list"}
        ) from None
