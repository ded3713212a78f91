"""Files that mean harm, through every door that takes one: taken or refused with a sentence, and nothing breaks."""

import json
from typing import Any

import pytest

from tests.support.people import Answer, Api, ApiUser
from tests.support.world import Aws, World, world_on

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


def turned(good: dict[str, Any]) -> list[dict[str, Any]]:
    """As many files as there are odd things: over all of them each field holds each of these once."""
    return [{name: ODD[(place + turn) % len(ODD)] for place, name in enumerate(good)} for turn in range(len(ODD))]


GROUP = ["activation_strategy", "generation_mode", "generation_mode_join_prefix", "auto_mode_delay", "fav"]
GROUP += ["disabled_members", "chat_metadata", "past_metadata", "chat_id", "allow_self_responses"]
ENTRY = ["uid", "key", "keysecondary", "content", "order", "position", "depth", "probability", "comment", "folder"]
PRESET = [
    "temperature",
    "openai_max_context",
    "openai_max_tokens",
    "names_behavior",
    "seed",
    "extensions",
    "logit_bias",
]
PRESET += ["stop", "assistant_prefill", "prompt_order", "top_k"]
CARD = ["tags", "creator", "first_mes", "alternate_greetings", "character_book", "extensions", "assets", "nickname"]
LINE = ["send_date", "swipes", "swipe_id", "extra", "variables", "swipe_info", "is_system", "force_avatar", "title"]


def files_of(door: str) -> list[Any]:
    """Files for a door, each odd in another way; and odd things in the place of files."""
    match door:
        case "groups":
            made = [{"name": "G", "members": ["a.png"], **odd} for odd in turned(dict.fromkeys(GROUP))]
            return [*ODD, *made, *({"name": odd, "members": [odd]} for odd in ODD), {"name": "\ud800", "members": []}]
        case "worlds":
            entries = {str(at): {"uid": at, **odd} for at, odd in enumerate(turned(dict.fromkeys(ENTRY)))}
            alone = [{"entries": {key: entry}} for key, entry in entries.items()]
            return [*ODD, *alone, {"entries": entries}, *({"name": odd, "entries": {}, "rest": odd} for odd in ODD)]
        case "presets":
            made = [{"prompts": [], **odd} for odd in turned(dict.fromkeys(PRESET))]
            return [*ODD, *made, *({"temperature": 1, "prompts": [{"identifier": odd, "content": odd}]} for odd in ODD)]
        case "characters":
            cards = [{"name": "A", **odd} for odd in turned(dict.fromkeys(CARD))]
            whole = [{"spec": "chara_card_v3", "spec_version": "3.0", "data": card} for card in cards]
            return [*ODD, *whole, *({"spec": "chara_card_v2", "data": {"name": odd, "creator": odd}} for odd in ODD)]
        case _:
            lines = [{"name": "A", "is_user": False, "mes": "x", **odd} for odd in turned(dict.fromkeys(LINE))]
            head = {"user_name": "U", "character_name": "A", "chat_metadata": {}}
            chats = [(head, line) for line in lines] + [({**head, "chat_metadata": odd}, lines[0]) for odd in ODD]
            return [b"\n".join(json.dumps(line).encode() for line in chat) for chat in chats]


DOORS = {
    "groups": "/groups/import",
    "worlds": "/worlds/import?filename=a.json",
    "presets": "/presets/import?filename=a.json",
    "characters": "/characters/import?filename=a.json",
    "chats": "/chats/import?character_id=%s",
}


@pytest.mark.parametrize("door", DOORS)
def test_a_hostile_file_is_taken_or_refused_and_breaks_nothing(aws: Aws, door: str) -> None:
    aws.wipe()
    with world_on(aws.settings(requests_per_minute=1_000_000)):
        ada, path = Api().sign_up("ada"), DOORS[door]
        if door == "chats":
            path %= ada.post("/characters", {"card": {"name": "A", "description": "a", "first_mes": "x"}}).json["id"]
        answers = [(sent(ada, path, file, "application/octet-stream"), file) for file in files_of(door)]
        bad = [(answer, repr(file)[:300]) for answer, file in answers if answer.status not in (201, 409, 413, 422)]
        assert bad == []
        assert {answer.status for answer, _ in answers} >= {201}
        for answer, _ in answers:
            if answer.status >= 400:
                assert answer.json["error"]["message"].endswith((".", ")"))
        assert ada.get(f"/{door}").status == 200


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
    written = world.container.group_files.write(ada.id, made.json["id"], {})
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


def test_one_request_does_not_write_half_a_gigabyte(api: Api) -> None:
    ada = api.sign_up("ada")
    world_id = ada.post("/worlds", {"name": "W"}).json["id"]
    asked = {"uids": list(range(500)), "entry": {"content": "x" * 100_000}}
    answer = ada.post(f"/worlds/{world_id}/entries/bulk", asked)
    assert (answer.status, answer.code) == (413, "too_large")


@pytest.mark.parametrize("field", [{"uids": [-1]}, {"uids": [10**12]}, {"first": 10**15}, {"step": 10**12}])
def test_numbers_of_entries_that_no_world_has_are_refused(api: Api, field: dict[str, Any]) -> None:
    ada = api.sign_up("ada")
    world_id = ada.post("/worlds", {"name": "W"}).json["id"]
    asked = {"uids": [0], "action": "number", "field": "order"} | field
    answer = ada.post(f"/worlds/{world_id}/entries/bulk", asked)
    assert (answer.status, answer.code) == (422, "invalid")


def test_the_name_of_a_file_shows_how_it_ends(world: World) -> None:
    offered = world.container.files.download("ada/keepsakes/1", "cv\u202egpj\x07\ud800.exe")
    assert offered.filename == "cvgpj.exe"
    assert "filename%2A%3DUTF-8%27%27cvgpj.exe" in offered.url


@pytest.mark.parametrize("name", ["a/b\u202e:c", "???"])
def test_files_of_small_things_have_names_that_every_system_takes(api: Api, name: str) -> None:
    ada = api.sign_up("ada")
    made = ada.post("/quick-replies", {"name": name}).json["id"]
    script = ada.post("/scripts", {"name": name, "find": "a"}).json["id"]
    template = ada.post("/templates", {"name": name, "system": {"text": "Hello"}}).json["id"]
    names = {
        ada.get(f"/quick-replies/{made}/file").json["filename"],
        ada.post("/scripts/export", {"ids": [script]}).json["filename"],
        ada.get(f"/templates/{template}/file").json["filename"],
    }
    if name == "???":
        assert names == {"quick replies.json", "regex-script.json", "template.json"}
    else:
        assert names == {"a b c.json", "regex-a b c.json"}


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
