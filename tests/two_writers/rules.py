"""What must have held, whatever the schedule: the rules are judged by all that was committed, in its order.

 1. A message's versions follow each other: 1, 2, 3 … Each change replaces the version that its sender had seen, and
    changes what was asked for, nothing else. (No lost update.)
 2. Who was told that a change is done had it done, once; who was told otherwise changed nothing.
 3. A refusal for a stale revision shows both versions: what was sent, and one that really stands there. A refusal since
    a reply is being written names its turn.
 4. What was shown by another swipe before is kept in that swipe, edits included.
 5. A request sent twice is done once, and both are answered the same.
 6. "Delete with all below" takes away what its sender had seen, in the versions they had seen.
 7. What was not deleted can be reached: on a branch, or below something cut off, which comes back whole and once.
 8. One turn holds a branch at a time; when all is over none does, and nothing is unfinished.
 9. Title and author's note of a chat do not undo each other. The list of chats shows what was said last.
10. In a chat in the trash nothing is written.
11. Swipes of a message that lives do not expire; those of a deleted one do.
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from chalicelib.stores.chat_updates import preview_of
from tests.two_writers.cloud import Change, Commit, Item
from tests.two_writers.deeds import MESSAGE_DEEDS, TURN_DEEDS, Deed

_OF_EDIT = {"text", "tokens", "counted_by", "edited_at", "revision"}
_ALLOWED = {
    "edit": _OF_EDIT,
    "hide": {"hidden", "revision"},
    "swipe": {"text", "reasoning", "reply", "swipe_index", "created_at", "tokens", "counted_by", "extra", "revision"},
    "delete": {"deleted_at", "expires_at", "revision"},
    "restore": {"deleted_at", "expires_at", "revision"},
    "end": {
        *("text", "reasoning", "reply", "swipe_index", "swipe_count", "created_at", "tokens", "counted_by", "extra"),
        "revision",
    },
}


class Broken(Exception):
    """A rule was broken. The message says which, and by whom."""


def judge(
    *, owner_id: str, chat_id: str, at_first: dict[str, Item], commits: list[Commit], deeds: list[Deed], chat: Item
) -> None:
    """Raises Broken. `at_first` is the chat's partition before; `chat` its row after all."""
    _Judge(owner_id, chat_id, at_first, commits, deeds, chat).judge()


class _Judge:
    def __init__(
        self,
        owner_id: str,
        chat_id: str,
        at_first: dict[str, Item],
        commits: list[Commit],
        deeds: list[Deed],
        chat: Item,
    ) -> None:
        self.inside, self.owner_id, self.chat_sk = f"{owner_id}#{chat_id}", owner_id, f"chat#{chat_id}"
        self.rows = dict(at_first)
        self.commits, self.deeds, self.chat = commits, {deed.name: deed for deed in deeds}, chat
        self.versions: dict[str, list[Item]] = defaultdict(list)
        self.swipes: dict[str, dict[int, str]] = defaultdict(dict)
        self.wrote: dict[str, list[tuple[str, int]]] = defaultdict(list)
        self.trashed = False
        self.begun: dict[str, str] = {}
        self.branches: dict[str, str] = {}
        self.cuts: dict[str, Item] = {}
        for sk, row in at_first.items():
            if sk.startswith("message#"):
                self._note(sk, row)
            elif sk.startswith("swipe#"):
                _, segment, position, index = sk.split("#")
                self.swipes[f"{segment}.{int(position)}"].setdefault(int(index), _text(row))

    def judge(self) -> None:
        for commit in self.commits:
            deed = self.deeds.get(commit.actor)
            for change in commit.changes:
                self._look(commit, change, deed)
            for change in commit.changes:
                if (change.pk, change.sk) == (self.owner_id, self.chat_sk):
                    self.trashed = "deleted_at" in (change.after or {})
                if change.pk == self.inside:
                    if change.after is None:
                        self.rows.pop(change.sk, None)
                    else:
                        self.rows[change.sk] = change.after
        for deed in self.deeds.values():
            self._look_at_answer(deed)
        self._look_at_twins()
        self._look_at_the_end()

    # --- each commit

    def _look(self, commit: Commit, change: Change, deed: Deed | None) -> None:
        kind = change.sk.partition("#")[0]
        if change.pk == self.owner_id and kind == "turn" and change.before is None:
            self.begun[change.sk.removeprefix("turn#")] = commit.actor
        if change.pk == self.owner_id and change.sk == self.chat_sk:
            self._look_at_chat(change, deed)
        if change.pk != self.inside:
            return
        match kind:
            case "message":
                self._look_at_message(commit, change, deed)
            case "branch":
                self._look_at_branch(commit, change, deed)
            case "cut":
                self._look_at_cut(commit, change, deed)

    def _look_at_message(self, commit: Commit, change: Change, deed: Deed | None) -> None:
        message_id, before, after = _message_id(change.sk), change.before, change.after
        _hold(not self.trashed, f"rule 10: {commit.actor} wrote {message_id} in a chat in the trash")
        about = f"{message_id} by {commit.actor or 'nobody'}"
        _hold(after is not None, f"rule 1: {about} was wiped")
        assert after is not None
        revision = _number(after, "revision")
        _hold(revision == (_number(before, "revision") if before else 0) + 1, f"rule 1: {about} skips to {revision}")
        _hold(deed is not None, f"rule 1: {about}: a version that nobody asked for")
        assert deed is not None
        if before is None:
            _hold(deed.kind in ("send", "end"), f"rule 1: {about}: {deed.kind} made a message")
            _hold(_text(after).strip() == deed.sent["text"].strip(), f"rule 1: {about}: not the text that was sent")
        else:
            self._look_at_version(about, before, after, deed, commit)
        self._note(change.sk, after)
        self.wrote[deed.name].append((message_id, revision))

    def _look_at_version(self, about: str, before: Item, after: Item, deed: Deed, commit: Commit) -> None:
        differs = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
        more = differs - _ALLOWED.get(deed.kind, set())
        _hold(not more, f"rule 1: {about}: {deed.kind} changed {sorted(more)} too")
        if deed.base is not None:
            seen = _number(before, "revision")
            _hold(deed.base == seen, f"rule 1: {about}: {deed.kind} made on {deed.base} replaced {seen} unseen")
        message_id = _message_id(str(after["sk"]["S"]))
        shown, now = _number(before, "swipe_index"), _number(after, "swipe_index")
        if shown != now:
            row = f"swipe#{after['sk']['S'].partition('#')[2]}#{shown:05d}"
            kept = next((one.after for one in commit.changes if one.sk == row), self.rows.get(row))
            _hold(kept is not None and _text(kept) == _text(before), f"rule 4: {about}: swipe {shown} was not kept")
        match deed.kind:
            case "edit":
                _hold(_text(after) == deed.sent["text"], f"rule 1: {about}: not the text that was sent")
            case "swipe":
                _hold(now == deed.sent["index"], f"rule 1: {about}: another swipe than was chosen")
                _hold(_text(after) == self.swipes[message_id][now], f"rule 4: {about}: swipe {now} reads otherwise")
            case "delete":
                _hold("deleted_at" in after, f"rule 1: {about}: not deleted")
            case "restore":
                _hold("deleted_at" not in after, f"rule 1: {about}: not restored")
            case "end" if deed.sent["kind"] == "continue":
                whole = _text(before) + deed.sent["text"]
                _hold(_text(after) == whole.rstrip(), f"rule 1: {about}: the continuation does not follow the text")
            case "end":
                _hold(now == _number(before, "swipe_count"), f"rule 4: {about}: a new reply on top of another")
                _hold(_text(after) == deed.sent["text"], f"rule 1: {about}: not the reply's text")

    def _look_at_branch(self, commit: Commit, change: Change, deed: Deed | None) -> None:
        branch_id = change.sk.removeprefix("branch#")
        if change.before is None:
            self.branches[branch_id] = commit.actor
            kinds = ("branch", "restore")
            _hold(deed is not None and deed.kind in kinds, f"rule 5: a branch by {commit.actor} that nobody asked for")
            assert deed is not None
            brought_back = any(one.sk.startswith("cut#") and one.after is None for one in commit.changes)
            _hold(deed.kind == "branch" or brought_back, f"rule 7: {deed.name} brought back what was back already")
            return
        old, new = change.before.get("active_turn_id"), (change.after or {}).get("active_turn_id")
        _hold(old is None or new in (None, old), f"rule 8: {commit.actor} took a branch that was held")
        _hold(change.after is not None, f"rule 7: branch {branch_id} is gone")

    def _look_at_cut(self, commit: Commit, change: Change, deed: Deed | None) -> None:
        if change.after is not None:
            _hold(deed is not None and deed.kind == "cut", f"rule 6: a cut by {commit.actor} that nobody asked for")
            assert deed is not None
            self.cuts[change.sk] = change.after
            _hold(change.before is None, f"rule 7: {deed.name} wrote over an earlier cut")
            removed = {_message_id(sk): _number(row, "revision") for sk, row in self._below(change.after, change.sk)}
            unseen = {one: revision for one, revision in removed.items() if deed.seen.get(one) != revision}
            _hold(not unseen, f"rule 6: {deed.name} took away {unseen}, having seen {deed.seen}")
            self.wrote[deed.name].append((str(deed.message_id), 0))
            return
        assert change.before is not None
        whole = _path(change.before)
        back = [one.after for one in commit.changes if one.sk.startswith("branch#") and one.after is not None]
        paths = [[span for span in _path(row) if span[1] >= 0] for row in back]
        _hold(
            [span for span in whole if span[1] >= 0] in paths,
            f"rule 7: {commit.actor} forgot a cut without bringing it back",
        )
        if deed is not None:
            self.wrote[deed.name].append((str(deed.message_id), 0))

    def _look_at_chat(self, change: Change, deed: Deed | None) -> None:
        before, after = change.before or {}, change.after or {}
        for name, kind in (("title", "title"), ("authors_note", "note")):
            if before.get(name) != after.get(name):
                mine = deed is not None and deed.kind == kind
                _hold(mine, f"rule 9: {deed.name if deed else '?'} changed the chat's {name}")
                assert deed is not None
                self.wrote[deed.name].append((name, 0))

    # --- what was answered

    def _look_at_answer(self, deed: Deed) -> None:
        wrote = self.wrote[deed.name]
        _hold(deed.status != 0, f"rule 2: {deed.name} was not answered")
        _hold(deed.accepted or not wrote, f"rule 2: {deed.name} was told {deed.status}, and wrote {wrote}")
        _hold(len(wrote) <= 1, f"rule 2: {deed.name} wrote {wrote}")
        if deed.kind == "end":
            return
        _hold(deed.status in (200, 404, 409, 422, 503), f"rule 2: {deed.name} was told {deed.status}: {deed.answer}")
        if deed.status == 409:
            self._look_at_conflict(deed)
        if deed.accepted and deed.kind in MESSAGE_DEEDS:
            self._look_at_done(deed, bool(wrote))

    def _look_at_conflict(self, deed: Deed) -> None:
        error = deed.answer["error"]
        if error["code"] == "reply_in_progress":
            _hold(error.get("turn_id") in self.begun, f"rule 3: {deed.name} was told of a turn that is none: {error}")
            return
        _hold("yours" in error and "theirs" in error, f"rule 3: {deed.name} was shown no two versions: {error}")
        yours, theirs = error["yours"], error["theirs"]
        for name, value in yours.items():
            _hold(deed.sent.get(name, value) == value, f"rule 3: {deed.name} did not send {name}={value}")
        if deed.kind in ("edit", "hide", "swipe"):
            _hold(yours == deed.sent, f"rule 3: {deed.name} sent {deed.sent}, and was shown {yours}")
        if "swipe_count" in theirs:
            self._look_at_shown(deed, theirs)
            stale = theirs["revision"] != deed.base or deed.kind == "restore"
            _hold(stale, f"rule 3: {deed.name} was refused on the revision it had seen")
            done = deed.kind == "edit" and theirs["revision"] == deed.base + 1 and theirs["text"] == deed.sent["text"]
            _hold(not done, f"rule 5: {deed.name} was told that its own edit is in its way")
        else:
            _hold(deed.kind == "cut" and "messages" in theirs, f"rule 3: {deed.name} was shown {theirs}")
            for message in theirs["messages"]:
                self._look_at_shown(deed, message)

    def _look_at_shown(self, deed: Deed, shown: dict[str, Any]) -> None:
        """A message in an answer is one of the versions that stood there."""
        versions = self.versions[shown["id"]]
        _hold(
            0 < shown["revision"] <= len(versions), f"rule 3: {deed.name} was shown a version that never was: {shown}"
        )
        version = versions[shown["revision"] - 1]
        same = (
            shown["text"] == _text(version)
            and shown["swipe_index"] == _number(version, "swipe_index")
            and shown["hidden"] == version["hidden"]["BOOL"]
            and (shown["deleted_at"] is not None) == ("deleted_at" in version)
        )
        _hold(same, f"rule 3: {deed.name} was shown {shown}, which never stood there")

    def _look_at_done(self, deed: Deed, wrote: bool) -> None:
        if deed.kind in ("edit", "hide", "swipe", "restore"):
            self._look_at_shown(deed, deed.answer)
        if wrote:
            return
        versions = self.versions[str(deed.message_id)]
        match deed.kind:
            case "edit":
                done = deed.answer["text"] == deed.sent["text"]
            case "hide":
                done = deed.answer["hidden"] == deed.sent["hidden"]
            case "swipe":
                done = deed.answer["swipe_index"] == deed.sent["index"]
            case "restore":
                done = deed.answer["deleted_at"] is None
            case _:
                done = any("deleted_at" in one for one in versions) or deed.kind == "cut"
        _hold(done, f"rule 2: {deed.name} was told that it is done, and it was not")

    def _look_at_twins(self) -> None:
        """Requests that came twice: with a key, or after their answer was lost."""
        started: dict[str, dict[str, Any]] = {}
        for deed in self.deeds.values():
            if not deed.accepted or deed.key is None:
                continue
            what = deed.answer["turn"] if deed.kind in TURN_DEEDS else {"id": deed.answer["id"]}
            first = started.setdefault(deed.key, what)
            _hold(first["id"] == what["id"], f"rule 5: {deed.name} was done twice")
        turns = {what["id"] for key, what in started.items() if "kind" in what}
        _hold(turns == set(self.begun), f"rule 5: turns {set(self.begun) ^ turns} have no answer, or none have begun")
        said: dict[str, int] = defaultdict(int)
        for versions in self.versions.values():
            said[_text(versions[0])] += 1
        for text, count in said.items():
            _hold(count == 1 or not text.startswith("Said"), f"rule 5: {text!r} stands there {count} times")
        for deed in self.deeds.values():
            if deed.kind == "send" and deed.accepted:
                _hold(said[deed.sent["text"]] == 1, f"rule 2: {deed.name} was accepted and is not there")
        asked = [name for name in self.branches.values() if self.deeds[name].kind == "branch"]
        keys = {self.deeds[name].key for name in asked}
        _hold(len(keys) == len(asked), f"rule 5: branches were made twice: {asked}")

    # --- when all is over

    def _look_at_the_end(self) -> None:
        reached = set()
        for sk, row in self.rows.items():
            if sk.startswith("branch#"):
                _hold("active_turn_id" not in row, f"rule 8: {sk} is held although all is over")
            if sk.startswith(("branch#", "cut#")):
                reached |= set(self._along(_path(row)))
        for message_id, versions in self.versions.items():
            last = versions[-1]
            _hold(
                message_id in reached or "deleted_at" in last,
                f"rule 7: {message_id} ({_text(last)!r}) cannot be reached any more",
            )
            self._look_at_swipes(message_id, last)
        self._look_at_preview()

    def _look_at_swipes(self, message_id: str, last: Item) -> None:
        segment, _, position = message_id.rpartition(".")
        count, shown = _number(last, "swipe_count"), _number(last, "swipe_index")
        for index in range(count if count > 1 else 0):
            row = self.rows.get(f"swipe#{segment}#{int(position):09d}#{index:05d}")
            if index != shown:
                there = row is not None and _text(row) == self.swipes[message_id][index]
                _hold(there, f"rule 4: swipe {index} of {message_id} is lost")
            if row is not None:
                expires, deleted = "expires_at" in row, "deleted_at" in last
                _hold(expires == deleted, f"rule 11: swipe {index} of {message_id}: deleted {deleted}, goes {expires}")

    def _look_at_preview(self) -> None:
        branches = [row for sk, row in self.rows.items() if sk.startswith("branch#")]
        if len(branches) != 1:
            return
        newest = [
            self.versions[one][-1]
            for one in self._along(_path(branches[0]))
            if one in self.versions and "deleted_at" not in self.versions[one][-1]
        ]
        text = preview_of(_text(newest[-1])) if newest else ""
        shown = self.chat.get("preview", {"S": ""})["S"]
        _hold(shown == text, f"rule 9: the list of chats shows {shown!r}, the chat ends with {text!r}")

    # --- finding one's way

    def _note(self, sk: str, row: Item) -> None:
        message_id = _message_id(sk)
        self.versions[message_id].append(row)
        self.swipes[message_id][_number(row, "swipe_index")] = _text(row)

    def _along(self, path: list[tuple[str, int]]) -> list[str]:
        return [f"{segment}.{position}" for segment, upto in path for position in range(upto + 1)]

    def _below(self, cut: Item, sk: str) -> Iterator[tuple[str, Item]]:
        """Messages that a cut takes off its branch, as they are at that moment."""
        ids = self._along(_path(cut))
        for message_id in ids[ids.index(_message_id(sk)) :]:
            segment, _, position = message_id.rpartition(".")
            place = f"message#{segment}#{int(position):09d}"
            row = self.rows.get(place)
            if row is not None and "deleted_at" not in row:
                yield place, row


def _path(row: Item) -> list[tuple[str, int]]:
    """Segments and last positions, of a branch or of what a cut keeps."""
    pairs = [(pair["L"][0]["S"], int(pair["L"][1]["N"])) for pair in row.get("spans", {"L": []})["L"]]
    return [*pairs, (row["segment"]["S"], int(row["upto"]["N"]))]


def _message_id(sk: str) -> str:
    _, segment, position, *_ = sk.split("#")
    return f"{segment}.{int(position)}"


def _text(row: Item) -> str:
    return str(row.get("text", {"S": ""})["S"])


def _number(row: Item, name: str) -> int:
    return int(row[name]["N"])


def _hold(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)
