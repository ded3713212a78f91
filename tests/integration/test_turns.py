"""Turns: one transaction, one active reply a branch, and sending twice is sending once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.people import Answer
from tests.support.replies import Stage


def test_a_turn_answers_with_the_message_and_what_will_answer_it(stage: Stage) -> None:
    answer = stage.turn("Who is there?")
    assert answer.status == 202
    started = answer.json
    assert started["message"]["text"] == "Who is there?"
    assert (started["message"]["role"], started["message"]["name"]) == ("user", "ada")
    generation = started["generations"][0]
    assert (generation["status"], generation["kind"], generation["epoch"]) == ("queued", "reply", 0)
    assert started["turn"]["generation_ids"] == [generation["id"]]
    segment, position = started["message"]["id"].rsplit(".", 1)
    assert generation["message_id"] == f"{segment}.{int(position) + 1}"
    assert len(stage.orders()) == 1


def test_the_character_may_speak_again_without_a_message(stage: Stage) -> None:
    answer = stage.turn(None)
    assert answer.json["message"] is None
    assert answer.json["generations"][0]["message_id"].endswith(".1")


def test_the_same_key_gives_the_same_answer_and_orders_again(stage: Stage) -> None:
    first = stage.turn("Once.", key="k1")
    stage.orders()
    second = stage.turn("Once.", key="k1")
    assert (second.status, second.json) == (202, first.json)
    assert len(stage.orders()) == 1
    assert len([one for one in stage.messages() if one["text"] == "Once."]) == 1
    assert stage.person.get("/account/usage").json["replies"] == 1


def test_the_same_key_with_another_body_is_refused(stage: Stage) -> None:
    stage.turn("Once.", key="k1")
    answer = stage.turn("Twice.", key="k1")
    assert (answer.status, answer.code) == (422, "idempotency_mismatch")


def test_of_many_who_send_at_once_one_is_heard(stage: Stage) -> None:
    with ThreadPoolExecutor(6) as pool:
        answers: list[Answer] = list(pool.map(lambda _: stage.turn("Together.", key="k1"), range(6)))
    assert {answer.status for answer in answers} == {202}
    assert len({answer.json["turn"]["id"] for answer in answers}) == 1
    assert len([one for one in stage.messages() if one["text"] == "Together."]) == 1


def test_a_second_reply_on_the_branch_is_refused_with_what_runs(stage: Stage) -> None:
    running = stage.started()
    answer = stage.turn("And another?")
    assert (answer.status, answer.code) == (409, "reply_in_progress")
    assert answer.json["error"]["generation_id"] == running["id"]
    assert answer.json["error"]["turn_id"] == running["turn_id"]
    assert stage.messages()[-1]["text"] == "Hello?"


def test_two_devices_at_once_get_one_reply(stage: Stage) -> None:
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda n: stage.turn(f"Device {n}", key=f"k{n}"), range(4)))
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409]


def test_another_branch_has_a_lock_of_its_own(stage: Stage) -> None:
    first = stage.messages()[0]
    branch = stage.person.post(f"/chats/{stage.chat['id']}/branches", {"message_id": first["id"]})
    assert branch.status in (200, 201), branch
    stage.started()
    assert stage.turn("Over here.", branch_id=branch.json["id"]).status == 202


@pytest.mark.parametrize(
    "body",
    [
        {"text": "   "},
        {"text": "x", "kind": "swipe"},
        {"text": None, "kind": "quiet"},
        {"text": "x", "unknown": 1},
        {"text": "x" * 400_001},
        {"text": 5},
        {"text": "x", "kind": "sing"},
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(stage: Stage, body: dict[str, object]) -> None:
    answer = stage.person.post(f"/chats/{stage.chat['id']}/turns", body)
    assert answer.status == 422
    assert answer.json["error"]["message"]


def test_only_the_last_reply_is_swiped(stage: Stage) -> None:
    turn = stage.turn("Mine.").json
    stage.person.post(f"/turns/{turn['turn']['id']}/stop")
    assert stage.turn(None, kind="swipe").code == "invalid"
    assert stage.turn(None, kind="continue").code == "invalid"


def test_a_swipe_of_a_message_that_changed_shows_the_other_version(stage: Stage) -> None:
    greeting = stage.messages()[0]
    answer = stage.turn(None, kind="swipe", revision=greeting["revision"] + 5)
    assert (answer.status, answer.code) == (409, "conflict")
    assert answer.json["error"]["theirs"]["text"] == greeting["text"]


def test_no_turn_in_a_chat_that_is_gone(stage: Stage) -> None:
    assert stage.person.post("/chats/nothere/turns", {"text": "x"}).status == 404
    stage.person.delete(f"/chats/{stage.chat['id']}")
    assert stage.turn().status == 404


def test_the_quota_of_replies_holds(stage: Stage) -> None:
    object.__setattr__(stage.world.settings, "replies_per_day", 1)
    turn = stage.turn("One.")
    stage.person.post(f"/turns/{turn.json['turn']['id']}/stop")
    answer = stage.turn("Two.")
    assert (answer.status, answer.code) == (429, "quota_exceeded")
    assert int(answer.headers["retry-after"]) > 0


def test_a_send_writes_at_most_8_kb_besides_the_text(stage: Stage) -> None:
    before = {(row["pk"]["S"], row["sk"]["S"]): row for row in stage.world.rows("main") + stage.world.rows("live")}
    text = "word " * 2_000
    stage.turn(text, key="k1")
    after = stage.world.rows("main") + stage.world.rows("live")
    written = [row for row in after if before.get((row["pk"]["S"], row["sk"]["S"])) != row]
    assert sum(len(str(row)) for row in written) - len(text) < 8_192
