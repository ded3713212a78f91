"""Trying worlds out: which entries would wake in a chat, or at a text, and why the others would not.

It is the scan of a reply's prompt, on the same scene; nothing is sent and nothing is kept. Dice are thrown anew.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from chalicelib.errors import Invalid, NotFound
from chalicelib.models.cards import CardData
from chalicelib.models.chats import Message
from chalicelib.models.generations import GenerationRecord
from chalicelib.models.scenes import Actor, BookSource, History, Scene, Shelf, Who
from chalicelib.models.users import Account, User
from chalicelib.models.world_links import TriedEntry, WorldTrial, WorldTried
from chalicelib.prompting.lore.asking import Considered, Scanned, Verdict
from chalicelib.prompting.preparing import prepare
from chalicelib.prompting.tokens import counter
from chalicelib.services.shelves import Shelves, Sources

if TYPE_CHECKING:
    from chalicelib.clients.clock import Clock
    from chalicelib.prompting.scripts.patterns import Patterns
    from chalicelib.services.groups import Groups
    from chalicelib.services.scenes import Scenes
    from chalicelib.stores.chats import ChatStore
    from chalicelib.stores.worlds import WorldStore

ENCODING = "cl100k_base"
"""What a text without a chat, and so without a model, is counted with."""
LISTED_MOST = 20_000
_SILENT = (Verdict.NO_KEY, Verdict.NO_KEYS)


class WorldTrials:
    def __init__(
        self,
        *,
        chat_store: "ChatStore",
        world_store: "WorldStore",
        shelves: Shelves,
        scenes: "Scenes",
        groups: "Groups",
        patterns: "Patterns",
        clock: "Clock",
    ) -> None:
        self._chats, self._worlds, self._shelves = chat_store, world_store, shelves
        self._scenes, self._groups, self._patterns, self._clock = scenes, groups, patterns, clock

    def run(self, user: User, asked: WorldTrial) -> WorldTried:
        """Raises NotFound when chat, branch or a world is not there."""
        scene = self._of_chat(user, asked) if asked.chat_id else self._of_text(user, asked)
        if asked.world_ids:
            scene = replace(scene, shelves=self._asked_for(user.id, scene, asked.world_ids))
        scanned = prepare(scene, self._patterns).scanned
        if scanned is None:
            return WorldTried(entries=[])
        found = list(_woken(scanned, scene))
        others: list[TriedEntry] = []
        silent = 0
        for one in scanned.why():
            if one.verdict.active:
                continue
            if (one.verdict in _SILENT and not asked.world_ids) or len(others) >= LISTED_MOST:
                silent += 1
            else:
                others.append(_tried(one))
        return WorldTried(
            entries=[*found, *others],
            silent=silent,
            tokens=sum(one.tokens for one in found),
            budget=scanned.budget,
            overflowed=scanned.overflowed,
        )

    def _of_chat(self, user: User, asked: WorldTrial) -> Scene:
        account, chat = self._scenes.account(user.id), self._chats.get(user.id, asked.chat_id or "")
        now, branch_id = self._clock.now(), asked.branch_id or chat.branch_id
        if chat.group_id:
            speaker = self._groups.speaker(user.id, chat.group_id, asked.character_id)
        elif asked.character_id in (None, chat.character_id):
            speaker = chat.character_id
        else:
            raise Invalid("Only in a group can somebody else speak.", fields={"character_id": "Leave this out."})
        record = GenerationRecord(
            id="",
            owner_id=user.id,
            turn_id="",
            chat_id=chat.id,
            branch_id=branch_id,
            character_id=speaker,
            kind="reply",
            status="queued",
            queued_at=now,
        )
        said = self._message(account, asked.text, chat.id) if asked.text.strip() else None
        return self._scenes.stage(record, said=said).scene

    def _of_text(self, user: User, asked: WorldTrial) -> Scene:
        """A scene in which nothing was said but the text, to nobody in particular."""
        account = self._scenes.account(user.id)
        sources = Sources(user.id, None, (), account.choices.persona_id)
        return Scene(
            speaker=Actor(id="", card=CardData(name="Character")),
            history=History([self._message(account, asked.text, "")]),
            now=self._clock.now(),
            dice=self._clock.dice(),
            count=counter(ENCODING),
            persona=Who(name=account.name),
            shelves=self._shelves.of(sources, account.choices),
            lore=account.choices.world_settings,
        )

    def _message(self, account: Account, text: str, chat_id: str) -> Message:
        return Message(
            id="next.0", chat_id=chat_id, role="user", name=account.name, text=text, created_at=self._clock.now()
        )

    def _asked_for(self, owner_id: str, scene: Scene, world_ids: list[str]) -> tuple[Shelf, ...]:
        """These worlds, for the reason they are in play anyway, else as if they were everywhere."""
        records = [one for one in self._worlds.list_by_ids(owner_id, world_ids) if one.deleted_at is None]
        if len(records) < len(set(world_ids)):
            raise NotFound("There is no such world.")
        sources: dict[str, BookSource] = {shelf.world.id: shelf.source for shelf in scene.shelves}
        return tuple(
            Shelf(world=self._shelves.world(owner_id, record), source=sources.get(record.id, "global"))
            for record in records
        )


def _woken(scanned: Scanned, scene: Scene) -> Iterator[TriedEntry]:
    verdicts = {(one.shelf.world.id, one.entry.uid): one for one in scanned.judged()}
    for active in scanned.activated:
        one = verdicts.get((active.shelf.world.id, active.entry.uid))
        if one is not None:
            yield _tried(one, tokens=scene.count(active.text))


def _tried(one: Considered, *, tokens: int = 0) -> TriedEntry:
    return TriedEntry.model_construct(
        source=one.shelf.source,
        world_id=one.shelf.world.id,
        world=one.shelf.world.name,
        uid=one.entry.uid,
        title=one.entry.title,
        wakes=one.verdict.active,
        reason=one.verdict.value,
        detail=one.detail,
        tokens=tokens,
    )
