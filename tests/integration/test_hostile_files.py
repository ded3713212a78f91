"""Files that mean harm, through every door that takes one: taken or refused with a sentence, and nothing breaks."""

import json
from typing import Any

import pytest

from tests.support.people import Answer, Api, ApiUser
from tests.support.world import World

HUGE = 10**40
ODD: list[Any] = [
    None,
    True,
    -1,
    HUGE,
    -HUGE,
    1e308,
    1e-320,
    float("inf"),
    float("nan"),
    "",
    "\x00",
    "\ud800",
    "a\u202eb\u0007\u2028",
    "𝕏" * 3,
    "../../etc/passwd",
    "x" * 70_000,
    [],
    [[]],
    [None],
    ["\ud800", {}],
    {},
    {"\ud800": "\x00"},
    {"__proto__": {"a": 1}},
    {"a": {"b": HUGE}},
]


def sent(user: ApiUser, path: str, file: Any, kind: str = "application/json") -> Answer:
    data = file if isinstance(file, bytes) else json.dumps(file).encode()
    return user.post(path, data=data, headers={"content-type": kind})


def variants(good: dict[str, Any]) -> list[Any]:
    """The file with each field made each odd thing, one at a time; and odd things in the file's place."""
    made: list[Any] = list(ODD)
    for name in good:
        made += [{**good, name: odd} for odd in ODD]
    return made


DOORS: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "groups": (
        "/groups/import",
        [
            {
                "name": "G",
                "members": ["a.png"],
                "disabled_members": [],
                "activation_strategy": 0,
                "generation_mode": 1,
                "generation_mode_join_prefix": "",
                "auto_mode_delay": 5,
                "fav": False,
                "chat_metadata": {},
                "past_metadata": {},
                "chat_id": "x",
            }
        ],
    ),
    "worlds": (
        "/worlds/import",
        [
            {"name": "W", "entries": {"0": {"uid": 0}}, "originalData": {}, "scan_depth": 1},
            *(
                {"entries": {"0": {"uid": 0, "key": ["a"], "content": "x", name: odd}}}
                for name in ("uid", "key", "content", "order", "position", "depth", "probability", "comment", "folder")
                for odd in ODD
            ),
        ],
    ),
    "presets": (
        "/presets/import?filename=a.json",
        [
            {
                "temperature": 1,
                "openai_max_context": 4096,
                "openai_max_tokens": 300,
                "prompts": [{"identifier": "main", "content": "x"}],
                "prompt_order": [{"character_id": 100001, "order": [{"identifier": "main", "enabled": True}]}],
                "names_behavior": 0,
                "seed": -1,
                "extensions": {},
                "logit_bias": [],
                "stop": [],
                "assistant_prefill": "",
            }
        ],
    ),
    "chats": (
        "/chats/import?character_id=%s",
        [
            {"name": "A", "is_user": False, "mes": "x", "send_date": "2024-01-01", "swipes": ["x"], "swipe_id": 0}
            | {"extra": {}, "variables": {}, "swipe_info": [], "is_system": False, "force_avatar": "x"}
        ],
    ),
    "characters": (
        "/characters/import?filename=a.json",
        [
            {"spec": "chara_card_v2", "data": {"name": "A"}, "name": "A", "first_mes": "x", "tags": []},
            *(
                {"spec": "chara_card_v3", "spec_version": "3.0", "data": {"name": "A", name: odd}}
                for name in ("name", "tags", "creator", "alternate_greetings", "character_book", "extensions", "assets")
                for odd in ODD
            ),
        ],
    ),
}


def lists(user: ApiUser, door: str) -> Answer:
    return user.get({"chats": "/chats", "characters": "/characters"}.get(door, f"/{door}"))


@pytest.mark.parametrize("door", DOORS)
def test_a_hostile_file_is_taken_or_refused_and_breaks_nothing(api: Api, door: str) -> None:
    ada = api.sign_up("ada")
    path, goods = DOORS[door]
    kind = "application/octet-stream"
    if "%s" in path:
        path %= ada.post("/characters", {"card": {"name": "A"}}).json["id"]
    files = [file for good in goods[:1] for file in variants(good)] + goods[1:]
    bad = []
    for file in files:
        data: Any = file
        if door == "chats":
            head = {"user_name": "U", "character_name": "A", "chat_metadata": {}}
            data = b"\n".join(json.dumps(line).encode() for line in (head, file))
        answer = sent(ada, path, data, kind)
        if answer.status not in (201, 409, 413, 422):
            bad.append((answer.status, answer.body[:120], repr(file)[:200]))
        assert lists(ada, door).status == 200, file
    assert bad == []


def test_a_group_with_more_members_than_there_may_be_is_refused_before_anybody_is_looked_for(api: Api) -> None:
    ada = api.sign_up("ada")
    file = {"name": "Crowd", "members": [f"{number}.png" for number in range(10_000)]}
    answer = sent(ada, "/groups/import", file, "application/octet-stream")
    assert (answer.status, answer.code) == (422, "invalid")
    assert ada.get("/groups").json["items"] == []


def test_a_group_with_long_words_around_its_cards_is_kept_and_goes_back_whole(api: Api, world: World) -> None:
    ada = api.sign_up("ada")
    file = {"name": "Long", "members": [], "generation_mode_join_prefix": "p" * 90_000}
    file |= {"generation_mode_join_suffix": "s" * 90_000}
    made = sent(ada, "/groups/import", file, "application/octet-stream")
    assert made.status == 201, made
    assert len(made.json["join_prefix"]) == 2_000
    written = world.container.groups.write_file(ada.id, made.json["id"], {})
    assert written["generation_mode_join_prefix"] == "p" * 90_000


@pytest.mark.parametrize("name", ["comment", "key", "folder", "anything"])
def test_an_entry_that_no_item_holds_is_refused_with_a_sentence(api: Api, name: str) -> None:
    ada = api.sign_up("ada")
    world_id = ada.post("/worlds", {"name": "W"}).json["id"]
    made = ada.post(f"/worlds/{world_id}/entries", {"entry": {"content": "kept"}}).json
    entry = {name: ["k" * 1_000] * 450 if name == "key" else "x" * 450_000, "content": "y" * 100_000}
    for answer in (
        ada.post(f"/worlds/{world_id}/entries", {"entry": entry}),
        ada.patch(f"/worlds/{world_id}/entries/{made['uid']}", {"entry": entry, "revision": 1}),
        ada.post(f"/worlds/{world_id}/entries/bulk", {"uids": [made["uid"]], "entry": entry}),
        sent(ada, "/worlds/import", {"entries": {"0": {"uid": 0, **entry}}}),
    ):
        assert (answer.status, answer.code) == (413, "too_large"), answer
    assert ada.get(f"/worlds/{world_id}/entries").json["items"][0]["entry"]["content"] == "kept"
    assert len(ada.get("/worlds").json["items"]) == 1


def test_what_no_table_holds_is_told_as_too_large(world: World) -> None:
    from pynamodb.attributes import UnicodeAttribute

    from chalicelib.entrypoints.faults import to_response
    from chalicelib.stores.tables import MainMeta, MainRow
    from chalicelib.stores.transactions import commit

    class LongRow(MainRow):
        class Meta(MainMeta):
            pass

        text = UnicodeAttribute()

    row = LongRow("ada", "long", text="x" * 500_000)
    for write in (row.save, lambda: commit(lambda transaction: transaction.save(row))):
        with pytest.raises(Exception) as failed:
            write()
        assert to_response(failed.value, correlation_id="c").status == 413
